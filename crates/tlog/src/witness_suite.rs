//! The contract of a [`WitnessStore`] as tests, which every store runs: `witness_suite::run(&harness)` in a test of
//! its own. For tests only: a check panics where the store departs from the contract.
#![expect(clippy::unwrap_used, clippy::panic, reason = "runs in tests of stores only")]

use crate::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Hash, TreeHead},
    note::{LogKey, Origin},
    witness::{AddCheckpoint, Advance, Witness, WitnessKey, WitnessStore},
};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use std::{sync::Barrier, thread};

/// Makes the store under test. Each is used from several threads at once.
pub trait Harness {
    /// The store.
    type Store: WitnessStore + Sync;

    /// A new, empty store.
    fn create(&self) -> Self::Store;

    /// Drops `store` and opens it again. A store that is not durable returns itself.
    fn reopen(&self, store: Self::Store) -> Self::Store;
}

/// Every check, one after the other.
///
/// # Panics
/// The store departs from the contract.
pub fn run<H: Harness>(harness: &H) {
    a_step_is_made_from_the_newest_head_only(harness);
    logs_are_kept_apart(harness);
    every_size_and_name_is_kept(harness);
    one_of_many_racers_wins(harness);
    a_witness_cosigns_one_of_two_racing_checkpoints(harness);
}

/// A new store knows no log. A step from the newest head is made, and one that stays there; a step from elsewhere
/// changes nothing and says what is newest.
///
/// # Panics
/// The store departs from the contract.
pub fn a_step_is_made_from_the_newest_head_only<H: Harness>(harness: &H) {
    let store = harness.create();
    let log = name("log.example");
    let (one, two, other) = (head(1, "one"), head(2, "two"), head(1, "another one"));
    assert_eq!(store.latest(&log).unwrap(), None);
    let lost = store.advance(&log, Some(one), two).unwrap();
    assert_eq!((lost, store.latest(&log).unwrap()), (Advance::Overtaken { latest: None }, None));
    for (from, to) in [(None, one), (Some(one), one), (Some(one), two), (Some(two), two)] {
        assert_eq!(store.advance(&log, from, to).unwrap(), Advance::Done, "{from:?}");
        assert_eq!(store.latest(&log).unwrap(), Some(to), "{from:?}");
    }
    let store = harness.reopen(store);
    for from in [None, Some(one), Some(other), Some(head(2, "another two"))] {
        let lost = store.advance(&log, from, head(3, "three")).unwrap();
        assert_eq!(lost, Advance::Overtaken { latest: Some(two) }, "{from:?}");
        assert_eq!(store.latest(&log).unwrap(), Some(two), "{from:?}");
    }
}

/// What is remembered of one log says nothing about another.
///
/// # Panics
/// The store departs from the contract.
pub fn logs_are_kept_apart<H: Harness>(harness: &H) {
    let store = harness.create();
    let names = ["log.example", "log.example/", "LOG.example", "log.exampl%", "log.exampl_"].map(name);
    for (log, size) in names.iter().zip(1..) {
        assert_eq!(store.latest(log).unwrap(), None, "{log}");
        assert_eq!(store.advance(log, None, head(size, "root")).unwrap(), Advance::Done);
    }
    let store = harness.reopen(store);
    for (log, size) in names.iter().zip(1..) {
        assert_eq!(store.latest(log).unwrap(), Some(head(size, "root")), "{log}");
    }
}

/// Sizes of all 64 bits and names of 255 bytes come back as they were.
///
/// # Panics
/// The store departs from the contract.
pub fn every_size_and_name_is_kept<H: Harness>(harness: &H) {
    let store = harness.create();
    let log = name(&"x".repeat(255));
    let mut from = None;
    for size in [0, 1, 1 << 31, 1 << 32, (1 << 53) + 1, 1 << 63, u64::MAX] {
        let to = head(size, "root");
        assert_eq!(store.advance(&log, from, to).unwrap(), Advance::Done, "{size}");
        from = Some(to);
        assert_eq!(store.latest(&log).unwrap(), from, "{size}");
    }
    assert_eq!(harness.reopen(store).latest(&log).unwrap(), from);
}

/// Of many steps from one head at the same time exactly one is made, and the others learn of it.
///
/// # Panics
/// The store departs from the contract.
pub fn one_of_many_racers_wins<H: Harness>(harness: &H) {
    let store = harness.create();
    let log = name("log.example");
    let mut from = None;
    for round in 0..20_u64 {
        let start = Barrier::new(8);
        let racer = |number: u64| {
            let to = head(round + 1, &format!("{round}-{number}"));
            start.wait();
            (to, store.advance(&log, from, to).unwrap())
        };
        let results: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..8).map(|number| scope.spawn(move || racer(number))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let newest = store.latest(&log).unwrap();
        let winners: Vec<_> = results.iter().filter(|(_, step)| *step == Advance::Done).collect();
        assert_eq!(winners.len(), 1, "round {round}");
        for (to, step) in &results {
            match step {
                Advance::Done => assert_eq!(newest, Some(*to)),
                Advance::Overtaken { latest } => assert_eq!(*latest, newest),
            }
        }
        from = newest;
    }
}

/// The race that the specification describes: two checkpoints are offered from the same size at the same time. One is
/// cosigned and stays the newest; the other is answered with a conflict.
///
/// # Panics
/// The store departs from the contract.
pub fn a_witness_cosigns_one_of_two_racing_checkpoints<H: Harness>(harness: &H) {
    let log = key(1);
    let log_key = LogKey::new(name("log.example"), log.verifying_key().clone()).unwrap();
    let log = KeySigner::new("did:example:log#key".parse().unwrap(), log);
    let own = key(2);
    let own_key = CosignerKey::new("witness.example".parse().unwrap(), own.verifying_key().clone()).unwrap();
    let own = WitnessKey::new(own_key, KeySigner::new("did:example:w#key".parse().unwrap(), own));
    let witness = Witness::new(vec![log_key.clone()], vec![own], harness.create());
    let heads = [head(5, "five"), head(8, "eight")];
    let bodies = heads.map(|head| {
        let checkpoint = SignedCheckpoint::sign(head, &log_key, &log).unwrap();
        AddCheckpoint { old: 0, proof: Vec::new(), checkpoint }.to_string()
    });
    let now = Timestamp::from_unix(1_800_000_000).unwrap();
    let (start, witness) = (Barrier::new(2), &witness);
    let statuses = thread::scope(|scope| {
        let offers = bodies.each_ref().map(|body| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                witness.answer(body.as_bytes(), now).status()
            })
        });
        offers.map(|offer| offer.join().unwrap())
    });
    let newest = match statuses {
        [200, 409] => heads.first(),
        [409, 200] => heads.last(),
        other => panic!("both or neither cosigned: {other:?}"),
    };
    assert_eq!(witness.store().latest(log_key.name()).unwrap().as_ref(), newest);
}

fn name(text: &str) -> Origin {
    text.parse().unwrap()
}

fn head(size: u64, seed: &str) -> TreeHead {
    let root = if size == 0 { Hash::of_empty_tree() } else { Hash::leaf(seed.as_bytes()) };
    TreeHead { size, root }
}

/// Always the same key.
fn key(seed: u8) -> SigningKey {
    struct Same(u8);
    impl Entropy for Same {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }
    SigningKey::generate(Algorithm::Ed25519, &mut Same(seed))
}
