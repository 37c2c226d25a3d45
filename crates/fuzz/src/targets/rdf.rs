//! `sinpyo-rdf` and `sinpyo-jsonld`: statements, and the documents that make them.

use super::{OK, SKIPPED, fixture, target, texts};
use crate::{Outcome, Target};
use serde_json::json;
use sinpyo_core::json;
use sinpyo_jsonld::{Contexts, name_blank_nodes, to_rdf};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};
use std::str;

pub(super) const TARGETS: &[Target] = &[
    target("rdf/nquads", quads, read_quads),
    target("jsonld/document", fixture::linked, read_document),
    target("jsonld/context", contexts, register_context),
];

fn quads() -> Vec<Vec<u8>> {
    texts(&[
        "_:a <urn:p> _:b .\n_:b <urn:p> _:c .\n_:c <urn:p> _:a .\n<urn:s> <urn:p> \"x\\u20AC\\n\"@ko-KR <urn:g> .\n",
        "<urn:s> <urn:p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> _:g .\n# end\n",
        "_:x <urn:p> _:y _:g .\n_:y <urn:q> _:x _:g .\n_:z <urn:q> \"z\" _:h .\n",
        "<urn:a%20\u{d55c}> <urn:p> <urn:b> .\r\n\n<urn:a> <urn:p> \"\" .",
    ])
}

/// Statements that were read are written and read as the same, and their canonical form is its own.
fn read_quads(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let dataset = match nquads::parse(text) {
        Ok(dataset) => dataset,
        Err(error) => return error.code(),
    };
    let written = nquads::write(&dataset).expect("statements that were read can be written");
    assert_eq!(nquads::parse(&written).as_ref(), Ok(&dataset));
    for algorithm in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
        let canonical = match canonicalize(&dataset, algorithm, Limit::default()) {
            Ok(canonical) => canonical,
            Err(error) => return error.code(),
        };
        let statements = nquads::parse(canonical.nquads()).expect("canonical statements are statements");
        if let Ok(again) = canonicalize(&statements, algorithm, Limit::default()) {
            assert_eq!(again.nquads(), canonical.nquads(), "canonicalisation is idempotent");
        }
    }
    OK
}

/// The statements of a document can be written; naming its blank nodes does not change them.
fn read_document(input: &[u8]) -> Outcome {
    let Ok(document) = json::parse_object(input) else { return SKIPPED };
    let known = Contexts::bundled();
    let dataset = match to_rdf(&document, &known) {
        Ok(dataset) => dataset,
        Err(error) => {
            let _shown = (error.path(), error.json_ld_code(), error.to_string());
            return error.code();
        }
    };
    let written = nquads::write(&dataset).expect("statements of a document can be written");
    assert_eq!(nquads::parse(&written).as_ref(), Ok(&dataset));
    let named = name_blank_nodes(&document, &known).expect("a document with statements has names");
    let canonical = |dataset| {
        canonicalize(dataset, HashAlgorithm::Sha256, Limit::default()).map(sinpyo_rdf::Canonical::into_nquads)
    };
    if let Ok(of_named) = to_rdf(&named, &known)
        && let (Ok(before), Ok(after)) = (canonical(&dataset), canonical(&of_named))
    {
        assert_eq!(before, after, "names change no statement");
    }
    OK
}

const URL: &str = "https://context.example/v1";

fn contexts() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"@context":{"@version":1.1,"@protected":true,"a":"urn:a","b":{"@id":"urn:b","@type":"@id"},"T":{"@id":"urn:T","@context":{"c":{"@id":"urn:c","@container":"@list"}}}}}"#,
        r#"{"@context":[{"@vocab":"urn:v:","@base":"urn:base:"},{"d":{"@id":"urn:d","@container":["@set","@language"]},"n":"@nest","r":{"@reverse":"urn:r"}}]}"#,
        r#"{"@context":{"@import":"https://www.w3.org/ns/credentials/v2"}}"#,
    ])
}

/// A context that is registered serves a document, or says why not.
fn register_context(input: &[u8]) -> Outcome {
    let known = match Contexts::bundled().with(URL, input) {
        Ok(known) => known,
        Err(error) => return error.code(),
    };
    let document =
        json!({"@context": URL, "@type": "T", "a": 1, "b": "urn:x", "c": [1, 2], "d": {"ko": "x"}, "r": {}});
    match to_rdf(document.as_object().expect("an object"), &known) {
        Ok(dataset) => {
            assert!(nquads::write(&dataset).is_ok());
            OK
        }
        Err(error) => error.code(),
    }
}
