//! The key ceremony of the trustees (§5): commit, reveal, deal, complain, answer.
//!
//! [`Ceremony`] is what everybody sees: it takes the events in the order of the log, says what is out of place, who is
//! out and why, and what the joint keys are. [`Trustee`] is the secret side: it reads a [`Ceremony`] and says what
//! its owner owes it now. Neither keeps anything.

mod fault;
mod joint;
mod message;
mod polynomial;
mod record;
mod sealing;
mod trustee;

pub use fault::{CeremonyError, Fault, MisplacedError, ParametersError};
pub use joint::{JointKeys, RevealedBeacon, TrusteeKeys, TrusteeKeysError};
pub use message::{Answer, Commit, Message, Phase, Reveal, SealedShare};
pub use record::Ceremony;
pub use sealing::{BoxKey, BoxSecret};
pub use trustee::{FinishError, Trustee};

use crate::generators::ElectionId;
use std::fmt;

/// The most trustees an election has.
pub const MAX_TRUSTEES: u32 = 32;

/// The most option keys an election has.
pub const MAX_KEYS: u32 = 64;

/// The most coefficients a trustee commits to: keys times threshold.
pub const MAX_COEFFICIENTS: u32 = 256;

/// A trustee by its place in the manifest, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrusteeNumber(u32);

impl TrusteeNumber {
    /// `number` from 1 to [`MAX_TRUSTEES`].
    pub fn new(number: u32) -> Option<Self> {
        (1..=MAX_TRUSTEES).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Its place in a list of all trustees, from 0.
    fn place(self) -> usize {
        usize::try_from(self.0.saturating_sub(1)).unwrap_or(usize::MAX)
    }

    /// All of `count` trustees.
    fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count.min(MAX_TRUSTEES)).map(Self)
    }
}

impl fmt::Display for TrusteeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trustee/{}", self.0)
    }
}

/// How many keys are made, and how many trustees decrypt with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// `t`: so many trustees together decrypt.
    pub threshold: u32,
    /// `M`: so many option keys are made.
    pub keys: u32,
}

/// What a ceremony is about; fixed when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    election: ElectionId,
    size: Size,
    boxes: Vec<BoxKey>,
}

impl Parameters {
    /// The ceremony of `election` among the trustees whose box keys are `boxes`, in the manifest's order.
    ///
    /// # Errors
    /// A number is out of the bounds of §4, or two trustees have one box key.
    pub fn new(election: ElectionId, size: Size, boxes: Vec<BoxKey>) -> Result<Self, ParametersError> {
        let trustees = u32::try_from(boxes.len()).unwrap_or(u32::MAX);
        if trustees > MAX_TRUSTEES {
            return Err(ParametersError::Trustees); // [BAL-43]
        }
        if !(1..=trustees).contains(&size.threshold) {
            return Err(ParametersError::Threshold); // [BAL-43]
        }
        if !(1..=MAX_KEYS).contains(&size.keys) || size.keys.saturating_mul(size.threshold) > MAX_COEFFICIENTS
        {
            return Err(ParametersError::Keys); // [BAL-43]
        }
        let mut unique = boxes.clone();
        unique.sort_unstable();
        unique.dedup();
        if unique.len() != boxes.len() {
            return Err(ParametersError::SameBox); // [BAL-43]
        }
        Ok(Self { election, size, boxes })
    }

    /// The election.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// `t` and `M`.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// `n`.
    pub fn trustees(&self) -> u32 {
        u32::try_from(self.boxes.len()).unwrap_or(u32::MAX)
    }

    /// The box key of a trustee; `None` if there is no such trustee.
    pub fn box_of(&self, trustee: TrusteeNumber) -> Option<&BoxKey> {
        self.boxes.get(trustee.place())
    }
}

#[cfg(test)]
pub(crate) mod room;
#[cfg(test)]
mod tests;
