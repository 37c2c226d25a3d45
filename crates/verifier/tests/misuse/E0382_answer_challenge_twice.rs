use sinpyo_core::time::Timestamp;
use sinpyo_verifier::{Answer, Challenge};

fn twice(challenge: Challenge, one: Answer, two: Answer, now: Timestamp) {
    let _ = challenge.check(one, now);
    let _ = challenge.check(two, now);
}

fn main() {}
