//! What canonicalising a credential costs. Prints its figure in a release build:
//! `cargo test --release -p sinpyo-rdf speed -- --nocapture`.

use cpu_time::ThreadTime;
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};

/// A credential of 27 quads and 5 blank nodes, of which two look alike at first.
const CREDENTIAL: &str = include_str!("credential.nq");

#[test]
fn a_credential_is_canonicalised_in_microseconds() {
    let dataset = nquads::parse(CREDENTIAL).unwrap();
    assert_eq!(dataset.len(), 27);
    let rounds: u32 = if cfg!(debug_assertions) { 20 } else { 20_000 };
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = ThreadTime::now();
        for _ in 0..rounds {
            let canonical =
                canonicalize(std::hint::black_box(&dataset), HashAlgorithm::Sha256, Limit::default());
            std::hint::black_box(canonical.unwrap());
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
    eprintln!("27 quads: {best:.2} µs");
    assert!(cfg!(debug_assertions) || best < 16.0, "{best} µs");
}
