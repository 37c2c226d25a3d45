//! The generators that nobody knows a relation between (§1).

use crate::group::Group;
use crate::hash::Transcript;

/// An election's identifier: 32 random bytes, chosen with entry 0 of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElectionId(pub [u8; 32]);

/// `P("generator", label, number)`.
pub fn generator<G: Group>(label: &str, number: u32) -> G::Point {
    Transcript::new("generator").field(label.as_bytes()).number(number).point::<G>()
}

/// `Gs`, the base of a voter's tag secret in the commitment.
pub(crate) fn secret_base<G: Group>() -> G::Point {
    generator::<G>("Gs", 0)
}

/// `H`, the base of every blinding.
pub(crate) fn blinding_base<G: Group>() -> G::Point {
    generator::<G>("H", 0)
}

/// `U`, the base of an election's tags.
pub(crate) fn tag_base<G: Group>(election: &ElectionId) -> G::Point {
    Transcript::new("tag").field(&election.0).point::<G>()
}
