//! One ballot checked (§9).

mod equations;
mod opened;

pub(crate) use equations::{powers, products, tag_power};
pub(crate) use opened::Opened;

use crate::ballot::{Header, ParseBallotError, TrackingCode, UnverifiedBallot};
use crate::group::{Element, Field, Group};
use crate::ring::Ring;
use crate::setting::Setting;

/// A ballot whose proof holds: one voter of its ring chose one option or blank in each contest, and `T` is that
/// voter's tag. In profile `token` its token must be checked apart.
#[derive(Clone, Debug)]
pub struct VerifiedBallot<G: Group> {
    header: Header,
    tag: G::PointBytes,
    alpha: G::Public,
    beta: Vec<G::Public>,
    digest: [u8; 64],
}

impl<G: Group> VerifiedBallot<G> {
    /// States that the proof of `opened` holds.
    pub(crate) fn assert(opened: Opened<'_, G>) -> Self {
        Self {
            header: opened.ballot.header(),
            tag: *opened.ballot.tag(),
            alpha: opened.points.alpha,
            beta: opened.points.beta,
            digest: opened.ballot.digest,
        }
    }

    /// Style, and ring or district.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// `T`, one for each voter.
    pub const fn tag(&self) -> &G::PointBytes {
        &self.tag
    }

    /// `α`. Computed, as are the others: for sums there is [`crate::tally::Sum`].
    pub fn alpha(&self) -> G::Point {
        point::<G>(&self.alpha)
    }

    /// `β_1 … β_m`.
    pub fn beta(&self) -> Vec<G::Point> {
        self.beta.iter().map(point::<G>).collect()
    }

    /// `α, β_1 … β_m`, as sums take them.
    pub(crate) fn summands(&self) -> Vec<G::Public> {
        std::iter::once(&self.alpha).chain(&self.beta).copied().collect()
    }

    /// `H("tracking", body, λ)`: a hash of the whole ballot.
    pub const fn digest(&self) -> &[u8; 64] {
        &self.digest
    }

    /// What its voter was shown.
    pub fn tracking_code(&self) -> TrackingCode {
        TrackingCode::of_digest(&self.digest)
    }
}

fn point<G: Group>(public: &G::Public) -> G::Point {
    G::sum_of_public(&[G::Scalar::ONE], &[public])
}

/// Checks one ballot; `ring` is the one that it names, `None` in profile `token`.
///
/// # Errors
/// The first rule that it breaks.
pub fn verify<G: Group>(
    setting: &Setting<G>,
    ring: Option<&Ring<G>>,
    ballot: &UnverifiedBallot<G>,
) -> Result<VerifiedBallot<G>, BallotError> {
    let opened = Opened::new(setting, ring, ballot)?;
    conclude(setting, opened)
}

/// Each equation for itself: none is ever added to another, so no logarithm between their bases helps.
pub(crate) fn conclude<G: Group>(
    setting: &Setting<G>,
    opened: Opened<'_, G>,
) -> Result<VerifiedBallot<G>, BallotError> {
    let residuals = equations::residuals(setting, &opened);
    let false_one = residuals.into_iter().find(|(_, residual)| *residual != G::Point::identity());
    match false_one {
        Some((equation, _)) => Err(BallotError::Proof(equation)),
        None => Ok(VerifiedBallot::assert(opened)),
    }
}

/// The equations of §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Equation {
    /// (E1): each row has one chosen column.
    Rows,
    /// (E2): α.
    Alpha,
    /// (E3): each β encrypts its column.
    Beta,
    /// (E4): a commitment of the ring can be opened.
    Ring,
    /// (E5): the tag is made with the same secret.
    Tag,
}

/// Why a ballot is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BallotError {
    /// BAL-03, BAL-04, BAL-05: the bytes are not a ballot.
    #[error("the bytes are not a ballot")]
    Encoding(#[source] ParseBallotError),
    /// BAL-06: a point is not one, or not in its canonical encoding.
    #[error("a point is not the canonical encoding of one")]
    Point,
    /// BAL-09: another style, or a district that does not have it.
    #[error("the style is not that of the district")]
    Style,
    /// BAL-10: the ring is not the one that the ballot names.
    #[error("there is no such ring")]
    Ring,
    /// BAL-07: the tag is the identity.
    #[error("the tag is the identity")]
    Tag,
    /// BAL-08: α is the identity.
    #[error("alpha is the identity")]
    Alpha,
    /// BAL-11 to BAL-15: an equation of the proof does not hold.
    #[error("the proof does not hold: {0:?}")]
    Proof(Equation),
}

impl BallotError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding(error) => error.code(),
            Self::Point => "BAL-06",
            Self::Style => "BAL-09",
            Self::Ring => "BAL-10",
            Self::Tag => "BAL-07",
            Self::Alpha => "BAL-08",
            Self::Proof(Equation::Rows) => "BAL-11",
            Self::Proof(Equation::Alpha) => "BAL-12",
            Self::Proof(Equation::Beta) => "BAL-13",
            Self::Proof(Equation::Ring) => "BAL-14",
            Self::Proof(Equation::Tag) => "BAL-15",
        }
    }

    /// The reason as a `rejected` event names it (§11).
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Encoding(_) | Self::Point => "encoding",
            Self::Style => "style",
            Self::Ring => "ring",
            Self::Tag => "tag",
            Self::Alpha | Self::Proof(_) => "proof",
        }
    }
}

#[cfg(test)]
mod tests;
