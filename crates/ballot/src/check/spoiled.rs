//! What the board may be told of a checked ballot (§10).

use crate::ballot::TrackingCode;
use crate::group::{Field, Group};
use crate::prove::verify_choices;
use crate::setting::Setting;
use crate::verify::VerifiedBallot;

/// A checked ballot without its tag and its proof: what it encrypts, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoiled<G: Group> {
    /// `α`.
    pub alpha: G::PointBytes,
    /// `β_1 … β_m`.
    pub beta: Vec<G::PointBytes>,
    /// The column of each contest: 0 is blank.
    pub choices: Vec<u8>,
    /// `ρ`.
    pub rho: G::ScalarBytes,
    /// What the voter was shown. Nothing proves that it belongs to the rest.
    pub tracking: TrackingCode,
}

/// A spoiled ballot that encrypts again to what it says.
#[derive(Clone, Copy, Debug)]
pub struct CheckedSpoiled<'a> {
    choices: &'a [u8],
}

impl CheckedSpoiled<'_> {
    /// The column of each contest: 0 is blank.
    pub const fn choices(&self) -> &[u8] {
        self.choices
    }
}

impl<G: Group> Spoiled<G> {
    pub(super) fn new(ballot: &VerifiedBallot<G>, choices: &[u8], encryption: &G::Scalar) -> Self {
        Self {
            alpha: G::encode(&ballot.alpha()),
            beta: ballot.beta().iter().map(G::encode).collect(),
            choices: choices.to_vec(),
            rho: G::encode_scalar(encryption),
            tracking: ballot.tracking_code(),
        }
    }

    /// Encrypts the choices again.
    ///
    /// # Errors
    /// They are not choices of the style, `ρ` is not a scalar, or something else comes out.
    // [BAL-26]
    pub fn check(&self, setting: &Setting<G>) -> Result<CheckedSpoiled<'_>, SpoiledError> {
        let shape = setting.shape();
        verify_choices(shape, &self.choices).map_err(|_| SpoiledError::Choices)?;
        let rho = G::decode_scalar(&self.rho).ok_or(SpoiledError::Scalar)?;
        let votes =
            self.choices.iter().zip(shape.contests()).flat_map(|(choice, options)| {
                (1..=*options).map(move |option| option == usize::from(*choice))
            });
        let beta = votes.zip(setting.keys()).map(|(chosen, key)| {
            let vote = if chosen { G::Scalar::ONE } else { G::Scalar::ZERO };
            G::encode(&G::public_sum_of_products(&[vote, rho], &[G::base(), *key]))
        });
        if G::encode(&G::mul_base(&rho)) == self.alpha && beta.eq(self.beta.iter().copied()) {
            Ok(CheckedSpoiled { choices: &self.choices })
        } else {
            Err(SpoiledError::Ciphertext)
        }
    }
}

/// Why a spoiled ballot is not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpoiledError {
    /// BAL-26: not one column for each contest.
    #[error("the choices are not those of the style")]
    Choices,
    /// BAL-26: ρ is not a canonical scalar.
    #[error("rho is not a canonical scalar")]
    Scalar,
    /// BAL-26: the choices encrypt to something else.
    #[error("the choices encrypt to something else")]
    Ciphertext,
}

impl SpoiledError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        "BAL-26"
    }
}
