//! What a ledger states to be the newest.

use super::Ledger;
use crate::{
    accreditation::{AccreditationProof, AccreditationRecord, gather},
    bundle::Bundle,
    did_tlog::{MAX_VERSIONS, ResolutionProof, ResolveError, locate, versions_before},
    engine::{EngineError, StateView},
    fold::Fold,
    heads::{HeadEquivocation, SignHeadsError, SignedHeads, Topic, newest},
    log_keys::LogKeys,
    status_digest::StatusDigestRecord,
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
        let mut indices: BTreeSet<u64> = LogKeys::read(&*state)?.entries_below(size).collect();
        for topic in heads.claimed_topics() {
            indices.extend(history(&*state, topic, size)?);
        }
        let bundle = Bundle::collect(self.engine, checkpoint.clone(), &indices)?;
        let bundle = bundle.lawful(&Fold::new(self.origin().clone()))?.stapled(heads.clone());
        let evidence = HeadEquivocation::new(bundle);
        Ok(evidence.verify(self.key()).is_ok().then_some(evidence))
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

/// Who speaks on `topic`, where that is not the DID itself.
fn author(state: &dyn StateView, topic: &Topic) -> Result<Option<Did>, EngineError> {
    Ok(match topic {
        Topic::Did(_) => None,
        Topic::StatusList { by, .. } => Some(by.clone()),
        Topic::Accreditation(id) => {
            AccreditationRecord::read(state, id)?.map(|record| record.accreditation().granted_by.clone())
        }
    })
}

/// The entries below `size` that say what is newest about `topic`.
fn history(state: &dyn StateView, topic: &Topic, size: u64) -> Result<BTreeSet<u64>, EngineError> {
    match topic {
        Topic::Did(did) => versions_before(state, did, size, MAX_VERSIONS),
        Topic::Accreditation(id) => match AccreditationRecord::read(state, id)? {
            Some(record) => gather(state, size, &[record]).map(|(indices, _)| indices),
            None => Ok(BTreeSet::new()),
        },
        Topic::StatusList { by, list } => {
            let mut indices = versions_before(state, by, size, MAX_VERSIONS)?;
            indices.extend(StatusDigestRecord::indices_below(state, by, list, size)?);
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
