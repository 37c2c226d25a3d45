//! A did:tlog through the log's statements of what is newest.

use crate::tlog::{World, document, log_key};
use sinpyo_core::resolved::VersionSelector;
use sinpyo_registry::{did_tlog::ResolutionProof, heads::Recency};
use sinpyo_resolver::{LogQuery, Resolution, ResolveError, resolve};
use sinpyo_tlog::{note::LogKey, policy::Policy};
use std::time::Duration;

fn query(world: &World, selector: &VersionSelector) -> LogQuery {
    match resolve(world.did(), selector).unwrap() {
        Resolution::Log(query) => query,
        other => panic!("{other:?}"),
    }
}

fn code(world: &World, selector: &VersionSelector, proof: &ResolutionProof) -> Option<&'static str> {
    query(world, selector).answer(proof, &log_key()).err().map(|error| error.code())
}

fn stated(world: &World, selector: &VersionSelector) -> ResolutionProof {
    world.ledger().prove_latest(world.did(), selector, world.now()).unwrap()
}

fn unstated(world: &World, selector: &VersionSelector) -> ResolutionProof {
    world.ledger().prove(world.did(), selector).unwrap()
}

/// TLOG-36: taking the statement out of an answer does not make it one that needs none.
#[test]
fn a_log_that_can_state_what_is_newest_has_to() {
    let world = World::new();
    let latest = VersionSelector::Latest;
    assert_eq!(code(&world, &latest, &stated(&world, &latest)), None);
    assert_eq!(code(&world, &latest, &unstated(&world, &latest)), Some("TLOG-36"));
    // A version by its name stays what it is, with and without.
    let first = VersionSelector::Id(world.newest().metadata.version_id.unwrap());
    assert_eq!(code(&world, &first, &stated(&world, &first)), None);
    assert_eq!(code(&world, &first, &unstated(&world, &first)), None);
    let plain = World::with_heads(false);
    assert_eq!(code(&plain, &latest, &unstated(&plain, &latest)), None);
    // A policy is as good as a key; that of another log is not.
    let stated = stated(&world, &latest);
    assert!(query(&world, &latest).answer(&stated, &Policy::of_log(log_key())).is_ok());
    let other =
        LogKey::new("ledger.invalid/2026".parse().unwrap(), log_key().verifying_key().clone()).unwrap();
    assert!(query(&world, &latest).answer(&stated, &Policy::of_log(other)).is_err());
}

/// TLOG-37: a genuine statement that goes with another history, or that is too old.
#[test]
fn a_stale_answer_is_refused() {
    let world = World::new();
    let latest = VersionSelector::Latest;
    let old = stated(&world, &latest);
    world.later(60);
    world.update(&document(world.did(), 2));
    let new = stated(&world, &latest);
    // The version before, under the newer checkpoint with its newer statement.
    let mut spliced: serde_json::Value = serde_json::from_str(&new.to_string()).unwrap();
    spliced["entries"].as_array_mut().unwrap().pop();
    let spliced: ResolutionProof = spliced.to_string().parse().unwrap();
    let first = VersionSelector::Id(
        query(&world, &latest).answer(&old, &log_key()).unwrap().into_resolved().metadata.version_id.unwrap(),
    );
    assert_eq!(code(&world, &latest, &spliced), Some("TLOG-37"));
    assert_eq!(code(&world, &first, &spliced), Some("TLOG-37"));
    assert_eq!(code(&world, &first, &new), None);
    // The old answer is genuine; what was seen, or the clock, tells that it is old.
    assert_eq!(code(&world, &latest, &old), None);
    let seen = query(&world, &latest).answer(&new, &log_key()).unwrap();
    let minute = Duration::from_secs(59);
    for recency in
        [Recency::default().not_before(seen.checkpoint()), Recency::default().within(minute, world.now())]
    {
        let refused = query(&world, &latest).answer_within(&old, &log_key(), &recency).unwrap_err();
        assert!(matches!(refused, ResolveError::Stale(_)), "{refused:?}");
        assert_eq!(refused.code(), "TLOG-37");
        assert!(query(&world, &latest).answer_within(&new, &log_key(), &recency).is_ok());
    }
}
