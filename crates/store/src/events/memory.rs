//! The event store without a file: the model that the one on disk is compared with.

use super::{
    AllocateError, AppendEventsError, IssueError, ListId, RedeemError, Snapshot, SnapshotError, SpendKey,
    StreamId, Version,
};
use crate::sqlite::locked;
use sinpyo_core::time::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

#[derive(Debug, Default)]
pub(super) struct Events(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    streams: BTreeMap<StreamId, Vec<Vec<u8>>>,
    snapshots: BTreeMap<StreamId, Snapshot>,
    records: BTreeMap<SpendKey, Record>,
    allocated: BTreeSet<(ListId, u64)>,
}

#[derive(Debug)]
struct Record {
    expires: Timestamp,
    /// `None` once redeemed.
    data: Option<Vec<u8>>,
}

impl Tables {
    fn version(&self, stream: &StreamId) -> Version {
        Version(self.streams.get(stream).map_or(0, |events| u64::try_from(events.len()).unwrap_or(u64::MAX)))
    }
}

impl Events {
    pub(super) fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<Vec<u8>>,
    ) -> Result<Version, AppendEventsError> {
        let mut tables = locked(&self.0);
        let actual = tables.version(stream);
        if actual != expected {
            return Err(AppendEventsError::Conflict { actual }); // [STO-16]
        }
        tables.streams.entry(stream.clone()).or_default().extend(events);
        Ok(tables.version(stream))
    }

    pub(super) fn read(&self, stream: &StreamId, after: Version, limit: usize) -> Vec<Vec<u8>> {
        let tables = locked(&self.0);
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        let events = tables.streams.get(stream).into_iter().flatten();
        events.skip(skip).take(limit).cloned().collect()
    }

    pub(super) fn save_snapshot(&self, stream: &StreamId, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let mut tables = locked(&self.0);
        let actual = tables.version(stream);
        if snapshot.version > actual {
            return Err(SnapshotError::Ahead { actual }); // [STO-17]
        }
        if tables.snapshots.get(stream).is_none_or(|kept| kept.version < snapshot.version) {
            tables.snapshots.insert(stream.clone(), snapshot);
        }
        Ok(())
    }

    pub(super) fn snapshot(&self, stream: &StreamId) -> Option<Snapshot> {
        locked(&self.0).snapshots.get(stream).cloned()
    }

    pub(super) fn issue(&self, key: SpendKey, data: &[u8], expires: Timestamp) -> Result<(), IssueError> {
        let mut tables = locked(&self.0);
        if tables.records.contains_key(&key) {
            return Err(IssueError::Exists); // [STO-18]
        }
        tables.records.insert(key, Record { expires, data: Some(data.to_vec()) });
        Ok(())
    }

    pub(super) fn redeem(&self, key: SpendKey, now: Timestamp) -> Result<Vec<u8>, RedeemError> {
        let mut tables = locked(&self.0);
        let record = tables.records.get_mut(&key).ok_or(RedeemError::Unknown)?; // [STO-12]
        if record.data.is_some() && now >= record.expires {
            return Err(RedeemError::Expired); // [STO-14]
        }
        record.data.take().ok_or(RedeemError::AlreadyRedeemed) // [STO-13]
    }

    pub(super) fn sweep(&self, expired_by: Timestamp) -> u64 {
        let mut tables = locked(&self.0);
        let before = tables.records.len();
        tables.records.retain(|_, record| record.expires > expired_by);
        u64::try_from(before - tables.records.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn allocate(&self, list: &ListId, index: u64) -> Result<(), AllocateError> {
        let is_new = locked(&self.0).allocated.insert((list.clone(), index));
        if is_new { Ok(()) } else { Err(AllocateError::Taken) } // [STO-15]
    }
}
