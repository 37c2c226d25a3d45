//! The versions of a DID: those that count, and those that a recovery has set aside.

use super::{
    keys::{KeyHash, UpdateKey},
    operation::VersionId,
};
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
    /// What the versions up to this one weigh together in a proof, in bytes.
    pub(crate) weight: u64,
    /// Who signed it.
    pub(super) signer: KeyHash,
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
        let weight = fields.next()?.parse().ok()?;
        let signer = KeyHash::from_state(fields.next()?.to_owned());
        let rank = fields.next().map(str::parse).transpose().ok()?;
        Some(Self { position: Position { index, time }, id, weight, signer, rank })
    }

    fn text(&self) -> String {
        let rank = self.rank.map_or(String::new(), |rank| format!(" {rank}"));
        let Self { position: Position { index, time }, id, weight, signer, .. } = self;
        format!("{index} {} {id} {weight} {signer}{rank}", time.unix())
    }

    /// Whether one of `keys` signed it.
    pub(super) fn is_by(&self, keys: &[UpdateKey]) -> bool {
        keys.iter().any(|key| key.hash() == self.signer)
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
///
/// Held are those that no later one set aside: each is a version that counts. What a later one set aside it keeps with
/// the versions that went with it, for who asks how things were before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recoveries(Vec<Recovery>);

/// What one recovery set aside.
struct SetAside {
    versions: Vec<VersionRecord>,
    recoveries: Recoveries,
}

impl Recoveries {
    pub(crate) fn read(state: &dyn StateView, did: &Did) -> Result<Self, EngineError> {
        let Some(bytes) = state.get(&recoveries_key(did))? else { return Ok(Self::default()) };
        str::from_utf8(&bytes).ok().and_then(Self::parse).ok_or(EngineError::CorruptState)
    }

    /// As it was when the log had `size` entries.
    pub(crate) fn read_below(state: &dyn StateView, did: &Did, size: u64) -> Result<Self, EngineError> {
        let mut held = Self::read(state, did)?;
        while let Some(newest) = held.0.pop_if(|recovery| recovery.to >= size) {
            held.0.extend(SetAside::read(state, did, newest.to)?.recoveries.0);
        }
        Ok(held)
    }

    fn parse(text: &str) -> Option<Self> {
        let parse = |pair: &str| {
            let (from, to) = pair.split_once('-')?;
            Some(Recovery { from: from.parse().ok()?, to: to.parse().ok()? })
        };
        if text.is_empty() {
            return Some(Self::default());
        }
        text.split(' ').map(parse).collect::<Option<_>>().map(Self)
    }

    fn text(&self) -> String {
        let text: Vec<String> = self.0.iter().map(|one| format!("{}-{}", one.from, one.to)).collect();
        text.join(" ")
    }

    /// How many of them stand before entry `index`.
    pub(super) fn count_before(&self, index: u64) -> usize {
        self.0.iter().filter(|recovery| recovery.to < index).count()
    }

    /// Whether what the DID said in entry `index` counts for nothing.
    pub(crate) fn void(&self, index: u64) -> bool {
        self.containing(index).is_some() // [TLOG-48]
    }

    /// The recovery by which what the DID said in entry `index` counts for nothing.
    pub(crate) fn containing(&self, index: u64) -> Option<u64> {
        let recovery = self.0.iter().find(|recovery| (recovery.from..recovery.to).contains(&index));
        recovery.map(|recovery| recovery.to)
    }

    /// Sets `versions`, which have numbers without gaps, aside by the recovery in entry `at`.
    pub(super) fn set_aside(mut self, did: &Did, versions: &[VersionRecord], at: u64) -> Vec<StateWrite> {
        let Some(first) = versions.first() else { return Vec::new() };
        let from = first.position.index;
        let gone = Self(self.0.extract_if(.., |recovery| recovery.to >= from).collect());
        self.0.push(Recovery { from, to: at });
        let kept: Vec<String> =
            [gone.text()].into_iter().chain(versions.iter().map(VersionRecord::text)).collect();
        let mut writes = vec![
            StateWrite { key: recoveries_key(did), value: Some(self.text().into_bytes()) },
            StateWrite { key: set_aside_key(did, at), value: Some(kept.join("\n").into_bytes()) },
        ];
        writes.extend(
            versions
                .iter()
                .map(|version| StateWrite { key: version_key(did, version.id.number()), value: None }),
        );
        writes
    }
}

impl SetAside {
    /// What the recovery in entry `recovery` set aside.
    fn read(state: &dyn StateView, did: &Did, recovery: u64) -> Result<Self, EngineError> {
        let bytes = state.get(&set_aside_key(did, recovery))?.ok_or(EngineError::CorruptState)?;
        str::from_utf8(&bytes).ok().and_then(Self::parse).ok_or(EngineError::CorruptState)
    }

    fn parse(text: &str) -> Option<Self> {
        let (recoveries, versions) = text.split_once('\n')?;
        Some(Self {
            recoveries: Recoveries::parse(recoveries)?,
            versions: versions.split('\n').map(VersionRecord::parse).collect::<Option<_>>()?,
        })
    }
}

/// The versions of `did` that the recovery by which entry `index` counts for nothing set aside, by the first `size`
/// entries, and those that other recoveries had set aside among them.
pub(crate) fn set_aside_with(
    state: &dyn StateView,
    did: &Did,
    index: u64,
    size: u64,
) -> Result<BTreeSet<u64>, EngineError> {
    let mut indices = BTreeSet::new();
    let mut open: Vec<u64> =
        Recoveries::read_below(state, did, size)?.containing(index).into_iter().collect();
    while let Some(recovery) = open.pop() {
        indices.insert(recovery);
        let SetAside { versions, recoveries } = SetAside::read(state, did, recovery)?;
        indices.extend(versions.iter().map(|version| version.position.index));
        open.extend(recoveries.0.iter().map(|nested| nested.to));
    }
    Ok(indices)
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
        let mut recoveries = Recoveries::read(state, did)?;
        // The newest first: what an older one set aside had counted before what the newer one did.
        while let Some(recovery) = recoveries.0.pop_if(|recovery| recovery.to >= size) {
            let SetAside { versions, recoveries: earlier } = SetAside::read(state, did, recovery.to)?;
            recoveries.0.extend(earlier.0);
            for version in versions {
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

/// What the versions of `did` among the first `size` entries weigh together in a proof.
pub(crate) fn history_weight(state: &dyn StateView, did: &Did, size: u64) -> Result<u64, EngineError> {
    let Some(head) = super::DidHead::read(state, did)? else { return Ok(0) };
    let newest = Lineage::at(state, did, size)?.newest(head.version().number())?;
    Ok(newest.map_or(0, |version| version.weight))
}

/// Whether a recovery key of `did` made a version that counts, later than entry `index`, that follows one before it: it
/// may have set aside what is not known here, and what the DID said in the entry with it.
pub(crate) fn bridges(state: &dyn StateView, did: &Did, index: u64) -> Result<bool, EngineError> {
    let Some(head) = super::DidHead::read(state, did)? else { return Ok(false) };
    let lineage = Lineage::at(state, did, u64::MAX)?;
    let most = head.version().number();
    let before = lineage.last(most, |version| version.position.index <= index)?;
    let next = lineage.version(before.map_or(1, |version| version.id.number() + 1))?;
    Ok(next.is_some_and(|next| next.rank.is_some()))
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
