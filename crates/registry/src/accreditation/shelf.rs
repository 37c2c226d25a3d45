//! Where the state lists the accreditations of an organisation, so that one right is looked up without reading
//! what others gave for another.
//!
//! What the root accreditor granted stands apart: nobody else's grants come before it.

use super::record::{AccreditationId, AccreditationRecord, Known};
use crate::engine::{EngineError, StateView, StateWrite};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, Right},
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
            Grant::Request { service, .. } => BTreeSet::from([Self::Right(Right::Request(service.clone()))]),
            Grant::Accredit { .. } => BTreeSet::from([Self::Accredit]),
        }
    }

    /// The list of `subject` on this shelf. A type is any text, and therefore comes last.
    fn list<'a>(&'a self, subject: &'a Did, source: Source) -> List<'a> {
        let kind = match (self, source) {
            (Self::Right(Right::Issue(_)), Source::Root) => "issue-by-root",
            (Self::Right(Right::Issue(_)), Source::Others) => "issue",
            (Self::Right(Right::Request(_)), Source::Root) => "request-by-root",
            (Self::Right(Right::Request(_)), Source::Others) => "request",
            (Self::Accredit, Source::Root) => "accredit-by-root",
            (Self::Accredit, Source::Others) => "accredit",
        };
        let text = match self {
            Self::Right(Right::Issue(kind)) => kind.as_str(),
            Self::Right(Right::Request(service)) => service.as_str(),
            Self::Accredit => "",
        };
        List { subject, kind, text }
    }

    /// The accreditations of `subject` on this shelf, the newest of each source, the root accreditor's first; at most
    /// `most`.
    pub(super) fn newest(
        &self,
        state: &dyn StateView,
        subject: &Did,
        most: usize,
    ) -> Result<Vec<AccreditationRecord>, EngineError> {
        let (mut records, mut known) = (Vec::new(), Known::default());
        for source in [Source::Root, Source::Others] {
            let list = self.list(subject, source);
            let count = list.count(state)?;
            for number in (count.saturating_sub(MAX_OF_LIST)..count).rev() {
                if records.len() >= most {
                    return Ok(records);
                }
                records.push(list.read(state, number, &mut known)?);
            }
        }
        Ok(records)
    }
}

/// All accreditations of `subject`, oldest first, however many.
pub(super) fn all(state: &dyn StateView, subject: &Did) -> Result<Vec<AccreditationRecord>, EngineError> {
    let list = List::of_all(subject);
    let mut known = Known::default();
    (0..list.count(state)?).map(|number| list.read(state, number, &mut known)).collect()
}

/// Puts a new accreditation on its lists.
pub(super) fn put(
    state: &dyn StateView,
    source: Source,
    record: &AccreditationRecord,
) -> Result<Vec<StateWrite>, EngineError> {
    let Accreditation { subject, grant, .. } = record.accreditation();
    let mut writes = List::of_all(subject).append(state, record)?;
    for shelf in Shelf::of(grant) {
        writes.extend(shelf.list(subject, source).append(state, record)?);
    }
    Ok(writes)
}

/// A list that grows at its end, one value of the state for each element.
struct List<'a> {
    subject: &'a Did,
    kind: &'static str,
    text: &'a str,
}

impl<'a> List<'a> {
    const fn of_all(subject: &'a Did) -> Self {
        Self { subject, kind: "all", text: "" }
    }

    fn key(&self, what: &str) -> Vec<u8> {
        let Self { subject, kind, text } = self;
        format!("accreditations-of/{subject}/{kind}/{what}/{text}").into_bytes()
    }

    fn count(&self, state: &dyn StateView) -> Result<u64, EngineError> {
        let Some(bytes) = state.get(&self.key("count"))? else { return Ok(0) };
        let count = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        count.ok_or(EngineError::CorruptState)
    }

    fn read(
        &self,
        state: &dyn StateView,
        number: u64,
        known: &mut Known,
    ) -> Result<AccreditationRecord, EngineError> {
        let bytes = state.get(&self.key(&number.to_string()))?;
        let id = bytes.as_deref().and_then(|bytes| str::from_utf8(bytes).ok()?.parse().ok());
        let id: AccreditationId = id.ok_or(EngineError::CorruptState)?;
        AccreditationRecord::read_among(state, &id, known)?.ok_or(EngineError::CorruptState)
    }

    fn append(
        &self,
        state: &dyn StateView,
        record: &AccreditationRecord,
    ) -> Result<Vec<StateWrite>, EngineError> {
        let count = self.count(state)?;
        let write =
            |what: &str, value: String| StateWrite { key: self.key(what), value: Some(value.into_bytes()) };
        Ok(vec![write(&count.to_string(), record.id().to_string()), write("count", (count + 1).to_string())])
    }
}
