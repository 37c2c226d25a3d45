//! Proofs of possession at the credential endpoint.

use crate::world::{
    ISSUER, World, assert_issued, assert_refused, at, attested, attester, holder, parsed, proof,
    sign_attestation,
};
use http::Response;
use serde_json::{Map, Value, json};
use sinpyo_core::encoding::{from_base64url, to_base64url};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vci::proof::{ProofKey, sign_di_vp};
use sinpyo_testkit::key;

fn ask(world: &World, id: &str, proofs: impl Into<Value>) -> Response<Vec<u8>> {
    let token = world.token("kim", &[id]);
    world.ask(&token, &json!({ "credential_configuration_id": id, "proofs": proofs.into() }))
}

fn with_claims(change: impl FnOnce(&mut Map<String, Value>)) -> Response<Vec<u8>> {
    let world = World::new();
    let mut claims = world.claims();
    change(&mut claims);
    let response = ask(&world, "resident", json!({ "jwt": [proof(&claims, &holder(1), None)] }));
    assert_eq!(world.issued(), usize::from(response.status() == 200));
    response
}

#[test]
fn a_proof_by_the_key_in_its_header_is_accepted() {
    let response = with_claims(|_| ());
    assert_issued(&response, 1);
    let x = holder(1).key().verifying_key().to_jwk().text("x").unwrap().to_owned();
    assert_eq!(parsed(&response)["credentials"][0]["credential"], format!("resident:0:{x}"));
}

/// VCI-08 of the catalogue of attacks.
#[test]
fn a_proof_for_another_audience_is_refused() {
    for aud in [
        None,
        Some(json!("https://other.example")),
        Some(json!(format!("{ISSUER}/"))),
        Some(json!(format!("{ISSUER}/token"))),
        Some(json!([ISSUER, "https://other.example"])),
        Some(json!([])),
    ] {
        let response = with_claims(|claims| match aud {
            None => drop(claims.remove("aud")),
            Some(aud) => drop(claims.insert("aud".to_owned(), aud)),
        });
        assert_refused(&response, "invalid_proof", "VCI-PRF-01a");
    }
}

#[test]
fn a_proof_that_was_not_made_just_now_is_refused() {
    for iat in [json!(at(-361).unix()), json!(at(61).unix()), json!("1795319100"), Value::Null] {
        let response = with_claims(|claims| drop(claims.insert("iat".to_owned(), iat.clone())));
        assert_refused(&response, "invalid_proof", "VCI-PRF-01b");
    }
    assert_refused(&with_claims(|claims| drop(claims.remove("iat"))), "invalid_proof", "VCI-PRF-01b");
    assert_issued(&with_claims(|claims| drop(claims.insert("iat".to_owned(), json!(at(-300).unix())))), 1);
}

#[test]
fn an_anonymous_wallet_names_itself_nowhere() {
    let response = with_claims(|claims| drop(claims.insert("iss".to_owned(), json!("wallet"))));
    assert_refused(&response, "invalid_proof", "VCI-PRF-01a");
}

#[test]
fn a_proof_without_nonce_is_wrong_and_one_with_another_nonce_is_stale() {
    assert_refused(&with_claims(|claims| drop(claims.remove("nonce"))), "invalid_proof", "VCI-PRF-01a");
    assert_refused(
        &with_claims(|claims| drop(claims.insert("nonce".into(), json!(1)))),
        "invalid_proof",
        "VCI-PRF-01a",
    );
    for nonce in ["", "guess", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let response = with_claims(|claims| drop(claims.insert("nonce".into(), json!(nonce))));
        assert_refused(&response, "invalid_nonce", "VCI-NON-02");
    }
    let one_more = with_claims(|claims| {
        let longer = format!("{}A", claims["nonce"].as_str().unwrap());
        claims.insert("nonce".into(), json!(longer));
    });
    assert_refused(&one_more, "invalid_nonce", "VCI-NON-02");
}

