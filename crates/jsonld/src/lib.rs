//! JSON-LD 1.1 over a pinned set of contexts: expansion straight to RDF, in safe mode.
//!
//! What it promises: the statements of a document are those that the JSON-LD 1.1 API gives, with the
//! directions of texts as `i18n-datatype`s; a document that holds anything which would not become part of a
//! statement is refused, because what is not stated is not signed; a context is one of the registered ones,
//! byte for byte, or it is written in the document, and nothing is ever fetched; work is bounded.
//!
//! What it refuses to do: load contexts, process JSON-LD 1.0, frame or compact, and guess a base IRI.
//!
//! ```
//! use sinpyo_jsonld::{Contexts, to_rdf};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let text = br#"{"@context": {"name": "https://schema.org/name"}, "@id": "did:example:a", "name": "A"}"#;
//! let document = sinpyo_core::json::parse_object(text)?;
//! let dataset = to_rdf(&document, &Contexts::bundled())?;
//! assert_eq!(&*dataset[0].predicate, "https://schema.org/name");
//!
//! let text = br#"{"@id": "did:example:a", "name": "A"}"#;
//! let undefined = to_rdf(&sinpyo_core::json::parse_object(text)?, &Contexts::bundled()).unwrap_err();
//! assert_eq!((undefined.code(), undefined.path()), ("JLD-04", "/name"));
//! # Ok(())
//! # }
//! # run().unwrap();
//! ```

mod contexts;
mod error;

mod expand;
mod steps;

mod entries;
mod maps;
mod node;
mod sink;
mod value;

mod active;
mod bundled;
mod define;
mod memo;
mod process;

mod iri;
mod keyword;
mod path;
mod types;

use crate::{
    expand::Expander,
    sink::{Labels, NAMING, Named, Sink},
};
use serde_json::{Map, Value};
use sinpyo_rdf::Dataset;

pub use contexts::{Contexts, RegisterContextError};
pub use error::{Breach, ErrorCode, JsonLdError, Limit};
pub use types::expanded_types;

/// The statements of `document` [JSON-LD 1.1 API §8.1, with `rdfDirection` `i18n-datatype`].
///
/// Blank nodes keep the labels that the document writes; the others get labels that it does not write.
/// The labels of list cells and of unnamed graphs depend only on what the list or the graph belongs to, so
/// that they stay when other parts of the document are taken away.
///
/// # Errors
/// A context that is not in the set, a breach of JSON-LD 1.1, anything that would be dropped, or a limit.
pub fn to_rdf(document: &Map<String, Value>, contexts: &Contexts) -> Result<Dataset, JsonLdError> {
    let sink = expand_with_unused_labels(document, contexts, 'b')?;
    Ok(sink.quads)
}

/// `document` with an explicit blank-node `@id` in every node object that has none.
///
/// [`to_rdf`] of the result, and of any selection of its parts, keeps these labels. This stands in for the
/// skolemisation of VC-DI-ECDSA §3.4.6 and following.
///
/// # Errors
/// As [`to_rdf`].
pub fn name_blank_nodes(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Map<String, Value>, JsonLdError> {
    let sink = expand_with_unused_labels(document, contexts, NAMING)?;
    Ok(with_names(document, &sink.labels.into_named()))
}

/// A copy of `object` in which the objects that have a label say so.
fn with_names(object: &Map<String, Value>, names: &Named) -> Map<String, Value> {
    fn copy(value: &Value, names: &Named) -> Value {
        match value {
            Value::Object(object) => Value::Object(with_names(object, names)),
            Value::Array(items) => items.iter().map(|item| copy(item, names)).collect(),
            scalar => scalar.clone(),
        }
    }
    let mut members: Map<_, _> =
        object.iter().map(|(name, value)| (name.clone(), copy(value, names))).collect();
    if let Some(label) = names.label(object) {
        members.insert("@id".to_owned(), Value::String(format!("_:{label}")));
    }
    members
}

fn expand_with_unused_labels(
    document: &Map<String, Value>,
    contexts: &Contexts,
    letter: char,
) -> Result<Sink, JsonLdError> {
    let sink = Expander::new(contexts, Labels::new(letter, 1)).document(document)?;
    match sink.labels.clash() {
        None => Ok(sink),
        Some(repeated) => Expander::new(contexts, Labels::new(letter, repeated)).document(document),
    }
}
