//! Prints what ballots cost in processor time: `cargo run --release -p sinpyo-ballot --features bulk --example timing`.
#![expect(clippy::expect_used, clippy::as_conversions, clippy::cast_precision_loss, reason = "an example that measures")]

use sinpyo_ballot::ballot::UnverifiedBallot;
use sinpyo_ballot::batch::verify_batch;
use sinpyo_ballot::credential::VoterSecret;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_ballot::group::{Group, Ristretto};
use sinpyo_ballot::hazmat::bulk::{BulkProver, BulkRing};
use sinpyo_ballot::prove::{BallotSeed, Eligibility, prove};
use sinpyo_ballot::ring::{Beacon, Ring, RingIndex, RingPlan};
use sinpyo_ballot::setting::{Context, Setting, Shape};
use sinpyo_ballot::verify::verify;
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use cpu_time::ThreadTime;
use std::collections::HashMap;


const VOTERS: u32 = 1024;

fn main() {
    let election = ElectionId([7; 32]);
    let shape = Shape::ring(&[5], 4, 5).expect("a shape");
    let keys: Vec<_> = (1..=5_u64).map(|key| Ristretto::mul_base(&key.into())).collect();
    let setting = Setting::<Ristretto>::new(&election, Context([1; 64]), 0, [0], shape, &keys).expect("a setting");
    let secret = |voter: u32| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&voter.to_le_bytes());
        VoterSecret::<Ristretto>::derive(&Secret::new(seed), &election)
    };
    let voters: HashMap<_, _> =
        (0..VOTERS).map(|voter| (Ristretto::encode(&secret(voter).commitment()), voter)).collect();
    let commitments: Vec<_> = voters.keys().copied().collect();
    let plan = RingPlan { election, beacon: Beacon([2; 32]), size: 1024 };
    let rosters = plan.rings::<Ristretto>(0, RingIndex(0), &commitments).expect("rings");
    let ring = Ring::new(rosters.into_iter().next().expect("a ring")).expect("points");
    let mut entropy = TestEntropy::new(1);

    let own = secret(3);
    let position = ring.roster().position_of(&Ristretto::encode(&own.commitment())).expect("a member");
    let eligibility = Eligibility::Ring { ring: &ring, position: u32::try_from(position).expect("small") };
    let (micros, prepared) = timed(3, || prove(&setting, eligibility, &own, &[2], BallotSeed::new(Secret::new([3; 32])), &mut TestEntropy::new(2)));
    let bytes = prepared.expect("a ballot").cast();
    println!("ballot bytes {}", bytes.len());
    println!("prove {micros:.0} us");
    let ballot = UnverifiedBallot::<Ristretto>::parse(&bytes, setting.shape()).expect("a ballot");
    let (micros, verified) = timed(20, || verify(&setting, Some(&ring), &ballot));
    verified.expect("valid");
    println!("verify alone {micros:.0} us");

    let prover = BulkProver::new(&setting);
    let bulk = BulkRing::new(&ring, |commitment| voters.get(commitment).map(|voter| secret(*voter)));
    let start = ThreadTime::now();
    let ballots: Vec<_> = (0..VOTERS)
        .map(|position| {
            let mut seed = [1; 32];
            seed[..4].copy_from_slice(&position.to_le_bytes());
            let choices = [u8::try_from(position % 6).expect("small")];
            prover.prove(&bulk, position, &choices, &seed, &[4; 32]).expect("a ballot")
        })
        .collect();
    println!("bulk prove {:.0} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(VOTERS));
    let (micros, parsed) = timed(5, || {
        ballots.iter().map(|ballot| UnverifiedBallot::<Ristretto>::parse(ballot, setting.shape())).collect::<Result<Vec<_>, _>>()
    });
    let ballots = parsed.expect("ballots");
    println!("parse {:.2} us", micros / ballots.len() as f64);
    let (micros, results) = timed(5, || verify_batch(&setting, &[&ring], &ballots, &mut entropy));
    assert!(results.iter().all(Result::is_ok));
    println!("verify batch {:.1} us", micros / ballots.len() as f64);
}

/// The best of as many runs, in microseconds.
fn timed<T>(runs: u32, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::MAX;
    let mut result = None;
    for _ in 0..runs {
        let start = ThreadTime::now();
        result = Some(run());
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    (best, result.expect("at least one run"))
}
