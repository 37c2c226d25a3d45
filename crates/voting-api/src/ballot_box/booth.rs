//! What the ballots of an open election are checked against. It does not change while the election is open.

use crate::{
    problem::{coded, failed},
    seats::Seats,
    service::Service,
};
use http::StatusCode;
use serde_json::{Map, Value};
use sinpyo_ballot::{
    generators::ElectionId,
    group::{Group as _, Ristretto},
    setting::{Context, Setting},
};
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    event::{Kind, UnverifiedEvent},
    form::from_hex_array,
    manifest::Manifest,
};
use sinpyo_web::problem::Refusal;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

/// What the ballots of one election are checked against.
pub(super) struct Booth {
    pub(super) manifest: Arc<Manifest>,
    pub(super) seats: Arc<Seats>,
    pub(super) styles: BTreeMap<u16, Setting<Ristretto>>,
}

impl std::fmt::Debug for Booth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booth").finish_non_exhaustive()
    }
}

impl Booth {
    /// That of an election that is open, or was.
    pub(super) fn of(
        service: &Service,
        election: &ElectionId,
        log: &dyn LogEngine,
    ) -> Result<Arc<Self>, Refusal> {
        let known = |booths: &BTreeMap<ElectionId, Arc<Self>>| booths.get(election).cloned();
        if let Some(booth) = known(&service.ballots.booths.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(booth);
        }
        let found = service.following.with(election, log, |record| {
            let places = (record.newest(Kind::CeremonyDone)?, record.newest(Kind::Open)?);
            Some((places, record.manifest.clone()?, record.seats.clone()?))
        })?;
        let not_open = || coded(StatusCode::CONFLICT, "not_open", "VTS-17", "the election is not open yet");
        let ((done, open), manifest, seats) = found.ok_or_else(not_open)?; // [VTS-17]
        let styles = styles(election, &manifest, &body(log, done)?, &body(log, open)?);
        let styles = styles.ok_or_else(|| failed(&EngineError::CorruptState))?;
        let booth = Arc::new(Self { manifest, seats, styles });
        let mut booths = service.ballots.booths.lock().unwrap_or_else(PoisonError::into_inner);
        booths.insert(*election, Arc::clone(&booth));
        Ok(booth)
    }
}

/// The body of the event at `index`.
fn body(log: &dyn LogEngine, index: u64) -> Result<Map<String, Value>, Refusal> {
    let entries = log.entries(index..index.saturating_add(1)).map_err(|error| failed(&error))?;
    let event = entries.first().and_then(|entry| UnverifiedEvent::parse(entry).ok());
    let event = event.ok_or_else(|| failed(&EngineError::Corrupt { index }))?;
    Ok(event.claimed_body().clone())
}

fn styles(
    election: &ElectionId,
    manifest: &Manifest,
    done: &Map<String, Value>,
    open: &Map<String, Value>,
) -> Option<BTreeMap<u16, Setting<Ristretto>>> {
    let context = Context(from_hex_array(open.get("context")?.as_str()?)?);
    let key = |key: &Value| Ristretto::decode(&from_hex_array(key.as_str()?)?);
    let keys: Vec<_> = done.get("keys")?.as_array()?.iter().map(key).collect::<Option<_>>()?;
    let setting = |style: u16| {
        let shape = manifest.shape(style).ok()?;
        let setting = Setting::new(election, context, style, manifest.districts_of(style), shape, &keys).ok()?;
        Some((style, setting))
    };
    manifest.style_numbers().map(setting).collect()
}
