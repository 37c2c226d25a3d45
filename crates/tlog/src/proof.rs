//! That an entry is in a log, checkable without asking anybody [C2SP tlog-proof].

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{BadProof, Hash, MAX_PROOF},
    policy::{Policy, PolicyError, Witnessed},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Most extra data that is read, in bytes.
pub const MAX_EXTRA: usize = 64 * 1024;

/// A checkpoint, a place in its tree, and the hashes that lead from an entry at that place to its root.
///
/// Printed and parsed as the text of a `.tlog-proof` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    extra: Vec<u8>,
    index: u64,
    path: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// The proof `path` for the entry at `index` of the tree of `checkpoint`. Nothing is checked.
    pub const fn new(index: u64, path: Vec<Hash>, checkpoint: SignedCheckpoint) -> Self {
        Self { extra: Vec::new(), index, path, checkpoint }
    }

    /// The same with data that the proof does not cover; none if it is empty.
    #[must_use]
    pub fn with_extra(self, extra: Vec<u8>) -> Self {
        Self { extra, ..self }
    }

    /// Data that came along and that nothing vouches for; empty if none did.
    pub fn unauthenticated_extra(&self) -> &[u8] {
        &self.extra
    }

    /// The claimed place of the entry.
    pub const fn claimed_index(&self) -> u64 {
        self.index
    }

    /// The checkpoint, unchecked.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The hashes, unchecked.
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    /// Checks that an entry with the leaf hash `leaf` is in a log that `policy` knows, as its witnesses saw it.
    ///
    /// Compute `leaf` from the entry at hand, never from anything in the proof.
    ///
    /// # Errors
    /// The checkpoint does not satisfy the policy, or the entry does not stand where the proof claims.
    pub fn verify(&self, policy: &Policy, leaf: Hash) -> Result<Logged, ProofError> {
        let witnessed = policy.verify(&self.checkpoint).map_err(ProofError::Policy)?;
        let head = witnessed.checkpoint().head();
        let included = head.verify_inclusion(leaf, self.index, &self.path).map_err(ProofError::Path)?;
        Ok(Logged { index: included.index(), witnessed })
    }
}

/// An entry is in a log. Made by [`TlogProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Logged {
    index: u64,
    witnessed: Witnessed,
}

impl Logged {
    /// Where it stands, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The checkpoint that has it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for TlogProof {
    type Err = ParseProofError;

    fn from_str(text: &str) -> Result<Self, ParseProofError> {
        let malformed = ParseProofError::Form; // [WIT-15]
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed)?;
        let rest = head.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n')).ok_or(malformed)?;
        let (extra, rest) = match rest.strip_prefix("extra ") {
            Some(rest) => {
                let (blob, rest) = rest.split_once('\n').ok_or(malformed)?;
                (parse_extra(blob)?, rest)
            }
            None => (Vec::new(), rest),
        };
        let mut lines = rest.split('\n');
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(malformed)?;
        let index = parse_decimal(index).ok_or(malformed)?;
        let path = parse_hashes(lines, MAX_PROOF).ok_or(malformed)?;
        let checkpoint = checkpoint.parse().map_err(ParseProofError::Checkpoint)?;
        Ok(Self { extra, index, path, checkpoint })
    }
}

fn parse_extra(blob: &str) -> Result<Vec<u8>, ParseProofError> {
    if blob.len() > MAX_EXTRA.div_ceil(3) * 4 {
        return Err(ParseProofError::Form);
    }
    let extra = STANDARD.decode(blob).map_err(|_| ParseProofError::Form)?;
    // The line is left out if there is no data.
    if extra.is_empty() { Err(ParseProofError::Form) } else { Ok(extra) }
}

/// A number in its one decimal form.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// One hash a line, at most `limit` of them.
pub(crate) fn parse_hashes<'t>(lines: impl Iterator<Item = &'t str>, limit: usize) -> Option<Vec<Hash>> {
    let mut hashes = Vec::new();
    for line in lines {
        // 32 bytes have 44 characters: nothing longer is decoded.
        let bytes = STANDARD.decode(line.get(..44).filter(|hash| hash.len() == line.len())?).ok()?;
        if hashes.len() == limit {
            return None;
        }
        hashes.push(Hash::try_from(bytes.as_slice()).ok()?);
    }
    Some(hashes)
}

/// Why a text is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProofError {
    /// WIT-15: not the lines of a proof.
    #[error("not a proof of first line, index, hashes and checkpoint")]
    Form,
    /// The checkpoint in it.
    #[error("the proof's checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
}

impl ParseProofError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "WIT-15",
            Self::Checkpoint(error) => error.code(),
        }
    }
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The checkpoint does not satisfy the policy.
    #[error("the proof's checkpoint does not satisfy the policy")]
    Policy(#[source] PolicyError),
    /// The entry does not stand there.
    #[error("the entry is not where the proof claims")]
    Path(#[source] BadProof),
}

impl ProofError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Policy(error) => error.code(),
            Self::Path(error) => error.code(),
        }
    }
}
