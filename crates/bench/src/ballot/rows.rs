//! The rows, in CPU time of one core.

use super::{
    election::{DIGITS, Election, RING, trustees},
    native,
};
use crate::{
    clock::measure_cpu,
    os::OsEntropy,
    row::{Figures, Report, Row},
};
use anyhow::{Context as _, ensure};
use sinpyo_ballot::{
    batch::verify_batch,
    ceremony::{JointKeys, TrusteeKeys},
    group::{Element as _, Group, Ristretto},
    ring::Ring,
    tally::{Counter, Opening, Sum},
    verify::{VerifiedBallot, verify},
};
use std::hint::black_box;

type Point = <Ristretto as Group>::Point;
type Scalar = <Ristretto as Group>::Scalar;

/// Distinct ballots where each takes milliseconds.
const FEW: u32 = 50;
/// Of the tally.
const COUNTED: usize = 10_000;
/// Below it sums are not opened.
const FLOOR: u64 = 50;

/// Points and scalars in a ballot, by §8 of the specification with five options and `b`, `D` = 4, 5.
const POINTS: usize = 17;
const SCALARS: usize = 24;

/// Measures the rows of the group.
pub(super) fn measure(report: &mut Report) {
    let made = trustees().and_then(|(joint, keys)| Ok((Fixture::new(&joint)?, joint, keys)));
    let (fixture, joint, keys) = match made {
        Ok(made) => made,
        Err(error) => return report.fail("ballot", &error),
    };
    report.measure(native::name("ballot prove"), |name| fixture.prove(name));
    report.measure(native::name("ballot verify alone"), |name| fixture.alone(name));
    report.measure(native::name("ballot verify batch"), |name| fixture.batch(name));
    if !native::IS_NATIVE {
        report.measure("ballot bytes", |name| fixture.bytes(name));
        report.measure("tally 10k", |name| fixture.tally(name, &joint, &keys));
    }
}

struct Fixture {
    election: Election,
    ballots: Vec<Vec<u8>>,
    points: Vec<Point>,
    scalars: Vec<Scalar>,
}

impl Fixture {
    fn new(joint: &JointKeys<Ristretto>) -> anyhow::Result<Self> {
        let election = Election::new(joint.keys(), DIGITS)?;
        let ballots = election.ballots()?;
        // What the baselines multiply: points of the ring, and scalars of full length.
        let points = election.ring.points().to_vec();
        let hash = |number: u32| {
            let number = sinpyo_crypto::hash::sha256(&number.to_le_bytes());
            let mut wide = [0; 64];
            wide.iter_mut().zip(number.iter().chain(&number)).for_each(|(to, from)| *to = *from);
            Ristretto::scalar_from_uniform(&wide)
        };
        Ok(Self { election, ballots, points, scalars: (0..RING).map(hash).collect() })
    }

    fn prove(&self, name: &'static str) -> anyhow::Result<Row> {
        let voters: Vec<_> =
            (0..FEW).map(|voter| self.election.voter(voter * 20)).collect::<Result<_, _>>()?;
        let figures = measure_cpu(
            voters.len(),
            |input| {
                let voter = voters.get(input).context("no such voter")?;
                let number = u32::try_from(input)?;
                let choice = u8::try_from(number % 6)?;
                black_box(self.election.prove(voter, number * 20, choice, number.into())?);
                Ok(())
            },
            |_| {
                for _ in 0..5 {
                    black_box(Ristretto::sum_of_products(black_box(&self.scalars), &self.points));
                }
                Ok(())
            },
        )?;
        let row = Row::of_cpu_time(name, figures, "5 constant-time sums of 1024 products", voters.len());
        Ok(row.with_target("150000 us", |figures| figures.value <= 150_000.0))
    }

    fn alone(&self, name: &'static str) -> anyhow::Result<Row> {
        let inputs = usize::try_from(FEW)?;
        let figures = measure_cpu(
            inputs,
            |input| {
                let ballot = self.election.parse(self.ballots.get(input).context("no such ballot")?)?;
                black_box(verify(&self.election.setting, Some(&self.election.ring), &ballot)?);
                Ok(())
            },
            |_| {
                black_box(Ristretto::public_sum_of_products(black_box(&self.scalars), &self.points));
                Ok(())
            },
        )?;
        let row = Row::of_cpu_time(name, figures, "1 sum of 1024 products", inputs);
        Ok(row.with_target("8000 us", |figures| figures.value <= 8_000.0))
    }

