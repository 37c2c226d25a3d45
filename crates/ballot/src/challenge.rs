//! The two challenges of the proof (§9).

use crate::ballot::{CastLock, Header, Parts};
use crate::group::Group;
use crate::hash::Transcript;
use crate::setting::Context;

/// What the proof is bound to before its points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    pub(crate) context: &'a Context,
    pub(crate) header: Header,
    /// `λ`.
    pub(crate) lock: CastLock,
    /// `ringRoot`, or what stands for it in profile `token`.
    pub(crate) root: [u8; 32],
}

impl Binding<'_> {
    /// Begins a transcript with context, header, lock and root.
    pub(crate) fn bind(&self, transcript: Transcript) -> Transcript {
        let transcript = transcript.field(&self.context.0).field(&self.header.to_bytes());
        transcript.field(&self.lock.0).field(&self.root)
    }

    /// `e` and `e64`, over every point but `T1`.
    // [BAL-29]
    pub(crate) fn first<G: Group>(&self, parts: &Parts<G::PointBytes>) -> First<G> {
        let transcript =
            self.bind(Transcript::new("e")).field(parts.tag.as_ref()).field(parts.alpha.as_ref());
        let transcript = transcript.list(&parts.beta).field(parts.masks.as_ref()).field(parts.rows.as_ref());
        let transcript = transcript.list(&parts.ring).field(parts.tag_first.as_ref());
        let hash = transcript.field(parts.alpha_first.as_ref()).hash();
        First { scalar: G::scalar_from_uniform(&hash), hash }
    }
}

/// The first challenge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First<G: Group> {
    /// `e`.
    pub(crate) scalar: G::Scalar,
    /// `e64`.
    hash: [u8; 64],
}

impl<G: Group> First<G> {
    /// `x`, over `e64` and `T1`.
    pub(crate) fn second(&self, beta_first: &G::PointBytes) -> G::Scalar {
        Transcript::new("x").field(&self.hash).field(beta_first.as_ref()).scalar::<G>()
    }

    /// `e^1, e^2, …`
    pub(crate) fn powers(&self) -> impl Iterator<Item = G::Scalar> + use<G> {
        let base = self.scalar;
        std::iter::successors(Some(base), move |power| Some(*power * base))
    }
}
