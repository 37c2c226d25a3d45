//! Who may create a DID.

use crate::world::{World, organisation, origin, refused};
use sinpyo_core::{did::Did, document::DidDocument};
use sinpyo_registry::did_tlog;
use sinpyo_registry_api::{Admission, Settings};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// A registry that creates what is on the list.
fn listed() -> (World, Arc<Mutex<BTreeSet<Did>>>) {
    let list = Arc::new(Mutex::new(BTreeSet::new()));
    let mut world = World::new();
    let roll = Arc::clone(&list);
    world.settings.admission = Admission::listed(move |did| roll.lock().unwrap().contains(did));
    (world, list)
}

/// What a stranger writes would stand there for ever.
#[test]
fn a_did_that_is_not_admitted_is_not_created() {
    let (world, list) = listed();
    let (stranger, guest) = (organisation(2), organisation(3));
    assert_eq!(refused(&world.post(stranger.as_bytes())), (403, "RGA-18"));
    assert_eq!(world.size(), 2, "nothing is written");
    list.lock().unwrap().insert(guest.fact().did.clone());
    assert_eq!(refused(&world.post(stranger.as_bytes())), (403, "RGA-18"));
    assert_eq!(world.post(guest.as_bytes()).status(), 201);
    // Signed by whom it likes, and however it is written.
    let text = String::from_utf8(stranger.as_bytes().to_vec()).unwrap();
    let escaped = text.replace("\"type\":\"did\"", "\"type\":\"d\\u0069d\"");
    for disguised in [escaped, format!(" {text}")] {
        assert!(matches!(refused(&world.post(disguised.as_bytes())).0, 400 | 403), "{disguised}");
    }
    let renamed = text.replace(stranger.fact().did.as_str(), guest.fact().did.as_str());
    assert_ne!(world.post(renamed.as_bytes()).status(), 201);
    assert_eq!(world.size(), 3);
}

#[test]
fn whoever_is_on_the_log_needs_no_admission() {
    let (world, list) = listed();
    world.grow(2);
    let guest = organisation(2);
    let did = guest.fact().did.clone();
    list.lock().unwrap().insert(did.clone());
    assert_eq!(world.post(guest.as_bytes()).status(), 201);
    list.lock().unwrap().clear();
    assert_eq!(world.post(guest.as_bytes()).status(), 200, "the same bytes again create nothing");
    world.accredit(&did, "A");
    let head = world.ledger.head_of(&did).unwrap().unwrap();
    let own = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Ed25519, 2);
    let public = own.verifying_key().clone();
    let signer = sinpyo_crypto::KeySigner::new("did:example:a#key".parse().unwrap(), own);
    let update = did_tlog::update(&head, &origin(), &DidDocument::new(did), None);
    assert_eq!(world.post(update.sign(&signer, &public).unwrap().as_bytes()).status(), 201);
}

/// Whoever forgets to say who may create has not opened the log to everybody.
#[test]
fn unless_it_is_said_nobody_creates() {
    let mut world = World::new();
    world.settings.admission = Settings::default().admission;
    assert_eq!(refused(&world.post(organisation(2).as_bytes())), (403, "RGA-18"));
    world.settings.admission = Admission::Open;
    assert_eq!(world.post(organisation(2).as_bytes()).status(), 201);
}
