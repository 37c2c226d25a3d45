//! Arithmetic modulo a public odd number, on secret operands.

use super::{BackendError, failed, succeeded};
use aws_lc_sys as sys;
use std::ptr::{self, NonNull};
use zeroize::Zeroizing;

/// A number of AWS-LC's, wiped when dropped.
pub(super) struct Number(NonNull<sys::BIGNUM>);

impl Number {
    pub(super) fn new() -> Result<Self, BackendError> {
        // SAFETY: takes no argument; the result is null or owned by the caller.
        NonNull::new(unsafe { sys::BN_new() }).map(Self).ok_or_else(failed)
    }

    /// As wide as `bytes`, leading zeros included: AWS-LC's multiplication takes the same steps for all numbers
    /// of one width.
    pub(super) fn from_be_bytes(bytes: &[u8]) -> Result<Self, BackendError> {
        // SAFETY: pointer and length describe `bytes`; null asks for a new number, which the caller owns.
        NonNull::new(unsafe { sys::BN_bin2bn(bytes.as_ptr(), bytes.len(), ptr::null_mut()) })
            .map(Self)
            .ok_or_else(failed)
    }

    pub(super) fn as_ptr(&self) -> *const sys::BIGNUM {
        self.0.as_ptr()
    }

    fn as_mut_ptr(&mut self) -> *mut sys::BIGNUM {
        self.0.as_ptr()
    }

    fn to_be_bytes(&self, length: usize) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let mut out = Zeroizing::new(vec![0; length]);
        // SAFETY: `out` has room for the `length` bytes that are written; the number is valid and only read.
        succeeded(unsafe { sys::BN_bn2bin_padded(out.as_mut_ptr(), length, self.as_ptr()) })?;
        Ok(out)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: the pointer came from AWS-LC, is owned by `self` and is not used again.
        unsafe { sys::BN_clear_free(self.0.as_ptr()) };
    }
}

/// Scratch space for one computation, wiped when dropped.
struct Scratch(NonNull<sys::BN_CTX>);

impl Scratch {
    fn new() -> Result<Self, BackendError> {
        // SAFETY: takes no argument; the result is null or owned by the caller.
        NonNull::new(unsafe { sys::BN_CTX_new() }).map(Self).ok_or_else(failed)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: the pointer came from AWS-LC, is owned by `self` and is not used again.
        unsafe { sys::BN_CTX_free(self.0.as_ptr()) };
    }
}

/// A public odd number, prepared for Montgomery multiplication, for one thread and a few operations.
pub(crate) struct Modulus {
    number: Number,
    montgomery: NonNull<sys::BN_MONT_CTX>,
    scratch: Scratch,
    length: usize,
}

