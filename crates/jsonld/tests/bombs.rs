//! Documents made to cost much: each is refused or done within the bound.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Map, Value, json};
use sinpyo_jsonld::{Contexts, JsonLdError, name_blank_nodes, to_rdf};
use std::time::{Duration, Instant};

/// The bound is 250 ms; an unoptimised build is allowed four times that.
const BOUND: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 250 });

#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn outcome(name: &str, document: &Value) -> Result<usize, JsonLdError> {
    let contexts = Contexts::bundled();
    let document = document.as_object().unwrap();
    let start = Instant::now();
    let outcome = to_rdf(document, &contexts);
    let took = start.elapsed();
    eprintln!("{name}: {took:?} {:?}", outcome.as_ref().map(Vec::len).map_err(ToString::to_string));
    assert!(took < BOUND, "{name}: {took:?}");
    assert_eq!(name_blank_nodes(document, &contexts).is_ok(), outcome.is_ok(), "{name}");
    outcome.map(|dataset| dataset.len())
}

fn refused(name: &str, document: &Value) {
    let error = outcome(name, document).unwrap_err();
    assert_eq!(error.code(), "JLD-10", "{name}: {error}");
}

fn object(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(members.into_iter().collect::<Map<_, _>>())
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| (0..depth).fold(json!({"urn:p": 1}), |inner, _| json!({"urn:p": inner}));
    assert!(outcome("60 nodes", &nested(60)).is_ok());
    refused("200 nodes", &nested(200));
    let lists =
        |depth: usize| json!({"urn:p": (0..depth).fold(json!(1), |inner, _| json!({"@list": [inner]}))});
    assert!(outcome("20 lists", &lists(20)).is_ok());
    refused("200 lists", &lists(200));
    let nests = |depth: usize| (0..depth).fold(json!({"urn:p": 1}), |inner, _| json!({"@nest": inner}));
    assert!(outcome("20 nests", &nests(20)).is_ok());
    refused("200 nests", &nests(200));
    refused(
        "200 reversed",
        &(0..200).fold(json!({"urn:p": 1}), |inner, _| json!({"@reverse": {"urn:q": inner}})),
    );
}

#[test]
fn statements_are_bounded() {
    let values = |count: usize| json!({"urn:p": (0..count).collect::<Vec<_>>()});
    assert_eq!(outcome("60,000 values", &values(60_000)), Ok(60_000));
    refused("70,000 values", &values(70_000));
    let nodes: Vec<_> = (0..200_000).map(|_| json!({"@id": "urn:a", "urn:p": []})).collect();
    refused("200,000 silent nodes", &json!({"@graph": nodes}));
    let nulls = vec![Value::Null; 2_000_000];
    assert_eq!(outcome("2,000,000 nulls", &json!({"urn:p": nulls, "urn:q": 1})), Ok(1));
}

#[test]
fn contexts_in_the_document_are_bounded() {
    let small = |count: usize| json!({"@context": vec![json!({"a": "urn:a"}); count], "a": 1});
    assert!(outcome("100 contexts", &small(100)).is_ok());
    refused("1,000 contexts", &small(1_000));
    let wide = |count: usize| {
        let terms = object((0..count).map(|number| (format!("t{number}"), json!(format!("urn:{number}")))));
        json!({"@context": terms, "t0": 1})
    };
    assert!(outcome("5,000 terms", &wide(5_000)).is_ok());
    refused("50,000 terms", &wide(50_000));
    let Value::Object(mut many) = wide(5_000) else { unreachable!() };
    many.insert("urn:p".into(), (0..250).map(|_| json!({"@context": {"a": "urn:a"}, "a": 1})).collect());
    refused("5,000 terms, extended 250 times", &Value::Object(many));
}

#[test]
fn terms_that_need_each_other_are_bounded() {
    let chain = |length: usize| {
        let term = |number: usize| (format!("t{number:05}"), json!(format!("t{:05}:x", number + 1)));
        let mut terms = object((0..length).map(term));
        terms[format!("t{length:05}")] = json!("urn:end:");
        json!({"@context": terms, "urn:p": 1})
    };
    refused("a chain of 5,000 prefixes", &chain(5_000));
    let scoped = |depth: usize| {
        let context = (0..depth)
            .fold(json!({"a": "urn:a"}), |inner, _| json!({"t": {"@id": "urn:t", "@context": inner}}));
        json!({"@context": context, "urn:p": 1})
    };
    assert!(outcome("10 scoped contexts", &scoped(10)).is_ok());
    refused("100 scoped contexts", &scoped(100));
    let both = (0..18).fold(json!({"a": "urn:a"}), |inner, _| {
        json!({"t": {"@id": "urn:t", "@context": inner}, "u": {"@id": "urn:u", "@context": inner}})
    });
    refused("scoped contexts that double", &json!({"@context": both, "urn:p": 1}));
}

#[test]
fn short_words_do_not_become_long_texts() {
    let long = "x".repeat(100_000);
    refused("a long vocabulary", &json!({"@context": {"@vocab": format!("urn:{long}")}, "a": 1}));
    refused("a long prefix", &json!({"@context": {"p": format!("urn:{long}:")}, "p:a": 1}));
    refused("a long base", &json!({"@context": {"@base": format!("urn:{long}")}, "urn:p": 1}));
    let growing: Vec<_> = (0..100).map(|_| json!({"@vocab": "0123456789"})).collect();
    let start = json!({"@vocab": "urn:a:"});
    let contexts: Vec<_> = std::iter::once(start).chain(growing).collect();
    refused("a vocabulary that grows", &json!({"@context": contexts, "a": 1}));
    let tags = "-abcdefgh".repeat(10_000);
    let error =
        outcome("a long language", &json!({"@context": {"@language": format!("en{tags}")}, "urn:p": "a"}));
    assert_eq!(error.unwrap_err().code(), "JLD-07");
    let nodes: Vec<_> = (0..20_000).map(|_| json!({})).collect();
    let key = format!("urn:{long}");
    assert_eq!(outcome("20,000 nodes under a long name", &object([(key, json!(nodes))])), Ok(20_000));
}

#[test]
fn chains_of_registered_contexts_are_bounded() {
    let urls: Vec<_> = (0..20_000)
        .map(|number| match number % 2 {
            0 => "https://www.w3.org/ns/credentials/v2",
            _ => "https://w3id.org/security/multikey/v1",
        })
        .collect();
    refused("20,000 contexts by name", &json!({"@context": urls, "urn:p": 1}));
    // And nobody else pays for it.
    let document =
        json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiableCredential"});
    assert_eq!(outcome("a plain document", &document), Ok(1));
}

#[test]
fn a_type_that_every_node_names_is_processed_once() {
    let terms = object((0..2_000).map(|number| (format!("t{number}"), json!(format!("urn:{number}")))));
    let nodes: Vec<_> = (0..5_000).map(|number| json!({"@type": "T", "t1": number})).collect();
    let context = json!({"T": {"@id": "urn:T", "@context": terms}});
    assert_eq!(outcome("5,000 typed nodes", &json!({"@context": context, "urn:p": nodes})), Ok(15_000));
}
