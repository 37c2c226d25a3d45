//! Whose statements about a log are believed [C2SP tlog-policy].
//!
//! A policy lists logs, witnesses and the quorum: which of the witnesses must have cosigned a checkpoint.
//!
//! The keys of logs are Ed25519 note keys, which C2SP tlog-tiles demands of every log that public witnesses see. The
//! ML-DSA-44 key of a log that has one too is listed as a witness, and joined to the quorum with an `all` group.

mod parse;
mod quorum;
mod witnessed;

pub use parse::{MAX_GROUPS, MAX_LOGS, MAX_POLICY, MAX_WITNESSES, ParsePolicyError, PolicyFault};
pub use witnessed::{FUTURE_ALLOWANCE, Fresh, FreshnessError, Witnessed};

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    cosignature::{CosignatureError, CosignerKey},
    note::LogKey,
};
use quorum::Quorum;
use sinpyo_core::time::Timestamp;
use std::fmt;

/// Known logs, known witnesses, and how many of them must have seen a checkpoint.
///
/// Parsed from the policy's text; printed in one form: logs, then witnesses and groups as they were defined, then the
/// quorum. Comments are lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    quorum: Quorum,
}

impl Policy {
    /// Believes the log of `key` alone, without witnesses (`quorum none`).
    ///
    /// Such a log can show two histories to two readers; only comparing checkpoints finds out.
    pub fn of_log(key: LogKey) -> Self {
        Self { logs: vec![PolicyLog { key, url: None }], quorum: Quorum::none() }
    }

    /// Parses the text, whose names and addresses are octets and need not be UTF-8.
    ///
    /// # Errors
    /// The line, and what is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, ParsePolicyError> {
        parse::parse(text)
    }

    /// The text as octets, which parse to this policy. [`fmt::Display`] shows the same, but a replacement character
    /// for what is not UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        parse::print(self)
    }

    /// The known logs.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The keys of the known logs. Two of one name are an old and a new key of one log.
    pub fn log_keys(&self) -> impl Iterator<Item = &LogKey> {
        self.logs.iter().map(PolicyLog::key)
    }

    /// The known witnesses, those outside the quorum too.
    pub fn witnesses(&self) -> impl Iterator<Item = &PolicyWitness> {
        self.quorum.witnesses()
    }

    /// Whether a checkpoint needs cosignatures at all.
    pub const fn demands_witnesses(&self) -> bool {
        self.quorum.demands_witnesses()
    }

    /// Checks that a known log made the statement and that a quorum of witnesses cosigned it.
    ///
    /// Lines of unknown keys are ignored. A witness counts once, with its latest time. Whether the statement is recent
    /// enough is asked next, of [`Witnessed::not_older_than`].
    ///
    /// # Errors
    /// The log is unknown or did not sign; a signature of a known key does not verify; the quorum is missed.
    pub fn verify(&self, checkpoint: &SignedCheckpoint) -> Result<Witnessed, PolicyError> {
        let signed = checkpoint.verify_any(self.log_keys()).map_err(PolicyError::Log)?; // [WIT-12]
        let witnessed_at = self.quorum.witnessed_at(|witness| seen_at(witness.key(), checkpoint))?;
        Ok(Witnessed::assert(signed, witnessed_at))
    }
}

fn seen_at(key: &CosignerKey, checkpoint: &SignedCheckpoint) -> Result<Option<Timestamp>, PolicyError> {
    match key.verify(checkpoint) {
        Ok(at) => Ok(Some(at)),
        Err(CosignatureError::Absent) => Ok(None),
        Err(wrong) => Err(PolicyError::Cosignature(wrong)),
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

impl std::str::FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, ParsePolicyError> {
        Self::parse(text.as_bytes())
    }
}

/// A log that a policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    key: LogKey,
    url: Option<Box<[u8]>>,
}

impl PolicyLog {
    /// Its key, which has its name.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// Where it is reached; `None` if the policy does not say so, or not in UTF-8.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref().and_then(|url| str::from_utf8(url).ok())
    }
}

/// A witness that a policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    name: Box<[u8]>,
    key: CosignerKey,
    url: Option<Box<[u8]>>,
}

impl PolicyWitness {
    /// Its name in this policy: octets without meaning elsewhere. The witness's own name is in its key.
    pub const fn name(&self) -> &[u8] {
        &self.name
    }

    /// Its key.
    pub const fn key(&self) -> &CosignerKey {
        &self.key
    }

    /// Its submission prefix; `None` if the policy does not say so, or not in UTF-8.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref().and_then(|url| str::from_utf8(url).ok())
    }
}

/// Why a checkpoint does not satisfy a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// WIT-12 if the log is unknown; otherwise the rule that its signature breaks.
    #[error("the checkpoint is not one of a known log")]
    Log(#[source] CheckpointError),
    /// A known witness's cosignature is wrong.
    #[error("the cosignature of a known witness is wrong")]
    Cosignature(#[source] CosignatureError),
    /// WIT-13: too few witnesses cosigned.
    #[error("the checkpoint was not cosigned by a quorum of witnesses")]
    Quorum,
}

impl PolicyError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Log(CheckpointError::Origin) => "WIT-12",
            Self::Log(error) => error.code(),
            Self::Cosignature(error) => error.code(),
            Self::Quorum => "WIT-13",
        }
    }
}
