//! RDF datasets: N-Quads and RDF Dataset Canonicalization (RDFC-1.0).
//!
//! What it promises: [`canonicalize`] gives the bytes that the W3C Recommendation gives, for every dataset
//! that it accepts; what it spends on a dataset is bounded by a [`Limit`], so that no dataset made for the
//! purpose keeps a verifier busy; text that is written can be read back as the same quads, because a term
//! that would break out of its line is refused.
//!
//! What it refuses to do: compare IRIs other than by their characters, change the case of language tags,
//! and canonicalise part of a dataset.
//!
//! ```
//! use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let dataset = nquads::parse("_:x <urn:knows> _:y .\n_:y <urn:name> \"Y\" .\n")?;
//! let canonical = canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default())?;
//! assert_eq!(canonical.lines().count(), 2);
//! assert!(canonical.nquads().ends_with("_:c14n1 <urn:knows> _:c14n0 .\n"));
//! assert_eq!(canonical.labels().get("x").map(|label| &**label), Some("c14n1"));
//! # Ok(())
//! # }
//! # run().unwrap();
//! ```

use std::sync::Arc;

pub mod nquads;

mod canonical;
mod malformed;
mod relabel;

pub use canonical::{Canonical, CanonicalizeError, HashAlgorithm, Limit, canonicalize};
pub use malformed::MalformedQuadError;
pub use relabel::{RelabelError, relabel};

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
