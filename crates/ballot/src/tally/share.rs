//! A trustee's part of a decryption, and the proof that it is the right one (Chaum–Pedersen).

use super::Opening;
use crate::ceremony::{TrusteeKeys, TrusteeNumber};
use crate::group::{Element, Encoding, Field, Group};
use crate::hash::Transcript;
use crate::linear::{Equation, failing};
use sinpyo_core::key::Entropy;
use zeroize::Zeroize;

/// `D` and its proof for one option, as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell<G: Group> {
    share: G::PointBytes,
    announcements: [G::PointBytes; 2],
    response: G::ScalarBytes,
}

/// A trustee's shares of one group, as they arrived: nothing is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyShare<G: Group> {
    trustee: TrusteeNumber,
    cells: Vec<Cell<G>>,
}

impl<G: Group> TallyShare<G> {
    /// Reads `D` and `R1 ‖ R2 ‖ z` of each option; `None` if a length is wrong.
    pub fn from_bytes<'b>(
        trustee: TrusteeNumber,
        cells: impl IntoIterator<Item = (&'b [u8], &'b [u8])>,
    ) -> Option<Self> {
        let cells: Option<Vec<_>> = cells
            .into_iter()
            .map(|(share, proof)| {
                let (first, rest) = proof.split_at_checked(G::PointBytes::LENGTH)?;
                let (second, response) = rest.split_at_checked(G::PointBytes::LENGTH)?;
                Some(Cell {
                    share: G::PointBytes::from_slice(share)?,
                    announcements: [G::PointBytes::from_slice(first)?, G::PointBytes::from_slice(second)?],
                    response: G::ScalarBytes::from_slice(response)?,
                })
            })
            .collect();
        Some(Self { trustee, cells: cells? })
    }

    /// Whose.
    pub const fn trustee(&self) -> TrusteeNumber {
        self.trustee
    }

    /// `D` and `R1 ‖ R2 ‖ z` of each option: 32 and 96 bytes for ristretto255.
    pub fn cells(&self) -> impl Iterator<Item = (G::PointBytes, Vec<u8>)> {
        self.cells.iter().map(|cell| {
            let [first, second] = &cell.announcements;
            (cell.share, [first.as_ref(), second.as_ref(), cell.response.as_ref()].concat())
        })
    }
}

/// A trustee's shares of one group that are proven to be the right ones.
#[derive(Clone, Debug)]
pub struct VerifiedShare<G: Group> {
    trustee: TrusteeNumber,
    /// Of the opening.
    pub(super) digest: [u8; 64],
    /// `D` by option.
    pub(super) shares: Vec<G::Point>,
}

impl<G: Group> VerifiedShare<G> {
    /// Whose.
    pub const fn trustee(&self) -> TrusteeNumber {
        self.trustee
    }
}

/// Why a trustee's shares were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// BAL-63: the trustee is not qualified.
    #[error("{trustee} is not qualified")]
    NotQualified {
        /// Who.
        trustee: TrusteeNumber,
    },
    /// BAL-64: there is not one share for each option.
    #[error("{trustee} gave shares for another number of options")]
    Options {
        /// Whose.
        trustee: TrusteeNumber,
    },
    /// BAL-65: a point or scalar is not in its canonical form.
    #[error("the share of {trustee} for option {option} holds an encoding that is not canonical")]
    Encoding {
        /// Whose.
        trustee: TrusteeNumber,
        /// Which option, from 1.
        option: u32,
    },
    /// BAL-66: the first part of the proof is the neutral element.
    #[error("the proof of {trustee} for option {option} holds the neutral element")]
    Identity {
        /// Whose.
        trustee: TrusteeNumber,
        /// Which option, from 1.
        option: u32,
    },
    /// BAL-67: the proof does not hold for this share of this sum.
    #[error("the proof of {trustee} for option {option} does not hold")]
    Proof {
        /// Whose.
        trustee: TrusteeNumber,
        /// Which option, from 1.
        option: u32,
    },
}

impl ShareError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotQualified { .. } => "BAL-63",
            Self::Options { .. } => "BAL-64",
            Self::Encoding { .. } => "BAL-65",
            Self::Identity { .. } => "BAL-66",
            Self::Proof { .. } => "BAL-67",
        }
    }
}

/// The keys cannot decrypt this sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of {trustee} belong to another ceremony")]
pub struct DecryptError {
    /// Whose keys.
    pub trustee: TrusteeNumber,
}

