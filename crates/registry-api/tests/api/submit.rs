use crate::world::{World, header, now, organisation, refused};
use http::Request;
use serde_json::{Value, json};
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, PublishError, StateView};
use sinpyo_registry_api::{Answer, Api};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::TreeHead, tile::TileId};
use std::ops::Range;

#[test]
fn an_operation_is_answered_with_its_place() {
    let world = World::new();
    let operation = organisation(2);
    let response = world.post(operation.as_bytes());
    assert_eq!((response.status().as_u16(), header(&response, "location")), (201, "/operations/2/proof"));
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let fact = operation.fact();
    assert_eq!(
        answer,
        json!({"index": 2, "repeated": false, "type": "did", "did": fact.did.as_str(), "versionId": fact.version.as_str()})
    );
    assert_eq!(world.engine.entries(2..3).unwrap().len(), 1, "durable when it is answered");
}

/// SECURITY LOG-11: a duplicate gets its first index.
#[test]
fn the_same_bytes_again_get_their_first_place() {
    let world = World::new();
    let operation = organisation(2);
    world.post(operation.as_bytes());
    world.grow(3);
    let again = world.post(operation.as_bytes());
    let answer: Value = serde_json::from_slice(again.body()).unwrap();
    assert_eq!(
        (again.status().as_u16(), &answer["index"], &answer["repeated"]),
        (200, &json!(2), &json!(true))
    );
    assert_eq!(world.size(), 6);
}

#[test]
fn an_operation_that_breaks_a_rule_is_refused_by_its_rule() {
    let world = World::new();
    let good = String::from_utf8(organisation(2).as_bytes().to_vec()).unwrap();
    let at = good.find("\"proofValue\":\"z").unwrap() + 20;
    let mut flipped = good.clone().into_bytes();
    flipped[at] = if flipped[at] == b'2' { b'3' } else { b'2' };
    for (body, expected) in [
        (b"".to_vec(), (400, "LOG-06")),
        (b"not json".to_vec(), (400, "TLOG-01")),
        (format!(" {good}").into_bytes(), (400, "TLOG-02")),
        (good.replace("ledger.example/2026", "ledger.example/2027").into_bytes(), (422, "TLOG-04")),
        (good.replace("\"type\":\"did\"", "\"type\":\"dud\"").into_bytes(), (422, "TLOG-03")),
        (flipped, (422, "TLOG-11")),
    ] {
        assert_eq!(refused(&world.post(&body)), expected, "{}", String::from_utf8_lossy(&body));
        assert_eq!(world.size(), 2, "a refused operation leaves no trace");
    }
    assert_eq!(world.post(good.as_bytes()).status(), 201);
}

/// Whoever came second has to read again: a conflict, not a mistake.
#[test]
fn an_operation_on_an_older_version_is_a_conflict() {
    let world = World::new();
    let head = world.ledger.head_of(&world.root).unwrap().unwrap();
    world.grow(1);
    let own = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Ed25519, 1);
    let other = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Ed25519, 9);
    let public = own.verifying_key().clone();
    let control = sinpyo_registry::did_tlog::Control::by(other.verifying_key());
    let draft = sinpyo_registry::did_tlog::rotate(&head, &crate::world::origin(), control);
    let signer = sinpyo_crypto::KeySigner::new("did:example:a#key".parse().unwrap(), own);
    let late = draft.sign(&signer, &public).unwrap();
    assert_eq!(refused(&world.post(late.as_bytes())), (409, "TLOG-08"));
}

/// SECURITY LOG-11, WEB-02: 413 beyond the limit, also on paths that take no body.
#[test]
fn a_long_body_is_refused() {
    let world = World::new();
    for path in ["/operations", "/1.0/identifiers/did:tlog:a"] {
        let request = |length: usize| {
            Request::post(path).header("content-type", "application/json").body(vec![b' '; length]).unwrap()
        };
        assert_eq!(refused(&world.whole(&request(65_001))), (413, "RGA-03"), "{path}");
        assert_ne!(world.whole(&request(65_000)).status(), 413, "{path}");
    }
    assert_eq!(refused(&world.api().too_long()), (413, "RGA-03"));
}

/// SECURITY WEB-11: what a form of another site can send changes nothing.
#[test]
fn a_body_in_another_form_is_not_read() {
    let world = World::new();
    let operation = organisation(2);
    let post = |headers: &[(&str, &str)]| {
        let mut request = Request::post("/operations");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        world.whole(&request.body(operation.as_bytes()).unwrap())
    };
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/jsonp")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
        &[("content-type", "application/json"), ("content-encoding", "identity, gzip")],
    ] {
        assert_eq!(refused(&post(headers)), (415, "RGA-04"), "{headers:?}");
        assert_eq!(world.size(), 2);
    }
    let fine = [("content-type", "application/json; charset=utf-8"), ("content-encoding", "identity")];
    assert_eq!(post(&fine).status(), 201);
}

/// SECURITY WEB-16: the log's failure is the server's, with no word about where the log is kept.
#[test]
fn a_log_that_fails_acknowledges_nothing() {
    let world = World::new();
    let broken = Broken;
    let api = Api { engine: &broken, ..world.api() };
    let post = Request::post("/operations").header("content-type", "application/json").body("{}").unwrap();
    for request in [
        post,
        Request::get("/checkpoint").body("").unwrap(),
        Request::get("/entries?from=0").body("").unwrap(),
    ] {
        let Answer::Whole(response) = api.answer(&request, now()) else { panic!("a stream") };
        assert_eq!(refused(&response), (503, "RGA-11"));
        assert_eq!(header(&response, "retry-after"), "5");
        assert!(!String::from_utf8_lossy(response.body()).contains("/var/lib"));
    }
}

/// An engine whose disk is gone.
pub(crate) struct Broken;

fn gone() -> EngineError {
    EngineError::Storage("/var/lib/sinpyo/log.db: input/output error".into())
}

impl LogEngine for Broken {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        submissions.iter().map(|_| Err(AppendError::Engine(gone()))).collect()
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        Err(gone())
    }

    fn entries(&self, _: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        Err(gone())
    }

    fn tile(&self, _: TileId) -> Result<Vec<u8>, EngineError> {
        Err(gone())
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        Err(gone())
    }

    fn publish(&self, _: &SignedCheckpoint) -> Result<(), PublishError> {
        Err(PublishError::Engine(gone()))
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        Err(gone())
    }
}
