//! What a voter registers (§6): a commitment, and the proof that the voter can open it.
//!
//! The commitment `C = s·Gs + r·H` stands in the public roll. Who can open it, can vote once: the ballot's tag is
//! `s·U`. It hides `s` perfectly, so the roll says nothing about tags.

mod registration;

pub use registration::{
    Binding, RegisteredCommitment, Registration, RegistrationError, RegistrationProof, RegistrationVerifier,
};

use crate::generators::{ElectionId, blinding_base, secret_base, tag_base};
use crate::group::Group;
use crate::hash::Transcript;
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// What opens a voter's commitment: the tag secret `s` and the blinding `r`. Erased on drop.
pub struct VoterSecret<G: Group> {
    tag: G::Scalar,
    blinding: G::Scalar,
    election: ElectionId,
}

impl<G: Group> VoterSecret<G> {
    /// Derives the secret of one election from the wallet's `seed` [spec/voting.md §6].
    pub fn derive(seed: &Secret<[u8; 32]>, election: &ElectionId) -> Self {
        let derive =
            |domain| Transcript::secret(domain).field(seed.expose()).field(&election.0).scalar::<G>();
        Self { tag: derive("voter-s"), blinding: derive("voter-r"), election: *election }
    }

    /// The election this secret is for.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// `C = s·Gs + r·H`.
    pub fn commitment(&self) -> G::Point {
        G::sum_of_products(&[self.tag, self.blinding], &[secret_base::<G>(), blinding_base::<G>()])
    }

    /// `T = s·U`, the tag of this voter's ballots: in profile `token` the registrar signs it without seeing it (§13).
    pub fn tag(&self) -> G::Point {
        G::mul(&tag_base::<G>(&self.election), &self.tag)
    }

    /// Proves that this wallet can open its commitment, to the registrar that gave `binding`.
    ///
    /// The masks depend on `entropy` *and* on the secret and the statement, so that a broken generator does not
    /// show the secret.
    pub fn register(&self, binding: Binding, district: u32, entropy: &mut dyn Entropy) -> Registration<G> {
        let mut fresh = Zeroizing::new([0; 32]);
        entropy.fill(fresh.as_mut_slice());
        let mask = |which: u32| {
            Transcript::secret("registration-mask")
                .field(fresh.as_slice())
                .list(&[G::encode_scalar(&self.tag), G::encode_scalar(&self.blinding)])
                .field(&self.election.0)
                .field(&binding.0)
                .number(district)
                .number(which)
                .scalar::<G>()
        };
        let mut masks = [mask(0), mask(1)];
        let announcement =
            G::encode(&G::sum_of_products(&masks, &[secret_base::<G>(), blinding_base::<G>()]));
        let commitment = G::encode(&self.commitment());
        let challenge =
            registration::challenge::<G>(&self.election, &binding, district, &commitment, &announcement)
                .scalar::<G>();
        let [u, v] = masks;
        let responses = [u + challenge * self.tag, v + challenge * self.blinding]
            .map(|response| G::encode_scalar(&response));
        masks.zeroize();
        Registration { binding, district, commitment, proof: RegistrationProof { announcement, responses } }
    }

    /// The secret `s` of the tag, for the prover.
    pub(crate) const fn tag_secret(&self) -> &G::Scalar {
        &self.tag
    }

    /// The blinding `r` of the commitment, for the prover.
    pub(crate) const fn blinding(&self) -> &G::Scalar {
        &self.blinding
    }
}

impl<G: Group> Drop for VoterSecret<G> {
    fn drop(&mut self) {
        self.tag.zeroize();
        self.blinding.zeroize();
    }
}

impl<G: Group> fmt::Debug for VoterSecret<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoterSecret").field("election", &self.election).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
