//! What a ledger states to be the newest.

use super::Ledger;
use crate::{
    accreditation::{AccreditationProof, AccreditationRecord, gather},
    bundle::Bundle,
    did_tlog::{MAX_VERSIONS, ResolutionProof, ResolveError, locate, set_aside_with, versions_before},
    engine::{EngineError, StateView},
    fold::Fold,
    heads::{HeadEquivocation, Newest, SignHeadsError, SignedHeads, Topic, author, newest},
    log_keys::LogKeys,
    status_digest::StatusDigestProof,
};
use sinpyo_core::{accreditation::Right, did::Did, resolved::VersionSelector, time::Timestamp};
use sinpyo_tlog::checkpoint::SignedCheckpoint;
use std::collections::{BTreeMap, BTreeSet};

impl Ledger<'_> {
    /// States at `now` what is newest about `topics`, and about the DIDs that speak on them, at the published checkpoint.
    ///
    /// # Errors
    /// The ledger was opened without the heads key that the log names, the key did not sign, or the engine failed.
    pub fn state_heads(
        &self,
        topics: impl IntoIterator<Item = Topic>,
        now: Timestamp,
    ) -> Result<SignedHeads, ProveLatestError> {
        let checkpoint = self.published().map_err(ProveLatestError::Engine)?;
        let state = self.engine.state().map_err(ProveLatestError::Engine)?;
        self.heads_at(&*state, &checkpoint, topics, now)
    }

    /// The proof of the document of `did` that [`ResolutionProof::verify_latest`] accepts: with all of its versions.
    ///
    /// # Errors
    /// As for [`Ledger::prove`] and [`Ledger::state_heads`].
    pub fn prove_latest(
        &self,
        did: &Did,
        selector: &VersionSelector,
        now: Timestamp,
    ) -> Result<ResolutionProof, ProveLatestError> {
        let checkpoint = self.published().map_err(ProveLatestError::Engine)?;
        let state = self.engine.state().map_err(ProveLatestError::Engine)?;
        let located = locate(&*state, did, selector, checkpoint.claimed_head().size);
        let _exists = located.map_err(ProveLatestError::Resolve)?;
        let heads = self.heads_at(&*state, &checkpoint, [Topic::Did(did.clone())], now)?;
        let proof = ResolutionProof::collect(self.engine, &*state, checkpoint, did, MAX_VERSIONS);
        proof.map(|proof| proof.stapled(heads)).map_err(ProveLatestError::Engine)
    }

    /// The proof of a right that [`AccreditationProof::verify_latest`] accepts.
    ///
    /// # Errors
    /// As for [`Ledger::state_heads`].
    pub fn prove_accreditation_latest(
        &self,
        subject: &Did,
        right: &Right,
        now: Timestamp,
    ) -> Result<AccreditationProof, ProveLatestError> {
        let checkpoint = self.published().map_err(ProveLatestError::Engine)?;
        let state = self.engine.state().map_err(ProveLatestError::Engine)?;
        let at = (self.origin(), checkpoint.clone());
        let (proof, topics) = AccreditationProof::collect(self.engine, &*state, at, subject, right)
            .map_err(ProveLatestError::Engine)?;
        Ok(proof.stapled(self.heads_at(&*state, &checkpoint, topics, now)?))
    }

    /// The proof of the newest edition of a status list that
    /// [`verify_latest`](crate::status_digest::StatusDigestProof::verify_latest) accepts.
    ///
    /// # Errors
    /// As for [`Ledger::state_heads`].
    pub fn prove_status_digest_latest(
        &self,
        by: &Did,
        list: &str,
        now: Timestamp,
    ) -> Result<StatusDigestProof, ProveLatestError> {
        let checkpoint = self.published().map_err(ProveLatestError::Engine)?;
        let state = self.engine.state().map_err(ProveLatestError::Engine)?;
        let topic = Topic::StatusList { by: by.clone(), list: list.into() };
        let heads = self.heads_at(&*state, &checkpoint, [topic], now)?;
        let proof = StatusDigestProof::collect(self.engine, &*state, checkpoint, by, list);
        proof.map(|proof| proof.stapled(heads)).map_err(ProveLatestError::Engine)
    }

    /// Evidence that `heads`, which came with `checkpoint`, denies what this log had at that checkpoint; `None` if it
    /// tells the truth, or is not this log's.
    ///
    /// # Errors
    /// The engine failed, or the log is smaller than the checkpoint.
    pub fn contradict(
        &self,
        checkpoint: &SignedCheckpoint,
        heads: &SignedHeads,
    ) -> Result<Option<HeadEquivocation>, EngineError> {
        let state = self.engine.state()?;
        let size = checkpoint.claimed_head().size;
        let keys: BTreeSet<u64> = LogKeys::read(&*state)?.entries_below(size).collect();
        let mut none = Ok(None);
        for (topic, stated) in heads.claimed() {
            let indices = keys.union(&against(&*state, topic, stated, size)?).copied().collect();
            let bundle = match Bundle::collect(self.engine, checkpoint.clone(), &indices) {
                Ok(bundle) => bundle,
                // About the next topic there may be less to tell.
                Err(EngineError::TooMuch) => {
                    none = Err(EngineError::TooMuch);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let bundle = bundle.lawful(&Fold::excerpt(self.origin().clone()))?.stapled(heads.clone());
            let evidence = HeadEquivocation::new(bundle);
            if evidence.verify(self.key()).is_ok() {
                return Ok(Some(evidence));
            }
        }
        none
    }

    fn heads_at(
        &self,
        state: &dyn StateView,
        checkpoint: &SignedCheckpoint,
        topics: impl IntoIterator<Item = Topic>,
        now: Timestamp,
    ) -> Result<SignedHeads, ProveLatestError> {
        let (key, signer) = self.keys.heads.as_ref().ok_or(ProveLatestError::NoKey)?;
        if LogKeys::read(state).map_err(ProveLatestError::Engine)?.heads() != Some(key) {
            return Err(ProveLatestError::NoKey);
        }
        let head = checkpoint.claimed_head();
        let mut stated = BTreeMap::new();
        for topic in topics {
            let author = author(state, &topic).map_err(ProveLatestError::Engine)?.map(Topic::Did);
            for topic in [Some(topic), author].into_iter().flatten() {
                let newest = newest(state, &topic, head.size).map_err(ProveLatestError::Engine)?;
                stated.insert(topic, newest);
            }
        }
        SignedHeads::sign((self.origin(), head), stated, now, key, *signer).map_err(ProveLatestError::Sign)
    }
}

/// The entries below `size` that may contradict that `stated` is the newest about `topic`.
fn against(
    state: &dyn StateView,
    topic: &Topic,
    stated: Option<&Newest>,
    size: u64,
) -> Result<BTreeSet<u64>, EngineError> {
    let mut indices = history(state, topic, size)?;
    let Some(stated) = stated.filter(|stated| stated.index < size) else { return Ok(indices) };
    // What was stated, and if it counts for nothing, why.
    indices.insert(stated.index);
    let did = match topic {
        Topic::Did(did) => Some(did.clone()),
        topic => author(state, topic)?,
    };
    if let Some(did) = did {
        indices.extend(set_aside_with(state, &did, stated.index, size)?);
    }
    Ok(indices)
}

/// The entries below `size` that say what is newest about `topic`.
fn history(state: &dyn StateView, topic: &Topic, size: u64) -> Result<BTreeSet<u64>, EngineError> {
    match topic {
        Topic::Did(did) => versions_before(state, did, size, MAX_VERSIONS),
        Topic::Accreditation(id) => match AccreditationRecord::read(state, id)? {
            Some(record) => gather(state, size, &[record]).map(|(indices, _)| indices),
            None => Ok(BTreeSet::new()),
        },
        Topic::StatusList { by, .. } => {
            let mut indices = versions_before(state, by, size, MAX_VERSIONS)?;
            let newest = newest(state, topic, size)?;
            indices.extend(newest.map(|newest| newest.index));
            Ok(indices)
        }
    }
}

/// Why nothing was stated to be the newest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveLatestError {
    /// The ledger was opened without the heads key that the log names.
    #[error("the ledger has no heads key, or another than the log names")]
    NoKey,
    /// There is no such document.
    #[error("there is no such document")]
    Resolve(#[source] ResolveError),
    /// The statement was not signed.
    #[error("what is newest was not stated")]
    Sign(#[source] SignHeadsError),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}
