//! Points of the two groups.

use crate::scalar::Scalar;
use blst::{
    BLST_ERROR, blst_p1, blst_p1_affine, blst_p1_affine_compress, blst_p1_affine_in_g1,
    blst_p1_affine_is_inf, blst_p1_from_affine, blst_p1_mult, blst_p1_to_affine, blst_p1_uncompress, blst_p2,
    blst_p2_affine, blst_p2_affine_compress, blst_p2_affine_in_g2, blst_p2_affine_is_inf, blst_p2_to_affine,
    blst_p2_uncompress, blst_scalar, blst_scalar_from_bendian, blst_sk_to_pk_in_g2,
};
use std::fmt;
use zeroize::Zeroize;

/// A point of the first group.
///
/// Decoded points are never the identity; a result of arithmetic may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct G1(pub(crate) blst_p1_affine);

impl G1 {
    /// Length of the compressed encoding in bytes.
    pub const BYTES: usize = 48;

    /// Decodes the compressed form [draft-irtf-cfrg-pairing-friendly-curves-11 appendix C].
    ///
    /// # Errors
    /// Not the only encoding of a point, not on the curve, outside the subgroup, or the identity.
    pub fn from_compressed(bytes: &[u8; Self::BYTES]) -> Result<Self, DecodePointError> {
        let mut point = blst_p1_affine::default();
        // SAFETY: `bytes` has the 48 bytes that are read; `point` is valid for writes.
        decoded(unsafe { blst_p1_uncompress(&raw mut point, bytes.as_ptr()) })?;
        // SAFETY: `point` is initialised with a point of the curve and only read.
        if unsafe { blst_p1_affine_is_inf(&raw const point) } {
            return Err(DecodePointError::Identity);
        }
        // SAFETY: as above.
        if unsafe { blst_p1_affine_in_g1(&raw const point) } {
            Ok(Self(point))
        } else {
            Err(DecodePointError::Subgroup)
        }
    }

    /// The compressed form.
    pub fn to_compressed(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        // SAFETY: `bytes` has room for the 48 bytes written; `self.0` is only read.
        unsafe { blst_p1_affine_compress(bytes.as_mut_ptr(), &raw const self.0) };
        bytes
    }

    /// Whether this is the neutral element.
    pub fn is_identity(&self) -> bool {
        // SAFETY: `self.0` is initialised and only read.
        unsafe { blst_p1_affine_is_inf(&raw const self.0) }
    }

    /// `scalar · self`, in constant time.
    #[must_use]
    pub fn times(&self, scalar: &Scalar) -> Self {
        let mut bytes = scalar.to_be_bytes();
        bytes.reverse();
        let (mut point, mut product) = (blst_p1::default(), blst_p1::default());
        // SAFETY: `self.0` is a point and only read; `point` is valid for writes.
        unsafe { blst_p1_from_affine(&raw mut point, &raw const self.0) };
        // SAFETY: 255 bits are read from the 32 bytes at `bytes`; the two points do not overlap.
        unsafe { blst_p1_mult(&raw mut product, &raw const point, bytes.as_ptr(), 255) };
        bytes.zeroize();
        Self::from_projective(&product)
    }

    pub(crate) fn from_projective(point: &blst_p1) -> Self {
        let mut affine = blst_p1_affine::default();
        // SAFETY: `point` is a point of the curve, only read; `affine` is valid for writes.
        unsafe { blst_p1_to_affine(&raw mut affine, point) };
        Self(affine)
    }
}

impl fmt::Debug for G1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, "G1", &self.to_compressed())
    }
}

/// A point of the second group; never the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct G2(pub(crate) blst_p2_affine);

impl G2 {
    /// Length of the compressed encoding in bytes.
    pub const BYTES: usize = 96;

    /// Decodes the compressed form [draft-irtf-cfrg-pairing-friendly-curves-11 appendix C].
    ///
    /// # Errors
    /// Not the only encoding of a point, not on the curve, outside the subgroup, or the identity.
    pub fn from_compressed(bytes: &[u8; Self::BYTES]) -> Result<Self, DecodePointError> {
        let mut point = blst_p2_affine::default();
        // SAFETY: `bytes` has the 96 bytes that are read; `point` is valid for writes.
        decoded(unsafe { blst_p2_uncompress(&raw mut point, bytes.as_ptr()) })?;
        // SAFETY: `point` is initialised with a point of the curve and only read.
        if unsafe { blst_p2_affine_is_inf(&raw const point) } {
            return Err(DecodePointError::Identity);
        }
        // SAFETY: as above.
        if unsafe { blst_p2_affine_in_g2(&raw const point) } {
            Ok(Self(point))
        } else {
            Err(DecodePointError::Subgroup)
        }
    }

    /// The compressed form.
    pub fn to_compressed(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        // SAFETY: `bytes` has room for the 96 bytes written; `self.0` is only read.
        unsafe { blst_p2_affine_compress(bytes.as_mut_ptr(), &raw const self.0) };
        bytes
    }

