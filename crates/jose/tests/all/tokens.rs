//! Signed tokens: what headers may say, and what becomes of their claims. The rest of the rules is tested where
//! credentials are read.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64, to_base64url},
    key::Signer,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_jose::{HeaderRules, JwtHeader, KeyHint, Times, Typ, UnverifiedJwt, VerifiedJwt, prepare, sign};
use sinpyo_testkit::key;
use std::time::Duration;

const NOW: i64 = 1_795_319_100;

fn now() -> Timestamp {
    Timestamp::from_unix(NOW).unwrap()
}

fn signer(seed: u8) -> KeySigner {
    KeySigner::new("did:x:wallet#key-1".parse().unwrap(), key(Algorithm::Es256, seed))
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// A token under exactly this header, signed by somebody's key.
fn token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| to_base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = signer(1).sign(input.as_bytes()).unwrap();
    format!("{input}.{}", to_base64url(&signature))
}

fn read_as(text: &str, typs: &[Typ], rules: &HeaderRules) -> Result<VerifiedJwt, &'static str> {
    let arrived = UnverifiedJwt::parse(text, typs, rules).map_err(|error| error.code())?;
    arrived.verify(signer(1).key().verifying_key(), &[Algorithm::Es256]).map_err(|error| error.code())
}

fn with(hints: Value, rules: &HeaderRules) -> Result<VerifiedJwt, &'static str> {
    let mut header = json!({"alg": "ES256", "typ": "openid4vci-proof+jwt"});
    header.as_object_mut().unwrap().extend(object(hints));
    read_as(&token(&header, &json!({"nonce": "n"})), &[Typ::CREDENTIAL_PROOF], rules)
}

fn jwk() -> Value {
    Value::Object(signer(1).key().verifying_key().to_jwk().members().clone())
}

#[test]
fn what_is_signed_is_read_with_its_key() {
    let signer = signer(1);
    let own = signer.key().verifying_key();
    let claims = object(json!({"iss": "wallet", "aud": "https://issuer.example", "iat": NOW}));
    let certificate = vec![0x30, 0x03, 0x02, 0x01, 0x01];
    for hint in [
        KeyHint::None,
        KeyHint::Kid("did:x:wallet#key-1"),
        KeyHint::Jwk,
        KeyHint::X5c(std::slice::from_ref(&certificate)),
    ] {
        let mut header = JwtHeader::new(Typ::CREDENTIAL_PROOF, hint);
        header.members = object(json!({"key_attestation": "a.b.c", "alg": "none"}));
        let text = sign(header, &claims, (&signer, own)).unwrap();
        let rules = if matches!(hint, KeyHint::None) { HeaderRules::BARE } else { HeaderRules::EXACTLY_ONE };
        let arrived = UnverifiedJwt::parse(&text, &[Typ::DPOP, Typ::CREDENTIAL_PROOF], &rules).unwrap();
        assert_eq!(arrived.typ(), Typ::CREDENTIAL_PROOF);
        let found = arrived.hint();
        assert_eq!(found.claimed_issuer(), Some("wallet"));
        assert_eq!(found.parameter("key_attestation"), Some(&json!("a.b.c")));
        match hint {
            KeyHint::None => assert_eq!((found.kid(), found.jwk(), found.x5c()), (None, None, None)),
            KeyHint::Kid(kid) => assert_eq!(found.key_id().unwrap().as_str(), kid),
            KeyHint::Jwk => assert_eq!(&VerifyingKey::from_jwk(found.jwk().unwrap()).unwrap(), own),
            KeyHint::X5c(chain) => assert_eq!(from_base64(&found.x5c().unwrap()[0]).unwrap(), chain[0]),
        }
        let verified = arrived.verify(own, &[Algorithm::Es256]).unwrap();
        assert_eq!(verified.claims(), &claims);
        assert_eq!(verified.audiences().collect::<Vec<_>>(), ["https://issuer.example"]);
    }
}

