//! Events that the service itself signs: as host, registrar and board.

use crate::{problem::failed, service::Service, settings::Hat};
use http::StatusCode;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, Refusal as Refused};
use sinpyo_voting::{
    election::{Election, Refused as Broken},
    event::{Body, EventDraft, Role},
};
use sinpyo_web::problem::Refusal;

/// How often an event is signed again because a later one came first.
const ATTEMPTS: usize = 8;

impl Service {
    /// Signs each body as `role` and appends the events; where they stand.
    pub(crate) fn append_events(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        (role, hat): (Role, Hat),
        bodies: Vec<Body>,
        now: Timestamp,
    ) -> Result<Vec<Appended>, Refusal> {
        let mut bodies = bodies;
        let mut done = Vec::with_capacity(bodies.len());
        let mut attempts = 0;
        while !bodies.is_empty() {
            let events = bodies.iter().map(|body| self.sign((election, log), (role, hat), body, now));
            let events: Vec<Vec<u8>> = events.collect::<Result<_, _>>()?;
            let mut again = Vec::new();
            for (body, appended) in bodies.into_iter().zip(log.append(events)) {
                match appended {
                    Ok(appended) => done.push(appended),
                    Err(error) if is_late(&error) && attempts < ATTEMPTS => again.push(body),
                    Err(error) => return Err(refused(&error)),
                }
            }
            bodies = again;
            attempts += 1;
        }
        Ok(done)
    }

    /// [`Service::append_events`] of one.
    pub(crate) fn append_event(
        &self,
        place: (&ElectionId, &dyn LogEngine),
        signer: (Role, Hat),
        body: Body,
        now: Timestamp,
    ) -> Result<u64, Refusal> {
        let done = self.append_events(place, signer, vec![body], now)?;
        done.first().map(|appended| appended.index).ok_or_else(|| failed(&EngineError::CorruptState))
    }

    /// The signed event that says `body` now, or as late as the newest event if that is later.
    pub(crate) fn sign(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        (role, hat): (Role, Hat),
        body: &Body,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refusal> {
        let state = log.state().map_err(|error| failed(&error))?;
        let last = Election::new(&*state).last_time().map_err(|_| failed(&EngineError::CorruptState))?;
        let time = last.map_or(now, |last| last.max(now));
        let draft = EventDraft { by: role, election: *election, time, body: body.clone() };
        let signed = draft.sign(&self.settings.key.signing(election, hat));
        signed.map_err(|error| Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, "VTS-06", &error)) // [VTS-06]
    }
}

/// Whether a later event came first, so that this one only has to be signed again.
pub(crate) fn is_late(error: &AppendError) -> bool {
    broken(error).is_some_and(|broken| matches!(broken, Broken::TimeWentBack))
}

/// The rule of elections that was broken.
pub(crate) fn broken(error: &AppendError) -> Option<&Broken> {
    match error {
        AppendError::Refused(Refused::Rule { reason, .. }) => reason.downcast_ref::<Broken>(),
        _ => None,
    }
}

/// What is said about an event that the log did not take.
pub(crate) fn refused(error: &AppendError) -> Refusal {
    let Some(broken) = broken(error) else {
        return match error {
            AppendError::Length => {
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "LOG-06", &"an event has at most 65000 bytes")
            }
            AppendError::Refused(Refused::Engine(engine)) | AppendError::Engine(engine) => failed(engine),
            _ => failed(&EngineError::CorruptState),
        };
    };
    let status = StatusCode::from_u16(broken.class().status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let refusal = Refusal::because(status, broken.code().unwrap_or("VTS-05"), broken);
    match broken.trustee() {
        Some(trustee) => refusal.with_member("trustee", serde_json::Value::from(trustee)),
        None => refusal,
    }
}
