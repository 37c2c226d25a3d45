//! What may be handed to an election's log.

use super::rules::BALLOT;
use crate::event::{EventError, UnverifiedEvent};
use sinpyo_ballot::{ballot::UnverifiedBallot, group::Ristretto, verify::VerifiedBallot};

/// Bytes that may go to the log's engine: an event, or a ballot whose proof was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission(Vec<u8>);

impl Submission {
    /// An event. Its signature is checked when it is sequenced.
    ///
    /// # Errors
    /// The bytes are not of the form of an event.
    pub fn event(bytes: Vec<u8>) -> Result<Self, EventError> {
        UnverifiedEvent::parse(&bytes)?;
        Ok(Self(bytes))
    }

    /// A ballot, with the proof that it was verified. In profile `token` the caller has checked its signature too.
    ///
    /// # Errors
    /// The proof is another ballot's.
    pub fn ballot(
        ballot: &UnverifiedBallot<Ristretto>,
        verified: &VerifiedBallot<Ristretto>,
    ) -> Result<Self, NotASubmission> {
        let bytes = ballot.to_bytes();
        // The tracking code is a hash of all bytes of the ballot.
        if ballot.tracking_code() != verified.tracking_code() || bytes.first() != Some(&BALLOT) {
            return Err(NotASubmission);
        }
        Ok(Self(bytes.to_vec()))
    }

    /// For [`sinpyo_registry::engine::LogEngine::append`].
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The proof at hand is that of another ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof is that of another ballot")]
pub struct NotASubmission;
