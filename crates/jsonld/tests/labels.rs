//! Labels of blank nodes: written ones stay, made ones never meet them, named documents keep theirs.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Map, Value, json};
use sinpyo_jsonld::{Contexts, name_blank_nodes, to_rdf};
use sinpyo_rdf::{Dataset, HashAlgorithm, Limit, Term, canonicalize};
use std::{collections::BTreeSet, sync::Arc};

fn statements(document: &Map<String, Value>) -> Dataset {
    to_rdf(document, &Contexts::bundled()).unwrap()
}

fn canonical(document: &Map<String, Value>) -> String {
    canonicalize(&statements(document), HashAlgorithm::Sha256, Limit::default()).unwrap().into_nquads()
}

fn object(document: Value) -> Map<String, Value> {
    let Value::Object(document) = document else { unreachable!() };
    document
}

fn labels(dataset: &Dataset) -> BTreeSet<Arc<str>> {
    let terms =
        dataset.iter().flat_map(|quad| [Some(&quad.subject), Some(&quad.object), quad.graph.as_ref()]);
    let blank = terms.flatten().filter_map(|term| match term {
        Term::Blank(label) => Some(Arc::clone(label)),
        _ => None,
    });
    blank.collect()
}

/// Nodes, lists within lists, graphs, maps, reverse properties, nested and included nodes.
fn rich() -> Map<String, Value> {
    object(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", {
            "ex": "urn:ex:",
            "list": {"@id": "ex:list", "@container": "@list"},
            "byId": {"@id": "ex:byId", "@container": "@id"},
            "byIndex": {"@id": "ex:byIndex", "@container": ["@graph", "@index"]},
            "nested": "@nest",
        }],
        "type": "VerifiablePresentation",
        "verifiableCredential": [
            {"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential",
             "issuer": {"name": "Issuer"}, "credentialSubject": [{"name": "A"}, {"name": "B"}]},
            {"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential",
             "issuer": "did:example:i", "credentialSubject": {"id": "did:example:s", "name": "C"}},
        ],
        "list": [{"ex:a": 1}, [{"ex:a": 2}, []], "text"],
        "byId": {"urn:known": {"ex:a": 3, "ex:b": {"ex:c": 4}}},
        "byIndex": {"one": {"ex:a": 5}, "two": [{"ex:a": 6}]},
        "nested": {"ex:d": {"ex:a": 7}},
        "@reverse": {"ex:back": {"ex:a": 8}},
        "@included": [{"ex:a": 9}],
        "ex:graph": {"@graph": [{"ex:a": 10}]},
        "ex:nothing": {},
    }))
}

#[test]
fn a_named_document_says_the_same_and_keeps_its_labels() {
    let document = rich();
    let named = name_blank_nodes(&document, &Contexts::bundled()).unwrap();
    assert_eq!(canonical(&named), canonical(&document));
    let written =
        |document: &Map<String, Value>| serde_json::to_string(document).unwrap().matches("\"_:").count();
    assert_eq!(written(&document), 0);
    // The presentation; two credentials, an issuer, two subjects; two in the list; one by the map; two by
    // index; one nested; one reversed; one included; a graph and its node; the empty one.
    assert_eq!(written(&named), 17);
    assert_eq!(name_blank_nodes(&named, &Contexts::bundled()).unwrap(), named, "naming is idempotent");
}

#[test]
fn the_labels_of_a_named_document_stay_in_any_selection() {
    let named = name_blank_nodes(&rich(), &Contexts::bundled()).unwrap();
    let whole: BTreeSet<_> = statements(&named).into_iter().collect();
    for key in named.keys().filter(|key| !["@context", "@id", "type"].contains(&key.as_str())) {
        let mut part = named.clone();
        part.retain(|name, _| ["@context", "@id", "type", key].contains(&name.as_str()));
        for quad in statements(&part) {
            assert!(whole.contains(&quad), "{key}: {quad:?}");
        }
    }
    // One of two credentials: its position in the array is gone, its graph's label is not.
    let mut part = named.clone();
    part["verifiableCredential"].as_array_mut().unwrap().remove(0);
    part.retain(|name, _| ["@context", "@id", "type", "verifiableCredential"].contains(&name.as_str()));
    assert!(statements(&part).iter().all(|quad| whole.contains(quad)));
}

#[test]
fn made_labels_never_meet_written_ones() {
    let guess = statements(&object(json!({"urn:p": [{"urn:q": 1}, {"@list": [1, 2]}]})));
    let made = labels(&guess);
    assert_eq!(made.len(), 4);
    for label in &made {
        let document = object(json!({
            "urn:p": [{"urn:q": 1}, {"@list": [1, 2]}],
            "urn:r": {"@id": format!("_:{label}"), "urn:q": 2},
            "urn:s": {"@id": format!("_:b{label}"), "urn:q": 3},
        }));
        let dataset = statements(&document);
        assert_eq!(labels(&dataset).len(), 6, "{label}");
        assert!(labels(&dataset).contains(label));
        let named = name_blank_nodes(&document, &Contexts::bundled()).unwrap();
        assert_eq!(canonical(&named), canonical(&document));
        assert_eq!(labels(&statements(&named)).len(), 6);
    }
}

/// Two lists of one property are two lists, also where one node is described twice.
#[test]
fn equal_lists_stay_apart() {
    let document = object(json!({"@graph": [
        {"@id": "urn:a", "urn:p": [{"@list": [1]}, {"@list": [1]}]},
        {"@id": "urn:a", "urn:p": {"@list": [1]}},
    ]}));
    assert_eq!(labels(&statements(&document)).len(), 3);
}
