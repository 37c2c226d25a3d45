//! Reading N-Quads, good and bad.

use crate::sample::{blank, iri, quad};
use proptest::prelude::*;
use sinpyo_rdf::nquads::{Fault, parse, write};
use sinpyo_rdf::{Literal, Term};

#[test]
fn all_of_the_grammar_is_read() {
    let text = "# a comment\n\r\n \t \n<urn:s><urn:p><urn:o>.#tight\r<urn:s> <urn:p> _:n1 <urn:g>\t. # loose\n\
                _:n2 <urn:p> \"\\t\\b\\n\\r\\f\\\"\\'\\\\\\u00e9\\U0001F303\"@en-GB _:n3.\n\
                <urn:\\u0073> <urn:p> \"#\"^^<urn:t> .";
    let literal = |value: &str, datatype: &str, language: Option<&str>| {
        let language = language.map(Into::into);
        Term::Literal(Literal { value: value.into(), datatype: datatype.into(), language })
    };
    let lang_string = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";
    let escapes = literal("\t\u{8}\n\r\u{c}\"'\\é🌃", lang_string, Some("en-GB"));
    let expected = vec![
        quad(iri("s"), "p", iri("o"), None),
        quad(iri("s"), "p", blank(1), Some(iri("g"))),
        quad(blank(2), "p", escapes, Some(blank(3))),
        quad(iri("s"), "p", literal("#", "urn:t", None), None),
    ];
    assert_eq!(parse(text).unwrap(), expected);
    assert_eq!(parse("").unwrap(), Vec::new());
}

#[test]
fn labels_may_have_dots_inside_and_none_at_the_end() {
    let text = "_:a.b <urn:p> _:0-x.. .\n";
    assert_eq!(parse(text).unwrap_err().fault, Fault::End);
    let dataset = parse("_:a.b <urn:p> _:0-x.\n_:한글 <urn:p> _:_:a .").unwrap();
    assert_eq!(write(&dataset).unwrap(), "_:a.b <urn:p> _:0-x .\n_:한글 <urn:p> _:_:a .\n");
}

#[test]
fn the_line_of_the_fault_is_named() {
    let error = parse("<urn:s> <urn:p> <urn:o> .\r\n# fine\r\n<urn:s> <urn:p> <urn:o>\r\n").unwrap_err();
    assert_eq!((error.line, error.fault, error.code()), (3, Fault::End, "RDF-05"));
    assert_eq!(error.to_string(), "line 3: the statement does not end where it should");
}

