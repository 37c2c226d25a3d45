//! What ends a flow, without pages.

use crate::{
    consent::query,
    hand::Hand,
    world::{ISSUER_DID, Mode, SENIOR, VERIFIER_DID, World, now},
};
use serde_json::json;
use sinpyo_core::credential::Holder;
use sinpyo_openid4vci::configuration::Configuration;
use sinpyo_openid4vp::verifier::Encryption;
use sinpyo_wallet_app::{
    Decision, Found, Next, Present, Receive,
    misbehave::{Misbehaviour, ProofFault},
};

#[test]
fn a_credential_of_an_unknown_issuer_is_not_kept() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    world.unknown = Some(ISSUER_DID);
    assert_eq!(hand.receive(&mut world, None).unwrap_err().code(), "WAP-02");
    assert_eq!(hand.wallet.credentials().count(), 0);
    assert_eq!(*world.heard.lock().unwrap(), ["credential_failure"]);
    world.unknown = None;
    assert!(hand.receive(&mut world, None).is_ok());
}

#[test]
fn proofs_that_the_wallet_cannot_make_are_not_made() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    let mut value =
        world.settings.configurations["resident"].to_json(&sinpyo_openid4vci::display::Languages::any());
    value["proof_types_supported"] =
        json!({"attestation": {"proof_signing_alg_values_supported": ["ES256"]}});
    let changed = Configuration::parse(value.as_object().unwrap()).unwrap();
    world.settings.configurations.insert("resident".to_owned(), changed);
    assert_eq!(hand.receive(&mut world, None).unwrap_err().code(), "WAP-03");
    assert!(world.sent.iter().all(|sent| !sent.ends_with("/credential")), "{:?}", world.sent);
}

#[test]
fn an_offer_by_a_page_needs_a_browser() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    let offer = world.offer_by_page();
    assert_eq!(hand.take(&mut world, &offer, None).unwrap_err().code(), "WAP-04");
}

#[test]
fn a_request_by_an_unknown_did_is_refused() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    hand.receive(&mut world, None).unwrap();
    world.unknown = Some(VERIFIER_DID);
    let link = world.ask(&query(&["age_over_18"]));
    assert_eq!(hand.present(&mut world, &link, None).unwrap_err().code(), "WAP-08");
    assert!(world.verdicts.is_empty());
}

#[test]
fn a_flow_takes_only_what_it_asked_for() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    let offer = world.offer(None);
    let mut flow = Receive::begin(&offer, &hand.rules).unwrap();
    let mut run = hand.run();
    assert!(matches!(flow.next(&mut run).unwrap(), Next::Need(_)));
    assert_eq!(flow.stored(&run).unwrap_err().code(), "WAP-06");
    assert_eq!(flow.supply(Found::Nothing, &run).unwrap_err().code(), "WAP-06");
    assert_eq!(flow.redirected("code=1", &run).unwrap_err().code(), "WAP-06");
    assert!(matches!(flow.next(&mut run).unwrap(), Next::Need(_)), "it stands where it stood");

    let link = world.ask(&query(&["age_over_18"]));
    let mut flow = Present::begin(&link, &hand.rules).unwrap();
    let mut run = hand.run();
    let Next::Need(need) = flow.next(&mut run).unwrap() else { panic!("a fetch") };
    assert_eq!(flow.stored().unwrap_err().code(), "WAP-06");
    assert_eq!(flow.agree(&Decision::default(), &mut run).unwrap_err().code(), "WAP-06");
    flow.supply(world.find(need, now()), &run).unwrap();
}

#[test]
fn a_fault_that_finds_no_room_is_said_so() {
    for fault in [Misbehaviour::WrongKid, Misbehaviour::WrongAlg, Misbehaviour::PlainInsteadOfEncrypted] {
        let (mut world, mut hand) = (World::new(), Hand::new());
        hand.receive(&mut world, None).unwrap();
        let link = world.ask_with(&query(&["age_over_18"]), |order| order.encryption = Encryption::Plain);
        assert_eq!(hand.present(&mut world, &link, Some(fault)).unwrap_err().code(), "WAP-11");
        assert!(world.verdicts.is_empty());
    }
}

#[test]
fn a_key_for_which_nothing_came_is_forgotten() {
    // With the same randomness a flow that goes well makes the same keys.
    let (mut world, mut hand) = (World::new(), Hand::new());
    hand.receive(&mut world, None).unwrap();
    let holders = hand.wallet.credentials().map(|held| held.credential().holder());
    let keys: Vec<_> =
        holders.filter_map(|holder| if let Holder::Key(key) = holder { Some(key) } else { None }).collect();
    assert_eq!(keys.len(), 3);

    let (mut world, mut other) = (World::new(), Hand::new());
    let offer = world.offer(None);
    let mut flow = Receive::begin(&offer, &other.rules).unwrap().misbehaving(ProofFault::Audience);
    other.drive(&mut world, &mut flow).unwrap_err();
    assert!(keys.iter().all(|key| other.wallet.prove(key, b"x").is_ok()));
    flow.give_up(&mut other.wallet);
    assert!(keys.iter().all(|key| other.wallet.prove(key, b"x").is_err()));
}

#[test]
fn a_w3c_credential_is_bound_to_a_did_of_the_wallet() {
    let (mut world, mut hand) = (World::new(), Hand::new());
    world.mode = Mode::W3c;
    let configuration = json!({
        "format": "ldp_vc", "scope": "resident",
        "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "type": ["VerifiableCredential", SENIOR],
        },
        "cryptographic_binding_methods_supported": ["did:jwk"],
        "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
    });
    let configuration = Configuration::parse(configuration.as_object().unwrap()).unwrap();
    world.settings.configurations.insert("resident".to_owned(), configuration);
    assert_eq!(hand.receive(&mut world, None).unwrap(), 3);
    let holders = hand.wallet.credentials().map(|held| held.credential().holder());
    assert!(holders.into_iter().all(|holder| matches!(holder, Holder::Did(did) if did.method() == "jwk")));
}
