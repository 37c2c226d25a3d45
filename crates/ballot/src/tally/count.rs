//! Counts from points: small discrete logarithms by baby steps and giant steps.

use super::{CombineError, Opening, VerifiedShare};
use crate::group::{Element, Field, Group};
use std::collections::HashMap;

/// A table of `j·G` that finds a count up to its limit with about as many steps as it has entries.
#[derive(Clone, Debug)]
pub struct Counter<G: Group> {
    babies: HashMap<G::PointBytes, u32>,
    /// How many babies.
    stride: u32,
    /// `stride · G`.
    giant: G::Point,
}

/// Why shares that are right give no count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// The shares do not open the sum.
    #[error("the shares do not open the sum")]
    Combine(#[source] CombineError),
    /// BAL-71: an option has no count from 0 to the number of ballots.
    #[error("option {option} has no count up to the number of ballots")]
    OutOfRange {
        /// Which option, from 1.
        option: u32,
    },
}

impl CountError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Combine(error) => error.code(),
            Self::OutOfRange { .. } => "BAL-71",
        }
    }
}

impl<G: Group> Counter<G> {
    /// A table for counts up to about `most`: its square root many entries, at most 65,536. One serves all groups,
    /// and small ones are quick in a big table: 10 million take 15 ms once, and 11 ms at most for each count.
    pub fn new(most: u32) -> Self {
        let stride = most.isqrt().saturating_add(1);
        let step = G::mul_base(&G::Scalar::ONE);
        let points = std::iter::successors(Some(G::Point::identity()), |point| Some(*point + step));
        let babies = points.zip(0..stride).map(|(point, number)| (G::encode(&point), number)).collect();
        Self { babies, stride, giant: G::mul_base(&G::Scalar::from(u64::from(stride))) }
    }

    /// The `n` from 0 to `limit` with `n·G = point`, in `limit / table` steps.
    pub fn count(&self, point: &G::Point, limit: u64) -> Option<u64> {
        let stride = u64::from(self.stride);
        let left = std::iter::successors(Some(*point), |point| Some(*point - self.giant));
        (0..=limit.checked_div(stride)?)
            .zip(left)
            .find_map(|(giants, left)| {
                let baby = self.babies.get(&G::encode(&left))?;
                giants.checked_mul(stride)?.checked_add(u64::from(*baby))
            })
            .filter(|count| *count <= limit)
    }
}

impl<G: Group> Opening<'_, G> {
    /// How many ballots chose each option. `counter` can be one for all groups.
    ///
    /// # Errors
    /// The shares do not open the sum, or a count is not from 0 to the group's ballots.
    pub fn count(&self, shares: &[VerifiedShare<G>], counter: &Counter<G>) -> Result<Vec<u64>, CountError> {
        let points = self.combine(shares).map_err(CountError::Combine)?;
        let count = |(option, point)| {
            let found = counter.count(point, self.sum.ballots());
            found.ok_or(CountError::OutOfRange { option }) // [BAL-71] [VOT-21]
        };
        (1_u32..).zip(&points).map(count).collect()
    }
}
