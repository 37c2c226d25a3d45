//! The pages of the host: an election in small steps, from a title to the printed result.

mod audit;
mod ceremony;
mod codes;
mod edit;
mod list;
mod login;
mod office;
pub(crate) mod roll;
pub(crate) mod step;

pub(crate) use codes::link;
pub(crate) use office::course::progress;

use crate::{
    call::Call,
    dossier::Names,
    manage::dossier,
    page::Frame,
    problem::{absent, unavailable},
    route::Operation,
};
use http::{Response, StatusCode};
use sinpyo_core::{claims::nfc, key::Entropy};
use sinpyo_web::{
    account::LoggedIn,
    answer::see_other,
    audit::{AuditLine, LogWord, Outcome},
    component::{FormBox, Weight},
    form::{Fields, FormLimits},
    href::Href,
    html::Html,
    lang::{Say, say},
    page::{MenuItem, Place, Width},
    problem::Refusal,
};
use std::time::Duration;

/// How long the audit log is kept.
const AUDIT_LIFE: Duration = Duration::from_hours(24 * 400);

/// The largest form: a roll as text.
const FORM: FormLimits = FormLimits { bytes: crate::service::MAX_BODY, fields: 64 };

/// Answers a host, or asks who it is.
pub(crate) fn answer(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    use Operation as O;
    match call.routed.route.operation {
        O::LoginPage => return login::show(call, entropy),
        O::LogIn => return login::log_in(call, entropy),
        _ => {}
    }
    let accounts = call.service.accounts();
    let who = accounts.who(call.request.headers(), call.now).map_err(unavailable)?;
    let Some(who) = who else { return to("/admin/login") };
    if !call.routed.part("election").is_empty() && !dossier(call)?.is_of(&who.name.to_string()) {
        return Err(absent("VTS-03", "there is no such election")); // [VTS-56]
    }
    match call.routed.route.operation {
        O::LogOut => {
            form(call, &who)?;
            accounts.log_out(&who, call.now).map_err(unavailable)?;
            to("/admin/login")
        }
        O::Desk | O::New => list::show(call, &who, None),
        O::Create => list::create(call, &who, entropy),
        O::Office => office::show(call, &who),
        O::Edit => edit::show(call, &who, None),
        O::Save => edit::save(call, &who, entropy),
        O::Owner => office::owner::add(call, &who, entropy),
        O::Invite => office::draft::invite(call, &who, entropy),
        O::Step => {
            form(call, &who)?;
            step::take(call, call.routed.part("step"), entropy)?;
            noted(call, &who, "election.step", entropy)?;
            to(&office(call))
        }
        O::Withdraw => office::course::withdraw(call, &who, entropy),
        O::Roll => roll::show(call, &who),
        O::RollFile => roll::import::file(call, &who, entropy),
        O::RollText => roll::import::text(call, &who, entropy),
        O::RollTake => roll::import::take(call, &who, entropy),
        O::RollStrike => roll::strike(call, &who, entropy),
        O::Codes => codes::all(call, &who, entropy),
        O::CodeAgain => codes::again(call, &who, entropy),
        _ => audit::show(call),
    }
}

/// The path of the election's page.
fn office(call: &Call<'_>) -> String {
    format!("/admin/e/{}", call.routed.part("election"))
}

fn to(path: &str) -> Result<Response<Vec<u8>>, Refusal> {
    see_other(path).map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))
}

/// A path of ours.
fn local(path: &str) -> Result<Href, Refusal> {
    Href::local(path).map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))
}

/// That the request comes from a page of ours, and the session is that of `who`.
fn form(call: &Call<'_>, who: &LoggedIn) -> Result<Fields, Refusal> {
    let forbidden =
        |code, error: &dyn std::error::Error| Refusal::because(StatusCode::FORBIDDEN, code, error);
    call.service.settings.site.own_page(call.parts).map_err(|error| forbidden(error.code(), &error))?;
    let form = Fields::of_body(call.request.headers(), call.request.body(), FORM)
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    call.service.forms.check(&who.session, &form).map_err(|error| forbidden(error.code(), &error))?;
    Ok(form)
}

/// What somebody typed into a field; empty if nothing.
fn typed(form: &Fields, name: &str) -> String {
    nfc(form.text(name).unwrap_or_default().trim())
}

/// The name that somebody typed in Korean, and perhaps in English; none if nobody could read it.
fn named(form: &Fields) -> Option<Names> {
    let names = Names { ko: typed(form, "ko"), en: typed(form, "en") };
    names.is_readable().then_some(names)
}

/// Writes what was done into the audit log of the election.
fn noted(
    call: &Call<'_>,
    who: &LoggedIn,
    did: &'static str,
    entropy: &mut dyn Entropy,
) -> Result<(), Refusal> {
    noted_for(call, who, (owner(call), did), entropy)
}

fn noted_for(
    call: &Call<'_>,
    who: &LoggedIn,
    (owner, did): (&str, &'static str),
    entropy: &mut dyn Entropy,
) -> Result<(), Refusal> {
    let word = |text: &str| LogWord::parse(text).ok();
    let part = ["step", "part"].into_iter().map(|name| call.routed.part(name)).find(|part| !part.is_empty());
    let about = part.and_then(word).map(|word| ("part", word));
    let line = AuditLine {
        at: call.now,
        who: who.name.clone(),
        did,
        about: about.into_iter().collect(),
        outcome: Outcome::Done,
    };
    let change = line.entry(owner, AUDIT_LIFE, entropy);
    let state = &call.service.settings.state;
    state.commit_owned(&[change]).map_err(|_| unavailable(sinpyo_state::Unavailable))
}

/// Whose audit log it is.
fn owner<'c>(call: &'c Call<'_>) -> &'c str {
    call.routed.part("election")
}

/// A form with nothing in it but a button, and perhaps hidden values.
fn push(
    call: &Call<'_>,
    who: &LoggedIn,
    (path, fields): (&str, Html),
    (label, weight): (Say, Weight),
) -> Result<Html, Refusal> {
    let action = local(path)?;
    let form = FormBox {
        action: &action,
        token: &call.service.forms.token(&who.session),
        fields,
        submit: label.of(call.lang()),
        weight,
        beside: Html::new(),
    };
    Ok(form.into())
}

/// A page of the desk.
fn page(
    call: &Call<'_>,
    title: &str,
    main: impl Into<Html>,
    scripts: &[&str],
) -> Result<Response<Vec<u8>>, Refusal> {
    let (here, lang) = (call.request.uri().path(), call.lang());
    let mut entries = vec![(say("선거 목록", "Elections"), "/admin".to_owned())];
    if !call.routed.part("election").is_empty() {
        let own = office(call);
        entries.push((say("진행", "Progress"), own.clone()));
        entries.push((say("명부", "Roll"), format!("{own}/roll")));
        entries.push((say("감사 기록", "Audit log"), format!("{own}/audit")));
    }
    let item = |(name, path): (Say, String)| {
        let place = if path == here { Place::Here } else { Place::Elsewhere };
        Ok(MenuItem { name: name.of(lang), href: local(&path)?, place })
    };
    let menu: Vec<_> = entries.into_iter().map(item).collect::<Result<_, Refusal>>()?;
    let frame = Frame { title, main: main.into(), scripts, menu: &menu, width: Width::Desk };
    Ok(frame.answer(call, StatusCode::OK))
}
