//! Ballots added up under encryption.

use crate::group::{Element, Group};
use crate::verify::VerifiedBallot;

/// `Σ α` and `Σ β_i` over ballots of one style.
#[derive(Clone, Debug)]
pub struct Sum<G: Group> {
    alpha: G::Point,
    beta: Vec<G::Point>,
    ballots: u64,
}

impl<G: Group> Sum<G> {
    /// The sum of no ballots with `options` options.
    pub fn empty(options: usize) -> Self {
        Self { alpha: G::Point::identity(), beta: vec![G::Point::identity(); options], ballots: 0 }
    }

    /// Adds a ballot.
    ///
    /// # Errors
    /// It has another number of options; nothing was added.
    pub fn add(&mut self, ballot: &VerifiedBallot<G>) -> Result<(), SumError> {
        self.add_parts(ballot.alpha(), ballot.beta(), 1)
    }

    /// Adds another sum.
    ///
    /// # Errors
    /// It has another number of options; nothing was added.
    pub fn merge(&mut self, other: &Self) -> Result<(), SumError> {
        self.add_parts(&other.alpha, &other.beta, other.ballots)
    }

    #[cfg(test)]
    pub(super) const fn of_parts(alpha: G::Point, beta: Vec<G::Point>, ballots: u64) -> Self {
        Self { alpha, beta, ballots }
    }

    fn add_parts(&mut self, alpha: &G::Point, beta: &[G::Point], ballots: u64) -> Result<(), SumError> {
        if beta.len() != self.beta.len() {
            return Err(SumError); // [BAL-62]
        }
        self.ballots = self.ballots.saturating_add(ballots);
        self.alpha += *alpha;
        self.beta.iter_mut().zip(beta).for_each(|(sum, point)| *sum += *point);
        Ok(())
    }

    /// `Σ α`.
    pub const fn alpha(&self) -> &G::Point {
        &self.alpha
    }

    /// `Σ β_1 … Σ β_m`.
    pub fn beta(&self) -> &[G::Point] {
        &self.beta
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
