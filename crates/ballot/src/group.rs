//! The group that ballots live in, behind a trait, so that another curve can follow.

mod public;
mod ristretto;

pub use public::{PublicPoint, PublicTotals};
pub use ristretto::Ristretto;

use std::fmt::Debug;
use std::hash::Hash;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

/// What scalars and elements have in common: they are added, compared and chosen. All operations take constant time.
pub trait Additive:
    Copy
    + Eq
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Sum
    + ConstantTimeEq
    + ConditionallySelectable
{
}

/// What a scalar of a [`Group`] can do. All operations take constant time.
pub trait Field: Additive + Mul<Output = Self> + MulAssign + From<u64> + From<u128> + Zeroize {
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The inverse; of zero, zero.
    #[must_use]
    fn inverse(&self) -> Self;
}

/// What an element of a [`Group`] can do. All operations take constant time.
pub trait Element: Additive {
    /// The neutral element.
    fn identity() -> Self;
}

/// Bytes of fixed length: the encoding of a scalar or an element.
pub trait Encoding:
    AsRef<[u8]> + AsMut<[u8]> + Copy + Eq + Ord + Hash + Debug + Send + Sync + 'static
{
    /// How many bytes.
    const LENGTH: usize;

    /// Reads exactly [`Encoding::LENGTH`] bytes.
    fn from_slice(bytes: &[u8]) -> Option<Self>;
}

impl Encoding for [u8; 32] {
    const LENGTH: usize = 32;

    fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

/// Sums of public elements, column by column, to which one element after the other is added. The time depends on them.
pub trait Totals<G: Group>: Clone + Debug + Send + Sync + 'static {
    /// As many sums of nothing.
    fn zero(columns: usize) -> Self;

    /// How many sums.
    fn columns(&self) -> usize;

    /// Adds the first element to the first sum and so on, as far as there are both.
    fn add(&mut self, elements: &[G::Public]);

    /// Adds the first of the other sums to the first and so on, as far as there are both.
    fn merge(&mut self, other: &Self);

    /// The sums.
    fn points(&self) -> Vec<G::Point>;
}

/// A group of prime order in which discrete logarithms are hard.
pub trait Group: Copy + Eq + Debug + Send + Sync + 'static {
    /// Integers modulo the order.
    type Scalar: Field;
    /// Elements.
    type Point: Element;
    /// An element that everybody may know, in the form in which this machine decodes and adds up many of them fastest.
    type Public: Copy + Debug + Send + Sync + 'static;
    /// Sums of such elements.
    type Totals: Totals<Self>;
    /// A fixed base, prepared for many multiplications in constant time.
    type Table: Send + Sync;
    /// The one encoding of an element.
    type PointBytes: Encoding;
    /// The one encoding of a scalar.
    type ScalarBytes: Encoding;

    /// The encoding of the neutral element.
    const IDENTITY: Self::PointBytes;

    /// The base point `G`.
    fn base() -> Self::Point;

    /// `scalar · G`, in constant time.
    fn mul_base(scalar: &Self::Scalar) -> Self::Point;

    /// `scalar · point`, in constant time.
    fn mul(point: &Self::Point, scalar: &Self::Scalar) -> Self::Point;

    /// Prepares `point` as a fixed base.
    fn table(point: &Self::Point) -> Self::Table;

    /// `scalar · base`, in constant time.
    fn mul_table(base: &Self::Table, scalar: &Self::Scalar) -> Self::Point;

    /// `Σ scalar · point`, in constant time for as many pairs. Pairs beyond the shorter list are left out.
    fn sum_of_products(scalars: &[Self::Scalar], points: &[Self::Point]) -> Self::Point;

    /// `Σ scalar · point`, for public values only: the time depends on them.
    fn public_sum_of_products(scalars: &[Self::Scalar], points: &[Self::Point]) -> Self::Point;

    /// What each of the encodings stands for, as [`Group::decode`] says, for public values only.
    fn decode_public(encodings: &[Self::PointBytes]) -> Vec<Option<Self::Public>>;

    /// The same element in the form for many.
    fn publish(point: &Self::Point) -> Self::Public;

    /// `Σ scalar · element`, for public values only. Pairs beyond the shorter list are left out.
    fn sum_of_public(scalars: &[Self::Scalar], elements: &[&Self::Public]) -> Self::Point;

    /// The encoding of `point`.
    fn encode(point: &Self::Point) -> Self::PointBytes;

    /// The element that `bytes` encode, if they are the canonical encoding of one.
    fn decode(bytes: &Self::PointBytes) -> Option<Self::Point>;

    /// The encoding of `scalar`.
    fn encode_scalar(scalar: &Self::Scalar) -> Self::ScalarBytes;

    /// The scalar that `bytes` encode, if they are canonical.
    fn decode_scalar(bytes: &Self::ScalarBytes) -> Option<Self::Scalar>;

    /// `scalar` as four limbs of 64 bits, the lowest first.
    fn scalar_limbs(scalar: &Self::Scalar) -> [u64; 4];

    /// The integer of nine limbs (the lowest first), reduced. For public values only.
    fn scalar_from_limbs(limbs: &[u64; 9]) -> Self::Scalar;

    /// A scalar from 64 uniform bytes (a little-endian integer, reduced).
    fn scalar_from_uniform(bytes: &[u8; 64]) -> Self::Scalar;

    /// An element from 64 uniform bytes, whose logarithm nobody knows.
    fn point_from_uniform(bytes: &[u8; 64]) -> Self::Point;
}
