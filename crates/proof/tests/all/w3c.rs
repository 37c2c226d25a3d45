//! W3C credentials and presentations in tokens and with Data Integrity proofs.

use crate::fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Holder, Presentation},
    document::VerificationRelationship as For,
    key::Signer,
    status::{StatusEntry, StatusPurpose},
    time::Timestamp,
    vcdm,
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{
    HolderBinding, KeyRing, Profile, Unverified,
    data_integrity::{self, ProofOptions},
    vc_di, vc_jwt, vp,
};

fn held() -> Credential {
    credential_for(Holder::Did(Party::holder().did))
}

fn text(object: Map<String, Value>) -> String {
    Value::Object(object).to_string()
}

fn code(wire: &str) -> Result<Credential, &'static str> {
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    match arrived.verify(&Party::issuer().ring(), now()) {
        Ok(verified) => Ok(verified.into_inner()),
        Err(error) => Err(error.code()),
    }
}

/// A `vc+jwt` of the issuer over `held()` with `change` applied.
fn jwt(change: impl Fn(&mut Value)) -> Result<Credential, &'static str> {
    let header = json!({"alg": "ES256", "typ": "vc+jwt", "kid": "did:x:issuer#key-1", "cty": "vc"});
    let mut payload = Value::Object(vcdm::credential_to_json(&held(), &[]));
    change(&mut payload);
    code(&token(&Party::issuer(), &header, &payload))
}

#[test]
fn a_credential_survives_both_containers() {
    let issuer = Party::issuer();
    assert_eq!(code(&vc_jwt::issue(&held(), &[], issuer.pair()).unwrap()), Ok(held()));
    assert_eq!(code(&text(vc_di::issue(&held(), &[], issuer.pair()).unwrap())), Ok(held()));
    let impostor = Party::impostor();
    assert_eq!(code(&vc_jwt::issue(&held(), &[], impostor.pair()).unwrap()), Err("JWS-11"));
    assert_eq!(code(&text(vc_di::issue(&held(), &[], impostor.pair()).unwrap())), Err("DI-10"));
}

#[test]
fn claims_of_the_token_may_repeat_the_credential_and_not_contradict_it() {
    assert_eq!(jwt(|_| ()), Ok(held()));
    for (name, agreeing) in [("iss", "did:x:issuer"), ("sub", "did:x:holder")] {
        assert!(jwt(|payload| payload[name] = json!(agreeing)).is_ok());
        for contradicting in [json!("did:x:other"), json!(1), json!([agreeing])] {
            assert_eq!(jwt(|payload| payload[name] = contradicting.clone()), Err("VCJ-09"), "{name}");
        }
    }
    assert_eq!(jwt(|payload| payload["jti"] = json!("urn:uuid:1")), Err("VCJ-09"));
}

#[test]
fn a_payload_that_is_not_the_credential_is_refused() {
    assert_eq!(jwt(|payload| payload["vc"] = json!({})), Err("VCJ-10"));
    let header =
        |cty: Value| json!({"alg": "ES256", "typ": "vc+jwt", "kid": "did:x:issuer#key-1", "cty": cty});
    let payload = Value::Object(vcdm::credential_to_json(&held(), &[]));
    for cty in ["vp", "VC", "application/vc", ""] {
        assert_eq!(code(&token(&Party::issuer(), &header(json!(cty)), &payload)), Err("VCJ-10"), "{cty}");
    }
    assert_eq!(code(&token(&Party::issuer(), &header(json!(1)), &payload)), Err("JWS-04"));
}

#[test]
fn what_breaks_the_data_model_is_refused() {
    for (name, value, rule) in [
        ("@context", json!(["https://other.example"]), "VCJ-01"),
        ("type", json!(["ResidentCredential"]), "VCJ-02"),
        ("validUntil", json!("2020-01-01T00:00:00Z"), "VCJ-03"),
        ("credentialStatus", json!({"type": "Unheard"}), "VCJ-04"),
        ("credentialSubject", json!([]), "VCJ-05"),
        ("issuer", json!("did:x:other"), "VCJ-06"),
    ] {
        assert_eq!(jwt(|payload| payload[name] = value.clone()), Err(rule), "{name}");
    }
}

