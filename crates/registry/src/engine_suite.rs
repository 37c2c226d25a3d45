//! The contract of a [`LogEngine`] as tests, which every engine runs: `engine_suite::run(&harness)` in a test of
//! its own.
//!
//! Each `#[test]` of an engine's crate may also call one check alone. A check panics where the engine departs from
//! the contract; this module is for tests only.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "runs in tests of engines only")]

use crate::engine::{
    AppendError, EngineError, LogEngine, MAX_SUBMISSION, NewEntry, Position, PublishError, Refusal,
    Sequencing, StateView, StateWrite,
};
use sinpyo_core::{
    key::Entropy,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Frontier, Hash, TreeHead, prove_inclusion},
    note::LogKey,
    tile::{TileId, TileNodes},
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Makes the engine under test.
pub trait Harness {
    /// An engine on a new, empty log.
    fn create(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine>;

    /// Drops `engine` and opens its log again. An engine without durable storage returns itself.
    fn reopen(
        &self,
        engine: Box<dyn LogEngine>,
        sequencing: Counting,
        clock: SuiteClock,
    ) -> Box<dyn LogEngine>;
}

/// Every check, one after the other.
///
/// # Panics
/// The engine departs from the contract.
pub fn run(harness: &dyn Harness) {
    an_empty_log_has_the_empty_root(harness);
    entries_tree_and_state_move_together(harness);
    a_refused_submission_leaves_no_trace(harness);
    a_repeated_submission_is_not_appended_again(harness);
    lengths_are_bounded(harness);
    ledger_time_never_goes_back(harness);
    tiles_and_proofs_agree_with_the_root(harness);
    published_checkpoints_never_shrink_or_fork(harness);
    everything_survives_reopening(harness);
}

/// An empty log has size 0 and the root of the empty tree, and nothing to read.
///
/// # Panics
/// The engine departs from the contract.
pub fn an_empty_log_has_the_empty_root(harness: &dyn Harness) {
    let log = Bench::new(harness).engine;
    assert_eq!(log.head().unwrap(), TreeHead { size: 0, root: Hash::of_empty_tree() });
    assert!(log.entries(0..0).unwrap().is_empty());
    assert!(matches!(log.entries(0..1), Err(EngineError::OutsideLog)));
    assert!(matches!(log.tile(TileId::new(0, 0, 1).unwrap()), Err(EngineError::OutsideLog)));
    assert_eq!(log.checkpoint().unwrap(), None);
    assert!(log.append(Vec::new()).is_empty());
}

/// Entries come back as sequenced, in order; the root is that of a tree built here; the state is what the entries
/// wrote, and each sequencing sees what the one before it in the same batch wrote.
///
/// # Panics
/// The engine departs from the contract.
pub fn entries_tree_and_state_move_together(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    let results = bench.engine.append(texts(&["+a", "+b", "+a again", "-b"]));
    let indices: Vec<u64> = results.into_iter().map(|result| result.unwrap().index).collect();
    assert_eq!(indices, [0, 1, 2, 3]);
    let entries = bench.engine.entries(0..4).unwrap();
    assert_eq!(entries, texts(&["0 1000 +a", "1 1000 +b", "2 1000 +a again", "3 1000 -b"]));
    assert_eq!(bench.engine.entries(1..3).unwrap(), entries[1..3]);
    assert_eq!(bench.engine.head().unwrap(), tree(&entries));
    let state = bench.engine.state().unwrap();
    assert_eq!(state.get(b"a").unwrap().unwrap(), b"2", "counts both, one batch");
    assert_eq!(state.get(b"b").unwrap(), None, "deleted again");
    assert!(matches!(bench.engine.entries(0..5), Err(EngineError::OutsideLog)));
    assert!(matches!(bench.engine.entries(4..5), Err(EngineError::OutsideLog)));
}

/// A refused submission takes no index, writes no state, and does not disturb its neighbours; sent again later it
/// is judged again.
///
/// # Panics
/// The engine departs from the contract.
pub fn a_refused_submission_leaves_no_trace(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    let results = bench.engine.append(texts(&["+a", "!x", "+c"]));
    assert_eq!(results[0].as_ref().unwrap().index, 0);
    let refused = results[1].as_ref().unwrap_err();
    assert_eq!(refused.code(), Some("SUITE"), "{refused:?}");
    assert_eq!(results[2].as_ref().unwrap().index, 1);
    assert_eq!(bench.engine.head().unwrap().size, 2);
    assert_eq!(bench.engine.state().unwrap().get(b"x").unwrap(), None);
    let again = &bench.engine.append(texts(&["!x"]))[0];
    assert_eq!(again.as_ref().unwrap_err().code(), Some("SUITE"));
}

/// The same bytes are appended once, within a batch and across batches.
///
/// # Panics
/// The engine departs from the contract.
pub fn a_repeated_submission_is_not_appended_again(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    let results: Vec<_> =
        bench.engine.append(texts(&["+a", "+b", "+a"])).into_iter().map(Result::unwrap).collect();
    assert_eq!(
        results.iter().map(|r| (r.index, r.repeated)).collect::<Vec<_>>(),
        [(0, false), (1, false), (0, true)]
    );
    let again = bench.engine.append(texts(&["+b"])).remove(0).unwrap();
    assert_eq!((again.index, again.repeated), (1, true));
    assert_eq!(bench.engine.head().unwrap().size, 2);
    assert_eq!(bench.engine.state().unwrap().get(b"a").unwrap().unwrap(), b"1");
}

/// Nothing empty, nothing above [`MAX_SUBMISSION`]; that length itself is taken.
///
/// # Panics
/// The engine departs from the contract.
pub fn lengths_are_bounded(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    let sized = |length: usize| [b"+".as_slice(), &vec![b'k'; length - 1]].concat();
    let results = bench.engine.append(vec![Vec::new(), sized(MAX_SUBMISSION), sized(MAX_SUBMISSION + 1)]);
    assert!(matches!(results[0], Err(AppendError::Length)));
    assert_eq!(results[1].as_ref().unwrap().index, 0);
    assert!(matches!(results[2], Err(AppendError::Length)));
    assert_eq!(bench.engine.head().unwrap().size, 1);
}

/// A clock that goes back stops ledger time, also after reopening.
///
/// # Panics
/// The engine departs from the contract.
pub fn ledger_time_never_goes_back(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    bench.append("+a");
    bench.clock.store(1500, Ordering::SeqCst);
    bench.append("+b");
    bench.clock.store(900, Ordering::SeqCst);
    bench.append("+c");
    let bench = bench.reopen(harness);
    bench.append("+d");
    bench.clock.store(1501, Ordering::SeqCst);
    bench.append("+e");
    let times: Vec<String> = bench
        .engine
        .entries(0..5)
        .unwrap()
        .into_iter()
        .map(|entry| String::from_utf8(entry).unwrap().split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(times, ["1000", "1500", "1500", "1500", "1501"]);
}

/// Tiles of every width reached hold the right hashes, and proofs made through them verify at every size.
///
/// # Panics
/// The engine departs from the contract.
pub fn tiles_and_proofs_agree_with_the_root(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    let mut heads = vec![bench.engine.head().unwrap()];
    for batch in [1, 254, 1, 1, 300, 200] {
        let start = heads.last().unwrap().size;
        let keys: Vec<String> = (start..start + batch).map(|number| format!("+{number}")).collect();
        let results = bench.engine.append(keys.iter().map(|key| key.as_bytes().to_vec()).collect());
        assert!(results.iter().all(Result::is_ok));
        heads.push(bench.engine.head().unwrap());
    }
    let entries = bench.engine.entries(0..757).unwrap();
    let leaves: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
    for head in &heads {
        let size = usize::try_from(head.size).unwrap();
        assert_eq!(*head, tree(&entries[..size]));
        for index in (0..head.size).step_by(37) {
            let nodes = TileNodes::new(&*bench.engine, head.size);
            let path = prove_inclusion(&nodes, index, head.size).unwrap();
            let leaf = leaves[usize::try_from(index).unwrap()];
            assert_eq!(head.verify_inclusion(leaf, index, &path).unwrap().index(), index);
        }
    }
    let row = |range: std::ops::Range<usize>| -> Vec<u8> {
        leaves[range].iter().flat_map(|hash| *hash.as_bytes()).collect()
    };
    let tile = |level, index, width| bench.engine.tile(TileId::new(level, index, width).unwrap());
    assert_eq!(tile(0, 0, 256).unwrap(), row(0..256));
    assert_eq!(tile(0, 0, 3).unwrap(), row(0..3), "a narrower view of a full tile");
    assert_eq!(tile(0, 2, 245).unwrap(), row(512..757));
    assert!(matches!(tile(0, 2, 246), Err(EngineError::OutsideLog)));
    let first = tree(&entries[..256]).root;
    assert_eq!(tile(1, 0, 2).unwrap()[..32], *first.as_bytes());
    assert!(matches!(tile(1, 0, 3), Err(EngineError::OutsideLog)));
    assert!(matches!(tile(2, 0, 1), Err(EngineError::OutsideLog)));
}

/// What is published once is never taken back.
///
/// # Panics
/// The engine departs from the contract.
pub fn published_checkpoints_never_shrink_or_fork(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    bench.append("+a");
    let one = bench.engine.head().unwrap();
    bench.append("+b");
    let two = bench.engine.head().unwrap();
    let forged = TreeHead { root: one.root, ..two };
    let ahead = TreeHead { size: 3, ..two };
    let publish = |head| bench.engine.publish(&signed(head));

    publish(one).unwrap();
    assert!(matches!(publish(TreeHead { root: two.root, ..one }), Err(PublishError::Fork)));
    assert!(matches!(publish(forged), Err(PublishError::Fork)));
    assert!(matches!(publish(ahead), Err(PublishError::Ahead)));
    assert_eq!(bench.engine.checkpoint().unwrap(), Some(signed(one)), "refused ones change nothing");
    publish(two).unwrap();
    publish(two).unwrap();
    assert!(matches!(publish(one), Err(PublishError::Shrinks)));
    let bench = bench.reopen(harness);
    assert_eq!(bench.engine.checkpoint().unwrap(), Some(signed(two)));
    assert!(matches!(bench.engine.publish(&signed(one)), Err(PublishError::Shrinks)));
}

/// Entries, head, state and the memory of repeated submissions are there after reopening, and the log goes on.
///
/// # Panics
/// The engine departs from the contract.
pub fn everything_survives_reopening(harness: &dyn Harness) {
    let bench = Bench::new(harness);
    bench.append("+a");
    bench.append("+b");
    let (head, entries) = (bench.engine.head().unwrap(), bench.engine.entries(0..2).unwrap());
    let bench = bench.reopen(harness);
    assert_eq!(bench.engine.head().unwrap(), head);
    assert_eq!(bench.engine.entries(0..2).unwrap(), entries);
    assert_eq!(bench.engine.state().unwrap().get(b"b").unwrap().unwrap(), b"1");
    assert!(bench.engine.append(texts(&["+a"])).remove(0).unwrap().repeated);
    bench.append("+a once more");
    assert_eq!(bench.engine.state().unwrap().get(b"a").unwrap().unwrap(), b"2");
    assert_eq!(bench.engine.head().unwrap(), tree(&bench.engine.entries(0..3).unwrap()));
}

/// An engine with the sequencing and the clock of this suite.
struct Bench {
    engine: Box<dyn LogEngine>,
    clock: Arc<AtomicI64>,
}

impl Bench {
    fn new(harness: &dyn Harness) -> Self {
        let clock = Arc::new(AtomicI64::new(1000));
        Self { engine: harness.create(Counting, SuiteClock(Arc::clone(&clock))), clock }
    }

    fn reopen(self, harness: &dyn Harness) -> Self {
        let clock = SuiteClock(Arc::clone(&self.clock));
        Self { engine: harness.reopen(self.engine, Counting, clock), clock: self.clock }
    }

    fn append(&self, submission: &str) {
        let appended = self.engine.append(texts(&[submission])).remove(0).unwrap();
        assert!(!appended.repeated);
    }
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn tree(entries: &[Vec<u8>]) -> TreeHead {
    let mut frontier = Frontier::new();
    for entry in entries {
        frontier.append(Hash::leaf(entry));
    }
    frontier.head()
}

/// The clock that the checks set.
#[derive(Clone, Debug)]
pub struct SuiteClock(Arc<AtomicI64>);

impl Clock for SuiteClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// `+key …` counts up the value of `key`, `-key` deletes it, anything else is refused; the entry is index, time and
/// submission.
#[derive(Clone, Copy, Debug)]
pub struct Counting;

impl Sequencing for Counting {
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        let writes = Self::fold(state, submission)?;
        let place = format!("{} {} ", at.index, at.time.unix());
        Ok(NewEntry { entry: [place.as_bytes(), submission].concat(), writes })
    }

    fn replay(&self, state: &dyn StateView, _: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        let submission = entry.splitn(3, |byte| *byte == b' ').nth(2).unwrap();
        Self::fold(state, submission)
    }
}

impl Counting {
    fn fold(state: &dyn StateView, submission: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        let key = submission[1..].split(|byte| *byte == b' ').next().unwrap().to_vec();
        let value = match submission[0] {
            b'+' => {
                let old = state.get(&key).map_err(Refusal::Engine)?.unwrap_or_else(|| b"0".to_vec());
                let count: u64 = String::from_utf8(old).unwrap().parse().unwrap();
                Some((count + 1).to_string().into_bytes())
            }
            b'-' => None,
            _ => return Err(Refusal::Rule { code: "SUITE", reason: "refused by the suite".into() }),
        };
        Ok(vec![StateWrite { key, value }])
    }
}

fn signed(head: TreeHead) -> SignedCheckpoint {
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(7);
        }
    }
    let key = SigningKey::generate(Algorithm::Ed25519, &mut Fixed);
    let log = LogKey::new("suite.example".parse().unwrap(), key.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:log#key".parse().unwrap(), key);
    SignedCheckpoint::sign(head, &log, &signer).unwrap()
}
