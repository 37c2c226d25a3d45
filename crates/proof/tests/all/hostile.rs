//! Hostile bytes: never a panic, never unbounded time (SECURITY rows PAR-*).

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, Presentation},
    encoding::to_base64url,
    key::Entropy,
    request::PresentationRequest,
    status::{StatusEntry, StatusList},
};
use sinpyo_proof::{
    HolderBinding, Unverified,
    jws::Typ,
    sd_jwt::{self, Holding},
    vc_di, vc_jwt,
};
use sinpyo_testkit::{TestEntropy, vectors};
use std::fs;

/// Everything in the crate that takes untrusted bytes. Says how many of them accepted the input.
fn feed(bytes: &[u8]) -> usize {
    let keys = ring(&[&Party::issuer(), &Party::holder()]);
    let entry = StatusEntry::Token { list: "https://a.example".into(), index: 0 };
    let mut accepted = 0;
    if let Ok(arrived) = Unverified::<Credential>::parse(bytes) {
        let _ = arrived.hint();
        accepted += usize::from(arrived.verify(&keys, now()).is_ok());
    }
    for binding in [HolderBinding::NotWanted, HolderBinding::Required(occasion())] {
        if let Ok(arrived) = Unverified::<Presentation>::parse(bytes) {
            let _ = arrived.hints();
            accepted += usize::from(arrived.verify(&keys, binding, now()).is_ok());
        }
    }
    if let Ok(arrived) = Unverified::<StatusList>::parse(bytes) {
        accepted += usize::from(arrived.verify(&entry, &keys, now()).is_ok());
    }
    if let Ok(arrived) = Unverified::<PresentationRequest>::parse(bytes) {
        accepted += usize::from(arrived.verify(&keys, now()).is_ok());
    }
    if let Ok(compact) = sd_jwt::from_json_serialization(bytes) {
        let _ = feed(compact.as_bytes());
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = Holding::parse(text, &[Typ::SD_JWT_VC]);
    }
    accepted
}

fn w3c() -> Credential {
    credential_for(sinpyo_core::credential::Holder::Did(Party::holder().did))
}

/// One good input of each shape.
fn corpus() -> Vec<String> {
    let issuer = Party::issuer();
    let sd_jwt = issued_by(&issuer);
    let holding = Holding::parse(&sd_jwt, &[Typ::SD_JWT_VC]).unwrap();
    let chosen = [path(json!(["address", "street"])), path(json!(["nationalities", 0]))];
    let bound =
        holding.select(&chosen).unwrap().bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap();
    let token = vc_jwt::issue(&w3c(), &[], issuer.pair()).unwrap();
    let secured = Value::Object(vc_di::issue(&w3c(), &[], issuer.pair()).unwrap()).to_string();
    vec![sd_jwt, bound, token, secured]
}

