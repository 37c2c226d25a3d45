//! Status lists of both formats.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, Holder, Validity},
    key::Signer,
    status::{BitOrder, CredentialStatus, StatusEntry, StatusList, StatusPurpose},
    time::Timestamp,
};
use sinpyo_cose::{
    Header, Payload, Sign1,
    cbor::{self, Form, Map},
    cwt::{Claims, STATUS_LIST, TTL},
};
use sinpyo_proof::{
    Unverified, VerifiedStatusList,
    status_token::{MIN_BITSTRING_ENTRIES, Publication, bitstring_credential, prepare, prepare_cwt},
    vc_di, vc_jwt,
};
use sinpyo_testkit::{from_hex, vectors};
use std::{fs, time::Duration};

const URI: &str = "https://status.example/1";

fn publication() -> Publication {
    Publication {
        uri: URI.into(),
        issued_at: now(),
        expires: Some(later(100)),
        ttl: Some(Duration::from_hours(12)),
    }
}

fn entry(index: u64) -> StatusEntry {
    StatusEntry::Token { list: URI.into(), index }
}

fn bitstring(purpose: StatusPurpose) -> StatusEntry {
    StatusEntry::Bitstring { list: URI.into(), index: 0, purpose, messages: None }
}

fn check(wire: &str, entry: &StatusEntry) -> Result<VerifiedStatusList, &'static str> {
    check_at(wire, entry, now())
}

fn check_at(wire: &str, entry: &StatusEntry, at: Timestamp) -> Result<VerifiedStatusList, &'static str> {
    let arrived = Unverified::<StatusList>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    arrived.verify(entry, &Party::issuer().ring(), at).map_err(|error| error.code())
}

fn token_list() -> String {
    let mut list = StatusList::new(2, BitOrder::LeastFirst, 100).unwrap();
    for (index, value) in [(0, 1), (1, 2), (2, 3), (99, 1)] {
        list.set(index, value).unwrap();
    }
    let prepared = prepare(&list, &publication(), Party::issuer().signatory());
    let signature = Party::issuer().signer.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

#[test]
fn a_token_status_list_says_what_was_set() {
    let list = check(&token_list(), &entry(0)).unwrap();
    let status = |index| list.status(index).map_err(|error| error.code());
    assert_eq!(status(0), Ok(CredentialStatus::Revoked));
    assert_eq!(status(1), Ok(CredentialStatus::Suspended));
    assert_eq!(status(2), Ok(CredentialStatus::Other(3)));
    assert_eq!(status(3), Ok(CredentialStatus::Valid));
    assert_eq!(status(99), Ok(CredentialStatus::Revoked));
    for beyond in [100, u64::MAX] {
        assert_eq!(status(beyond), Err("STS-01"));
    }
    assert_eq!(list.publisher(), &Party::issuer().did);
    assert_eq!(list.publication(), &publication());
    assert_eq!(list.fresh_until(), Some(later(100)));
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for wire in flips(&token_list()) {
        assert!(check(&wire, &entry(0)).is_err(), "{wire}");
    }
}

#[test]
fn a_token_list_that_breaks_a_rule_is_refused() {
    let header = json!({"alg": "ES256", "typ": "statuslist+jwt", "kid": "did:x:issuer#key-1"});
    let good = json!({"sub": URI, "iat": now().unix(), "exp": later(9).unix(), "ttl": 5,
        "status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ"}});
    let code = |claims: &Value| check(&token(&Party::issuer(), &header, claims), &entry(0)).map(|_| ());
    assert_eq!(code(&good), Ok(()));
    for (name, value, rule) in [
        ("sub", json!("https://status.example/2"), "STL-02"),
        ("sub", json!(null), "STL-02"),
        ("iss", json!("did:x:other"), "STL-03"),
        ("iat", json!(null), "JWS-13"),
        ("iat", json!(later(61).unix()), "JWS-15"),
        ("exp", json!(earlier(60).unix()), "JWS-14"),
        ("exp", json!("never"), "JWS-13"),
        ("ttl", json!(0), "STL-03"),
        ("ttl", json!(-1), "STL-03"),
        ("ttl", json!("5"), "STL-03"),
        ("status_list", json!({"bits": 3, "lst": "eNrbuRgAAhcBXQ"}), "STS-05"),
        ("status_list", json!({"bits": 257, "lst": "eNrbuRgAAhcBXQ"}), "STL-03"),
        ("status_list", json!({"bits": 1, "lst": "eNrbuRgA"}), "STS-03"),
        ("status_list", json!({"bits": 1, "lst": "eNrbuRgAAhcBXQ=="}), "STS-04"),
        ("status_list", json!({"lst": "eNrbuRgAAhcBXQ"}), "STL-03"),
        ("status_list", json!([]), "STL-03"),
    ] {
        let mut claims = good.clone();
        claims[name] = value.clone();
        assert_eq!(code(&claims), Err(rule), "{name} {value}");
    }
    let mut claims = good;
    claims.as_object_mut().unwrap().remove("iat");
    assert_eq!(code(&claims), Err("STL-03"));
    assert_eq!(check_at(&token_list(), &entry(0), later(160)).unwrap_err(), "JWS-14");
}

