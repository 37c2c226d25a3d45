//! Where an operation stands in the history of its DID.

use super::{
    DidHead, OperationError,
    history::{Rank, Recoveries, VersionRecord},
    keys::UpdateKey,
    operation::{DidOperation, MAX_VERSIONS, Parameters},
};
use crate::engine::{EngineError, Position, StateView, StateWrite};
use sinpyo_core::{did::Did, time::Timestamp};
use std::time::Duration;

/// For how long after an operation a recovery key may set it aside; the last second belongs to it.
pub const RECOVERY_WINDOW: Duration = Duration::from_hours(72);

/// Most recoveries of one DID that set something aside.
const MAX_RECOVERIES: usize = 256;

/// What an operation follows, and what it sets aside.
#[derive(Debug)]
pub(super) struct Place {
    /// The newest version so far.
    current: Option<DidHead>,
    /// The version that it follows, where that is another.
    base: Option<DidHead>,
    rank: Rank,
    set_aside: Vec<VersionRecord>,
}

impl Place {
    /// Finds the place by the number that `operation` gives itself, and by who signed it.
    pub(super) fn find(
        state: &dyn StateView,
        at: Position,
        operation: &DidOperation,
        current: Option<DidHead>,
        signer: &UpdateKey,
    ) -> Result<Self, OperationError> {
        let number = operation.version.number();
        let Some(head) = current else {
            let first = Self { current: None, base: None, rank: None, set_aside: Vec::new() };
            return if number == 1 { Ok(first) } else { Err(OperationError::UnknownDid) }; // [TLOG-09]
        };
        let newest = head.version.number();
        if number <= newest {
            return Self::find_earlier(state, at, operation, head, signer);
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
        let rank = rank(&head, signer);
        Ok(Self { current: Some(head), base: None, rank, set_aside: Vec::new() })
    }

    /// An operation on a version that has a successor: only a recovery.
    fn find_earlier(
        state: &dyn StateView,
        at: Position,
        operation: &DidOperation,
        head: DidHead,
        signer: &UpdateKey,
    ) -> Result<Self, OperationError> {
        let (did, number) = (&operation.did, operation.version.number());
        let base = DidHead::read_base(state, did, number - 1).map_err(OperationError::Engine)?;
        let rank = base.as_ref().and_then(|base| rank(base, signer));
        let (Some(base), Some(own)) = (base, rank) else {
            return Err(match self::rank(&head, signer) {
                Some(_) if number > 1 => OperationError::TooLate, // [TLOG-27]
                _ if head.deactivated => OperationError::Deactivated,
                _ => OperationError::Stale, // [TLOG-08]
            });
        };
        let recoveries = Recoveries::read(state, did).map_err(OperationError::Engine)?;
        if recoveries.count() >= MAX_RECOVERIES {
            return Err(OperationError::TooManyRecoveries); // [TLOG-30]
        }
        let set_aside = (number..=head.version.number()).map(|number| record(state, did, number));
        let set_aside: Vec<VersionRecord> =
            set_aside.collect::<Result<_, _>>().map_err(OperationError::Engine)?;
        if let Some(first) = set_aside.first() {
            // All later ones descend from the first: who may set that aside outranks them all.
            if first.rank.is_some_and(|rank| rank <= own) {
                return Err(OperationError::Outranked); // [TLOG-28]
            }
            if is_over(first.position.time, at.time) {
                return Err(OperationError::TooLate); // [TLOG-27]
            }
        }
        Ok(Self { current: Some(head), base: Some(base), rank: Some(own), set_aside })
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
        let version = VersionRecord { position: at, id: operation.version.clone(), rank: self.rank };
        writes.push(version.write(&did));
        Ok((successor(operation, self.base.or(self.current), kept_from), writes))
    }
}

fn rank(head: &DidHead, signer: &UpdateKey) -> Rank {
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
