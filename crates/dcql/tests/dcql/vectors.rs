//! Examples of the specification, and the cases of another implementation.

use crate::scene::candidate;
use serde_json::{Map, Value, json};
use sinpyo_dcql::{Authority, AuthorityKind, Bound, Candidate, Kind, Query};
use std::{fs, path::Path};

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_examples_of_the_specification_are_read_and_written() {
    let Some(examples) = sinpyo_testkit::vectors("openid4vp-examples") else { return };
    let mut files: Vec<_> =
        ["dcql_jwt_vc.json", "dcql_ldp_vc.json"].map(|name| examples.join("1.0/request").join(name)).into();
    files.extend(fs::read_dir(examples.join("1.0/query_lang")).unwrap().map(|entry| entry.unwrap().path()));
    assert_eq!(files.len(), 9);
    for file in files {
        let example = read(&file);
        let query = Query::from_json(&example).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(query.to_json(), example, "{}", file.display());
    }
}

/// The cases were written for drafts: `vc+sd-jwt`, `namespace` and `claim_name`, queries without `meta`. What they say
/// is said here in the words of the final version; which credentials answer is not touched.
#[test]
fn another_implementation_finds_the_same_credentials() {
    let Some(cases) = sinpyo_testkit::vectors("dcql") else { return };
    let cases = read(&cases.join("dcql-ts-query-cases.json"));
    let cases = cases["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 22);
    for case in cases {
        let (name, credentials) = (&case["name"], case["credentials"].as_array().unwrap());
        let query = Query::from_json(&in_final_words(&case["query"], credentials));
        let query = query.unwrap_or_else(|error| panic!("{name}: {error}"));
        let held: Vec<_> = credentials.iter().map(held).collect();
        let (matches, expected) = (query.matches(&held), &case["expected"]);
        assert_eq!(json!(matches.satisfiable()), expected["can_be_satisfied"], "{name}");
        for found in &matches.queries {
            let positions: Vec<_> = found.fits.iter().map(|(position, _)| *position).collect();
            let expected = &expected["matches"][found.id.as_str()];
            assert_eq!(json!(positions), expected["valid_credential_indexes"], "{name}: {}", found.id);
            assert_eq!(json!(found.miss.is_none()), expected["success"], "{name}: {}", found.id);
        }
        for (found, expected) in
            matches.sets.iter().zip(expected["credential_sets"].as_array().into_iter().flatten())
        {
            let options: Value = found
                .options
                .iter()
                .map(|option| option.iter().map(ToString::to_string).collect::<Value>())
                .collect();
            assert_eq!(options, *expected.get("matching_options").unwrap_or(&json!([])), "{name}");
        }
    }
}

fn in_final_words(query: &Value, credentials: &[Value]) -> Value {
    let mut query = query.clone();
    for credential in query["credentials"].as_array_mut().unwrap() {
        let all = |member: &str| -> Vec<Value> {
            credentials.iter().filter_map(|held| held.get(member).cloned()).collect()
        };
        let meta = credential["meta"].as_object().cloned().unwrap_or_default();
        let (format, default) = match credential["format"].as_str().unwrap() {
            "vc+sd-jwt" if meta.contains_key("type_values") => ("jwt_vc_json", json!({})),
            "mso_mdoc" => ("mso_mdoc", json!({"doctype_value": all("doctype").first()})),
            "vc+sd-jwt" | "dc+sd-jwt" => ("dc+sd-jwt", json!({"vct_values": all("vct")})),
            "ldp_vc" => ("ldp_vc", json!({})),
            other => panic!("{other}"),
        };
        credential["format"] = json!(format);
        credential["meta"] = if meta.is_empty() { default } else { meta.into() };
        for claim in credential.get_mut("claims").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(namespace) = claim.get("namespace") {
                claim["path"] = json!([namespace, claim["claim_name"]]);
            }
        }
    }
    query
}

fn held(value: &Value) -> Candidate {
    let text = |member: &str| value[member].as_str().unwrap().to_owned();
    let types =
        || value["type"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()).collect();
    let (kind, claims) = match value["credential_format"].as_str().unwrap() {
        "mso_mdoc" => (Kind::Mdoc { doctype: text("doctype") }, "namespaces"),
        "ldp_vc" => (Kind::LdpVc { types: types() }, "claims"),
        "vc+sd-jwt" if value.get("type").is_some() => (Kind::JwtVc { types: types() }, "claims"),
        _ => (Kind::SdJwtVc { vct: text("vct"), extends: vec![] }, "claims"),
    };
    let authority = value.get("authority").and_then(Value::as_object).map(authorities).unwrap_or_default();
    let bound = if value["cryptographic_holder_binding"] == true { Bound::ToKey } else { Bound::ToNobody };
    Candidate { authorities: authority, bound, ..candidate(kind, &value[claims]) }
}

fn authorities(authority: &Map<String, Value>) -> Vec<Authority> {
    let kind = AuthorityKind::named(authority["type"].as_str().unwrap()).unwrap();
    let of = |value: &Value| Authority { kind, value: value.as_str().unwrap().to_owned() };
    authority["values"].as_array().unwrap().iter().map(of).collect()
}