#[test]
fn validity_is_kept_in_both_containers() {
    let issuer = Party::issuer();
    for wire in [
        vc_jwt::issue(&held(), &[], issuer.pair()).unwrap(),
        text(vc_di::issue(&held(), &[], issuer.pair()).unwrap()),
    ] {
        let at = |at| {
            let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
            arrived.verify(&issuer.ring(), at).map(|_| ()).map_err(|error| error.code())
        };
        assert_eq!(at(later(1060)), Ok(()));
        assert_eq!(at(later(1061)), Err("JWS-14"));
        assert!(matches!(at(earlier(1061)), Err("JWS-15" | "DI-04")));
    }
}

/// DIN-03 of the catalogue.
#[test]
fn a_credential_signed_with_an_attackers_did_is_refused() {
    let attacker = Party::new("did:x:attacker", Algorithm::Es256, 9);
    let keys = ring(&[&Party::issuer(), &attacker]);
    let document = vcdm::credential_to_json(&held(), &[]);
    let options = ProofOptions::new(For::AssertionMethod);
    let secured = data_integrity::sign(document.clone(), &options, &attacker.signer, attacker.key()).unwrap();
    let header = json!({"alg": "ES256", "typ": "vc+jwt", "kid": "did:x:attacker#key-1"});
    for wire in [text(secured), token(&attacker, &header, &Value::Object(document))] {
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        assert_eq!(arrived.verify(&keys, now()).unwrap_err().code(), "VCJ-06");
    }
}

#[test]
fn what_the_container_cannot_say_is_not_dropped() {
    let issuer = Party::issuer();
    let key_bound = credential();
    assert_eq!(vc_jwt::issue(&key_bound, &[], issuer.pair()).unwrap_err().code(), "VCJ-11");
    assert_eq!(vc_di::issue(&key_bound, &[], issuer.pair()).unwrap_err().code(), "VCJ-11");
    let token_status = Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(Holder::Bearer)
        .valid(held().validity())
        .status(StatusEntry::Token { list: "https://a.example".into(), index: 1 })
        .claim("given_name", "한별")
        .build();
    assert_eq!(vc_jwt::issue(&token_status, &[], issuer.pair()).unwrap_err().code(), "VCJ-11");
    let bitstring = Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(Holder::Bearer)
        .valid(held().validity())
        .issued_at(earlier(1000))
        .status(StatusEntry::Bitstring {
            list: "https://a.example".into(),
            index: 1,
            purpose: StatusPurpose::Revocation,
            messages: None,
        })
        .claim("given_name", "한별")
        .build();
    assert_eq!(code(&vc_jwt::issue(&bitstring, &[], issuer.pair()).unwrap()), Ok(bitstring));
}

#[test]
fn the_earlier_data_model_is_read_only_where_the_profile_says_so() {
    let issuer = Party::issuer();
    let old = object(
        json!({"@context": [vcdm::CONTEXT_V1], "type": ["VerifiableCredential"], "issuer": "did:x:issuer",
        "issuanceDate": "2020-01-01T00:00:00Z", "credentialSubject": {"a": 1}}),
    );
    let options = ProofOptions::new(For::AssertionMethod);
    let wire = text(data_integrity::sign(old, &options, &issuer.signer, issuer.key()).unwrap());
    assert_eq!(code(&wire), Err("VCJ-01"));
    let arrived = Unverified::<Credential>::parse_as(wire.as_bytes(), &Profile::legacy()).unwrap();
    assert!(arrived.verify(&issuer.ring(), now()).is_ok());
}

/// Credentials in every container that a presentation can carry.
fn credentials() -> [String; 2] {
    let issuer = Party::issuer();
    [
        vc_jwt::issue(&held(), &[], issuer.pair()).unwrap(),
        text(vc_di::issue(&held(), &[], issuer.pair()).unwrap()),
    ]
}

/// The containers of presentations.
#[derive(Clone, Copy)]
enum Container {
    Token,
    Proof,
}

/// How a presentation is made.
#[derive(Clone, Copy)]
struct Made<'a> {
    signer: &'a Party,
    holder: &'a Party,
    audience: &'a str,
    nonce: &'a str,
    at: Timestamp,
}

/// A good presentation by `party`.
fn by(party: &Party) -> Made<'_> {
    Made { signer: party, holder: party, audience: AUDIENCE, nonce: NONCE, at: now() }
}

impl Container {
    const BOTH: [Self; 2] = [Self::Token, Self::Proof];

