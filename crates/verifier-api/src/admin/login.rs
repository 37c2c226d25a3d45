//! Logging in.

use super::{accounts, to};
use crate::{call::Call, page::Frame, problem::unavailable};
use http::{Response, StatusCode, header};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::{LogInError, LogInForm},
    component::heading,
    form::{Fields, FormLimits},
    href::Href,
    html::Html,
    lang::{Say, say},
    page::Width,
    problem::Refusal,
    session::Session,
};

/// The cookie of a browser that has not logged in yet: its form is bound to it.
const BEFORE: &str = "verifier-login";

const TITLE: Say = say("관리자 로그인", "Administrator login");
const WRONG: Say = say("계정이나 비밀번호가 맞지 않습니다.", "The account or the password is wrong.");
const TOO_OFTEN: Say =
    say("시도가 너무 많습니다. 잠시 뒤 다시 시도해 주세요.", "Too many attempts. Please try again later.");

pub(super) fn show(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let transport = call.service.settings.site.main().transport();
    let known = Session::of(call.request.headers(), BEFORE, transport);
    let session = known.unwrap_or_else(|| Session::begin(entropy));
    sheet(call, &session, "", None)
}

fn sheet(
    call: &Call<'_>,
    session: &Session,
    typed: &str,
    error: Option<(Say, StatusCode)>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let action = Href::local("/admin/login").map_err(|_| unavailable(Unavailable))?;
    let said = error.map_or("", |(error, _)| error.of(lang));
    let form = LogInForm {
        action: &action,
        token: &call.service.forms.token(session),
        field: "name",
        typed,
        error: said,
    };
    let main = Html::from(heading(TITLE.of(lang), "")).and(form.html(lang));
    let frame = Frame {
        title: TITLE,
        institution: &call.service.settings.operator,
        main,
        scripts: &[],
        menu: &[],
        width: Width::Column,
    };
    let status = error.map_or(StatusCode::OK, |(_, status)| status);
    let mut response = frame.answer(call, status);
    let transport = call.service.settings.site.main().transport();
    if let Some(cookie) = session.cookie(BEFORE, None, transport) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) fn log_in(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let forbidden =
        |code, error: &dyn std::error::Error| Refusal::because(StatusCode::FORBIDDEN, code, error);
    let site = &call.service.settings.site;
    site.own_page(call.parts).map_err(|error| forbidden(error.code(), &error))?;
    let form = Fields::of_body(call.request.headers(), call.request.body(), FormLimits::default())
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    let Some(session) = Session::of(call.request.headers(), BEFORE, site.main().transport()) else {
        return to("/admin/login");
    };
    call.service.forms.check(&session, &form).map_err(|error| forbidden(error.code(), &error))?;
    let name = form.text("name").unwrap_or_default();
    let password = Secret::new(form.text("password").unwrap_or_default().to_owned());
    let accounts = accounts(call);
    match accounts.log_in(call.peer, (name, &password), call.world.now, entropy) {
        Ok(login) => {
            let mut response = to("/admin")?;
            if let Some(cookie) = accounts.set(&login) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(LogInError::Unavailable(error)) => Err(unavailable(error)),
        Err(LogInError::TooOften) => {
            sheet(call, &session, name, Some((TOO_OFTEN, StatusCode::TOO_MANY_REQUESTS)))
        }
        Err(_) => sheet(call, &session, name, Some((WRONG, StatusCode::FORBIDDEN))),
    }
}
