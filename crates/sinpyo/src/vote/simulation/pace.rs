//! How long a simulated election will take, so that it closes soon after the last has voted: measured, not guessed.

use super::Plan;
use crate::os::OsEntropy;
use anyhow::{Context, Result, bail};
use sinpyo_ballot::{
    credential::VoterSecret,
    generators::ElectionId,
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, prove},
    ring::{Beacon, Ring, RingIndex, RingPlan},
    setting::{Context as Bound, Setting, Shape},
};
use sinpyo_core::{Secret, key::Entropy as _};
use std::{
    num::NonZero,
    thread,
    time::{Duration, Instant},
};

/// The service makes rings of base 4 and at most so many digits.
const BASE: u32 = 4;
const DIGITS: std::ops::RangeInclusive<u32> = 2..=5;
/// Ceremony, freeze, beacons.
const STEPS: f64 = 30.0;
/// Registering: eight blind signatures and two durable steps.
const REGISTERING: f64 = 0.030;
/// Ballots that are made beyond one each.
const MORE: f64 = 1.08;
/// What else the machine may be doing.
const MARGIN: f64 = 1.8;

/// Seconds from the beginning to the close.
pub(super) fn lasts(plan: &Plan) -> Result<u64> {
    let largest = plan.choices.len().div_ceil(plan.districts.max(1));
    let digits = DIGITS.clone().find(|digits| size_of(*digits) >= largest).unwrap_or(*DIGITS.end());
    let ballot = if plan.has_rings { measured(plan.options, digits)? } else { Duration::from_millis(5) };
    let voters = f64::from(u32::try_from(plan.choices.len()).unwrap_or(u32::MAX));
    let hostile = f64::from(u32::try_from(plan.hostile).unwrap_or(u32::MAX));
    let work = voters * REGISTERING + (voters * MORE + hostile) * ballot.as_secs_f64();
    Ok(Duration::from_secs_f64(STEPS + work * MARGIN).as_secs())
}

fn size_of(digits: u32) -> usize {
    usize::try_from(BASE.pow(digits)).unwrap_or(usize::MAX)
}

/// What a ballot takes while all cores make ballots.
fn measured(options: u8, digits: u32) -> Result<Duration> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let election = ElectionId([7; 32]);
    let secret = || {
        let mut seed = [0; 32];
        OsEntropy.fill(&mut seed);
        VoterSecret::<Ristretto>::derive(&Secret::new(seed), &election)
    };
    let shape = Shape::ring(&[usize::from(options)], BASE, digits)?;
    let size = shape.ring_size();
    let keys: Vec<_> = (0..options).map(|_| secret().commitment()).collect();
    let setting = Setting::<Ristretto>::new(&election, Bound([0; 64]), 0, [0], shape, &keys)?;
    let own = secret();
    let commitment = Ristretto::encode(&own.commitment());
    let plan = RingPlan { election, beacon: Beacon([0; 32]), size };
    let rings = plan.rings::<Ristretto>(0, RingIndex(0), &[commitment])?;
    let ring = Ring::new(rings.into_iter().next().context("there is no ring")?)?;
    let begun = Instant::now();
    let make = || {
        let seed = BallotSeed::fresh(&mut OsEntropy);
        let eligibility = Eligibility::Ring { ring: &ring, position: 0 };
        prove(&setting, eligibility, &own, &[1], seed, &mut OsEntropy).map(drop)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(make)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(made) => Ok(made?),
            Err(_) => bail!("a thread that makes ballots broke down"),
        })
    })?;
    Ok(begun.elapsed() / u32::try_from(cores)?)
}
