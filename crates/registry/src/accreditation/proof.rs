//! The proof of a right, checked without the log.

use super::{
    lookup::{AccreditationChain, LookupError, find},
    record::AccreditationRecord,
};
use crate::{
    bundle::{Bundle, BundleError},
    checkpoint::{Checkpoint, SignedCheckpoint},
    did_tlog::{MAX_VERSIONS, versions_before},
    engine::{EngineError, LogEngine, StateView},
    note::LogKey,
};
use sinpyo_core::{
    accreditation::{Grant, Right},
    did::Did,
    time::Timestamp,
};
use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    str::FromStr,
};

/// Most organisations whose histories go into one proof.
const MAX_GRANTERS: usize = 64;

/// Proof that an organisation had a right: a checkpoint; the accreditations of the organisation and of everybody on
/// the way to the root accreditor, with all changes of their status up to the checkpoint; and the DID versions of
/// all who signed them.
///
/// It cannot prove that nothing was withdrawn after the checkpoint, or that no change was left out by whoever made
/// it; ask the log again where that matters. Printed and parsed as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationProof(Bundle);

impl AccreditationProof {
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        state: &dyn StateView,
        checkpoint: SignedCheckpoint,
        subject: &Did,
        right: &Right,
    ) -> Result<Self, EngineError> {
        let size = checkpoint.claimed_head().size;
        let mut indices = BTreeSet::from([0]); // the opening of the log
        let mut granters = VecDeque::new();
        for record in AccreditationRecord::of(state, subject)? {
            if record.accreditation.grant.gives(right) {
                add(&mut indices, &mut granters, &record);
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(granter) = granters.pop_front() {
            if seen.len() >= MAX_GRANTERS || !seen.insert(granter.clone()) {
                continue;
            }
            indices.extend(versions_before(state, &granter, size, MAX_VERSIONS)?);
            for record in AccreditationRecord::of(state, &granter)? {
                if matches!(record.accreditation.grant, Grant::Accredit { .. }) {
                    add(&mut indices, &mut granters, &record);
                }
            }
        }
        indices.retain(|index| *index < size);
        Bundle::collect(engine, checkpoint, &indices).map(Self)
    }

    /// Checks the proof with nothing but the log's key, and looks up whether `subject` had the right at `at`.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule, or it does not show the right.
    pub fn verify(
        &self,
        key: &LogKey,
        subject: &Did,
        right: &Right,
        at: Timestamp,
    ) -> Result<ProvenAccreditation, LookupError> {
        let folded = self.0.fold(key).map_err(LookupError::Proof)?;
        let chain = find(&folded.state, subject, right, at)?;
        Ok(ProvenAccreditation { chain, checkpoint: folded.checkpoint })
    }
}

fn add(indices: &mut BTreeSet<u64>, granters: &mut VecDeque<Did>, record: &AccreditationRecord) {
    indices.insert(record.position.index);
    indices.extend(record.changes.iter().map(|change| change.position.index));
    granters.push_back(record.accreditation.granted_by.clone());
}

impl fmt::Display for AccreditationProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for AccreditationProof {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// A right that a log's signed checkpoint commits to. Made by [`AccreditationProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenAccreditation {
    chain: AccreditationChain,
    checkpoint: Checkpoint,
}

impl ProvenAccreditation {
    /// The accreditations that give the right.
    pub const fn chain(&self) -> &AccreditationChain {
        &self.chain
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}
