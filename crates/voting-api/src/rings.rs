//! The rings, whole: who asks for one ring says no more than that.

use crate::{call::Call, problem::absent, seats::Seats};
use http::Response;
use serde_json::{Value, json};
use sinpyo_ballot::ring::RingIndex;
use sinpyo_voting::form::to_hex;
use sinpyo_web::{answer, problem::Refusal};
use std::sync::Arc;

fn seats(call: &Call<'_>) -> Result<Arc<Seats>, Refusal> {
    let (election, log) = call.log()?;
    let seats = call.service.following.with(&election, &*log, |record| record.seats.clone())?;
    seats.ok_or_else(|| absent("VTS-15", "the election has no rings yet")) // [VTS-15]
}

/// `GET /e/{election}/rings`.
pub(crate) fn list(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let seats = seats(call)?;
    let line = |roster: &sinpyo_ballot::ring::Roster<sinpyo_ballot::group::Ristretto>| {
        let first = roster.commitments().first().map(|first| to_hex(&seats.place(first)));
        json!({
            "ring": roster.index().0,
            "district": roster.district(),
            "root": to_hex(roster.root()),
            "voters": roster.voters(),
            "first": first,
        })
    };
    let rings: Vec<Value> = seats.rings.rosters().iter().map(line).collect();
    let body = json!({
        "beacon": to_hex(&seats.beacon),
        "root": to_hex(&seats.root),
        "count": rings.len(),
        "rings": rings,
    });
    Ok(answer::for_ever(answer::json(http::StatusCode::OK, &body)))
}

/// `GET /e/{election}/rings/{ring}`.
pub(crate) fn one(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let seats = seats(call)?;
    let ring = call.routed.part("ring").parse().ok();
    let roster = ring.and_then(|ring| seats.rings.get(RingIndex(ring)));
    let roster = roster.ok_or_else(|| absent("VTS-15", "the election has no such ring"))?; // [VTS-15]
    Ok(answer::for_ever(answer::with_type("application/octet-stream", roster.commitments().concat())))
}
