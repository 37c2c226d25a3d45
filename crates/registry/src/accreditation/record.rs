//! What the state keeps of an accreditation.

use super::{grant, shelf};
use crate::{
    did_tlog::Recoveries,
    engine::{EngineError, Position, StateView, StateWrite},
    form::{Members, is_multihash},
    heads::Newest,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{accreditation::Accreditation, credential::Phase, did::Did, time::Timestamp};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    str::FromStr,
};

/// Names an accreditation: the hash of what it states.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccreditationId(Box<str>);

impl AccreditationId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccreditationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccreditationId {
    type Err = ParseAccreditationIdError;

    fn from_str(text: &str) -> Result<Self, ParseAccreditationIdError> {
        if is_multihash(text) { Ok(Self(text.into())) } else { Err(ParseAccreditationIdError) }
    }
}

/// The text names no accreditation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an accreditation")]
pub struct ParseAccreditationIdError;

/// Whether an accreditation is to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccreditationStatus {
    /// It is.
    Active,
    /// Not from that time on until it is active again.
    Suspended,
    /// No more from that time on. What was done under it before stays good.
    Ended,
    /// Never, at no time: withdrawn. Whoever may have lied lies about times too.
    Revoked,
}

impl AccreditationStatus {
    const ALL: [Self; 4] = [Self::Active, Self::Suspended, Self::Ended, Self::Revoked];

    /// The word in the operation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether nothing but a withdrawal may follow.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Ended | Self::Revoked)
    }
}

/// A change of status, and where its entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// What it became.
    pub status: AccreditationStatus,
    /// Since when.
    pub position: Position,
}

/// An accreditation with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationRecord {
    pub(super) id: AccreditationId,
    pub(super) accreditation: Accreditation,
    pub(super) position: Position,
    pub(super) changes: Vec<StatusChange>,
    /// Whether the grant itself counts for nothing, because its granter was recovered from a thief.
    pub(super) void: bool,
    /// Changes that count for nothing, for the same reason.
    pub(super) void_changes: Vec<StatusChange>,
    /// The operation without its proof, as the state keeps it.
    pub(super) op: Map<String, Value>,
}

impl AccreditationRecord {
    /// Its name.
    pub const fn id(&self) -> &AccreditationId {
        &self.id
    }

    /// What was stated.
    pub const fn accreditation(&self) -> &Accreditation {
        &self.accreditation
    }

    /// Where its entry stands.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The changes of its status, oldest first.
    pub fn changes(&self) -> &[StatusChange] {
        &self.changes
    }

    /// The number of the newest statement about it: 1 for the grant, and one more for each change.
    pub fn version(&self) -> u64 {
        self.changes.iter().fold(1, |version, _| version + 1)
    }

    /// The newest status.
    pub fn status(&self) -> AccreditationStatus {
        self.changes.last().map_or(AccreditationStatus::Active, |change| change.status)
    }

    /// The status at ledger time `at`, by all that is known today: a withdrawal counts for every time.
    pub fn status_at(&self, at: Timestamp) -> AccreditationStatus {
        if self.status() == AccreditationStatus::Revoked {
            return AccreditationStatus::Revoked; // [ACC-17]
        }
        let last = self.changes.iter().rev().find(|change| change.position.time <= at);
        last.map_or(AccreditationStatus::Active, |change| change.status)
    }

    /// Whether the grant counts for nothing: who stole the granter's keys made it, and the granter has recovered since.
    pub const fn is_void(&self) -> bool {
        self.void
    }

    /// Whether it is to be relied on for `at`: within its period, and active.
    pub fn is_in_effect(&self, at: Timestamp) -> bool {
        !self.void
            && self.accreditation.validity.at(at) == Phase::Within
            && self.status_at(at) == AccreditationStatus::Active
    }

