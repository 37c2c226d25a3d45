//! Prints what points cost: `cargo run --release -p sinpyo-lanes --example measure`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "an example that measures"
)]

use cpu_time::ThreadTime;
use curve25519_dalek::{ristretto::RistrettoPoint, scalar::Scalar, traits::VartimeMultiscalarMul};
use sinpyo_lanes::{Lanes, Totals};
use std::hint::black_box;

fn main() {
    let lanes = Lanes::detect().unwrap();
    let points: Vec<RistrettoPoint> =
        (0..18_500_u64).map(|number| RistrettoPoint::mul_base(&Scalar::from(number * number + 7))).collect();
    let encodings: Vec<_> = points.iter().map(|point| point.compress().to_bytes()).collect();
    let scalars: Vec<Scalar> = (0..18_500_u64)
        .map(|number| {
            let scalar = Scalar::from(number + 3).invert();
            if number % 17 < 5 {
                let bytes = scalar.to_bytes();
                return Scalar::from(u128::from_le_bytes(*bytes.first_chunk().unwrap()));
            }
            scalar
        })
        .collect();
    let limbs: Vec<[u64; 4]> = scalars
        .iter()
        .map(|scalar| {
            let words: Vec<_> =
                scalar.as_bytes().as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
            words.try_into().unwrap()
        })
        .collect();
    let decoded = timed("decode", encodings.len(), || lanes.decode_public(&encodings));
    let decoded: Vec<_> = decoded.into_iter().map(Option::unwrap).collect();
    let references: Vec<_> = decoded.iter().collect();
    for count in [3, 17, 1100, 18_500] {
        let sum = timed(&format!("sum of {count}"), count, || {
            lanes.public_sum_of_products(&limbs[..count], &references[..count])
        });
        let dalek = timed(&format!("dalek, sum of {count}"), count, || {
            RistrettoPoint::vartime_multiscalar_mul(&scalars[..count], &points[..count])
        });
        assert_eq!(sum, dalek.compress().to_bytes());
    }
    let mut totals = Totals::zero(6);
    timed("add", references.len(), || {
        for six in references.chunks(6) {
            lanes.add_public(&mut totals, six);
        }
    });
    timed("encode", 6, || lanes.encode_public(&totals));
}

fn timed<T>(name: &str, count: usize, mut run: impl FnMut() -> T) -> T {
    let mut best = f64::MAX;
    let mut last = None;
    for _ in 0..7 {
        let start = ThreadTime::now();
        last = Some(black_box(run()));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name}: {:.0} us, {:.3} us each", best * 1e6, best * 1e6 / count as f64);
    last.unwrap()
}
