//! The versions of a DID, some at a time.

use crate::world::{World, log_key, now, refused};
use http::Request;
use serde_json::{Value, json};
use sinpyo_core::resolved::VersionSelector;
use sinpyo_registry::{
    Ledger, LedgerKeys,
    did_tlog::ResolutionProof,
    engine::{AppendError, Appended, EngineError, LogEngine, MAX_SUBMISSION, PublishError, StateView},
};
use sinpyo_registry_api::{Answer, Api};
use sinpyo_store::MemoryLog;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead},
    tile::TileId,
};
use std::ops::Range;

fn indices(page: &Value) -> Vec<u64> {
    page["versions"].as_array().unwrap().iter().map(|version| version["index"].as_u64().unwrap()).collect()
}

/// SECURITY WEB-14: what one request costs does not grow with the history.
#[test]
fn a_long_history_comes_in_pages() {
    let world = World::new();
    world.grow(119);
    world.publish();
    // Version n of the root stands at index n.
    let (path, mut next, mut seen) = (format!("/dids/{}", world.root), None, Vec::new());
    for expected in [71..=120, 21..=70, 1..=20] {
        let query = next.map_or(String::new(), |from: u64| format!("?from={from}"));
        let page = world.json(&(path.clone() + &query));
        assert_eq!((indices(&page), &page["count"]), (expected.collect(), &json!(120)));
        check_places(&page["proof"]);
        seen.extend(indices(&page));
        next = page["next"].as_u64();
    }
    assert_eq!((seen.len(), next), (120, None));

    let some = |query: &str| {
        let page = world.json(&format!("{path}?{query}"));
        (indices(&page), page["next"].as_u64())
    };
    assert_eq!(some("limit=2"), (vec![119, 120], Some(118)));
    assert_eq!(some("from=3&limit=2"), (vec![2, 3], Some(1)));
    assert_eq!(some("from=1&limit=2"), (vec![1], None));
    assert_eq!(some("limit=1000").0.len(), 50);
    assert_eq!(some("from=99999999&limit=1"), (vec![120], Some(119)));
    for query in ["from=0", "limit=0", "from=-1", "limit=x", "from=18446744073709551616"] {
        assert_eq!(refused(&world.get(&format!("{path}?{query}"))), (400, "RGA-05"), "{query}");
    }
}

/// Every entry of the page stands where it says, under the page's checkpoint.
fn check_places(proof: &Value) {
    let checkpoint: SignedCheckpoint = proof["checkpoint"].as_str().unwrap().parse().unwrap();
    let checkpoint = checkpoint.verify(&log_key().0).unwrap();
    for item in proof["entries"].as_array().unwrap() {
        let leaf = Hash::leaf(item["entry"].as_str().unwrap().as_bytes());
        let hash = |hash: &Value| {
            let bytes = sinpyo_core::encoding::from_base64url(hash.as_str().unwrap()).unwrap();
            Hash::try_from(bytes.as_slice()).unwrap()
        };
        let path: Vec<Hash> = item["path"].as_array().unwrap().iter().map(hash).collect();
        let index = item["index"].as_u64().unwrap();
        assert!(checkpoint.head().verify_inclusion(leaf, index, &path).is_ok(), "{index}");
        assert!(checkpoint.head().verify_inclusion(leaf, index + 1, &path).is_err());
    }
}

#[test]
fn the_whole_history_is_proven_on_its_own() {
    let world = World::stating();
    world.grow(59);
    world.publish();
    let newest = world.ledger.head_of(&world.root).unwrap().unwrap().version().to_string();
    let prove = |path: &str| {
        let text = String::from_utf8(world.get(path).body().clone()).unwrap();
        let proof: ResolutionProof = text.parse().unwrap();
        proof.verify(&log_key().0, &world.root, &VersionSelector::Latest).map_err(|error| error.code())
    };
    let proven = prove(&format!("/dids/{}/proof", world.root)).unwrap();
    assert_eq!(proven.resolved().metadata.version_id, Some(newest));
    assert_eq!(
        refused(&world.get("/dids/did:tlog:zQmb1DFGKzLGvHnQ2m4WRpQ4CBEUKFqPeDZUkoUVLwXWcJ2/proof")).0,
        404
    );
    assert_eq!(refused(&world.get("/dids/x/proof")), (400, "RGA-05"));
    // A page of it is none.
    let page = world.json(&format!("/dids/{}", world.root));
    let part: ResolutionProof = page["proof"].to_string().parse().unwrap();
    let refused = part.verify(&log_key().0, &world.root, &VersionSelector::Latest);
    assert_eq!(refused.unwrap_err().code(), "TLOG-33");
}

#[test]
fn what_no_checkpoint_covers_is_no_version_yet() {
    let world = World::new();
    world.grow(3);
    let page = world.json(&format!("/dids/{}", world.root));
    assert_eq!((indices(&page), &page["count"]), (vec![1], &json!(1)));
    let operation = crate::world::organisation(2);
    world.post(operation.as_bytes());
    assert_eq!(refused(&world.get(&format!("/dids/{}", operation.fact().did))), (404, "TLOG-34"));
    world.publish();
    assert_eq!(indices(&world.json(&format!("/dids/{}", world.root))), [1, 2, 3, 4]);
}

/// SECURITY WEB-14: what one request costs does not grow with the versions either.
#[test]
fn long_versions_make_short_pages_and_no_endless_proof() {
    let world = World::new();
    world.grow(299);
    world.publish();
    let engine = Long(world.engine);
    let (key, signer) = log_key();
    let ledger = Ledger::reopened(&engine, LedgerKeys::new(key, &signer));
    let api = Api { settings: &world.settings, ledger: &ledger, engine: &engine };
    let ask = |path: String| match api.answer(&Request::get(path).body("").unwrap(), now()) {
        Answer::Whole(response) => response,
        Answer::Stream(_) => panic!("a stream"),
    };
    // 17 of 65,000 bytes are the first to reach 1 MiB.
    let page: Value = serde_json::from_slice(ask(format!("/dids/{}", world.root)).body()).unwrap();
    assert_eq!((page["proof"]["entries"].as_array().unwrap().len(), &page["next"]), (17, &json!(283)));
    assert_eq!(refused(&ask(format!("/dids/{}/proof", world.root))), (422, "RGA-20"));
}

/// A log whose entries are as long as entries can be.
struct Long(&'static MemoryLog);

impl LogEngine for Long {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        self.0.append(submissions)
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        self.0.head()
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        Ok(range.map(|_| vec![b' '; MAX_SUBMISSION]).collect())
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        self.0.tile(id)
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        self.0.state()
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        self.0.publish(checkpoint)
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        self.0.checkpoint()
    }
}
