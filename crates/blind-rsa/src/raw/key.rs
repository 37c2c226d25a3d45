//! RSA keys as AWS-LC holds them.

use super::{BackendError, failed, modulus::Number, succeeded};
use aws_lc_sys as sys;
use std::ffi::c_int;
use std::{
    ptr::{self, NonNull},
    slice,
};
use zeroize::{Zeroize, Zeroizing};

/// The exponent of every public key here.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// A public key, or a private key with its public half.
pub(crate) struct Key(NonNull<sys::RSA>);

// SAFETY: an RSA object belongs to no thread; AWS-LC's allocator is the process's.
unsafe impl Send for Key {}
// SAFETY: AWS-LC documents the operations below as not mutating and safe to use concurrently (its caches of
// Montgomery constants and blinding factors have a lock); no method here takes `&mut self` or sets a field.
unsafe impl Sync for Key {}

impl Key {
    /// The public key with the odd number `modulus` and the exponent 65537.
    pub(crate) fn from_modulus(modulus: &[u8]) -> Result<Self, BackendError> {
        let (modulus, exponent) = (Number::from_be_bytes(modulus)?, Number::from_be_bytes(&EXPONENT)?);
        // SAFETY: both numbers are valid and copied; the result is null or owned by the caller.
        Self::own(unsafe { sys::RSA_new_public_key(modulus.as_ptr(), exponent.as_ptr()) })
    }

    /// A new private key with the exponent 65537. AWS-LC draws the randomness.
    pub(crate) fn generate(bits: c_int) -> Result<Self, BackendError> {
        let exponent = Number::from_be_bytes(&EXPONENT)?;
        // SAFETY: takes no argument; the result is null or owned by the caller.
        let key = Self::own(unsafe { sys::RSA_new() })?;
        // SAFETY: the key is valid and not shared yet; the exponent is valid and copied; null is no callback.
        succeeded(unsafe {
            sys::RSA_generate_key_ex(key.0.as_ptr(), bits, exponent.as_ptr(), ptr::null_mut())
        })?;
        Ok(key)
    }

    /// Parses an `RSAPrivateKey` [RFC 8017 §A.1.2]; AWS-LC checks that its numbers belong together.
    pub(crate) fn from_private_der(der: &[u8]) -> Result<Self, BackendError> {
        // SAFETY: pointer and length describe `der`; the result is null or owned by the caller.
        Self::own(unsafe { sys::RSA_private_key_from_bytes(der.as_ptr(), der.len()) })
    }

    /// The `RSAPrivateKey` of a private key.
    pub(crate) fn to_private_der(&self) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let (mut data, mut length) = (ptr::null_mut(), 0);
        // SAFETY: `data` and `length` are writable; the key is valid and only read.
        succeeded(unsafe { sys::RSA_private_key_to_bytes(&raw mut data, &raw mut length, self.0.as_ptr()) })?;
        let data = NonNull::new(data).ok_or_else(failed)?;
        // SAFETY: on success `data` has `length` initialised bytes, which nobody else has a pointer to.
        let buffer = unsafe { slice::from_raw_parts_mut(data.as_ptr(), length) };
        let der = Zeroizing::new(buffer.to_vec());
        buffer.zeroize();
        // SAFETY: `data` came from AWS-LC's allocator, is owned here and is not used again.
        unsafe { sys::OPENSSL_free(data.as_ptr().cast()) };
        Ok(der)
    }

    /// The modulus without leading zeros.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        // SAFETY: the key is valid; its number, if it has one, lives as long as the key does.
        unsafe { number_bytes(sys::RSA_get0_n(self.0.as_ptr())) }
    }

    /// Whether the public exponent is 65537.
    pub(crate) fn has_usual_exponent(&self) -> bool {
        // SAFETY: the key is valid; its number, if it has one, lives as long as the key does.
        unsafe { number_bytes(sys::RSA_get0_e(self.0.as_ptr())) == EXPONENT }
    }

    /// `value^65537`, for a `value` below the modulus and as long as it. The time depends on the key only.
    pub(crate) fn raise_to_public(&self, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        self.raise(value, sys::RSA_encrypt)
    }

    /// `value^d`, for a `value` from 2 to the modulus − 2 and as long as it. In constant time, and blinded by
    /// AWS-LC.
    pub(crate) fn raise_to_private(&self, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        self.raise(value, sys::RSA_sign_raw)
    }

    fn raise(&self, value: &[u8], operation: Operation) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let mut out = Zeroizing::new(vec![0; value.len()]);
        let mut written = 0;
        // SAFETY: each pointer goes with the length of the slice it comes from, `written` is writable, the key is
        // valid. Both operations that are passed here read `value`, write at most `max_out` bytes and refuse a
        // `value` or `out` that is not as long as the modulus.
        succeeded(unsafe {
            operation(
                self.0.as_ptr(),
                &raw mut written,
                out.as_mut_ptr(),
                out.len(),
                value.as_ptr(),
                value.len(),
                sys::RSA_NO_PADDING,
            )
        })?;
        if written == out.len() { Ok(out) } else { Err(BackendError) }
    }

    /// Whether `signature` is RSASSA-PSS with SHA-384, MGF1 and a salt of exactly `salt_length` bytes over the
    /// message with this digest.
    pub(crate) fn verifies(&self, digest: &[u8; 48], salt_length: c_int, signature: &[u8]) -> bool {
        // SAFETY: each pointer goes with the length of the slice it comes from; the two hash functions are
        // constants of AWS-LC; the key is valid. A signature of the wrong length or range is refused.
        succeeded(unsafe {
            sys::RSA_verify_pss_mgf1(
                self.0.as_ptr(),
                digest.as_ptr(),
                digest.len(),
                sys::EVP_sha384(),
                sys::EVP_sha384(),
                salt_length,
                signature.as_ptr(),
                signature.len(),
            )
        })
        .is_ok()
    }

    fn own(pointer: *mut sys::RSA) -> Result<Self, BackendError> {
        NonNull::new(pointer).map(Self).ok_or_else(failed)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the pointer came from AWS-LC, is owned by `self` and is not used again.
        unsafe { sys::RSA_free(self.0.as_ptr()) };
    }
}

/// The two operations of AWS-LC that [`Key::raise`] is used with have this form.
type Operation =
    unsafe extern "C" fn(*mut sys::RSA, *mut usize, *mut u8, usize, *const u8, usize, c_int) -> c_int;

/// The number behind `number`, without leading zeros; nothing for null.
///
/// # Safety
/// `number` is null or valid for this call.
unsafe fn number_bytes(number: *const sys::BIGNUM) -> Vec<u8> {
    if number.is_null() {
        return Vec::new();
    }
    // SAFETY: `number` is valid and only read.
    let length = usize::try_from(unsafe { sys::BN_num_bytes(number) }).unwrap_or(0);
    let mut out = vec![0; length];
    // SAFETY: `out` has room for the bytes that the function writes, of which there are `BN_num_bytes`.
    unsafe { sys::BN_bn2bin(number, out.as_mut_ptr()) };
    out
}
