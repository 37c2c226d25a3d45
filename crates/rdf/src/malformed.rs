//! Terms that cannot be written on one line of N-Quads.

use crate::{Quad, Term};

/// Why a quad is not one of RDF, and so has no line in N-Quads.
///
/// `index` is the quad's place in the dataset, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedQuadError {
    /// RDF-02: an IRI has a character that an `IRIREF` cannot have.
    #[error("quad {index} has an IRI with a forbidden character")]
    Iri {
        /// Which quad.
        index: usize,
    },
    /// RDF-03: a language tag is not of the form `LANGTAG`.
    #[error("quad {index} has a malformed language tag")]
    Language {
        /// Which quad.
        index: usize,
    },
    /// RDF-04: a subject or a graph name is a literal.
    #[error("quad {index} has a literal as subject or graph name")]
    MisplacedLiteral {
        /// Which quad.
        index: usize,
    },
    /// RDF-07: a blank node's label is not a `BLANK_NODE_LABEL`.
    #[error("quad {index} has a malformed blank node label")]
    Label {
        /// Which quad.
        index: usize,
    },
}

impl MalformedQuadError {
    /// The rule that was broken, as listed in `spec/checks/rdf.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Iri { .. } => "RDF-02",
            Self::Language { .. } => "RDF-03",
            Self::MisplacedLiteral { .. } => "RDF-04",
            Self::Label { .. } => "RDF-07",
        }
    }
}

/// Passes a dataset whose every term can be written, whatever its blank nodes are called.
pub(crate) fn refuse_terms(dataset: &[Quad]) -> Result<(), MalformedQuadError> {
    for (index, quad) in dataset.iter().enumerate() {
        let resources = [Some(&quad.subject), quad.graph.as_ref()];
        // [RDF-04]
        if resources.iter().flatten().any(|term| matches!(term, Term::Literal(_))) {
            return Err(MalformedQuadError::MisplacedLiteral { index });
        }
        // [RDF-02]
        if !is_iri_text(&quad.predicate) || terms(quad).any(|term| !has_iri_text(term)) {
            return Err(MalformedQuadError::Iri { index });
        }
        // [RDF-03]
        if let Term::Literal(literal) = &quad.object
            && literal.language.as_deref().is_some_and(|tag| !is_language_tag(tag))
        {
            return Err(MalformedQuadError::Language { index });
        }
    }
    Ok(())
}

/// Passes a dataset whose every blank node has a label that can be written.
pub(crate) fn refuse_labels(dataset: &[Quad]) -> Result<(), MalformedQuadError> {
    for (index, quad) in dataset.iter().enumerate() {
        // [RDF-07]
        if terms(quad).any(|term| matches!(term, Term::Blank(label) if !is_label(label))) {
            return Err(MalformedQuadError::Label { index });
        }
    }
    Ok(())
}

/// Whether `text` may follow `_:` [RDF 1.1 N-Quads, `BLANK_NODE_LABEL`].
pub(crate) fn is_label(text: &str) -> bool {
    text.starts_with(|c: char| is_label_char(c) && !is_label_mark(c))
        && !text.ends_with('.')
        && text.chars().all(|c| is_label_char(c) || c == '.')
}

/// Whether `c` may stand in a label after its first character, other than a dot (`PN_CHARS`).
pub(crate) fn is_label_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '_' | ':' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}')
        || matches!(c, '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}')
        || matches!(c, '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}')
        || matches!(c, '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
        || is_label_mark(c)
}

/// Whether `c` may stand in a label but not begin it.
fn is_label_mark(c: char) -> bool {
    matches!(c, '-' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Whether `text` may stand between angle brackets [RDF 1.1 N-Quads, `IRIREF`].
pub(crate) fn is_iri_text(text: &str) -> bool {
    !text
        .bytes()
        .any(|byte| matches!(byte, 0..=b' ' | b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'^' | b'`' | b'\\'))
}

/// Whether `text` may follow `@` after a literal [RDF 1.1 N-Quads, `LANGTAG`].
pub(crate) fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let nonempty =
        |subtag: &str, allowed: fn(&u8) -> bool| !subtag.is_empty() && subtag.as_bytes().iter().all(allowed);
    subtags.next().is_some_and(|first| nonempty(first, u8::is_ascii_alphabetic))
        && subtags.all(|subtag| nonempty(subtag, u8::is_ascii_alphanumeric))
}

fn terms(quad: &Quad) -> impl Iterator<Item = &Term> {
    [Some(&quad.subject), Some(&quad.object), quad.graph.as_ref()].into_iter().flatten()
}

fn has_iri_text(term: &Term) -> bool {
    match term {
        Term::Iri(iri) => is_iri_text(iri),
        Term::Blank(_) => true,
        Term::Literal(literal) => is_iri_text(&literal.datatype),
    }
}
