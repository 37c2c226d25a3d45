//! Beacon, shuffle, rings, pads (§7).

use crate::generators::ElectionId;
use crate::group::{Encoding, Group};
use crate::hash::{Transcript, half};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The trustees' common randomness, made after the roll was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Beacon(pub [u8; 32]);

impl Beacon {
    /// The beacon over the live roll (`slot ‖ C`, in ascending order of slot) and what the trustees revealed, in
    /// ascending order of trustee.
    pub fn new<G: Group>(
        election: &ElectionId,
        live: &[([u8; 16], G::PointBytes)],
        reveals: &[(u32, [u8; 32])],
    ) -> Self {
        let mut roll =
            Vec::with_capacity(live.len().saturating_mul(G::PointBytes::LENGTH.saturating_add(16)));
        for (slot, commitment) in live {
            roll.extend_from_slice(slot);
            roll.extend_from_slice(commitment.as_ref());
        }
        let revealed: Vec<u8> = reveals
            .iter()
            .flat_map(|(trustee, value)| trustee.to_le_bytes().into_iter().chain(*value))
            .collect();
        let transcript = Transcript::new("beacon").field(&election.0).field(&roll).field(&revealed);
        Self(half(&transcript.hash()))
    }
}

/// How an election puts its voters into rings.
#[derive(Clone, Copy, Debug)]
pub struct RingPlan {
    /// The election.
    pub election: ElectionId,
    /// The trustees' randomness.
    pub beacon: Beacon,
    /// `N`.
    pub size: usize,
}

impl RingPlan {
    /// The rings of a district, numbered from `first`, from its live commitments in any order.
    ///
    /// # Errors
    /// A commitment occurs twice, or there are more rings than numbers.
    pub fn rings<G: Group>(
        &self,
        district: u32,
        first: RingIndex,
        commitments: &[G::PointBytes],
    ) -> Result<Vec<Roster<G>>, RingError> {
        // [BAL-23]
        if commitments.iter().collect::<BTreeSet<_>>().len() != commitments.len() {
            return Err(RingError::Duplicate);
        }
        let shuffled = self.shuffle::<G>(commitments);
        let count = commitments.len().div_ceil(self.size.max(1));
        let mut rings = Vec::with_capacity(count);
        let mut rest = shuffled.as_slice();
        for ring in 0..count {
            let offset = u32::try_from(ring).map_err(|_| RingError::TooMany)?;
            let index = first.0.checked_add(offset).ok_or(RingError::TooMany)?;
            let (members, after) = rest.split_at(share(commitments.len(), ring, count).min(rest.len()));
            rest = after;
            rings.push(self.fill(district, RingIndex(index), members));
        }
        Ok(rings)
    }

    /// The commitments in the order of `H("shuffle", beacon, C)`.
    fn shuffle<G: Group>(&self, commitments: &[G::PointBytes]) -> Vec<G::PointBytes> {
        let place = |commitment: &G::PointBytes| {
            Transcript::new("shuffle").field(&self.beacon.0).field(commitment.as_ref()).hash()
        };
        let mut keyed: Vec<_> =
            commitments.iter().map(|commitment| (place(commitment), *commitment)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, commitment)| commitment).collect()
    }

    /// A ring of `members` followed by pads.
    fn fill<G: Group>(&self, district: u32, index: RingIndex, members: &[G::PointBytes]) -> Roster<G> {
        // [BAL-22]
        let positions = (0u32..).take(self.size).skip(members.len());
        let pads = positions.map(|position| G::encode(&pad::<G>(&self.election, index, position)));
        let commitments: Vec<_> = members.iter().copied().chain(pads).collect();
        let transcript = Transcript::new("ring").field(&self.election.0).number(district).number(index.0);
        let root = half(&transcript.list(&commitments).hash());
        Roster { index, district, voters: members.len(), commitments, root }
    }
}

/// How many of `voters` ring `ring` of `count` gets: `⌊(k+1)·v/R⌋ - ⌊k·v/R⌋`.
// [BAL-21]
fn share(voters: usize, ring: usize, count: usize) -> usize {
    let until = |ring: usize| ring.saturating_mul(voters).checked_div(count).unwrap_or(0);
    until(ring.saturating_add(1)).saturating_sub(until(ring))
}

