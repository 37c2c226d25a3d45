//! A small election for the tests.

use crate::ballot::{Token, UnverifiedBallot};
use crate::credential::VoterSecret;
use crate::generators::ElectionId;
use crate::group::{Group, Ristretto};
use crate::naive::{Private, Proof, Public, Stage};
use crate::prove::{BallotSeed, Eligibility, PreparedBallot, prove};
use crate::ring::{Beacon, Ring, RingIndex, RingPlan};
use crate::setting::{Context, Setting, Shape};
use crate::verify::{BallotError, VerifiedBallot, verify};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use sinpyo_core::Secret;
use sinpyo_core::key::Entropy;

pub(crate) const ELECTION: ElectionId = ElectionId([0x45; 32]);
pub(crate) const CONTEXT: Context = Context([0xC7; 64]);
/// Two rings of 16 with 13 voters each.
const VOTERS: u8 = 26;

pub(crate) type Verdict = Result<VerifiedBallot<Ristretto>, BallotError>;

/// Two contests, of 2 and 3 options; rings of 4².
pub(crate) struct World {
    pub(crate) setting: Setting<Ristretto>,
    pub(crate) rings: Vec<Ring<Ristretto>>,
    pub(crate) key_secrets: Vec<Scalar>,
}

/// Fills with what is given, again and again.
pub(crate) struct Repeating(pub(crate) u8);

impl Entropy for Repeating {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(self.0);
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(Shape::ring(&[2, 3], 4, 2).unwrap())
    }

    pub(crate) fn of(shape: Shape) -> Self {
        let key_secrets: Vec<Scalar> = (1..=8_u64).map(|key| Scalar::from(key * 1_000_003)).collect();
        let size = shape.ring_size();
        let commitments: Vec<_> =
            (0..VOTERS).map(|voter| Ristretto::encode(&secret(voter).commitment())).collect();
        let plan = RingPlan { election: ELECTION, beacon: Beacon([9; 32]), size };
        let rosters = plan.rings::<Ristretto>(2, RingIndex(5), &commitments).unwrap();
        let keys: Vec<_> = key_secrets.iter().map(RistrettoPoint::mul_base).collect();
        let setting = Setting::new(&ELECTION, CONTEXT, 3, [2, 4], shape, &keys).unwrap();
        let rings = rosters.into_iter().map(|roster| Ring::new(roster).unwrap()).collect();
        Self { setting, rings, key_secrets }
    }

    /// Where the voter stands: ring and position.
    pub(crate) fn place(&self, voter: u8) -> (&Ring<Ristretto>, u32) {
        let own = Ristretto::encode(&secret(voter).commitment());
        let found = self.rings.iter().find_map(|ring| Some((ring, ring.roster().position_of(&own)?)));
        let (ring, position) = found.unwrap();
        (ring, u32::try_from(position).unwrap())
    }

    /// What the prover itself prepares.
    pub(crate) fn prepare(&self, voter: u8, choices: &[u8]) -> PreparedBallot<Ristretto> {
        self.prepare_with(voter, choices, &mut Repeating(7))
    }

    pub(crate) fn prepare_with(
        &self,
        voter: u8,
        choices: &[u8],
        entropy: &mut dyn Entropy,
    ) -> PreparedBallot<Ristretto> {
        let (ring, position) = self.place(voter);
        let eligibility = Eligibility::Ring { ring, position };
        let seed = BallotSeed::new(Secret::new([voter; 32]));
        prove(&self.setting, eligibility, &secret(voter), choices, seed, entropy).unwrap()
    }

    /// The same, to be cast.
    pub(crate) fn ballot(&self, voter: u8, choices: &[u8]) -> Vec<u8> {
        self.prepare(voter, choices).cast()
    }

    /// The same contests in profile `token`, and what voter 1 has prepared there: choices 1 and 2.
    pub(crate) fn by_token(&self) -> (Setting<Ristretto>, PreparedBallot<Ristretto>) {
        let shape = Shape::token(&[2, 3], 256).unwrap();
        let setting = Setting::new(&ELECTION, CONTEXT, 3, [2], shape, self.setting.keys()).unwrap();
        let token = Token { randomizer: [5; 32], signature: vec![6; 256] };
        let eligibility = Eligibility::Token { district: 2, token: &token };
        let (seed, mut entropy) = (BallotSeed::new(Secret::new([1; 32])), Repeating(7));
        let prepared = prove(&setting, eligibility, &secret(1), &[1, 2], seed, &mut entropy).unwrap();
        (setting, prepared)
    }

    pub(crate) fn parse(&self, ballot: &[u8]) -> Result<UnverifiedBallot<Ristretto>, BallotError> {
        UnverifiedBallot::parse(ballot, self.setting.shape()).map_err(BallotError::Encoding)
    }

    pub(crate) fn verify(&self, ballot: &[u8]) -> Verdict {
        let ballot = self.parse(ballot)?;
        let ring =
            ballot.ring().and_then(|index| self.rings.iter().find(|ring| ring.roster().index() == index));
        verify(&self.setting, ring, &ballot)
    }

    /// The same public values for the slow implementation.
    pub(crate) fn public(&self, voter: u8) -> Public {
        let (ring, _) = self.place(voter);
        let shape = self.setting.shape();
        let [r0, r1, r2, r3] = ring.roster().index().0.to_le_bytes();
        Public {
            election: ELECTION.0,
            context: CONTEXT.0,
            header: [1, 3, 0, r0, r1, r2, r3, 0],
            contests: shape.contests().to_vec(),
            base: usize::try_from(shape.base()).unwrap(),
            digits: usize::try_from(shape.digits()).unwrap(),
            keys: self.setting.keys().to_vec(),
            ring: ring.points().to_vec(),
            root: *ring.roster().root(),
        }
    }

    /// The same private values.
    pub(crate) fn private(&self, voter: u8, choices: &[u8]) -> Private {
        let own = secret(voter);
        Private {
            s: *own.tag_secret(),
            r: *own.blinding(),
            position: usize::try_from(self.place(voter).1).unwrap(),
            choices: choices.to_vec(),
            b: [voter; 32],
            w: [7; 32],
            key: [7; 32],
        }
    }

    /// A ballot of the slow prover with a cheat.
    pub(crate) fn cheat(
        &self,
        voter: u8,
        choices: &[u8],
        cheat: &mut dyn FnMut(Stage, &mut Proof),
    ) -> Vec<u8> {
        self.public(voter).prove(&self.private(voter, choices), cheat)
    }
}

