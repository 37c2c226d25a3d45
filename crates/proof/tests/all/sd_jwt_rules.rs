//! Each rule of RFC 9901 §7.1 broken by an issuer or a presenter that does not use our code.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::{credential::Credential, encoding::to_base64url};
use sinpyo_crypto::hash::sha256;
use sinpyo_proof::{
    HolderBinding, Unverified,
    jws::Typ,
    sd_jwt::{Expected, Holding, verify},
};
use std::slice;

const TYP: Typ = Typ::application("example+sd-jwt");

/// The text of a disclosure.
fn disclosure(parts: &Value) -> String {
    to_base64url(parts.to_string().as_bytes())
}

fn digest(text: &str) -> String {
    to_base64url(&sha256(text.as_bytes()))
}

fn wire(payload: &Value, disclosures: &[String]) -> String {
    let jwt = token(&Party::issuer(), &json!({"alg": "ES256", "typ": TYP.as_str()}), payload);
    disclosures.iter().fold(jwt + "~", |wire, disclosure| wire + disclosure + "~")
}

/// The claims, or the rule that was broken.
fn check_wire(wire: &str) -> Result<Value, &'static str> {
    let expected = Expected { typ: TYP, holder_binding: HolderBinding::NotWanted, now: now() };
    let verified = verify(wire, Party::issuer().key(), &expected).map_err(|error| error.code())?;
    Ok(Value::Object(verified.into_inner().claims))
}

#[expect(clippy::needless_pass_by_value, reason = "the cases are written in place")]
fn check(payload: Value, disclosures: &[String]) -> Result<Value, &'static str> {
    check_wire(&wire(&payload, disclosures))
}

#[test]
fn disclosed_claims_return_to_their_places() {
    let (name, element) = (disclosure(&json!(["s", "name", "a"])), disclosure(&json!(["s", 2])));
    let payload =
        json!({"x": {"_sd": [digest(&name)]}, "y": [1, {"...": digest(&element)}], "_sd_alg": "sha-256"});
    assert_eq!(
        check(payload.clone(), &[name.clone(), element.clone()]),
        Ok(json!({"x": {"name": "a"}, "y": [1, 2]}))
    );
    assert_eq!(check(payload.clone(), &[element, name]), Ok(json!({"x": {"name": "a"}, "y": [1, 2]})));
    assert_eq!(check(payload, &[]), Ok(json!({"x": {}, "y": [1]})));
}

#[test]
fn a_disclosure_within_a_disclosure_needs_its_parent() {
    let inner = disclosure(&json!(["s", "inner", 1]));
    let outer = disclosure(&json!(["s", "outer", {"_sd": [digest(&inner)]}]));
    let payload = json!({"_sd": [digest(&outer)]});
    assert_eq!(check(payload.clone(), &[inner.clone(), outer.clone()]), Ok(json!({"outer": {"inner": 1}})));
    assert_eq!(check(payload.clone(), &[outer]), Ok(json!({"outer": {}})));
    assert_eq!(check(payload, &[inner]), Err("SDJ-05"));
}

