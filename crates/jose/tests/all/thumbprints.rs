//! Names of keys.

use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, jwk::PublicJwk};
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{key_thumbprint, thumbprint};
use sinpyo_testkit::key;

fn of(jwk: &Value) -> Result<String, &'static str> {
    let jwk = PublicJwk::from_members(jwk.as_object().unwrap().clone()).unwrap();
    thumbprint(&jwk).map(|hash| to_base64url(&hash)).map_err(|error| error.code())
}

/// RFC 7638 §3.1 (RSA) and RFC 8037 §A.3 (Ed25519).
#[test]
fn the_thumbprints_of_the_specifications_are_computed() {
    let rsa = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    });
    assert_eq!(of(&rsa).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(of(&ed25519).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn only_what_defines_the_key_counts() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm, 1);
        let bare = key.verifying_key().to_jwk();
        let mut members = Value::Object(bare.members().clone());
        members["use"] = json!("sig");
        members["kid"] = json!("a");
        assert_eq!(of(&members).unwrap(), to_base64url(&key_thumbprint(key.verifying_key())));
        for name in bare.members().keys().filter(|name| *name != "kty") {
            let mut less = members.clone();
            less[name] = json!(null);
            assert_eq!(of(&less), Err("KEY-07"), "{name}");
            let mut other = members.clone();
            other[name] = json!("AA");
            assert_ne!(of(&other), of(&members), "{name}");
        }
    }
    assert_eq!(of(&json!({"kty": "PQ", "x": "AA"})), Err("KEY-01"));
}
