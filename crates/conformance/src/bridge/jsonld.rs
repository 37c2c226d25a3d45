//! JSON-LD and RDF.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
};
use serde_json::{Value, json};
use sinpyo_jsonld::Contexts;
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};
use std::sync::Arc;

/// `rdf.canonicalize`.
pub(super) fn canonicalize_quads(arguments: &Arguments) -> Answer {
    let dataset = nquads::parse(arguments.text("nquads")?)?;
    let canonical = canonicalize(&dataset, hash(arguments)?, Limit::default())?;
    Ok(json!({"nquads": canonical.nquads()}))
}

/// `jsonld.canonicalize`.
pub(super) fn canonicalize_document(arguments: &Arguments) -> Answer {
    let document = arguments.object("document")?;
    let contexts = contexts(arguments)?;
    let dataset = sinpyo_jsonld::to_rdf(document, &contexts)?;
    let canonical = canonicalize(&dataset, hash(arguments)?, Limit::default())?;
    let compiled = names_registered_only(arguments.required("document")?, &contexts);
    Ok(json!({"nquads": canonical.nquads(), "compiled": compiled}))
}

fn hash(arguments: &Arguments) -> Result<HashAlgorithm, Refusal> {
    match arguments.maybe_text("hash")?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("sha256" | "sha-256") => Ok(HashAlgorithm::Sha256),
        Some("sha384" | "sha-384") => Ok(HashAlgorithm::Sha384),
        Some(_) => Err(wrong("hash")),
    }
}

/// The bundled contexts and those of the argument `contexts`.
pub(super) fn contexts(arguments: &Arguments) -> Result<Arc<Contexts>, Refusal> {
    let mut contexts = Contexts::bundled();
    for (url, context) in arguments.maybe_object("contexts")?.into_iter().flatten() {
        // Ours are pinned byte for byte; what the caller has of them would differ in white space.
        if contexts.get(url).is_none() {
            contexts = Arc::new(contexts.with(url, context.to_string().as_bytes())?);
        }
    }
    Ok(contexts)
}

/// Whether every `@context` in `value` names registered ones, whose meaning is worked out once and remembered.
fn names_registered_only(value: &Value, contexts: &Contexts) -> bool {
    let known = |context: &Value| context.as_str().is_some_and(|url| contexts.get(url).is_some());
    match value {
        Value::Object(members) => members.iter().all(|(name, value)| match value {
            Value::Array(list) if name == "@context" => list.iter().all(known),
            one if name == "@context" => known(one),
            other => names_registered_only(other, contexts),
        }),
        Value::Array(list) => list.iter().all(|value| names_registered_only(value, contexts)),
        _ => true,
    }
}