#[test]
fn an_unreferenced_disclosure_is_refused() {
    let (known, unknown) = (disclosure(&json!(["s", "a", 1])), disclosure(&json!(["s", "b", 1])));
    let payload = json!({"_sd": [digest(&known)]});
    assert!(check(payload.clone(), slice::from_ref(&known)).is_ok());
    assert_eq!(check(payload.clone(), &[known.clone(), unknown]), Err("SDJ-05"));
    assert_eq!(check(payload.clone(), &[known.clone(), known.clone()]), Err("SDJ-05"));
    // The same claim in other bytes has another digest.
    let spaced = to_base64url(br#"["s", "a", 1]"#);
    assert_eq!(check(payload, &[spaced]), Err("SDJ-05"));
}

#[test]
fn a_digest_that_occurs_twice_is_refused() {
    let a = disclosure(&json!(["s", "a", 1]));
    let outer = disclosure(&json!(["s", "o", {"_sd": [digest(&a)]}]));
    for (payload, disclosures) in [
        (json!({"_sd": [digest(&a), digest(&a)]}), vec![a.clone()]),
        (json!({"_sd": [digest(&a), digest(&a)]}), vec![]),
        (json!({"_sd": [digest(&a)], "x": {"_sd": [digest(&a)]}}), vec![a.clone()]),
        (json!({"_sd": [digest(&a)], "x": [{"...": digest(&a)}]}), vec![]),
        (json!({"_sd": [digest(&a), digest(&outer)]}), vec![outer.clone()]),
    ] {
        assert_eq!(check(payload, &disclosures), Err("SDJ-04"));
    }
}

#[test]
fn a_disclosed_name_that_is_taken_is_refused() {
    for name in ["sub", "iss", "exp", "x"] {
        let claim = disclosure(&json!(["s", name, "evil"]));
        assert_eq!(
            check(json!({"_sd": [digest(&claim)], name: 1_900_000_000}), slice::from_ref(&claim)),
            Err("SDJ-06")
        );
        assert_eq!(check(json!({"o": {"_sd": [digest(&claim)], name: 1}}), &[claim]), Err("SDJ-06"));
    }
    let (one, two) = (disclosure(&json!(["s", "a", 1])), disclosure(&json!(["t", "a", 2])));
    assert_eq!(check(json!({"_sd": [digest(&one), digest(&two)]}), &[one, two]), Err("SDJ-06"));
    let inner = disclosure(&json!(["s", "a", 1]));
    let outer = disclosure(&json!(["s", "o", {"a": 0, "_sd": [digest(&inner)]}]));
    assert_eq!(check(json!({"_sd": [digest(&outer)]}), &[outer, inner]), Err("SDJ-06"));
}

#[test]
fn a_reserved_name_is_refused() {
    for name in ["_sd", "...", "_sd_alg"] {
        let claim = disclosure(&json!(["s", name, []]));
        assert_eq!(check(json!({"_sd": [digest(&claim)]}), &[claim]), Err("SDJ-07"), "{name}");
    }
    assert_eq!(check(json!({"...": "x"}), &[]), Err("SDJ-07"));
    assert_eq!(check(json!({"a": [{"...": "x", "b": 1}]}), &[]), Err("SDJ-07"));
}

#[test]
fn a_disclosure_of_the_wrong_kind_is_refused() {
    let (member, element) = (disclosure(&json!(["s", "a", 1])), disclosure(&json!(["s", 1])));
    assert_eq!(check(json!({"_sd": [digest(&element)]}), &[element]), Err("SDJ-08"));
    assert_eq!(check(json!({"a": [{"...": digest(&member)}]}), &[member]), Err("SDJ-08"));
    for parts in [
        json!([]),
        json!(["s"]),
        json!(["s", "a", 1, 2]),
        json!([1, "a", 1]),
        json!(["s", 1, 1]),
        json!([null, 1]),
        json!({"s": 1}),
        json!("s"),
    ] {
        let text = disclosure(&parts);
        assert_eq!(check(json!({"_sd": [digest(&text)]}), &[text]), Err("SDJ-08"), "{parts}");
    }
    for payload in [json!({"_sd": "x"}), json!({"_sd": [1]}), json!({"_sd": {}}), json!({"a": [{"...": 1}]})]
    {
        assert_eq!(check(payload.clone(), &[]), Err("SDJ-08"), "{payload}");
    }
}

#[test]
fn a_disclosure_that_is_no_strict_json_is_refused() {
    for (text, code) in [
        (to_base64url(b"[\"s\",\"a\",{\"b\":1,\"b\":2}]"), "JSON-01"),
        (to_base64url(b"[\"s\",\"a\",9007199254740993]"), "JSON-02"),
        (to_base64url(b"[\"s\",\"a\",1"), "JSON-06"),
        (to_base64url(b"[\"s\",\"a\",1]x"), "JSON-06"),
        ("A".to_owned(), "SDJ-01"),
        (format!("{}=", disclosure(&json!(["s", "ab", 1]))), "SDJ-01"),
        (String::new(), "JSON-06"),
    ] {
        assert_eq!(check(json!({"_sd": [digest(&text)]}), slice::from_ref(&text)), Err(code), "{text}");
    }
}

#[test]
fn a_hash_algorithm_that_is_not_supported_is_refused() {
    for algorithm in [json!("md5"), json!("SHA-256"), json!("sha-1"), json!(""), json!(null), json!(256)] {
        assert_eq!(check(json!({"_sd_alg": algorithm}), &[]), Err("SDJ-09"));
    }
}

/// SDJ-21 of the catalogue.
#[test]
fn limits_are_kept() {
    let many = |count: u32| -> Vec<String> {
        (0..count).map(|i| disclosure(&json!([i.to_string(), format!("c{i}"), i]))).collect()
    };
    let payload = |disclosures: &[String]| json!({"_sd": disclosures.iter().map(|text| digest(text)).collect::<Vec<_>>()});
    let thousand = many(1000);
    assert_eq!(check(payload(&thousand), &thousand).unwrap().as_object().unwrap().len(), 1000);
    for count in [1001, 3000] {
        let disclosures = many(count);
        assert_eq!(check(payload(&disclosures), &disclosures), Err("SDJ-21"));
    }
    let huge = disclosure(&json!(["s", "a", "x".repeat(1 << 20)]));
    assert_eq!(check(payload(slice::from_ref(&huge)), &[huge]), Err("SDJ-21"));
    // Each level is a small JSON text of its own; together they are deep.
    let chain = |levels: usize| {
        let mut disclosures = vec![disclosure(&json!(["s", "c", 0]))];
        for _ in 1..levels {
            let inner = digest(disclosures.last().unwrap());
            disclosures.push(disclosure(&json!(["s", "c", {"_sd": [inner]}])));
        }
        check(json!({"_sd": [digest(disclosures.last().unwrap())]}), &disclosures).map(|_| ())
    };
    assert_eq!(chain(64), Ok(()));
    assert_eq!(chain(65), Err("SDJ-21"));
    assert_eq!(chain(200), Err("SDJ-21"));
}

#[test]
fn the_holder_refuses_what_the_verifier_would_refuse() {
    let (a, b) = (disclosure(&json!(["s", "a", 1])), disclosure(&json!(["s", "b", 1])));
    for (payload, disclosures, code) in [
        (json!({"_sd": [digest(&a), digest(&a)]}), vec![a.clone()], "SDJ-04"),
        (json!({"_sd": [digest(&a)]}), vec![a.clone(), b], "SDJ-05"),
        (json!({"_sd": [digest(&a)], "a": 1}), vec![a.clone()], "SDJ-06"),
        (json!({"x": [{"...": digest(&a)}]}), vec![a], "SDJ-08"),
    ] {
        assert_eq!(Holding::parse(&wire(&payload, &disclosures), &[TYP]).unwrap_err().code(), code);
    }
}

#[test]
fn what_has_no_tilde_is_no_sd_jwt() {
    let plain = token(&Party::issuer(), &json!({"alg": "ES256", "typ": TYP.as_str()}), &json!({}));
    assert_eq!(check_wire(&plain), Err("SDJ-01"));
    assert_eq!(check_wire("~"), Err("JWS-01"));
    assert_eq!(check_wire("~~~"), Err("JWS-01"));
    assert!(Unverified::<Credential>::parse(b"~").is_err());
    assert_eq!(check_wire(&format!("{plain}~")), Ok(json!({})));
    let expected = Expected { typ: TYP, holder_binding: HolderBinding::NotWanted, now: now() };
    assert_eq!(
        verify(&format!("{plain}~"), Party::impostor().key(), &expected).unwrap_err().code(),
        "JWS-11"
    );
}
