//! Making a ballot (§9.2), in constant time: position, choices and secrets select no memory and no branch.

mod arithmetic;
mod masks;
mod rows;
mod statement;

pub(crate) use arithmetic::ConstantTime;
pub(crate) use statement::{Opening, Statement};
#[cfg(any(test, feature = "bulk"))]
pub(crate) use {arithmetic::Arithmetic, rows::Digit};

use crate::ballot::{CastKey, CastLock, Header, Place, Token, TrackingCode};
use crate::challenge::Binding;
use crate::check::CheckPackage;
use crate::credential::VoterSecret;
use crate::group::{Element, Group};
use crate::ring::Ring;
use crate::setting::{Setting, Shape};
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// `b`: what a ballot's encryption is derived from. Who has it can prove the vote.
#[derive(Debug)]
pub struct BallotSeed(pub(crate) Secret<[u8; 32]>);

impl BallotSeed {
    /// A seed for one ballot.
    pub fn fresh(entropy: &mut dyn Entropy) -> Self {
        Self(fresh(entropy))
    }

    /// A seed from 32 bytes that were drawn before.
    pub const fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }
}

/// By what a voter may vote.
#[derive(Clone, Copy, Debug)]
pub enum Eligibility<'a, G: Group> {
    /// Profile `ring`: the voter's ring, and where the voter's commitment stands in it.
    Ring {
        /// The whole ring.
        ring: &'a Ring<G>,
        /// From 0; see [`crate::ring::Roster::position_of`].
        position: u32,
    },
    /// Profile `token` (§13).
    Token {
        /// The voter's district, by its place in the manifest.
        district: u32,
        /// The unblinded signature.
        token: &'a Token,
    },
}

/// Makes a ballot. `choices` has one column for each contest: 0 is blank, `i` the i-th option.
///
/// # Errors
/// The choices are not those of the style, or the voter cannot open the commitment at the position.
pub fn prove<G: Group>(
    setting: &Setting<G>,
    eligibility: Eligibility<'_, G>,
    voter: &VoterSecret<G>,
    choices: &[u8],
    seed: BallotSeed,
    entropy: &mut dyn Entropy,
) -> Result<PreparedBallot<G>, ProveError> {
    if voter.election() != setting.election() {
        return Err(ProveError::Election);
    }
    verify_choices(setting.shape(), choices)?;
    let key = CastKey::new(fresh(entropy));
    let (binding, ring, position) = locate(setting, eligibility, key.lock())?;
    let opening = match ring {
        Some(ring) => {
            verify_opening(ring, position, voter)?;
            Opening::Known(voter.blinding())
        }
        None => Opening::Tag,
    };
    let fresh = fresh(entropy);
    let statement = Statement {
        setting,
        binding,
        position,
        choices,
        seed: seed.0.expose(),
        fresh: fresh.expose(),
        tag_secret: voter.tag_secret(),
    };
    let draft = statement.make(&ConstantTime { setting, ring }, &opening);
    let shown = match eligibility {
        Eligibility::Ring { .. } => {
            let secret = Secret::new(*voter.tag_secret());
            draft.shown(position, secret).ok_or(ProveError::Eligibility)?
        }
        Eligibility::Token { token, .. } => draft.shown_token(token.clone()),
    };
    let bytes = Zeroizing::new(draft.to_bytes(binding.header, shown.token(), &key));
    let package = CheckPackage {
        header: binding.header,
        lock: binding.lock,
        shown,
        choices: Zeroizing::new(choices.to_vec()),
        seed: seed.0,
        fresh,
    };
    Ok(PreparedBallot { tracking: TrackingCode::of(&bytes), bytes, package })
}

/// A ballot that waits for its voter: *cast* or *check* (§10). Either one uses it up.
pub struct PreparedBallot<G: Group> {
    bytes: Zeroizing<Vec<u8>>,
    tracking: TrackingCode,
    package: CheckPackage<G>,
}

impl<G: Group> PreparedBallot<G> {
    /// To be shown before the voter chooses.
    pub const fn tracking_code(&self) -> TrackingCode {
        self.tracking
    }

    /// The ballot to be cast. What could prove its content is erased.
    pub fn cast(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes)
    }

    /// What the second device needs. The ballot is gone, and with it the key without which nobody casts it.
    // [BAL-74]
    pub fn check(self) -> CheckPackage<G> {
        self.package
    }
}

impl<G: Group> fmt::Debug for PreparedBallot<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedBallot").finish_non_exhaustive()
    }
}

fn fresh(entropy: &mut dyn Entropy) -> Secret<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut_slice());
    Secret::new(*bytes)
}

/// The header of a ballot made there, with the ring and the position in it.
fn locate<'a, G: Group>(
    setting: &'a Setting<G>,
    eligibility: Eligibility<'a, G>,
    lock: CastLock,
) -> Result<(Binding<'a>, Option<&'a Ring<G>>, u32), ProveError> {
    let shape = setting.shape();
    let (place, district, root, ring, position) = match eligibility {
        Eligibility::Ring { ring, position } => {
            let roster = ring.roster();
            (Place::Ring(roster.index()), roster.district(), *roster.root(), Some(ring), position)
        }
        Eligibility::Token { district, token } => {
            (Place::District(district), district, token.root(district), None, 0)
        }
    };
    let fits = match eligibility {
        Eligibility::Ring { ring, .. } => ring.points().len() == shape.ring_size(),
        Eligibility::Token { token, .. } => shape.signature_length() == Some(token.signature.len()),
    };
    if !fits || !setting.has_district(district) {
        return Err(ProveError::Eligibility);
    }
    let header = Header { style: setting.style(), place };
    Ok((Binding { context: setting.context(), header, lock, root }, ring, position))
}

/// One column of each contest.
// [BAL-19]
pub(crate) fn verify_choices(shape: &Shape, choices: &[u8]) -> Result<(), ProveError> {
    let columns = shape.contests();
    let there = choices.iter().zip(columns).all(|(choice, options)| usize::from(*choice) <= *options);
    if choices.len() == columns.len() && there { Ok(()) } else { Err(ProveError::Choices) }
}

/// Reads every commitment, so that the position is not seen in what memory is read.
// [BAL-19]
fn verify_opening<G: Group>(ring: &Ring<G>, position: u32, voter: &VoterSecret<G>) -> Result<(), ProveError> {
    let mut chosen = G::Point::identity();
    for (place, member) in (0u32..).zip(ring.points()) {
        chosen.conditional_assign(member, place.ct_eq(&position));
    }
    if chosen == voter.commitment() { Ok(()) } else { Err(ProveError::Opening) }
}

/// Why a ballot is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// BAL-19: the secret is that of another election.
    #[error("the voter's secret is that of another election")]
    Election,
    /// BAL-19: too many or too few choices, or an option that is not there.
    #[error("the choices are not those of the style")]
    Choices,
    /// BAL-09, BAL-10: ring or token do not belong to the style.
    #[error("the ring or the token does not belong to the style")]
    Eligibility,
    /// BAL-19: the commitment at the position is not the voter's.
    #[error("the commitment at the position is not the voter's")]
    Opening,
}

impl ProveError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Election | Self::Choices | Self::Opening => "BAL-19",
            Self::Eligibility => "BAL-10",
        }
    }
}

#[cfg(test)]
mod tests;
