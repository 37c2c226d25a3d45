//! What holds for every dataset.

use crate::sample::{self, Random, quad};
use proptest::prelude::*;
use sinpyo_rdf::{
    Canonical, CanonicalizeError, Dataset, HashAlgorithm, Limit, Literal, MalformedQuadError, Quad, Term,
    canonicalize, nquads, relabel,
};

#[test]
fn neither_order_nor_labels_nor_repetition_matter() {
    let mut random = Random(7);
    for number in 0..2_000 {
        let dataset = sample::dataset(number);
        let mut other = sample::disguise(&dataset, &mut random);
        other.push(other[random.below(other.len())].clone());
        assert_eq!(canonical(&dataset).nquads(), canonical(&other).nquads(), "sample {number}: {dataset:?}");
    }
}

#[test]
fn canonicalisation_is_idempotent() {
    for number in 0..1_000 {
        let once = canonical(&sample::dataset(number));
        let again = canonical(&nquads::parse(once.nquads()).unwrap());
        assert_eq!(once.nquads(), again.nquads(), "sample {number}");
    }
}

#[test]
fn a_changed_quad_changes_the_canonical_form() {
    for number in 0..1_000 {
        let dataset = sample::dataset(number);
        let mut changed = dataset.clone();
        changed.push(quad(sample::iri("added"), "p", sample::blank(0), None));
        assert_ne!(canonical(&dataset).nquads(), canonical(&changed).nquads(), "sample {number}");
    }
}

#[test]
fn the_labels_lead_from_the_input_to_the_canonical_form() {
    for number in 0..500 {
        let dataset = sample::dataset(number);
        let canonical = canonical(&dataset);
        let relabelled = relabel(&dataset, canonical.labels()).unwrap();
        assert_eq!(nquads::write_sorted(&relabelled).unwrap(), canonical.nquads());
        let labels: Vec<_> = canonical.lines().collect();
        assert!(labels.is_sorted() && labels.iter().all(|line| line.ends_with(" .\n")));
    }
}

#[test]
fn an_empty_dataset_has_an_empty_form() {
    let canonical = canonical(&Dataset::new());
    assert_eq!((canonical.nquads(), canonical.labels().len(), canonical.lines().count()), ("", 0, 0));
}

#[test]
fn a_term_that_would_break_out_of_its_line_is_refused() {
    use MalformedQuadError as Malformed;
    let sound = quad(sample::iri("s"), "p", sample::iri("o"), Some(sample::iri("g")));
    let text = |language: Option<&str>, datatype: &str| {
        let language = language.map(Into::into);
        Term::Literal(Literal { value: "v".into(), datatype: datatype.into(), language })
    };
    let index = 1;
    let cases = [
        (
            Quad { predicate: "urn:p> <urn:x> .\n<urn:s> <urn:p".into(), ..sound.clone() },
            Malformed::Iri { index },
        ),
        (Quad { subject: sample::iri("a b"), ..sound.clone() }, Malformed::Iri { index }),
        (Quad { graph: Some(sample::iri("\"")), ..sound.clone() }, Malformed::Iri { index }),
        (Quad { object: text(None, "urn:\\u0041"), ..sound.clone() }, Malformed::Iri { index }),
        (Quad { object: text(Some("en> ."), "urn:t"), ..sound.clone() }, Malformed::Language { index }),
        (Quad { object: text(Some(""), "urn:t"), ..sound.clone() }, Malformed::Language { index }),
        (Quad { object: text(Some("e1-x"), "urn:t"), ..sound.clone() }, Malformed::Language { index }),
        (Quad { subject: text(None, "urn:t"), ..sound.clone() }, Malformed::MisplacedLiteral { index }),
        (Quad { graph: Some(text(None, "urn:t")), ..sound.clone() }, Malformed::MisplacedLiteral { index }),
    ];
    for (hostile, cause) in cases {
        let dataset = vec![sound.clone(), hostile];
        let error = canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default()).unwrap_err();
        assert_eq!(error, CanonicalizeError::Malformed(cause));
        assert_eq!(error.code(), cause.code());
        assert_eq!(nquads::write(&dataset), Err(cause));
    }
    let dataset = vec![sound.clone(), Quad { object: text(Some("ko-KR"), "urn:t"), ..sound }];
    assert_eq!(canonical(&dataset).lines().count(), 2);
}

#[test]
fn a_label_that_would_break_out_of_its_line_is_not_written() {
    for label in ["a b", "a\n", "a>", "", "-a", "a.", ".a"] {
        let dataset = vec![quad(Term::Blank(label.into()), "p", sample::iri("o"), None)];
        let refused = MalformedQuadError::Label { index: 0 };
        assert_eq!(nquads::write(&dataset), Err(refused), "{label:?}");
        assert_eq!(refused.code(), "RDF-07");
        // Its canonical label is another.
        assert_eq!(canonical(&dataset).nquads(), "_:c14n0 <urn:p> <urn:o> .\n");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(value in any::<String>(), tag in "[a-z]{1,3}(-[A-Z0-9]{1,4})?", label in "[a-zA-Z_0-9가-힣][-a-z.]{0,3}[0-9]") {
        let language = Literal {
            value: value.as_str().into(),
            datatype: "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString".into(),
            language: Some(tag.into()),
        };
        let typed = Literal { language: None, datatype: "urn:type".into(), ..language.clone() };
        let node = Term::Blank(label.into());
        let dataset = vec![
            quad(node.clone(), "p", Term::Literal(language), Some(node.clone())),
            quad(node.clone(), "p", Term::Literal(typed), None),
        ];
        prop_assert_eq!(nquads::parse(&nquads::write(&dataset).unwrap()).unwrap(), dataset);
    }
}

fn canonical(dataset: &[Quad]) -> Canonical {
    canonicalize(dataset, HashAlgorithm::Sha256, Limit::default()).unwrap()
}
