//! The versions of a DID: those that count, and those that a recovery has set aside.

use super::operation::VersionId;
use crate::{
    engine::{EngineError, Position, StateView, StateWrite},
    heads::Newest,
};
use sinpyo_core::{did::Did, time::Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// By which authority a version was made: the place of its recovery key among those of the version before, 0 for the
/// highest; `None` for an update key.
pub(super) type Rank = Option<usize>;

/// Where one version of a DID stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionRecord {
    pub(crate) position: Position,
    pub(crate) id: VersionId,
    pub(super) rank: Rank,
}

impl VersionRecord {
    pub(crate) fn read(state: &dyn StateView, did: &Did, number: u64) -> Result<Option<Self>, EngineError> {
        let Some(bytes) = state.get(&version_key(did, number))? else { return Ok(None) };
        str::from_utf8(&bytes).ok().and_then(Self::parse).map(Some).ok_or(EngineError::CorruptState)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split(' ');
        let index = fields.next()?.parse().ok()?;
        let time = Timestamp::from_unix(fields.next()?.parse().ok()?)?;
        let id = fields.next()?.parse().ok()?;
        let rank = fields.next().map(str::parse).transpose().ok()?;
        Some(Self { position: Position { index, time }, id, rank })
    }

    fn text(&self) -> String {
        let rank = self.rank.map_or(String::new(), |rank| format!(" {rank}"));
        format!("{} {} {}{rank}", self.position.index, self.position.time.unix(), self.id)
    }

    pub(super) fn write(&self, did: &Did) -> StateWrite {
        let key = version_key(did, self.id.number());
        StateWrite { key, value: Some(self.text().into_bytes()) }
    }
}

fn version_key(did: &Did, number: u64) -> Vec<u8> {
    format!("did/{did}/version/{number}").into_bytes()
}

fn set_aside_key(did: &Did, recovery: u64) -> Vec<u8> {
    format!("did/{did}/set-aside/{recovery}").into_bytes()
}

fn recoveries_key(did: &Did) -> Vec<u8> {
    format!("did/{did}/recoveries").into_bytes()
}

/// A recovery that set versions aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recovery {
    /// Index of the first version set aside.
    from: u64,
    /// Index of the recovery.
    to: u64,
}

/// The recoveries of a DID. What it said between the first version set aside and the recovery counts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recoveries(Vec<Recovery>);

impl Recoveries {
    pub(crate) fn read(state: &dyn StateView, did: &Did) -> Result<Self, EngineError> {
        let Some(bytes) = state.get(&recoveries_key(did))? else { return Ok(Self::default()) };
        let parse = |pair: &str| {
            let (from, to) = pair.split_once('-')?;
            Some(Recovery { from: from.parse().ok()?, to: to.parse().ok()? })
        };
        let text = str::from_utf8(&bytes).map_err(|_| EngineError::CorruptState)?;
        text.split(' ').map(parse).collect::<Option<_>>().map(Self).ok_or(EngineError::CorruptState)
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether what the DID said in entry `index` counts for nothing, by the first `size` entries of the log.
    pub(crate) fn void(&self, index: u64, size: u64) -> bool {
        // [TLOG-48]
        self.0.iter().any(|recovery| (recovery.from..recovery.to).contains(&index) && recovery.to < size)
    }

    /// Sets `versions`, which have numbers without gaps, aside by the recovery in entry `at`.
    pub(super) fn set_aside(mut self, did: &Did, versions: &[VersionRecord], at: u64) -> Vec<StateWrite> {
        let Some(first) = versions.first() else { return Vec::new() };
        self.0.push(Recovery { from: first.position.index, to: at });
        let text: Vec<String> = self.0.iter().map(|one| format!("{}-{}", one.from, one.to)).collect();
        let kept: Vec<String> = versions.iter().map(VersionRecord::text).collect();
        let mut writes = vec![
            StateWrite { key: recoveries_key(did), value: Some(text.join(" ").into_bytes()) },
            StateWrite { key: set_aside_key(did, at), value: Some(kept.join("\n").into_bytes()) },
        ];
        writes.extend(
            versions
                .iter()
                .map(|version| StateWrite { key: version_key(did, version.id.number()), value: None }),
        );
        writes
    }

    /// Indices of the recoveries that the first `size` entries do not hold.
    fn beyond(&self, size: u64) -> impl DoubleEndedIterator<Item = u64> {
        self.0.iter().map(|recovery| recovery.to).filter(move |to| *to >= size)
    }
}

/// The versions of a DID that counted when the log had some size.
pub(crate) struct Lineage<'a> {
    state: &'a dyn StateView,
    did: &'a Did,
    size: u64,
    /// Versions that counted then and were set aside since, by number.
    restored: BTreeMap<u64, VersionRecord>,
}

impl<'a> Lineage<'a> {
    pub(crate) fn at(state: &'a dyn StateView, did: &'a Did, size: u64) -> Result<Self, EngineError> {
        let mut restored = BTreeMap::new();
        let recoveries = Recoveries::read(state, did)?;
        // The oldest last: what it set aside had counted, what later ones did may not have existed yet.
        for recovery in recoveries.beyond(size).rev() {
            let bytes = state.get(&set_aside_key(did, recovery))?.ok_or(EngineError::CorruptState)?;
            for line in str::from_utf8(&bytes).map_err(|_| EngineError::CorruptState)?.split('\n') {
                let version = VersionRecord::parse(line).ok_or(EngineError::CorruptState)?;
                if version.position.index < size {
                    restored.insert(version.id.number(), version);
                }
            }
        }
        Ok(Self { state, did, size, restored })
    }

    /// Version `number`, if it was there.
    pub(crate) fn version(&self, number: u64) -> Result<Option<VersionRecord>, EngineError> {
        if let Some(version) = self.restored.get(&number) {
            return Ok(Some(version.clone()));
        }
        let version = VersionRecord::read(self.state, self.did, number)?;
        Ok(version.filter(|version| version.position.index < self.size))
    }

    /// The number of the last version among `1..=most` for which `matches` holds; it holds for a first part of them only.
    pub(crate) fn last(
        &self,
        most: u64,
        matches: impl Fn(&VersionRecord) -> bool,
    ) -> Result<Option<VersionRecord>, EngineError> {
        let (mut low, mut high, mut found) = (0, most, None);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.version(middle)?.filter(|version| matches(version)) {
                Some(version) => (low, found) = (middle, Some(version)),
                None => high = middle - 1,
            }
        }
        Ok(found)
    }

    /// The newest version of all.
    pub(crate) fn newest(&self, head: u64) -> Result<Option<VersionRecord>, EngineError> {
        let restored = self.restored.last_key_value().map_or(0, |(number, _)| *number);
        self.last(head.max(restored), |_| true)
    }

    /// The log indices of the first `most` versions.
    pub(crate) fn indices(&self, most: u64) -> Result<BTreeSet<u64>, EngineError> {
        let mut indices = BTreeSet::new();
        for number in 1..=most {
            let Some(version) = self.version(number)? else { break };
            indices.insert(version.position.index);
        }
        Ok(indices)
    }
}

/// The newest version of `did` among the first `size` entries of the log.
pub(crate) fn newest_below(
    state: &dyn StateView,
    did: &Did,
    size: u64,
) -> Result<Option<Newest>, EngineError> {
    let Some(head) = super::DidHead::read(state, did)? else { return Ok(None) };
    let newest = Lineage::at(state, did, size)?.newest(head.version().number())?;
    Ok(newest.map(|version| Newest { index: version.position.index, version: version.id.as_str().into() }))
}
