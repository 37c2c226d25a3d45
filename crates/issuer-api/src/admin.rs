//! Pages for the institution's own people: types, offers, issued credentials, webhooks, the log, tenants.

mod credentials;
mod door;
mod log;
mod new_offer;
mod offers;
mod tenants;

use crate::{
    Call,
    core::{Actor, Use},
    house::House,
    unavailable,
};
use http::{Method, Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::LoggedIn,
    answer,
    component::{FormBox, Tone, Weight, heading, notice},
    form::{Fields, FormLimits},
    href::Href,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    page::{MenuItem, Page, Place, Width, here},
    problem::Refusal,
};
use std::sync::Arc;

/// Answers a request for `/admin` and below.
pub(crate) fn answer(call: Call<'_>, entropy: &mut dyn Entropy) -> Response<Vec<u8>> {
    route(call, entropy).unwrap_or_else(|Unavailable| call.refuse(&unavailable()))
}

fn route(call: Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Unavailable> {
    let path = call.parts.uri.path().trim_start_matches("/admin").trim_start_matches('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_post = call.parts.method == Method::POST;
    if !is_post && !matches!(call.parts.method, Method::GET | Method::HEAD) {
        return Ok(answer::empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    // Whatever a cookie decides comes from a page of ours.
    if let Err(error) = call.core.site.own_page(call.parts) {
        return Ok(call.refuse(&Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))); // [HTTP-02]
    }
    if let ["login"] = parts.as_slice() {
        return door::log_in(call, entropy);
    }
    let Some(login) = call.core.accounts().who(&call.parts.headers, call.now)? else {
        return Ok(if is_post { to(call, "/admin/login?why=over") } else { to(call, "/admin/login") }); // [ISV-19]
    };
    let form = if is_post {
        let read = Fields::of_body(&call.parts.headers, call.body, FormLimits::default());
        let form = match read {
            Ok(form) => form,
            Err(error) => return Ok(call.refuse(&Refusal::because(error.status(), error.code(), &error))),
        };
        if let Err(error) = call.core.vault.forms.check(&login.session, &form) {
            return Ok(call.refuse(&Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))); // [HTTP-03]
        }
        Some(form)
    } else {
        None
    };
    let token = call.core.vault.forms.token(&login.session);
    match (parts.as_slice(), form) {
        (["logout"], Some(_)) => {
            call.core.accounts().log_out(&login, call.now)?;
            Ok(to(call, "/admin/login"))
        }
        ([], None) => tenants::list(call, &token, ""),
        (["tenants"], Some(form)) => tenants::enter(call, &token, (&login, &form), entropy),
        ([tenant, rest @ ..], form) => {
            let Some(house) = call.core.house(tenant, call.now)? else {
                return tenants::list(
                    call,
                    &token,
                    say("그런 기관이 없습니다.", "There is no such tenant.").of(call.lang()),
                );
            };
            let desk = Desk { call, house, login, token };
            desk.route(rest, form.as_ref(), entropy)
        }
        _ => Ok(answer::empty(StatusCode::NOT_FOUND)),
    }
}

/// Sends the browser to another page of ours.
fn to(call: Call<'_>, place: &str) -> Response<Vec<u8>> {
    let _ = call;
    answer::see_other(place).unwrap_or_else(|_| answer::empty(StatusCode::INTERNAL_SERVER_ERROR))
}

/// An administrator at the desk of one tenant.
struct Desk<'a> {
    call: Call<'a>,
    house: Arc<House>,
    login: LoggedIn,
    token: String,
}

impl Desk<'_> {
    fn route(
        &self,
        rest: &[&str],
        form: Option<&Fields>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        match (rest, form) {
            ([], None) => Ok(self.types()),
            (["new", configuration], form) => self.new_offer(configuration, form, entropy),
            (["offers"], None) => self.offers(),
            (["offers", id, what @ ("withdraw" | "ready")], Some(_)) => self.decide_offer(id, what, entropy),
            (["credentials"], None) => self.credentials(),
            (["credentials", id], None) => self.credential(id),
            (["credentials", id, "status"], Some(form)) => self.judge(id, form, entropy),
            (["webhooks"], form) => self.webhooks(form, entropy),
            (["webhooks", id, "forget"], Some(_)) => self.forget_hook(id, entropy),
            (["log"], None) => self.log(),
            _ => Ok(self.page(StatusCode::NOT_FOUND, NOWHERE, Html::new())),
        }
    }

    fn lang(&self) -> Lang {
        self.call.lang()
    }

    fn tenant(&self) -> &str {
        self.house.tenant.id()
    }

    fn actor(&self) -> Actor {
        Actor(self.login.name.clone())
    }

    /// The path of one of its pages.
    fn path(&self, rest: &str) -> String {
        let slash = if rest.is_empty() { "" } else { "/" };
        format!("/admin/{}{slash}{rest}", self.tenant())
    }

    fn href(&self, rest: &str) -> Option<Href> {
        Href::local(&self.path(rest)).ok()
    }

    /// A link to one of its pages.
    fn link(&self, rest: &str, text: impl Into<Html>) -> Html {
        let text = text.into();
        match self.href(rest) {
            Some(href) => el(Tag::A).href(&href).with(text).into(),
            None => text,
        }
    }

    /// A form with no more than a button.
    fn button(&self, rest: &str, (label, weight): (Say, Weight), fields: Html) -> Html {
        let Some(action) = self.href(rest) else { return Html::new() };
        let beside = Html::new();
        FormBox { action: &action, token: &self.token, fields, submit: label.of(self.lang()), weight, beside }
            .into()
    }

    fn page(&self, status: StatusCode, title: Say, main: Html) -> Response<Vec<u8>> {
        let lang = self.lang();
        let main = Html::from(heading(title.of(lang), "")).and(main);
        frame(
            self.call,
            (status, title),
            lang.of(self.house.tenant.name()),
            (&self.menu(), main),
            &self.token,
        )
    }

    fn menu(&self) -> Vec<MenuItem<'static>> {
        let lang = self.lang();
        let here = self.call.parts.uri.path();
        let entries = [
            ("", say("발급하기", "Issue")),
            ("offers", say("발급 안내", "Offers")),
            ("credentials", say("발급 목록", "Issued")),
            ("webhooks", say("알림 주소", "Webhooks")),
            ("log", say("기록", "Log")),
        ];
        let item = |(rest, name): (&str, Say)| {
            let path = self.path(rest);
            let is_here = if rest.is_empty() {
                here == path || here.starts_with(&self.path("new"))
            } else {
                here.starts_with(&path)
            };
            let place = if is_here { Place::Here } else { Place::Elsewhere };
            Some(MenuItem { name: name.of(lang), href: Href::local(&path).ok()?, place })
        };
        let all = Href::local("/admin").ok().map(|href| MenuItem {
            name: say("기관", "Tenants").of(lang),
            href,
            place: Place::Elsewhere,
        });
        entries.into_iter().filter_map(item).chain(all).collect()
    }
}

