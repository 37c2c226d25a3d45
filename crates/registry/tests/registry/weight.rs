//! Whatever is logged of a DID can be proven, and read by whoever is shown it.

use crate::world::{World, by, create, document, log_key, origin, update_key};
use serde_json::json;
use sinpyo_core::{did::Did, document::DidDocument, json::MAX_LENGTH, resolved::VersionSelector};
use sinpyo_registry::{
    did_tlog::{Control, DidHead, MAX_HISTORY_WEIGHT, ResolutionProof, deactivate, recover, rotate, update},
    engine::LogEngine,
    heads::Recency,
};
use std::time::Instant;

const LATEST: VersionSelector = VersionSelector::Latest;

fn head(world: &World, did: &Did) -> DidHead {
    DidHead::read(&*world.engine.state().unwrap(), did).unwrap().unwrap()
}

/// A document near the longest that there can be without keys that are slow to read: 64 other names, 16 services.
fn long_document(did: &Did) -> DidDocument {
    let mut members = document(did, 7).to_json();
    let url = |number: usize| format!("https://a.example/{number:02}/{}", "a".repeat(491));
    members.insert("alsoKnownAs".into(), (0..64).map(url).collect());
    let service = |number: usize| json!({"id": format!("{did}#s{number}"), "type": "A", "serviceEndpoint": url(number)});
    members.insert("service".into(), (0..16).map(service).collect());
    DidDocument::from_json(&members).unwrap()
}

/// Updates to `document` until the log takes no more; how many it took.
fn fill(world: &World, did: &Did, document: &DidDocument) -> u64 {
    for count in 0.. {
        let next = by(7, update(&head(world, did), &origin(), document, None));
        match world.append(next.as_bytes()) {
            Ok(_) => {}
            Err(code) => {
                assert_eq!(code, "TLOG-49");
                return count;
            }
        }
    }
    unreachable!()
}

/// What `work` answers; its time goes to the test's output.
#[expect(clippy::disallowed_methods, reason = "measured, not decided upon")]
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    eprintln!("{what}: {:?}", began.elapsed());
    done
}

/// Proves, prints, parses and checks; the number of the newest version and the length of the proof.
fn shown(world: &World, did: &Did) -> (u64, usize) {
    let ledger = world.ledger();
    let text = timed("prove", || ledger.prove_latest(did, &LATEST, world.now()).unwrap().to_string());
    assert!(text.len() < MAX_LENGTH, "{} bytes", text.len());
    let proof: ResolutionProof = timed("parse", || text.parse().unwrap());
    let check = || proof.verify_latest(&log_key().0, did, &LATEST, &Recency::default()).unwrap();
    let version = timed("check", check).resolved().metadata.version_id.clone().unwrap();
    eprintln!("{version:.12}: {} bytes", text.len());
    (version.split('-').next().unwrap().parse().unwrap(), text.len())
}

fn check(document: impl Fn(&Did) -> DidDocument) -> u64 {
    let world = World::new();
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70));
    let did = world.submit(create(7, control)).unwrap().did;
    let document = document(&did);
    let versions = fill(&world, &did, &document) + 1;
    let (number, length) = shown(&world, &did);
    assert_eq!(number, versions);
    // Near the limit, of which the way to the root of the largest log is a part.
    assert!(u64::try_from(length).unwrap() < MAX_HISTORY_WEIGHT, "{length}");

    // Whoever lost the update keys still goes on, a thief is still set aside, and the DID is still taken out of use.
    let full = head(&world, &did);
    let anew = by(70, rotate(&full, &origin(), Control::by(&update_key(8))));
    assert!(world.append(anew.as_bytes()).is_ok());
    let more = by(8, update(&head(&world, &did), &origin(), &document, None));
    assert_eq!(world.append(more.as_bytes()), Err("TLOG-49".into()));
    let gone = by(8, deactivate(&head(&world, &did), &origin()));
    assert!(world.append(gone.as_bytes()).is_ok());
    assert_eq!(shown(&world, &did).0, versions + 2);
    let rescue = recover(&full, &origin(), full.document(), Control::by(&update_key(9)));
    assert_eq!(world.append(by(70, rescue).as_bytes()), Err("TLOG-28".into()), "its own key signed");
    // An earlier version is followed by a shorter history, in which there is room again.
    let base = world.ledger().recoverable(&did, versions - 1).unwrap();
    assert!(base.is_some_and(|base| base.version().number() == versions - 1));
    versions
}

/// SECURITY: what one client can make the log keep, everybody can read.
#[test]
fn the_longest_history_of_long_documents_is_proven_and_read() {
    let versions = check(long_document);
    assert!((150..400).contains(&versions), "{versions}");
}

#[test]
fn the_longest_history_of_short_documents_is_proven_and_read() {
    let versions = check(|did| DidDocument::new(did.clone()));
    assert!(versions > 3_000, "{versions}");
}

/// Recoveries are bounded as well, or their holder could make a proof too long to be read.
#[test]
fn recoveries_do_not_outgrow_a_proof() {
    let world = World::new();
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70));
    let did = world.submit(create(7, control)).unwrap().did;
    fill(&world, &did, &long_document(&did));
    let full = head(&world, &did);
    let mut refused = None;
    for _ in 0..100 {
        let again = by(
            70,
            recover(&head(&world, &did), &origin(), &long_document(&did), Control::by(&update_key(8))),
        );
        if let Err(code) = world.append(again.as_bytes()) {
            refused = Some(code);
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("TLOG-49"));
    assert!(head(&world, &did).version().number() > full.version().number());
    let gone = by(8, deactivate(&head(&world, &did), &origin()));
    assert!(world.append(gone.as_bytes()).is_ok());
    shown(&world, &did);
}
