//! The pages of those who run the service.

mod desk;
mod form;
mod log;
mod login;
mod tenants;

use crate::{call::Call, page::Frame, problem::unavailable, route::Operation, tenant::Tenant};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_web::{
    account::{Accounts, LoggedIn},
    answer::see_other,
    form::{Fields, FormLimits},
    href::Href,
    html::Html,
    lang::{Say, say},
    page::{MenuItem, Place, Width},
    problem::Refusal,
};

/// The name of the cookie of a login.
const COOKIE: &str = "verifier-admin";

const REQUESTS: Say = say("요청", "Requests");
const NEW: Say = say("새 요청", "New request");
const HOOKS: Say = say("웹훅", "Webhooks");
const AUDIT: Say = say("감사 기록", "Audit log");
const TENANTS: Say = say("기관", "Tenants");

/// Answers an administrator, or asks who it is.
pub(crate) fn answer(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    use Operation as O;
    match call.routed.route.operation {
        O::LoginPage => return login::show(call, entropy),
        O::LogIn => return login::log_in(call, entropy),
        _ => {}
    }
    let accounts = accounts(call);
    let who = accounts.who(call.request.headers(), call.world.now).map_err(unavailable)?;
    let Some(who) = who else { return to("/admin/login") };
    match call.routed.route.operation {
        O::LogOut => {
            form(call, &who)?;
            accounts.log_out(&who, call.world.now).map_err(unavailable)?;
            to("/admin/login")
        }
        O::Desk => tenants::show(call, &who, None),
        O::PutTenantAtDesk => tenants::put(call, &who, entropy),
        O::TenantDesk => desk::list(call),
        O::RequestAtDesk => desk::one(call),
        O::OpenAtDesk => form::show(call, &who),
        O::OpenedAtDesk => form::open(call, &who, entropy),
        O::HooksAtDesk => log::hooks(call, &who, None),
        O::AddHookAtDesk => log::add_hook(call, &who, entropy),
        _ => log::audit(call),
    }
}

fn accounts<'c>(call: &Call<'c>) -> Accounts<'c> {
    Accounts {
        state: call.world.state,
        cookie: COOKIE,
        transport: call.service.settings.site.main().transport(),
    }
}

fn to(path: &str) -> Result<Response<Vec<u8>>, Refusal> {
    see_other(path).map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))
}

/// The form that `who` sent from a page of ours.
fn form(call: &Call<'_>, who: &LoggedIn) -> Result<Fields, Refusal> {
    call.service
        .settings
        .site
        .own_page(call.parts)
        .map_err(|error| Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))?;
    let form = Fields::of_body(call.request.headers(), call.request.body(), FormLimits::default())
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    let forms = &call.service.forms;
    forms
        .check(&who.session, &form)
        .map_err(|error| Refusal::because(StatusCode::FORBIDDEN, error.code(), &error))?;
    Ok(form)
}

/// A page of the desk of `tenant`, or of all.
fn page(
    call: &Call<'_>,
    title: Say,
    tenant: Option<&Tenant>,
    main: Html,
) -> Result<Response<Vec<u8>>, Refusal> {
    let here = call.request.uri().path();
    let lang = call.lang();
    let mut entries = vec![(TENANTS, "/admin".to_owned())];
    if let Some(tenant) = tenant {
        let path = format!("/admin/{}", tenant.id);
        entries.push((REQUESTS, path.clone()));
        entries.push((NEW, format!("{path}/new")));
        entries.push((HOOKS, format!("{path}/webhooks")));
        entries.push((AUDIT, format!("{path}/audit")));
    }
    let item = |(name, path): (Say, String)| {
        let place = if path == here { Place::Here } else { Place::Elsewhere };
        let href = Href::local(&path)
            .map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))?;
        Ok(MenuItem { name: name.of(lang), href, place })
    };
    let menu: Vec<_> = entries.into_iter().map(item).collect::<Result<_, Refusal>>()?;
    let frame = Frame {
        title,
        institution: tenant.map_or(&call.service.settings.operator, |tenant| &tenant.name),
        main,
        scripts: &["copy.js"],
        menu: &menu,
        width: Width::Desk,
    };
    Ok(frame.answer(call, StatusCode::OK))
}
