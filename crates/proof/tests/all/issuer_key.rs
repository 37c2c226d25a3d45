//! Issuers that are verified by certificate or by published keys.

use crate::fixture::*;
use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PublicKeyData, SanType, SignatureAlgorithm, date_time_ymd,
};
use serde_json::{Value, json};
use sinpyo_core::{
    credential::Credential,
    encoding::{from_base64url, to_base64url},
    key::Signer,
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{
    KeyRing, Unverified,
    issuer_key::{IssuerKeys, IssuerMetadata, PublishedKeys, metadata_url},
};
use sinpyo_x509::Roots;
use std::sync::Arc;

const ISSUER: &str = "https://issuer.example/tenant/1";

fn code(wire: &str, keys: &KeyRing) -> Result<String, &'static str> {
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    let verified = arrived.verify(keys, now()).map_err(|error| error.code())?;
    Ok(verified.get().issuer().to_owned())
}

fn wire(party: &Party, header: Value, issuer: &str) -> String {
    let mut members = json!({"alg": party.key().algorithm().jose(), "typ": "dc+sd-jwt"});
    members.as_object_mut().unwrap().extend(object(header));
    token(party, &members, &json!({"vct": KIND, "iss": issuer})) + "~"
}

fn jwk(party: &Party, kid: Option<&str>) -> Value {
    let mut jwk = Value::Object(party.key().to_jwk().members().clone());
    if let Some(kid) = kid {
        jwk["kid"] = json!(kid);
    }
    jwk
}

fn published(keys: &[Value]) -> Result<IssuerKeys, &'static str> {
    let set = json!({"keys": keys}).to_string();
    PublishedKeys::parse(set.as_bytes()).map(IssuerKeys::Published).map_err(|error| error.code())
}

fn ring_with(keys: IssuerKeys) -> KeyRing {
    let mut ring = Party::issuer().ring();
    ring.add_issuer(ISSUER, keys);
    ring
}

#[test]
fn published_keys_are_found_by_name() {
    let (first, second) = (Party::issuer(), Party::new("did:x:b", Algorithm::Ed25519, 2));
    let both = ring_with(published(&[jwk(&first, Some("1")), jwk(&second, Some("2"))]).unwrap());
    let one = ring_with(published(&[jwk(&first, None)]).unwrap());
    assert_eq!(code(&wire(&first, json!({"kid": "1"}), ISSUER), &both), Ok(ISSUER.into()));
    assert_eq!(code(&wire(&second, json!({"kid": "2"}), ISSUER), &both), Ok(ISSUER.into()));
    assert_eq!(code(&wire(&first, json!({}), ISSUER), &one), Ok(ISSUER.into()));
    assert_eq!(code(&wire(&first, json!({}), ISSUER), &both), Err("JWS-23"));
    assert_eq!(code(&wire(&first, json!({"kid": "3"}), ISSUER), &both), Err("JWS-23"));
    assert_eq!(code(&wire(&first, json!({"kid": "2"}), ISSUER), &both), Err("JWS-03"));
    assert_eq!(code(&wire(&Party::impostor(), json!({"kid": "1"}), ISSUER), &both), Err("JWS-11"));
}

/// The sender does not choose how its key is found.
#[test]
fn there_is_one_way_for_each_issuer() {
    let issuer = Party::issuer();
    let did = issuer.did.as_str();
    let kid = json!({"kid": issuer.signer.key_id().as_str()});
    let registered = ring_with(published(&[jwk(&issuer, Some("1"))]).unwrap());
    // By DID: only in the name of that DID.
    assert_eq!(code(&wire(&issuer, kid.clone(), did), &registered), Ok(did.into()));
    assert_eq!(code(&wire(&issuer, kid.clone(), "https://other.example"), &registered), Err("VCJ-06"));
    // By published key: no DID key of the same name, no certificate.
    assert_eq!(code(&wire(&issuer, kid.clone(), ISSUER), &registered), Err("JWS-23"));
    let x5c = json!({"kid": "1", "x5c": ["AA=="]});
    assert_eq!(code(&wire(&issuer, x5c.clone(), ISSUER), &registered), Err("JWS-07"));
    assert_eq!(code(&wire(&issuer, x5c.clone(), "https://other.example"), &registered), Err("JWS-07"));
    // By DID: a certificate beside the name of the key is for others, and is not looked at.
    let mut with_both = x5c;
    with_both["kid"] = kid["kid"].clone();
    assert_eq!(code(&wire(&issuer, with_both.clone(), did), &issuer.ring()), Ok(did.into()));
    assert_eq!(code(&wire(&Party::impostor(), with_both, did), &issuer.ring()), Err("JWS-11"));
    assert_eq!(code(&wire(&issuer, json!({"kid": "1"}), ISSUER), &issuer.ring()), Err("JWS-09"));
}

/// The issuer's key as the point that a certificate holds.
struct IssuersPoint(Vec<u8>);

impl IssuersPoint {
    fn new() -> Self {
        let jwk = Party::issuer().key().to_jwk();
        let coordinate = |name| from_base64url(jwk.text(name).unwrap()).unwrap();
        Self([vec![4], coordinate("x"), coordinate("y")].concat())
    }
}

