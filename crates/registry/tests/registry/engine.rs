//! The contract of an engine, run on the one in memory.

use sinpyo_registry::{
    engine::{LogEngine, Opaque},
    engine_suite::{self, Counting, Harness, SuiteClock},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::FixedClock;

struct InMemory;

impl Harness for InMemory {
    fn create(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine> {
        Box::new(MemoryLog::new(sequencing, clock))
    }

    fn reopen(&self, engine: Box<dyn LogEngine>, _: Counting, _: SuiteClock) -> Box<dyn LogEngine> {
        engine
    }
}

#[test]
fn published_checkpoints_never_shrink_or_fork() {
    engine_suite::published_checkpoints_never_shrink_or_fork(&InMemory);
}

#[test]
fn submissions_have_bounded_lengths() {
    engine_suite::lengths_are_bounded(&InMemory);
}

#[test]
fn an_opaque_submission_is_its_own_entry() {
    let log = MemoryLog::new(Opaque, FixedClock(crate::world::start()));
    assert!(log.append(vec![b"anything".to_vec()]).iter().all(Result::is_ok));
    assert_eq!(log.entries(0..1).unwrap(), [b"anything"]);
}
