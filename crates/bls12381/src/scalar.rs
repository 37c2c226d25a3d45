//! Integers modulo the group order.

use blst::{
    blst_bendian_from_scalar, blst_fr, blst_fr_add, blst_fr_cneg, blst_fr_from_scalar, blst_fr_inverse,
    blst_fr_mul, blst_fr_sub, blst_scalar, blst_scalar_fr_check, blst_scalar_from_be_bytes,
    blst_scalar_from_bendian, blst_scalar_from_fr, blst_uint64_from_fr,
};
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// An integer modulo `r`, the order of both groups (255 bits).
///
/// Never printed, compared in constant time, wiped when dropped: most scalars of a proof are secret.
#[derive(Clone)]
pub struct Scalar(pub(crate) blst_fr);

impl Scalar {
    /// Length of the encoding in bytes.
    pub const BYTES: usize = 32;

    /// Decodes the 32-byte big-endian form.
    ///
    /// # Errors
    /// The number is `r` or more. Zero is decoded.
    pub fn from_be_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, DecodeScalarError> {
        let mut scalar = blst_scalar::default();
        // SAFETY: `bytes` has the 32 readable bytes that the function reads; `scalar` is valid for writes.
        unsafe { blst_scalar_from_bendian(&raw mut scalar, bytes.as_ptr()) };
        // SAFETY: `scalar` is initialised and only read.
        if unsafe { blst_scalar_fr_check(&raw const scalar) } {
            Ok(Self::from_blst(&scalar))
        } else {
            Err(DecodeScalarError)
        }
    }

    /// The big-endian number in `bytes`, of any length, modulo `r`.
    pub fn reduce(bytes: &[u8]) -> Self {
        let mut scalar = blst_scalar::default();
        // SAFETY: pointer and length describe `bytes`; `scalar` is valid for writes. The result says whether
        // the number is not zero, which no caller needs to know here.
        unsafe { blst_scalar_from_be_bytes(&raw mut scalar, bytes.as_ptr(), bytes.len()) };
        Self::from_blst(&scalar)
    }

    /// The 32-byte big-endian form.
    pub fn to_be_bytes(&self) -> [u8; Self::BYTES] {
        let mut scalar = blst_scalar::default();
        let mut bytes = [0; Self::BYTES];
        // SAFETY: `self.0` is a reduced field element and only read; `scalar` is valid for writes.
        unsafe { blst_scalar_from_fr(&raw mut scalar, &raw const self.0) };
        // SAFETY: `bytes` has room for the 32 bytes written; `scalar` is initialised.
        unsafe { blst_bendian_from_scalar(bytes.as_mut_ptr(), &raw const scalar) };
        bytes
    }

    /// Whether this is zero.
    pub fn is_zero(&self) -> bool {
        self.0.l.ct_eq(&[0; 4]).into()
    }

    /// The number whose product with this one is 1; zero has none.
    pub fn invert(&self) -> Option<Self> {
        let mut inverse = Self(blst_fr::default());
        // SAFETY: both are valid field elements that do not overlap; the function is constant-time.
        unsafe { blst_fr_inverse(&raw mut inverse.0, &raw const self.0) };
        (!self.is_zero()).then_some(inverse)
    }

    /// The number in 64-bit limbs, least significant first.
    pub(crate) fn to_limbs(&self) -> [u64; 4] {
        let mut limbs = [0; 4];
        // SAFETY: `limbs` has room for the four words written; `self.0` is only read.
        unsafe { blst_uint64_from_fr(limbs.as_mut_ptr(), &raw const self.0) };
        limbs
    }

    fn from_blst(scalar: &blst_scalar) -> Self {
        let mut out = Self(blst_fr::default());
        // SAFETY: `scalar` is initialised and below `r`; `out.0` is valid for writes.
        unsafe { blst_fr_from_scalar(&raw mut out.0, scalar) };
        out
    }
}

impl Add for &Scalar {
    type Output = Scalar;

