//! The body of a request.

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::Hash,
    note::MAX_NOTE,
    proof::{parse_decimal, parse_hashes},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

/// Most lines of consistency proof in a request.
pub const MAX_PROOF_LINES: usize = 63;

/// Longest body worth receiving, in bytes: the longest note after the longest proof. Whatever is longer is refused anyway.
pub const MAX_BODY: usize = MAX_NOTE + 4096;

/// A checkpoint offered to a witness, with the proof that it extends the tree of `old` leaves.
///
/// Printed and parsed as the body of the request. Nothing in it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the tree that the witness cosigned last; 0 if it never did.
    pub old: u64,
    /// From that tree to the one of the checkpoint; empty if `old` is 0.
    pub proof: Vec<Hash>,
    /// The new checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for AddCheckpoint {
    type Err = ParseRequestError;

    fn from_str(body: &str) -> Result<Self, ParseRequestError> {
        let malformed = ParseRequestError::Form; // [WIT-20]
        let (head, checkpoint) = body.split_once("\n\n").ok_or(malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(parse_decimal);
        let old = old.ok_or(malformed)?;
        let proof = parse_hashes(lines, MAX_PROOF_LINES).ok_or(malformed)?;
        let checkpoint = checkpoint.parse().map_err(ParseRequestError::Checkpoint)?;
        Ok(Self { old, proof, checkpoint })
    }
}

/// Why a body is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseRequestError {
    /// WIT-20: not an old size, hashes and a checkpoint.
    #[error("not an old size, hashes and a checkpoint")]
    Form,
    /// The checkpoint in it.
    #[error("the request's checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
}

impl ParseRequestError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "WIT-20",
            Self::Checkpoint(error) => error.code(),
        }
    }
}
