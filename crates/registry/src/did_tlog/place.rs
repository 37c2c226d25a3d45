//! Where an operation stands in the history of its DID.

use super::{
    DidHead, OperationError,
    history::{Rank, Recoveries, VersionRecord},
    keys::{KeyHash, UpdateKey},
    operation::{DidOperation, MAX_VERSIONS, Parameters},
};
use crate::engine::{EngineError, Position, StateView, StateWrite};
use serde_json::{Map, Value};
use sinpyo_core::{did::Did, jcs, time::Timestamp};
use std::time::Duration;

/// For how long after an operation a recovery key may set it aside; the last second belongs to it.
pub const RECOVERY_WINDOW: Duration = Duration::from_hours(72);

/// Most of the versions that a recovery follows that are recoveries and set something aside themselves.
const MAX_RECOVERIES: usize = 256;

/// How much the history of a DID may weigh after an update: so much that a proof of it can be read.
pub const MAX_HISTORY_WEIGHT: u64 = 12 << 20;

/// How much after a recovery. A deactivation always fits: nothing follows it.
const MAX_RECOVERED_WEIGHT: u64 = 14 << 20;

/// What an operation follows, and what it sets aside.
#[derive(Debug)]
pub(super) struct Place {
    /// The newest version so far.
    current: Option<DidHead>,
    /// The version that it follows, where that is another.
    base: Option<DidHead>,
    rank: Rank,
    signer: KeyHash,
    /// What the history weighs with it.
    weight: u64,
    set_aside: Vec<VersionRecord>,
}

impl Place {
    /// Finds the place by the number that `operation` gives itself, and by who signed it.
    pub(super) fn find(
        state: &dyn StateView,
        operation: &DidOperation,
        current: Option<DidHead>,
        signer: &UpdateKey,
    ) -> Result<Self, OperationError> {
        let number = operation.version.number();
        let place = |current, base, rank| {
            let signer = signer.hash();
            Self { current, base, rank, signer, weight: 0, set_aside: Vec::new() }
        };
        let Some(head) = current else {
            return if number == 1 { Ok(place(None, None, None)) } else { Err(OperationError::UnknownDid) }; // [TLOG-09]
        };
        let newest = head.version.number();
        if number <= newest {
            let (base, rank) = find_earlier(state, operation, &head, signer)?;
            return Ok(place(Some(head), Some(base), Some(rank)));
        }
        if head.deactivated {
            return Err(OperationError::Deactivated); // [TLOG-10]
        }
        if number > newest + 1 {
            return Err(OperationError::Gap); // [TLOG-07]
        }
        if number > MAX_VERSIONS {
            return Err(OperationError::TooManyVersions); // [TLOG-19]
        }
        let rank = rank_of(&head, signer);
        Ok(place(Some(head), None, rank))
    }

    /// Checks what the operation, whose proof was checked, adds to the history and what it sets aside.
    pub(super) fn check_reach(
        &mut self,
        state: &dyn StateView,
        at: Position,
        operation: &DidOperation,
        op: &Map<String, Value>,
    ) -> Result<(), OperationError> {
        let did = &operation.did;
        let before = match self.base() {
            Some(base) => record(state, did, base.version.number()).map_err(OperationError::Engine)?.weight,
            None => 0,
        };
        self.weight = before + weight(&jcs::canonicalize_object(op));
        let most = if self.rank.is_some() { MAX_RECOVERED_WEIGHT } else { MAX_HISTORY_WEIGHT };
        if self.weight > most && !operation.parameters.deactivated {
            return Err(OperationError::TooHeavy); // [TLOG-49]
        }
        let (Some(base), Some(own), Some(head)) = (&self.base, self.rank, &self.current) else {
            return Ok(());
        };
        let number = operation.version.number();
        let first = record(state, did, number).map_err(OperationError::Engine)?.position;
        if is_over(first.time, at.time) {
            return Err(OperationError::TooLate); // [TLOG-27]
        }
        // Of the recoveries only those that stay: nobody uses up those of who outranks him.
        let recoveries = Recoveries::read(state, did).map_err(OperationError::Engine)?;
        if recoveries.count_before(first.index) >= MAX_RECOVERIES {
            return Err(OperationError::TooManyRecoveries); // [TLOG-30]
        }
        let stronger: Vec<UpdateKey> = base.recovery_keys.iter().take(own + 1).cloned().collect();
        for number in number..=head.version.number() {
            let version = record(state, did, number).map_err(OperationError::Engine)?;
            if version.is_by(&stronger) {
                return Err(OperationError::Outranked); // [TLOG-28]
            }
            self.set_aside.push(version);
        }
        Ok(())
    }

