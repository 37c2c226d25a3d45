//! RDF datasets: N-Quads and RDF Dataset Canonicalization (RDFC-1.0).

use std::sync::Arc;

/// A node of a dataset [RDF 1.1 Concepts §3.1].
///
/// Texts are shared, so that a clone costs a counter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// An absolute IRI, without angle brackets.
    Iri(Arc<str>),
    /// A blank node by its label, without `_:`.
    Blank(Arc<str>),
    /// A literal.
    Literal(Literal),
}

/// A literal [RDF 1.1 Concepts §3.3].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// The lexical form.
    pub value: Arc<str>,
    /// The datatype's IRI; `rdf:langString` if there is a language.
    pub datatype: Arc<str>,
    /// The language tag.
    pub language: Option<Arc<str>>,
}

/// A statement, and the graph it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quad {
    /// An IRI or a blank node.
    pub subject: Term,
    /// The predicate's IRI.
    pub predicate: Arc<str>,
    /// Any term.
    pub object: Term,
    /// The graph's name, an IRI or a blank node; none for the default graph.
    pub graph: Option<Term>,
}

/// A dataset: quads in the order in which they were made. A quad may stand in it twice.
pub type Dataset = Vec<Quad>;
