//! Keys and tokens across the border, in a binary in which josekit has turned on `preserve_order` of `serde_json`.
use crate::tally::{Tally, Verdict};
use josekit::{
    jwk::{
        Jwk,
        alg::{ec::EcCurve, ed::EdCurve},
    },
    jws::{
        ES256, ES384, EdDSA, JwsHeader,
        alg::{ecdsa::EcdsaJwsAlgorithm, eddsa::EddsaJwsAlgorithm},
    },
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    jcs, json as strict,
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_josekit_adapter::{public_key, signing_key, to_josekit, to_josekit_private};
use sinpyo_proof::{
    KeyRing, Unverified,
    data_integrity::{ProofOptions, sign},
    vc_jwt,
};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384];

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn generated(algorithm: Algorithm) -> Jwk {
    match algorithm {
        Algorithm::Ed25519 => Jwk::generate_ed_key(EdCurve::Ed25519),
        Algorithm::Es256 => Jwk::generate_ec_key(EcCurve::P256),
        _ => Jwk::generate_ec_key(EcCurve::P384),
    }
    .unwrap()
}

#[test]
fn this_binary_preserves_order() {
    let value: Value = serde_json::from_str(r#"{"b":1,"a":2}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"b":1,"a":2}"#);
}

/// RFC 8785 §3.2.3, whose names are given out of order.
#[test]
fn canonical_json_is_sorted_all_the_same() {
    let text =
        "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}";
    let canonical = jcs::canonicalize(&strict::parse(text.as_bytes()).unwrap());
    let expected = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}";
    assert_eq!(String::from_utf8(canonical).unwrap(), expected);
    let nested = jcs::canonicalize(&strict::parse(br#"{"z":{"b":1,"a":[{"d":1,"c":2}]},"a":0}"#).unwrap());
    assert_eq!(nested, br#"{"a":0,"z":{"a":[{"c":2,"d":1}],"b":1}}"#);
}

#[test]
fn keys_go_there_and_back() {
    for algorithm in ALGORITHMS {
        let theirs = generated(algorithm);
        let pair = signing_key(&theirs).unwrap();
        assert_eq!(pair.algorithm(), algorithm);
        assert_eq!(public_key(&theirs).unwrap(), *pair.verifying_key());
        assert_eq!(public_key(&to_josekit(pair.verifying_key()).unwrap()).unwrap(), *pair.verifying_key());
        assert_eq!(
            signing_key(&to_josekit_private(&pair).unwrap()).unwrap().verifying_key(),
            pair.verifying_key()
        );
        assert!(signing_key(&to_josekit(pair.verifying_key()).unwrap()).is_err());
        let mut mixed = theirs;
        mixed.set_parameter("d", generated(algorithm).parameter("d").cloned()).unwrap();
        assert_eq!(signing_key(&mixed).unwrap_err().code(), "KEY-09");
    }
    assert!(public_key(&Jwk::generate_oct_key(32).unwrap()).is_err());
    assert!(public_key(&Jwk::generate_ec_key(EcCurve::Secp256k1).unwrap()).is_err());
}

/// Somebody whose key `key-1` makes statements.
struct Office {
    did: Did,
    signer: KeySigner,
}

impl Office {
    fn new(key: SigningKey) -> Self {
        let did: Did = "did:example:office".parse().unwrap();
        Self { signer: KeySigner::new(did.key("key-1").unwrap(), key), did }
    }

    fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }

    fn ring(&self) -> KeyRing {
        let method = VerificationMethod {
            id: self.did.key("key-1").unwrap(),
            controller: self.did.clone(),
            key: PublicKeyMaterial::Multikey(self.key().to_multikey()),
            revoked: None,
        };
        let document = DidDocument::new(self.did.clone()).with_key(method, &[AssertionMethod]);
        KeyRing::of(&Resolved::immutable(document))
    }

    fn verify(&self, wire: &str) -> Verdict {
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
        let verified = arrived.verify(&self.ring(), now()).map_err(|error| error.code())?;
        let age = verified.get().claim(&ClaimPath::name("age")).cloned();
        if age == Some(json!(35)) { Ok(()) } else { Err("another age".to_owned()) }
    }
}

fn credential(office: &Office) -> Credential {
    Credential::builder("ResidentCredential".parse().unwrap(), office.did.as_str())
        .holder(Holder::Bearer)
        .valid(Validity { from: Some("2026-01-01T00:00:00Z".parse().unwrap()), until: None })
        .claim("name", "김한별")
        .claim("age", 35)
        .build()
}

fn josekit_verifies(jwk: &Jwk, algorithm: Algorithm, token: &str) -> Verdict {
    let ecdsa = |algorithm: EcdsaJwsAlgorithm| {
        let verifier = algorithm.verifier_from_jwk(jwk)?;
        josekit::jws::deserialize_compact(token, &verifier)
    };
    let eddsa = |algorithm: EddsaJwsAlgorithm| {
        let verifier = algorithm.verifier_from_jwk(jwk)?;
        josekit::jws::deserialize_compact(token, &verifier)
    };
    match algorithm {
        Algorithm::Ed25519 => eddsa(EdDSA),
        Algorithm::Es256 => ecdsa(ES256),
        _ => ecdsa(ES384),
    }
    .map(|_| ())
    .map_err(|error| error.to_string())
}

fn josekit_signs(jwk: &Jwk, algorithm: Algorithm, office: &Office, payload: &[u8]) -> String {
    let mut header = JwsHeader::new();
    header.set_token_type("vc+jwt");
    header.set_key_id(office.did.key("key-1").unwrap().as_str());
    match algorithm {
        Algorithm::Ed25519 => {
            josekit::jws::serialize_compact(payload, &header, &EdDSA.signer_from_jwk(jwk).unwrap())
        }
        Algorithm::Es256 => {
            josekit::jws::serialize_compact(payload, &header, &ES256.signer_from_jwk(jwk).unwrap())
        }
        _ => josekit::jws::serialize_compact(payload, &header, &ES384.signer_from_jwk(jwk).unwrap()),
    }
    .unwrap()
}

/// The token with its payload's last character changed to another.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (rest, last) = signed.split_at(signed.len() - 2);
    let changed = if last.starts_with('A') { "BA" } else { "AA" };
    format!("{rest}{changed}.{signature}")
}

#[test]
fn each_issues_and_the_other_verifies() {
    let mut tally = Tally::default();
    for algorithm in ALGORITHMS {
        let jwk = generated(algorithm);
        let office = Office::new(signing_key(&jwk).unwrap());
        let public = to_josekit(office.key()).unwrap();
        let ours = vc_jwt::issue(&credential(&office), &[], (&office.signer, office.key())).unwrap();
        tally.expect(&format!("{algorithm}: ours, by us"), office.verify(&ours));
        tally.expect(&format!("{algorithm}: ours, by josekit"), josekit_verifies(&public, algorithm, &ours));
        let bad = tampered(&ours);
        tally.expect_refused(&format!("{algorithm}: tampered, by us"), &office.verify(&bad));
        tally.expect_refused(
            &format!("{algorithm}: tampered, by josekit"),
            &josekit_verifies(&public, algorithm, &bad),
        );

        let payload = sinpyo_core::vcdm::credential_to_json(&credential(&office), &[]);
        let theirs = josekit_signs(&jwk, algorithm, &office, Value::Object(payload).to_string().as_bytes());
        tally.expect(&format!("{algorithm}: of josekit, by us"), office.verify(&theirs));
        tally.expect_refused(
            &format!("{algorithm}: of josekit tampered, by us"),
            &office.verify(&tampered(&theirs)),
        );
    }
    tally.report("josekit", &["Data Integrity", "SD-JWT", "COSE", "ML-DSA"]);
}

/// A proof over canonical JSON, signed here, whose members arrive in the opposite order.
#[test]
fn a_proof_over_json_holds_in_whatever_order_members_arrive() {
    let office = Office::new(sinpyo_testkit::key(Algorithm::Es256, 1));
    let document = sinpyo_core::vcdm::credential_to_json(&credential(&office), &[]);
    let secured = sign(document, &ProofOptions::new(AssertionMethod), &office.signer, office.key()).unwrap();
    assert_eq!(office.verify(&Value::Object(secured.clone()).to_string()), Ok(()));
    let reversed: Map<String, Value> = secured.into_iter().rev().collect();
    let wire = Value::Object(reversed).to_string();
    assert_eq!(office.verify(&wire), Ok(()));
    assert_eq!(office.verify(&wire.replace("\"age\":35", "\"age\":36")), Err("DI-10".to_owned()));
}
