//! What a thief of a lower recovery key, or of an update key, cannot do to who holds the highest recovery key.

use crate::world::{World, by, create, document, origin, update_key};
use sinpyo_core::{did::Did, jcs};
use sinpyo_registry::{
    Operation,
    did_tlog::{Control, DidHead, DidVersion, deactivate, recover, rotate, update},
    engine::{EngineError, LogEngine, Position, Sequencing, StateView},
};
use std::cell::Cell;

/// Organisation 7 with recovery keys 70, the highest, and 71.
fn recoverable(world: &World) -> Did {
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70)).recovered_by(&update_key(71));
    world.submit(create(7, control)).unwrap().did
}

fn base(world: &World, did: &Did, number: u64) -> DidHead {
    world.ledger().recoverable(did, number).unwrap().unwrap()
}

/// The thief's recovery to `base` with key 71: with keys of its own, the only ones.
fn takeover(did: &Did, base: &DidHead) -> Vec<u8> {
    let control = Control::by(&update_key(66)).recovered_by(&update_key(67));
    by(71, recover(base, &origin(), &document(did, 66), control)).as_bytes().to_vec()
}

fn rescue(base: &DidHead) -> Vec<u8> {
    by(70, recover(base, &origin(), base.document(), Control::by(&update_key(8)))).as_bytes().to_vec()
}

/// Without the checkpoints of [`World::submit`].
fn append(world: &World, operation: &Operation<DidVersion>) {
    world.append(operation.as_bytes()).unwrap();
}

#[test]
fn a_lower_recovery_key_undoes_nothing_of_a_higher_one() {
    for step in ["deactivation", "removal", "update"] {
        let world = World::new();
        let did = recoverable(&world);
        // An ordinary update stands between the version that the thief goes back to and what the highest key did.
        append(&world, &by(7, update(&world.head(&did), &origin(), &document(&did, 7), None)));
        let head = world.head(&did);
        let alone = Control::by(&update_key(8)).recovered_by(&update_key(70));
        match step {
            "deactivation" => append(&world, &by(70, deactivate(&head, &origin()))),
            "removal" => append(&world, &by(70, rotate(&head, &origin(), alone))),
            // One by whom the highest key made its update key: that stands on what the highest did.
            _ => {
                append(&world, &by(70, rotate(&head, &origin(), Control::by(&update_key(8)))));
                append(&world, &by(8, update(&world.head(&did), &origin(), &document(&did, 9), None)));
            }
        }
        let before = world.head(&did);
        assert_eq!(world.append(&takeover(&did, &base(&world, &did, 1))), Err("TLOG-28".into()), "{step}");
        if step != "update" {
            assert_eq!(
                world.append(&takeover(&did, &base(&world, &did, 2))),
                Err("TLOG-28".into()),
                "{step}"
            );
        }
        assert_eq!(world.head(&did), before);
    }
    // What only update keys signed it does set aside: the control.
    let world = World::new();
    let did = recoverable(&world);
    append(&world, &by(7, update(&world.head(&did), &origin(), &document(&did, 7), None)));
    append(&world, &by(7, deactivate(&world.head(&did), &origin())));
    assert!(world.append(&takeover(&did, &base(&world, &did, 1))).is_ok());
    // And the highest sets that aside again.
    assert!(world.append(&rescue(&base(&world, &did, 1))).is_ok());
}

/// With key 71 the thief makes `count` recoveries of what it did itself.
fn exhaust(world: &World, did: &Did, count: usize) {
    let own = || Control::by(&update_key(66));
    let head = world.head(did);
    append(world, &by(71, update(&head, &origin(), &document(did, 66), Some(own()))));
    for _ in 0..count {
        let head = world.head(did);
        append(world, &by(66, update(&head, &origin(), &document(did, 66), None)));
        append(world, &by(71, recover(&head, &origin(), head.document(), own())));
    }
}

#[test]
fn a_lower_recovery_key_does_not_use_up_the_recoveries_of_a_higher_one() {
    let world = World::new();
    let did = recoverable(&world);
    let first = world.head(&did);
    exhaust(&world, &did, 256);
    // The thief itself has come to the end.
    let head = world.head(&did);
    append(&world, &by(66, update(&head, &origin(), &document(&did, 66), None)));
    let more = by(71, recover(&head, &origin(), head.document(), Control::by(&update_key(66))));
    assert_eq!(world.append(more.as_bytes()), Err("TLOG-30".into()));
    assert!(world.append(&rescue(&first)).is_ok());
    // Nor later: what was set aside is not counted again, only the rescue itself.
    let rescued = world.head(&did);
    exhaust(&world, &did, 255);
    assert!(world.append(&rescue(&rescued)).is_ok());
    assert_eq!(world.head(&did).update_keys()[0].as_str(), update_key(8).to_multikey().to_string());
}

/// Counts what is read of the state.
struct Counting<'a>(&'a dyn StateView, Cell<usize>);

impl StateView for Counting<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.1.set(self.1.get() + 1);
        self.0.get(key)
    }
}

/// SECURITY: nothing is searched for an operation whose proof does not verify.
#[test]
fn a_forged_recovery_costs_no_search() {
    let world = World::new();
    let did = recoverable(&world);
    let first = world.head(&did);
    for _ in 0..300 {
        append(&world, &by(7, update(&world.head(&did), &origin(), &document(&did, 7), None)));
    }
    let genuine = rescue(&first);
    let mut forged = sinpyo_core::json::parse_object(&genuine).unwrap();
    let other = by(70, recover(&first, &origin(), &document(&did, 9), Control::by(&update_key(8))));
    let other = sinpyo_core::json::parse_object(other.as_bytes()).unwrap();
    forged["proof"]["proofValue"] = other["proof"]["proofValue"].clone();
    let state = world.engine.state().unwrap();
    let reads = |operation: &[u8]| {
        let counting = Counting(&*state, Cell::new(0));
        let at = Position { index: 400, time: world.now() };
        let result = sinpyo_registry::Fold::new(origin()).sequence(&counting, at, operation);
        (result.err().and_then(|refusal| refusal.code()), counting.1.get())
    };
    let (refused, cheap) = reads(&jcs::canonicalize_object(&forged));
    assert_eq!(refused, Some("TLOG-11"));
    assert!(cheap < 20, "{cheap} reads");
    let (taken, dear) = reads(&genuine);
    assert_eq!(taken, None);
    assert!(dear > 300, "{dear} reads");
}
