//! How often somebody may try.

use super::LogInError;
use crate::limit::Caller;
use serde_json::{Value, json};
use sinpyo_core::{json::parse_object, time::Timestamp};
use sinpyo_state::{Key, OwnedChange, Record, Space, State, Unavailable, retrying};
use std::{net::IpAddr, time::Duration};

const ATTEMPT: Space = Space::new("web.attempt");

/// After which time attempts are forgotten.
const WINDOW: Duration = Duration::from_mins(15);

/// Attempts within the window: for one account from one place, from one place, and for one account. The last is high, or
/// anybody could lock anybody out.
const LIMITS: [u64; 3] = [5, 20, 50];

/// An attempt that was counted.
pub(super) struct Attempt([Key; 3]);

/// Counts an attempt before it is looked at.
pub(super) fn count(
    state: &dyn State,
    (peer, name): (IpAddr, &str),
    now: Timestamp,
) -> Result<Attempt, LogInError> {
    let peer = match Caller::from(peer) {
        Caller::Address(address) => address.to_string(),
        Caller::Named(name) => name.into(),
    };
    let names = [format!("both {peer} {name}"), format!("peer {peer}"), format!("name {name}")];
    let attempt = Attempt(names.map(|name| Key::named(ATTEMPT, &name)));
    retrying(|| {
        let mut changes = Vec::new();
        for (key, limit) in attempt.0.iter().zip(LIMITS) {
            let found = stale(state, key)?;
            let (made, since) = found.as_ref().map_or((0, now), |found| read(found, now));
            if made >= limit {
                return Err(LogInError::TooOften); // [HTTP-32]
            }
            changes.push(put(key, found.as_ref(), (made + 1, since)));
        }
        Ok(state.commit_owned(&changes))
    })?;
    Ok(attempt)
}

impl Attempt {
    /// It was the right password: this place's attempts for this account do not count any more.
    pub(super) fn forgive(self, state: &dyn State, now: Timestamp) -> Result<(), Unavailable> {
        let [both, ..] = &self.0;
        retrying(|| {
            let found = stale(state, both)?;
            let change = found.as_ref().map(|found| put(both, Some(found), (0, now)));
            Ok(state.commit_owned(change.as_slice()))
        })
    }
}

/// The record even if it has expired: until it is swept, it stands in the way of another.
fn stale(state: &dyn State, key: &Key) -> Result<Option<Record>, Unavailable> {
    let Some(beginning) = Timestamp::from_unix(0) else { return Ok(None) };
    state.get(key, beginning)
}

fn read(record: &Record, now: Timestamp) -> (u64, Timestamp) {
    let Ok(kept) = parse_object(&record.data) else { return (0, now) };
    let made = kept.get("made").and_then(Value::as_u64).unwrap_or_default();
    let since = kept.get("since").and_then(Value::as_i64).and_then(Timestamp::from_unix).unwrap_or(now);
    if since.plus(WINDOW) <= now { (0, now) } else { (made, since) }
}

fn put(key: &Key, found: Option<&Record>, (made, since): (u64, Timestamp)) -> OwnedChange {
    let data = json!({ "made": made, "since": since.unix() }).to_string();
    let expires = Some(since.plus(WINDOW));
    match found {
        None => OwnedChange::insert(key.clone(), data, expires),
        Some(found) => OwnedChange::replace(key.clone(), found.version, data, expires),
    }
}
