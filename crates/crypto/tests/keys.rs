//! Keys in and out: Multikey, public JWK, private JWK.
#![cfg(test)]

use proptest::prelude::*;
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    encoding::{Multikey, from_base64url, to_base64url},
    jwk::PublicJwk,
    key::{Entropy, Signer, Verifier},
};
use sinpyo_crypto::{Algorithm, ImportKeyError, KeySigner, ParseKeyError, SigningKey, VerifyingKey};
use sinpyo_testkit::{from_hex, key};

fn public_jwk(jwk: &Value) -> Result<VerifyingKey, ParseKeyError> {
    VerifyingKey::from_jwk(&PublicJwk::from_members(jwk.as_object().unwrap().clone()).unwrap())
}

fn private_jwk(jwk: &Value) -> Result<SigningKey, ImportKeyError> {
    SigningKey::from_private_jwk(&Secret::new(jwk.to_string()))
}

/// `jwk` with `name` set to `value`; removed if `value` is null.
fn with(jwk: &Value, name: &str, value: Value) -> Value {
    let mut jwk = jwk.clone();
    match value {
        Value::Null => drop(jwk.as_object_mut().unwrap().remove(name)),
        value => jwk[name] = value,
    }
    jwk
}

/// RFC 7515 §A.3.1.
fn rfc7515_p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    })
}

/// RFC 8037 §A.1.
fn rfc8037_ed25519() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn public(private: &Value) -> Value {
    with(private, "d", Value::Null)
}

#[test]
fn the_es256_signature_of_rfc_7515_verifies() {
    let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                   cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = public_jwk(&public(&rfc7515_p256())).unwrap();
    let signature = from_base64url(signature).unwrap();
    assert_eq!(key.verify(message.as_bytes(), &signature).unwrap().bytes(), message.as_bytes());
    assert_eq!(private_jwk(&rfc7515_p256()).unwrap().verifying_key(), &key);
}

#[test]
fn the_eddsa_signature_of_rfc_8037_is_reproduced() {
    let key = private_jwk(&rfc8037_ed25519()).unwrap();
    let signature = key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc").unwrap();
    assert_eq!(
        to_base64url(&signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert_eq!(public_jwk(&public(&rfc8037_ed25519())).unwrap(), *key.verifying_key());
}

/// W3C did:key examples, one of each curve that we take.
#[test]
fn the_multikeys_of_did_key_parse() {
    for (text, algorithm) in [
        ("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", Algorithm::Ed25519),
        ("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv", Algorithm::Es256),
        ("z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54", Algorithm::Es384),
    ] {
        let key = VerifyingKey::from_multikey(&Multikey::parse(text).unwrap()).unwrap();
        assert_eq!((key.algorithm(), key.to_multikey().to_string().as_str()), (algorithm, text));
        assert_eq!(Verifier::algorithm(&key).0, algorithm.jose());
    }
}

#[test]
fn every_form_of_a_key_leads_back_to_it() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, 3);
        let again = SigningKey::from_private_jwk(&key.to_private_jwk()).unwrap();
        assert_eq!(again.verifying_key(), key.verifying_key());
        assert_eq!(again.to_private_jwk().expose(), key.to_private_jwk().expose());
        let public = key.verifying_key();
        assert_eq!(&VerifyingKey::from_multikey(&public.to_multikey()).unwrap(), public);
        assert_eq!(&VerifyingKey::from_jwk(&public.to_jwk()).unwrap(), public);

        let signature = again.sign(b"message").unwrap();
        assert_eq!(signature.len(), algorithm.signature_length());
        assert!(public.verify(b"message", &signature).is_ok());
        assert!(public.verify(b"massage", &signature).is_err());
        assert!(public.verify(b"message", &signature[1..]).is_err());
    }
}

#[test]
fn a_key_verifies_under_no_other_algorithm() {
    for signer in Algorithm::ALL {
        let signature = key(signer, 1).sign(b"message").unwrap();
        for verifier in Algorithm::ALL {
            let verdict = key(verifier, 1).verifying_key().verify(b"message", &signature).map(drop);
            assert_eq!(verdict.is_ok(), signer == verifier, "{signer} {verifier}");
        }
    }
}

#[test]
fn a_kind_of_key_without_an_algorithm_is_refused() {
    // x25519-pub, secp256k1-pub, ed448-pub, mldsa-87-pub, identity, sha2-256
    for code in [0xec, 0xe7, 0x1203, 0x1212, 0x00, 0x12] {
        let refused = VerifyingKey::from_multikey(&Multikey::new(code, &[2; 33]));
        assert_eq!(refused, Err(ParseKeyError::Unsupported), "{code:x}");
    }
    let (ec, okp) = (public(&rfc7515_p256()), public(&rfc8037_ed25519()));
    for jwk in [
        with(&ec, "crv", json!("secp256k1")),
        with(&ec, "crv", json!("Ed25519")),
        with(&ec, "crv", Value::Null),
        with(&okp, "crv", json!("X25519")),
        with(&okp, "crv", json!("P-256")),
        with(&okp, "kty", json!("EC")),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "AKP", "pub": "AA"}),
        json!({"kty": "AKP", "alg": "ML-DSA-87", "pub": "AA"}),
        json!({"kty": "AKP", "alg": "ES256", "pub": "AA"}),
    ] {
        assert_eq!(public_jwk(&jwk), Err(ParseKeyError::Unsupported), "{jwk}");
    }
}