impl<G: Group> Opening<'_, G> {
    /// The shares of a trustee, which has recomputed the sum from the log itself.
    ///
    /// A trustee MUST give them for one sum of each group only: the difference of two sums shows single ballots.
    ///
    /// # Errors
    /// The keys are those of another ceremony.
    pub fn share(
        &self,
        keys: &TrusteeKeys<G>,
        entropy: &mut dyn Entropy,
    ) -> Result<TallyShare<G>, DecryptError> {
        let trustee = keys.trustee();
        let public = self.keys.share_keys(trustee).ok_or(DecryptError { trustee })?;
        if !keys.fit(public) {
            return Err(DecryptError { trustee });
        }
        let mut fresh = [0; 32];
        entropy.fill(&mut fresh);
        let cells = (1_u32..)
            .zip(self.sum.beta().iter().zip(public.iter().zip(keys.secrets())))
            .map(|(option, (_, (public, secret)))| self.prove(trustee, option, (public, secret), &fresh))
            .collect();
        fresh.zeroize();
        Ok(TallyShare { trustee, cells })
    }

    fn prove(
        &self,
        trustee: TrusteeNumber,
        option: u32,
        (public, secret): (&G::Point, &G::Scalar),
        fresh: &[u8; 32],
    ) -> Cell<G> {
        let alpha = self.sum.alpha();
        // From the secret and the statement too: a broken generator does not show the key.
        let mut mask = Transcript::secret("tally-mask")
            .field(fresh)
            .field(G::encode_scalar(secret).as_ref())
            .field(&self.digest)
            .number(trustee.number())
            .number(option)
            .scalar::<G>();
        let share = G::encode(&G::mul(alpha, secret));
        let announcements = [G::encode(&G::mul_base(&mask)), G::encode(&G::mul(alpha, &mask))];
        let [first, second] = announcements;
        let points = [G::encode(public), G::encode(alpha), share, first, second];
        let challenge = self.challenge(trustee, option, &points).scalar::<G>();
        let response = G::encode_scalar(&(mask + challenge * *secret));
        mask.zeroize();
        Cell { share, announcements, response }
    }

    /// Checks one trustee's shares.
    ///
    /// # Errors
    /// See [`ShareError`]; it names the trustee.
    pub fn verify(&self, share: &TallyShare<G>) -> Result<VerifiedShare<G>, ShareError> {
        let (verified, equations) = self.read(share)?;
        let base = [G::publish(&G::base())];
        match equations.iter().find(|(_, equation)| !equation.holds(&base)) {
            Some((option, _)) => Err(ShareError::Proof { trustee: share.trustee, option: *option }), // [BAL-67] [VOT-01]
            None => Ok(verified),
        }
    }

    /// What would be verified, and for each option the two equations that verify it:
    /// `z·G - R1 - c·PK = 0` and `z·α - R2 - c·D = 0`.
    #[expect(clippy::type_complexity, reason = "two lists that are used at once, inside this module")]
    fn read(&self, share: &TallyShare<G>) -> Result<(VerifiedShare<G>, Vec<(u32, Equation<G>)>), ShareError> {
        let trustee = share.trustee;
        let public = self.keys.share_keys(trustee).ok_or(ShareError::NotQualified { trustee })?; // [BAL-63] [VOT-15]
        if share.cells.len() != self.sum.beta().len() {
            return Err(ShareError::Options { trustee }); // [BAL-64]
        }
        let alpha = self.sum.alpha();
        let alpha_bytes = G::encode(alpha);
        let (mut shares, mut equations) = (Vec::new(), Vec::new());
        for (option, (cell, public)) in (1_u32..).zip(share.cells.iter().zip(public)) {
            let decode = |bytes| G::decode(bytes).ok_or(ShareError::Encoding { trustee, option }); // [BAL-65]
            let [first_bytes, second_bytes] = &cell.announcements;
            let (first, second, decrypted) =
                (decode(first_bytes)?, decode(second_bytes)?, decode(&cell.share)?);
            let response =
                G::decode_scalar(&cell.response).ok_or(ShareError::Encoding { trustee, option })?;
            if first == G::Point::identity() {
                return Err(ShareError::Identity { trustee, option }); // [BAL-66] [VOT-11]
            }
            let points = [G::encode(public), alpha_bytes, cell.share, *first_bytes, *second_bytes];
            let transcript = self.challenge(trustee, option, &points);
            let (minus, challenge) = (-G::Scalar::ONE, -transcript.scalar::<G>());
            let digest = transcript.field(cell.response.as_ref()).hash();
            let key = vec![(minus, G::publish(&first)), (challenge, G::publish(public))];
            equations.push((option, Equation { shared: vec![response], own: key, digest }));
            let decryption = [(response, *alpha), (minus, second), (challenge, decrypted)];
            let decryption = decryption.map(|(scalar, point)| (scalar, G::publish(&point))).to_vec();
            equations.push((option, Equation { shared: vec![G::Scalar::ZERO], own: decryption, digest }));
            shares.push(decrypted);
        }
        Ok((VerifiedShare { trustee, digest: self.digest, shares }, equations))
    }
}

/// Checks the shares of many trustees and groups at once. Answers stand in the order of the questions.
///
/// Both equations of every cell have a weight of their own. `entropy` is the verifier's own.
pub fn verify_shares<G: Group>(
    shares: &[(&Opening<'_, G>, &TallyShare<G>)],
    entropy: &mut dyn Entropy,
) -> Vec<Result<VerifiedShare<G>, ShareError>> {
    let (mut places, mut equations) = (Vec::new(), Vec::new());
    let mut results: Vec<_> = shares
        .iter()
        .enumerate()
        .map(|(place, (opening, share))| {
            let (verified, cells) = opening.read(share)?;
            for (option, equation) in cells {
                places.push((place, option));
                equations.push(equation);
            }
            Ok(verified)
        })
        .collect();
    let base = [G::publish(&G::base())];
    // From the last to the first, so that the first wrong option is the one that is named.
    for culprit in failing(&base, &equations, entropy).into_iter().rev() {
        let Some((place, option)) = places.get(culprit).copied() else { continue };
        if let (Some(result), Some((_, share))) = (results.get_mut(place), shares.get(place)) {
            *result = Err(ShareError::Proof { trustee: share.trustee, option }); // [BAL-67] [VOT-15]
        }
    }
    results
}
