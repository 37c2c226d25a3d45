//! Other implementations give the same bytes.
//!
//! They do not agree with each other on a quad that has one blank node twice. `sophia_c14n` (and `PyLD`)
//! count it among the node's quads twice; the Recommendation's map has "the set of quads of which it is a
//! component", which `oxrdf`, and `rdf-canonize` of the Recommendation's editors, follow. So do we.

use crate::sample;
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use sinpyo_rdf::{HashAlgorithm, Limit, Quad, Term, canonicalize, nquads};
use sophia_api::MownStr;
use sophia_api::quad::Spog;
use sophia_api::term::{BnodeId, IriRef, LanguageTag, SimpleTerm};
use sophia_c14n::hash::{HashFunction, Sha256, Sha384};
use sophia_c14n::rdfc10::normalize_with;
use std::collections::HashSet;

#[test]
fn sophia_gives_the_same_bytes_on_random_and_symmetric_graphs() {
    let mut compared = 0;
    for number in 0..9_000 {
        let dataset = sample::dataset(number);
        if dataset.iter().any(mentions_a_node_twice) {
            continue;
        }
        compared += 1;
        let expected = sophia::<Sha256>(&dataset);
        assert_eq!(canonical(&dataset, HashAlgorithm::Sha256), expected, "sample {number}: {dataset:?}");
        if number % 10 == 0 {
            let expected = sophia::<Sha384>(&dataset);
            assert_eq!(canonical(&dataset, HashAlgorithm::Sha384), expected, "sample {number}, SHA-384");
        }
    }
    eprintln!("{compared} graphs without self-loops");
    assert!(compared > 3_000);
}

#[test]
fn oxrdf_gives_the_same_quads_on_graphs_with_self_loops_too() {
    let mut loops = 0;
    for number in 0..4_000 {
        let dataset = sample::dataset(number);
        loops += usize::from(dataset.iter().any(mentions_a_node_twice));
        let ours = canonical(&dataset, HashAlgorithm::Sha256);
        assert_eq!(ours, oxrdf(&dataset), "sample {number}: {dataset:?}");
    }
    eprintln!("4000 graphs, {loops} with self-loops");
    assert!(loops > 2_000);
}

/// Answers of rdf-canonize 5.0.0.
#[test]
fn a_quad_that_mentions_a_node_twice_is_one_of_its_quads_once() {
    let input = "_:n0 <urn:p> _:n0 .\n_:n1 <urn:p> _:n2 .\n_:n2 <urn:p> _:n1 .\n_:n3 <urn:p> _:n3 .\n\
                 _:n3 <urn:p> _:n3 _:n3 .\n";
    let output = "_:c14n0 <urn:p> _:c14n0 .\n_:c14n0 <urn:p> _:c14n0 _:c14n0 .\n_:c14n1 <urn:p> _:c14n1 .\n\
                  _:c14n2 <urn:p> _:c14n3 .\n_:c14n3 <urn:p> _:c14n2 .\n";
    assert_eq!(canonical(&nquads::parse(input).unwrap(), HashAlgorithm::Sha256), output);
}

fn canonical(dataset: &[Quad], algorithm: HashAlgorithm) -> String {
    canonicalize(dataset, algorithm, Limit::default()).unwrap().into_nquads()
}

fn mentions_a_node_twice(quad: &Quad) -> bool {
    let is_blank = |term: &Term| matches!(term, Term::Blank(_));
    let graph = quad.graph.as_ref();
    (is_blank(&quad.subject) && (quad.subject == quad.object || graph == Some(&quad.subject)))
        || (is_blank(&quad.object) && graph == Some(&quad.object))
}

fn sophia<H: HashFunction>(dataset: &[Quad]) -> String {
    let quads: HashSet<Spog<SimpleTerm<'_>>> = dataset.iter().map(spog).collect();
    let mut bytes = Vec::new();
    normalize_with::<H, _, _>(&quads, &mut bytes, 8.0, 16).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn spog(quad: &Quad) -> Spog<SimpleTerm<'_>> {
    let predicate = SimpleTerm::Iri(iri(&quad.predicate));
    ([term(&quad.subject), predicate, term(&quad.object)], quad.graph.as_ref().map(term))
}

fn term(term: &Term) -> SimpleTerm<'_> {
    match term {
        Term::Iri(text) => SimpleTerm::Iri(iri(text)),
        Term::Blank(label) => SimpleTerm::BlankNode(BnodeId::new_unchecked(MownStr::from_ref(label))),
        Term::Literal(literal) => {
            let value = MownStr::from_ref(&literal.value);
            match &literal.language {
                None => SimpleTerm::LiteralDatatype(value, iri(&literal.datatype)),
                Some(tag) => {
                    let tag = LanguageTag::new_unchecked(MownStr::from_ref(tag));
                    SimpleTerm::LiteralLanguage(value, tag, None)
                }
            }
        }
    }
}

fn iri(text: &str) -> IriRef<MownStr<'_>> {
    IriRef::new_unchecked(MownStr::from_ref(text))
}

fn oxrdf(dataset: &[Quad]) -> String {
    let mut theirs: oxrdf::Dataset = dataset.iter().map(ox_quad).collect();
    let hash_algorithm = CanonicalizationHashAlgorithm::Sha256;
    theirs.canonicalize(CanonicalizationAlgorithm::Rdfc10 { hash_algorithm });
    let lines: Vec<String> = theirs.iter().map(|quad| format!("{quad} .")).collect();
    // Its lines are not in canonical form; what is compared is which node has which label.
    nquads::write_sorted(&nquads::parse(&lines.join("\n")).unwrap()).unwrap()
}

fn ox_quad(quad: &Quad) -> oxrdf::Quad {
    let resource = |term: &Term| match term {
        Term::Iri(text) => oxrdf::NamedOrBlankNode::from(oxrdf::NamedNode::new_unchecked(&**text)),
        Term::Blank(label) => oxrdf::BlankNode::new_unchecked(&**label).into(),
        Term::Literal(_) => panic!("a literal as subject"),
    };
    let object = match &quad.object {
        Term::Literal(literal) => oxrdf::Term::from(match &literal.language {
            Some(tag) => oxrdf::Literal::new_language_tagged_literal_unchecked(&*literal.value, &**tag),
            None => oxrdf::Literal::new_typed_literal(
                &*literal.value,
                oxrdf::NamedNode::new_unchecked(&*literal.datatype),
            ),
        }),
        other => resource(other).into(),
    };
    let graph = quad.graph.as_ref().map_or(oxrdf::GraphName::DefaultGraph, |graph| resource(graph).into());
    oxrdf::Quad::new(
        resource(&quad.subject),
        oxrdf::NamedNode::new_unchecked(&*quad.predicate),
        object,
        graph,
    )
}
