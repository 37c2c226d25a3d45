//! Whether the log takes operations.

use crate::{
    submit::Broken,
    world::{World, log_key, now, organisation, origin, refused},
};
use http::{Request, Response};
use serde_json::json;
use sinpyo_registry::{Fold, Ledger, LedgerKeys, engine::LogEngine};
use sinpyo_registry_api::{Answer, Api, Settings};
use sinpyo_store::SqliteLog;
use sinpyo_testkit::FixedClock;

fn health(api: &Api<'_>) -> Response<Vec<u8>> {
    match api.answer(&Request::get("/healthz").body("").unwrap(), now()) {
        Answer::Whole(response) => response,
        Answer::Stream(_) => panic!("a stream"),
    }
}

#[test]
fn a_log_that_takes_nothing_is_not_healthy() {
    let world = World::new();
    assert_eq!(world.json("/healthz"), json!({"status": "ok"}));
    assert_eq!(world.size(), 2, "asking leaves no trace");
    assert_eq!(refused(&health(&Api { engine: &Broken, ..world.api() })), (503, "RGA-21"));
}

/// A log that stopped still reads, so that only its writer tells.
#[test]
fn a_log_that_stopped_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let engine = SqliteLog::open(&folder.path().join("log"), Fold::new(origin()), FixedClock(now())).unwrap();
    let (key, signer) = log_key();
    let root = organisation(1).fact().did.clone();
    let ledger = Ledger::with_keys(&engine, LedgerKeys::new(key, &signer), &root).unwrap();
    let settings = Settings::default();
    let api = Api { settings: &settings, ledger: &ledger, engine: &engine };
    let size = engine.head().unwrap();
    assert_eq!((health(&api).status().as_u16(), engine.head().unwrap()), (200, size));
    // By the rules of another log it is damaged.
    let others = Fold::new("other.example/2026".parse().unwrap());
    assert!(engine.verify(&others, &mut |_| {}).is_err());
    assert_eq!(refused(&health(&api)), (503, "RGA-21"));
    let checkpoint = Request::get("/checkpoint").body("").unwrap();
    let Answer::Whole(response) = api.answer(&checkpoint, now()) else { panic!("a stream") };
    assert_eq!(response.status(), 200);
}
