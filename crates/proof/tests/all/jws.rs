//! One strict reading of tokens (SECURITY rows JOS-*).

use crate::fixture::*;
use rstest::rstest;
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, Presentation},
    encoding::{from_base64url, to_base64url},
    request::PresentationRequest,
    status::StatusList,
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{HolderBinding, SignError, Unverified, jws::Typ, request_object, vc_jwt};

fn w3c() -> Credential {
    credential_for(sinpyo_core::credential::Holder::Did(Party::holder().did))
}

/// A good `vc+jwt`.
fn good() -> String {
    vc_jwt::issue(&w3c(), &[], Party::issuer().pair()).unwrap()
}

fn payload() -> Value {
    let wire = good();
    serde_json::from_slice(&from_base64url(wire.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "vc+jwt", "kid": "did:x:issuer#key-1"})
}

fn with(name: &str, value: Value) -> Value {
    let mut header = header();
    header[name] = value;
    header
}

fn code(wire: &str) -> &'static str {
    let parsed = match Unverified::<Credential>::parse(wire.as_bytes()) {
        Ok(parsed) => parsed,
        Err(error) => return error.code(),
    };
    match parsed.verify(&Party::issuer().ring(), now()) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn signed(header: &Value) -> &'static str {
    code(&token(&Party::issuer(), header, &payload()))
}

#[test]
fn a_good_token_is_accepted_and_the_same_by_a_stranger_is_not() {
    assert_eq!(code(&good()), "accepted");
    assert_eq!(signed(&header()), "accepted");
    assert_eq!(code(&token(&Party::impostor(), &header(), &payload())), "JWS-11");
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for wire in flips(&good()) {
        assert_ne!(code(&wire), "accepted", "{wire}");
    }
}

#[test]
fn a_truncated_or_lengthened_token_is_refused() {
    let wire = good();
    for length in 0..wire.len() {
        assert_ne!(code(&wire[..length]), "accepted", "{length}");
    }
    for wire in [
        format!("{wire}."),
        format!("{wire}=="),
        format!(" {wire}"),
        format!("{wire}\n"),
        wire.replacen('.', "..", 1),
    ] {
        assert_eq!(code(&wire), "JWS-01", "{wire}");
    }
    assert_eq!(code(&"a".repeat((1 << 20) + 1)), "JWS-10");
}

/// JOS-02 and JOS-03: the key and not the header fixes the algorithm; no secret is ever derived from a public key.
#[rstest]
fn another_algorithm_is_refused(
    #[values(
        "none", "None", "NONE", "none ", "", "HS256", "HS512", "ES384", "EdDSA", "es256", "ES256K", "RS256"
    )]
    alg: &str,
) {
    assert_eq!(signed(&with("alg", json!(alg))), "JWS-03");
    let mut wire = token(&Party::issuer(), &with("alg", json!(alg)), &payload());
    wire.truncate(wire.rfind('.').unwrap() + 1);
    assert_eq!(code(&wire), "JWS-03");
}

#[test]
fn an_algorithm_that_is_no_text_is_refused() {
    for alg in [json!(null), json!(1), json!(["ES256"])] {
        assert_eq!(signed(&with("alg", alg)), "JWS-03");
    }
}

/// JOS-04: the key never comes from the token.
#[test]
fn a_key_in_the_header_is_refused() {
    let jwk = json!(Party::impostor().key().to_jwk().members());
    for (name, value) in [
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("jku", json!("https://evil.example")),
        ("x5u", json!("https://evil.example")),
        ("x5t", json!("AA")),
        ("x5t#S256", json!("AA")),
    ] {
        assert_eq!(signed(&with(name, value.clone())), "JWS-07", "{name}");
        assert_eq!(code(&token(&Party::impostor(), &with(name, value), &payload())), "JWS-07", "{name}");
    }
}

