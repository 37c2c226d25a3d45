//! Ballots added up under encryption.

use crate::group::{Element, Group, Totals};
use crate::verify::VerifiedBallot;
use std::sync::OnceLock;

/// `Σ α` and `Σ β_i` over ballots of one style.
#[derive(Clone, Debug)]
pub struct Sum<G: Group> {
    /// Of α, then of each β.
    totals: G::Totals,
    ballots: u64,
    /// What `totals` are, when somebody asked.
    read: OnceLock<(G::Point, Vec<G::Point>)>,
}

impl<G: Group> Sum<G> {
    /// The sum of no ballots with `options` options.
    pub fn empty(options: usize) -> Self {
        Self { totals: Totals::zero(options.saturating_add(1)), ballots: 0, read: OnceLock::new() }
    }

    /// Adds a ballot.
    ///
    /// # Errors
    /// It has another number of options; nothing was added.
    pub fn add(&mut self, ballot: &VerifiedBallot<G>) -> Result<(), SumError> {
        let summands = ballot.summands();
        self.fits(summands.len())?;
        self.totals.add(&summands);
        self.changed(1);
        Ok(())
    }

    /// Adds another sum.
    ///
    /// # Errors
    /// It has another number of options; nothing was added.
    pub fn merge(&mut self, other: &Self) -> Result<(), SumError> {
        self.fits(other.totals.columns())?;
        self.totals.merge(&other.totals);
        self.changed(other.ballots);
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn of_parts(alpha: G::Point, beta: &[G::Point], ballots: u64) -> Self {
        let mut sum = Self::empty(beta.len());
        let summands: Vec<_> = std::iter::once(&alpha).chain(beta).map(G::publish).collect();
        sum.totals.add(&summands);
        sum.changed(ballots);
        sum
    }

    // [BAL-62]
    fn fits(&self, columns: usize) -> Result<(), SumError> {
        if columns == self.totals.columns() { Ok(()) } else { Err(SumError) }
    }

    fn changed(&mut self, ballots: u64) {
        self.ballots = self.ballots.saturating_add(ballots);
        self.read = OnceLock::new();
    }

    fn read(&self) -> &(G::Point, Vec<G::Point>) {
        self.read.get_or_init(|| {
            let mut points = self.totals.points().into_iter();
            (points.next().unwrap_or_else(G::Point::identity), points.collect())
        })
    }

    /// `Σ α`.
    pub fn alpha(&self) -> &G::Point {
        &self.read().0
    }

    /// `Σ β_1 … Σ β_m`.
    pub fn beta(&self) -> &[G::Point] {
        &self.read().1
    }

    /// How many ballots.
    pub const fn ballots(&self) -> u64 {
        self.ballots
    }
}

/// BAL-62: the ballots of one sum have one number of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ballots of one sum have one number of options")]
pub struct SumError;

impl SumError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        "BAL-62"
    }
}