/// The point at a position that no voter has; nobody can open it.
pub fn pad<G: Group>(election: &ElectionId, ring: RingIndex, position: u32) -> G::Point {
    Transcript::new("pad").field(&election.0).number(ring.0).number(position).point::<G>()
}

/// A ring's number, counted over all districts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RingIndex(pub u32);

/// A ring as it is published: commitments of its voters and pads, by their encodings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster<G: Group> {
    index: RingIndex,
    district: u32,
    voters: usize,
    commitments: Vec<G::PointBytes>,
    root: [u8; 32],
}

impl<G: Group> Roster<G> {
    /// A ring whose root is stated, for tests.
    #[cfg(test)]
    pub(crate) const fn stated(
        index: RingIndex,
        district: u32,
        commitments: Vec<G::PointBytes>,
        root: [u8; 32],
    ) -> Self {
        Self { index, district, voters: commitments.len(), commitments, root }
    }

    /// The ring's number.
    pub const fn index(&self) -> RingIndex {
        self.index
    }

    /// The district whose voters it holds, by its place in the manifest.
    pub const fn district(&self) -> u32 {
        self.district
    }

    /// How many of its positions are voters; pads follow.
    pub const fn voters(&self) -> usize {
        self.voters
    }

    /// `C_0 … C_{N-1}`.
    pub fn commitments(&self) -> &[G::PointBytes] {
        &self.commitments
    }

    /// `ringRoot`.
    pub const fn root(&self) -> &[u8; 32] {
        &self.root
    }

    /// Its leaf under the roll root: `le32(district) ‖ le32(ring) ‖ ringRoot`.
    pub fn leaf(&self) -> [u8; 40] {
        let mut leaf = [0; 40];
        let parts =
            self.district.to_le_bytes().into_iter().chain(self.index.0.to_le_bytes()).chain(self.root);
        leaf.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        leaf
    }

    /// Where `commitment` stands. Takes the time of a search: for one's own device only.
    pub fn position_of(&self, commitment: &G::PointBytes) -> Option<usize> {
        self.commitments.iter().position(|member| member == commitment)
    }
}

/// A ring whose commitments are decoded, for making and checking ballots.
#[derive(Clone, Debug)]
pub struct Ring<G: Group> {
    roster: Roster<G>,
    public: Vec<G::Public>,
    /// Made when first asked for: who checks ballots never needs them.
    points: OnceLock<Vec<G::Point>>,
}

impl<G: Group> Ring<G> {
    /// Decodes the commitments of `roster`.
    ///
    /// # Errors
    /// One is not the encoding of a point.
    pub fn new(roster: Roster<G>) -> Result<Self, RingError> {
        let public: Option<Vec<_>> = G::decode_public(&roster.commitments).into_iter().collect();
        Ok(Self { public: public.ok_or(RingError::Encoding)?, roster, points: OnceLock::new() })
    }

    /// The ring as published.
    pub const fn roster(&self) -> &Roster<G> {
        &self.roster
    }

    /// The decoded commitments, for making ballots.
    pub fn points(&self) -> &[G::Point] {
        // All of them decode: `new` saw it.
        self.points.get_or_init(|| self.roster.commitments.iter().filter_map(G::decode).collect())
    }

    /// The decoded commitments, for checking ballots.
    pub(crate) fn public(&self) -> &[G::Public] {
        &self.public
    }
}

/// Why a roll does not make rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RingError {
    /// BAL-23: two voters have one commitment.
    #[error("a commitment occurs twice")]
    Duplicate,
    /// BAL-06: a commitment is not a point.
    #[error("a commitment is not the encoding of a point")]
    Encoding,
    /// BAL-21: ring numbers have 32 bits.
    #[error("there are more rings than numbers")]
    TooMany,
}

impl RingError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Duplicate => "BAL-23",
            Self::Encoding => "BAL-06",
            Self::TooMany => "BAL-21",
        }
    }
}

#[cfg(test)]
mod tests;