/// STA-02 and STA-11 of the catalogue: 64 MiB of zeros in 64 kB.
#[test]
fn a_decompression_bomb_is_refused() {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let lst = sinpyo_core::encoding::to_base64url(&encoder.finish().unwrap());
    let header = json!({"alg": "ES256", "typ": "statuslist+jwt", "kid": "did:x:issuer#key-1"});
    let claims = json!({"sub": URI, "iat": now().unix(), "status_list": {"bits": 1, "lst": lst}});
    assert_eq!(check(&token(&Party::issuer(), &header, &claims), &entry(0)).unwrap_err(), "STS-02");
}

/// A Bitstring Status List credential with bits 0 and 23 set.
fn bitstring_list(purpose: StatusPurpose) -> Credential {
    let mut list = StatusList::new(1, BitOrder::MostFirst, 131_072).unwrap();
    list.set(0, 1).unwrap();
    list.set(23, 1).unwrap();
    bitstring_credential(&list, purpose, &publication(), &Party::issuer().did).unwrap()
}

#[test]
fn a_bitstring_status_list_says_what_was_set_in_both_containers() {
    let issuer = Party::issuer();
    for (purpose, status) in [
        (StatusPurpose::Revocation, CredentialStatus::Revoked),
        (StatusPurpose::Suspension, CredentialStatus::Suspended),
        (StatusPurpose::Message, CredentialStatus::Other(1)),
    ] {
        let credential = bitstring_list(purpose);
        for wire in [
            vc_jwt::issue(&credential, &[], issuer.pair()).unwrap(),
            Value::Object(vc_di::issue(&credential, &[], issuer.pair()).unwrap()).to_string(),
        ] {
            let list = check(&wire, &bitstring(purpose)).unwrap();
            let read = |index| list.status(index).unwrap();
            assert_eq!((read(0), read(23)), (status, status));
            assert_eq!(
                (read(7), read(16), read(131_071)),
                (CredentialStatus::Valid, CredentialStatus::Valid, CredentialStatus::Valid)
            );
            assert_eq!(list.status(131_072).unwrap_err().code(), "STS-01");
            assert_eq!(list.publication(), &publication());
        }
    }
}

