//! The BLS12-381 group operations that BBS needs, over `blst`: the one crate with unsafe code.
//!
//! What it promises: a [`G1`] or [`G2`] that was decoded is a point of the prime-order subgroup, given in its
//! only encoding, and not the identity; a [`Scalar`] is reduced modulo the group order `r` and wiped from
//! memory when dropped. Functions whose names end in `_secret`, [`G1::times`], [`G2::generator_times`] and all
//! scalar arithmetic take the same steps whatever the scalars are; [`sum_of_products`] does not and is for
//! public inputs.
//!
//! What it refuses to do: hand out pointers, decode uncompressed points, use threads.
//!
//! ```
//! use sinpyo_bls12381::{Expander, FixedBase, G1, G2, PreparedG2, Scalar, pairings_are_equal, sum_of_products};
//!
//! // e(x·P, P2) = e(P, x·P2)
//! let point = Expander::XmdSha256.hash_to_g1(b"a point", b"EXAMPLE-V01-CS01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_");
//! let x = Scalar::reduce(b"any bytes");
//! let left = sum_of_products(&[(&FixedBase::new(&point), &x)]);
//! let right = PreparedG2::new(&G2::generator_times(&x));
//! assert!(pairings_are_equal((&left, PreparedG2::generator()), (&point, &right)));
//! assert_eq!(G1::from_compressed(&left.to_compressed()), Ok(left));
//! ```

mod hash;
mod multiply;
mod pairing;
mod point;
mod scalar;

pub use hash::Expander;
pub use multiply::{FixedBase, sum_of_products, sum_of_products_secret};
pub use pairing::{PreparedG2, pairings_are_equal};
pub use point::{DecodePointError, G1, G2};
pub use scalar::{DecodeScalarError, Scalar};
