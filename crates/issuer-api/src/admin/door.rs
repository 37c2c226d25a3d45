//! Logging in.

use super::{frame, knock, to};
use crate::Call;
use http::{HeaderValue, Method, Response, StatusCode, header};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::{LogInError, LogInForm},
    component::{Tone, heading, notice},
    form::{Fields, FormLimits},
    href::Href,
    html::Html,
    lang::{Say, say},
    problem::Refusal,
    session::Session,
};

/// The cookie that binds the login form to its browser.
const COOKIE: &str = "issuer-door";
const TITLE: Say = say("관리자 로그인", "Administrator login");

/// Shows the form, or lets somebody in.
pub(super) fn log_in(call: Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Unavailable> {
    if call.parts.method != Method::POST {
        let why = call.query();
        let why = (why.text("why") == Some("over")).then(|| {
            say("로그인이 끝났습니다. 다시 로그인해 주세요.", "Your login has ended. Please log in again.")
        });
        return Ok(form(call, (StatusCode::OK, why), "", entropy));
    }
    if let Err(refusal) = knock(call) {
        return Ok(call.refuse(&refusal));
    }
    let fields = match Fields::of_body(&call.parts.headers, call.body, FormLimits::default()) {
        Ok(fields) => fields,
        Err(error) => return Ok(call.refuse(&Refusal::because(error.status(), error.code(), &error))),
    };
    let session = Session::of(&call.parts.headers, COOKIE, call.core.transport());
    let is_ours = session.is_some_and(|session| call.core.vault.forms.check(&session, &fields).is_ok());
    if !is_ours {
        let why =
            say("양식이 오래되었습니다. 다시 입력해 주세요.", "The form was too old. Please try again.");
        return Ok(form(call, (StatusCode::FORBIDDEN, Some(why)), "", entropy)); // [HTTP-03]
    }
    let name = fields.text("account").unwrap_or_default().trim();
    let password = Secret::new(fields.text("password").unwrap_or_default().to_owned());
    let (status, why) = match call.core.accounts().log_in(call.peer, (name, &password), call.now, entropy) {
        Ok(login) => {
            let mut response = to(call, "/admin");
            if let Some(cookie) = call.core.accounts().set(&login) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Err(LogInError::Unavailable(error)) => return Err(error),
        Err(LogInError::TooOften) => (
            StatusCode::TOO_MANY_REQUESTS,
            say(
                "여러 번 틀렸습니다. 15분 뒤에 다시 시도해 주세요.",
                "Too many attempts. Please try again in 15 minutes.",
            ),
        ),
        Err(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            say("계정이나 비밀번호가 맞지 않습니다.", "The account or the password is wrong."),
        ),
    };
    Ok(form(call, (status, Some(why)), name, entropy))
}

fn form(
    call: Call<'_>,
    (status, why): (StatusCode, Option<Say>),
    name: &str,
    entropy: &mut dyn Entropy,
) -> Response<Vec<u8>> {
    let lang = call.lang();
    let session = Session::begin(entropy);
    let token = call.core.vault.forms.token(&session);
    let form = Href::local("/admin/login").ok().map(|action| {
        LogInForm { action: &action, token: &token, field: "account", typed: name, error: "" }.html(lang)
    });
    let said = why.map(|why| notice(Tone::Bad, why.of(lang)));
    let main = Html::from(heading(TITLE.of(lang), "")).and(said).and(form);
    let institution = say("자격증명 발급 시스템", "Credential issuer").of(lang);
    let mut response = frame(call, (status, TITLE), institution, (&[], main), "");
    let cookie: Option<HeaderValue> = session.cookie(COOKIE, None, call.core.transport());
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
