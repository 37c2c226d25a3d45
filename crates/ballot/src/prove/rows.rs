//! One-hot rows and their products, in constant time.

use crate::group::Field;
use crate::setting::Shape;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A row of the position: `f = σ·x + a`.
#[derive(Clone, Copy)]
pub(crate) struct Digit<'v, S> {
    /// `σ`.
    pub(crate) chosen: &'v [S],
    /// `a`.
    pub(crate) masks: &'v [S],
}

/// `σ`: 1 in the chosen column of each row and 0 elsewhere.
pub(super) fn one_hot<S: Field>(shape: &Shape, position: u32, choices: &[u8]) -> Zeroizing<Vec<S>> {
    let mut columns = Zeroizing::new(Vec::with_capacity(shape.columns()));
    let chosen = digits(shape, position).chain(choices.iter().map(|choice| u32::from(*choice)));
    for (row, chosen) in shape.rows().zip(chosen) {
        let column = |column: u32| S::conditional_select(&S::ZERO, &S::ONE, column.ct_eq(&chosen));
        columns.extend((0u32..).take(row).map(column));
    }
    columns
}

/// The digits of `position`, the lowest first. The base is a power of two, so no division takes its time.
fn digits(shape: &Shape, position: u32) -> impl Iterator<Item = u32> {
    let (base, bits) = (shape.base(), shape.base().trailing_zeros());
    (0..shape.digits()).map(move |digit| (position >> digit.saturating_mul(bits)) & base.saturating_sub(1))
}

/// `p_{i,k}` for every position `i`: one list for each `k < D`, from rows `σ_j·x + a_j`, the lowest digit first.
pub(super) fn coefficients<S: Field>(rows: &[Digit<'_, S>]) -> Vec<Zeroizing<Vec<S>>> {
    let mut planes = vec![Zeroizing::new(vec![S::ONE])];
    for Digit { chosen, masks } in rows.iter().rev() {
        planes = multiply(&planes, chosen, masks);
    }
    // The coefficients of x^D are 0 or 1 and go into no X.
    planes.pop();
    planes
}

/// The products of all polynomials with all of a row, position by position.
fn multiply<S: Field>(planes: &[Zeroizing<Vec<S>>], chosen: &[S], masks: &[S]) -> Vec<Zeroizing<Vec<S>>> {
    let zero = Zeroizing::new(vec![S::ZERO; planes.first().map_or(0, |plane| plane.len())]);
    let same = planes.iter().chain([&zero]);
    let lower = [&zero].into_iter().chain(planes);
    same.zip(lower)
        .map(|(same, lower)| {
            let mut plane = Zeroizing::new(Vec::with_capacity(same.len().saturating_mul(masks.len())));
            for (same, lower) in same.iter().zip(lower.iter()) {
                plane.extend(
                    chosen.iter().zip(masks.iter()).map(|(chosen, mask)| *mask * *same + *chosen * *lower),
                );
            }
            plane
        })
        .collect()
}