/// JOS-06: only a DID URL of one method names a key.
#[test]
fn a_key_identifier_of_another_form_is_refused() {
    for kid in [
        json!("../../etc/passwd"),
        json!("' OR 1=1 --"),
        json!("did:x:issuer#key-1\u{0}"),
        json!("did:x:issuer#key-1 "),
        json!("did:x:issuer"),
        json!("key-1"),
        json!(42),
        json!(["did:x:issuer#key-1"]),
        json!("a".repeat(100_000)),
    ] {
        assert_eq!(signed(&with("kid", kid)), "JWS-09");
    }
    let mut without = header();
    without.as_object_mut().unwrap().remove("kid");
    assert_eq!(signed(&without), "JWS-09");
    // Well-formed, but not this key.
    assert_eq!(signed(&with("kid", json!("did:x:issuer#KEY-1"))), "DID-01");
    assert_eq!(signed(&with("kid", json!("did:x:other#key-1"))), "JWS-16");
}

/// JOS-07: nothing is understood beyond the base, so nothing may be demanded.
#[test]
fn any_critical_parameter_is_refused() {
    for crit in [
        json!(["exp"]),
        json!([]),
        json!("exp"),
        json!(["alg"]),
        json!(["b64", "b64"]),
        json!(null),
        json!(["absent"]),
        json!({"a": 1}),
    ] {
        assert_eq!(signed(&with("crit", crit)), "JWS-05");
    }
}

/// JOS-08 and JOS-20.
#[test]
fn an_unencoded_or_compressed_payload_is_refused() {
    for b64 in [json!(false), json!(true), json!("false")] {
        assert_eq!(signed(&with("b64", b64)), "JWS-06");
    }
    assert_eq!(signed(&with("zip", json!("DEF"))), "JWS-08");
}

#[test]
fn a_header_that_is_no_strict_object_is_refused() {
    let body = to_base64url(payload().to_string().as_bytes());
    for text in ["", "[]", "{", r#"{"alg":"ES256","alg":"ES256","typ":"vc+jwt"}"#, "\u{feff}{}"] {
        assert_eq!(code(&format!("{}.{body}.AA", to_base64url(text.as_bytes()))), "JWS-02", "{text}");
    }
    let head = to_base64url(header().to_string().as_bytes());
    for text in ["", "[]", r#"{"iss":1,"iss":2}"#, r#"{"exp":9007199254740993}"#] {
        assert_eq!(code(&format!("{head}.{}.AA", to_base64url(text.as_bytes()))), "JWS-12", "{text}");
    }
}

/// JOS-15: lengths and ranges of ECDSA signatures.
#[test]
fn a_degenerate_signature_is_refused() {
    let wire = good();
    let input = &wire[..wire.rfind('.').unwrap()];
    let order = sinpyo_testkit::from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let one = [&[0; 31][..], &[1]].concat();
    for signature in [
        vec![0; 64],
        [order.clone(), order.clone()].concat(),
        [one.clone(), vec![0; 32]].concat(),
        [order, one].concat(),
        vec![1; 63],
        vec![1; 65],
        vec![],
        vec![0x30, 6, 2, 1, 1, 2, 1, 1],
    ] {
        assert_eq!(code(&format!("{input}.{}", to_base64url(&signature))), "JWS-11");
    }
}

#[test]
fn times_are_whole_seconds_and_are_kept() {
    let at = |name: &str, value: Value| {
        let mut payload = payload();
        payload[name] = value;
        code(&token(&Party::issuer(), &header(), &payload))
    };
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1795319100"),
            json!(1.5),
            json!(null),
            json!([1]),
            json!(true),
            json!(9_007_199_254_740_992_u64),
        ] {
            assert_eq!(at(name, value), "JWS-13", "{name}");
        }
    }
    assert_eq!(at("exp", json!(later(1).unix())), "accepted");
    assert_eq!(at("exp", json!(earlier(59).unix())), "accepted");
    assert_eq!(at("exp", json!(earlier(60).unix())), "JWS-14");
    for name in ["nbf", "iat"] {
        assert_eq!(at(name, json!(later(60).unix())), "accepted");
        assert_eq!(at(name, json!(later(61).unix())), "JWS-15");
    }
}

