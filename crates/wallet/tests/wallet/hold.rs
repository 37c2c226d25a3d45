//! What the wallet takes in.

use crate::scene::*;
use serde_json::json;
use sinpyo_core::{
    credential::{Credential, Holder, Validity},
    key::Signer,
    time::Timestamp,
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{KeyRing, vc_jwt};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{HeldId, HoldError, NotHeld, Received, Wallet};

fn refused(wallet: &mut Wallet, holder: Holder) -> HoldError {
    let wire = issued(holder, claims(), &mut TestEntropy::new(9));
    wallet.hold(received(&wire), Vec::new()).unwrap_err()
}

#[test]
fn a_credential_bound_to_a_fresh_key_is_held() {
    let mut wallet = wallet(2);
    let numbers: Vec<_> = wallet.credentials().map(|held| held.id().to_string()).collect();
    assert_eq!(numbers, ["1", "2"]);
    let held = wallet.held(HeldId::new(1)).unwrap();
    assert_eq!(held.credential().claims(), &claims());
    wallet.remove(HeldId::new(1)).unwrap();
    assert_eq!(wallet.remove(HeldId::new(1)), Err(NotHeld(HeldId::new(1))));
    // A number is not given again: the history refers to it.
    assert_eq!(hold(&mut wallet, claims(), 7), HeldId::new(3));
}

#[test]
fn a_credential_bound_to_somebody_else_is_not_held() {
    let mut wallet = Wallet::new();
    wallet.new_key(kind(), &mut TestEntropy::new(1));
    let foreign = key(Algorithm::Es256, 99).verifying_key().to_jwk();
    assert_eq!(refused(&mut wallet, Holder::Key(foreign)), HoldError::NotOurs);
    assert_eq!(refused(&mut wallet, Holder::Bearer), HoldError::NotOurs);
    assert_eq!(wallet.credentials().count(), 0);
}

#[test]
fn no_two_credentials_share_a_key() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let ours = wallet.new_key(kind(), &mut entropy);
    assert_ne!(ours, wallet.new_key(kind(), &mut entropy));
    hold_bound_to(&mut wallet, ours.clone(), claims(), &mut entropy);
    assert_eq!(refused(&mut wallet, Holder::Key(ours)), HoldError::KeyInUse);
}

#[test]
fn a_key_made_for_another_type_is_not_used() {
    let mut wallet = Wallet::new();
    let key = wallet.new_key("urn:x:Licence".parse().unwrap(), &mut TestEntropy::new(1));
    assert_eq!(refused(&mut wallet, Holder::Key(key)), HoldError::OtherPurpose);
}

#[test]
fn a_claim_that_everybody_sees_cannot_be_withheld() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let wire = issued(Holder::Key(wallet.new_key(kind(), &mut entropy)), claims(), &mut entropy);
    let visible = path(&json!(["issuing_office"]));
    let refused = wallet.hold(received(&wire), vec![visible.clone()]).unwrap_err();
    assert_eq!((refused.code(), refused), ("WAL-23", HoldError::Visible(visible)));
    // A profile may name claims that this credential does not have.
    let withheld = [json!(["address", "road", "name"]), json!(["languages", null]), json!(["religion"])];
    assert!(wallet.hold(received(&wire), withheld.iter().map(path).collect()).is_ok());
}

#[test]
fn a_credential_that_does_not_verify_is_not_received() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let wire = issued(Holder::Key(wallet.new_key(kind(), &mut entropy)), claims(), &mut entropy);
    let keys = Organisation::new(ISSUER).keys();
    let code = |wire: &str, keys: &KeyRing, now: Timestamp| {
        Received::verify(wire.as_bytes(), keys, now).map_err(|error| error.code())
    };
    assert!(code(&wire, &keys, at(0)).is_ok());
    assert_eq!(code(&wire, &Organisation::new(POST).keys(), at(0)).unwrap_err(), "JWS-16");
    assert_eq!(code(&wire, &keys, at(90_000)).unwrap_err(), "JWS-14");
    assert_eq!(code(wire.trim_end_matches('~'), &keys, at(0)).unwrap_err(), "SDJ-12");
    let signature = wire.find('~').unwrap() - 10;
    let mut bytes = wire.clone().into_bytes();
    bytes[signature] = if bytes[signature] == b'A' { b'B' } else { b'A' };
    assert_eq!(code(&String::from_utf8(bytes).unwrap(), &keys, at(0)).unwrap_err(), "JWS-11");
}

#[test]
fn a_credential_without_selective_disclosure_is_not_received() {
    let credential = Credential::builder(kind(), ISSUER).holder(Holder::Bearer).valid(Validity::default());
    let credential = credential.claim("age_over_18", true).build();
    let issuer = Organisation::new(ISSUER);
    let signer: &dyn Signer = &issuer.statements;
    let key = issuer.statements.key().verifying_key();
    let wire = vc_jwt::issue(&credential, &[], (signer, key)).unwrap();
    let refused = Received::verify(wire.as_bytes(), &issuer.keys(), at(0)).unwrap_err();
    assert_eq!(refused.code(), "WAL-20", "{refused}");
}

#[test]
fn debug_output_shows_no_claim_and_no_key() {
    let wallet = wallet(1);
    let shown = format!("{wallet:?} {:?}", wallet.credentials().collect::<Vec<_>>());
    for value in ["한별", "1987", "4711"] {
        assert!(!shown.contains(value), "{value}");
    }
}