const NOWHERE: Say = say("찾을 수 없는 쪽입니다", "Nothing is here");

/// A page of administrators.
fn frame(
    call: Call<'_>,
    (status, title): (StatusCode, Say),
    institution: &str,
    (menu, main): (&[MenuItem<'_>], Html),
    token: &str,
) -> Response<Vec<u8>> {
    let lang = call.lang();
    let out = Href::local("/admin/logout").ok().filter(|_| !token.is_empty()).map(|action| {
        Html::from(FormBox {
            action: &action,
            token,
            fields: Html::new(),
            submit: say("로그아웃", "Log out").of(lang),
            weight: Weight::Secondary,
            beside: Html::new(),
        })
    });
    let page = Page {
        lang,
        title: title.of(lang),
        institution,
        here: here(&call.parts.method, &call.parts.uri),
        menu,
        main,
        footer: out.unwrap_or_default(),
        scripts: &["copy.js"],
        width: Width::Desk,
    };
    page.answer(status, &call.core.assets, call.core.transport())
}

/// A sentence about what was just done, if the address tells.
fn done(call: Call<'_>) -> Option<Html> {
    let query = call.query();
    let said = match query.text("done")? {
        "withdraw" => say("발급 안내를 취소했습니다.", "The offer was withdrawn."),
        "ready" => {
            say("발급을 시작했습니다. 지갑에서 받을 수 있습니다.", "Released: the wallet can fetch it now.")
        }
        "revoked" => say("자격증명을 폐지했습니다.", "The credential was revoked."),
        "suspended" => say("자격증명을 정지했습니다.", "The credential was suspended."),
        "valid" => say("정지를 풀었습니다.", "The credential is valid again."),
        "forgotten" => say("알림 주소를 지웠습니다.", "The webhook was removed."),
        _ => return None,
    };
    Some(notice(Tone::Good, said.of(call.lang())).into())
}

/// Counts an attempt to come in.
fn knock(call: Call<'_>) -> Result<(), Refusal> {
    call.admit(Use::Knocking)
}
