//! What is looked at before a ballot waits: nothing that costs much.

use super::{Cast, batch::refusal_of, booth::booth, unwritten};
use crate::{
    call::Call,
    followed::RefusalId,
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
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::{ballots::BallotBox, election::Refused, phase::Phase};
use sinpyo_web::{answer, problem::Refusal};

/// The header with the token that pays for the check.
const TOKEN: &str = "admission-token";

/// A ballot that somebody posted.
pub(crate) fn arrived(call: &Call<'_>) -> Result<Step, Refusal> {
    call.expect_media("application/octet-stream")?;
    let (election, log) = call.log()?;
    let bytes = call.request.body();
    let code = TrackingCode::of(bytes);
    let id = RefusalId::of(bytes);
    let (known, refused, taken) = call.service.following.with(&election, &*log, |record| {
        (record.ballot(&code, &*log), record.refused_for(&id), record.takes_ballots(call.now))
    })?;
    if let Some(index) = known.map_err(|error| failed(&error))?
        && is_at(&*log, index, bytes)?
    {
        // The same bytes again get the same receipt, whatever the hour, and cost no token. [VTS-16]
        return Ok(Step::Answer(receipt(&*log, bytes, (index, StatusCode::OK))));
    }
    // As for those that were refused: no token pays for a second check, and so there is none. [VTS-52]
    if let Some(reason) = refused {
        return Err(refusal_of(reason));
    }
    // Before `open` and after `close`, by our clock, there is an answer and no entry. [VTS-17]
    taken.map_err(|refused| shut(&refused, call.now).unwrap_or_else(unwritten))?;
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

/// Whether the entry at `index` is these very bytes: a tracking code is shorter than they are.
fn is_at(log: &dyn LogEngine, index: u64, bytes: &[u8]) -> Result<bool, Refusal> {
    let entries = log.entries(index..index.saturating_add(1)).map_err(|error| failed(&error))?;
    Ok(entries.first().is_some_and(|entry| entry == bytes))
}

/// The answer to a ballot that is in the log.
pub(super) fn receipt(
    log: &dyn LogEngine,
    ballot: &[u8],
    (index, status): (u64, StatusCode),
) -> Response<Vec<u8>> {
    let checkpoint = match log.checkpoint() {
        Ok(checkpoint) => checkpoint.map(|checkpoint| checkpoint.to_string()),
        // The ballot is durable and its voter is told so; the proof is fetched when the log answers again.
        Err(_) => None,
    };
    let body =
        json!({"index": index, "tracking": TrackingCode::of(ballot).as_str(), "checkpoint": checkpoint});
    answer::json(status, &body)
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
