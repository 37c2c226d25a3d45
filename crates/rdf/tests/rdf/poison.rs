//! Datasets made to keep a verifier busy.

use crate::sample::{blank, clique, iri, quad};
use cpu_time::ThreadTime;
use sinpyo_rdf::{Canonical, CanonicalizeError, Dataset, HashAlgorithm, Limit, canonicalize};

#[test]
fn a_poison_graph_is_refused_in_time() {
    let long = "long".repeat(5_000);
    let poisons: [(&str, Dataset); 7] = [
        ("clique of 10", clique(10)),
        ("clique of 60", clique(60)),
        ("two hubs with 2,000 leaves each", hubs(2_000)),
        ("two hubs with 20 leaves each", hubs(20)),
        ("ring of 2,000", ring(2_000, "p")),
        ("ring of 300 with long predicates", ring(300, &long)),
        ("clique of 10 with 10,000 names each", named_clique()),
    ];
    for (name, dataset) in &poisons {
        let (result, milliseconds) = timed(dataset);
        eprintln!("{name}: refused after {milliseconds:.1} ms");
        assert_eq!(result, Err(CanonicalizeError::TooMuchWork), "{name}");
        // The bound of 50 ms is for optimised code and excludes reading the input.
        let allowed = if cfg!(debug_assertions) { 2_000.0 } else { 50.0 };
        assert!(milliseconds < allowed, "{name}: {milliseconds} ms");
    }
    if let Some(megabytes) = peak_megabytes() {
        eprintln!("at most {megabytes} MB of memory");
        assert!(megabytes < 128);
    }
}

#[test]
fn large_datasets_that_are_merely_large_are_canonicalised() {
    let chain = (0..20_000).map(|n| quad(blank(n), "p", blank(n + 1), None)).collect();
    let star = (0..20_000).map(|n| quad(iri("hub"), "p", blank(n), None)).collect();
    let listed = (0..2_000).map(|n| quad(blank(9_999), &format!("p{n}"), blank(n), None)).collect();
    let list = |n| [quad(blank(n), "first", iri("same"), None), quad(blank(n), "rest", blank(n + 1), None)];
    let large: [(&str, Dataset, usize); 5] = [
        ("a list of 80 equal entries", (0..80).flat_map(list).collect(), 160),
        ("a hub with 20,000 leaves", star, 20_000),
        ("2,000 numbered properties", listed, 2_000),
        ("a ring of 60", ring(60, "p"), 60),
        ("two hubs with 5 leaves each", hubs(5), 10),
    ];
    for (name, dataset, lines) in &large {
        let (result, milliseconds) = timed(dataset);
        eprintln!("{name}: {milliseconds:.1} ms");
        assert_eq!(result.unwrap().lines().count(), *lines, "{name}");
    }
    // All but the ends of an anonymous chain look alike, and it is deeper than any credential.
    assert_eq!(timed(&chain).0, Err(CanonicalizeError::TooMuchWork));
}

#[test]
fn the_limit_is_the_callers() {
    let dataset = clique(4);
    let run = |limit| canonicalize(&dataset, HashAlgorithm::Sha256, limit).map(|_| ());
    assert_eq!(run(Limit::steps(10, 0)), Err(CanonicalizeError::TooMuchWork));
    assert_eq!(run(Limit::steps(0, 100_000)), Ok(()));
    assert_eq!(run(Limit::steps(100_000, 0)), Ok(()));
    assert_eq!(CanonicalizeError::TooMuchWork.code(), "RDF-01");
}

fn timed(dataset: &Dataset) -> (Result<Canonical, CanonicalizeError>, f64) {
    let start = ThreadTime::now();
    let result = canonicalize(dataset, HashAlgorithm::Sha256, Limit::default());
    (result, start.elapsed().as_secs_f64() * 1_000.0)
}

/// What the process has used at most, where the system tells.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1_024)
}

/// Two roots, each with the same number of leaves.
fn hubs(leaves: usize) -> Dataset {
    let from = |root: usize| {
        (0..leaves).map(move |leaf| quad(blank(root), "p", blank(2 + root * leaves + leaf), None))
    };
    from(0).chain(from(1)).collect()
}

fn ring(length: usize, predicate: &str) -> Dataset {
    (0..length).map(|n| quad(blank(n), predicate, blank((n + 1) % length), None)).collect()
}

fn named_clique() -> Dataset {
    let names =
        (0..10).flat_map(|n| (0..10_000).map(move |name| quad(blank(n), "q", iri(&name.to_string()), None)));
    clique(10).into_iter().chain(names).collect()
}