#[test]
fn a_token_of_another_key_is_refused() {
    let text = token(&json!({"alg": "ES256", "typ": "dpop+jwt"}), &json!({}));
    let verify = |key: &VerifyingKey, allowed: &[Algorithm]| {
        let arrived = UnverifiedJwt::parse(&text, &[Typ::DPOP], &HeaderRules::BARE).unwrap();
        arrived.verify(key, allowed).map(drop).map_err(|error| error.code())
    };
    let (own, other) = (signer(1), signer(2));
    assert_eq!(verify(own.key().verifying_key(), &Algorithm::ALL), Ok(()));
    assert_eq!(verify(other.key().verifying_key(), &Algorithm::ALL), Err("JWS-11"));
    let ed25519 = key(Algorithm::Ed25519, 1);
    assert_eq!(verify(ed25519.verifying_key(), &Algorithm::ALL), Err("JWS-03"));
    // [GEN-01] Each use has its own list, whatever else we know.
    assert_eq!(verify(own.key().verifying_key(), &[Algorithm::Ed25519]), Err("JWS-26"));
    assert_eq!(verify(own.key().verifying_key(), &[]), Err("JWS-26"));
}

#[test]
fn a_proof_has_exactly_one_hint() {
    let (kid, x5c) = (json!("did:x:wallet#key-1"), json!(["AA=="]));
    for one in [json!({"kid": kid}), json!({"jwk": jwk()}), json!({"x5c": x5c})] {
        assert!(with(one, &HeaderRules::EXACTLY_ONE).is_ok());
    }
    for other in [
        json!({}),
        json!({"kid": kid, "jwk": jwk()}),
        json!({"kid": kid, "x5c": x5c}),
        json!({"jwk": jwk(), "x5c": x5c}),
        json!({"kid": kid, "jwk": jwk(), "x5c": x5c}),
    ] {
        assert_eq!(with(other.clone(), &HeaderRules::EXACTLY_ONE).unwrap_err(), "JWS-27", "{other}");
    }
}

#[test]
fn a_key_or_certificate_stands_only_where_the_protocol_has_it() {
    let (jwk, x5c) = (json!({"jwk": jwk()}), json!({"x5c": ["AA=="]}));
    for rules in [HeaderRules::BARE, HeaderRules::NAMED] {
        assert_eq!(with(jwk.clone(), &rules).unwrap_err(), "JWS-07");
        assert_eq!(with(x5c.clone(), &rules).unwrap_err(), "JWS-07");
    }
    assert_eq!(with(x5c.clone(), &HeaderRules::OWN_KEY).unwrap_err(), "JWS-07");
    assert_eq!(with(json!({"kid": "1"}), &HeaderRules::OWN_KEY).unwrap_err(), "JWS-27");
    assert_eq!(with(jwk.clone(), &HeaderRules::CERTIFIED).unwrap_err(), "JWS-07");
    assert_eq!(with(json!({"kid": "1"}), &HeaderRules::CERTIFIED).unwrap_err(), "JWS-27");
    assert!(with(jwk, &HeaderRules::OWN_KEY).is_ok() && with(x5c.clone(), &HeaderRules::CERTIFIED).is_ok());
    assert!(with(json!({}), &HeaderRules::NAMED_OR_CERTIFIED).is_ok());
    let mut both = x5c;
    both["kid"] = json!("1");
    for rules in [HeaderRules::NAMED_OR_CERTIFIED, HeaderRules::CERTIFIED] {
        assert_eq!(with(both.clone(), &rules).unwrap().header().kid(), Some("1"));
    }
    for name in ["jku", "x5u", "x5t", "x5t#S256"] {
        for rules in [HeaderRules::BARE, HeaderRules::NAMED_OR_CERTIFIED] {
            assert_eq!(with(json!({name: "AA"}), &rules).unwrap_err(), "JWS-07", "{name}");
        }
    }
    for x5c in [json!("AA=="), json!([1]), json!(null)] {
        assert_eq!(with(json!({"x5c": x5c}), &HeaderRules::CERTIFIED).unwrap_err(), "JWS-07", "{x5c}");
    }
}

/// [GEN-03] Whoever sends its private key has lost it.
#[test]
fn a_private_key_in_a_header_is_refused() {
    for name in ["d", "k", "p", "priv"] {
        let mut private = jwk();
        private[name] = json!("AA");
        assert_eq!(with(json!({"jwk": private}), &HeaderRules::OWN_KEY).unwrap_err(), "JSON-07", "{name}");
    }
    assert_eq!(with(json!({"jwk": {"kty": "oct"}}), &HeaderRules::OWN_KEY).unwrap_err(), "JSON-08");
    for jwk in [json!(null), json!("AA"), json!([])] {
        assert_eq!(with(json!({"jwk": jwk}), &HeaderRules::OWN_KEY).unwrap_err(), "JWS-07");
    }
}