    /// A batch of all ballots of a ring, from their bytes and those of the ring.
    fn verified(&self) -> anyhow::Result<Vec<VerifiedBallot<Ristretto>>> {
        let ring = Ring::new(self.election.ring.roster().clone())?;
        let ballots = self.ballots.iter().map(|ballot| self.election.parse(ballot));
        let ballots = ballots.collect::<Result<Vec<_>, _>>()?;
        let results = verify_batch(&self.election.setting, &[&ring], &ballots, &mut OsEntropy);
        Ok(results.into_iter().collect::<Result<_, _>>()?)
    }

    fn batch(&self, name: &'static str) -> anyhow::Result<Row> {
        let encoded: Vec<_> = self.points.iter().map(Ristretto::encode).collect();
        let figures = measure_cpu(
            1,
            |_| {
                ensure!(self.verified()?.len() == self.ballots.len(), "not all ballots");
                Ok(())
            },
            |_| {
                for point in encoded.iter().cycle().take(POINTS * self.ballots.len()) {
                    black_box(Ristretto::decode(black_box(point)));
                }
                Ok(())
            },
        )?;
        let each = |figure: f64| figure / f64::from(RING);
        let figures = Figures { value: each(figures.value), baseline: each(figures.baseline) };
        let row =
            Row::of_cpu_time(name, figures, "curve25519-dalek decoding its 17 points", self.ballots.len());
        Ok(if native::IS_NATIVE {
            row.with_target("90 us", |figures| figures.value <= 90.0)
        } else {
            row.with_target("230 us", |figures| figures.value <= 230.0)
        })
    }

    fn bytes(&self, name: &'static str) -> anyhow::Result<Row> {
        let longest = self.ballots.iter().map(Vec::len).max().context("no ballots")?;
        let whole = |count: usize| u32::try_from(count).map(f64::from);
        let figures = Figures { value: whole(longest)?, baseline: whole(32 * (POINTS + SCALARS))? };
        let row = Row::of_cpu_time(name, figures, "its points and scalars alone", self.ballots.len());
        Ok(Row { unit: "B", ..row }.with_target("1400 B", |figures| figures.value <= 1_400.0))
    }

    /// From verified ballots to counts: the sum, the shares of three trustees and their proofs, the counts.
    fn tally(
        &self,
        name: &'static str,
        joint: &JointKeys<Ristretto>,
        keys: &[TrusteeKeys<Ristretto>],
    ) -> anyhow::Result<Row> {
        let verified = self.verified()?;
        let counted: Vec<_> = verified.iter().cycle().take(COUNTED).collect();
        let figures = measure_cpu(
            1,
            |_| count(&counted, joint, keys).map(drop),
            |_| {
                let points = self.points.iter().cycle().take(6 * COUNTED);
                black_box(points.fold(Point::identity(), |sum, point| sum + *point));
                Ok(())
            },
        )?;
        let row = Row::of_cpu_time(name, figures, "60000 additions of points", verified.len());
        // 254 districts in 10 s.
        Ok(row.with_target("40000 us", |figures| figures.value <= 40_000.0))
    }
}

fn count(
    ballots: &[&VerifiedBallot<Ristretto>],
    joint: &JointKeys<Ristretto>,
    keys: &[TrusteeKeys<Ristretto>],
) -> anyhow::Result<Vec<u64>> {
    let mut sum = Sum::empty(joint.keys().len());
    for ballot in ballots {
        sum.add(ballot)?;
    }
    let opening = Opening::new(joint, [1; 64], 0, sum, FLOOR)?;
    let verified = keys.iter().map(|keys| Ok(opening.verify(&opening.share(keys, &mut OsEntropy)?)?));
    let verified = verified.collect::<anyhow::Result<Vec<_>>>()?;
    let most = u32::try_from(ballots.len())?;
    Ok(opening.count(&verified, &Counter::new(most))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_counts_what_was_voted() {
        let (joint, keys) = trustees().unwrap();
        let fixture = Fixture::new(&joint).unwrap();
        let verified = fixture.verified().unwrap();
        let counts = count(&verified.iter().collect::<Vec<_>>(), &joint, &keys).unwrap();
        // Position p votes for p mod 6, and 0 is blank.
        assert_eq!(counts, [171, 171, 171, 170, 170]);
    }
}
