//! `sinpyo-dcql`: queries, and what answers them.

use super::{OK, SKIPPED, target};
use crate::{Outcome, Target};
use serde_json::{Value, json};
use sinpyo_dcql::{Arrays, Authority, AuthorityKind, Bound, Candidate, Kind, Matches, Query};
use std::collections::BTreeMap;

pub(super) const TARGETS: &[Target] =
    &[target("dcql/query", queries, read), target("dcql/matches", worlds, matches)];

/// Everything that the language has.
pub(crate) fn example() -> Value {
    json!({
        "credentials": [
            {"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://post.example/pid", "urn:b"]},
             "multiple": true, "require_cryptographic_holder_binding": false,
             "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
             "claims": [{"id": "a", "path": ["name"]}, {"id": "b", "path": ["nationalities", null], "values": ["KR"]},
                        {"id": "c", "path": ["address", "street"]}, {"id": "d", "path": ["list", 1], "values": [1, true, "x"]}],
             "claim_sets": [["a", "c"], ["b"], ["d", "a"]]},
            {"id": "mdl", "format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"},
             "claims": [{"path": ["org.iso.18013.5.1", "age_over_18"], "values": [true], "intent_to_retain": true}]},
            {"id": "w3c", "format": "ldp_vc", "meta": {"type_values": [["https://x.example/T"], ["https://x.example/U", "https://x.example/V"]]},
             "claims": [{"path": ["credentialSubject", "degree", "name"]}]},
            {"id": "odd", "format": "unknown", "meta": {"a": 1}},
        ],
        "credential_sets": [{"options": [["pid"], ["mdl", "w3c"]]}, {"options": [["w3c"], ["odd"]], "required": false}],
    })
}

fn queries() -> Vec<Vec<u8>> {
    let minimal =
        json!({"credentials": [{"id": "x", "format": "jwt_vc_json", "meta": {"type_values": [["T"]]}}]});
    vec![example().to_string().into_bytes(), minimal.to_string().into_bytes()]
}

/// What is accepted is written and read again unchanged.
pub(crate) fn read(input: &[u8]) -> Outcome {
    match Query::parse(input) {
        Ok(query) => {
            assert_eq!(Query::from_json(&query.to_json()).as_ref(), Ok(&query));
            let rebuilt = Query::new(query.credentials().to_vec(), query.sets().to_vec());
            assert_eq!(rebuilt.as_ref(), Ok(&query));
            OK
        }
        Err(error) => error.code(),
    }
}

fn worlds() -> Vec<Vec<u8>> {
    let credentials = json!([
        {"k": "sd", "t": ["https://post.example/pid"], "b": true, "aki": "s9tIpPmhxdiuNkHMEWNpYim8S8Y",
         "c": {"name": "김", "nationalities": ["US", "KR"], "address": {"street": "로"}, "list": [0, 1]}},
        {"k": "sd", "t": ["urn:c", "urn:b"], "b": false, "c": {"name": "", "list": [[], true]}},
        {"k": "mdoc", "t": ["org.iso.18013.5.1.mDL"], "b": true, "c": {"org.iso.18013.5.1": {"age_over_18": true}}},
        {"k": "ldp", "t": ["https://x.example/T", "z"], "b": true, "c": {"credentialSubject": [{"degree": {"name": 1}}]}},
        {"k": "jwt", "t": ["T"], "b": true, "c": {}},
    ]);
    let query = example();
    let all = json!({"query": query, "held": credentials});
    let plain = json!({"query": {"credentials": [{"id": "w3c", "format": "ldp_vc", "meta": {"type_values": [["https://x.example/T"]]}}]}, "held": credentials});
    vec![all.to_string().into_bytes(), plain.to_string().into_bytes()]
}

/// The credential that `value` describes.
fn candidate(value: &Value) -> Option<Candidate> {
    let texts = value.get("t")?.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
    let mut types = texts.collect::<Option<Vec<_>>>()?;
    let kind = match value.get("k")?.as_str()? {
        "sd" if !types.is_empty() => Kind::SdJwtVc { vct: types.remove(0), extends: types },
        "mdoc" => Kind::Mdoc { doctype: types.pop()? },
        "jwt" => Kind::JwtVc { types },
        _ => Kind::LdpVc { types },
    };
    let aki = value.get("aki").and_then(Value::as_str);
    let authority = |value: &str| Authority { kind: AuthorityKind::KeyIdentifier, value: value.to_owned() };
    Some(Candidate {
        kind,
        claims: value.get("c")?.as_object()?.clone(),
        bound: if value.get("b")?.as_bool()? { Bound::ToKey } else { Bound::ToNobody },
        arrays: Arrays::Whole,
        authorities: aki.map(authority).into_iter().collect(),
    })
}

/// What a wallet finds to be an answer is an answer for the verifier too, and what it shows is there.
fn matches(input: &[u8]) -> Outcome {
    let Ok(Value::Object(world)) = serde_json::from_slice::<Value>(input) else { return SKIPPED };
    let none = Value::Null;
    let query = match Query::from_json(world.get("query").unwrap_or(&none)) {
        Ok(query) => query,
        Err(error) => return error.code(),
    };
    let held = world.get("held").and_then(Value::as_array);
    let held: Vec<Candidate> = held.into_iter().flatten().filter_map(candidate).collect();
    let found = query.matches(&held);
    assert_eq!(found.satisfiable(), found.preferred().is_some());
    for (matched, asked) in found.queries.iter().zip(query.credentials()) {
        assert_eq!(matched.fits.is_empty(), matched.miss.is_some());
        for (position, fit) in &matched.fits {
            let held = held.get(*position).expect("a candidate");
            for path in &fit.claims {
                assert!(!path.select(&held.claims).is_empty(), "a claim of nothing: {path:?}");
            }
            let again = asked.fit_presented(held);
            assert!(again.is_ok(), "the wallet fits, the verifier says {again:?}");
        }
    }
    if found.satisfiable() { answer(&query, &held, &found) } else { "unanswerable" }
}

fn answer(query: &Query, held: &[Candidate], found: &Matches) -> Outcome {
    let mut answer = BTreeMap::new();
    for id in found.preferred().into_iter().flatten() {
        let fits = found.query(id.as_str()).map(|one| one.fits.as_slice()).unwrap_or_default();
        let (position, _) = fits.first().expect("a preferred query has an answer");
        answer.insert(id.clone(), vec![held.get(*position).expect("a candidate").clone()]);
    }
    let checked = query.check(&answer);
    assert!(checked.is_ok(), "{checked:?}");
    assert!(query.check(&BTreeMap::new()).is_err() || answer.is_empty(), "nothing is an answer");
    OK
}
