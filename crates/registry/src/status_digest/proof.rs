//! The proof of which edition of a status list is the newest, checked without the log.

use super::StatusDigestRecord;
use crate::{
    bundle::{Bundle, BundleError, ProvenState},
    did_tlog::{MAX_VERSIONS, versions_before},
    engine::{EngineError, LogEngine, StateView},
    heads::{Recency, SignedHeads, StaleError, Topic},
    log_keys::LogKeys,
    trust::TrustedLog,
};
use sinpyo_core::did::Did;
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    policy::Witnessed,
};
use std::{fmt, str::FromStr};

/// Proof that an issuer published an edition of its status list: a checkpoint, the issuer's DID versions, and the entry of
/// that edition. Earlier editions are not in it, however many there were.
///
/// That no newer one exists is shown by one with a statement of what is newest ([`StatusDigestProof::verify_latest`]).
/// Printed and parsed as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusDigestProof(Bundle);

impl StatusDigestProof {
    /// The newest edition below `checkpoint` of the list that `by` publishes at `list`; without it if there is none.
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        state: &dyn StateView,
        checkpoint: SignedCheckpoint,
        by: &Did,
        list: &str,
    ) -> Result<Self, EngineError> {
        let size = checkpoint.claimed_head().size;
        let mut indices = versions_before(state, by, size, MAX_VERSIONS)?;
        indices.extend(LogKeys::read(state)?.entries_below(size));
        indices.extend(StatusDigestRecord::newest_below(state, by, list, size)?.map(|newest| newest.index));
        Bundle::collect(engine, checkpoint, &indices).map(Self)
    }

    pub(crate) fn stapled(self, heads: SignedHeads) -> Self {
        Self(self.0.stapled(heads))
    }

    /// Checks the proof with nothing but the log's key or a policy.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule, or does not hold an edition of the list.
    pub fn verify(
        &self,
        log: &dyn TrustedLog,
        by: &Did,
        list: &str,
    ) -> Result<ProvenStatusDigest, StatusDigestProofError> {
        self.look_up(log, by, list, None)
    }

    /// Checks moreover that the log states, at a checkpoint as recent as demanded, that this edition is the newest, and
    /// that nothing newer is known of the issuer's keys.
    ///
    /// # Errors
    /// As for [`StatusDigestProof::verify`]; [`StatusDigestProofError::Stale`].
    pub fn verify_latest(
        &self,
        log: &dyn TrustedLog,
        by: &Did,
        list: &str,
        recency: &Recency<'_>,
    ) -> Result<ProvenStatusDigest, StatusDigestProofError> {
        self.look_up(log, by, list, Some(recency))
    }

    fn look_up(
        &self,
        log: &dyn TrustedLog,
        by: &Did,
        list: &str,
        recency: Option<&Recency<'_>>,
    ) -> Result<ProvenStatusDigest, StatusDigestProofError> {
        let folded = self.0.fold(log).map_err(StatusDigestProofError::Proof)?;
        if let Some(recency) = recency {
            let topics = [Topic::StatusList { by: by.clone(), list: list.into() }, Topic::Did(by.clone())];
            folded.check_latest(topics, recency).map_err(StatusDigestProofError::Stale)?;
        }
        let record =
            StatusDigestRecord::read(&folded.state, by, list).map_err(StatusDigestProofError::Engine)?;
        let record = record.ok_or(StatusDigestProofError::NotPublished)?; // [ACC-22]
        Ok(ProvenStatusDigest { record, witnessed: folded.witnessed })
    }

    /// The state that the entries of the proof lead to.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule.
    pub fn fold(&self, log: &dyn TrustedLog) -> Result<ProvenState, BundleError> {
        self.0.fold(log).map(ProvenState::from)
    }
}

impl fmt::Display for StatusDigestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for StatusDigestProof {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// An edition of a status list that a log's signed checkpoint commits to. Made by [`StatusDigestProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenStatusDigest {
    record: StatusDigestRecord,
    witnessed: Witnessed,
}

impl ProvenStatusDigest {
    /// The edition, and where its entry stands.
    pub const fn record(&self) -> &StatusDigestRecord {
        &self.record
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.witnessed.checkpoint()
    }

    /// The checkpoint with what the witnesses say of it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }
}

/// Why no edition of a list is proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusDigestProofError {
    /// ACC-22: the proof holds no edition of the list that counts.
    #[error("no edition of the status list is on the log")]
    NotPublished,
    /// The proof of it is refused.
    #[error("the proof of the status list is refused")]
    Proof(#[source] BundleError),
    /// It is genuine, but not shown to be the newest, or not recent enough.
    #[error("the proof of the status list is stale")]
    Stale(#[source] StaleError),
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl StatusDigestProofError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPublished => "ACC-22",
            Self::Proof(error) => error.code(),
            Self::Stale(error) => error.code(),
            Self::Engine(_) => "LOG-19",
        }
    }
}