#[test]
fn what_is_not_nquads_is_refused() {
    let cases = [
        ("x", Fault::Subject),
        ("\"s\" <urn:p> <urn:o> .", Fault::Subject),
        ("@prefix a: <urn:a> .", Fault::Subject),
        ("<urn:s>", Fault::Predicate),
        ("<urn:s> _:p <urn:o> .", Fault::Predicate),
        ("<urn:s> \"p\" <urn:o> .", Fault::Predicate),
        ("<urn:s> <urn:p> .", Fault::Object),
        ("<urn:s> <urn:p> 1 .", Fault::Object),
        ("<urn:s> <urn:p> 'o' .", Fault::Object),
        ("<urn:s> <urn:p> <urn:o>", Fault::End),
        ("<urn:s> <urn:p> <urn:o> \"g\" .", Fault::End),
        ("<urn:s> <urn:p> <urn:o> <urn:g> <urn:h> .", Fault::End),
        ("<urn:s> <urn:p> <urn:o> . <urn:s> <urn:p> <urn:o> .", Fault::End),
        ("<urn:s> <urn:p> <urn:o> ..", Fault::End),
        ("<urn:s> <urn:p> <urn:o ", Fault::Iri),
        ("<urn:s t> <urn:p> <urn:o> .", Fault::Iri),
        ("<urn:s\\u0020t> <urn:p> <urn:o> .", Fault::Iri),
        ("<urn:s\\u003et> <urn:p> <urn:o> .", Fault::Iri),
        ("<urn:{s}> <urn:p> <urn:o> .", Fault::Iri),
        ("<urn:s> <urn:p> \"o\"^^urn:t .", Fault::Iri),
        ("<urn:s> <urn:p> \"o\"^^_:t .", Fault::Iri),
        ("<s> <urn:p> <urn:o> .", Fault::RelativeIri),
        ("<> <urn:p> <urn:o> .", Fault::RelativeIri),
        ("<1a:s> <urn:p> <urn:o> .", Fault::RelativeIri),
        ("<urn:s> <urn:p> \"o\"^^<t> .", Fault::RelativeIri),
        ("_: <urn:p> <urn:o> .", Fault::Label),
        ("_:-a <urn:p> <urn:o> .", Fault::Label),
        ("_:.a <urn:p> <urn:o> .", Fault::Label),
        ("<urn:s> <urn:p> \"o .", Fault::Literal),
        ("<urn:s> <urn:p> \"o\\\" .", Fault::Literal),
        ("<urn:s> <urn:p> \"o\nx\" .", Fault::Literal),
        ("<urn:s> <urn:p> \"o\rx\" .", Fault::Literal),
        ("<urn:s> <urn:p> \"o\"@ .", Fault::Language),
        ("<urn:s> <urn:p> \"o\"@1 .", Fault::Language),
        ("<urn:s> <urn:p> \"o\"@en- .", Fault::Language),
        ("<urn:s> <urn:p> \"o\"@en--ltr .", Fault::Language),
        ("<urn:s> <urn:p> \"\\a\" .", Fault::Escape),
        ("<urn:s> <urn:p> \"\\u12\" .", Fault::Escape),
        ("<urn:s> <urn:p> \"\\u+123\" .", Fault::Escape),
        ("<urn:s> <urn:p> \"\\ud800\" .", Fault::Escape),
        ("<urn:s> <urn:p> \"\\U00110000\" .", Fault::Escape),
        ("<urn:s\\n> <urn:p> <urn:o> .", Fault::Escape),
    ];
    for (text, fault) in cases {
        assert_eq!(parse(text).map_err(|error| error.fault), Err(fault), "{text:?}");
    }
}

#[test]
fn the_canonical_escapes_are_those_of_the_recommendation() {
    // RDFC-1.0 Appendix A: ECHAR for seven characters, UCHAR for other controls, U+007F, and what is no
    // `Char` of XML 1.1; everything else as it is.
    let value: String =
        ('\0'..' ').chain("\"\\~\u{7f}\u{80}\u{9f}\u{fffd}\u{fffe}\u{ffff}\u{1ffff}'/".chars()).collect();
    let written = "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000B\\f\\r\\u000E\\u000F\
                   \\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001A\\u001B\\u001C\
                   \\u001D\\u001E\\u001F\\\"\\\\~\\u007F\u{80}\u{9f}\u{fffd}\\uFFFE\\uFFFF\u{1ffff}'/";
    let datatype = "http://www.w3.org/2001/XMLSchema#string".into();
    let object = Term::Literal(Literal { value: value.into(), datatype, language: None });
    let text = write(&[quad(iri("s"), "p", object, None)]).unwrap();
    assert_eq!(text, format!("<urn:s> <urn:p> \"{written}\" .\n"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn what_is_read_can_be_written(text in r#"((<urn:[a-z\\u0-9 ]{0,3}>|_:[a-z.\-:]{0,3}|"[a-z\\"u0-9]{0,4}"(@[a-z\-]{0,3}|\^\^<a:>)?|[ .#\n\r]) ?){0,12}"#) {
        if let Ok(dataset) = parse(&text) {
            let written = write(&dataset).unwrap();
            prop_assert_eq!(parse(&written).unwrap(), dataset);
        }
    }
}