    fn add(self, other: &Scalar) -> Scalar {
        let mut out = Scalar(blst_fr::default());
        // SAFETY: three valid field elements; the output is distinct from the inputs.
        unsafe { blst_fr_add(&raw mut out.0, &raw const self.0, &raw const other.0) };
        out
    }
}

impl Sub for &Scalar {
    type Output = Scalar;

    fn sub(self, other: &Scalar) -> Scalar {
        let mut out = Scalar(blst_fr::default());
        // SAFETY: three valid field elements; the output is distinct from the inputs.
        unsafe { blst_fr_sub(&raw mut out.0, &raw const self.0, &raw const other.0) };
        out
    }
}

impl Mul for &Scalar {
    type Output = Scalar;

    fn mul(self, other: &Scalar) -> Scalar {
        let mut out = Scalar(blst_fr::default());
        // SAFETY: three valid field elements; the output is distinct from the inputs.
        unsafe { blst_fr_mul(&raw mut out.0, &raw const self.0, &raw const other.0) };
        out
    }
}

impl Neg for &Scalar {
    type Output = Scalar;

    fn neg(self) -> Scalar {
        let mut out = Scalar(blst_fr::default());
        // SAFETY: two valid field elements; the output is distinct from the input.
        unsafe { blst_fr_cneg(&raw mut out.0, &raw const self.0, true) };
        out
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.0.l.ct_eq(&other.0.l).into()
    }
}

impl Eq for Scalar {}

impl Drop for Scalar {
    fn drop(&mut self) {
        self.0.l.zeroize();
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar(..)")
    }
}

/// The bytes are a number of `r` or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scalar is not below the group order")]
pub struct DecodeScalarError;

#[cfg(test)]
mod tests {
    use super::*;

    /// r = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001 [RFC 9380 §8.8.1].
    const ORDER: [u8; 32] = [
        0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05, 0x53,
        0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1,
    ];

    fn number(n: u8) -> Scalar {
        Scalar::reduce(&[n])
    }

    #[test]
    fn only_numbers_below_the_order_decode() {
        let mut below = ORDER;
        below[31] = 0;
        assert_eq!(Scalar::from_be_bytes(&below).unwrap().to_be_bytes(), below);
        assert_eq!(Scalar::from_be_bytes(&ORDER), Err(DecodeScalarError));
        assert_eq!(Scalar::from_be_bytes(&[0xff; 32]), Err(DecodeScalarError));
        assert!(Scalar::from_be_bytes(&[0; 32]).unwrap().is_zero());
    }

    #[test]
    fn any_length_is_reduced() {
        assert!(Scalar::reduce(&[]).is_zero());
        assert!(Scalar::reduce(&ORDER).is_zero());
        // r·2^128 + 5 = 5.
        let mut long = [0; 48];
        long[..32].copy_from_slice(&ORDER);
        long[47] = 5;
        assert_eq!(Scalar::reduce(&long), number(5));
        // 2^256 mod r, by long division.
        let mut power = [0; 33];
        power[0] = 1;
        let expected = [
            0x18, 0x24, 0xb1, 0x59, 0xac, 0xc5, 0x05, 0x6f, 0x99, 0x8c, 0x4f, 0xef, 0xec, 0xbc, 0x4f, 0xf5,
            0x58, 0x84, 0xb7, 0xfa, 0, 3, 0x48, 2, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe,
        ];
        assert_eq!(Scalar::reduce(&power).to_be_bytes(), expected);
    }

    #[test]
    fn arithmetic_is_modular() {
        assert_eq!(&number(7) + &number(8), number(15));
        assert_eq!(&number(7) * &number(8), number(56));
        assert_eq!(&(&number(7) - &number(8)) + &number(1), number(0));
        assert_eq!(&-&number(3) + &number(3), number(0));
        assert_eq!(&number(9).invert().unwrap() * &number(9), number(1));
        assert_eq!(number(0).invert(), None);
        assert_ne!(number(1), number(2));
    }

    #[test]
    fn a_scalar_is_not_printed() {
        assert_eq!(format!("{:?}", number(77)), "Scalar(..)");
    }
}
