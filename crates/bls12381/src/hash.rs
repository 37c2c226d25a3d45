//! Hashing to both fields and to the first group.

use crate::{point::G1, scalar::Scalar};
use blst::{blst_expand_message_xmd, blst_fp, blst_fp_from_be_bytes, blst_map_to_g1, blst_p1};
use shake::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};
use zeroize::Zeroizing;

/// How a message becomes as many uniform bytes as are needed [RFC 9380 §5.3].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expander {
    /// `expand_message_xmd` with SHA-256.
    XmdSha256,
    /// `expand_message_xof` with SHAKE-256, for 128 bits of security.
    XofShake256,
}

/// Bytes that make one scalar, or one coordinate, without bias: `ceil((ceil(log2(order)) + 128) / 8)`.
const SCALAR_SEED: usize = 48;
const FIELD_SEED: usize = 64;

impl Expander {
    /// `N` uniform bytes from `message`, separated from other uses by `dst`.
    ///
    /// More than 255 · 32 bytes do not compile; a `dst` above 255 bytes is hashed first [RFC 9380 §5.3.3].
    pub fn expand<const N: usize>(self, message: &[u8], dst: &[u8]) -> [u8; N] {
        const { assert!(N > 0 && N <= 255 * 32, "expand_message_xmd yields at most 255 blocks") };
        let mut out = [0; N];
        match self {
            // SAFETY: each pointer goes with the length of the slice it comes from; lengths that the function
            // would silently refuse are excluded above.
            Self::XmdSha256 => unsafe {
                blst_expand_message_xmd(
                    out.as_mut_ptr(),
                    N,
                    message.as_ptr(),
                    message.len(),
                    dst.as_ptr(),
                    dst.len(),
                );
            },
            Self::XofShake256 => expand_xof(message, dst, &mut out),
        }
        out
    }

    /// A scalar from `message`; zero with negligible probability.
    pub fn hash_to_scalar(self, message: &[u8], dst: &[u8]) -> Scalar {
        // Keys are derived this way too.
        Scalar::reduce(&*Zeroizing::new(self.expand::<SCALAR_SEED>(message, dst)))
    }

    /// A point from `message` of which nobody knows the discrete logarithm [RFC 9380 §3, `hash_to_curve`].
    pub fn hash_to_g1(self, message: &[u8], dst: &[u8]) -> G1 {
        let uniform = self.expand::<{ 2 * FIELD_SEED }>(message, dst);
        let (first, second) = uniform.split_at(FIELD_SEED);
        let (u, v) = (field_element(first), field_element(second));
        let mut point = blst_p1::default();
        // SAFETY: `u` and `v` are field elements and only read; `point` is valid for writes. The function maps
        // both, adds them and clears the cofactor.
        unsafe { blst_map_to_g1(&raw mut point, &raw const u, &raw const v) };
        G1::from_projective(&point)
    }
}

fn field_element(uniform: &[u8]) -> blst_fp {
    let mut element = blst_fp::default();
    // SAFETY: pointer and length describe `uniform`; `element` is valid for writes.
    unsafe { blst_fp_from_be_bytes(&raw mut element, uniform.as_ptr(), uniform.len()) };
    element
}

fn expand_xof<const N: usize>(message: &[u8], dst: &[u8], out: &mut [u8; N]) {
    let mut short = [0; 32];
    let dst = if dst.len() > 255 {
        let mut oversize = Shake256::default();
        oversize.update(b"H2C-OVERSIZE-DST-");
        oversize.update(dst);
        oversize.finalize_xof().read(&mut short);
        &short[..]
    } else {
        dst
    };
    let [.., length_high, length_low] = N.to_be_bytes();
    let [.., dst_length] = dst.len().to_be_bytes();
    let mut shake = Shake256::default();
    shake.update(message);
    shake.update(&[length_high, length_low]);
    shake.update(dst);
    shake.update(&[dst_length]);
    shake.finalize_xof().read(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        format!("{bytes:02x?}").replace(['[', ']', ',', ' '], "")
    }

    #[test]
    fn expansion_is_that_of_rfc_9380() {
        // K.1, K.2 (a separator of 256 bytes) and K.6.
        let xmd: [u8; 32] = Expander::XmdSha256.expand(b"", b"QUUX-V01-CS02-with-expander-SHA256-128");
        assert_eq!(hex(&xmd), "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235");
        let long = format!("QUUX-V01-CS02-with-expander-SHA256-128-long-DST-{}", "1".repeat(208));
        let xmd: [u8; 32] = Expander::XmdSha256.expand(b"", long.as_bytes());
        assert_eq!(hex(&xmd), "e8dc0c8b686b7ef2074086fbdd2f30e3f8bfbd3bdf177f73f04b97ce618a3ed3");
        let xof: [u8; 32] = Expander::XofShake256.expand(b"", b"QUUX-V01-CS02-with-expander-SHAKE256");
        assert_eq!(hex(&xof), "2ffc05c48ed32b95d72e807f6eab9f7530dd1c2f013914c8fed38c5ccc15ad76");
    }

    #[test]
    fn an_oversize_separator_is_replaced_by_its_hash() {
        let long = [7; 256];
        let short: [u8; 32] = {
            let mut out = [0; 32];
            let mut shake = Shake256::default();
            shake.update(b"H2C-OVERSIZE-DST-");
            shake.update(&long);
            shake.finalize_xof().read(&mut out);
            out
        };
        let expanded: [u8; 100] = Expander::XofShake256.expand(b"message", &long);
        assert_eq!(expanded, Expander::XofShake256.expand::<100>(b"message", &short));
        assert_ne!(expanded, Expander::XofShake256.expand::<100>(b"message", &long[..255]));
    }

    #[test]
    fn hashing_to_the_group_is_that_of_rfc_9380() {
        // J.9.1: P.x of the empty message; P.y is the smaller root.
        let dst = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
        let point = Expander::XmdSha256.hash_to_g1(b"", dst).to_compressed();
        assert_eq!(
            hex(&point),
            "852926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1"
        );
    }
}