#[test]
fn a_bitstring_list_that_breaks_a_rule_is_refused() {
    let issuer = Party::issuer();
    let wire = vc_jwt::issue(&bitstring_list(StatusPurpose::Revocation), &[], issuer.pair()).unwrap();
    assert_eq!(check(&wire, &bitstring(StatusPurpose::Suspension)).unwrap_err(), "STL-04");
    assert_eq!(check(&wire, &entry(0)).unwrap_err(), "STL-01");
    assert_eq!(check(&token_list(), &bitstring(StatusPurpose::Revocation)).unwrap_err(), "STL-01");
    let elsewhere = StatusEntry::Bitstring {
        list: "https://other.example".into(),
        index: 0,
        purpose: StatusPurpose::Revocation,
        messages: None,
    };
    assert_eq!(check(&wire, &elsewhere).unwrap_err(), "STL-02");
    let object =
        Value::Object(vc_di::issue(&bitstring_list(StatusPurpose::Revocation), &[], issuer.pair()).unwrap());
    assert_eq!(check(&object.to_string(), &entry(0)).unwrap_err(), "STL-01");
    let other = |claims: &[(&str, Value)]| {
        let mut builder =
            Credential::builder("BitstringStatusListCredential".parse().unwrap(), "did:x:issuer")
                .holder(Holder::Bearer)
                .valid(Validity::default())
                .id(publication().uri)
                .claim("type", "BitstringStatusList")
                .claim("statusPurpose", json!(["suspension", "revocation"]))
                .claim(
                    "encodedList",
                    bitstring_list(StatusPurpose::Revocation).claims()["encodedList"].clone(),
                );
        for (name, value) in claims {
            builder = builder.claim(name, value.clone());
        }
        let wire = vc_jwt::issue(&builder.build(), &[], Party::issuer().pair()).unwrap();
        check(&wire, &bitstring(StatusPurpose::Revocation)).map(|_| ())
    };
    let short = StatusList::new(1, BitOrder::MostFirst, 131_064).unwrap();
    assert_eq!(other(&[]), Ok(()));
    for (name, value, rule) in [
        ("type", json!("Other"), "STL-03"),
        ("statusPurpose", json!(null), "STL-04"),
        ("statusPurpose", json!(["suspension"]), "STL-04"),
        ("encodedList", json!(short.to_encoded_list()), "STL-05"),
        ("encodedList", json!("zAA"), "STS-04"),
        ("encodedList", json!("uAA"), "STS-03"),
        ("encodedList", json!(null), "STL-03"),
        ("ttl", json!("1"), "STL-03"),
    ] {
        assert_eq!(other(&[(name, value.clone())]), Err(rule), "{name} {value}");
    }
    // A list without a name could be any list of its publisher.
    let mut unnamed = sinpyo_core::vcdm::credential_to_json(&bitstring_list(StatusPurpose::Revocation), &[]);
    assert_eq!(unnamed.remove("id").unwrap(), json!(publication().uri));
    let header = json!({"alg": "ES256", "typ": "vc+jwt", "kid": "did:x:issuer#key-1"});
    let unnamed = token(&issuer, &header, &Value::Object(unnamed));
    assert_eq!(check(&unnamed, &bitstring(StatusPurpose::Revocation)).unwrap_err(), "STL-02");
    let plain = vc_jwt::issue(&credential_for(Holder::Bearer), &[], issuer.pair()).unwrap();
    assert_eq!(check(&plain, &bitstring(StatusPurpose::Revocation)).unwrap_err(), "STL-01");
    let error =
        bitstring_credential(&short, StatusPurpose::Revocation, &publication(), &issuer.did).unwrap_err();
    assert_eq!((error.code(), MIN_BITSTRING_ENTRIES), ("STL-05", 131_072));
}

fn cwt_list() -> Vec<u8> {
    let mut list = StatusList::new(2, BitOrder::LeastFirst, 100).unwrap();
    for (index, value) in [(0, 1), (1, 2), (99, 3)] {
        list.set(index, value).unwrap();
    }
    prepare_cwt(&list, &publication(), Party::issuer().signatory())
        .sign(&Party::issuer().signer)
        .unwrap()
        .to_bytes()
}

fn check_cwt(wire: &[u8], at: Timestamp) -> Result<VerifiedStatusList, &'static str> {
    let arrived = Unverified::<StatusList>::parse(wire).map_err(|error| error.code())?;
    arrived.verify(&entry(0), &Party::issuer().ring(), at).map_err(|error| error.code())
}

#[test]
fn a_status_list_as_cwt_says_what_was_set() {
    let list = check_cwt(&cwt_list(), now()).unwrap();
    let status = |index| list.status(index).map_err(|error| error.code());
    assert_eq!(status(0), Ok(CredentialStatus::Revoked));
    assert_eq!(status(1), Ok(CredentialStatus::Suspended));
    assert_eq!(status(2), Ok(CredentialStatus::Valid));
    assert_eq!(status(99), Ok(CredentialStatus::Other(3)));
    assert_eq!(status(100), Err("STS-01"));
    assert_eq!(list.publication(), &publication());
    assert_eq!(check_cwt(&cwt_list(), later(160)).unwrap_err(), "JWS-14");
    for position in 0..cwt_list().len() {
        let mut flipped = cwt_list();
        flipped[position] ^= 1;
        assert!(check_cwt(&flipped, now()).is_err(), "{position}");
    }
    // A list of one format is not taken where the entry names the other.
    let bitstring = bitstring(StatusPurpose::Revocation);
    let arrived = Unverified::<StatusList>::parse(&cwt_list()).unwrap();
    assert_eq!(arrived.verify(&bitstring, &Party::issuer().ring(), now()).unwrap_err().code(), "COS-16");
}

