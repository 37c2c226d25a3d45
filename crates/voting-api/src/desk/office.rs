//! An election of the host: a draft, or one that is under way.

pub(super) mod course;
pub(super) mod draft;
pub(super) mod owner;

use super::page;
use crate::{
    call::Call,
    dossier::Dossier,
    manage::dossier,
    problem::{failed, unavailable},
};
use http::Response;
use sinpyo_web::{account::LoggedIn, component::heading, html::Html, problem::Refusal};

pub(super) fn show(call: &Call<'_>, who: &LoggedIn) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let lang = call.lang();
    let title = dossier.draft.title.of(lang).to_owned();
    let head = Html::from(heading(Html::foreign(&title), ""));
    let main = if is_called(call, &dossier)? {
        head.and(course::sheet(call, who, &dossier)?)
    } else {
        head.and(draft::sheet(call, who, &dossier)?)
    };
    let main = main.and(owner::sheet(call, who, &dossier)?);
    page(call, &title, main, &["copy.js", "counters.js"])
}

/// Whether the log has the manifest: a call that was cut off after the draft was settled is made again.
fn is_called(call: &Call<'_>, dossier: &Dossier) -> Result<bool, Refusal> {
    let log = call.service.settings.logs.open(&call.election()?).map_err(unavailable)?;
    let Some(log) = log.filter(|_| dossier.settled) else { return Ok(false) };
    Ok(log.head().map_err(|error| failed(&error))?.size > 0)
}

/// Where the election is, for others.
fn address(call: &Call<'_>, dossier: &Dossier) -> String {
    format!("{}/e/{}", call.service.settings.site.main(), dossier.election)
}