    fn make(self, made: Made<'_>) -> String {
        let credentials = credentials();
        let credentials: Vec<&str> = credentials.iter().map(String::as_str).collect();
        let presentation = vp::presentation(&made.holder.did, &credentials);
        let (audience, nonce, signer) = (made.audience, made.nonce, made.signer);
        match self {
            Self::Token => {
                let prepared = vp::prepare(presentation, audience, nonce, made.at, signer.signatory());
                let signature = signer.signer.sign(prepared.signing_input()).unwrap();
                prepared.attach(&signature).unwrap()
            }
            Self::Proof => {
                let options = vp::proof_options(audience, nonce, made.at);
                text(data_integrity::sign(presentation, &options, &signer.signer, signer.key()).unwrap())
            }
        }
    }
}

fn present(wire: &str, keys: &KeyRing) -> Result<Presentation, &'static str> {
    let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    match arrived.verify(keys, HolderBinding::Required(occasion()), now()) {
        Ok(verified) => Ok(verified.into_inner()),
        Err(error) => Err(error.code()),
    }
}

#[test]
fn a_presentation_survives_both_containers() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let keys = ring(&[&issuer, &holder]);
    for wire in Container::BOTH.map(|container| container.make(by(&holder))) {
        let presentation = present(&wire, &keys).unwrap();
        assert_eq!(presentation.credentials, [held(), held()]);
        let binding = presentation.binding.unwrap();
        assert_eq!(
            (binding.audience.as_str(), binding.nonce.as_str(), binding.signed_at),
            (AUDIENCE, NONCE, now())
        );
        let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
        let signers: Vec<_> =
            arrived.hints().unwrap().iter().map(|hint| hint.claimed_key().unwrap().to_string()).collect();
        assert_eq!(signers, ["did:x:holder#key-1", "did:x:issuer#key-1", "did:x:issuer#key-1"]);
        let unbound = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
        assert_eq!(unbound.verify(&keys, HolderBinding::NotWanted, now()).unwrap_err().code(), "VCJ-15");
    }
}

#[test]
fn a_presentation_for_another_occasion_is_refused() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let keys = ring(&[&issuer, &holder]);
    for (container, [audience, nonce, future]) in
        Container::BOTH.into_iter().zip([["VCJ-16", "VCJ-17", "JWS-15"], ["DI-06", "DI-07", "DI-04"]])
    {
        let check = |made| present(&container.make(made), &keys);
        assert!(check(by(&holder)).is_ok());
        assert_eq!(check(Made { audience: "other", ..by(&holder) }), Err(audience));
        assert_eq!(check(Made { nonce: "other", ..by(&holder) }), Err(nonce));
        assert_eq!(check(Made { at: later(61), ..by(&holder) }), Err(future));
        assert_eq!(check(Made { at: earlier(361), ..by(&holder) }), Err("VCJ-18"));
    }
}

#[test]
fn only_the_holder_may_present() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let thief = Party::new("did:x:thief", Algorithm::Es256, 8);
    let keys = ring(&[&issuer, &holder, &thief]);
    for container in Container::BOTH {
        let in_the_holders_name = container.make(Made { signer: &thief, ..by(&holder) });
        assert_eq!(present(&in_the_holders_name, &keys), Err("VCJ-12"));
        assert_eq!(present(&container.make(by(&thief)), &keys), Err("VCJ-13"));
    }
    let mut only_asserts = KeyRing::of(&issuer.document(&For::ALL));
    only_asserts.add(&holder.document(&[For::AssertionMethod]));
    for wire in Container::BOTH.map(|container| container.make(by(&holder))) {
        assert_eq!(present(&wire, &only_asserts), Err("DID-02"));
        assert_eq!(present(&wire, &holder.ring()), Err("JWS-16"));
        let forged = ring(&[&Party::impostor(), &holder]);
        assert!(matches!(present(&wire, &forged), Err("JWS-11" | "DI-10")));
    }
}

#[test]
fn an_envelope_of_another_kind_is_refused() {
    let holder = Party::holder();
    let keys = ring(&[&Party::issuer(), &holder]);
    for id in [json!("data:application/jwt,AA"), json!("https://a.example"), json!(1), json!(null)] {
        let mut presentation = vp::presentation(&holder.did, &["a.b.c"]);
        presentation["verifiableCredential"][0]["id"] = id;
        let prepared = vp::prepare(presentation, AUDIENCE, NONCE, now(), holder.signatory());
        let signature = holder.signer.sign(prepared.signing_input()).unwrap();
        assert_eq!(present(&prepared.attach(&signature).unwrap(), &keys), Err("VCJ-14"));
    }
}