    /// The version that the operation follows; `None` for the first.
    pub(super) fn base(&self) -> Option<&DidHead> {
        self.base.as_ref().or(self.current.as_ref())
    }

    /// The recovery key that signed.
    pub(super) const fn rank(&self) -> Rank {
        self.rank
    }

    /// The version that `operation` makes, and what else changes in the state.
    pub(super) fn succeed(
        self,
        state: &dyn StateView,
        at: Position,
        operation: DidOperation,
    ) -> Result<(DidHead, Vec<StateWrite>), EngineError> {
        let did = operation.did.clone();
        let number = operation.version.number();
        let mut writes = Vec::new();
        let mut kept_from = self.current.as_ref().map_or(0, |head| head.kept_from);
        let replaced = self.current.as_ref().filter(|_| self.set_aside.is_empty());
        if let Some(head) = replaced.filter(|head| !head.recovery_keys.is_empty()) {
            writes.push(head.keep());
            kept_from = if kept_from == 0 { head.version.number() } else { kept_from };
        }
        writes.extend(self.set_aside.iter().map(|version| DidHead::forget(&did, version.id.number())));
        if !self.set_aside.is_empty() {
            writes.extend(Recoveries::read(state, &did)?.set_aside(&did, &self.set_aside, at.index));
        }
        // What no recovery can reach any more need not be kept.
        while (1..number.saturating_sub(1)).contains(&kept_from)
            && is_over(record(state, &did, kept_from + 1)?.position.time, at.time)
        {
            writes.push(DidHead::forget(&did, kept_from));
            kept_from += 1;
        }
        let version = VersionRecord {
            position: at,
            id: operation.version.clone(),
            weight: self.weight,
            signer: self.signer,
            rank: self.rank,
        };
        writes.push(version.write(&did));
        Ok((successor(operation, self.base.or(self.current), kept_from), writes))
    }
}

/// The version that an operation follows which has a successor already: only a recovery.
fn find_earlier(
    state: &dyn StateView,
    operation: &DidOperation,
    head: &DidHead,
    signer: &UpdateKey,
) -> Result<(DidHead, usize), OperationError> {
    let (did, number) = (&operation.did, operation.version.number());
    let base = DidHead::read_base(state, did, number - 1).map_err(OperationError::Engine)?;
    let rank = base.as_ref().and_then(|base| rank_of(base, signer));
    if let (Some(base), Some(rank)) = (base, rank) {
        return Ok((base, rank));
    }
    Err(match rank_of(head, signer) {
        Some(_) if number > 1 => OperationError::TooLate, // [TLOG-27]
        _ if head.deactivated => OperationError::Deactivated,
        _ => OperationError::Stale, // [TLOG-08]
    })
}

/// What an entry adds to the text of a proof at most: its operation as a JSON text in a JSON text, its time, its place,
/// and its way to the root of the largest log there can be.
pub(crate) fn weight(operation: &[u8]) -> u64 {
    let escaped = |byte: &u8| if matches!(byte, b'"' | b'\\') { 2 } else { 1 };
    operation.iter().map(escaped).sum::<u64>() + 2_048
}

fn rank_of(head: &DidHead, signer: &UpdateKey) -> Rank {
    head.recovery_keys.iter().position(|key| key == signer)
}

fn is_over(begun: Timestamp, now: Timestamp) -> bool {
    now > begun.plus(RECOVERY_WINDOW)
}

fn record(state: &dyn StateView, did: &Did, number: u64) -> Result<VersionRecord, EngineError> {
    VersionRecord::read(state, did, number)?.ok_or(EngineError::CorruptState)
}

fn successor(operation: DidOperation, base: Option<DidHead>, kept_from: u64) -> DidHead {
    let (old_keys, old_hashes, old_recovery) = base
        .map_or_else(Default::default, |base| (base.update_keys, base.next_key_hashes, base.recovery_keys));
    let Parameters { update_keys, next_key_hashes, recovery_keys, deactivated } = operation.parameters;
    DidHead {
        version: operation.version,
        update_keys: update_keys.unwrap_or(old_keys),
        next_key_hashes: if deactivated { Vec::new() } else { next_key_hashes.unwrap_or(old_hashes) },
        recovery_keys: recovery_keys.unwrap_or(old_recovery),
        kept_from,
        deactivated,
        document: operation.document,
    }
}
