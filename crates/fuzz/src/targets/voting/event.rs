//! Events as they arrive, and events whose signature is right whatever they say.

use super::{HELD, MANIFEST, OK, SKIPPED, one_of_each_type, role, unsigned};
use crate::{Outcome, people::key_of, world::ELECTION};
use serde_json::{Map, Value, json};
use sinpyo_core::{jcs, json as strict, time::Timestamp};
use sinpyo_voting::{
    election::Submission,
    event::{Body, EventDraft, Kind, Role, SignedEvent, UnverifiedEvent, hazmat},
};

pub(super) fn signed() -> Vec<Vec<u8>> {
    one_of_each_type().map(|entry| entry.bytes.clone()).collect()
}

/// An event has one form, and one that its role signed is in the election's log.
pub(crate) fn read_signed(input: &[u8]) -> Outcome {
    let event = match UnverifiedEvent::parse(input) {
        Ok(event) => event,
        Err(error) => return error.code(),
    };
    let members = strict::parse_object(input).expect("it was read");
    assert_eq!(jcs::canonicalize_object(&members), input, "an event has one form");
    assert_eq!(Submission::event(input.to_vec()).map(Submission::into_bytes).as_deref(), Ok(input));
    assert_eq!(Role::parse(&event.claimed_role().to_string()), Some(event.claimed_role()));
    assert_eq!(members.get("time"), Some(&json!(event.claimed_time().to_string())));
    assert_eq!(members.get("body"), Some(&Value::Object(event.claimed_body().clone())));
    let Some(key) = MANIFEST.key_of(event.claimed_role()) else { return "role" };
    match event.verify(key) {
        Ok(event) => {
            assert!(HELD.entries.iter().any(|entry| entry.bytes == input), "nobody signed this");
            let body = event.body().expect("what the board took");
            assert_eq!(&body.to_json(), &Value::Object(event.raw().clone()));
            OK
        }
        Err(error) => error.code(),
    }
}

pub(super) fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<_> = one_of_each_type().map(unsigned).collect();
    let next = json!({"body": {"phase": "reveal"}, "by": "host", "type": "ceremony-next"});
    let token = json!({"by": "registrar", "type": "register", "body": {"blinded": "00".repeat(32), "district": "d1",
        "holder": "01".repeat(32), "replaces": false, "slot": "02".repeat(16)}});
    bodies.extend([next, token].iter().map(super::object));
    bodies.into_iter().map(|body| Value::Object(body).to_string().into_bytes()).collect()
}

/// What is read of a body is all that stands in it, and only its own role says it.
pub(crate) fn read_body(input: &[u8]) -> Outcome {
    let Ok(members) = strict::parse_object(input) else { return SKIPPED };
    let Some(bytes) = sign(&members, super::time_at(0)) else { return SKIPPED };
    let event = match verified(&bytes) {
        Ok(event) => event,
        Err(refused) => return refused,
    };
    match event.body() {
        Ok(body) => {
            assert_eq!(&body.to_json(), &Value::Object(event.raw().clone()), "nothing else stands in it");
            assert_eq!(Kind::from_name(event.name()), Some(body.kind()));
            assert!(body.kind().is_sent_by(event.by()), "another role says this");
            let draft = EventDraft { by: event.by(), election: ELECTION, time: event.time(), body };
            assert_eq!(draft.sign(&key_of(event.by())).ok(), Some(bytes), "an event has one form");
            OK
        }
        Err(error) => error.code(),
    }
}

/// Signs what `members` say, as who they say; `None` if they say nothing that could be signed.
pub(super) fn sign(members: &Map<String, Value>, time: Timestamp) -> Option<Vec<u8>> {
    let by = role(members)?;
    let name = members.get("type")?.as_str()?;
    let body = members.get("body").filter(|body| body.is_object())?;
    let heading = hazmat::Heading { by, election: ELECTION, time };
    hazmat::sign(&heading, name, body, &key_of(by)).ok()
}

/// The event in bytes that [`sign`] made, or the rule that it breaks by its form.
pub(super) fn verified(bytes: &[u8]) -> Result<SignedEvent, Outcome> {
    let event = UnverifiedEvent::parse(bytes).map_err(|error| error.code())?;
    let key = MANIFEST.key_of(event.claimed_role()).expect("a role of the election");
    Ok(event.verify(key).expect("it was just signed"))
}

/// The body that `input` says, signed and read again.
pub(super) fn body_of(input: &[u8]) -> Result<(Role, Body), Outcome> {
    let members = strict::parse_object(input).map_err(|_| SKIPPED)?;
    let bytes = sign(&members, super::time_at(0)).ok_or(SKIPPED)?;
    let event = verified(&bytes)?;
    Ok((event.by(), event.body().map_err(|error| error.code())?))
}
