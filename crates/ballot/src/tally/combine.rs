//! Any `t` trustees' shares open a sum.

use super::{Opening, VerifiedShare};
use crate::ceremony::TrusteeNumber;
use crate::group::{Field, Group};

/// Why shares do not open a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CombineError {
    /// BAL-68: fewer trustees than decrypt.
    #[error("shares of {shares} trustees do not open the sum")]
    TooFew {
        /// How many.
        shares: usize,
    },
    /// BAL-69: a trustee's shares are there twice.
    #[error("the shares of {trustee} are there twice")]
    Duplicate {
        /// Whose.
        trustee: TrusteeNumber,
    },
    /// BAL-70: shares of another sum.
    #[error("the shares of {trustee} are of another sum")]
    Foreign {
        /// Whose.
        trustee: TrusteeNumber,
    },
}

impl CombineError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "BAL-68",
            Self::Duplicate { .. } => "BAL-69",
            Self::Foreign { .. } => "BAL-70",
        }
    }
}

impl<G: Group> Opening<'_, G> {
    /// `M_i = β_i - Σ λ_j·D_j` for all options: `count · G`. Any `t` trustees give the same; of more, the first are
    /// taken.
    ///
    /// # Errors
    /// Too few shares, shares of another sum, or one trustee twice.
    pub fn combine(&self, shares: &[VerifiedShare<G>]) -> Result<Vec<G::Point>, CombineError> {
        let mut chosen: Vec<&VerifiedShare<G>> = shares.iter().collect();
        chosen.sort_by_key(|share| share.trustee());
        for pair in chosen.windows(2) {
            if let [first, second] = pair
                && first.trustee() == second.trustee()
            {
                return Err(CombineError::Duplicate { trustee: first.trustee() }); // [BAL-69] [VOT-15]
            }
        }
        if let Some(foreign) = chosen.iter().find(|share| share.digest != self.digest) {
            return Err(CombineError::Foreign { trustee: foreign.trustee() }); // [BAL-70]
        }
        let threshold = usize::try_from(self.keys.threshold()).unwrap_or(usize::MAX);
        if chosen.len() < threshold {
            return Err(CombineError::TooFew { shares: chosen.len() }); // [BAL-68]
        }
        chosen.truncate(threshold);
        let trustees: Vec<_> = chosen.iter().map(|share| share.trustee()).collect();
        let weights: Vec<_> = trustees.iter().map(|trustee| lagrange::<G>(*trustee, &trustees)).collect();
        Ok(self
            .sum
            .beta()
            .iter()
            .enumerate()
            .map(|(option, beta)| {
                let parts: Vec<_> =
                    chosen.iter().filter_map(|share| share.shares.get(option).copied()).collect();
                *beta - G::public_sum_of_products(&weights, &parts)
            })
            .collect())
    }
}

/// `λ_j` at 0: the product of `i / (i - j)` over the others.
fn lagrange<G: Group>(trustee: TrusteeNumber, all: &[TrusteeNumber]) -> G::Scalar {
    let scalar = |number: TrusteeNumber| G::Scalar::from(u64::from(number.number()));
    let (numerator, denominator) = all.iter().filter(|other| **other != trustee).fold(
        (G::Scalar::ONE, G::Scalar::ONE),
        |(numerator, denominator), other| {
            (numerator * scalar(*other), denominator * (scalar(*other) - scalar(trustee)))
        },
    );
    numerator * denominator.inverse()
}
