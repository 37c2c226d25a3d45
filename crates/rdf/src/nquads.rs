//! N-Quads: reading [RDF 1.1 N-Quads], and writing in canonical form [RDFC-1.0 Appendix A].

mod parse;
mod write;

pub use parse::{Fault, ParseNQuadsError, parse};

pub(crate) use write::{Place, push_quad};

use crate::{MalformedQuadError, Quad, malformed};

/// The datatype that is not written [RDFC-1.0 Appendix A].
pub(crate) const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";

/// Each quad of the dataset as one line of canonical form, in the dataset's order, under its own labels.
///
/// # Errors
/// A term or a label of the dataset has no form in N-Quads.
pub fn write(dataset: &[Quad]) -> Result<String, MalformedQuadError> {
    malformed::refuse_terms(dataset)?;
    malformed::refuse_labels(dataset)?;
    let mut text = String::new();
    for quad in dataset {
        push_quad(&mut text, quad, |out, _, label| out.push_str(label));
    }
    Ok(text)
}

/// The lines of [`write()`] in code point order, each once: what a canonicalised dataset looks like under
/// other labels [VC-DI-ECDSA §3.4.2].
///
/// # Errors
/// A term or a label of the dataset has no form in N-Quads.
pub fn write_sorted(dataset: &[Quad]) -> Result<String, MalformedQuadError> {
    let text = write(dataset)?;
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.concat())
}
