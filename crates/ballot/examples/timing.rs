//! Prints what ballots cost in processor time:
//! `cargo run --release -p sinpyo-ballot --features bulk --example timing`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "an example that measures")]

use cpu_time::ThreadTime;
use sinpyo_ballot::ballot::UnverifiedBallot;
use sinpyo_ballot::batch::verify_batch;
use sinpyo_ballot::credential::VoterSecret;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_ballot::group::{Group, Ristretto};
use sinpyo_ballot::hazmat::bulk::{BallotSecrets, BulkProver, BulkRing};
use sinpyo_ballot::prove::{BallotSeed, Eligibility, prove};
use sinpyo_ballot::ring::{Beacon, Ring, RingIndex, RingPlan};
use sinpyo_ballot::setting::{Context, Setting, Shape};
use sinpyo_ballot::verify::verify;
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use std::collections::BTreeMap;

const VOTERS: u32 = 1024;
const ELECTION: ElectionId = ElectionId([7; 32]);

type Ballot = UnverifiedBallot<Ristretto>;

/// One ring of 1,024, one contest with 5 options.
struct Election {
    setting: Setting<Ristretto>,
    ring: Ring<Ristretto>,
    /// Who has which commitment.
    voters: BTreeMap<[u8; 32], u32>,
}

fn main() {
    let election = Election::new();
    one(&election);
    let ballots = many(&election);
    batches(&election, &ballots);
}

impl Election {
    fn new() -> Self {
        let shape = Shape::ring(&[5], 4, 5).expect("a shape");
        let keys: Vec<_> = (1..=5_u64).map(|key| Ristretto::mul_base(&key.into())).collect();
        let setting = Setting::new(&ELECTION, Context([1; 64]), 0, [0], shape, &keys).expect("a setting");
        let voters: BTreeMap<_, _> =
            (0..VOTERS).map(|voter| (Ristretto::encode(&secret(voter).commitment()), voter)).collect();
        let commitments: Vec<_> = voters.keys().copied().collect();
        let plan = RingPlan { election: ELECTION, beacon: Beacon([2; 32]), size: 1024 };
        let rosters = plan.rings::<Ristretto>(0, RingIndex(0), &commitments).expect("rings");
        let ring = Ring::new(rosters.into_iter().next().expect("a ring")).expect("points");
        Self { setting, ring, voters }
    }

    fn parse(&self, ballot: &[u8]) -> Ballot {
        UnverifiedBallot::parse(ballot, self.setting.shape()).expect("a ballot")
    }
}

fn secret(voter: u32) -> VoterSecret<Ristretto> {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&voter.to_le_bytes());
    VoterSecret::derive(&Secret::new(seed), &ELECTION)
}

fn one(election: &Election) {
    let own = secret(3);
    let position =
        election.ring.roster().position_of(&Ristretto::encode(&own.commitment())).expect("a member");
    let position = u32::try_from(position).expect("small");
    let eligibility = Eligibility::Ring { ring: &election.ring, position };
    let (micros, prepared) = timed(3, || {
        let seed = BallotSeed::new(Secret::new([3; 32]));
        prove(&election.setting, eligibility, &own, &[2], seed, &mut TestEntropy::new(2))
    });
    let bytes = prepared.expect("a ballot").cast();
    println!("ballot bytes {}\nprove {micros:.0} us", bytes.len());
    let ballot = election.parse(&bytes);
    let (micros, verified) = timed(20, || verify(&election.setting, Some(&election.ring), &ballot));
    verified.expect("valid");
    println!("verify alone {micros:.0} us");
}

fn many(election: &Election) -> Vec<Ballot> {
    let prover = BulkProver::new(&election.setting);
    let ring = BulkRing::new(&election.ring, |commitment| {
        election.voters.get(commitment).map(|voter| secret(*voter))
    });
    let (micros, ballots) = timed(1, || {
        let ballot = |position: u32| {
            let mut seed = [1; 32];
            seed[..4].copy_from_slice(&position.to_le_bytes());
            let choices = [u8::try_from(position % 6).expect("small")];
            prover
                .prove(&ring, position, &choices, &BallotSecrets { seed, fresh: [4; 32], key: [5; 32] })
                .expect("a ballot")
        };
        (0..VOTERS).map(ballot).collect::<Vec<_>>()
    });
    println!("bulk prove {:.0} us", micros / f64::from(VOTERS));
    let (micros, ballots) =
        timed(5, || ballots.iter().map(|ballot| election.parse(ballot)).collect::<Vec<_>>());
    println!("parse {:.2} us", micros / f64::from(VOTERS));
    ballots
}

fn batches(election: &Election, ballots: &[Ballot]) {
    let mut entropy = TestEntropy::new(1);
    let mut check = |ballots: &[Ballot]| {
        let (micros, results) =
            timed(5, || verify_batch(&election.setting, &[&election.ring], ballots, &mut entropy));
        let refused = results.iter().filter(|result| result.is_err()).count();
        let count = u32::try_from(ballots.len()).expect("few");
        println!("verify batch of {count}, {refused} refused: {:.1} us", micros / f64::from(count));
    };
    for size in [8, 64, 256, 1024] {
        check(&ballots[..size]);
    }
    let mut mixed = ballots.to_vec();
    for place in (0..1024).step_by(103) {
        let mut bytes = mixed[place].to_bytes().to_vec();
        let response = bytes.len() - 64;
        bytes[response] ^= 1;
        mixed[place] = election.parse(&bytes);
    }
    check(&mixed);
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
