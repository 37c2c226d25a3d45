//! The second device's check of a ballot that is not cast (§10).

mod package;
mod spoiled;

pub(crate) use package::Shown;
pub use package::{CheckPackage, ParsePackageError};
pub use spoiled::{CheckedSpoiled, Spoiled, SpoiledError};

use crate::ballot::{Header, Place, TrackingCode, UnverifiedBallot};
use crate::challenge::Binding;
use crate::group::{Field, Group};
use crate::prove::{ConstantTime, Opening, Statement, verify_choices};
use crate::ring::Ring;
use crate::setting::Setting;
use crate::verify::{BallotError, VerifiedBallot, verify};
use std::fmt;

/// What the second device found: to be shown to the voter beside what the first device showed.
pub struct CheckedBallot<G: Group> {
    choices: Vec<u8>,
    commitment: Option<G::PointBytes>,
    ballot: VerifiedBallot<G>,
    spoiled: Spoiled<G>,
}

impl<G: Group> CheckedBallot<G> {
    /// Must be what the first device showed before *check* was chosen.
    pub fn tracking_code(&self) -> TrackingCode {
        self.ballot.tracking_code()
    }

    /// The column of each contest: 0 is blank.
    pub fn choices(&self) -> &[u8] {
        &self.choices
    }

    /// The commitment that the ballot votes for, in profile `ring`. Its slot must be the voter's own: otherwise two
    /// voters were given one ballot.
    pub const fn commitment(&self) -> Option<&G::PointBytes> {
        self.commitment.as_ref()
    }

    /// The ballot's tag. It must never be looked for together with a name.
    pub const fn tag(&self) -> &G::PointBytes {
        self.ballot.tag()
    }

    /// What may be told to the board: neither the tag nor the proof.
    pub const fn spoiled(&self) -> &Spoiled<G> {
        &self.spoiled
    }
}

impl<G: Group> fmt::Debug for CheckedBallot<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedBallot").finish_non_exhaustive()
    }
}

impl<G: Group> CheckPackage<G> {
    /// Recomputes the ballot from its secrets and verifies it. `ring` is fetched by this device itself.
    ///
    /// # Errors
    /// The package is not one of this election, or the ballot made from it is not valid.
    pub fn check(
        &self,
        setting: &Setting<G>,
        ring: Option<&Ring<G>>,
    ) -> Result<CheckedBallot<G>, CheckError> {
        verify_choices(setting.shape(), &self.choices).map_err(|_| CheckError::Choices)?;
        let Located { root, commitment, position, opening } = self.locate(ring)?;
        let zero = G::Scalar::ZERO;
        let statement = Statement {
            setting,
            binding: Binding { context: setting.context(), header: self.header, lock: self.lock, root },
            position,
            choices: &self.choices,
            seed: self.seed.expose(),
            fresh: self.fresh.expose(),
            tag_secret: self.shown.secret().unwrap_or(&zero),
        };
        // [BAL-25]
        let draft = statement.make(&ConstantTime { setting, ring }, &opening);
        let body = draft.to_body(self.header, self.shown.token());
        let ballot =
            UnverifiedBallot::locked(&body, self.lock, setting.shape()).map_err(BallotError::Encoding);
        let ballot = ballot.and_then(|ballot| verify(setting, ring, &ballot)).map_err(CheckError::Ballot)?;
        let spoiled = Spoiled::new(&ballot, &self.choices, &statement.encryption());
        Ok(CheckedBallot { choices: self.choices.to_vec(), commitment, ballot, spoiled })
    }

    fn locate(&self, ring: Option<&Ring<G>>) -> Result<Located<'_, G>, CheckError> {
        match (&self.shown, self.header, ring) {
            (
                Shown::Ring { position, first, response, .. },
                Header { place: Place::Ring(index), .. },
                Some(ring),
            ) if ring.roster().index() == index => {
                let place = usize::try_from(*position).ok();
                let commitment = place.and_then(|place| ring.roster().commitments().get(place));
                let commitment = commitment.ok_or(CheckError::Position)?;
                let opening = Opening::Given { first: *first, response: *response };
                Ok(Located {
                    root: *ring.roster().root(),
                    commitment: Some(*commitment),
                    position: *position,
                    opening,
                })
            }
            (
                Shown::Token { tag, first, response, token },
                Header { place: Place::District(district), .. },
                None,
            ) => Ok(Located {
                root: token.root(district),
                commitment: None,
                position: 0,
                opening: Opening::GivenTag { tag: *tag, first: *first, response: *response },
            }),
            _ => Err(CheckError::Ballot(BallotError::Ring)),
        }
    }
}

/// Where a package belongs, and how the ring's part of its ballot is made.
struct Located<'a, G: Group> {
    root: [u8; 32],
    commitment: Option<G::PointBytes>,
    position: u32,
    opening: Opening<'a, G>,
}

/// Why a package does not check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// BAL-19: not one column for each contest.
    #[error("the choices are not those of the style")]
    Choices,
    /// BAL-19: the ring has no such position.
    #[error("the ring has no such position")]
    Position,
    /// BAL-25: the ballot that the package makes is not valid.
    #[error("the ballot is not valid")]
    Ballot(#[source] BallotError),
}

impl CheckError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Choices | Self::Position => "BAL-19",
            Self::Ballot(_) => "BAL-25",
        }
    }
}

#[cfg(test)]
mod tests;
