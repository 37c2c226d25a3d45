//! Encrypted messages. The tampering is done on their text.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::{
    jwe::{ContentEncryption, Decrypter, EncryptedMessage, MAX_LENGTH, Parties, Recipient, encrypt},
    key_thumbprint,
};
use sinpyo_testkit::{TestEntropy, key};

const CONTENT: &[u8] = br#"{"vp_token":{"id":["..."]}}"#;

fn decrypter(number: u8) -> Decrypter {
    Decrypter::new(&key(Algorithm::Es256, number), Some("enc-1"), &ContentEncryption::ALL).unwrap()
}

fn message(encryption: ContentEncryption) -> String {
    let recipient = Recipient::from_jwk(&decrypter(1).public_jwk(), encryption).unwrap();
    encrypt(CONTENT, &recipient, Parties::default(), &mut TestEntropy::new(7)).unwrap()
}

fn read(text: &str) -> Result<Vec<u8>, &'static str> {
    decrypter(1).decrypt(text).map(|opened| opened.payload).map_err(|error| error.code())
}

/// The verdict on a message whose header is changed and whose content stays.
fn with_header(change: impl FnOnce(&mut Map<String, Value>)) -> &'static str {
    let message = message(ContentEncryption::A128Gcm);
    let (header, rest) = message.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&from_base64url(header).unwrap()).unwrap();
    change(header.as_object_mut().unwrap());
    read(&format!("{}.{rest}", to_base64url(header.to_string().as_bytes()))).unwrap_err()
}

fn put(name: &str, value: Value) -> &'static str {
    with_header(|header| drop(header.insert(name.to_owned(), value)))
}

#[test]
fn what_is_encrypted_is_read_by_its_recipient() {
    for encryption in ContentEncryption::ALL {
        let text = message(encryption);
        assert_eq!(EncryptedMessage::parse(&text).unwrap().kid(), Some("enc-1"));
        let opened = decrypter(1).decrypt(&text).unwrap();
        assert_eq!((opened.payload.as_slice(), opened.encryption), (CONTENT, encryption));
        // With the kid, but for another key.
        assert_eq!(decrypter(2).decrypt(&text).unwrap_err().code(), "JOE-10");
    }
}

/// Two messages share neither key nor nonce.
#[test]
fn every_message_has_its_own_key() {
    let recipient = Recipient::from_jwk(&decrypter(1).public_jwk(), ContentEncryption::A256Gcm).unwrap();
    let mut entropy = TestEntropy::new(1);
    let [first, second] =
        [(); 2].map(|()| encrypt(CONTENT, &recipient, Parties::default(), &mut entropy).unwrap());
    for (first, second) in first.split('.').zip(second.split('.')).filter(|parts| *parts != ("", "")) {
        assert_ne!(first, second);
    }
}

#[test]
fn what_the_parties_say_is_bound_and_told() {
    let recipient = Recipient::from_jwk(&decrypter(1).public_jwk(), ContentEncryption::A128Gcm).unwrap();
    let parties = Parties { apu: b"Alice", apv: b"Bob" };
    let text = encrypt(CONTENT, &recipient, parties, &mut TestEntropy::new(7)).unwrap();
    let opened = decrypter(1).decrypt(&text).unwrap();
    assert_eq!((opened.apu.as_slice(), opened.apv.as_slice()), (&b"Alice"[..], &b"Bob"[..]));
    assert_eq!(put("apu", json!("QWxpY2U")), "JOE-10");
    assert_eq!(put("apv", json!("QWxpY2U=")), "JOE-02");
    assert_eq!(put("apv", json!(1)), "JOE-02");
}

