//! What somebody fills in to log in.

use crate::{
    component::{Field, FieldKind, FormBox, Weight, input_errors, plain_card},
    href::Href,
    html::Html,
    lang::{Lang, say},
};

/// The form that asks for an account and its password.
#[derive(Clone, Copy, Debug)]
pub struct LogInForm<'a> {
    /// Where it is sent.
    pub action: &'a Href,
    /// That of the session which the form is bound to.
    pub token: &'a str,
    /// What the field of the account is called; that of the password is `password`.
    pub field: &'a str,
    /// Which account was tried before.
    pub typed: &'a str,
    /// Why that did not work; empty if nothing was tried.
    pub error: &'a str,
}

impl LogInForm<'_> {
    /// The form, and above it what was wrong.
    pub fn html(&self, lang: Lang) -> Html {
        let account = Field {
            value: self.typed,
            error: self.error,
            autocomplete: "username",
            ..Field::text(self.field, say("계정", "Account").of(lang))
        };
        let password = Field {
            kind: FieldKind::Password,
            autocomplete: "current-password",
            ..Field::text("password", say("비밀번호", "Password").of(lang))
        };
        let form = FormBox {
            action: self.action,
            token: self.token,
            fields: account.html(lang).and(password.html(lang)),
            submit: say("로그인", "Log in").of(lang),
            weight: Weight::Primary,
            beside: Html::new(),
        };
        Html::from(input_errors(lang, &[&account])).and(plain_card(form))
    }
}