impl Modulus {
    /// Prepares the odd number in `bytes`, whose first byte is not zero.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, BackendError> {
        let number = Number::from_be_bytes(bytes)?;
        let scratch = Scratch::new()?;
        // SAFETY: both arguments are valid; the number is copied; the result is null or owned by the caller.
        let montgomery = unsafe { sys::BN_MONT_CTX_new_for_modulus(number.as_ptr(), scratch.0.as_ptr()) };
        let montgomery = NonNull::new(montgomery).ok_or_else(failed)?;
        Ok(Self { number, montgomery, scratch, length: bytes.len() })
    }

    /// Whether `value` has no factor in common with the modulus. In constant time.
    pub(crate) fn is_coprime(&self, value: &[u8]) -> Result<bool, BackendError> {
        let value = Number::from_be_bytes(value)?;
        let mut divisor = Number::new()?;
        // SAFETY: four valid objects; the output is distinct from the inputs.
        succeeded(unsafe {
            sys::BN_gcd(divisor.as_mut_ptr(), value.as_ptr(), self.number.as_ptr(), self.scratch.0.as_ptr())
        })?;
        // SAFETY: `divisor` is valid and only read.
        Ok(unsafe { sys::BN_is_one(divisor.as_ptr()) } == 1)
    }

    /// The number whose product with `value`, which is below the modulus, is 1; `None` if there is none.
    ///
    /// AWS-LC multiplies `value` with a random number first: the time says nothing about it.
    pub(crate) fn invert(&self, value: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, BackendError> {
        let value = Number::from_be_bytes(value)?;
        let mut inverse = Number::new()?;
        let mut has_none = 0;
        // SAFETY: all pointers are to valid objects, `has_none` is writable; the output is distinct from the
        // inputs; the function refuses a value that is not below the modulus.
        let result = succeeded(unsafe {
            sys::BN_mod_inverse_blinded(
                inverse.as_mut_ptr(),
                &raw mut has_none,
                value.as_ptr(),
                self.montgomery.as_ptr(),
                self.scratch.0.as_ptr(),
            )
        });
        if has_none == 1 {
            return Ok(None);
        }
        result?;
        inverse.to_be_bytes(self.length).map(Some)
    }

    /// The product of two numbers below the modulus, as long as it. In constant time.
    pub(crate) fn multiply(&self, left: &[u8], right: &[u8]) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        let (left, right) = (Number::from_be_bytes(left)?, Number::from_be_bytes(right)?);
        let mut product = Number::new()?;
        let (modulus, scratch) = (self.montgomery.as_ptr(), self.scratch.0.as_ptr());
        // SAFETY: four valid objects; the output is distinct from the inputs.
        succeeded(unsafe { sys::BN_to_montgomery(product.as_mut_ptr(), left.as_ptr(), modulus, scratch) })?;
        let scaled = product.as_ptr();
        // SAFETY: five valid objects; the function allows its output to be one of its inputs. One factor is in
        // Montgomery's form and one is not, so the product is not.
        succeeded(unsafe {
            sys::BN_mod_mul_montgomery(product.as_mut_ptr(), scaled, right.as_ptr(), modulus, scratch)
        })?;
        product.to_be_bytes(self.length)
    }
}

impl Drop for Modulus {
    fn drop(&mut self) {
        // SAFETY: the pointer came from AWS-LC, is owned by `self` and is not used again.
        unsafe { sys::BN_MONT_CTX_free(self.montgomery.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_that_of_small_numbers() {
        let modulus = 3 * 5 * 7 * 11 * 13 * 17 * 19_u64;
        let prepared = Modulus::new(&modulus.to_be_bytes()).unwrap();
        let number = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap());
        for value in [0, 1, 2, 3, 4, 19, 23, 1_000_003, modulus - 23, modulus - 2, modulus - 1] {
            let coprime = [3, 5, 7, 11, 13, 17, 19].iter().all(|prime| value % prime != 0);
            let bytes = value.to_be_bytes();
            assert_eq!(prepared.is_coprime(&bytes), Ok(coprime), "{value}");
            for other in [0, 1, 2, 4_000_037, modulus - 1] {
                let product = prepared.multiply(&bytes, &other.to_be_bytes()).unwrap();
                let expected = u128::from(value) * u128::from(other) % u128::from(modulus);
                assert_eq!(u128::from(number(&product)), expected, "{value} {other}");
            }
            // AWS-LC's own mask may have no inverse here either: then there is none to be had.
            if let Some(inverse) = prepared.invert(&bytes).unwrap() {
                assert!(coprime, "{value}");
                assert_eq!(number(&prepared.multiply(&bytes, &inverse).unwrap()), 1, "{value}");
            }
        }
    }

    #[test]
    fn what_is_not_below_the_modulus_has_no_inverse() {
        let modulus = 0xffff_ffff_ffff_ffc5_u64; // a prime
        let prepared = Modulus::new(&modulus.to_be_bytes()).unwrap();
        assert_eq!(prepared.invert(&modulus.to_be_bytes()).unwrap_err(), BackendError);
        assert_eq!(prepared.invert(&u64::MAX.to_be_bytes()).unwrap_err(), BackendError);
        assert_eq!(prepared.invert(&[0; 8]), Ok(None));
        assert!(prepared.invert(&2_u64.to_be_bytes()).unwrap().is_some());
    }
}
