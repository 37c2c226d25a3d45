//! What an election's log takes, at every point of the election.

use super::{HELD, OK, SKIPPED, event, time_at, unsigned};
use crate::{Outcome, world::Entry};
use serde_json::{Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json as strict,
    time::Timestamp,
};
use sinpyo_registry::engine::{EngineError, Position, Sequencing as _, StateView, StateWrite};
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Check, OneThread, Outcome as Checked, examine},
    election::{KeyCeremony, Rules},
};
use std::{collections::BTreeMap, sync::LazyLock};

/// State as an engine keeps it.
#[derive(Clone, Default)]
struct Kept(BTreeMap<Vec<u8>, Vec<u8>>);

impl StateView for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}

impl Kept {
    fn keep(&mut self, writes: Vec<StateWrite>) {
        for write in writes {
            let value = write.value.expect("nothing is forgotten");
            assert!(write.key.len() <= 64 && value.len() <= 65_000, "{} bytes", value.len());
            self.0.insert(write.key, value);
        }
    }
}

/// A log while it grows.
struct Growing {
    rules: Rules,
    /// Of another node over the same log.
    others: Rules,
    state: Kept,
    entries: Vec<Vec<u8>>,
    now: Timestamp,
}

impl Growing {
    fn new(state: Kept, entries: Vec<Vec<u8>>, now: Timestamp) -> Self {
        Self { rules: Rules::new(), others: Rules::new(), state, entries, now }
    }

    /// Takes `submission`, or says which rule forbids it. Whoever replays comes to the same.
    fn append(&mut self, submission: &[u8]) -> Result<(), Outcome> {
        let index = u64::try_from(self.entries.len()).expect("a few entries");
        let at = Position { index, time: self.now };
        let new = self.rules.sequence(&self.state, at, submission);
        let again = self.others.sequence(&self.state, at, submission);
        let new = match new {
            Ok(new) => new,
            Err(refusal) => {
                let again = again.err().and_then(|refusal| refusal.code());
                assert_eq!(again, refusal.code(), "another node says otherwise");
                return Err(refusal.code().unwrap_or("engine"));
            }
        };
        assert_eq!(new.entry, submission, "what is in the log is what was sent");
        let replayed = self.others.replay(&self.state, index, submission).expect("a lawful entry");
        assert_eq!(new.writes, replayed);
        self.state.keep(new.writes);
        self.entries.push(new.entry);
        Ok(())
    }

    /// The ceremony as whoever saw all of it, and whoever reads it now, know it.
    fn check_ceremony(&self) {
        let Ok(seen) = self.rules.ceremony(&self.state) else { return };
        let read = Rules::new().ceremony(&self.state).expect("it was there");
        let told = |ceremony: &KeyCeremony| {
            let keys = ceremony.seen().joint_keys().map(|keys| *keys.hash());
            (ceremony.seen().phase(), ceremony.seen().faults().collect::<Vec<_>>(), keys)
        };
        assert_eq!(told(&seen), told(&read));
        if let Ok(keys) = seen.seen().joint_keys() {
            assert!(keys.qualified().count() >= usize::try_from(keys.threshold()).unwrap_or(usize::MAX));
            assert!(keys.qualified().all(|trustee| seen.seen().fault(trustee).is_none()), "one who is out");
        }
    }

    /// An auditor has nothing against the log of a board that keeps to the rules.
    fn audit(self) {
        let record = HELD.heads.record(self.entries);
        let seen = examine(&record, &OneThread, &mut TestEntropy::new(9)).expect("a record in memory");
        let verdict = seen.report.verdicts.iter().find(|verdict| verdict.check == Check::Log);
        let failed = seen.report.outcome(Check::Log) == Checked::Failed;
        assert!(!failed, "the board took what an auditor objects to: {verdict:?}");
    }
}

/// The log after each of the election's entries.
static STATES: LazyLock<Vec<Kept>> = LazyLock::new(|| {
    let (rules, mut state) = (Rules::new(), Kept::default());
    let mut states = vec![state.clone()];
    for (index, entry) in (0..).zip(&HELD.entries) {
        let writes = rules.replay(&state, index, &entry.bytes).expect("a lawful entry");
        state.keep(writes);
        states.push(state.clone());
    }
    states
});

pub(super) fn histories() -> Vec<Vec<u8>> {
    let line = |entry: &Entry| match entry.by {
        Some(_) => Value::Object(unsigned(entry)),
        None => json!({"ballot": to_base64url(&entry.bytes)}),
    };
    let from = |place: usize, count: usize| {
        let lines = HELD.entries.iter().skip(place).take(count).map(line);
        let lines: Vec<String> =
            [json!({"at": place})].into_iter().chain(lines).map(|line| line.to_string()).collect();
        lines.join("\n").into_bytes()
    };
    // A few of each part: after each of them the log is audited, which takes its time.
    let ceremony = [0, 8].map(|place| from(place, 8));
    let rest = ["strike", "withdraw", "close"].map(|label| from(HELD.place(label), 4));
    ceremony.into_iter().chain(rest).collect()
}

/// The first line says how many entries come before; each other one is signed and sent.
pub(super) fn append(input: &[u8]) -> Outcome {
    let mut lines = input.split(|byte| *byte == b'\n').take(64);
    let Some(place) = lines.next().and_then(|line| strict::parse_object(line).ok()) else { return SKIPPED };
    let place = place.get("at").and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
    let Some((place, state)) = place.and_then(|place| Some((place, STATES.get(place)?))) else {
        return SKIPPED;
    };
    let entries = HELD.entries.iter().take(place).map(|entry| entry.bytes.clone()).collect();
    let mut log = Growing::new(state.clone(), entries, time_at(place));
    let (mut refused, mut calls) = (None, false);
    let now = log.now;
    for submission in lines.filter_map(|line| submission(line, now)) {
        match log.append(&submission) {
            Ok(()) => calls |= is_call(&submission),
            Err(rule) => refused = refused.or(Some(rule)),
        }
    }
    log.check_ceremony();
    let taken = log.entries.len() > place;
    // Who calls anew may name another log and other witnesses, who did not sign here.
    if taken && !calls {
        log.audit();
    }
    refused.unwrap_or(if taken { OK } else { SKIPPED })
}

fn submission(line: &[u8], now: Timestamp) -> Option<Vec<u8>> {
    let members = strict::parse_object(line).ok()?;
    match members.get("ballot").and_then(Value::as_str) {
        Some(ballot) => from_base64url(ballot).ok(),
        None => event::sign(&members, now),
    }
}

fn is_call(submission: &[u8]) -> bool {
    let event = strict::parse_object(submission).ok();
    event.is_some_and(|event| event.get("type").and_then(Value::as_str) == Some("manifest"))
}
