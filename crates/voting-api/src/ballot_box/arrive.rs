//! What is looked at before a ballot waits: nothing that costs much.

use super::{Cast, booth::booth};
use crate::{
    call::Call,
    problem::{coded, failed},
    queue::Lane,
    service::Step,
};
use http::{Response, StatusCode};
use serde_json::json;
use sinpyo_ballot::{
    ballot::{Header, Place, TrackingCode},
    generators::ElectionId,
    ring::RingIndex,
};
use sinpyo_blind_rsa::token::AdmissionToken;
use sinpyo_core::encoding::from_base64url;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    ballots::BallotBox,
    election::{Refused, Rules},
    phase::Phase,
};
use sinpyo_web::{answer, problem::Refusal};

/// The header with the token that pays for the check.
const TOKEN: &str = "admission-token";

/// A ballot that somebody posted.
pub(crate) fn arrived(call: &Call<'_>) -> Result<Step, Refusal> {
    call.expect_media("application/octet-stream")?;
    let (election, log) = call.log()?;
    let bytes = call.request.body();
    if let Some(index) = known(call, &election, &*log)? {
        // The same bytes again get the same receipt, whatever the hour, and cost no token. [VTS-16]
        return Ok(Step::Answer(receipt(&*log, bytes, (index, StatusCode::OK))?));
    }
    open_now(call, &*log)?;
    let booth = booth(call.service, &election, &*log)?;
    let token = admitted(call, &booth, &election)?;
    // What has no header waits too: it is refused in the log like any other false ballot.
    let (style, ring) = match Header::parse(bytes) {
        Ok(Header { style, place: Place::Ring(RingIndex(ring)) }) => (style, ring),
        Ok(Header { style, place: Place::District(_) }) => (style, 0),
        Err(_) => (u16::MAX, 0),
    };
    if token.is_none() {
        call.service.spend(
            &*sinpyo_voting::form::to_hex(&election.0),
            crate::limit::Budget::Ballot,
            call.now,
        )?;
    }
    let lane = Lane { election, style };
    Ok(Step::Cast(Cast { lane, ring, bytes: bytes.clone(), token }))
}

/// Where these very bytes stand in the log, if they do.
fn known(call: &Call<'_>, election: &ElectionId, log: &dyn LogEngine) -> Result<Option<u64>, Refusal> {
    let bytes = call.request.body();
    let code = TrackingCode::of(bytes);
    let index = call.service.following.with(election, log, |record| record.ballot(&code, log))?;
    let Some(index) = index.map_err(|error| failed(&error))? else { return Ok(None) };
    let entries = log.entries(index..index.saturating_add(1)).map_err(|error| failed(&error))?;
    Ok((entries.first() == Some(bytes)).then_some(index))
}

/// The answer to a ballot that is in the log.
pub(super) fn receipt(
    log: &dyn LogEngine,
    ballot: &[u8],
    (index, status): (u64, StatusCode),
) -> Result<Response<Vec<u8>>, Refusal> {
    let checkpoint = log.checkpoint().map_err(|error| failed(&error))?;
    let body = json!({
        "index": index,
        "tracking": TrackingCode::of(ballot).as_str(),
        "checkpoint": checkpoint.map(|checkpoint| checkpoint.to_string()),
    });
    Ok(answer::json(status, &body))
}

/// Refuses ballots before `open` and after `close`, by our clock; they get no entry.
fn open_now(call: &Call<'_>, log: &dyn LogEngine) -> Result<(), Refusal> {
    let state = log.state().map_err(|error| failed(&error))?;
    let taken = Rules::new().takes_ballots(&*state, call.now); // [VTS-17]
    taken.map_err(|refused| match shut(&refused, call.now) {
        Some(refusal) => refusal,
        None => failed(&EngineError::CorruptState),
    })
}

/// The answer to a ballot that came at another time.
pub(super) fn shut(refused: &Refused, now: sinpyo_core::time::Timestamp) -> Option<Refusal> {
    let is_early = match refused {
        Refused::Hours { opens, .. } => now < *opens,
        Refused::Phase { phase } => *phase < Phase::Open,
        _ => return None,
    };
    let status = StatusCode::CONFLICT;
    Some(if is_early {
        coded(status, "not_open", "VTS-17", "the election is not open yet") // [VTS-17]
    } else {
        coded(status, "closed", "VTS-17", "the election is closed") // [VTS-17]
    })
}

/// The digest of the ballot's token, if the election asks for one and this is one of its own.
fn admitted(call: &Call<'_>, booth: &BallotBox, election: &ElectionId) -> Result<Option<[u8; 32]>, Refusal> {
    let Some(key) = &booth.settings().manifest().admission else { return Ok(None) };
    let none =
        || coded(StatusCode::FORBIDDEN, "token", "VTS-18", "no token of this election came with the ballot");
    let mut sent = call.request.headers().get_all(TOKEN).iter();
    let text = sent.next().filter(|_| sent.next().is_none()).and_then(|text| text.to_str().ok());
    let bytes = text.and_then(|text| from_base64url(text).ok()).ok_or_else(none)?;
    let token = AdmissionToken::parse(&bytes).map_err(|_| none())?;
    let admission = token.verify(key, &election.0).map_err(|_| none())?; // [VTS-18]
    Ok(Some(admission.spent()))
}
