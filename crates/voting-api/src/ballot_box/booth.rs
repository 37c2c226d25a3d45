//! What the ballots of an open election are checked against. It does not change while the election is open.

use crate::{
    problem::{coded, failed},
    service::Service,
};
use http::StatusCode;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    ballots::{BallotBox, Settings},
    election::{Election, Rules},
};
use sinpyo_web::problem::Refusal;
use std::sync::{Arc, PoisonError};

/// Rings that are kept decoded: 160 KB each at 1,024 members.
const DECODED: usize = 512;

/// The box of an election that is open, or was.
pub(super) fn booth(
    service: &Service,
    election: &ElectionId,
    log: &dyn LogEngine,
) -> Result<Arc<BallotBox>, Refusal> {
    {
        let booths = service.ballots.booths.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(booth) = booths.get(election) {
            return Ok(Arc::clone(booth));
        }
    }
    let damaged = || failed(&EngineError::CorruptState);
    let not_open = || coded(StatusCode::CONFLICT, "not_open", "VTS-17", "the election is not open yet");
    let seats = service.following.with(election, log, |record| record.seats.clone())?;
    let seats = seats.ok_or_else(not_open)?; // [VTS-17]
    let settings = {
        let state = log.state().map_err(|error| failed(&error))?;
        let rules = Rules::new();
        let manifest = rules.manifest(&*state).map_err(|_| damaged())?;
        let ceremony = rules.ceremony(&*state).map_err(|_| damaged())?;
        let keys = ceremony.seen().joint_keys().map_err(|_| damaged())?;
        let open = Election::new(&*state).context().map_err(|_| damaged())?.ok_or_else(not_open)?; // [VTS-17]
        let settings =
            Settings::new(*election, manifest, &keys, Arc::clone(&seats.rings)).map_err(|_| damaged())?;
        if settings.context().0 != open {
            return Err(damaged());
        }
        settings
    };
    let booth = Arc::new(BallotBox::new(settings, DECODED));
    let mut booths = service.ballots.booths.lock().unwrap_or_else(PoisonError::into_inner);
    booths.insert(*election, Arc::clone(&booth));
    Ok(booth)
}
