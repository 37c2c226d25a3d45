//! The foreign interface: the calls of AWS-LC, and all unsafe code of the crate.
//!
//! Everything here takes and returns bytes, big-endian and as long as the modulus. AWS-LC's own objects stay
//! inside, each owned by one value that frees it; those that held secrets are wiped by AWS-LC when freed.

mod key;
mod modulus;

pub(crate) use key::Key;
pub(crate) use modulus::Modulus;

use aws_lc_sys as sys;
use std::ffi::c_int;

/// AWS-LC refused or had no memory; everything it was given had been checked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the computation failed inside AWS-LC")]
pub struct BackendError;

/// What AWS-LC says with 1 for success.
fn succeeded(result: c_int) -> Result<(), BackendError> {
    if result == 1 {
        return Ok(());
    }
    Err(failed())
}

/// Failures leave their reasons in a queue of the thread, which nobody reads: the next user of AWS-LC in this
/// thread shall not find them.
fn failed() -> BackendError {
    // SAFETY: takes no argument and touches the thread's own queue only.
    unsafe { sys::ERR_clear_error() };
    BackendError
}
