//! Elections on a log that runs the rules.

mod log;
mod programs;
mod rules;

use crate::{
    people::{box_of, key_of, manifest_body, re_votes, token_spki, voter_plan, votes},
    record_of::Heads,
    world::{ELECTION, Entry, Plan, START, World, flipped},
};
use serde_json::{Value, json};
use sinpyo_ballot::{
    ceremony::TrusteeNumber,
    credential::{Binding, VoterSecret},
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, prove},
    ring::Ring,
};
use sinpyo_blind_rsa::{KeySize, SecretKey};
use sinpyo_core::{
    Secret,
    encoding::to_base64url,
    time::{Clock, Timestamp},
};
use sinpyo_registry::engine::{AppendError, EngineError, LogEngine, Position, Sequencing, StateView};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Check, Examined, OneThread, Outcome, examine},
    ballots::{BallotBox, Reason, Settings},
    election::{Election, Rules, Submission, done},
    event::{Body, Closing, EventDraft, FrozenDistrict, Registration, RingsMade, Role},
    manifest::Manifest,
    phase::Phase,
    record::EngineRecord,
    roll::beacon_values,
    trustee::{Custody, Unwilling},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A clock that a test sets.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn time_of(entry: &Entry) -> Option<i64> {
    let event: Value = serde_json::from_slice(&entry.bytes).ok()?;
    Some(event["time"].as_str()?.parse::<Timestamp>().ok()?.unix())
}

/// Hands a log every entry of `world` at its time; the first that is refused, and why.
fn first_refusal(world: &World) -> Option<(String, &'static str)> {
    let hand = Hand::new();
    let log = MemoryLog::new(Rules::new(), hand.clone());
    for entry in &world.entries {
        if let Some(time) = time_of(entry) {
            hand.set(time);
        }
        match log.append(vec![entry.bytes.clone()]).remove(0) {
            Ok(appended) if appended.repeated => return Some((entry.label.clone(), "repeated")),
            Ok(_) => {}
            Err(error) => return Some((entry.label.clone(), error.code().expect("no rule"))),
        }
    }
    None
}

#[test]
fn a_lawful_record_is_taken_entry_by_entry() {
    for (token, first_counts) in [(false, false), (false, true), (true, false)] {
        let world = World::run(Plan { token, first_counts, ..Plan::USUAL });
        assert_eq!(first_refusal(&world), None);
    }
}
