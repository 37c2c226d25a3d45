//! From a DID to the document of one of its versions.

use super::{
    DidHead,
    fold::document_of,
    history::{Lineage, VersionRecord},
};
use crate::{
    bundle::{Bundle, BundleError, ProvenState},
    engine::{EngineError, LogEngine, StateView},
    heads::{Recency, SignedHeads, StaleError, Topic},
    log_keys::LogKeys,
    trust::TrustedLog,
};
use sinpyo_core::{
    did::Did,
    resolved::{DocumentMetadata, Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    policy::Witnessed,
};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// A version that was found, before its entry is read.
#[derive(Debug)]
pub(crate) struct Located {
    version: VersionRecord,
    created: Timestamp,
    next: Option<VersionRecord>,
}

/// Finds the version that `selector` means among those below log index `size`.
pub(crate) fn locate(
    state: &dyn StateView,
    did: &Did,
    selector: &VersionSelector,
    size: u64,
) -> Result<Located, ResolveError> {
    if did.method() != "tlog" {
        return Err(ResolveError::Method);
    }
    let head = DidHead::read(state, did).map_err(ResolveError::Engine)?.ok_or(ResolveError::NotFound)?; // [TLOG-34]
    let lineage = Lineage::at(state, did, size).map_err(ResolveError::Engine)?;
    let newest = lineage.newest(head.version().number()).map_err(ResolveError::Engine)?;
    let newest = newest.ok_or(ResolveError::NotFound)?;
    let visible = newest.id.number();
    let version = match selector {
        VersionSelector::Latest => Some(newest),
        VersionSelector::Id(id) => match id.parse::<super::VersionId>() {
            Ok(id) if id.number() <= visible => {
                lineage.version(id.number()).map_err(ResolveError::Engine)?.filter(|version| version.id == id)
            }
            _ => None,
        },
        VersionSelector::Time(time) => {
            lineage.last(visible, |version| version.position.time <= *time).map_err(ResolveError::Engine)?
        }
    };
    let version = version.ok_or(ResolveError::VersionNotFound)?; // [TLOG-35]
    let record = |number: u64| {
        let version = lineage.version(number).map_err(ResolveError::Engine)?;
        version.ok_or(ResolveError::Engine(EngineError::CorruptState))
    };
    let number = version.id.number();
    Ok(Located {
        created: record(1)?.position.time,
        next: if number < visible { Some(record(number + 1)?) } else { None },
        version,
    })
}

impl Located {
    /// The number of the last version that its answer rests on.
    pub(crate) fn last_number(&self) -> u64 {
        self.next.as_ref().unwrap_or(&self.version).id.number()
    }

    /// Index of the entry that holds the document.
    pub(crate) const fn index(&self) -> u64 {
        self.version.position.index
    }

    /// The answer, with the version's entry at hand.
    pub(crate) fn resolved(self, entry: &[u8]) -> Result<Resolved, ResolveError> {
        let corrupt = || ResolveError::Engine(EngineError::Corrupt { index: self.index() });
        let (document, deactivated) = document_of(entry).ok_or_else(corrupt)?;
        let metadata = DocumentMetadata {
            version_id: Some(self.version.id.to_string()),
            created: Some(self.created),
            updated: Some(self.version.position.time),
            superseded: self.next.map(|next| next.position.time),
            deactivated,
        };
        Ok(Resolved { document, metadata })
    }
}

/// The log indices of the versions of `did` below `size`, at most `most` of them.
pub(crate) fn versions_before(
    state: &dyn StateView,
    did: &Did,
    size: u64,
    most: u64,
) -> Result<BTreeSet<u64>, EngineError> {
    Lineage::at(state, did, size)?.indices(most)
}

/// Proof of what a DID resolved to: a checkpoint, and the entries of the DID's versions up to the one meant and the
/// one that supersedes it.
///
/// Proves that these versions are on the log, lawful and in this order. That no newer one exists, and that no recovery
/// set them aside, is shown by one with a statement of what is newest ([`ResolutionProof::verify_latest`]). Printed and
/// parsed as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolutionProof(Bundle);

impl ResolutionProof {
    /// The first `most` versions of `did` below `checkpoint`, and what the log says of its own keys.
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        state: &dyn StateView,
        checkpoint: SignedCheckpoint,
        did: &Did,
        most: u64,
    ) -> Result<Self, EngineError> {
        let size = checkpoint.claimed_head().size;
        let mut indices = versions_before(state, did, size, most)?;
        indices.extend(LogKeys::read(state)?.entries_below(size));
        Bundle::collect(engine, checkpoint, &indices).map(Self)
    }

    pub(crate) fn stapled(self, heads: SignedHeads) -> Self {
        Self(self.0.stapled(heads))
    }

    /// Checks the proof with nothing but the log's key or a policy, and resolves `did` from it.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule, or does not hold the version that `selector` means.
    pub fn verify(
        &self,
        log: &dyn TrustedLog,
        did: &Did,
        selector: &VersionSelector,
    ) -> Result<ProvenDocument, ResolveError> {
        self.resolve(log, did, selector, None)
    }

    /// Checks moreover that the log states the newest version here to be the newest at the checkpoint, and that this is
    /// as recent as demanded.
    ///
    /// # Errors
    /// As for [`ResolutionProof::verify`]; [`ResolveError::Stale`].
    pub fn verify_latest(
        &self,
        log: &dyn TrustedLog,
        did: &Did,
        selector: &VersionSelector,
        recency: &Recency<'_>,
    ) -> Result<ProvenDocument, ResolveError> {
        self.resolve(log, did, selector, Some(recency))
    }

    fn resolve(
        &self,
        log: &dyn TrustedLog,
        did: &Did,
        selector: &VersionSelector,
        recency: Option<&Recency<'_>>,
    ) -> Result<ProvenDocument, ResolveError> {
        let folded = self.0.fold(log).map_err(ResolveError::Proof)?;
        if let Some(recency) = recency {
            folded.check_latest([Topic::Did(did.clone())], recency).map_err(ResolveError::Stale)?;
        }
        let located = locate(&folded.state, did, selector, folded.size())?;
        let entry = folded.entry(located.index()).ok_or(ResolveError::NotFound)?;
        Ok(ProvenDocument { resolved: located.resolved(entry)?, witnessed: folded.witnessed })
    }

    /// The state that the entries of the proof lead to.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule.
    pub fn fold(&self, log: &dyn TrustedLog) -> Result<ProvenState, BundleError> {
        self.0.fold(log).map(ProvenState::from)
    }
}

