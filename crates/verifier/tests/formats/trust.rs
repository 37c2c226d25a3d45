//! Whose credentials are believed.

use crate::{
    certificates::{Certified, certify},
    fixture::*,
};
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, Validity},
    encoding::to_base64url,
};
use sinpyo_proof::{
    issuer_key::CertifiedSignatory,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
};
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::{CertifiedIssuers, DidIssuers, Trust, WithoutStatus};
use std::{sync::Arc, time::Duration};

const URL: &str = "https://issuer.example";

fn answer() -> Value {
    json!({"resident": [shown_name()]})
}

fn trusting(trust: Trust) -> &'static str {
    Scene { trust, ..Scene::new() }.code(&answer())
}

/// OVP-34 of the catalogue of attacks.
#[test]
fn a_credential_of_an_issuer_who_is_not_trusted_is_refused() {
    assert_eq!(Scene { accredited: vec![], ..Scene::new() }.code(&answer()), "VP-06");
    assert_eq!(Scene { accredited: vec!["urn:example:Other"], ..Scene::new() }.code(&answer()), "VP-06");
    assert_eq!(trusting(Trust::in_accreditations()), "ok");
    let dids = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
    assert_eq!(trusting(Trust::in_issuers(dids(&["did:x:issuer"]))), "ok");
    assert_eq!(trusting(Trust::in_issuers(dids(&["did:x:other"]))), "VP-20");
    assert_eq!(trusting(Trust::in_issuers([])), "VP-20");
    let among = |names: &[&str]| {
        let by_did = DidIssuers::AccreditedAmong(dids(names).into_iter().collect());
        Trust { by_did, by_certificate: None }
    };
    assert_eq!(trusting(among(&["did:x:issuer"])), "ok");
    assert_eq!(trusting(among(&["did:x:other"])), "VP-20");
    let unaccredited = Scene { accredited: vec![], trust: among(&["did:x:issuer"]), ..Scene::new() };
    assert_eq!(unaccredited.code(&answer()), "VP-06");
    // One who is listed needs no registry.
    let listed =
        Scene { accredited: vec![], trust: Trust::in_issuers(dids(&["did:x:issuer"])), ..Scene::new() };
    assert_eq!(listed.code(&answer()), "ok");
}

/// An SD-JWT VC of `issuer`, signed with a certificate.
fn certified_name(certified: &Certified, issuer: &str) -> Value {
    let credential = Credential::builder(KIND.parse().unwrap(), issuer)
        .holder(held_key())
        .valid(Validity { from: None, until: Some(start().plus(Duration::from_hours(1000))) })
        .claim("given_name", "한별")
        .build();
    let paths = [sinpyo_core::claims::ClaimPath::name("given_name")];
    let concealment =
        Concealment { selective: &paths, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let signatory = CertifiedSignatory { chain: &certified.chain, key_id: None };
    let prepared =
        sd_jwt_vc::prepare_certified(&credential, &concealment, signatory, &mut TestEntropy::new(1)).unwrap();
    let wire = prepared.sign(&Party::issuer().0).unwrap();
    json!({"resident": [bind(&select(&wire, &["given_name"]), |_| {})]})
}

fn in_roots(certified: &Certified) -> Scene {
    Scene {
        trust: Trust::in_roots(Arc::clone(&certified.roots)),
        without_status: WithoutStatus::AcceptUntilExpiry,
        ..Scene::new()
    }
}

#[test]
fn a_certified_issuer_is_believed_where_its_authority_is() {
    let (certified, other) = (certify(URL), certify(URL));
    let answer = certified_name(&certified, URL);
    let verdict = in_roots(&certified).verdict(&answer).unwrap();
    let accepted = verdict.into_result().unwrap();
    assert_eq!(accepted.credential("resident").unwrap().issuer(), URL);
    assert!(in_roots(&other).code(&answer).starts_with("X5C"));
    assert_eq!(Scene { trust: Trust::in_accreditations(), ..in_roots(&certified) }.code(&answer), "VP-20");
    let named = |name: &str| {
        let names = Some([name.to_owned()].into());
        let roots = Arc::clone(&certified.roots);
        let by_certificate = Some(CertifiedIssuers { roots, names });
        let trust = Trust { by_did: DidIssuers::None, by_certificate };
        Scene { trust, ..in_roots(&certified) }.code(&answer)
    };
    assert_eq!(named(URL), "ok");
    assert_eq!(named("https://other.example"), "VP-20");
}

/// How keys are found is the transaction's word, never the token's.
#[test]
fn an_issuer_that_is_named_by_a_did_is_not_believed_by_certificate_beside_it() {
    let certified = certify("did:x:issuer");
    let answer = certified_name(&certified, "did:x:issuer");
    assert_eq!(in_roots(&certified).code(&answer), "ok", "this transaction believes no DID");
    let both = Trust { by_did: DidIssuers::Accredited, ..in_roots(&certified).trust };
    assert_eq!(Scene { trust: both, ..in_roots(&certified) }.code(&answer), "VP-04", "no method is named");
    // And one that is known by its document is not by certificate.
    assert_eq!(in_roots(&certified).code(&self::answer()), "JWS-25");
}

/// [VP-DCQ-08]
#[test]
fn the_authorities_that_were_asked_for_are_looked_for() {
    let certified = certify(URL);
    let asking = |kind: &str, value: &str| {
        let mut query = name_query("resident");
        query["trusted_authorities"] = json!([{"type": kind, "values": [value]}]);
        let query = json!({"credentials": [query]});
        Scene { query, ..in_roots(&certified) }.code(&certified_name(&certified, URL))
    };
    let identifier = to_base64url(&certified.key_identifier);
    assert_eq!(asking("aki", &identifier), "ok");
    assert_eq!(asking("aki", "AAAA"), "VP-23");
    // Nothing is known of these here: nobody stands under them.
    assert_eq!(asking("etsi_tl", "https://lotl.example"), "VP-23");
    assert_eq!(asking("openid_federation", "https://anchor.example"), "VP-23");
}

/// A right is that of the time of issuance, which must be told.
#[test]
fn an_accredited_issuer_says_when_it_issued() {
    let credential = Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(held_key())
        .valid(Validity { from: None, until: Some(start().plus(Duration::from_hours(1000))) })
        .status(entry(7))
        .claim("given_name", "한별")
        .build();
    let answer = json!({"resident": [bind(&select(&issue(&credential), &["given_name"]), |_| {})]});
    assert_eq!(Scene::new().code(&answer), "VP-04");
    let listed = Trust::in_issuers(["did:x:issuer".parse().unwrap()]);
    assert_eq!(Scene { trust: listed, ..Scene::new() }.code(&answer), "ok");
}
