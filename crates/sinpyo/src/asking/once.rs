//! What can be used once.

use sinpyo_core::time::Timestamp;
use sinpyo_state::{Change, CommitError, Key, State, Unavailable, retrying};
use std::time::Duration;

/// How long it is known that something was used, or was not in time, beyond its expiry.
const RETENTION: Duration = Duration::from_hours(24);

/// Keeps `data`, which is not empty, under a new `key`, to be used before `expires`.
///
/// # Errors
/// There is or was something of this key; or the engine failed.
pub(crate) fn issue(
    state: &dyn State,
    key: &Key,
    data: &[u8],
    expires: Timestamp,
) -> Result<(), CommitError> {
    state.commit(&[Change::insert(key, data, Some(expires))]) // [STO-18]
}

/// Uses up what is kept under `key`, and returns what was kept. Of any number who try at once, one succeeds.
///
/// # Errors
/// There is nothing, it was used, `now` is not before its expiry; or the engine failed.
pub(crate) fn redeem(state: &dyn State, key: &Key, now: Timestamp) -> Result<Vec<u8>, RedeemError> {
    retrying(|| {
        let record = state.get(key, now.minus(RETENTION))?.ok_or(RedeemError::Unknown)?; // [STO-12]
        if record.data.is_empty() {
            return Err(RedeemError::AlreadyRedeemed); // [STO-13]
        }
        if record.expires.is_some_and(|expires| expires <= now) {
            return Err(RedeemError::Expired); // [STO-14]
        }
        let spent = Change::replace(key, record.version, b"", record.expires);
        Ok(state.commit(&[spent]).map(|()| record.data))
    })
}

/// Why something was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedeemError {
    /// STO-12: nobody issued it, or it was forgotten after its retention.
    #[error("no such record")]
    Unknown,
    /// STO-13: it was redeemed before.
    #[error("the record was already redeemed")]
    AlreadyRedeemed,
    /// STO-14: its time has passed.
    #[error("the record has expired")]
    Expired,
    /// Whether it is used up is not known.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl RedeemError {
    /// The rule in `spec/checks/`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "STO-12",
            Self::AlreadyRedeemed => "STO-13",
            Self::Expired => "STO-14",
            Self::Unavailable(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_state::{MemoryState, Space};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    fn key(nonce: &str) -> Key {
        Key::secret(Space::new("test.once"), nonce.as_bytes())
    }

    fn kept() -> MemoryState {
        let state = MemoryState::new();
        issue(&state, &key("n"), b"data", at(100)).unwrap();
        state
    }

    #[track_caller]
    fn refused(state: &MemoryState, nonce: &str, now: i64, code: &str) {
        assert_eq!(redeem(state, &key(nonce), at(now)).unwrap_err().code(), code);
    }

    #[test]
    fn a_record_is_redeemed_once() {
        let state = kept();
        assert_eq!(redeem(&state, &key("n"), at(99)), Ok(b"data".to_vec()));
        refused(&state, "n", 99, "STO-13");
        refused(&state, "n", 500, "STO-13");
        let left = state.get(&key("n"), at(99)).unwrap().unwrap();
        assert!(left.data.is_empty(), "what was kept is gone");
    }

    #[test]
    fn an_unknown_record_is_not_redeemed() {
        let state = kept();
        refused(&state, "m", 1, "STO-12");
        assert!(redeem(&state, &Key::secret(Space::new("test.other"), b"n"), at(1)).is_err());
    }

    #[test]
    fn a_record_is_not_redeemed_from_its_expiry_on() {
        let state = kept();
        refused(&state, "n", 100, "STO-14");
        refused(&state, "n", 101, "STO-14");
        assert_eq!(redeem(&state, &key("n"), at(99)), Ok(b"data".to_vec()), "a refusal spends nothing");
    }

    #[test]
    fn a_key_is_not_issued_twice() {
        let state = kept();
        let again = issue(&state, &key("n"), b"second", at(900));
        assert_eq!(again, Err(CommitError::Conflict { index: 0 }));
        assert_eq!(redeem(&state, &key("n"), at(1)), Ok(b"data".to_vec()));
        assert!(issue(&state, &key("n"), b"third", at(900)).is_err(), "nor when it is spent");
    }

    #[test]
    fn a_spent_record_is_remembered_for_a_day_after_its_expiry() {
        let (state, day) = (kept(), 24 * 60 * 60);
        redeem(&state, &key("n"), at(1)).unwrap();
        refused(&state, "n", 100 + day - 1, "STO-13");
        refused(&state, "n", 100 + day, "STO-12");
    }

    #[test]
    fn of_fifty_redemptions_at_once_one_succeeds() {
        let state = kept();
        let redeemed = std::thread::scope(|scope| {
            let attempts: Vec<_> =
                (0..50).map(|_| scope.spawn(|| redeem(&state, &key("n"), at(1)))).collect();
            attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect::<Vec<_>>()
        });
        let (won, lost): (Vec<_>, Vec<_>) = redeemed.into_iter().partition(Result::is_ok);
        assert_eq!(won, [Ok(b"data".to_vec())]);
        assert!(lost.iter().all(|lost| *lost == Err(RedeemError::AlreadyRedeemed)), "{lost:?}");
    }
}
