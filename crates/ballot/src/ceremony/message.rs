//! What trustees publish, and in which phase.

use super::TrusteeNumber;
use crate::generators::ElectionId;
use crate::hash::Transcript;

/// The step that a ceremony is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Trustees fix what they will reveal.
    Commit,
    /// Trustees reveal their commitments.
    Reveal,
    /// Trustees deal shares to each other.
    Shares,
    /// Trustees complain about shares that are missing or wrong; dealers answer.
    Complaints,
    /// No more complaints; dealers answer the open ones.
    Answers,
}

/// What a trustee fixes before it knows anything of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// `H("ceremony-commit", election, le32(i), commitments, proofs)`.
    pub commit: [u8; 64],
    /// `H("beacon-commit", election, le32(i), value)`.
    pub beacon: [u8; 64],
}

/// What a trustee had fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// `A_{m,k}`, keys outer, coefficients inner, joined.
    pub commitments: Vec<u8>,
    /// `R ‖ z` in the same order, joined.
    pub proofs: Vec<u8>,
}

/// The shares of one trustee, sealed to its box [RFC 9180].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedShare {
    /// Whose.
    pub to: TrusteeNumber,
    /// The encapsulated key.
    pub encapsulated: [u8; 32],
    /// `f_{i,m}(j)` for all keys, encrypted, and the tag.
    pub ciphertext: Vec<u8>,
}

/// The shares of the trustee that complained, in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who complained.
    pub to: TrusteeNumber,
    /// `f_{i,m}(j)` for all keys, joined.
    pub shares: Vec<u8>,
}

/// An event of a trustee in the ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// `ceremony-commit`.
    Commit(Commit),
    /// `ceremony-reveal`.
    Reveal(Reveal),
    /// `ceremony-shares`, an event for each: to one or several of the other trustees that revealed rightly.
    Shares(Vec<SealedShare>),
    /// `ceremony-complaint`.
    Complaint {
        /// The dealer.
        against: TrusteeNumber,
    },
    /// `ceremony-answer`.
    Answer(Answer),
}

/// `H("beacon-commit", election, le32(i), value)`.
pub(super) fn beacon_commitment(election: &ElectionId, trustee: TrusteeNumber, value: &[u8; 32]) -> [u8; 64] {
    Transcript::new("beacon-commit").field(&election.0).number(trustee.number()).field(value).hash()
}
