use crate::malformed::is_label;
use crate::{Dataset, Quad, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Why blank nodes were not given other labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelabelError {
    /// RDF-06: the map has no label for a blank node of the dataset.
    #[error("a blank node has no new label")]
    Unlabelled,
    /// RDF-07: a new label is not a `BLANK_NODE_LABEL`.
    #[error("a new label is malformed")]
    Malformed,
    /// RDF-08: the map gives one label to two blank nodes, which would make them one.
    #[error("two blank nodes are given the same label")]
    Shared,
}

impl RelabelError {
    /// The rule that was broken, as listed in `spec/checks/rdf.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unlabelled => "RDF-06",
            Self::Malformed => "RDF-07",
            Self::Shared => "RDF-08",
        }
    }
}

/// The dataset with each blank node's label replaced by the one that `labels` has for it
/// [VC-DI-ECDSA §3.4.4, `relabelBlankNodes`]. Labels are written without `_:`.
///
/// # Errors
/// The map lacks a blank node of the dataset, or its new labels are malformed or not distinct.
pub fn relabel(dataset: &[Quad], labels: &BTreeMap<Arc<str>, Arc<str>>) -> Result<Dataset, RelabelError> {
    // [RDF-07]
    if !labels.values().all(|label| is_label(label)) {
        return Err(RelabelError::Malformed);
    }
    // [RDF-08]
    if labels.values().collect::<BTreeSet<_>>().len() != labels.len() {
        return Err(RelabelError::Shared);
    }
    let term = |term: &Term| match term {
        // [RDF-06]
        Term::Blank(label) => labels.get(label).cloned().map(Term::Blank).ok_or(RelabelError::Unlabelled),
        Term::Iri(_) | Term::Literal(_) => Ok(term.clone()),
    };
    dataset
        .iter()
        .map(|quad| {
            Ok(Quad {
                subject: term(&quad.subject)?,
                predicate: Arc::clone(&quad.predicate),
                object: term(&quad.object)?,
                graph: quad.graph.as_ref().map(term).transpose()?,
            })
        })
        .collect()
}