#[test]
fn a_key_of_the_wrong_length_is_refused() {
    let short = to_base64url(&[1; 31]);
    let long = to_base64url(&[1; 33]);
    for text in [&short, &long, ""] {
        let (ec, okp) = (public(&rfc7515_p256()), public(&rfc8037_ed25519()));
        for jwk in [with(&ec, "x", json!(text)), with(&ec, "y", json!(text)), with(&okp, "x", json!(text))] {
            assert_eq!(public_jwk(&jwk), Err(ParseKeyError::Length), "{jwk}");
        }
    }
    for length in [0, 1311, 1313, 1952] {
        let refused = VerifyingKey::from_multikey(&Multikey::new(0x1210, &vec![1; length]));
        assert_eq!(refused, Err(ParseKeyError::Length), "{length}");
    }
    assert_eq!(ParseKeyError::Length.code(), "KEY-02");
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let ec = public(&rfc7515_p256());
    let swapped = with(&with(&ec, "x", ec["y"].clone()), "y", ec["x"].clone());
    let zero = json!(to_base64url(&[0; 32]));
    let origin = with(&with(&ec, "x", zero.clone()), "y", zero.clone());
    // The generator's x + p, which is the generator to a reader that reduces first, does not fit; x = p does.
    let p =
        json!(to_base64url(&from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")));
    for jwk in [swapped, origin, with(&ec, "y", zero), with(&ec, "x", p)] {
        assert_eq!(public_jwk(&jwk), Err(ParseKeyError::NotOnCurve), "{jwk}");
    }
    assert_eq!(ParseKeyError::NotOnCurve.code(), "KEY-03");
}

#[test]
fn a_key_reserved_for_something_else_is_refused() {
    let okp = public(&rfc8037_ed25519());
    for (name, value) in [
        ("alg", json!("EdDSA")),
        ("alg", json!("Ed25519")),
        ("use", json!("sig")),
        ("key_ops", json!(["verify"])),
        ("kid", json!(7)),
    ] {
        assert!(public_jwk(&with(&okp, name, value.clone())).is_ok(), "{name} {value}");
    }
    for (name, value) in [
        ("alg", json!("ES256")),
        ("alg", json!("eddsa")),
        ("alg", json!("none")),
        ("alg", json!(1)),
        ("use", json!("enc")),
        ("use", json!(["sig"])),
        ("key_ops", json!([])),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!("verify")),
    ] {
        assert_eq!(public_jwk(&with(&okp, name, value.clone())), Err(ParseKeyError::Use), "{name} {value}");
    }
    let ec = public(&rfc7515_p256());
    assert_eq!(public_jwk(&with(&ec, "alg", json!("ES384"))), Err(ParseKeyError::Use));
}

#[test]
fn a_missing_or_malformed_member_is_refused() {
    let (ec, okp) = (public(&rfc7515_p256()), public(&rfc8037_ed25519()));
    let padded = format!("{}=", okp["x"].as_str().unwrap());
    for jwk in [
        with(&ec, "x", Value::Null),
        with(&ec, "y", Value::Null),
        with(&ec, "y", json!(5)),
        with(&okp, "x", Value::Null),
        with(&okp, "x", json!(padded)),
        with(&okp, "x", json!("+/+/")),
        json!({"kty": "AKP", "alg": "ML-DSA-44"}),
    ] {
        assert_eq!(public_jwk(&jwk), Err(ParseKeyError::Member), "{jwk}");
    }
}

#[test]
fn an_unusable_private_member_is_refused() {
    let n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    for d in [from_hex(n), vec![0xff; 32], vec![0; 32], vec![1; 31], vec![1; 33], vec![]] {
        let jwk = with(&rfc7515_p256(), "d", json!(to_base64url(&d)));
        assert_eq!(private_jwk(&jwk).unwrap_err(), ImportKeyError::PrivateMember, "{d:x?}");
    }
    for d in [Value::Null, json!(1), json!("====")] {
        let jwk = with(&rfc8037_ed25519(), "d", d);
        assert_eq!(private_jwk(&jwk).unwrap_err(), ImportKeyError::PrivateMember);
    }
    assert_eq!(ImportKeyError::PrivateMember.code(), "KEY-08");
}

/// A key pair whose public half is another's would give away its private half (RUSTSEC-2022-0093).
#[test]
fn halves_of_different_keys_are_refused() {
    for algorithm in Algorithm::ALL {
        let (one, two) = (key(algorithm, 1).to_private_jwk(), key(algorithm, 2).to_private_jwk());
        let mut jwk: Value = serde_json::from_str(one.expose()).unwrap();
        let other: Value = serde_json::from_str(two.expose()).unwrap();
        for name in ["d", "priv"] {
            if jwk.get(name).is_some() {
                jwk[name] = other[name].clone();
            }
        }
        let error = private_jwk(&jwk).unwrap_err();
        assert_eq!((error, error.code()), (ImportKeyError::Mismatch, "KEY-09"), "{algorithm}");
    }
    let without_public = with(&rfc8037_ed25519(), "x", Value::Null);
    assert_eq!(private_jwk(&without_public).unwrap_err(), ImportKeyError::Public(ParseKeyError::Member));
}

#[test]
fn a_private_key_that_may_not_sign_is_refused() {
    let jwk = rfc8037_ed25519();
    assert!(private_jwk(&with(&jwk, "key_ops", json!(["sign"]))).is_ok());
    let refused = private_jwk(&with(&jwk, "key_ops", json!(["deriveBits"]))).unwrap_err();
    assert_eq!((refused, refused.code()), (ImportKeyError::Public(ParseKeyError::Use), "KEY-06"));
    let twice = Secret::new(jwk.to_string().replacen('{', r#"{"kty":"OKP","#, 1));
    assert_eq!(SigningKey::from_private_jwk(&twice).unwrap_err().code(), "JSON-01");
}

#[test]
fn the_private_half_is_not_printed() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, 5);
        let jwk = key.to_private_jwk();
        let members: Value = serde_json::from_str(jwk.expose()).unwrap();
        let private = members.get("d").or_else(|| members.get("priv")).unwrap().as_str().unwrap();
        let bytes = from_base64url(private).unwrap();
        let signer = KeySigner::new("did:example:a#k".parse().unwrap(), key);
        let printed = format!("{signer:?} {signer:#?} {jwk:?}");
        let decimal = format!("{:?}", &bytes[..8]);
        let hex: String = bytes[..8]
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|d| char::from_digit(d.into(), 16).unwrap())
            .collect();
        for form in [private, decimal.trim_matches(['[', ']']), &hex] {
            assert!(!printed.contains(form), "{algorithm}");
        }
        assert_eq!(Signer::algorithm(&signer).0, algorithm.jose());
    }
}

