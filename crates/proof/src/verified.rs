//! Facts that this crate has proven.

use sinpyo_core::time::Timestamp;

/// Authentic: signed by a key that its controller had authorised for this use.
///
/// Says nothing about policy: whether the issuer is trusted, the status is good, or the content is wanted. There
/// is no public constructor; a value exists only where this crate checked a signature.
#[derive(Debug)]
pub struct Verified<T> {
    value: T,
    at: Timestamp,
}

impl<T> Verified<T> {
    /// States that `value` was checked. Every call site is an origin of trust.
    pub(crate) const fn assert(value: T, at: Timestamp) -> Self {
        Self { value, at }
    }

    /// What was signed.
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The moment for which it was checked: validity and expiry were compared with this time.
    pub const fn verified_at(&self) -> Timestamp {
        self.at
    }

    /// What was signed, without the statement that it was.
    pub fn into_inner(self) -> T {
        self.value
    }
}