impl fmt::Display for ResolutionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for ResolutionProof {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// A document that a log's signed checkpoint commits to. Made by [`ResolutionProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenDocument {
    resolved: Resolved,
    witnessed: Witnessed,
}

impl ProvenDocument {
    /// The document and what is known about its version.
    pub const fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.witnessed.checkpoint()
    }

    /// The checkpoint with what the witnesses say of it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }

    /// The document, without the statement that it was proven.
    pub fn into_resolved(self) -> Resolved {
        self.resolved
    }
}

/// Why a DID was not resolved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// Another DID method.
    #[error("not a did:tlog")]
    Method,
    /// TLOG-34: no checkpoint of the log commits to the DID.
    #[error("the DID is not on the log")]
    NotFound,
    /// TLOG-35: the DID has no version of that name, or had none at that time.
    #[error("the DID has no such version")]
    VersionNotFound,
    /// The proof of it is refused.
    #[error("the proof of the document is refused")]
    Proof(#[source] BundleError),
    /// It is genuine, but not shown to be the newest, or not recent enough.
    #[error("the proof of the document is stale")]
    Stale(#[source] StaleError),
    /// The log could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl ResolveError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Method | Self::NotFound => "TLOG-34",
            Self::VersionNotFound => "TLOG-35",
            Self::Proof(error) => error.code(),
            Self::Stale(error) => error.code(),
            Self::Engine(_) => "LOG-19",
        }
    }
}
