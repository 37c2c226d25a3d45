//! Events that the service itself signs: as host, registrar and board.

use crate::{problem::failed, service::Service, settings::Hat};
use http::StatusCode;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, Refusal as Refused};
use sinpyo_voting::{
    election::Refused as Broken,
    event::{Body, EventDraft, Role},
};
use sinpyo_web::problem::Refusal;

/// How often an event is signed again because a later one came first.
const ATTEMPTS: usize = 8;

impl Service {
    /// Signs each body as `role` and appends the events: what became of each, in their order.
    ///
    /// # Errors
    /// Nothing was asked of the log.
    pub(crate) fn append_events(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        (role, hat): (Role, Hat),
        bodies: &[Body],
        now: Timestamp,
    ) -> Result<Vec<Result<Appended, AppendError>>, Refusal> {
        let time = self.event_time((election, log), now)?;
        let sign = |body: &Body, time| self.signed(election, (role, hat), body, time);
        let events = bodies.iter().map(|body| sign(body, time));
        let mut answers = log.append(events.collect::<Result<_, _>>()?);
        for _ in 0..ATTEMPTS {
            let both = bodies.iter().zip(&mut answers);
            let (late, places): (Vec<&Body>, Vec<&mut Result<_, _>>) =
                both.filter(|(_, answer)| answer.as_ref().is_err_and(is_late)).unzip();
            if late.is_empty() {
                break;
            }
            // Where the time cannot be had now, the answer stays that the event came too late.
            let Ok(time) = self.event_time((election, log), now) else { break };
            let events = late.into_iter().map(|body| sign(body, time));
            let again = log.append(events.collect::<Result<_, _>>()?);
            places.into_iter().zip(again).for_each(|(place, answer)| *place = answer);
        }
        Ok(answers)
    }

    /// [`Service::append_events`] of one: where it stands.
    pub(crate) fn append_event(
        &self,
        place: (&ElectionId, &dyn LogEngine),
        signer: (Role, Hat),
        body: Body,
        now: Timestamp,
    ) -> Result<u64, Refusal> {
        match self.append_events(place, signer, &[body], now)?.pop() {
            Some(Ok(appended)) => Ok(appended.index),
            Some(Err(error)) => Err(refused(&error)),
            None => Err(failed(&EngineError::CorruptState)),
        }
    }

    /// The signed event that says `body` now, or as late as the newest event if that is later.
    pub(crate) fn sign(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        signer: (Role, Hat),
        body: &Body,
        now: Timestamp,
    ) -> Result<Vec<u8>, Refusal> {
        self.signed(election, signer, body, self.event_time((election, log), now)?)
    }

    /// As this process has read the log: a node that cannot be sure yet of what another has just written goes on with
    /// what it knows, and the log says whether that is late.
    fn event_time(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        self.following.with(election, log, |record| record.last_time.map_or(now, |last| last.max(now)))
    }

    fn signed(
        &self,
        election: &ElectionId,
        (role, hat): (Role, Hat),
        body: &Body,
        time: Timestamp,
    ) -> Result<Vec<u8>, Refusal> {
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
