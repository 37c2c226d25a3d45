//! What `to_rdf` costs. The figures are printed; run with `--release --nocapture`.

use serde_json::{Map, Value};
use sinpyo_jsonld::{Contexts, to_rdf};
use std::{fs, hint::black_box, time::Instant};

const ROUNDS: u32 = 2_000;

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn the_cost_of_a_credential_is_printed() {
    let Some(root) = sinpyo_testkit::vectors("vc-di-eddsa") else { return };
    for file in ["employmentAuth.json", "unsigned.json"] {
        let document: Map<String, Value> =
            sinpyo_core::json::parse_object(&fs::read(root.join(file)).unwrap()).unwrap();
        let contexts = Contexts::bundled();
        let first = Instant::now();
        let statements = to_rdf(&document, &contexts).unwrap().len();
        let first = first.elapsed();
        let mut best = u128::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            for _ in 0..ROUNDS / 20 {
                black_box(to_rdf(black_box(&document), &contexts).unwrap());
            }
            best = best.min(start.elapsed().as_nanos() / u128::from(ROUNDS / 20));
        }
        eprintln!("{file}: {statements} statements, first {first:?}, then {best} ns");
        assert!(statements > 5);
    }
}