/// A CWT of the issuer with these claims.
fn cwt(typ: &str, kid: &[u8], claims: &Claims) -> Vec<u8> {
    let header = Header { typ: Some(typ.into()), kid: Some(kid.to_vec()), ..Header::default() };
    let payload = claims.to_bytes();
    let issuer = Party::issuer();
    let prepared = Sign1::prepare(&header, Payload::Attached(&payload), &[], issuer.key());
    prepared.sign(&issuer.signer).unwrap().to_bytes()
}

#[test]
fn a_cwt_list_that_breaks_a_rule_is_refused() {
    const TYP: &str = "application/statuslist+cwt";
    const KID: &[u8] = b"did:x:issuer#key-1";
    let good = || {
        let list =
            cbor::Value::parse_as(&from_hex("a2646269747301636c73744a78dadbb918000217015d"), Form::AnyOrder)
                .unwrap();
        let mut other = Map::new();
        other.insert(STATUS_LIST, list);
        Claims { subject: Some(URI.into()), issued_at: Some(now()), other, ..Claims::default() }
    };
    let code = |change: &dyn Fn(&mut Claims)| {
        let mut claims = good();
        change(&mut claims);
        check_cwt(&cwt(TYP, KID, &claims), now()).map(drop)
    };
    assert_eq!(code(&|_| ()), Ok(()));
    assert_eq!(code(&|claims| claims.subject = Some("https://status.example/2".into())), Err("STL-02"));
    assert_eq!(code(&|claims| claims.subject = None), Err("STL-02"));
    assert_eq!(code(&|claims| claims.issuer = Some("did:x:other".into())), Err("STL-03"));
    assert_eq!(code(&|claims| claims.issued_at = None), Err("STL-03"));
    assert_eq!(code(&|claims| claims.issued_at = Some(later(61))), Err("JWS-15"));
    assert_eq!(code(&|claims| claims.expires = Some(earlier(60))), Err("JWS-14"));
    assert_eq!(code(&|claims| drop(claims.other.insert(TTL, 0_u64))), Err("STL-03"));
    assert_eq!(code(&|claims| drop(claims.other.insert(TTL, "5"))), Err("STL-03"));
    assert_eq!(code(&|claims| drop(claims.other.remove(STATUS_LIST))), Err("COS-25"));
    assert_eq!(check_cwt(&cwt("application/cwt", KID, &good()), now()).unwrap_err(), "STL-01");
    assert_eq!(check_cwt(&cwt("application/vc+cose", KID, &good()), now()).unwrap_err(), "STL-01");
    assert_eq!(check_cwt(&cwt(TYP, b"12", &good()), now()).unwrap_err(), "JWS-09");
    assert_eq!(check_cwt(&cwt(TYP, b"did:x:other#key-1", &good()), now()).unwrap_err(), "JWS-16");
}

#[test]
fn the_lists_of_the_draft_as_cwt() {
    let Some(root) = vectors("token-status-list") else { return };
    let cases = sinpyo_core::json::parse(&fs::read(root.join("cases.json")).unwrap()).unwrap();
    for case in cases.as_array().unwrap() {
        let file = case["files"][1].as_str().unwrap();
        let list = from_hex(fs::read_to_string(root.join(file)).unwrap().trim());
        let mut other = Map::new();
        other.insert(STATUS_LIST, cbor::Value::parse_as(&list, Form::AnyOrder).unwrap());
        let claims = Claims { subject: Some(URI.into()), issued_at: Some(now()), other, ..Claims::default() };
        let wire = cwt("application/statuslist+cwt", b"did:x:issuer#key-1", &claims);
        let verified = check_cwt(&wire, now()).unwrap();
        let statuses = case["statuses"].as_object().unwrap();
        for index in 0..case["size"].as_u64().unwrap() {
            let expected = statuses.get(&index.to_string()).map_or(0, |value| value.as_u64().unwrap());
            assert_eq!(u64::from(verified.status(index).unwrap().value()), expected, "{file} {index}");
        }
    }
}
