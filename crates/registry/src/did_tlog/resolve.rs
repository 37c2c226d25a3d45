//! From a DID to the document of one of its versions.

use super::fold::{DidHead, VersionRecord, document_of};
use crate::{
    bundle::{Bundle, BundleError},
    engine::{EngineError, LogEngine, StateView},
};
use sinpyo_core::{
    did::Did,
    resolved::{DocumentMetadata, Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    note::LogKey,
};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// A version that was found, before its entry is read.
#[derive(Debug)]
pub(crate) struct Located {
    version: VersionRecord,
    created: Timestamp,
    next: Option<VersionRecord>,
    /// Whether the newest version of all is a deactivation; it is then the one that makes no next.
    deactivated: bool,
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
    let record = |number: u64| {
        let record = VersionRecord::read(state, did, number).map_err(ResolveError::Engine)?;
        record.ok_or(ResolveError::Engine(EngineError::CorruptState))
    };
    let newest = head.version().number();
    let visible = last_matching(newest, |number| Ok(record(number)?.position.index < size))?;
    let visible = visible.ok_or(ResolveError::NotFound)?;
    let number = match selector {
        VersionSelector::Latest => Some(visible),
        VersionSelector::Id(id) => named(id, visible, &record)?,
        VersionSelector::Time(time) => {
            last_matching(visible, |number| Ok(record(number)?.position.time <= *time))?
        }
    };
    let number = number.ok_or(ResolveError::VersionNotFound)?; // [TLOG-35]
    Ok(Located {
        version: record(number)?,
        created: record(1)?.position.time,
        next: if number < visible { Some(record(number + 1)?) } else { None },
        deactivated: head.is_deactivated() && number == newest,
    })
}

fn named(
    id: &str,
    newest: u64,
    record: &impl Fn(u64) -> Result<VersionRecord, ResolveError>,
) -> Result<Option<u64>, ResolveError> {
    let Ok(wanted) = id.parse::<super::VersionId>() else { return Ok(None) };
    if wanted.number() > newest || record(wanted.number())?.id != wanted {
        return Ok(None);
    }
    Ok(Some(wanted.number()))
}

/// The last of `1..=newest` for which `matches` holds; it holds for a first part of them only.
fn last_matching(
    newest: u64,
    matches: impl Fn(u64) -> Result<bool, ResolveError>,
) -> Result<Option<u64>, ResolveError> {
    let (mut low, mut high) = (0, newest);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if matches(middle)? {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok((low > 0).then_some(low))
}

impl Located {
    /// Index of the entry that holds the document.
    pub(crate) const fn index(&self) -> u64 {
        self.version.position.index
    }

    /// The answer, with the version's entry at hand.
    pub(crate) fn resolved(self, entry: &[u8]) -> Result<Resolved, ResolveError> {
        let document = document_of(entry);
        let document = document.ok_or(ResolveError::Engine(EngineError::Corrupt { index: self.index() }))?;
        let metadata = DocumentMetadata {
            version_id: Some(self.version.id.to_string()),
            created: Some(self.created),
            updated: Some(self.version.position.time),
            superseded: self.next.map(|next| next.position.time),
            deactivated: self.deactivated,
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
    let mut indices = BTreeSet::new();
    for number in 1..=most {
        match VersionRecord::read(state, did, number)? {
            Some(record) if record.position.index < size => indices.insert(record.position.index),
            _ => break,
        };
    }
    Ok(indices)
}

/// Proof of what a DID resolved to: a checkpoint, and the entries of the DID's versions up to the one meant and the
/// one that supersedes it.
///
/// Proves that these versions are on the log, lawful and in this order. It cannot prove that no newer one exists;
/// for that, compare the checkpoint's age with what the policy allows, and ask the log again. Printed and parsed as
/// JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolutionProof(Bundle);

impl ResolutionProof {
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        state: &dyn StateView,
        checkpoint: SignedCheckpoint,
        did: &Did,
        located: &Located,
    ) -> Result<Self, EngineError> {
        let size = checkpoint.claimed_head().size;
        let last = located.next.as_ref().unwrap_or(&located.version).id.number();
        let mut indices = versions_before(state, did, size, last)?;
        indices.insert(0); // the opening of the log
        Bundle::collect(engine, checkpoint, &indices).map(Self)
    }

    /// Checks the proof with nothing but the log's key, and resolves `did` from it.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule, or does not hold the version that `selector` means.
    pub fn verify(
        &self,
        key: &LogKey,
        did: &Did,
        selector: &VersionSelector,
    ) -> Result<ProvenDocument, ResolveError> {
        let folded = self.0.fold(key).map_err(ResolveError::Proof)?;
        let located = locate(&folded.state, did, selector, folded.checkpoint.head().size)?;
        let entry = folded.entry(located.index()).ok_or(ResolveError::NotFound)?;
        Ok(ProvenDocument { resolved: located.resolved(entry)?, checkpoint: folded.checkpoint })
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
    checkpoint: Checkpoint,
}

impl ProvenDocument {
    /// The document and what is known about its version.
    pub const fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
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
            Self::Engine(_) => "LOG-19",
        }
    }
}