/// PAR-09 in small: seeded mutations of good inputs. What is still accepted must be the same text.
#[test]
fn mutated_inputs_neither_panic_nor_pass() {
    let corpus = corpus();
    let mut entropy = TestEntropy::new(11);
    let mut random = |below: usize| {
        let mut bytes = [0; 2];
        entropy.fill(&mut bytes);
        usize::from(u16::from_le_bytes(bytes)) % below
    };
    for round in 0..1200 {
        let original = &corpus[round % corpus.len()];
        let mut bytes = original.clone().into_bytes();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(6) {
                0 => bytes[at] = b"~.{}[]\",:A\\ue=\0\xff"[random(16)],
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"~.{}[]\",:A0"[random(11)]),
                3 => bytes.truncate(at.max(1)),
                4 => {
                    let piece = bytes[at..(at + random(64)).min(bytes.len())].to_vec();
                    let to = random(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let other = corpus[random(4)].as_bytes();
                    let from = random(other.len());
                    bytes.extend_from_slice(&other[from..(from + random(200)).min(other.len())]);
                }
            }
        }
        // White space around JSON is no change.
        let same = str::from_utf8(&bytes).is_ok_and(|text| {
            text == original
                || serde_json::from_str::<Value>(text).ok() == serde_json::from_str::<Value>(original).ok()
        });
        let accepted = feed(&bytes);
        assert!(
            accepted == 0 || same || is_a_shorter_disclosure(&bytes, original),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

/// Leaving out disclosures of an unbound SD-JWT, or changing their order, is the holder's right.
fn is_a_shorter_disclosure(bytes: &[u8], original: &str) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let known: Vec<_> = original.split('~').collect();
    original.ends_with('~') && text.ends_with('~') && text.split('~').all(|part| known.contains(&part))
}

#[test]
fn random_bytes_are_refused() {
    let mut entropy = TestEntropy::new(12);
    for length in (0..600).step_by(7) {
        let mut bytes = vec![0; length];
        entropy.fill(&mut bytes);
        assert_eq!(feed(&bytes), 0);
        assert_eq!(feed(to_base64url(&bytes).as_bytes()), 0);
    }
}

/// Each place where JSON is read, with `text` put there: a token's header and payload, a disclosure, a secured object.
fn json_entries(text: &[u8]) -> [(&'static str, Option<&'static str>); 4] {
    let header = to_base64url(br#"{"alg":"ES256","typ":"vc+jwt"}"#);
    let wrapped = [br#"{"v":"#, text, b"}"].concat();
    let with_type = [br#"{"alg":"ES256","typ":"vc+jwt","v":"#, text, b"}"].concat();
    let code = |wire: &[u8]| Unverified::<Credential>::parse(wire).err().map(|error| error.code());
    let sd_jwt_header = to_base64url(br#"{"alg":"ES256","typ":"dc+sd-jwt"}"#);
    let disclosure = to_base64url(&[br#"["s","n","#, text, b"]"].concat());
    let sd_jwt = format!("{sd_jwt_header}.e30.AA~{disclosure}~");
    // An unreferenced but well-formed disclosure gets as far as that rule.
    let disclosed = Holding::parse(&sd_jwt, &[Typ::SD_JWT_VC]).err().map(|error| error.code());
    [
        ("header", code(format!("{}.e30.AA", to_base64url(&with_type)).as_bytes())),
        ("payload", code(format!("{header}.{}.AA", to_base64url(&wrapped)).as_bytes())),
        ("disclosure", disclosed.filter(|code| *code != "SDJ-05")),
        ("object", code(&wrapped)),
    ]
}

/// PAR-01.
#[test]
fn json_test_suite_through_every_entry() {
    let Some(root) = vectors("json-test-suite") else { return };
    // Valid by RFC 8259, ambiguous by RFC 7493: refused everywhere.
    let refused = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];
    let mut count = 0;
    for file in fs::read_dir(root.join("test_parsing")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let content = fs::read(file.path()).unwrap();
        count += 1;
        let accept = name.starts_with("y_") && !refused.contains(&name.as_str());
        for (entry, code) in json_entries(&content) {
            if name.starts_with("i_") {
                continue;
            }
            assert_eq!(code.is_none(), accept, "{name} as {entry}: {code:?}");
        }
    }
    assert_eq!(count, 318);
}

/// PAR-02.
#[test]
fn a_member_named_twice_is_refused_everywhere() {
    for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"c":1,"\u0063":2}}]"#] {
        for (entry, code) in json_entries(text.as_bytes()) {
            assert!(matches!(code, Some("JSON-01" | "JWS-02" | "JWS-12")), "{entry}: {code:?}");
        }
    }
}

/// PAR-03.
#[test]
fn deep_nesting_is_refused_everywhere() {
    for text in ["[".repeat(100_000), "{\"a\":".repeat(3_000), "[".repeat(70) + &"]".repeat(70)] {
        for (entry, code) in json_entries(text.as_bytes()) {
            assert!(matches!(code, Some("JSON-03" | "JWS-02" | "JWS-12")), "{entry}: {code:?}");
        }
    }
}

/// PAR-04.
#[test]
fn unsafe_numbers_are_refused_everywhere() {
    for text in
        ["1e400", "9007199254740993", "-9007199254740993", "18446744073709551616", &"9".repeat(700_000)]
    {
        for (entry, code) in json_entries(text.as_bytes()) {
            assert!(code.is_some(), "{entry}");
        }
    }
    for text in ["-0", "0.30000000000000004", "9007199254740992", "1e300"] {
        for (entry, code) in json_entries(text.as_bytes()) {
            assert_eq!(code, None, "{entry}");
        }
    }
}

#[test]
fn the_json_serialization_is_read_strictly() {
    let wire = issued_by(&Party::issuer());
    let mut parts = wire.trim_end_matches('~').split('~');
    let jwt: Vec<_> = parts.next().unwrap().split('.').collect();
    let disclosures: Vec<_> = parts.collect();
    let header = json!({"disclosures": disclosures});
    let flat = json!({"protected": jwt[0], "payload": jwt[1], "signature": jwt[2], "header": header});
    let compact = |value: &Value| {
        sd_jwt::from_json_serialization(value.to_string().as_bytes()).map_err(|error| error.code())
    };
    assert_eq!(compact(&flat), Ok(wire.clone()));
    let signature = json!({"protected": jwt[0], "signature": jwt[2], "header": header});
    assert_eq!(compact(&json!({"payload": jwt[1], "signatures": [signature, {}]})), Ok(wire));
    for (pointer, value) in [
        ("/payload", json!(1)),
        ("/payload", json!("a.b")),
        ("/signature", json!("")),
        ("/header", json!([])),
        ("/header/disclosures", json!("a")),
        ("/header/disclosures/0", json!("a~b")),
        ("/header/disclosures/0", json!(1)),
    ] {
        let mut changed = flat.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(compact(&changed), Err("SDJ-01"), "{pointer}");
    }
    assert_eq!(compact(&json!({"payload": "a", "signatures": []})), Err("SDJ-01"));
    let mut both = flat.clone();
    both["signatures"] = json!([signature]);
    assert_eq!(compact(&both), Err("SDJ-01"));
    let mut bound = flat;
    bound["header"]["kb_jwt"] = json!("a~b");
    assert_eq!(compact(&bound), Err("SDJ-01"));
    assert_eq!(compact(&json!({"payload": "a".repeat(1 << 20)})), Err("SDJ-21"));
}
