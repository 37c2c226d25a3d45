//! Registration: a code from paper becomes a commitment in the roll, once, whatever races.
//!
//! The code is spent on one request, and the event that follows from it is kept beside it before the log gets it. So a
//! lost answer, a crash in between and two requests at once all end in one line of the roll and one answer.

mod ask;
mod credential;
mod request;
mod spend;

use crate::{
    call::Call,
    code,
    problem::{coded, failed, unavailable},
    roll::{CodeRecord, Line, Roll},
};
use http::{Response, StatusCode};
use request::Request;
use serde_json::{Map, Value, json};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_state::{CommitError, Key, Unavailable, Version};
use sinpyo_voting::{
    election::{Election, Rules},
    form::{from_hex_array, to_hex},
    manifest::Manifest,
    phase::Phase,
};
use sinpyo_web::{answer, problem::Refusal};
use std::{sync::Arc, time::Duration};

/// How long a nonce holds.
const NONCE_LIFE: Duration = Duration::from_mins(10);
/// Admission tokens that a voter gets: some ballots are sent again, and some voters change their mind.
pub(crate) const TOKENS: usize = 8;

/// Where somebody registers.
struct Counter<'c> {
    call: &'c Call<'c>,
    election: ElectionId,
    log: Arc<dyn LogEngine>,
    manifest: Arc<Manifest>,
    roll: Roll<'c>,
    key: Key,
    record: CodeRecord,
    version: Version,
    line: Line,
    slot: [u8; 16],
}

fn wrong_code() -> Refusal {
    coded(StatusCode::FORBIDDEN, "code", "VTS-26", "the code is wrong, or spent") // [VTS-26]
}

impl<'c> Counter<'c> {
    /// Finds what belongs to the code of a request.
    fn open(call: &'c Call<'c>, members: &Map<String, Value>) -> Result<Self, Refusal> {
        let (election, log) = call.log()?;
        let typed = members.get("code").and_then(Value::as_str).and_then(code::parse);
        let key = code::key(&election, &typed.ok_or_else(wrong_code)?);
        let roll = Roll { service: call.service, election, now: call.now };
        let (record, version) = roll.code(&key).map_err(unavailable)?.ok_or_else(wrong_code)?;
        let line = roll.line(record.line).map_err(unavailable)?;
        let (line, _) = line.filter(|(line, _)| !line.struck).ok_or_else(wrong_code)?;
        let slot = from_hex_array(&line.slot).ok_or_else(wrong_code)?;
        let manifest = {
            let state = log.state().map_err(|error| failed(&error))?;
            Rules::new().manifest(&*state).map_err(|_| failed(&EngineError::CorruptState))?
        };
        Ok(Self { call, election, log, manifest, roll, key, record, version, line, slot })
    }

    /// Refuses at another time than that of registration.
    fn expect_phase(&self) -> Result<(), Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let phase = Election::new(&*state).phase().map_err(|_| failed(&EngineError::CorruptState))?;
        if phase == Phase::Registration {
            return Ok(());
        }
        Err(coded(StatusCode::CONFLICT, "closed", "VTS-27", "nobody registers at this time")) // [VTS-27]
    }

    /// Whether the log has a commitment for the line already.
    fn replaces(&self) -> Result<bool, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let slot = Election::new(&*state).slot(&self.slot);
        Ok(slot.map_err(|_| failed(&EngineError::CorruptState))?.is_some())
    }

    /// Keeps the record in another state; an error if somebody else changed it since.
    fn keep(&mut self, record: CodeRecord, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
        let change =
            self.roll.keep_code(&self.key, Some(self.version), &record, entropy).map_err(unavailable)?;
        match self.call.service.settings.state.commit_owned(&[change]) {
            Ok(()) => {
                self.version = Version(self.version.0.saturating_add(1));
                self.record = record;
                Ok(())
            }
            Err(CommitError::Conflict { .. }) => Err(raced()),
            Err(_) => Err(unavailable(Unavailable)),
        }
    }
}

/// Another request with the same code came first; whoever repeats this one is told what became of it.
fn raced() -> Refusal {
    coded(StatusCode::CONFLICT, "code", "VTS-26", "another request with this code was faster") // [VTS-26]
        .retry_after(Duration::from_secs(1))
}

/// `POST /e/{election}/register/begin`.
pub(crate) fn begin(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let members = call.json()?;
    let mut counter = Counter::open(call, &members)?;
    counter.expect_phase()?;
    if counter.record.used.is_some() {
        return Err(wrong_code());
    }
    let mut nonce = [0; 32];
    entropy.fill(&mut nonce);
    let until = call.now.plus(NONCE_LIFE);
    let asked = ask::challenge(&counter, until, entropy)?;
    let record = CodeRecord {
        nonce: Some((to_hex(&nonce), until.unix())),
        asked: asked.as_ref().map(|asked| asked.kept.clone()),
        ..counter.record.clone()
    };
    counter.keep(record, entropy)?;
    let tokens = if counter.manifest.admission.is_some() { TOKENS } else { 0 };
    let body = json!({
        "ask": asked.map(|asked| asked.wire),
        "district": counter.line.district,
        "expires": until.to_string(),
        "nonce": to_hex(&nonce),
        "replaces": counter.replaces()?,
        "slot": counter.line.slot,
        "tokens": tokens,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /e/{election}/register`.
pub(crate) fn register(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let members = call.json()?;
    let known = ["code", "presentation", "request"];
    if members.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(malformed());
    }
    let mut counter = Counter::open(call, &members)?;
    let text = members.get("request").and_then(Value::as_str).ok_or_else(malformed)?;
    let digest = sha256(text.as_bytes());
    if let Some(used) = &counter.record.used {
        if used.request != to_hex(&digest) {
            return Err(wrong_code());
        }
        // Before anything costs anything: whoever has the request may repeat it as often as the limits allow.
        if let Some(kept) = &used.answer {
            return Ok(answer::json(StatusCode::OK, kept)); // [VTS-31]
        }
        let request = Request::parse(text, &counter.manifest)?;
        counter.expect_own_line(&request)?;
        let signed = counter.sign(&request)?;
        return counter.finish(&request, &signed, entropy);
    }
    counter.expect_phase()?;
    let request = Request::parse(text, &counter.manifest)?;
    counter.check(&request, call.now)?;
    ask::check(&counter, members.get("presentation"), call.now)?;
    // What cannot be signed must not cost the code.
    let signed = counter.sign(&request)?;
    counter.spend(&request, digest, entropy)?;
    counter.finish(&request, &signed, entropy)
}

/// Not of the form of a registration.
fn malformed() -> Refusal {
    coded(StatusCode::BAD_REQUEST, "request", "VTS-28", "the request is not of the form of a registration") // [VTS-28]
}

impl Counter<'_> {
    /// That the request is for this line, and answers the nonce that was given out last.
    fn check(&self, request: &Request, now: Timestamp) -> Result<(), Refusal> {
        let stale = || {
            coded(
                StatusCode::FORBIDDEN,
                "nonce",
                "VTS-29",
                "begin again: the nonce is not the last, or too old",
            )
        };
        let (nonce, until) = self.record.nonce.as_ref().ok_or_else(stale)?;
        if *nonce != to_hex(request.nonce.expose()) || now.unix() > *until {
            return Err(stale()); // [VTS-29]
        }
        let is_ours = request.election == self.election
            && request.slot == self.slot
            && usize::try_from(request.district).is_ok_and(|district| district == self.line.district);
        if !is_ours {
            return Err(malformed()); // [VTS-28]
        }
        Ok(())
    }
}
