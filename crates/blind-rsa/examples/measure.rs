//! Prints what the operations cost, in microseconds on one core: the fastest of 15 runs.

use sinpyo_blind_rsa::{KeySize, SecretKey, Variant};
use sinpyo_testkit::TestEntropy;
use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "measuring is what it is for")]
fn microseconds(rounds: u32, mut run: impl FnMut()) -> f64 {
    run();
    let runs = (0..15).map(|_| {
        let start = Instant::now();
        (0..rounds).for_each(|_| run());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
    });
    runs.fold(f64::INFINITY, f64::min)
}

#[expect(clippy::unwrap_used, reason = "an example with keys and messages of its own")]
fn main() {
    for size in [KeySize::Bits2048, KeySize::Bits3072, KeySize::Bits4096] {
        let mut entropy = TestEntropy::new(1);
        let key = SecretKey::generate(size).unwrap();
        let prepared = Variant::PssRandomized.prepare(b"a message", &mut entropy);
        let (blinded, blinding) = key.public().blind(prepared.clone(), &mut entropy).unwrap();
        let answer = key.blind_sign(blinded.as_bytes()).unwrap();
        let signature = blinding.finalize(answer.as_bytes()).unwrap();
        let blind = microseconds(20, || {
            key.public().blind(prepared.clone(), &mut entropy).unwrap();
        });
        let sign = microseconds(20, || {
            key.blind_sign(blinded.as_bytes()).unwrap();
        });
        let finalize = microseconds(100, || {
            blinding.finalize(answer.as_bytes()).unwrap();
        });
        let verify = microseconds(500, || {
            let _signed = key.public().verify(&prepared, signature.as_bytes()).unwrap();
        });
        println!("{size:?}: blind {blind:.0}, sign {sign:.0}, finalize {finalize:.0}, verify {verify:.1}");
    }
}
