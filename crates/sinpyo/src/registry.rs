//! The registry as organisations and verifiers use it: at hand, or served by somebody else.
//!
//! Whichever it is, answers come as proofs, and whoever asks checks them.

mod own;
mod remote;
pub(crate) mod replayed;

pub(crate) use own::Own;
pub(crate) use remote::{Pin, Remote};

use anyhow::Result;
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_registry::{
    BundleError, EntryProof, ProvenState, TrustedLog,
    accreditation::{
        AccreditationChain, AccreditationProof, AccreditationRecord, LookupError, ProvenAccreditation,
    },
    did_tlog::{DidHead, ProvenDocument, ResolutionProof, ResolveError},
    heads::{HeadsError, Recency, StaleError},
    log_keys::LogKeys,
    status_digest::{ProvenStatusDigest, StatusDigestProof, StatusDigestProofError},
};
use sinpyo_tlog::note::Origin;
use std::ops::Deref;

/// A registry, asked and told.
pub(crate) trait Registry {
    /// The name of its log.
    fn origin(&self) -> &Origin;

    /// Whose checkpoints are believed.
    fn trust(&self) -> &dyn TrustedLog;

    /// Appends an operation; returns its entry when it is durable and a checkpoint that is believed commits to it.
    fn submit(&self, operation: &[u8]) -> Result<u64>;

    /// The proof that an entry stands in the log.
    fn entry_proof(&self, index: u64) -> Result<EntryProof>;

    /// Which of the persons that the entries `admitted` admitted were erased by the entries from `since` on, and up to
    /// where these were looked at.
    fn erased(&self, admitted: &[u64], since: u64) -> Result<(Vec<u64>, u64)>;

    /// The proof of a document; `None` if the registry has none.
    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>>;

    /// The proof about a right; `None` if the registry has none.
    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>>;

    /// The document in effect.
    fn resolve(&self, did: &Did, version: &VersionSelector) -> Result<Resolved>;

    /// The newest version of a DID: what its next operation has to fit.
    fn head_of(&self, did: &Did) -> Result<Option<DidHead>>;

    /// Version `number` of a DID, if a recovery can begin there.
    fn recoverable(&self, did: &Did, number: u64) -> Result<Option<DidHead>>;

    /// The accreditations by which `subject` has `right` at `at`; `None` if it has not.
    fn chain(&self, subject: &Did, right: &Right, at: Timestamp) -> Result<Option<AccreditationChain>>;

    /// The accreditations of `subject` that have to do with `right`.
    fn records(&self, subject: &Did, right: &Right) -> Result<Vec<AccreditationRecord>>;

    /// The newest digest of a status list.
    fn status_digest(&self, by: &Did, list: &str) -> Result<Option<NewestDigest>>;
}

/// The newest version of a status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewestDigest {
    /// Number of the version, from 1.
    pub(crate) version: u64,
    /// SHA-256 of the list token as served.
    pub(crate) sha256: [u8; 32],
}

/// By what proofs are believed.
#[derive(Clone, Copy)]
pub(crate) struct Believed<'a> {
    pub(crate) trust: &'a dyn TrustedLog,
    pub(crate) recency: &'a Recency<'a>,
    /// Whether the log is known to name a key that states what is newest: then each proof has to come with a statement,
    /// whatever the entries in it say.
    pub(crate) heads: bool,
}

/// Checks that `proof` shows the document, and that nothing newer was left out of it.
///
/// A log that names no key for such statements makes none; then the proof shows what it shows.
pub(crate) fn proven_document(
    proof: &ResolutionProof,
    Believed { trust, recency, heads }: Believed<'_>,
    (did, version): (&Did, &VersionSelector),
) -> Result<ProvenDocument, ResolveError> {
    match proof.verify_latest(trust, did, version, recency) {
        Err(ResolveError::Stale(StaleError::Heads(HeadsError::Absent))) if !heads => {
            check_without_heads(proof.fold(trust), recency).map_err(ResolveError::Stale)?;
            proof.verify(trust, did, version)
        }
        other => other,
    }
}

/// Checks that `proof` shows the right, and that nothing newer was left out of it.
///
/// As for documents.
pub(crate) fn proven_right(
    proof: &AccreditationProof,
    Believed { trust, recency, heads }: Believed<'_>,
    (subject, right): (&Did, &Right),
    at: Timestamp,
) -> Result<ProvenAccreditation, LookupError> {
    match proof.verify_latest(trust, subject, right, at, recency) {
        Err(LookupError::Stale(StaleError::Heads(HeadsError::Absent))) if !heads => {
            check_without_heads(proof.fold(trust), recency).map_err(LookupError::Stale)?;
            proof.verify(trust, subject, right, at)
        }
        other => other,
    }
}

/// Checks that `proof` shows the edition of a status list, and that nothing newer was left out of it.
///
/// As for documents.
pub(crate) fn proven_digest(
    proof: &StatusDigestProof,
    Believed { trust, recency, heads }: Believed<'_>,
    (by, list): (&Did, &str),
) -> Result<ProvenStatusDigest, StatusDigestProofError> {
    match proof.verify_latest(trust, by, list, recency) {
        Err(StatusDigestProofError::Stale(StaleError::Heads(HeadsError::Absent))) if !heads => {
            check_without_heads(proof.fold(trust), recency).map_err(StatusDigestProofError::Stale)?;
            proof.verify(trust, by, list)
        }
        other => other,
    }
}

/// Checks the checkpoint of a proof without a statement of what is newest: in order if the log names no key for such
/// statements, as far as its entries say.
fn check_without_heads(
    proven: Result<ProvenState, BundleError>,
    recency: &Recency<'_>,
) -> Result<(), StaleError> {
    let absent = StaleError::Heads(HeadsError::Absent);
    let Ok(proven) = proven else { return Err(absent) };
    if names_heads(&proven) {
        return Err(absent); // [CLI-23]
    }
    recency.check_checkpoint(proven.witnessed())
}

/// Whether the log's own entries name a key that states what is newest.
pub(crate) fn names_heads(proven: &ProvenState) -> bool {
    LogKeys::read(proven.state()).is_ok_and(|keys| keys.heads().is_some())
}

/// The registry that an installation uses.
#[derive(Debug)]
pub(crate) enum Opened<'a> {
    /// Its own.
    Own(Box<Own<'a>>),
    /// Somebody else's.
    Remote(&'a Remote),
}

impl<'a> Deref for Opened<'a> {
    type Target = dyn Registry + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own(own) => &**own,
            Self::Remote(remote) => *remote,
        }
    }
}
