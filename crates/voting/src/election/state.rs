//! What the log led to, as an engine keeps it: one small record for each slot, commitment, tag and trustee.

use super::Refused;
use crate::phase::Phase;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::{EngineError, StateView, StateWrite};
use std::collections::HashMap;

pub(super) const ELECTION: &[u8] = b"election";
pub(super) const TIME: &[u8] = b"time";
pub(super) const PHASE: &[u8] = b"phase";
pub(super) const MANIFEST: &[u8] = b"manifest";
pub(super) const MANIFEST_DIGEST: &[u8] = b"manifest-digest";
pub(super) const MESSAGES: &[u8] = b"messages";
pub(super) const CEREMONY: &[u8] = b"ceremony";
pub(super) const REGISTERED: &[u8] = b"registered";
pub(super) const RINGS: &[u8] = b"rings";
pub(super) const CONTEXT: &[u8] = b"context";
pub(super) const HOURS: &[u8] = b"hours";
pub(super) const BALLOTS: &[u8] = b"ballots";
pub(super) const CLOSED: &[u8] = b"closed";

/// A key of one record among many of a kind.
pub(super) fn key(kind: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = kind.as_bytes().to_vec();
    key.push(b'/');
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

/// The state before an entry, and what the entry changes so far.
pub(super) struct Changing<'a> {
    before: &'a dyn StateView,
    changed: HashMap<Vec<u8>, Vec<u8>>,
    writes: Vec<StateWrite>,
}

impl<'a> Changing<'a> {
    pub(super) fn new(before: &'a dyn StateView) -> Self {
        Self { before, changed: HashMap::new(), writes: Vec::new() }
    }

    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changed.insert(key.clone(), value.clone());
        self.writes.push(StateWrite { key, value: Some(value) });
    }

    pub(super) fn into_writes(self) -> Vec<StateWrite> {
        self.writes
    }
}

impl StateView for Changing<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.changed.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None => self.before.get(key),
        }
    }
}

/// A line of the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Whether it counts.
    pub live: bool,
    /// The district's place.
    pub district: u32,
    /// Its commitment, or in profile `token` the hash of the blinded message.
    pub commitment: [u8; 32],
    /// The entry that registered it.
    pub index: u64,
}

impl Slot {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let district = self.district.to_le_bytes();
        [&[u8::from(self.live)][..], &district, &self.commitment, &self.index.to_le_bytes()].concat()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (live, rest) = bytes.split_first_chunk::<1>()?;
        let (district, rest) = rest.split_first_chunk()?;
        let (commitment, index) = rest.split_first_chunk()?;
        Some(Self {
            live: *live == [1],
            district: u32::from_le_bytes(*district),
            commitment: *commitment,
            index: u64::from_le_bytes(index.try_into().ok()?),
        })
    }
}

/// Reads the state that an election's log leads to.
#[derive(Clone, Copy)]
pub struct Election<'a>(pub(super) &'a dyn StateView);

impl std::fmt::Debug for Election<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Election(..)")
    }
}

impl<'a> Election<'a> {
    /// The election whose log has the state `view`.
    pub const fn new(view: &'a dyn StateView) -> Self {
        Self(view)
    }

    fn array<const N: usize>(&self, key: &[u8]) -> Result<Option<[u8; N]>, Refused> {
        let Some(bytes) = self.0.get(key)? else { return Ok(None) };
        bytes.try_into().map(Some).map_err(|_| Refused::Engine(EngineError::CorruptState))
    }

    fn number(&self, key: &[u8]) -> Result<u64, Refused> {
        Ok(self.array(key)?.map_or(0, u64::from_le_bytes))
    }

    /// Its identifier; `None` before entry 0.
    ///
    /// # Errors
    /// The engine failed; so for all that follow.
    pub fn id(&self) -> Result<Option<ElectionId>, Refused> {
        Ok(self.array(ELECTION)?.map(ElectionId))
    }

    /// How far it is.
    ///
    /// # Errors
    /// The engine failed.
    pub fn phase(&self) -> Result<Phase, Refused> {
        let Some(bytes) = self.0.get(PHASE)? else { return Ok(Phase::Draft) };
        let phase = str::from_utf8(&bytes).ok().and_then(Phase::from_name);
        phase.ok_or(Refused::Engine(EngineError::CorruptState))
    }

    /// The time of the newest event.
    ///
    /// # Errors
    /// The engine failed.
    pub fn last_time(&self) -> Result<Option<Timestamp>, Refused> {
        let Some(seconds) = self.array(TIME)? else { return Ok(None) };
        let time = Timestamp::from_unix(i64::from_le_bytes(seconds));
        time.map(Some).ok_or(Refused::Engine(EngineError::CorruptState))
    }

