//! A ballot with its points decoded and its challenges recomputed.

use super::BallotError;
use crate::ballot::{Parts, Place, UnverifiedBallot};
use crate::challenge::{Binding, First};
use crate::group::Group;
use crate::ring::Ring;
use crate::setting::Setting;

/// All that the equations need of one ballot.
#[derive(Debug)]
pub(crate) struct Opened<'b, G: Group> {
    pub(crate) ballot: &'b UnverifiedBallot<G>,
    pub(crate) ring: Option<&'b Ring<G>>,
    pub(crate) points: Parts<G::Public>,
    /// `e`.
    pub(crate) first: First<G>,
    /// `x`.
    pub(crate) challenge: G::Scalar,
    /// `f` with column 0.
    pub(crate) columns: Vec<G::Scalar>,
}

impl<'b, G: Group> Opened<'b, G> {
    /// # Errors
    /// Style, ring, a point, the tag or α is not as it must be.
    pub(crate) fn new(
        setting: &Setting<G>,
        ring: Option<&'b Ring<G>>,
        ballot: &'b UnverifiedBallot<G>,
    ) -> Result<Self, BallotError> {
        let encodings: Vec<_> = ballot.encodings.iter().copied().collect();
        Self::of_decoded(setting, ring, ballot, &G::decode_public(&encodings))
    }

    /// The same, where the ballot's encodings were decoded before, together with others.
    pub(crate) fn of_decoded(
        setting: &Setting<G>,
        ring: Option<&'b Ring<G>>,
        ballot: &'b UnverifiedBallot<G>,
        decoded: &[Option<G::Public>],
    ) -> Result<Self, BallotError> {
        let root = root(setting, ring, ballot)?;
        // [BAL-06]
        let mut decoded = decoded.iter().copied();
        let points = ballot.encodings.try_map(|_| decoded.next().flatten()).ok_or(BallotError::Point)?;
        // [BAL-07]
        if ballot.encodings.tag == G::IDENTITY {
            return Err(BallotError::Tag);
        }
        // [BAL-08]
        if ballot.encodings.alpha == G::IDENTITY {
            return Err(BallotError::Alpha);
        }
        let (context, header, lock) = (setting.context(), ballot.header(), ballot.lock);
        let binding = Binding { context, header, lock, root };
        let first = binding.first::<G>(&ballot.encodings);
        let challenge = first.second(&ballot.encodings.beta_first);
        let columns = setting.shape().completed(&ballot.responses.masked, challenge);
        Ok(Self { ballot, ring, points, first, challenge, columns })
    }
}

/// `ringRoot`, or what stands for it, once style and ring are found to be right.
fn root<G: Group>(
    setting: &Setting<G>,
    ring: Option<&Ring<G>>,
    ballot: &UnverifiedBallot<G>,
) -> Result<[u8; 32], BallotError> {
    let header = ballot.header();
    let (district, root) = match (header.place, ring, ballot.token()) {
        // [BAL-10]
        (Place::Ring(index), Some(ring), None)
            if ring.roster().index() == index && ring.public().len() == setting.shape().ring_size() =>
        {
            (ring.roster().district(), *ring.roster().root())
        }
        // [BAL-28]
        (Place::District(district), None, Some(token)) => (district, token.root(district)),
        _ => return Err(BallotError::Ring),
    };
    // [BAL-09]
    if header.style != setting.style() || !setting.has_district(district) {
        return Err(BallotError::Style);
    }
    Ok(root)
}
