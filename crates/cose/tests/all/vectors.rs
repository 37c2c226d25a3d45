//! Other people's messages.

use sinpyo_core::{
    encoding::to_base64url,
    json,
    jwk::PublicJwk,
    status::{StatusEntry, StatusList},
};
use sinpyo_cose::{
    CoseError, Expected, Sign1,
    cwt::{Claims, TTL},
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_testkit::{from_hex, vectors};
use std::{fs, path::Path};

const CREDENTIAL: Expected<'_> =
    Expected { typ: Some("application/vc+cose"), content_type: Some("application/vc"), external_aad: &[] };
const PRESENTATION: Expected<'_> =
    Expected { typ: Some("application/vp+cose"), content_type: Some("application/vp"), external_aad: &[] };

fn key(folder: &Path, name: &str) -> VerifyingKey {
    let method = json::parse_object(&fs::read(folder.join(name)).unwrap()).unwrap();
    let jwk = PublicJwk::from_members(method["publicKeyJwk"].as_object().unwrap().clone()).unwrap();
    VerifyingKey::from_jwk(&jwk).unwrap()
}

/// Standard base64 with its padding cut off becomes base64url by two letters.
fn decode(folder: &Path, name: &str) -> Vec<u8> {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let text = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    sinpyo_core::encoding::from_base64url(&text).unwrap()
}

#[test]
fn the_messages_of_the_vc_jose_cose_suite_get_their_verdicts() {
    let Some(folder) = vectors("vc-jose-cose-testsuite-input") else { return };
    let (p256, p384, ed25519) =
        (key(&folder, "vm-p256.json"), key(&folder, "vm-p384.json"), key(&folder, "vm-ed25519.json"));
    let verify = |name: &str, key: &VerifyingKey, expected: &Expected<'_>| {
        let message = Sign1::parse(&decode(&folder, name)).unwrap();
        message.verify(key, expected).map(|signed| signed.payload().to_vec())
    };
    let credential = verify("credential-cose-minimal.txt", &p256, &CREDENTIAL).unwrap();
    let expected = json::parse_object(&fs::read(folder.join("credential-minimal.json")).unwrap()).unwrap();
    assert_eq!(json::parse_object(&credential).unwrap()["credentialSubject"], expected["credentialSubject"]);
    assert!(verify("presentation-cose-single.txt", &p384, &PRESENTATION).is_ok());
    // Its signature is sound; the credential within is not.
    assert!(verify("presentation-cose-bad-credential.txt", &p256, &PRESENTATION).is_ok());

    let refused = |name, key, expected| verify(name, key, expected).unwrap_err();
    assert_eq!(refused("credential-cose-bad-signature.txt", &ed25519, &CREDENTIAL), CoseError::Signature);
    assert_eq!(refused("credential-cose-bad-media-type.txt", &p384, &CREDENTIAL), CoseError::Type);
    assert_eq!(refused("presentation-cose-bad-media-type.txt", &p256, &PRESENTATION), CoseError::Type);
    assert_eq!(refused("credential-cose-minimal.txt", &p256, &PRESENTATION), CoseError::Type);
    assert_eq!(refused("credential-cose-minimal.txt", &p384, &CREDENTIAL), CoseError::Algorithm);
}

#[test]
fn the_tokens_of_the_status_list_draft_are_read() {
    let Some(folder) = vectors("token-status-list") else { return };
    let read = |name: &str| from_hex(fs::read_to_string(folder.join(name)).unwrap().trim());

    // The draft prints no key for its examples, so what a verified token would give is read from the array.
    let payload = |bytes: &[u8]| {
        let message = crate::tree(bytes);
        message.as_tagged(18).unwrap().as_array().unwrap()[2].as_bytes().unwrap().to_vec()
    };
    let referenced = read("referenced_token_cwt.hex");
    assert_eq!(Sign1::parse(&referenced).unwrap().hint().kid.as_deref(), Some(&b"12"[..]));
    let claims = Claims::parse(&payload(&referenced)).unwrap();
    assert_eq!(
        (claims.subject.as_deref(), claims.issuer.as_deref()),
        (Some("12345"), Some("https://example.com"))
    );
    let entry = StatusEntry::Token { list: "https://example.com/statuslists/1".to_owned(), index: 0 };
    assert_eq!(claims.status.map(StatusEntry::from), Some(entry));

    let list = read("status_list_cwt.hex");
    assert_eq!(Sign1::parse(&list).unwrap().hint().typ.as_deref(), Some("application/statuslist+cwt"));
    let claims = Claims::parse(&payload(&list)).unwrap();
    assert_eq!(claims.subject.as_deref(), Some("https://example.com/statuslists/1"));
    assert_eq!(claims.issued_at.unwrap().unix(), 1_686_920_170);
    assert_eq!(claims.expires.unwrap().unix(), 2_291_720_170);
    assert_eq!(claims.other.get_int(TTL).and_then(sinpyo_cose::cbor::Value::as_u64), Some(43_200));
    let (bits, lst) = claims.status_list().unwrap();
    let list = StatusList::from_lst(bits, &to_base64url(lst)).unwrap();
    // The draft's first example: the bytes b9 a3, least significant bit first.
    let statuses: Vec<u8> = (0..16).map(|index| list.get(index).unwrap()).collect();
    assert_eq!(statuses, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
}
