//! What others ask a ledger.

use super::Ledger;
use crate::{
    accreditation::{
        AccreditationChain, AccreditationId, AccreditationProof, AccreditationRecord, LookupError, find,
    },
    did_tlog::{DidHead, ResolutionProof, ResolveError, locate},
    engine::EngineError,
    status_digest::{StatusDigestProof, StatusDigestRecord},
};
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};

impl Ledger<'_> {
    /// The document of `did` in the version that `selector` means.
    ///
    /// # Errors
    /// The published checkpoint commits to no such version.
    pub fn resolve(&self, did: &Did, selector: &VersionSelector) -> Result<Resolved, ResolveError> {
        let size = self.published().map_err(ResolveError::Engine)?.claimed_head().size;
        let state = self.engine.state().map_err(ResolveError::Engine)?;
        let located = locate(&*state, did, selector, size)?;
        let entry = self.entry(located.index()).map_err(ResolveError::Engine)?;
        located.resolved(&entry)
    }

    /// The proof of what [`Ledger::resolve`] answers.
    ///
    /// # Errors
    /// As there.
    pub fn prove(&self, did: &Did, selector: &VersionSelector) -> Result<ResolutionProof, ResolveError> {
        let checkpoint = self.published().map_err(ResolveError::Engine)?;
        let state = self.engine.state().map_err(ResolveError::Engine)?;
        let located = locate(&*state, did, selector, checkpoint.claimed_head().size)?;
        ResolutionProof::collect(self.engine, &*state, checkpoint, did, located.last_number())
            .map_err(ResolveError::Engine)
    }

    /// The newest version of `did`, anchored or not: what its next operation has to fit.
    ///
    /// # Errors
    /// The engine failed.
    pub fn head_of(&self, did: &Did) -> Result<Option<DidHead>, EngineError> {
        DidHead::read(&*self.engine.state()?, did)
    }

    /// Version `number` of `did`, if a recovery can still begin there: what it has to fit.
    ///
    /// # Errors
    /// The engine failed.
    pub fn recoverable(&self, did: &Did, number: u64) -> Result<Option<DidHead>, EngineError> {
        DidHead::read_base(&*self.engine.state()?, did, number)
    }

    /// The accreditations by which `subject` had `right` at ledger time `at`, by all that was appended.
    ///
    /// # Errors
    /// It did not, and why; or the engine failed.
    pub fn accreditation(
        &self,
        subject: &Did,
        right: &Right,
        at: Timestamp,
    ) -> Result<AccreditationChain, LookupError> {
        find(&*self.engine.state().map_err(LookupError::Engine)?, subject, right, at)
    }

    /// The proof by which others look up whether `subject` has `right`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn prove_accreditation(
        &self,
        subject: &Did,
        right: &Right,
    ) -> Result<AccreditationProof, EngineError> {
        let checkpoint = (self.origin(), self.published()?);
        let proof =
            AccreditationProof::collect(self.engine, &*self.engine.state()?, checkpoint, subject, right);
        proof.map(|(proof, _)| proof)
    }

    /// The accreditation `id` with its history.
    ///
    /// # Errors
    /// The engine failed.
    pub fn accreditation_record(
        &self,
        id: &AccreditationId,
    ) -> Result<Option<AccreditationRecord>, EngineError> {
        AccreditationRecord::read(&*self.engine.state()?, id)
    }

    /// The proof of the newest edition of the status list that `by` publishes at `list`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn prove_status_digest(&self, by: &Did, list: &str) -> Result<StatusDigestProof, EngineError> {
        StatusDigestProof::collect(self.engine, &*self.engine.state()?, self.published()?, by, list)
    }

    /// The newest digest of the status list that `by` publishes at `list`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn status_digest(&self, by: &Did, list: &str) -> Result<Option<StatusDigestRecord>, EngineError> {
        StatusDigestRecord::read(&*self.engine.state()?, by, list)
    }
}