/// VCI-07 of the catalogue of attacks.
#[test]
fn a_nonce_of_another_tenant_or_of_an_hour_ago_is_refused() {
    let world = World::new();
    let old = world.c_nonce(at(-3600));
    let response = with_claims(|claims| drop(claims.insert("nonce".into(), json!(old))));
    assert_refused(&response, "invalid_nonce", "VCI-NON-02");
    let entropy = &mut sinpyo_testkit::TestEntropy::new(5);
    let master = sinpyo_core::Secret::new([7; 32]);
    let context = sinpyo_oauth::nonce::Context { purpose: "c_nonce", server: "https://issuer.example/other" };
    let other = sinpyo_oauth::nonce::Nonces::new(&master, context, std::time::Duration::from_mins(5));
    let response =
        with_claims(|claims| drop(claims.insert("nonce".into(), json!(other.issue(at(0), entropy)))));
    assert_refused(&response, "invalid_nonce", "VCI-NON-02");
}

/// A proof whose header is changed after signing or before, by hand.
fn with_header(typ: Typ, hint: KeyHint<'_>, signer: &KeySigner) -> Response<Vec<u8>> {
    let world = World::new();
    let claims = world.claims();
    let token = sign(JwtHeader::new(typ, hint), &claims, (signer, signer.key().verifying_key())).unwrap();
    ask(&world, "resident", json!({ "jwt": [token] }))
}

/// VCI-09 of the catalogue of attacks.
#[test]
fn a_token_of_another_type_or_hint_is_no_proof() {
    let holder = holder(1);
    assert_issued(&with_header(Typ::CREDENTIAL_PROOF, KeyHint::Jwk, &holder), 1);
    for typ in [Typ::JWT, Typ::ABSENT, Typ::DPOP, Typ::KEY_ATTESTATION] {
        assert_refused(&with_header(typ, KeyHint::Jwk, &holder), "invalid_proof", "VCI-PRF-01");
    }
    assert_refused(
        &with_header(Typ::CREDENTIAL_PROOF, KeyHint::None, &holder),
        "invalid_proof",
        "VCI-PRF-01",
    );
    // Its key's algorithm is not one of the configuration's.
    let foreign = KeySigner::new("did:x:y#1".parse().unwrap(), key(Algorithm::Es384, 1));
    assert_refused(
        &with_header(Typ::CREDENTIAL_PROOF, KeyHint::Jwk, &foreign),
        "invalid_proof",
        "VCI-PRF-01",
    );
}

/// Signs `header` and the claims as they are, so that the header may say anything.
fn raw(world: &World, header: &Value, signer: &KeySigner) -> String {
    let part = |value: &Value| to_base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(&Value::Object(world.claims())));
    format!("{input}.{}", to_base64url(&signer.key().sign(input.as_bytes()).unwrap()))
}