    /// `scalar · P2`, where `P2` is the group's standard generator; in constant time.
    pub fn generator_times(scalar: &Scalar) -> Self {
        let mut bytes = scalar.to_be_bytes();
        let mut key = blst_scalar::default();
        let mut point = blst_p2::default();
        let mut affine = blst_p2_affine::default();
        // SAFETY: `bytes` has the 32 bytes that are read; `key` is valid for writes.
        unsafe { blst_scalar_from_bendian(&raw mut key, bytes.as_ptr()) };
        bytes.zeroize();
        // SAFETY: `key` is initialised and only read; `point` is valid for writes.
        unsafe { blst_sk_to_pk_in_g2(&raw mut point, &raw const key) };
        // SAFETY: `point` is initialised and only read; `affine` is valid for writes.
        unsafe { blst_p2_to_affine(&raw mut affine, &raw const point) };
        Self(affine)
    }
}

impl fmt::Debug for G2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, "G2", &self.to_compressed())
    }
}

/// Why bytes are not a point that computations may start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodePointError {
    /// Not compressed, a coordinate of the field's order or more, or flags that contradict each other.
    #[error("not the compressed encoding of a point")]
    Encoding,
    /// No point of the curve has this coordinate.
    #[error("the point is not on the curve")]
    Curve,
    /// A point of the curve whose order is not `r`.
    #[error("the point is outside the prime-order subgroup")]
    Subgroup,
    /// The neutral element, with which equations hold for free.
    #[error("the point is the identity")]
    Identity,
}

fn decoded(result: BLST_ERROR) -> Result<(), DecodePointError> {
    match result {
        BLST_ERROR::BLST_SUCCESS => Ok(()),
        BLST_ERROR::BLST_POINT_NOT_ON_CURVE => Err(DecodePointError::Curve),
        BLST_ERROR::BLST_POINT_NOT_IN_GROUP => Err(DecodePointError::Subgroup),
        _ => Err(DecodePointError::Encoding),
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, name: &str, bytes: &[u8]) -> fmt::Result {
    write!(f, "{name}(")?;
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// p = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab.
    const FIELD_ORDER: [u8; 48] = [
        0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7, 0x64,
        0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24, 0x1e, 0xab,
        0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
    ];

    fn small_x<const N: usize>(x: u8, flags: u8) -> [u8; N] {
        let mut bytes = [0; N];
        bytes[0] = flags;
        bytes[N - 1] = x;
        bytes
    }

    /// `n + offset` with the flags of a compressed point.
    fn field_order_plus<const N: usize>(offset: u8) -> [u8; N] {
        let mut bytes = [0; N];
        bytes[N - 48..].copy_from_slice(&FIELD_ORDER);
        bytes[N - 1] += offset;
        bytes[0] |= 0x80;
        bytes
    }

    #[test]
    fn the_generators_decode_and_encode() {
        // Their x coordinates are in draft-irtf-cfrg-pairing-friendly-curves-11 §4.2.1.
        let one = Scalar::reduce(&[1]);
        let two = G2::generator_times(&one).to_compressed();
        assert_eq!(two[..4], [0x93, 0xe0, 0x2b, 0x60]);
        assert_eq!(G2::from_compressed(&two).unwrap().to_compressed(), two);
        let point = crate::Expander::XmdSha256.hash_to_g1(b"", b"any");
        assert_eq!(G1::from_compressed(&point.to_compressed()), Ok(point));
    }

    #[test]
    fn the_identity_does_not_decode() {
        assert_eq!(G1::from_compressed(&small_x(0, 0xc0)), Err(DecodePointError::Identity));
        assert_eq!(G2::from_compressed(&small_x(0, 0xc0)), Err(DecodePointError::Identity));
        assert_eq!(crate::sum_of_products(&[]).to_compressed(), small_x(0, 0xc0));
    }

    #[test]
    fn flags_and_coordinates_have_one_form() {
        // No compression flag; an identity with a sign or a coordinate.
        for bad in [small_x(4, 0), small_x(0, 0xe0), small_x(1, 0xc0), small_x(0, 0x40), [0xff; 48]] {
            assert_eq!(G1::from_compressed(&bad), Err(DecodePointError::Encoding), "{bad:02x?}");
        }
        for bad in [small_x(4, 0), small_x(0, 0xe0), small_x(1, 0xc0), small_x(0, 0x40), [0xff; 96]] {
            assert_eq!(G2::from_compressed(&bad), Err(DecodePointError::Encoding), "{bad:02x?}");
        }
        // x and x + p are the same coordinate.
        for offset in 0..20 {
            let offset = offset * 4;
            assert_eq!(G1::from_compressed(&field_order_plus(offset)), Err(DecodePointError::Encoding));
            assert_eq!(G2::from_compressed(&field_order_plus(offset)), Err(DecodePointError::Encoding));
        }
    }

    #[test]
    fn points_outside_the_subgroup_do_not_decode() {
        // (0, 2) has order 3.
        for sign in [0x80, 0xa0] {
            assert_eq!(G1::from_compressed(&small_x(0, sign)), Err(DecodePointError::Subgroup));
        }
        let first: Vec<_> = (1..60).map(|x| G1::from_compressed(&small_x(x, 0x80))).collect();
        let second: Vec<_> = (1..60).map(|x| G2::from_compressed(&small_x(x, 0xa0))).collect();
        // About half of all coordinates are on the curve; 1 in 2^125 and 2^507 of those points is in the subgroup.
        for error in [DecodePointError::Subgroup, DecodePointError::Curve] {
            assert!(first.iter().filter(|result| **result == Err(error)).count() > 15);
            assert!(second.iter().filter(|result| **result == Err(error)).count() > 15);
        }
        assert!(first.iter().all(Result::is_err) && second.iter().all(Result::is_err));
    }
}
