//! What keeps a ballot that is only checked from being cast (§8).

use crate::hash::{Transcript, half};
use sinpyo_core::Secret;

/// How many bytes the cast key has: the last ones of a ballot.
pub(crate) const KEY_LENGTH: usize = 32;

/// `κ`: without it nobody casts the ballot. The second device is given `λ` only.
pub(crate) struct CastKey(Secret<[u8; KEY_LENGTH]>);

impl CastKey {
    pub(crate) const fn new(bytes: Secret<[u8; KEY_LENGTH]>) -> Self {
        Self(bytes)
    }

    pub(crate) const fn expose(&self) -> &[u8; KEY_LENGTH] {
        self.0.expose()
    }

    pub(crate) fn lock(&self) -> CastLock {
        CastLock::of(self.expose())
    }
}

/// `λ`: the hash of the cast key that the proof and the tracking code cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CastLock(pub(crate) [u8; 32]);

impl CastLock {
    // [BAL-74]
    pub(crate) fn of(key: &[u8; KEY_LENGTH]) -> Self {
        Self(half(&Transcript::secret("cast").field(key).hash()))
    }
}