/// Gives 0xff twice over, which is no P-256 scalar, and then ones.
struct Late(u8);

impl Entropy for Late {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(if self.0 == 0 { 1 } else { 0xff });
        self.0 = self.0.saturating_sub(1);
    }
}

#[test]
fn a_scalar_out_of_range_is_drawn_again() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let drawn_again = SigningKey::generate(algorithm, &mut Late(2));
        assert_eq!(
            drawn_again.verifying_key(),
            SigningKey::generate(algorithm, &mut Late(0)).verifying_key()
        );
    }
}

#[test]
#[should_panic(expected = "unpredictable bytes")]
fn a_generator_that_is_none_ends_the_process() {
    SigningKey::generate(Algorithm::Es256, &mut Late(255));
}

#[test]
fn an_algorithm_has_one_name() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_jose(algorithm.jose()), Some(algorithm));
    }
    for name in ["none", "None", "", "es256", "ES256K", "HS256", "RS256", "Ed448", "ML-DSA-87"] {
        assert_eq!(Algorithm::from_jose_or_fully_specified(name), None, "{name}");
    }
    assert_eq!(Algorithm::from_jose("Ed25519"), None);
    assert_eq!(Algorithm::from_jose_or_fully_specified("Ed25519"), Some(Algorithm::Ed25519));
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_bit_breaks_the_signature(
        algorithm in algorithm(), seed in 0_u8..3, message in prop::collection::vec(any::<u8>(), 1..60),
        at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let key = key(algorithm, seed);
        let signature = key.sign(&message).unwrap();
        prop_assert!(key.verifying_key().verify(&message, &signature).is_ok());
        let mut changed = message.clone();
        changed[at.index(message.len())] ^= 1 << bit;
        prop_assert!(key.verifying_key().verify(&changed, &signature).is_err());
        let mut changed = signature.clone();
        changed[at.index(signature.len())] ^= 1 << bit;
        prop_assert!(key.verifying_key().verify(&message, &changed).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(code in any::<u16>(), bytes in prop::collection::vec(any::<u8>(), 0..70)) {
        for code in [u64::from(code), 0xed, 0x1200, 0x1201, 0x1210] {
            if let Ok(key) = VerifyingKey::from_multikey(&Multikey::new(code, &bytes)) {
                prop_assert_eq!(key.to_multikey(), Multikey::new(code, &bytes));
                prop_assert!(key.verify(b"message", &bytes).is_err());
            }
        }
        prop_assert!(SigningKey::from_private_jwk(&Secret::new(bytes)).is_err());
    }
}
