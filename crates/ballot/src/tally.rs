//! Sums, shares of their decryption, counts (§12).
//!
//! Whoever counts adds up verified ballots ([`Sum`]), states which sum is to be opened ([`Opening`]; never one of
//! fewer ballots than the floor), checks the trustees' shares of it and combines any `t` of them into counts.

mod combine;
mod count;
mod share;
mod sum;

pub use combine::CombineError;
pub use count::{CountError, Counter};
pub use share::{DecryptError, ShareError, TallyShare, VerifiedShare, verify_shares};
pub use sum::{Sum, SumError};

use crate::ceremony::{JointKeys, TrusteeNumber};
use crate::group::Group;
use crate::hash::Transcript;

/// A sum that may be opened: the statement that trustees' shares are about.
#[derive(Clone, Debug)]
pub struct Opening<'k, G: Group> {
    keys: &'k JointKeys<G>,
    context: [u8; 64],
    group: u32,
    sum: Sum<G>,
    /// Of all the above: shares of another opening do not fit.
    digest: [u8; 64],
}

impl<'k, G: Group> Opening<'k, G> {
    /// States that `sum` is that of group number `group` in the election of `context`, where no sum of fewer than
    /// `floor` ballots is opened.
    ///
    /// # Errors
    /// The group is below the floor, or the ballots have more options than there are keys.
    pub fn new(
        keys: &'k JointKeys<G>,
        context: [u8; 64],
        group: u32,
        sum: Sum<G>,
        floor: u64,
    ) -> Result<Self, OpeningError> {
        // A floor of 0 would open nothing at all, which is nothing to prove.
        if sum.ballots() < floor.max(1) {
            return Err(OpeningError::BelowFloor { ballots: sum.ballots() }); // [BAL-61] [VOT-26]
        }
        if sum.beta().len() > keys.keys().len() {
            return Err(OpeningError::Options); // [BAL-62]
        }
        let beta: Vec<_> = sum.beta().iter().map(G::encode).collect();
        let digest = Transcript::new("tally-opening")
            .field(&context)
            .field(keys.hash())
            .number(group)
            .field(G::encode(sum.alpha()).as_ref())
            .list(&beta)
            .hash();
        Ok(Self { keys, context, group, sum, digest })
    }

    /// The group's number.
    pub const fn group(&self) -> u32 {
        self.group
    }

    /// What is opened.
    pub const fn sum(&self) -> &Sum<G> {
        &self.sum
    }

    /// The challenge of a cell's proof, before it is hashed:
    /// `S("tally-share", context, le32(j), le32(group), le32(i), PK, α, D, R1, R2)`.
    fn challenge(&self, trustee: TrusteeNumber, option: u32, points: &[G::PointBytes; 5]) -> Transcript {
        let begun = Transcript::new("tally-share")
            .field(&self.context)
            .number(trustee.number())
            .number(self.group)
            .number(option);
        points.iter().fold(begun, |transcript, point| transcript.field(point.as_ref()))
    }
}

/// Why a sum must not or cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// BAL-61: so few ballots would say how single voters voted.
    #[error("{ballots} ballots are below the floor")]
    BelowFloor {
        /// How many.
        ballots: u64,
    },
    /// BAL-62: there are fewer keys than options.
    #[error("the ballots have more options than there are keys")]
    Options,
}

impl OpeningError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BelowFloor { .. } => "BAL-61",
            Self::Options => "BAL-62",
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