/// [GEN-02]
#[test]
fn a_type_is_compared_exactly() {
    let claims = json!({});
    let read = |header: &Value, typs: &[Typ]| {
        read_as(&token(header, &claims), typs, &HeaderRules::BARE).map(|jwt| jwt.header().typ())
    };
    let dpop = json!({"alg": "ES256", "typ": "dpop+jwt"});
    assert_eq!(read(&dpop, &[Typ::DPOP]), Ok(Typ::DPOP));
    for typ in Typ::ALL.into_iter().chain([Typ::JWT, Typ::ABSENT]).filter(|typ| *typ != Typ::DPOP) {
        assert_eq!(read(&dpop, &[typ]), Err("JWS-04"));
    }
    for typ in [json!("DPoP+jwt"), json!("application/dpop+jwt"), json!("dpop+jwt "), json!(1), json!(null)] {
        assert_eq!(read(&json!({"alg": "ES256", "typ": typ}), &[Typ::DPOP]), Err("JWS-04"));
    }
    // Without a type only where the protocol has none; an empty one is none of ours.
    let untyped = json!({"alg": "ES256"});
    assert_eq!(read(&untyped, &[Typ::JWT, Typ::ABSENT]), Ok(Typ::ABSENT));
    assert_eq!(read(&untyped, &[Typ::DPOP, Typ::JWT]), Err("JWS-04"));
    assert_eq!(read(&json!({"alg": "ES256", "typ": ""}), &[Typ::ABSENT]), Err("JWS-04"));
    assert_eq!(read(&json!({"alg": "ES256", "typ": null}), &[Typ::ABSENT]), Err("JWS-04"));
    let made = prepare(
        JwtHeader::new(Typ::ABSENT, KeyHint::None),
        &object(claims.clone()),
        signer(1).key().verifying_key(),
    );
    let made = made.sign(&signer(1)).unwrap();
    assert!(read_as(&made, &[Typ::ABSENT], &HeaderRules::BARE).is_ok());
}

#[test]
fn what_is_made_for_an_occasion_is_made_just_now() {
    let times = |claims: Value| Times::from_claims(&object(claims));
    let window = Duration::from_mins(5);
    let fresh = |claims: Value| times(claims)?.check_fresh(now(), window);
    assert_eq!(fresh(json!({"iat": NOW})), Ok(now()));
    // The window, and a minute for two clocks.
    assert!(fresh(json!({"iat": NOW - 360})).is_ok() && fresh(json!({"iat": NOW + 60})).is_ok());
    let code = |claims| fresh(claims).unwrap_err().code();
    assert_eq!(code(json!({"iat": NOW - 361})), "JWS-28");
    assert_eq!(code(json!({})), "JWS-28");
    assert_eq!(code(json!({"iat": NOW + 61})), "JWS-15");
    assert_eq!(code(json!({"iat": NOW, "exp": NOW - 60})), "JWS-14");
    assert_eq!(code(json!({"iat": "now"})), "JWS-13");
}

#[test]
fn audiences_are_texts() {
    let audiences = |aud: Value| {
        let header = json!({"alg": "ES256", "typ": "dpop+jwt"});
        let verified =
            read_as(&token(&header, &json!({"aud": aud})), &[Typ::DPOP], &HeaderRules::BARE).unwrap();
        verified.audiences().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(audiences(json!("a")), ["a"]);
    assert_eq!(audiences(json!(["a", "b", 1, ["c"], null])), ["a", "b"]);
    assert!(audiences(json!({"a": "b"})).is_empty() && audiences(json!(1)).is_empty());
}

#[test]
fn debug_output_shows_no_claim() {
    let header = json!({"alg": "ES256", "typ": "dpop+jwt"});
    let text = token(&header, &json!({"iss": "secret-issuer", "nonce": "secret-nonce"}));
    let arrived = UnverifiedJwt::parse(&text, &[Typ::DPOP], &HeaderRules::BARE).unwrap();
    let shown = format!("{arrived:?} {:?}", arrived.hint());
    let verified = read_as(&text, &[Typ::DPOP], &HeaderRules::BARE).unwrap();
    let shown = format!("{shown} {verified:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