/// VCI-09 of the catalogue of attacks.
#[test]
fn a_header_that_says_too_much_or_lies_is_refused() {
    let signer = holder(1);
    let jwk = Value::Object(signer.key().verifying_key().to_jwk().members().clone());
    let good = json!({ "typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": jwk });
    let world = World::new();
    assert_issued(&ask(&world, "resident", json!({ "jwt": [raw(&world, &good, &signer)] })), 1);
    let mut private = jwk.clone();
    private["d"] = json!("AA");
    for (member, value) in [
        ("typ", json!("OpenID4VCI-proof+jwt")),
        ("typ", json!("openid4vci-proof+JWT")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES384")),
        ("kid", json!(signer_id(&signer))),
        ("x5c", json!(["MAA="])),
        ("jwk", private),
        ("crit", json!(["exp"])),
    ] {
        let world = World::new();
        let mut header = good.clone();
        header[member] = value;
        let response = ask(&world, "resident", json!({ "jwt": [raw(&world, &header, &signer)] }));
        assert_refused(&response, "invalid_proof", "VCI-PRF-01");
        assert_eq!(world.issued(), 0);
    }
}

fn signer_id(signer: &KeySigner) -> String {
    use sinpyo_core::key::Signer;
    signer.key_id().to_string()
}

#[test]
fn a_signature_of_another_key_or_other_bytes_is_refused() {
    let world = World::new();
    let good = proof(&world.claims(), &holder(1), None);
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut bytes = from_base64url(signature).unwrap();
    bytes[10] ^= 1;
    let flipped = format!("{input}.{}", to_base64url(&bytes));
    let jwk = Value::Object(holder(1).key().verifying_key().to_jwk().members().clone());
    let header = json!({ "typ": "openid4vci-proof+jwt", "alg": "ES256", "jwk": jwk });
    let foreign = raw(&world, &header, &holder(2));
    let truncated = good[..good.len() - 4].to_owned();
    for bad in [flipped, foreign, truncated, String::new(), "a.b.c".to_owned()] {
        let response = ask(&world, "resident", json!({ "jwt": [bad] }));
        assert_refused(&response, "invalid_proof", "VCI-PRF-01");
    }
    assert_issued(&ask(&world, "resident", json!({ "jwt": [good] })), 1);
}

#[test]
fn a_key_named_by_a_did_is_looked_up() {
    let signer = holder(3);
    let id = signer_id(&signer);
    assert_issued(&with_header(Typ::CREDENTIAL_PROOF, KeyHint::Kid(&id), &signer), 1);
    for unknown in ["did:web:nowhere.example#1", &signer_id(&holder(4))] {
        let response = with_header(Typ::CREDENTIAL_PROOF, KeyHint::Kid(unknown), &signer);
        let code = if unknown.starts_with("did:web") { "VCI-PRF-01c" } else { "VCI-PRF-01" };
        assert_refused(&response, "invalid_proof", code);
    }
    let no_did = with_header(Typ::CREDENTIAL_PROOF, KeyHint::Kid("key-1"), &signer);
    assert_refused(&no_did, "invalid_proof", "VCI-PRF-01");
}

#[test]
fn two_proofs_by_one_key_are_refused() {
    let world = World::new();
    let response = ask(&world, "resident", world.jwt_proofs(&[1, 2, 1]));
    assert_refused(&response, "invalid_proof", "VCI-PRF-06");
    assert_issued(&ask(&world, "resident", world.jwt_proofs(&[1, 2])), 2);
}

#[test]
fn one_bad_proof_spoils_the_batch_and_spends_nothing() {
    let world = World::new();
    let claims = world.claims();
    let mut other = claims.clone();
    other.insert("aud".to_owned(), json!("https://other.example"));
    let good = proof(&claims, &holder(1), None);
    let response = ask(&world, "resident", json!({ "jwt": [good, proof(&other, &holder(2), None)] }));
    assert_refused(&response, "invalid_proof", "VCI-PRF-01a");
    assert_eq!(world.issued(), 0);
    // The nonce of the refused attempt is still good.
    assert_issued(&ask(&world, "resident", json!({ "jwt": [good] })), 1);
}

// Key attestations.

/// A request for the configuration that demands attested keys, by key 1.
fn beside(world: &World, seeds: &[u8], change: impl FnOnce(&mut Map<String, Value>)) -> Response<Vec<u8>> {
    let claims = world.claims();
    let mut says = attested(seeds, claims["nonce"].as_str());
    change(&mut says);
    let attestation = sign_attestation(&says, &attester());
    ask(world, "attested", json!({ "jwt": [proof(&claims, &holder(1), Some(&attestation))] }))
}

#[test]
fn every_attested_key_gets_a_credential_up_to_the_batch_size() {
    let world = World::new();
    assert_issued(&beside(&world, &[1], |_| ()), 1);
    let response = beside(&world, &[2, 1, 3], |_| ());
    assert_issued(&response, 3);
    let first = parsed(&response)["credentials"][0]["credential"].as_str().unwrap().to_owned();
    let own = holder(1).key().verifying_key().to_jwk();
    assert!(first.ends_with(own.text("x").unwrap()), "the key that signed comes first");
    assert_issued(&beside(&world, &[1, 2, 3, 4, 5, 6, 7], |_| ()), 5);
}

#[test]
fn an_attestation_of_other_keys_is_refused() {
    let world = World::new();
    assert_refused(&beside(&world, &[2, 3], |_| ()), "invalid_proof", "VCI-PRF-02a");
    assert_eq!(world.issued(), 0);
}

#[test]
fn an_attestation_for_another_occasion_is_refused() {
    let world = World::new();
    let old = beside(&world, &[1], |says| drop(says.insert("nonce".into(), json!("other"))));
    assert_refused(&old, "invalid_proof", "VCI-PRF-02b");
    let none = beside(&world, &[1], |says| drop(says.remove("nonce")));
    assert_refused(&none, "invalid_proof", "VCI-PRF-02b");
}

#[test]
fn an_attestation_names_its_keys_and_times() {
    let private = {
        let mut jwk = holder(1).key().verifying_key().to_jwk().members().clone();
        jwk.insert("d".to_owned(), json!("AA"));
        Value::Object(jwk)
    };
    for (member, value) in [
        ("attested_keys", json!([])),
        ("attested_keys", Value::Null),
        ("attested_keys", json!([{ "kty": "EC" }])),
        ("attested_keys", json!([private])),
        ("key_storage", json!("iso_18045_high")),
        ("iat", Value::Null),
        ("exp", Value::Null),
    ] {
        let world = World::new();
        let response = beside(&world, &[1], |says| match value.clone() {
            Value::Null => drop(says.remove(member)),
            value => drop(says.insert(member.to_owned(), value)),
        });
        assert_refused(&response, "invalid_proof", "VCI-PRF-04");
    }
    let world = World::new();
    let over = beside(&world, &[1], |says| drop(says.insert("exp".into(), json!(at(-61).unix()))));
    assert_refused(&over, "invalid_proof", "JWS-14");
}

#[test]
fn keys_that_must_be_attested_are() {
    let world = World::new();
    assert_refused(&ask(&world, "attested", world.jwt_proofs(&[1])), "invalid_proof", "VCI-PRF-04");
    assert_issued(&ask(&world, "resident", world.jwt_proofs(&[1])), 1);
}

#[test]
fn an_attester_whom_nobody_trusts_is_refused() {
    let world = World::new();
    let claims = world.claims();
    let says = attested(&[1], claims["nonce"].as_str());
    let jwt = |attestation: &str| json!({ "jwt": [proof(&claims, &holder(1), Some(attestation))] });
    // Signed by another key under the attester's name.
    let forged = sign_attestation(&says, &holder(9));
    assert_refused(&ask(&world, "attested", jwt(&forged)), "invalid_proof", "VCI-PRF-03");
    let header = JwtHeader::new(Typ::KEY_ATTESTATION, KeyHint::Kid("did:x:nobody#1"));
    let unknown = sign(header, &says, (&holder(9), holder(9).key().verifying_key())).unwrap();
    assert_refused(&ask(&world, "attested", jwt(&unknown)), "invalid_proof", "VCI-PRF-04a");
    let header = JwtHeader::new(Typ::JWT, KeyHint::Kid("did:x:maker#1"));
    let other_type = sign(header, &says, (&attester(), attester().key().verifying_key())).unwrap();
    assert_refused(&ask(&world, "attested", jwt(&other_type)), "invalid_proof", "VCI-PRF-03");
    // An attestation is checked even where none is demanded.
    assert_refused(&ask(&world, "resident", jwt(&forged)), "invalid_proof", "VCI-PRF-03");
}

#[test]
fn keys_are_kept_as_well_as_the_configuration_demands() {
    let world = World::new();
    for level in [json!(["iso_18045_basic"]), json!(["https://example/level"])] {
        let response = beside(&world, &[1], |says| drop(says.insert("key_storage".into(), level)));
        assert_refused(&response, "invalid_proof", "VCI-PRF-04b");
    }
    assert_refused(
        &beside(&world, &[1], |says| drop(says.remove("key_storage"))),
        "invalid_proof",
        "VCI-PRF-04b",
    );
    let moderate =
        beside(&world, &[1], |says| drop(says.insert("key_storage".into(), json!(["iso_18045_moderate"]))));
    assert_issued(&moderate, 1);
}

#[test]
fn an_attestation_whose_status_does_not_stand_is_refused() {
    let world = World::new();
    let standing = beside(&world, &[1], |says| drop(says.insert("status".into(), json!({ "ok": true }))));
    assert_issued(&standing, 1);
    let revoked = beside(&world, &[1], |says| drop(says.insert("status".into(), json!({ "ok": false }))));
    assert_refused(&revoked, "invalid_proof", "VCI-PRF-04c");
}

#[test]
fn an_attestation_proof_stands_alone_and_has_a_nonce() {
    let world = World::new();
    let nonce = world.c_nonce(at(0));
    let token = sign_attestation(&attested(&[1, 2, 3], Some(&nonce)), &attester());
    let twice = ask(&world, "attested", json!({ "attestation": [token, token] }));
    assert_refused(&twice, "invalid_credential_request", "VCI-CRQ-02");
    assert_issued(&ask(&world, "attested", json!({ "attestation": [token] })), 3);
    assert_refused(
        &ask(&world, "attested", json!({ "attestation": [token] })),
        "invalid_nonce",
        "VCI-NON-02a",
    );
    let without = sign_attestation(&attested(&[1], None), &attester());
    assert_refused(
        &ask(&world, "attested", json!({ "attestation": [without] })),
        "invalid_proof",
        "VCI-PRF-01a",
    );
}

// Data Integrity presentations.

fn di_vp(world: &World, audience: &str, nonce: &str) -> Value {
    let audience =
        sinpyo_openid4vci::address::CredentialIssuerId::parse(audience, sinpyo_oauth::url::Transport::Https);
    let _ = world;
    let signer = holder(1);
    let key = ProofKey { signer: &signer, key: signer.key().verifying_key() };
    sign_di_vp(&audience.unwrap(), nonce, at(0), key).unwrap()
}

#[test]
fn a_presentation_for_this_issuer_and_nonce_is_a_proof() {
    let world = World::new();
    let nonce = world.c_nonce(at(0));
    let good = di_vp(&world, ISSUER, &nonce);
    assert_issued(&ask(&world, "resident", json!({ "di_vp": [good] })), 1);
    assert_refused(&ask(&world, "resident", json!({ "di_vp": [good] })), "invalid_nonce", "VCI-NON-02a");
    let stale = di_vp(&world, ISSUER, "guess");
    assert_refused(&ask(&world, "resident", json!({ "di_vp": [stale] })), "invalid_nonce", "VCI-NON-02");
}

#[test]
fn a_presentation_for_another_occasion_is_no_proof() {
    let world = World::new();
    let nonce = world.c_nonce(at(0));
    let good = di_vp(&world, ISSUER, &nonce);
    let other = di_vp(&world, "https://other.example", &nonce);
    assert_refused(&ask(&world, "resident", json!({ "di_vp": [other] })), "invalid_proof", "VCI-PRF-05");
    let spoilt = |path: &[&str], value: Value| {
        let mut spoilt = good.clone();
        let place = path.iter().fold(&mut spoilt, |place, name| &mut place[*name]);
        *place = value;
        ask(&world, "resident", json!({ "di_vp": [spoilt] }))
    };
    let foreign = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    assert_refused(&spoilt(&["holder"], json!(foreign)), "invalid_proof", "VCI-PRF-05");
    assert_refused(
        &spoilt(&["proof", "proofPurpose"], json!("assertionMethod")),
        "invalid_proof",
        "VCI-PRF-05",
    );
    assert_refused(
        &spoilt(&["proof", "cryptosuite"], json!("eddsa-jcs-2022")),
        "invalid_proof",
        "VCI-PRF-05a",
    );
    assert_refused(&spoilt(&["proof"], json!([good["proof"]])), "invalid_proof", "VCI-PRF-01a");
    assert_eq!(world.issued(), 0);
    // Where keys must be attested, it cannot say enough.
    let attested = ask(&world, "attested", json!({ "di_vp": [good] }));
    assert_refused(&attested, "invalid_proof", "VCI-PRF-04");
}

#[test]
fn a_configuration_takes_the_proofs_that_it_lists() {
    let world = World::new();
    let nonce = world.c_nonce(at(0));
    let response = ask(&world, "licence", json!({ "di_vp": [di_vp(&world, ISSUER, &nonce)] }));
    assert_refused(&response, "invalid_proof", "VCI-CRQ-03a");
    let unknown = ask(&world, "licence", json!({ "ldp_vp": [{}] }));
    assert_refused(&unknown, "invalid_credential_request", "VCI-CRQ-02");
}
