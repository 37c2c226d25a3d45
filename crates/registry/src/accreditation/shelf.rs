//! Where the state lists the accreditations of an organisation, so that one right is looked up without reading
//! what others gave for another.
//!
//! What the root accreditor granted stands apart: nobody else's grants come before it.

use super::record::{AccreditationId, AccreditationRecord};
use crate::engine::{EngineError, StateView, StateWrite};
use sinpyo_core::{
    accreditation::{Grant, Right},
    did::Did,
};
use std::collections::BTreeSet;

/// Most accreditations read of one list: the newest. A right that is renewed is found, whatever others gave.
pub(super) const MAX_OF_LIST: u64 = 128;

/// Whose grants.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Root,
    Others,
}

/// What the grants of a list have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    Right(Right),
    Accredit,
}

impl Shelf {
    /// The shelves on which `grant` stands.
    fn of(grant: &Grant) -> BTreeSet<Self> {
        match grant {
            Grant::Issue { types } => {
                types.iter().map(|kind| Self::Right(Right::Issue(kind.clone()))).collect()
            }
            Grant::Request { service, .. } => {
                BTreeSet::from([Self::Right(Right::Request(service.clone()))])
            }
            Grant::Accredit { .. } => BTreeSet::from([Self::Accredit]),
        }
    }

    /// The key of `what` about the list of `subject`. A type is any text, and therefore comes last.
    fn key(&self, subject: &Did, source: Source, what: &str) -> Vec<u8> {
        let source = match source {
            Source::Root => "root",
            Source::Others => "others",
        };
        let (kind, of) = match self {
            Self::Right(Right::Issue(kind)) => ("issue", kind.as_str()),
            Self::Right(Right::Request(service)) => ("request", service.as_str()),
            Self::Accredit => ("accredit", ""),
        };
        format!("accreditations-of/{subject}/{source}/{what}/{kind}/{of}").into_bytes()
    }

    fn count(&self, state: &dyn StateView, subject: &Did, source: Source) -> Result<u64, EngineError> {
        let Some(bytes) = state.get(&self.key(subject, source, "count"))? else { return Ok(0) };
        let count = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        count.ok_or(EngineError::CorruptState)
    }

    /// The accreditations of `subject` on this shelf, the newest of each source, the root accreditor's first; at most
    /// `most`.
    pub(super) fn newest(
        &self,
        state: &dyn StateView,
        subject: &Did,
        most: usize,
    ) -> Result<Vec<AccreditationRecord>, EngineError> {
        let mut records = Vec::new();
        for source in [Source::Root, Source::Others] {
            let count = self.count(state, subject, source)?;
            for number in (count.saturating_sub(MAX_OF_LIST)..count).rev() {
                if records.len() >= most {
                    return Ok(records);
                }
                let bytes = state.get(&self.key(subject, source, &number.to_string()))?;
                let id = bytes.as_deref().and_then(|bytes| str::from_utf8(bytes).ok()?.parse().ok());
                let id: AccreditationId = id.ok_or(EngineError::CorruptState)?;
                let record = AccreditationRecord::read(state, &id)?;
                records.push(record.ok_or(EngineError::CorruptState)?);
            }
        }
        Ok(records)
    }
}

/// Puts a new accreditation on its shelves.
pub(super) fn put(
    state: &dyn StateView,
    source: Source,
    record: &AccreditationRecord,
) -> Result<Vec<StateWrite>, EngineError> {
    let subject = &record.accreditation().subject;
    let mut writes = Vec::new();
    for shelf in Shelf::of(&record.accreditation().grant) {
        let count = shelf.count(state, subject, source)?;
        let mut write = |what: &str, value: String| {
            writes.push(StateWrite { key: shelf.key(subject, source, what), value: Some(value.into_bytes()) });
        };
        write(&count.to_string(), record.id().to_string());
        write("count", (count + 1).to_string());
    }
    Ok(writes)
}
