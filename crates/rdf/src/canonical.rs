//! RDF Dataset Canonicalization [W3C Recommendation of 21 May 2024, RDFC-1.0].

mod graph;
mod hash;
mod issuer;
mod n_degree;

pub use hash::HashAlgorithm;
pub use n_degree::Limit;

use crate::nquads::push_quad;
use crate::{MalformedQuadError, Quad, malformed};
use graph::{Graph, NodeId, PerNode, Statement};
use hash::Hash;
use issuer::Issuer;
use n_degree::Search;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a dataset was not canonicalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalizeError {
    /// RDF-01: telling the blank nodes apart takes more work than allowed.
    #[error("the blank nodes take too much work to tell apart")]
    TooMuchWork,
    /// A quad is not one of RDF.
    #[error(transparent)]
    Malformed(#[from] MalformedQuadError),
}

impl CanonicalizeError {
    /// The rule that was broken, as listed in `spec/checks/rdf.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMuchWork => "RDF-01",
            Self::Malformed(cause) => cause.code(),
        }
    }
}

/// A canonicalised dataset [RDFC-1.0 §4.3].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    nquads: String,
    labels: BTreeMap<Arc<str>, Arc<str>>,
}

impl Canonical {
    /// The serialized canonical form: all lines in code point order [RDFC-1.0 §5].
    pub fn nquads(&self) -> &str {
        &self.nquads
    }

    /// Its lines in order, each with its line feed.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.nquads.split_inclusive('\n')
    }

    /// The issued identifiers map: from each label of the input to the canonical one (`c14n0` and so on),
    /// both without `_:`.
    pub fn labels(&self) -> &BTreeMap<Arc<str>, Arc<str>> {
        &self.labels
    }

    /// The serialized canonical form, taken out.
    pub fn into_nquads(self) -> String {
        self.nquads
    }
}

/// Canonicalises a dataset [RDFC-1.0 §4.4.3].
///
/// # Errors
/// The blank nodes take more work than `limit` allows; or a term cannot be written on a line of N-Quads.
pub fn canonicalize(
    dataset: &[Quad],
    algorithm: HashAlgorithm,
    limit: Limit,
) -> Result<Canonical, CanonicalizeError> {
    malformed::refuse_terms(dataset)?;
    // [RDF-10] a dataset is a set
    let mut quads: Vec<&Quad> = dataset.iter().collect();
    quads.sort_unstable();
    quads.dedup();
    let (statements, labels) = graph::statements(&quads);
    let graph = Graph::new(&statements, labels.len());

    let canonical = issue(&graph, algorithm, limit)?;
    let names: PerNode<Arc<str>> = graph.nodes().map(|node| canonical.label(node).into()).collect();
    Ok(Canonical {
        nquads: serialize(&statements, &names),
        labels: labels.into_iter().cloned().zip(names).collect(),
    })
}

/// Gives every node its canonical number.
fn issue(graph: &Graph<'_>, algorithm: HashAlgorithm, limit: Limit) -> Result<Issuer, CanonicalizeError> {
    let mut buffer = String::new();
    let first: PerNode<Hash> =
        graph.nodes().map(|node| first_degree(graph, node, algorithm, &mut buffer)).collect();
    let mut by_hash: Vec<NodeId> = graph.nodes().collect();
    by_hash.sort_by_key(|&node| first[node]);
    let same = |&a: &NodeId, &b: &NodeId| first[a] == first[b];

    let mut canonical = Issuer::new("c14n", graph.len());
    for alone in by_hash.chunk_by(same).filter(|nodes| nodes.len() == 1) {
        canonical.issue_all(alone);
    }
    if canonical.issued().len() == graph.len() {
        return Ok(canonical);
    }
    let mut search = Search::new(graph, &first, canonical, algorithm, limit);
    for alike in by_hash.chunk_by(same).filter(|nodes| nodes.len() > 1) {
        search.tell_apart(alike)?;
    }
    Ok(search.into_canonical())
}

/// Hash First Degree Quads [RDFC-1.0 §4.6.3]. The buffer is only lent, to be allocated once.
fn first_degree(graph: &Graph<'_>, node: NodeId, algorithm: HashAlgorithm, buffer: &mut String) -> Hash {
    buffer.clear();
    for statement in graph.mentions(node) {
        push_quad(buffer, statement.quad, |out, place, _| {
            out.push(if statement.node_at(place) == Some(node) { 'a' } else { 'z' });
        });
    }
    let mut lines: Vec<&str> = buffer.split_inclusive('\n').collect();
    if lines.is_sorted() {
        return algorithm.hash(buffer);
    }
    lines.sort_unstable();
    algorithm.hash(&lines.concat())
}

/// The lines under canonical labels, in order [RDFC-1.0 §5].
fn serialize(statements: &[Statement<'_>], names: &PerNode<Arc<str>>) -> String {
    let mut text = String::new();
    for statement in statements {
        push_quad(&mut text, statement.quad, |out, place, _| {
            if let Some(node) = statement.node_at(place) {
                out.push_str(&names[node]);
            }
        });
    }
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.concat()
}