/// JOS-13: no token is read where another kind is expected, whatever its claims.
#[test]
fn no_kind_of_token_passes_for_another() {
    let all = Typ::ALL;
    for offered in &all {
        let wire = token(&Party::issuer(), &with("typ", json!(offered.as_str())), &json!({"not": "read"}));
        let plain = wire.as_bytes();
        let disclosing = format!("{wire}~");
        let bound = format!("{}~{wire}", issued_by(&Party::issuer()).trim_end_matches('~'));
        let readers: [(&[Typ], Option<&str>); 6] = [
            (&[Typ::VC_JWT], Unverified::<Credential>::parse(plain).err().map(|e| e.code())),
            (&[Typ::VP_JWT], Unverified::<Presentation>::parse(plain).err().map(|e| e.code())),
            (&[Typ::REQUEST], Unverified::<PresentationRequest>::parse(plain).err().map(|e| e.code())),
            (
                &[Typ::STATUS_LIST, Typ::VC_JWT],
                Unverified::<StatusList>::parse(plain).err().map(|e| e.code()),
            ),
            (
                &[Typ::SD_JWT_VC, Typ::VC_SD_JWT],
                Unverified::<Credential>::parse(disclosing.as_bytes()).err().map(|e| e.code()),
            ),
            (
                &[Typ::KEY_BINDING],
                Unverified::<Presentation>::parse(bound.as_bytes()).err().map(|e| e.code()),
            ),
        ];
        for (expected, refused) in readers {
            if expected.contains(offered) {
                assert_eq!(refused, None, "{offered:?} as {expected:?}");
            } else {
                let rule = if expected == [Typ::KEY_BINDING] { "SDJ-12" } else { "JWS-04" };
                assert_eq!(refused, Some(rule), "{offered:?} as {expected:?}");
            }
        }
    }
    for typ in [json!("JWT"), json!("VC+JWT"), json!("application/vc+jwt"), json!(null), json!(["vc+jwt"])] {
        assert_eq!(signed(&with("typ", typ)), "JWS-04");
    }
}

#[test]
fn the_family_name_of_the_algorithm_is_as_good_as_the_full_one() {
    let issuer = Party::new("did:x:issuer", Algorithm::Ed25519, 1);
    for alg in ["EdDSA", "Ed25519"] {
        let wire = token(&issuer, &with("alg", json!(alg)), &payload());
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        assert!(arrived.verify(&issuer.ring(), now()).is_ok(), "{alg}");
    }
}

#[test]
fn a_remote_signature_is_checked_before_it_is_published() {
    let (issuer, impostor) = (Party::issuer(), Party::impostor());
    let prepared = || vc_jwt::prepare(&w3c(), &[], issuer.signatory()).unwrap();
    let signature = issuer.signer.key().sign(prepared().signing_input()).unwrap();
    assert_eq!(code(&prepared().attach(&signature).unwrap()), "accepted");
    let foreign = impostor.signer.key().sign(prepared().signing_input()).unwrap();
    for wrong in [&foreign[..], &[], &signature[..63]] {
        let error = prepared().attach(wrong).unwrap_err();
        assert!(matches!(error, SignError::ForeignSignature));
        assert_eq!(error.code(), "JWS-17");
    }
}

#[test]
fn a_request_is_signed_by_the_verifier_that_it_names() {
    let (post, thief) =
        (Party::new("did:x:post", Algorithm::Es256, 7), Party::new("did:x:thief", Algorithm::Es256, 8));
    let request = PresentationRequest {
        verifier: post.did.clone(),
        service: "post.login".parse().unwrap(),
        nonce: NONCE.into(),
        issued_at: now(),
        expires_at: later(300),
        queries: vec![sinpyo_core::request::CredentialQuery {
            id: "a".into(),
            types: vec![KIND.parse().unwrap()],
            claims: vec![],
        }],
    };
    let code = |wire: &str, at| {
        let arrived = Unverified::<PresentationRequest>::parse(wire.as_bytes()).unwrap();
        match arrived.verify(&ring(&[&post, &thief]), at) {
            Ok(verified) => {
                assert_eq!(verified.get(), &request);
                "accepted"
            }
            Err(error) => error.code(),
        }
    };
    let wire = request_object::sign(&request, post.pair()).unwrap();
    assert_eq!(code(&wire, now()), "accepted");
    assert_eq!(code(&wire, later(361)), "JWS-14");
    assert_eq!(code(&request_object::sign(&request, thief.pair()).unwrap(), now()), "JWS-20");
    let header = json!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": "did:x:post#key-1"});
    assert_eq!(code(&token(&post, &header, &json!({})), now()), "JWS-21");
}

