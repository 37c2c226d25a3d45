//! The rings of an election (§7), as the log leads to them.

use sinpyo_ballot::{generators::ElectionId, hash::Transcript, ring::Beacon};
use sinpyo_voting::{
    manifest::Manifest,
    roll::{Rings, Roll},
};
use std::sync::Arc;

/// The rings of an election, and the randomness that they were made with.
#[derive(Debug)]
pub(crate) struct Seats {
    pub(crate) beacon: [u8; 32],
    pub(crate) root: [u8; 32],
    pub(crate) rings: Arc<Rings>,
}

impl Seats {
    /// The rings that roll and beacon lead to; none if they lead to none.
    pub(crate) fn new(
        election: &ElectionId,
        manifest: &Manifest,
        roll: &Roll,
        beacon: [u8; 32],
    ) -> Option<Self> {
        let rings = Arc::new(roll.rings(election, manifest, Beacon(beacon)).ok()?);
        Some(Self { beacon, root: rings.root(), rings })
    }

    /// Where a commitment comes in the order of its district.
    pub(crate) fn place(&self, commitment: &[u8; 32]) -> [u8; 64] {
        Transcript::new("shuffle").field(&self.beacon).field(commitment).hash()
    }
}
