use crate::malformed::{is_iri_text, is_label, is_label_char, is_language_tag};
use crate::nquads::XSD_STRING;
use crate::{Dataset, Literal, Quad, Term};
use std::sync::Arc;

const RDF_LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// Why a text is not N-Quads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct ParseNQuadsError {
    /// The line, from 1. A line ends with a line feed.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

impl ParseNQuadsError {
    /// The rule that was broken, as listed in `spec/checks/rdf.toml`.
    pub fn code(&self) -> &'static str {
        "RDF-05"
    }
}

/// What is wrong with a line of N-Quads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The line does not begin with an IRI or a blank node.
    #[error("a subject is missing")]
    Subject,
    /// The second term is not an IRI.
    #[error("a predicate is missing")]
    Predicate,
    /// The third term is not an IRI, a blank node or a literal.
    #[error("an object is missing")]
    Object,
    /// The statement does not end with a full stop, or something other than a comment follows it.
    #[error("the statement does not end where it should")]
    End,
    /// An IRI is not closed or has a character that it cannot have.
    #[error("an IRI is malformed")]
    Iri,
    /// An IRI has no scheme.
    #[error("an IRI is not absolute")]
    RelativeIri,
    /// A blank node's label is malformed.
    #[error("a blank node label is malformed")]
    Label,
    /// A literal is not closed.
    #[error("a literal is not closed")]
    Literal,
    /// A language tag is malformed.
    #[error("a language tag is malformed")]
    Language,
    /// A backslash is followed by what is no escape, or by the number of no character.
    #[error("an escape is malformed")]
    Escape,
}

/// Reads a dataset [RDF 1.1 N-Quads §4]. Quads keep their order, and stand twice if they are written twice.
///
/// # Errors
/// The first line that is not of the grammar.
pub fn parse(text: &str) -> Result<Dataset, ParseNQuadsError> {
    let mut dataset = Dataset::new();
    for (line, content) in (1..).zip(text.split('\n')) {
        for statement in content.split('\r') {
            // [RDF-05]
            let quad =
                Cursor { rest: statement }.statement().map_err(|fault| ParseNQuadsError { line, fault })?;
            dataset.extend(quad);
        }
    }
    Ok(dataset)
}

struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    /// The quad of a line, or none if the line is blank or a comment.
    fn statement(&mut self) -> Result<Option<Quad>, Fault> {
        self.skip_spaces();
        if self.rest.is_empty() || self.rest.starts_with('#') {
            return Ok(None);
        }
        let subject = self.resource()?.ok_or(Fault::Subject)?;
        let Some(Term::Iri(predicate)) = self.resource()? else { return Err(Fault::Predicate) };
        let object = match self.literal()? {
            Some(literal) => Term::Literal(literal),
            None => self.resource()?.ok_or(Fault::Object)?,
        };
        let graph = self.resource()?;
        if !self.skip(".") {
            return Err(Fault::End);
        }
        self.skip_spaces();
        if !self.rest.is_empty() && !self.rest.starts_with('#') {
            return Err(Fault::End);
        }
        Ok(Some(Quad { subject, predicate, object, graph }))
    }

    /// An IRI or a blank node, and the spaces after it.
    fn resource(&mut self) -> Result<Option<Term>, Fault> {
        let term = if self.skip("<") {
            Term::Iri(self.iri()?)
        } else if self.skip("_:") {
            Term::Blank(self.label()?)
        } else {
            return Ok(None);
        };
        self.skip_spaces();
        Ok(Some(term))
    }

    /// The rest of an IRI after `<`.
    fn iri(&mut self) -> Result<Arc<str>, Fault> {
        let (written, rest) = self.rest.split_once('>').ok_or(Fault::Iri)?;
        self.rest = rest;
        let iri = unescape(written, false)?;
        if !is_iri_text(&iri) {
            return Err(Fault::Iri);
        }
        if !has_scheme(&iri) {
            return Err(Fault::RelativeIri);
        }
        Ok(iri.into())
    }

    /// The rest of a blank node after `_:`.
    fn label(&mut self) -> Result<Arc<str>, Fault> {
        let end = self.rest.find(|c| !is_label_char(c) && c != '.').unwrap_or(self.rest.len());
        let (taken, _) = self.rest.split_at(end);
        // A full stop at the end is the statement's.
        let label = taken.trim_end_matches('.');
        self.rest = self.rest.strip_prefix(label).unwrap_or(self.rest);
        if is_label(label) { Ok(label.into()) } else { Err(Fault::Label) }
    }

    /// A literal, and the spaces after it.
    fn literal(&mut self) -> Result<Option<Literal>, Fault> {
        if !self.skip("\"") {
            return Ok(None);
        }
        let value = unescape(self.quoted()?, true)?.into();
        let literal = if self.skip("@") {
            let language = self.language()?;
            Literal { value, datatype: RDF_LANG_STRING.into(), language: Some(language) }
        } else if self.skip("^^") {
            let datatype = if self.skip("<") { self.iri()? } else { return Err(Fault::Iri) };
            Literal { value, datatype, language: None }
        } else {
            Literal { value, datatype: XSD_STRING.into(), language: None }
        };
        self.skip_spaces();
        Ok(Some(literal))
    }

    /// What stands before the quotation mark that closes a literal.
    fn quoted(&mut self) -> Result<&'t str, Fault> {
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let (inside, rest) = self.rest.split_at_checked(end.ok_or(Fault::Literal)?).ok_or(Fault::Literal)?;
        self.rest = rest;
        self.skip("\"");
        Ok(inside)
    }

    fn language(&mut self) -> Result<Arc<str>, Fault> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest;
        if is_language_tag(tag) { Ok(tag.into()) } else { Err(Fault::Language) }
    }

    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }
}

/// Replaces `UCHAR`, and in a literal `ECHAR`.
fn unescape(text: &str, in_literal: bool) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        out.push(match chars.next() {
            Some('u') => code_point(&mut chars, 4)?,
            Some('U') => code_point(&mut chars, 8)?,
            Some(c) if in_literal => single(c)?,
            _ => return Err(Fault::Escape),
        });
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(out)
}

fn single(c: char) -> Result<char, Fault> {
    match c {
        't' => Ok('\t'),
        'b' => Ok('\u{8}'),
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        'f' => Ok('\u{c}'),
        '"' | '\'' | '\\' => Ok(c),
        _ => Err(Fault::Escape),
    }
}

fn code_point(chars: &mut std::str::Chars<'_>, digits: usize) -> Result<char, Fault> {
    let mut number = 0;
    for _ in 0..digits {
        let digit = chars.next().and_then(|c| c.to_digit(16)).ok_or(Fault::Escape)?;
        number = number << 4 | digit;
    }
    char::from_u32(number).ok_or(Fault::Escape)
}

/// Whether `iri` begins with a scheme [RFC 3986 §3.1].
fn has_scheme(iri: &str) -> bool {
    iri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}