#[test]
fn a_key_must_be_authorised_for_the_use() {
    use sinpyo_core::document::VerificationRelationship as For;
    let issuer = Party::issuer();
    let arrived = || Unverified::<Credential>::parse(good().as_bytes()).unwrap();
    for relationship in For::ALL {
        let ring = sinpyo_proof::KeyRing::of(&issuer.document(&[relationship]));
        let result = arrived().verify(&ring, now()).map(|_| ()).map_err(|error| error.code());
        let expected = if relationship == For::AssertionMethod { Ok(()) } else { Err("DID-02") };
        assert_eq!(result, expected, "{relationship}");
    }
    let nobody = sinpyo_proof::KeyRing::new();
    assert_eq!(arrived().verify(&nobody, now()).unwrap_err().code(), "JWS-16");
}

/// DID-15 of the catalogue: one unusable key does not spoil the others, and is never used.
#[test]
fn an_unusable_key_is_refused_alone() {
    use sinpyo_core::{document::VerificationRelationship as For, encoding::Multikey};
    let issuer = Party::issuer();
    let mut resolved = issuer.document(&For::ALL);
    let mut broken = resolved.document.methods()[0].clone();
    broken.id = issuer.did.key("key-2").unwrap();
    broken.key = sinpyo_core::document::PublicKeyMaterial::Multikey(Multikey::new(0x1200, &[2; 32]));
    resolved.document = resolved.document.with_key(broken, &For::ALL);
    let keys = sinpyo_proof::KeyRing::of(&resolved);
    let code = |kid: &str| {
        let wire = token(&issuer, &with("kid", json!(kid)), &payload());
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        arrived.verify(&keys, now()).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(code("did:x:issuer#key-1"), Ok(()));
    assert_eq!(code("did:x:issuer#key-2"), Err("KEY-02"));
}

/// After a rotation the new document replaces the old one, and the old key with it.
#[test]
fn a_ring_holds_one_version_of_a_document() {
    let mut keys = Party::issuer().ring();
    let arrived = || Unverified::<Credential>::parse(good().as_bytes()).unwrap();
    assert!(keys.knows(&Party::issuer().did) && arrived().verify(&keys, now()).is_ok());
    keys.add(&Party::impostor().document(&sinpyo_core::document::VerificationRelationship::ALL));
    assert_eq!(arrived().verify(&keys, now()).unwrap_err().code(), "JWS-11");
}

#[test]
fn only_hints_are_readable_before_verification() {
    let arrived = Unverified::<Credential>::parse(good().as_bytes()).unwrap();
    let hint = arrived.hint();
    assert_eq!(hint.claimed_issuer(), Some("did:x:issuer"));
    assert_eq!(hint.claimed_key().unwrap().as_str(), "did:x:issuer#key-1");
    assert_eq!(hint.claimed_time(), Some(earlier(1000)));
    assert_eq!(format!("{arrived:?}"), r#"Unverified { form: "JWT", .. }"#);
    let bound = Unverified::<Presentation>::parse(issued_by(&Party::issuer()).as_bytes()).unwrap();
    assert_eq!(bound.hint().claimed_issuer(), Some("did:x:issuer"));
    assert_eq!(
        bound.verify(&Party::issuer().ring(), HolderBinding::Required(occasion()), now()).unwrap_err().code(),
        "SDJ-02"
    );
}

#[test]
fn a_key_store_that_refuses_is_heard() {
    use sinpyo_core::key::{AlgorithmName, SignError as Refused, Signer};
    struct Locked(sinpyo_core::did::KeyId);
    impl Signer for Locked {
        fn key_id(&self) -> &sinpyo_core::did::KeyId {
            &self.0
        }
        fn algorithm(&self) -> AlgorithmName {
            Algorithm::Es256.name()
        }
        fn sign(&self, _message: &[u8]) -> Result<Box<[u8]>, Refused> {
            Err(Refused)
        }
    }
    let locked = Locked("did:x:issuer#key-1".parse().unwrap());
    let error = vc_jwt::issue(&w3c(), &[], (&locked, Party::issuer().key())).unwrap_err();
    assert_eq!(error.code(), "JWS-19");
}
