use super::XSD_STRING;
use crate::{Literal, Quad, Term};

/// Where in a quad a blank node can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Subject,
    Object,
    Graph,
}

/// Appends the line of `quad`, with its line feed. `push_label` writes what follows `_:`; it is told where
/// the blank node stands and what the dataset calls it.
pub(crate) fn push_quad(out: &mut String, quad: &Quad, mut push_label: impl FnMut(&mut String, Place, &str)) {
    let mut push_term = |out: &mut String, place, term: &Term| match term {
        Term::Iri(iri) => push_iri(out, iri),
        Term::Blank(label) => {
            out.push_str("_:");
            push_label(out, place, label);
        }
        Term::Literal(literal) => push_literal(out, literal),
    };
    push_term(out, Place::Subject, &quad.subject);
    out.push(' ');
    push_iri(out, &quad.predicate);
    out.push(' ');
    push_term(out, Place::Object, &quad.object);
    if let Some(graph) = &quad.graph {
        out.push(' ');
        push_term(out, Place::Graph, graph);
    }
    out.push_str(" .\n");
}

fn push_iri(out: &mut String, iri: &str) {
    out.push('<');
    out.push_str(iri);
    out.push('>');
}

fn push_literal(out: &mut String, literal: &Literal) {
    out.push('"');
    push_escaped(out, &literal.value);
    out.push('"');
    if let Some(language) = &literal.language {
        out.push('@');
        out.push_str(language);
    } else if &*literal.datatype != XSD_STRING {
        out.push_str("^^");
        push_iri(out, &literal.datatype);
    }
}

/// Appends the inside of a `STRING_LITERAL_QUOTE` [RDFC-1.0 Appendix A].
// [RDF-11]
fn push_escaped(out: &mut String, text: &str) {
    // 0xef begins the two characters U+FFFE and U+FFFF, which XML 1.1 has no `Char` for.
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f | 0xef);
    if text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => push_code_point(out, c),
            _ => out.push(c),
        }
    }
}

fn push_code_point(out: &mut String, c: char) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = char::from_digit((u32::from(c) >> shift) & 0xf, 16).unwrap_or('0');
        out.push(digit.to_ascii_uppercase());
    }
}
