//! The random numbers of a proof (§9.2): hedged, so that no two statements ever share one.

use super::Statement;
use crate::group::{Field, Group};
use crate::hash::Transcript;
use zeroize::{Zeroize, Zeroizing};

/// `T, α, β`: what is proved about.
pub(super) struct Published<G: Group> {
    pub(super) tag: G::PointBytes,
    pub(super) alpha: G::PointBytes,
    pub(super) beta: Vec<G::PointBytes>,
}

/// All masks of one proof. Erased on drop.
pub(super) struct Masks<G: Group> {
    /// `a` of all columns; they sum to 0 in each row.
    pub(super) columns: Vec<G::Scalar>,
    /// `rA`.
    pub(super) mask_blinding: G::Scalar,
    /// `rB`.
    pub(super) row_blinding: G::Scalar,
    /// `ρ_s`; in profile `token` only after [`Masks::own_tag`].
    pub(super) tag: G::Scalar,
    /// `ρ_0 … ρ_{D-1}`; `ρ_0` only after [`Masks::own_opening`].
    pub(super) ring: Vec<G::Scalar>,
    /// `τ`.
    pub(super) encryption: G::Scalar,
    /// What they are derived from.
    seed: [u8; 64],
}

impl<G: Group> Masks<G> {
    /// `mask` depends on the seed, on fresh randomness and on the whole statement.
    // [BAL-18]
    pub(super) fn derive(statement: &Statement<'_, G>, published: &Published<G>) -> Self {
        let transcript = Transcript::secret("mask").field(statement.seed).field(statement.fresh);
        let transcript = statement.binding.bind(transcript).field(published.tag.as_ref());
        let seed = transcript.field(published.alpha.as_ref()).list(&published.beta).hash();
        let shape = statement.setting.shape();
        let mut number = 0_u32;
        let mut draw = || {
            let transcript = Transcript::secret("mask-scalar").field(&seed).number(number);
            number += 1;
            transcript.scalar::<G>()
        };
        let mut masked = Zeroizing::new(Vec::with_capacity(shape.masked_columns()));
        masked.extend((0..shape.masked_columns()).map(|_| draw()));
        let columns = shape.completed(&masked, G::Scalar::ZERO);
        let (mask_blinding, row_blinding, tag) = (draw(), draw(), draw());
        let ring = (0..shape.digits()).map(|_| draw()).collect();
        Self { columns, mask_blinding, row_blinding, tag, ring, encryption: draw(), seed }
    }

    /// Makes `ρ_0` depend on the voter's `r` too: a second device that is given `b` and `w` cannot find it, and so
    /// cannot find `r` in `zr`.
    pub(super) fn own_opening(&mut self, opening: &G::Scalar) {
        let own = self.own(opening);
        if let Some(first) = self.ring.first_mut() {
            *first = own;
        }
    }

    /// The same for `ρ_s` and `s` in profile `token`, where who knows `s` and the token can vote.
    pub(super) fn own_tag(&mut self, secret: &G::Scalar) {
        self.tag = self.own(secret);
    }

    fn own(&self, secret: &G::Scalar) -> G::Scalar {
        Transcript::secret("mask-opening").field(&self.seed).list(&[G::encode_scalar(secret)]).scalar::<G>()
    }
}

impl<G: Group> Drop for Masks<G> {
    fn drop(&mut self) {
        self.columns.zeroize();
        self.ring.zeroize();
        self.seed.zeroize();
        for scalar in [&mut self.mask_blinding, &mut self.row_blinding, &mut self.tag, &mut self.encryption] {
            scalar.zeroize();
        }
    }
}
