//! Logging in.

use super::to;
use crate::{call::Call, page::Frame, problem::unavailable};
use http::{Response, StatusCode, header};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_web::{
    account::{LogInError, LogInForm},
    component::heading,
    form::{Fields, FormLimits},
    href::Href,
    html::Html,
    lang::{Say, say},
    problem::Refusal,
    session::Session,
};

/// The cookie of a browser that has not logged in yet: its form is bound to it.
const BEFORE: &str = "voting-login";

const TITLE: Say = say("선거 주관자 로그인", "Host login");
const WRONG: Say = say("계정이나 비밀번호가 맞지 않습니다.", "The account or the password is wrong.");
const TOO_OFTEN: Say =
    say("시도가 너무 많습니다. 잠시 뒤에 다시 해 주세요.", "Too many attempts. Please try again later.");

pub(super) fn show(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let known = Session::of(call.request.headers(), BEFORE, call.service.settings.site.main().transport());
    let session = known.unwrap_or_else(|| Session::begin(entropy));
    sheet(call, &session, ("", ""), StatusCode::OK)
}

fn sheet(
    call: &Call<'_>,
    session: &Session,
    (typed, error): (&str, &str),
    status: StatusCode,
) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let bad =
        |error: sinpyo_web::href::HrefError| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error);
    let form = LogInForm {
        action: &Href::local("/admin/login").map_err(bad)?,
        token: &call.service.forms.token(session),
        field: "name",
        typed,
        error,
    };
    let main = Html::from(heading(TITLE.of(lang), "")).and(form.html(lang));
    let mut response = Frame::of(TITLE.of(lang), main).answer(call, status);
    let transport = call.service.settings.site.main().transport();
    if let Some(cookie) = session.cookie(BEFORE, None, transport) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) fn log_in(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let site = &call.service.settings.site;
    let forbidden =
        |code, error: &dyn std::error::Error| Refusal::because(StatusCode::FORBIDDEN, code, error);
    site.own_page(call.parts).map_err(|error| forbidden(error.code(), &error))?;
    let Some(session) = Session::of(call.request.headers(), BEFORE, site.main().transport()) else {
        return to("/admin/login");
    };
    let form = Fields::of_body(call.request.headers(), call.request.body(), FormLimits::default())
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    call.service.forms.check(&session, &form).map_err(|error| forbidden(error.code(), &error))?;
    let name = form.text("name").unwrap_or_default();
    let password = Secret::new(form.text("password").unwrap_or_default().to_owned());
    let accounts = call.service.accounts();
    let (error, status) = match accounts.log_in(call.peer, (name, &password), call.now, entropy) {
        Ok(login) => {
            let mut response = to("/admin")?;
            if let Some(cookie) = accounts.set(&login) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Err(LogInError::Unavailable(error)) => return Err(unavailable(error)),
        Err(LogInError::TooOften) => (TOO_OFTEN, StatusCode::TOO_MANY_REQUESTS),
        Err(_) => (WRONG, StatusCode::FORBIDDEN),
    };
    sheet(call, &session, (name, error.of(call.lang())), status)
}