#[test]
fn a_changed_bit_anywhere_is_refused() {
    let text = message(ContentEncryption::A256Gcm);
    for (place, byte) in text.bytes().enumerate() {
        for bit in [1, 32] {
            let mut changed = text.clone().into_bytes();
            changed[place] = byte ^ bit;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(read(&changed).is_err(), "{place}");
            }
        }
    }
    for length in 0..text.len() {
        assert!(read(&text[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_message_of_another_shape_is_refused() {
    let text = message(ContentEncryption::A128Gcm);
    let parts: Vec<&str> = text.split('.').collect();
    let [header, _, nonce, content, tag] = *parts.as_slice() else { panic!("five parts") };
    for malformed in [
        String::new(),
        "....".to_owned(),
        format!("{header}.{nonce}.{content}.{tag}"),
        format!("{text}."),
        format!("{text}.AAAA"),
        // An encrypted key where there is none.
        format!("{header}.AAAA.{nonce}.{content}.{tag}"),
        format!("{header}..{nonce}A.{content}.{tag}"),
        format!("{header}..AAAA.{content}.{tag}"),
        // A shortened tag would be found by trying.
        format!("{header}..{nonce}.{content}.AAAAAAAAAAA"),
        format!("{header}..{nonce}.{content}=.{tag}"),
    ] {
        assert!(matches!(read(&malformed), Err("JOE-01" | "JOE-02")), "{malformed} {:?}", read(&malformed));
    }
    for header in ["[]", "{", r#"{"alg":"ECDH-ES","alg":"ECDH-ES"}"#] {
        let header = to_base64url(header.as_bytes());
        assert_eq!(read(&format!("{header}..{nonce}.{content}.{tag}")), Err("JOE-02"));
    }
}

#[test]
fn another_agreement_is_refused() {
    for alg in ["dir", "none", "ECDH-ES+A128KW", "RSA-OAEP", "A256GCMKW", "PBES2-HS256+A128KW", "ecdh-es", ""]
    {
        assert_eq!(put("alg", json!(alg)), "JOE-03", "{alg}");
    }
    assert_eq!(with_header(|header| drop(header.remove("alg"))), "JOE-03");
    assert_eq!(put("alg", json!(null)), "JOE-03");
}

#[test]
fn another_content_encryption_is_refused() {
    for enc in ["A128CBC-HS256", "A192GCM", "none", "a128gcm"] {
        assert_eq!(put("enc", json!(enc)), "JOE-04", "{enc}");
    }
    // Known, but another one than was used; and one that was not offered.
    assert_eq!(put("enc", json!("A256GCM")), "JOE-10");
    let only =
        Decrypter::new(&key(Algorithm::Es256, 1), Some("enc-1"), &[ContentEncryption::A256Gcm]).unwrap();
    assert_eq!(only.decrypt(&message(ContentEncryption::A128Gcm)).unwrap_err().code(), "JOE-04");
}

/// A message that says it is compressed is refused before anything is decrypted, whatever it would grow to.
/// Regression 10.
#[test]
fn a_compressed_message_is_refused() {
    for zip in [json!("DEF"), json!(null)] {
        assert_eq!(put("zip", zip), "JOE-05");
    }
}

#[test]
fn a_message_that_demands_an_extension_is_refused() {
    for crit in [json!(["exp"]), json!([]), json!(null)] {
        assert_eq!(put("crit", crit), "JOE-06");
    }
}

#[test]
fn a_message_for_another_key_is_refused() {
    for kid in ["enc-2", "", "ENC-1"] {
        assert_eq!(put("kid", json!(kid)), "JOE-07", "{kid}");
    }
    assert_eq!(with_header(|header| drop(header.remove("kid"))), "JOE-07");
    assert_eq!(put("kid", json!(1)), "JOE-02");
    // A key without a name is asked for by none.
    let unnamed = Decrypter::new(&key(Algorithm::Es256, 1), None, &ContentEncryption::ALL).unwrap();
    assert!(unnamed.decrypt(&message(ContentEncryption::A128Gcm)).is_ok());
}

#[test]
fn an_ephemeral_key_off_the_curve_is_refused() {
    let own = key(Algorithm::Es256, 3).verifying_key().to_jwk();
    let epk = |name: &str, value: Value| {
        let mut epk = Value::Object(own.members().clone());
        epk[name] = value;
        put("epk", epk)
    };
    let zero = to_base64url(&[0; 32]);
    assert_eq!(epk("y", json!(zero)), "JOE-08");
    assert_eq!(epk("x", json!(zero)), "JOE-08");
    assert_eq!(epk("x", json!(to_base64url(&[0xff; 32]))), "JOE-08");
    assert_eq!(epk("x", json!("AA")), "JOE-08");
    assert_eq!(epk("crv", json!("P-384")), "JOE-08");
    assert_eq!(epk("kty", json!("OKP")), "JOE-08");
    assert_eq!(epk("d", json!(zero)), "JOE-08");
    for other in [Algorithm::Es384, Algorithm::Ed25519] {
        let jwk = key(other, 3).verifying_key().to_jwk();
        assert_eq!(put("epk", Value::Object(jwk.members().clone())), "JOE-08");
    }
    assert_eq!(with_header(|header| drop(header.remove("epk"))), "JOE-08");
    assert_eq!(put("epk", json!("AA")), "JOE-08");
    // A point of the curve, but not the one that was agreed with.
    assert_eq!(put("epk", Value::Object(own.members().clone())), "JOE-10");
}

#[test]
fn an_endless_message_is_neither_read_nor_made() {
    assert_eq!(read(&"A".repeat(MAX_LENGTH + 1)), Err("JOE-09"));
    let recipient = Recipient::from_jwk(&decrypter(1).public_jwk(), ContentEncryption::A256Gcm).unwrap();
    let encrypt =
        |length| encrypt(&vec![b'a'; length], &recipient, Parties::default(), &mut TestEntropy::new(1));
    assert_eq!(read(&encrypt(3_000_000).unwrap()).unwrap().len(), 3_000_000);
    assert_eq!(encrypt(MAX_LENGTH / 4 * 3).unwrap_err().code(), "JOE-12");
}

/// Keys without `alg`, for signatures, or of other curves are for others.
#[test]
fn a_key_that_is_not_for_this_is_passed_over() {
    let jwk = |change: &dyn Fn(&mut Value)| {
        let mut jwk = Value::Object(decrypter(1).public_jwk().members().clone());
        change(&mut jwk);
        let jwk = PublicJwk::from_members(jwk.as_object().unwrap().clone()).unwrap();
        Recipient::from_jwk(&jwk, ContentEncryption::A128Gcm).map_err(|error| error.code())
    };
    assert!(jwk(&|_| {}).is_ok());
    assert!(jwk(&|jwk| drop(jwk.as_object_mut().unwrap().remove("use"))).is_ok());
    assert!(jwk(&|jwk| drop(jwk.as_object_mut().unwrap().remove("kid"))).is_ok());
    for (name, value) in [
        ("alg", json!(null)),
        ("alg", json!("ES256")),
        ("alg", json!("ECDH-ES+A256KW")),
        ("use", json!("sig")),
        ("crv", json!("P-384")),
        ("kty", json!("RSA")),
        ("y", json!(to_base64url(&[0; 32]))),
    ] {
        assert_eq!(jwk(&|jwk| jwk[name] = value.clone()).unwrap_err(), "JOE-11", "{name} {value}");
    }
}

#[test]
fn the_public_half_says_what_it_is_for() {
    let jwk = decrypter(1).public_jwk();
    assert_eq!(
        (jwk.text("alg"), jwk.text("use"), jwk.text("kid")),
        (Some("ECDH-ES"), Some("enc"), Some("enc-1"))
    );
    assert_eq!(decrypter(1).key_thumbprint(), key_thumbprint(key(Algorithm::Es256, 1).verifying_key()));
    assert!(Decrypter::new(&key(Algorithm::Ed25519, 1), None, &ContentEncryption::ALL).is_none());
    // It is kept as any private key is.
    let kept = Secret::new(key(Algorithm::Es256, 1).to_private_jwk().expose().clone());
    let again = SigningKey::from_private_jwk(&kept).unwrap();
    let again = Decrypter::new(&again, Some("enc-1"), &ContentEncryption::ALL).unwrap();
    assert_eq!(again.decrypt(&message(ContentEncryption::A256Gcm)).unwrap().payload, CONTENT);
    assert!(!format!("{again:?}").contains(r#""d""#));
}

/// Made by `jose` 5.10 (npm) for Bob of RFC 7518, Appendix C.
#[test]
fn what_another_implementation_encrypts_is_read() {
    let bob = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    let bob = SigningKey::from_private_jwk(&Secret::new(bob.to_owned())).unwrap();
    let bob = Decrypter::new(&bob, Some("bob"), &ContentEncryption::ALL).unwrap();
    let messages = [
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImJvYiIsImVwayI6eyJ4Ijoiblc1dDNJNDFuX3g0MG9ScUZXazdHZWxPMTRtR3JWQnNWeUY0Y0J2MzctZyIsImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ5IjoiMnlLWVEzc1pJaFBJV0NVS3E0N0lmS1NsaTBmbUgyeXB6WW53dHM4dnpzTSJ9LCJhcHUiOiJRV3hwWTJVIiwiYXB2IjoiUW05aSJ9..EhTlNLVsWFVj_SXg.k_fSgfsuYn4FtQ3qiJY2.NP6oTRr9fFllATbOuXHZHg",
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImJvYiIsImVwayI6eyJ4IjoicHlpMjhSQUZUWE9uUkZXZTZQdC1HQVZoWkZkdEhheWdGS1lWbW9IWnhRNCIsImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ5IjoieVRPaDZmSUNKWVdXQ3hYc1RBMTRIY2VPd0JjNVNWNHNnTUFjZmhaVHo2WSJ9LCJhcHUiOiJRV3hwWTJVIiwiYXB2IjoiUW05aSJ9..IOLNbCSWPN5iss1q.wiQME92ZHWF1tkdh1dLf.z-ECvjHHp9t-nbXEldqmlw",
    ];
    for text in messages {
        let opened = bob.decrypt(text).unwrap();
        assert_eq!(opened.payload, br#"{"vp_token":{}}"#);
        assert_eq!((opened.apu.as_slice(), opened.apv.as_slice()), (&b"Alice"[..], &b"Bob"[..]));
        assert_eq!(bob.decrypt(&text.replacen("..", "..A", 1)).unwrap_err().code(), "JOE-01");
    }
}