    /// Whether it gives nothing any more at `now` and later.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.void || self.status().is_final() || self.accreditation.validity.at(now) == Phase::Over
    }

    /// Reads the accreditation `id`.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read(state: &dyn StateView, id: &AccreditationId) -> Result<Option<Self>, EngineError> {
        Self::read_among(state, id, &mut Known::default())
    }

    /// The same with what counts for nothing, to be written again with one more change.
    pub(super) fn read_whole(
        state: &dyn StateView,
        id: &AccreditationId,
    ) -> Result<Option<Self>, EngineError> {
        Self::read_below(state, id, u64::MAX, &mut Known::default())
    }

    /// The same for one of many; `known` spares reading again what one granter has recovered from.
    pub(super) fn read_among(
        state: &dyn StateView,
        id: &AccreditationId,
        known: &mut Known,
    ) -> Result<Option<Self>, EngineError> {
        let record = Self::read_below(state, id, u64::MAX, known)?;
        Ok(record.map(|record| Self { void_changes: Vec::new(), ..record }))
    }

    /// Reads the accreditation `id` as the first `size` entries of the log have it.
    fn read_below(
        state: &dyn StateView,
        id: &AccreditationId,
        size: u64,
        known: &mut Known,
    ) -> Result<Option<Self>, EngineError> {
        let Some(bytes) = state.get(&record_key(id))? else { return Ok(None) };
        let mut record = Self::from_bytes(id, &bytes).ok_or(EngineError::CorruptState)?;
        if record.position.index >= size {
            return Ok(None);
        }
        let recoveries = known.of(state, &record.accreditation.granted_by, size)?;
        record.void = recoveries.void(record.position.index);
        record.changes.retain(|change| change.position.index < size);
        let counts = |change: &StatusChange| !recoveries.void(change.position.index);
        (record.changes, record.void_changes) = record.changes.into_iter().partition(counts);
        Ok(Some(record))
    }

    /// The last statement about the accreditation `id` among the first `size` entries of the log.
    pub(crate) fn newest_below(
        state: &dyn StateView,
        id: &AccreditationId,
        size: u64,
    ) -> Result<Option<Newest>, EngineError> {
        let record = Self::read_below(state, id, size, &mut Known::default())?.filter(|record| !record.void);
        Ok(record.map(|record| Newest {
            index: record.changes.last().map_or(record.position.index, |change| change.position.index),
            version: record.version().to_string().into(),
        }))
    }

    /// All accreditations of `subject`, oldest first, however many: to be listed. To decide on a right, look it up.
    ///
    /// # Errors
    /// As [`AccreditationRecord::read`].
    pub fn of(state: &dyn StateView, subject: &Did) -> Result<Vec<Self>, EngineError> {
        shelf::all(state, subject)
    }

    fn from_bytes(id: &AccreditationId, bytes: &[u8]) -> Option<Self> {
        let mut value: Value = serde_json::from_slice(bytes).ok()?;
        let position = position(value.get("at")?)?;
        let changes = value.get("changes")?.as_array()?.iter();
        let change = |change: &Value| {
            let status = AccreditationStatus::from_name(change.get("status")?.as_str()?)?;
            Some(StatusChange { status, position: position_of(change)? })
        };
        let changes = changes.map(change).collect::<Option<_>>()?;
        let Value::Object(op) = value.get_mut("op")?.take() else { return None };
        Some(Self {
            id: id.clone(),
            accreditation: grant::read(Members(&op)).ok()?,
            position,
            changes,
            void: false,
            void_changes: Vec::new(),
            op,
        })
    }

    pub(super) fn write(&self) -> StateWrite {
        let at = |position: Position| json!([position.index, position.time.unix()]);
        // All of them, in the order of the log: what counts for nothing today counted once.
        let mut changes: Vec<&StatusChange> = self.changes.iter().chain(&self.void_changes).collect();
        changes.sort_by_key(|change| change.position.index);
        let changes: Value = changes
            .into_iter()
            .map(|change| json!({"status": change.status.name(), "at": at(change.position)}))
            .collect();
        let record = json!({"op": self.op, "at": at(self.position), "changes": changes});
        StateWrite { key: record_key(&self.id), value: Some(record.to_string().into_bytes()) }
    }
}

/// The recoveries of the granters met so far.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<Did, Recoveries>);

impl Known {
    fn of(&mut self, state: &dyn StateView, granter: &Did, size: u64) -> Result<&Recoveries, EngineError> {
        match self.0.entry(granter.clone()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(Recoveries::read_below(state, granter, size)?)),
        }
    }
}

fn position_of(value: &Value) -> Option<Position> {
    position(value.get("at")?)
}

fn position(value: &Value) -> Option<Position> {
    let [index, time] = value.as_array()?.as_slice() else { return None };
    Some(Position { index: index.as_u64()?, time: Timestamp::from_unix(time.as_i64()?)? })
}

fn record_key(id: &AccreditationId) -> Vec<u8> {
    format!("accreditation/{id}").into_bytes()
}

fn list_key(granter: &Did, subject: &Did) -> Vec<u8> {
    format!("accreditations-by/{granter}/{subject}").into_bytes()
}

/// The accreditations that `granter` gave `subject`, without those that were over when the last one was given.
pub(super) fn current(
    state: &dyn StateView,
    granter: &Did,
    subject: &Did,
) -> Result<Vec<AccreditationRecord>, EngineError> {
    let Some(bytes) = state.get(&list_key(granter, subject))? else { return Ok(Vec::new()) };
    let text = str::from_utf8(&bytes).map_err(|_| EngineError::CorruptState)?;
    let read = |id: &str| {
        let id = id.parse().map_err(|_| EngineError::CorruptState)?;
        AccreditationRecord::read(state, &id)?.ok_or(EngineError::CorruptState)
    };
    text.split(' ').map(read).collect()
}

pub(super) fn write_current(granter: &Did, subject: &Did, records: &[AccreditationRecord]) -> StateWrite {
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    StateWrite { key: list_key(granter, subject), value: Some(ids.join(" ").into_bytes()) }
}