    /// The newest manifest's body, canonical; `None` before entry 0.
    ///
    /// # Errors
    /// The engine failed.
    pub(crate) fn manifest_bytes(&self) -> Result<Option<Vec<u8>>, Refused> {
        Ok(self.0.get(MANIFEST)?)
    }

    pub(super) fn manifest_digest(&self) -> Result<Option<[u8; 32]>, Refused> {
        self.array(MANIFEST_DIGEST)
    }

    /// The line of the roll called `slot`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn slot(&self, slot: &[u8; 16]) -> Result<Option<Slot>, Refused> {
        let Some(bytes) = self.0.get(&key("slot", &[slot]))? else { return Ok(None) };
        Slot::from_bytes(&bytes).map(Some).ok_or(Refused::Engine(EngineError::CorruptState))
    }

    /// Whether `commitment` was ever registered.
    ///
    /// # Errors
    /// The engine failed.
    pub fn is_registered(&self, commitment: &[u8; 32]) -> Result<bool, Refused> {
        Ok(self.0.get(&key("commitment", &[commitment]))?.is_some())
    }

    /// Live lines of a district.
    ///
    /// # Errors
    /// The engine failed.
    pub fn live(&self, district: u32) -> Result<u64, Refused> {
        self.number(&key("live", &[&district.to_le_bytes()]))
    }

    /// Lines that were ever registered.
    ///
    /// # Errors
    /// The engine failed.
    pub fn registered(&self) -> Result<u64, Refused> {
        self.number(REGISTERED)
    }

    /// The beacon value that a trustee showed.
    ///
    /// # Errors
    /// The engine failed.
    pub(crate) fn beacon_value(&self, trustee: u32) -> Result<Option<[u8; 32]>, Refused> {
        self.array(&key("beacon", &[&trustee.to_le_bytes()]))
    }

    /// Count and root of the rings as the registrar announced them.
    ///
    /// # Errors
    /// The engine failed.
    pub fn rings(&self) -> Result<Option<(u64, [u8; 32])>, Refused> {
        let Some(bytes) = self.array::<40>(RINGS)? else { return Ok(None) };
        let (count, root) = bytes.split_first_chunk().ok_or(Refused::Engine(EngineError::CorruptState))?;
        let root = root.try_into().map_err(|_| Refused::Engine(EngineError::CorruptState))?;
        Ok(Some((u64::from_le_bytes(*count), root)))
    }

    /// The context, once ballots are taken.
    ///
    /// # Errors
    /// The engine failed.
    pub fn context(&self) -> Result<Option<[u8; 64]>, Refused> {
        self.array(CONTEXT)
    }

    /// Ballots in the log, those of one voter all counted.
    ///
    /// # Errors
    /// The engine failed.
    pub fn ballots(&self) -> Result<u64, Refused> {
        self.number(BALLOTS)
    }

    /// The ballot of a tag that counts, by its index.
    ///
    /// # Errors
    /// The engine failed.
    pub fn counted(&self, tag: &[u8; 32]) -> Result<Option<u64>, Refused> {
        Ok(self.array(&key("tag", &[tag]))?.map(u64::from_le_bytes))
    }

    /// The entry that closed the election.
    ///
    /// # Errors
    /// The engine failed.
    pub fn closed_at(&self) -> Result<Option<u64>, Refused> {
        Ok(self.array(CLOSED)?.map(u64::from_le_bytes))
    }

    /// Whether a trustee's share of a group is in the log.
    ///
    /// # Errors
    /// The engine failed.
    pub fn has_share(&self, trustee: u32, group: u32) -> Result<bool, Refused> {
        Ok(self.0.get(&key("share", &[&trustee.to_le_bytes(), &group.to_le_bytes()]))?.is_some())
    }

    pub(super) fn hours(&self) -> Result<Option<(Timestamp, Timestamp, bool)>, Refused> {
        let Some(bytes) = self.array::<17>(HOURS)? else { return Ok(None) };
        let damaged = || Refused::Engine(EngineError::CorruptState);
        let (opens, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let (closes, first) = rest.split_first_chunk().ok_or_else(damaged)?;
        let time = |bytes: &[u8; 8]| Timestamp::from_unix(i64::from_le_bytes(*bytes)).ok_or_else(damaged);
        Ok(Some((time(opens)?, time(closes)?, first == [1])))
    }
}
