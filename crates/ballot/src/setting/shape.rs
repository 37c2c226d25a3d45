//! How many contests, options and digits a ballot has (§§4, 8).

use crate::ballot::KEY_LENGTH;
use crate::group::{Encoding, Field, Group};

/// Most options over all contests of a style.
const MAX_OPTIONS: usize = 64;
const RING_SIZES: std::ops::RangeInclusive<u32> = 4..=4096;
/// RSA keys from 2,048 to 4,096 bits.
pub(crate) const SIGNATURE_LENGTHS: std::ops::RangeInclusive<usize> = 256..=512;
/// Version, style, ring or district, flags.
pub(crate) const HEADER_LENGTH: usize = 8;
/// The randomizer of a token [RFC 9474 §4].
pub(crate) const RANDOMIZER_LENGTH: usize = 32;

/// The contests of a style and how its voters show that they may vote.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    contests: Vec<usize>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Standing {
    Ring { base: u32, digits: u32 },
    Token { signature: usize },
}

impl Shape {
    /// Ballots of profile `ring`: the number of options of each contest; rings of `base^digits`.
    ///
    /// # Errors
    /// A number is out of the bounds of §4.
    pub fn ring(contests: &[usize], base: u32, digits: u32) -> Result<Self, ShapeError> {
        // [BAL-20]
        let size = base.checked_pow(digits).filter(|size| RING_SIZES.contains(size));
        if !matches!(base, 2 | 4 | 8) || !(2..=12).contains(&digits) || size.is_none() {
            return Err(ShapeError::Ring);
        }
        Self::new(contests, Standing::Ring { base, digits })
    }

    /// Ballots of profile `token` (§13), with signatures of as many bytes.
    ///
    /// # Errors
    /// A number is out of bounds.
    pub fn token(contests: &[usize], signature: usize) -> Result<Self, ShapeError> {
        if !SIGNATURE_LENGTHS.contains(&signature) {
            return Err(ShapeError::Signature);
        }
        Self::new(contests, Standing::Token { signature })
    }

    fn new(contests: &[usize], standing: Standing) -> Result<Self, ShapeError> {
        let options = contests.iter().try_fold(0usize, |sum, options| sum.checked_add(*options));
        let bounded = options.is_some_and(|options| (1..=MAX_OPTIONS).contains(&options));
        if !bounded || contests.contains(&0) {
            return Err(ShapeError::Contests);
        }
        Ok(Self { contests: contests.to_vec(), standing })
    }

    /// The number of options of each contest.
    pub fn contests(&self) -> &[usize] {
        &self.contests
    }

    /// `m`: the options of all contests.
    pub fn options(&self) -> usize {
        self.contests.iter().sum()
    }

    /// `b`, in profile `token` 0.
    pub const fn base(&self) -> u32 {
        match self.standing {
            Standing::Ring { base, .. } => base,
            Standing::Token { .. } => 0,
        }
    }

    /// `D`, in profile `token` 0.
    pub const fn digits(&self) -> u32 {
        match self.standing {
            Standing::Ring { digits, .. } => digits,
            Standing::Token { .. } => 0,
        }
    }

    /// `N`, in profile `token` 0.
    pub const fn ring_size(&self) -> usize {
        match self.standing {
            Standing::Ring { base, digits } => width(base.saturating_pow(digits)),
            Standing::Token { .. } => 0,
        }
    }

    /// How many bytes a token's signature has; `None` in profile `ring`.
    pub const fn signature_length(&self) -> Option<usize> {
        match self.standing {
            Standing::Ring { .. } => None,
            Standing::Token { signature } => Some(signature),
        }
    }

    /// The columns of each row, column 0 included: digit rows, then contests.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        let digits = std::iter::repeat_n(width(self.base()), width(self.digits()));
        digits.chain(self.contests.iter().map(|options| options.saturating_add(1)))
    }

    /// The columns of all rows.
    pub fn columns(&self) -> usize {
        self.rows().sum()
    }

    /// Columns from those without column 0, row by row: column 0 is what the others of its row leave of `total`.
    pub(crate) fn completed<S: Field>(&self, masked: &[S], total: S) -> Vec<S> {
        let mut columns = Vec::with_capacity(self.columns());
        let mut rest = masked;
        for row in self.rows() {
            let (others, after) = rest.split_at(row.saturating_sub(1).min(rest.len()));
            rest = after;
            columns.push(others.iter().fold(total, |left, other| left - *other));
            columns.extend_from_slice(others);
        }
        columns
    }

    /// A flat list of columns, row by row.
    pub(crate) fn rows_of<'v, T>(&self, columns: &'v [T]) -> impl Iterator<Item = &'v [T]> {
        let mut rest = columns;
        self.rows().map(move |row| {
            let (row, after) = rest.split_at(row.min(rest.len()));
            rest = after;
            row
        })
    }

    /// The digit rows of a flat list of columns.
    pub(crate) fn digits_of<'v, T>(&self, columns: &'v [T]) -> impl Iterator<Item = &'v [T]> {
        self.rows_of(columns).take(width(self.digits()))
    }

    /// The option columns of a flat list: those of the contests, without blank.
    pub(crate) fn options_of<'v, T>(&self, columns: &'v [T]) -> impl Iterator<Item = &'v T> {
        self.rows_of(columns).skip(width(self.digits())).flat_map(|row| row.iter().skip(1))
    }

    /// How many `f` a ballot has: the columns without column 0.
    pub(crate) fn masked_columns(&self) -> usize {
        self.rows().map(|columns| columns.saturating_sub(1)).sum()
    }

    /// How many points a ballot has.
    pub(crate) fn points(&self) -> usize {
        self.options().saturating_add(width(self.digits())).saturating_add(7)
    }

    /// How many scalars a ballot has.
    pub(crate) fn scalars(&self) -> usize {
        // zA, zρ, zs, and zr in profile `ring`.
        self.masked_columns().saturating_add(if self.digits() == 0 { 3 } else { 4 })
    }

    /// The exact length of a ballot in bytes (§§8, 13).
    pub fn ballot_length<G: Group>(&self) -> usize {
        let token =
            self.signature_length().map_or(0, |signature| signature.saturating_add(RANDOMIZER_LENGTH));
        let points = self.points().saturating_mul(G::PointBytes::LENGTH);
        let scalars = self.scalars().saturating_mul(G::ScalarBytes::LENGTH);
        [HEADER_LENGTH, points, scalars, token, KEY_LENGTH].into_iter().fold(0, usize::saturating_add)
    }
}

/// A small number as a count.
#[expect(clippy::as_conversions, reason = "at most 4,096; `try_from` is not const")]
const fn width(number: u32) -> usize {
    number as usize
}

/// Why numbers do not make a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// BAL-20: no contest, a contest without options, or more than 64 options.
    #[error("the contests have no option, or too many")]
    Contests,
    /// BAL-20: the ring's base, digits or size.
    #[error("the ring's base or digits are out of bounds")]
    Ring,
    /// BAL-20: the length of a token's signature.
    #[error("the token's signature has a length out of bounds")]
    Signature,
}

impl ShapeError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        "BAL-20"
    }
}
