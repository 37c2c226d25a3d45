//! Makes one ballot, for counting instructions: `prove_once POSITION CHOICE`.
//!
//! The prover must not show position and choice in what it executes:
//!
//! ```text
//! cargo build --release -p sinpyo-ballot --example prove_once
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null '--toggle-collect=*prove_here*' prove_once 0 0
//! ```
//!
//! prints the same `Collected` for every position and choice.
#![expect(clippy::expect_used, reason = "an example that measures")]

use sinpyo_ballot::credential::VoterSecret;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_ballot::group::{Group, Ristretto};
use sinpyo_ballot::prove::{BallotSeed, Eligibility, PreparedBallot, prove};
use sinpyo_ballot::ring::{Beacon, Ring, RingIndex, RingPlan};
use sinpyo_ballot::setting::{Context, Setting, Shape};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;

const VOTERS: u8 = 64;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u8>().expect("a number"));
    let (position, choice) = arguments.next().zip(arguments.next()).expect("a position and a choice");
    let election = ElectionId([7; 32]);
    let shape = Shape::ring(&[5], 4, 3).expect("a shape");
    let keys: Vec<_> = (1..=5_u64).map(|key| Ristretto::mul_base(&key.into())).collect();
    let setting = Setting::new(&election, Context([1; 64]), 0, [0], shape, &keys).expect("a setting");
    let voters: Vec<VoterSecret<Ristretto>> =
        (0..VOTERS).map(|voter| VoterSecret::derive(&Secret::new([voter; 32]), &election)).collect();
    let commitments: Vec<_> = voters.iter().map(|voter| Ristretto::encode(&voter.commitment())).collect();
    let plan = RingPlan { election, beacon: Beacon([2; 32]), size: 64 };
    let rosters = plan.rings::<Ristretto>(0, RingIndex(0), &commitments).expect("rings");
    let ring = Ring::new(rosters.into_iter().next().expect("a ring")).expect("points");
    let own = ring.roster().commitments().get(usize::from(position)).expect("a position of the ring");
    let voter =
        commitments.iter().position(|commitment| commitment == own).and_then(|voter| voters.get(voter));
    let prepared = prove_here(&setting, &ring, u32::from(position), voter.expect("a voter"), choice);
    println!("{}", prepared.tracking_code());
}

#[inline(never)]
fn prove_here(
    setting: &Setting<Ristretto>,
    ring: &Ring<Ristretto>,
    position: u32,
    voter: &VoterSecret<Ristretto>,
    choice: u8,
) -> PreparedBallot<Ristretto> {
    let eligibility = Eligibility::Ring { ring, position };
    let seed = BallotSeed::new(Secret::new([3; 32]));
    prove(setting, eligibility, voter, &[choice], seed, &mut TestEntropy::new(2)).expect("a ballot")
}