impl World {
    /// Two votes in one contest by voter 6, who knows every `k_i` and solves for `zρ`: (E2) times `factor` and (E3)
    /// together hold.
    pub(crate) fn two_votes(&self, factor: Scalar) -> Vec<u8> {
        let keyed = |e: Scalar| {
            let powers = std::iter::successors(Some(e), |power| Some(power * e));
            powers.zip(&self.key_secrets).take(5).map(|(power, key)| power * key).sum::<Scalar>()
        };
        self.cheat(6, &[1, 0], &mut |stage, proof| match stage {
            Stage::Chosen => proof.beta[1] += Ristretto::base(),
            Stage::Done => {
                // The second vote is missing on the right: x·e²·G.
                let missing = proof.x * proof.e * proof.e;
                proof.zrho += missing * (factor + keyed(proof.e)).invert();
            }
            Stage::First | Stage::Second => (),
        })
    }
}

pub(crate) fn secret(voter: u8) -> VoterSecret<Ristretto> {
    VoterSecret::derive(&Secret::new([voter; 32]), &ELECTION)
}

/// Adds the group's order to a scalar's encoding: the same scalar, not canonical.
pub(crate) fn add_order(scalar: &mut [u8]) {
    let order = (-Scalar::ONE).to_bytes();
    let mut carry = 1_u16;
    for (byte, add) in scalar.iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(carry, 0);
}
