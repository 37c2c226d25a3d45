//! Documents and proof options as canonical statements [VC-DI-ECDSA §3.2.3, VC-DI-EDDSA §3.2.3].

use super::{ProofSetError, config, suite::Digest, work::Work};
use serde_json::{Map, Value};
use sinpyo_jsonld::{Contexts, JsonLdError};
use sinpyo_rdf::{CanonicalizeError, Dataset, HashAlgorithm, Limit, Quad};
use std::borrow::Cow;

/// Why a document has no canonical statements.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// It is not JSON-LD whose every part has a meaning under known contexts.
    #[error("the document has no certain meaning as JSON-LD")]
    JsonLd(#[source] JsonLdError),
    /// Its blank nodes cannot be told apart within the work limit, or a term has no text.
    #[error("the document has no canonical form")]
    Rdf(#[from] CanonicalizeError),
}

impl CanonicalError {
    /// The rule that was broken, as in `spec/checks/{jld,rdf}.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::JsonLd(error) => error.code(),
            Self::Rdf(error) => error.code(),
        }
    }
}

/// The statements of `document`, sorted, one a line, blank nodes named canonically.
///
/// The hash inside RDFC-1.0 is the suite's, too.
///
/// # Errors
/// A term without definition, a context that is not in `contexts`, or a graph made to be expensive.
pub(super) fn statements(
    document: &Map<String, Value>,
    digest: Digest,
    contexts: &Contexts,
) -> Result<String, CanonicalError> {
    Ok(in_order(&dataset(document, contexts)?, digest, Limit::default())?)
}

/// As [`statements`], where `work` is what may be spent.
///
/// # Errors
/// As [`statements`], or too little of `work` is left.
pub(super) fn statements_within(
    document: &Map<String, Value>,
    digest: Digest,
    contexts: &Contexts,
    work: &mut Work,
) -> Result<String, ProofSetError> {
    let dataset = dataset(document, contexts)?;
    work.statements(dataset.len())?;
    match in_order(&dataset, digest, Work::USUAL) {
        Err(CanonicalizeError::TooMuchWork) if work.hard() => in_order(&dataset, digest, Limit::default()),
        usual => usual,
    }
    .map_err(|error| CanonicalError::from(error).into())
}

fn dataset(document: &Map<String, Value>, contexts: &Contexts) -> Result<Dataset, CanonicalError> {
    sinpyo_jsonld::to_rdf(&without_wrapped_contexts(document), contexts).map_err(CanonicalError::JsonLd)
}

fn in_order(dataset: &[Quad], digest: Digest, limit: Limit) -> Result<String, CanonicalizeError> {
    let algorithm = match digest {
        Digest::Sha256 => HashAlgorithm::Sha256,
        Digest::Sha384 => HashAlgorithm::Sha384,
    };
    Ok(sinpyo_rdf::canonicalize(dataset, algorithm, limit)?.nquads().to_owned())
}

/// The document with contexts for those that are the only member of an object in the list, `{"@context": …}`.
///
/// JSON-LD has no such form. Much of the software that signs credentials reads it so, and signs it.
fn without_wrapped_contexts(document: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
    fn is_wrapped(context: &Value) -> bool {
        context.as_object().is_some_and(|only| only.len() == 1 && only.contains_key("@context"))
    }
    let listed = document.get("@context").and_then(Value::as_array);
    if !listed.is_some_and(|contexts| contexts.iter().any(is_wrapped)) {
        return Cow::Borrowed(document);
    }
    let mut document = document.clone();
    for context in document.get_mut("@context").and_then(Value::as_array_mut).into_iter().flatten() {
        if is_wrapped(context)
            && let Some(inner) = context.get_mut("@context").map(Value::take)
        {
            *context = inner;
        }
    }
    Cow::Owned(document)
}

/// The statements of a proof's options under the context of its document.
///
/// # Errors
/// As [`statements`].
pub(super) fn option_statements(
    proof: &Map<String, Value>,
    context: Option<&Value>,
    digest: Digest,
    contexts: &Contexts,
) -> Result<String, CanonicalError> {
    if let Some(text) = config::statements(proof, context) {
        return Ok(text);
    }
    let mut options = proof.clone();
    options.remove("@context");
    if let Some(context) = context {
        options.insert("@context".to_owned(), context.clone());
    }
    statements(&options, digest, contexts)
}
