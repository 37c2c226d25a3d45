//! Datasets made from a seed: random ones, and ones whose blank nodes are hard to tell apart.

use sinpyo_rdf::{Dataset, Literal, Quad, Term};
use std::collections::BTreeMap;

/// `SplitMix64`: the same datasets on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (2..=items.len()).rev() {
            items.swap(end - 1, self.below(end));
        }
    }
}

/// The sample of this number: three of four have a symmetry, every other one a self-loop or a blank graph.
pub(crate) fn dataset(number: u64) -> Dataset {
    let mut random = Random(number);
    let mut dataset = match number % 4 {
        0 => scattered(&mut random),
        1 => cycles(&mut random),
        2 => bipartite(&mut random),
        _ => twins(&mut random),
    };
    if number % 8 >= 4 {
        let node = blank(random.below(4));
        dataset.push(match random.below(3) {
            0 => quad(node.clone(), "p", node, None),
            1 => quad(node.clone(), "p", node.clone(), Some(node)),
            _ => quad(node, "p", blank(random.below(4)), Some(blank(random.below(3)))),
        });
    }
    if random.below(5) == 0 {
        dataset.push(dataset[random.below(dataset.len())].clone());
    }
    dataset
}

/// Anything, over few names.
fn scattered(random: &mut Random) -> Dataset {
    let nodes = 1 + random.below(6);
    (0..=random.below(12))
        .map(|_| {
            let subject = if random.below(8) == 0 { iri("s") } else { blank(random.below(nodes)) };
            let object = match random.below(8) {
                0 => iri("o"),
                1 => literal(["a", "b \"\n\\\u{1}\u{7f}é한", ""][random.below(3)], random),
                _ => blank(random.below(nodes)),
            };
            let graph = match random.below(5) {
                0 => Some(iri("g")),
                1 => Some(blank(random.below(nodes))),
                _ => None,
            };
            quad(subject, ["p", "q"][random.below(2)], object, graph)
        })
        .collect()
}

/// Rings, of which some are equally long, walked one way or both.
fn cycles(random: &mut Random) -> Dataset {
    let mut dataset = Dataset::new();
    let mut first = 0;
    for _ in 0..=random.below(3) {
        let length = 1 + random.below(4);
        let back = random.below(2) == 0;
        for step in 0..length {
            let (here, next) = (first + step, first + (step + 1) % length);
            dataset.push(quad(blank(here), "p", blank(next), None));
            if back {
                dataset.push(quad(blank(next), "q", blank(here), None));
            }
        }
        first += length;
    }
    dataset
}

/// Everything on one side is tied to everything on the other.
fn bipartite(random: &mut Random) -> Dataset {
    let (left, right) = (1 + random.below(3), 1 + random.below(3));
    let mut dataset = Dataset::new();
    for from in 0..left {
        for to in left..left + right {
            dataset.push(quad(blank(from), "p", blank(to), None));
        }
    }
    if random.below(2) == 0 {
        dataset.remove(random.below(dataset.len()));
    }
    if dataset.is_empty() { scattered(random) } else { dataset }
}

/// The same small tree twice, its branches alike or almost.
fn twins(random: &mut Random) -> Dataset {
    let branches = 1 + random.below(3);
    let odd = random.below(4);
    let mut dataset = Dataset::new();
    for root in 0..2 {
        for branch in 0..branches {
            let (child, leaf) = (2 + root * 8 + branch, 20 + root * 8 + branch);
            dataset.push(quad(blank(root), "p", blank(child), None));
            dataset.push(quad(blank(child), "q", blank(leaf), None));
            if root * branches + branch == odd {
                dataset.push(quad(blank(leaf), "p", blank(root), None));
            }
        }
    }
    dataset
}

/// `nodes` blank nodes, each tied to every other: nothing tells them apart.
pub(crate) fn clique(nodes: usize) -> Dataset {
    let pairs = (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b)));
    pairs.filter(|(a, b)| a != b).map(|(a, b)| quad(blank(a), "p", blank(b), None)).collect()
}

/// The same dataset in another order and under other labels.
pub(crate) fn disguise(dataset: &Dataset, random: &mut Random) -> Dataset {
    let mut numbers: Vec<usize> = (0..64).collect();
    random.shuffle(&mut numbers);
    let labels: BTreeMap<_, _> =
        (0..64).map(|n| (format!("n{n}").into(), format!("x.{}", numbers[n]).into())).collect();
    let mut other = sinpyo_rdf::relabel(dataset, &labels).unwrap();
    random.shuffle(&mut other);
    other
}

pub(crate) fn quad(subject: Term, predicate: &str, object: Term, graph: Option<Term>) -> Quad {
    Quad { subject, predicate: format!("urn:{predicate}").into(), object, graph }
}

pub(crate) fn blank(number: usize) -> Term {
    Term::Blank(format!("n{number}").into())
}

pub(crate) fn iri(name: &str) -> Term {
    Term::Iri(format!("urn:{name}").into())
}

fn literal(value: &str, random: &mut Random) -> Term {
    let (datatype, language) = match random.below(3) {
        0 => ("http://www.w3.org/2001/XMLSchema#string", None),
        1 => ("urn:type", None),
        _ => ("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", Some("ko-kr".into())),
    };
    Term::Literal(Literal { value: value.into(), datatype: datatype.into(), language })
}
