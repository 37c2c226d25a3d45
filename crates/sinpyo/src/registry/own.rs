//! A log at hand, with its key.

use super::{NewestDigest, Registry};
use crate::{log_keys::LogSigners, published::Published};
use anyhow::{Context, Result, bail};
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_registry::{
    EntryProof, Ledger, ProveLatestError, TrustedLog,
    accreditation::{AccreditationChain, AccreditationProof, AccreditationRecord},
    did_tlog::{DidHead, ResolutionProof},
    engine::{AppendError, EngineError, LogEngine as _},
    person::PersonEntry,
    status_digest::StatusDigest,
};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::note::Origin;

/// The ledger of this installation.
#[derive(Debug)]
pub(crate) struct Own<'a> {
    pub(crate) engine: &'a SqliteLog,
    pub(crate) ledger: Ledger<'a>,
    /// Sign the ledger's checkpoints, and where what they signed is noted.
    pub(crate) voice: (&'a LogSigners, &'a Published),
    pub(crate) now: Timestamp,
}

impl Registry for Own<'_> {
    fn origin(&self) -> &Origin {
        self.ledger.origin()
    }

    fn trust(&self) -> &dyn TrustedLog {
        self.ledger.key()
    }

    fn submit(&self, operation: &[u8]) -> Result<u64> {
        let appended = self.engine.append(vec![operation.to_vec()]).pop();
        let appended = appended.unwrap_or(Err(AppendError::Engine(EngineError::Stopped)));
        let appended = appended.context("the ledger refused the operation")?;
        let (signers, published) = self.voice;
        published.announce(signers, self.engine)?;
        let checkpoint = self.ledger.checkpoint()?;
        if checkpoint.claimed_head().size <= appended.index {
            bail!("the new checkpoint does not cover the operation");
        }
        self.ledger.prove_entry(appended.index)?.verify(self.ledger.key())?;
        Ok(appended.index)
    }

    fn entry_proof(&self, index: u64) -> Result<EntryProof> {
        Ok(self.ledger.prove_entry(index)?)
    }

    fn erased(&self, admitted: &[u64], _: u64) -> Result<(Vec<u64>, u64)> {
        let state = self.engine.state()?;
        let mut erased = Vec::new();
        for &entry in admitted {
            // What the log does not know is not a person of this log.
            if PersonEntry::read(&*state, entry)?.is_none_or(|person| person.is_erased()) {
                erased.push(entry);
            }
        }
        Ok((erased, self.engine.head()?.size))
    }

    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>> {
        match self.ledger.prove_latest(did, version, self.now) {
            Ok(proof) => Ok(Some(proof)),
            // A log without a key for such statements.
            Err(ProveLatestError::NoKey) => Ok(self.ledger.prove(did, version).ok()),
            Err(ProveLatestError::Resolve(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        match self.ledger.prove_accreditation_latest(subject, right, self.now) {
            Ok(proof) => Ok(Some(proof)),
            Err(ProveLatestError::NoKey) => Ok(Some(self.ledger.prove_accreditation(subject, right)?)),
            Err(error) => Err(error.into()),
        }
    }

    fn resolve(&self, did: &Did, version: &VersionSelector) -> Result<Resolved> {
        Ok(self.ledger.resolve(did, version)?)
    }

    fn head_of(&self, did: &Did) -> Result<Option<DidHead>> {
        Ok(self.ledger.head_of(did)?)
    }

    fn recoverable(&self, did: &Did, number: u64) -> Result<Option<DidHead>> {
        Ok(self.ledger.recoverable(did, number)?)
    }

    fn chain(&self, subject: &Did, right: &Right, at: Timestamp) -> Result<Option<AccreditationChain>> {
        Ok(self.ledger.accreditation(subject, right, at).ok())
    }

    fn records(&self, subject: &Did, _: &Right) -> Result<Vec<AccreditationRecord>> {
        Ok(AccreditationRecord::of(&*self.engine.state()?, subject)?)
    }

    fn status_digest(&self, by: &Did, list: &str) -> Result<Option<NewestDigest>> {
        let record = self.ledger.status_digest(by, list)?;
        let newest = |digest: StatusDigest| NewestDigest { version: digest.version, sha256: digest.sha256 };
        Ok(record.map(|record| newest(record.digest)))
    }
}
