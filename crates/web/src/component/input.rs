//! Forms: fields with their labels, hints and errors, which keep what was typed.

use super::{Weight, actions, button};
use crate::{
    href::Href,
    html::{Attr, Element, Flag, Html, Tag, el},
    lang::{Lang, Say, say},
    session::TOKEN,
};

const OPTIONAL: Say = say("선택", "optional");
const WRONG: Say = say("입력한 내용을 확인해 주세요", "Please check what you entered");

/// What is asked for in a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind<'a> {
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// A number of digits, such as a code that came by post. Not shown again.
    Code {
        /// How many digits.
        digits: u8,
    },
    /// A password. Not shown again.
    Password,
    /// A day.
    Date,
    /// One of these.
    One(&'a [Choice<'a>]),
    /// Yes or no.
    Check,
    /// A file.
    File,
}

/// What can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// What is sent.
    pub value: &'a str,
    /// What is shown.
    pub label: &'a str,
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub label: &'a str,
    /// What helps to fill it in; empty if nothing.
    pub hint: &'a str,
    /// What is asked for.
    pub kind: FieldKind<'a>,
    /// What was typed before.
    pub value: &'a str,
    /// What was wrong with that; empty if nothing.
    pub error: &'a str,
    /// Whether it may stay empty.
    pub need: crate::route::Need,
    /// Whether the browser may fill it in, and with what [WHATWG HTML §4.10.18.7].
    pub autocomplete: &'static str,
}

impl<'a> Field<'a> {
    /// A line of text that has to be there.
    pub const fn text(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            hint: "",
            kind: FieldKind::Text,
            value: "",
            error: "",
            need: crate::route::Need::Required,
            autocomplete: "off",
        }
    }

    /// As the page shows it.
    pub fn html(&self, lang: Lang) -> Html {
        let (hint_id, error_id) = (format!("{}-hint", self.name), format!("{}-error", self.name));
        let is_required = self.need == crate::route::Need::Required;
        let hint = (!self.hint.is_empty()).then(|| el(Tag::P).class("hint").id(&hint_id).with(self.hint));
        let error =
            (!self.error.is_empty()).then(|| el(Tag::P).class("error").id(&error_id).with(self.error));
        let described = [hint.as_ref().map(|_| hint_id.as_str()), error.as_ref().map(|_| error_id.as_str())];
        let described: Vec<&str> = described.into_iter().flatten().collect();
        let mut control = self.control().id(self.name).attr(Attr::NAME, self.name);
        if !described.is_empty() {
            control = control.attr(Attr::ARIA_DESCRIBEDBY, &described.join(" "));
        }
        if error.is_some() {
            control = control.attr(Attr::ARIA_INVALID, "true");
        }
        let control = control.flag_if(Flag::Required, is_required);
        let mark = (!is_required && !matches!(self.kind, FieldKind::Check))
            .then(|| el(Tag::SPAN).class("mark").with(OPTIONAL.of(lang)));
        let label = el(Tag::LABEL).attr(Attr::FOR, self.name).with(self.label).with(mark);
        let field = el(Tag::DIV).class(if error.is_some() { "field wrong" } else { "field" });
        match self.kind {
            FieldKind::Check => {
                let row = el(Tag::DIV).class("check").with(control).with(label);
                field.with(row).with(hint).with(error).into()
            }
            _ => field.with(label).with(hint).with(error).with(control).into(),
        }
    }

    fn control(&self) -> Element {
        let input = |kind| el(Tag::INPUT).attr(Attr::TYPE, kind).attr(Attr::AUTOCOMPLETE, self.autocomplete);
        match self.kind {
            FieldKind::Text => input("text").attr(Attr::VALUE, self.value),
            FieldKind::Date => input("date").attr(Attr::VALUE, self.value),
            FieldKind::Password => input("password"),
            FieldKind::File => el(Tag::INPUT).attr(Attr::TYPE, "file"),
            FieldKind::Check => {
                el(Tag::INPUT).attr(Attr::TYPE, "checkbox").flag_if(Flag::Checked, self.value == "on")
            }
            FieldKind::Code { digits } => {
                let input = input("text").class("code").attr(Attr::INPUTMODE, "numeric");
                input.attr(Attr::MAXLENGTH, &digits.to_string()).attr(Attr::PATTERN, "[0-9]*")
            }
            // The first line break after the tag is the browser's own.
            FieldKind::Lines => el(Tag::TEXTAREA)
                .attr(Attr::ROWS, "5")
                .attr(Attr::SPELLCHECK, "false")
                .with("\n")
                .with(self.value),
            FieldKind::One(choices) => {
                let option = |choice: &Choice<'_>| {
                    let option = el(Tag::OPTION).attr(Attr::VALUE, choice.value).with(choice.label);
                    option.flag_if(Flag::Selected, choice.value == self.value)
                };
                el(Tag::SELECT).with(choices.iter().map(option).collect::<Html>())
            }
        }
    }
}

/// A value that the reader does not see.
pub fn hidden(name: &str, value: &str) -> Element {
    el(Tag::INPUT).attr(Attr::TYPE, "hidden").attr(Attr::NAME, name).attr(Attr::VALUE, value)
}

/// A form that is sent by POST, with the token of its reader's session.
#[derive(Clone, Debug)]
pub struct FormBox<'a> {
    /// The path that it is sent to.
    pub action: &'a Href,
    /// The token of [`crate::session::FormTokens`].
    pub token: &'a str,
    /// Its fields.
    pub fields: Html,
    /// What the button says.
    pub submit: &'a str,
    /// How much it stands out.
    pub weight: Weight,
    /// Other ways out, beside the button.
    pub beside: Html,
}

impl From<FormBox<'_>> for Html {
    fn from(form: FormBox<'_>) -> Self {
        let submit = button(form.weight, form.submit).attr(Attr::TYPE, "submit");
        el(Tag::FORM)
            .class("form")
            .attr(Attr::METHOD, "post")
            .action(form.action)
            // What is missing is said by us, in the page's language and next to the field.
            .flag(Flag::Novalidate)
            .with(hidden(TOKEN, form.token))
            .with(form.fields)
            .with(actions(Self::from(submit).and(form.beside)))
            .into()
    }
}

/// What is wrong in a form, with a link to each field: at the head of the page. Nothing if nothing is.
pub fn input_errors(lang: Lang, fields: &[&Field<'_>]) -> Option<Element> {
    let wrong = fields.iter().filter(|field| !field.error.is_empty());
    let items: Html = wrong
        .map(|field| {
            let link = el(Tag::A).local(&format!("#{}", field.name));
            el(Tag::LI).with(link.with(field.label).with(": ").with(field.error))
        })
        .collect();
    (!items.is_empty()).then(|| {
        let title = el(Tag::P).with(el(Tag::STRONG).with(WRONG.of(lang)));
        super::notice(super::Tone::Bad, Html::from(title).and(el(Tag::UL).with(items)))
            .attr(Attr::TABINDEX, "-1")
            .flag(Flag::Autofocus)
    })
}