impl PublicKeyData for IssuersPoint {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A root and a leaf for the issuer's key, as `x5c`.
pub(crate) fn certified(names: Vec<SanType>) -> (Roots, Vec<String>) {
    let usage = vec![KeyUsagePurpose::KeyCertSign];
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = usage;
    authority.distinguished_name.push(rcgen::DnType::CommonName, "root");
    let root_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&root_key).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.subject_alt_names = names;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "issuer.example");
    leaf.not_before = date_time_ymd(2026, 1, 1);
    leaf.not_after = date_time_ymd(2027, 1, 1);
    let leaf = leaf.signed_by(&IssuersPoint::new(), &Issuer::from_params(&authority, root_key)).unwrap();
    let base64 = {
        use base64::{Engine, engine::general_purpose::STANDARD};
        STANDARD.encode(leaf.der())
    };
    (Roots::new([root.der()]).unwrap(), vec![base64])
}

pub(crate) fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

#[test]
fn a_certificate_speaks_for_the_issuer_that_it_names() {
    let issuer = Party::issuer();
    let uri = SanType::URI(ISSUER.try_into().unwrap());
    for (names, verdict) in [
        (vec![dns("issuer.example")], Ok(ISSUER.to_owned())),
        (vec![uri], Ok(ISSUER.to_owned())),
        (vec![dns("other.example")], Err("JWS-24")),
        (vec![dns("sub.issuer.example")], Err("JWS-24")),
        (vec![SanType::URI("https://issuer.example/tenant/2".try_into().unwrap())], Err("JWS-24")),
        // The common name is no name.
        (vec![], Err("JWS-24")),
    ] {
        let (roots, x5c) = certified(names.clone());
        let keys = ring_with(IssuerKeys::Certified(Arc::new(roots)));
        assert_eq!(code(&wire(&issuer, json!({"x5c": x5c}), ISSUER), &keys), verdict, "{names:?}");
        assert!(code(&wire(&Party::impostor(), json!({"x5c": x5c}), ISSUER), &keys).is_err());
    }
    let (_, x5c) = certified(vec![dns("issuer.example")]);
    let (other_roots, _) = certified(vec![dns("issuer.example")]);
    let keys = ring_with(IssuerKeys::Certified(Arc::new(other_roots)));
    let refused = code(&wire(&issuer, json!({"x5c": x5c}), ISSUER), &keys).unwrap_err();
    assert!(refused.starts_with("X5C"), "{refused}");
    assert_eq!(code(&wire(&issuer, json!({"kid": "1"}), ISSUER), &keys), Err("JWS-25"));
    for x5c in [json!([]), json!(["AA=="]), json!(["!"])] {
        let refused = code(&wire(&issuer, json!({"x5c": x5c}), ISSUER), &keys).unwrap_err();
        assert!(refused.starts_with("X5C"), "{x5c} {refused}");
    }
    for x5c in [json!("AA=="), json!([1]), json!(null)] {
        assert_eq!(code(&wire(&issuer, json!({"x5c": x5c}), ISSUER), &keys), Err("JWS-07"), "{x5c}");
    }
}

#[test]
fn the_metadata_stand_between_host_and_path() {
    for (issuer, url) in [
        ("https://a.example", "https://a.example/.well-known/jwt-vc-issuer"),
        ("https://a.example/", "https://a.example/.well-known/jwt-vc-issuer"),
        ("https://a.example:8443/t/1", "https://a.example:8443/.well-known/jwt-vc-issuer/t/1"),
    ] {
        assert_eq!(metadata_url(issuer).as_deref(), Ok(url));
    }
    for issuer in [
        "http://a.example",
        "did:x:issuer",
        "https://",
        "https:///a",
        "https://a.example?x",
        "https://a.example/#x",
        "https://user@a.example",
        "https://a.example/../b",
        "https://a.example/a b",
        "https://a.example\\@b",
    ] {
        assert_eq!(metadata_url(issuer).unwrap_err().code(), "JWS-22", "{issuer}");
    }
}

#[test]
fn metadata_speak_for_their_issuer_alone() {
    let key = jwk(&Party::issuer(), Some("1"));
    let parse = |document: Value| {
        IssuerMetadata::parse(ISSUER, document.to_string().as_bytes()).map_err(|error| error.code())
    };
    let good = json!({"issuer": ISSUER, "jwks": {"keys": [key]}});
    assert!(matches!(parse(good), Ok(IssuerMetadata::Keys(_))));
    let uri = "https://issuer.example/jwks";
    let elsewhere = parse(json!({"issuer": ISSUER, "jwks_uri": uri}));
    assert!(matches!(elsewhere, Ok(IssuerMetadata::Fetch(fetch)) if fetch == uri));
    let secret = Party::issuer().signer.key().to_private_jwk();
    let private: Value = serde_json::from_str(secret.expose()).unwrap();
    for document in [
        json!({"issuer": "https://issuer.example", "jwks": {"keys": [key]}}),
        json!({"jwks": {"keys": [key]}}),
        json!({"issuer": ISSUER}),
        json!({"issuer": ISSUER, "jwks": {"keys": [key]}, "jwks_uri": uri}),
        json!({"issuer": ISSUER, "jwks_uri": "http://issuer.example/jwks"}),
        json!({"issuer": ISSUER, "jwks": {"keys": [key, key]}}),
        json!({"issuer": ISSUER, "jwks": {"keys": [private]}}),
        json!({"issuer": ISSUER, "jwks": {"keys": [1]}}),
        json!({"issuer": ISSUER, "jwks": []}),
        json!({"issuer": ISSUER, "jwks": {"keys": vec![json!({"kty": "RSA"}); 65]}}),
    ] {
        assert_eq!(parse(document.clone()).map(drop), Err("JWS-22"), "{document}");
    }
    // A key of a kind that we do not use is passed over.
    let rsa = json!({"kty": "RSA", "n": to_base64url(&[1; 256]), "e": "AQAB", "kid": "9"});
    assert!(published(&[rsa, key]).is_ok());
}
