//! A small election in memory: keys of three trustees, one full ring, one contest of five options and blank.

use anyhow::Context as _;
use sinpyo_ballot::{
    ballot::UnverifiedBallot,
    ceremony::{BoxSecret, Ceremony, JointKeys, Parameters, Size, Trustee, TrusteeKeys, TrusteeNumber},
    credential::VoterSecret,
    generators::ElectionId,
    group::{Group, Ristretto},
    hazmat::bulk::{BallotSecrets, BulkProver, BulkRing},
    prove::{BallotSeed, Eligibility, PreparedBallot, prove},
    ring::{Beacon, Ring, RingIndex, RingPlan, Roster},
    setting::{Context, Setting, Shape},
};
use sinpyo_core::{Secret, key::Entropy as _};
use sinpyo_testkit::TestEntropy;
use std::collections::HashMap;

/// Voters of a ring of five digits of base 4, as the targets have it.
pub(super) const RING: u32 = 1_024;
pub(super) const DIGITS: u32 = 5;
pub(super) const BASE: u32 = 4;
const OPTIONS: usize = 5;
const ELECTION: ElectionId = ElectionId([7; 32]);

pub(super) struct Election {
    pub(super) setting: Setting<Ristretto>,
    pub(super) ring: Ring<Ristretto>,
    /// Who has which commitment.
    numbers: HashMap<[u8; 32], u32>,
}

impl Election {
    /// The election under `keys`, with a ring of `4^digits` voters.
    pub(super) fn new(keys: &[<Ristretto as Group>::Point], digits: u32) -> anyhow::Result<Self> {
        let shape = Shape::ring(&[OPTIONS], BASE, digits)?;
        let setting = Setting::new(&ELECTION, Context([1; 64]), 0, [0], shape, keys)?;
        let commitments: Vec<[u8; 32]> =
            (0..BASE.pow(digits)).map(|voter| Ristretto::encode(&secret(voter).commitment())).collect();
        let plan = RingPlan { election: ELECTION, beacon: Beacon([2; 32]), size: commitments.len() };
        let rosters = plan.rings::<Ristretto>(0, RingIndex(0), &commitments)?;
        let roster: Roster<Ristretto> = rosters.into_iter().next().context("no ring")?;
        let numbers = commitments.into_iter().zip(0..).collect();
        Ok(Self { setting, ring: Ring::new(roster)?, numbers })
    }

    /// The voter at a position of the ring.
    pub(super) fn voter(&self, position: u32) -> anyhow::Result<VoterSecret<Ristretto>> {
        let commitment = self.ring.roster().commitments().get(usize::try_from(position)?);
        Ok(secret(*commitment.and_then(|own| self.numbers.get(own)).context("no such position")?))
    }

    /// The ballot of the voter at `position`, with randomness that follows from `seed`.
    pub(super) fn prove(
        &self,
        voter: &VoterSecret<Ristretto>,
        position: u32,
        choice: u8,
        seed: u64,
    ) -> anyhow::Result<PreparedBallot<Ristretto>> {
        let mut entropy = TestEntropy::new(seed);
        let mut own = [0; 32];
        entropy.fill(&mut own);
        let eligibility = Eligibility::Ring { ring: &self.ring, position };
        Ok(prove(
            &self.setting,
            eligibility,
            voter,
            &[choice],
            BallotSeed::new(Secret::new(own)),
            &mut entropy,
        )?)
    }

    /// The ring with all its secrets.
    pub(super) fn opened(&self) -> BulkRing<'_, Ristretto> {
        BulkRing::new(&self.ring, |commitment| self.numbers.get(commitment).map(|number| secret(*number)))
    }

    /// One ballot of each voter, all different.
    pub(super) fn ballots(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let (prover, opened) = (BulkProver::new(&self.setting), self.opened());
        let ballot = |position: u32| {
            let secrets = BallotSecrets::draw(&mut TestEntropy::new(position.into()));
            let choices = [u8::try_from(position % 6)?];
            Ok(prover.prove(&opened, position, &choices, &secrets)?)
        };
        (0..u32::try_from(self.numbers.len())?).map(ballot).collect()
    }

    pub(super) fn parse(&self, ballot: &[u8]) -> anyhow::Result<UnverifiedBallot<Ristretto>> {
        Ok(UnverifiedBallot::parse(ballot, self.setting.shape())?)
    }
}

fn secret(voter: u32) -> VoterSecret<Ristretto> {
    let mut seed = [0; 32];
    seed.iter_mut().zip(voter.to_le_bytes()).for_each(|(to, from)| *to = from);
    VoterSecret::derive(&Secret::new(seed), &ELECTION)
}

/// The keys of three trustees, of which two decrypt, by a whole ceremony.
pub(super) fn trustees() -> anyhow::Result<(JointKeys<Ristretto>, Vec<TrusteeKeys<Ristretto>>)> {
    let mut entropy = TestEntropy::new(3);
    let boxes: Vec<BoxSecret> = (0..3).map(|_| BoxSecret::generate(&mut entropy)).collect();
    let size = Size { threshold: 2, keys: u32::try_from(OPTIONS)? };
    let parameters = Parameters::new(ELECTION, size, boxes.iter().map(BoxSecret::public).collect())?;
    let numbers = (1..=3).filter_map(TrusteeNumber::new);
    let trustees: Vec<_> = numbers
        .map(|number| (number, Trustee::<Ristretto>::begin(parameters.clone(), number, &mut entropy)))
        .collect();
    let mut ceremony = Ceremony::new(parameters);
    // Commit, reveal, deal.
    for _ in 0..3 {
        for ((number, trustee), sealing) in trustees.iter().zip(&boxes) {
            for message in trustee.owed(&ceremony, sealing) {
                ceremony.apply(*number, &message)?;
            }
        }
    }
    let keys = trustees.iter().zip(&boxes).map(|((_, trustee), sealing)| trustee.keys(&ceremony, sealing));
    let keys = keys.collect::<Result<_, _>>()?;
    Ok((ceremony.joint_keys()?, keys))
}
