//! The rings of an election (§7): made from the roll and the beacon, served whole, and opened for the checking of ballots.

use sinpyo_ballot::{
    generators::ElectionId,
    group::Ristretto,
    hash::Transcript,
    ring::{Beacon, Ring, RingIndex, RingPlan, Roster},
};
use sinpyo_tlog::merkle::{Frontier, Hash};
use sinpyo_voting::manifest::{Manifest, Profile};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Rings that are kept opened: 160 KB each at 1,024 members.
const OPENED: usize = 512;

/// The rings of an election.
#[derive(Debug)]
pub(crate) struct Seats {
    pub(crate) beacon: [u8; 32],
    pub(crate) root: [u8; 32],
    rosters: Vec<Roster<Ristretto>>,
    opened: Mutex<BTreeMap<u32, Arc<Ring<Ristretto>>>>,
}

impl Seats {
    /// The rings that roll and beacon lead to; none if they lead to none.
    pub(crate) fn new(
        election: ElectionId,
        manifest: &Manifest,
        roll: &BTreeMap<[u8; 16], (u32, [u8; 32])>,
        beacon: [u8; 32],
    ) -> Option<Self> {
        let mut rosters: Vec<Roster<Ristretto>> = Vec::new();
        if let Profile::Ring { base, digits } = manifest.profile {
            let size = usize::try_from(base.checked_pow(digits)?).ok()?;
            let plan = RingPlan { election, beacon: Beacon(beacon), size };
            let mut districts: BTreeMap<u32, Vec<[u8; 32]>> = BTreeMap::new();
            for (district, commitment) in roll.values() {
                districts.entry(*district).or_default().push(*commitment);
            }
            for (district, commitments) in districts {
                let first = RingIndex(u32::try_from(rosters.len()).ok()?);
                rosters.extend(plan.rings::<Ristretto>(district, first, &commitments).ok()?);
            }
        }
        let mut tree = Frontier::default();
        rosters.iter().for_each(|roster| tree.append(Hash::leaf(&roster.leaf())));
        let root = *tree.head().root.as_bytes();
        Some(Self { beacon, root, rosters, opened: Mutex::default() })
    }

    /// The beacon over the roll and what trustees revealed.
    pub(crate) fn beacon(
        election: &ElectionId,
        roll: &BTreeMap<[u8; 16], (u32, [u8; 32])>,
        reveals: &[(u32, [u8; 32])],
    ) -> [u8; 32] {
        let live: Vec<([u8; 16], [u8; 32])> =
            roll.iter().map(|(slot, (_, commitment))| (*slot, *commitment)).collect();
        Beacon::new::<Ristretto>(election, &live, reveals).0
    }

    pub(crate) fn rosters(&self) -> &[Roster<Ristretto>] {
        &self.rosters
    }

    pub(crate) fn roster(&self, ring: u32) -> Option<&Roster<Ristretto>> {
        self.rosters.get(usize::try_from(ring).ok()?)
    }

    /// Where a commitment comes in the order of its district.
    pub(crate) fn place(&self, commitment: &[u8; 32]) -> [u8; 64] {
        Transcript::new("shuffle").field(&self.beacon).field(commitment).hash()
    }

    /// A ring with its points; none if there is no such ring.
    pub(crate) fn open(&self, ring: u32) -> Option<Arc<Ring<Ristretto>>> {
        if let Some(opened) = self.opened().get(&ring) {
            return Some(Arc::clone(opened));
        }
        // Five milliseconds of decoding, which others need not wait for.
        let opened = Arc::new(Ring::new(self.roster(ring)?.clone()).ok()?);
        let mut all = self.opened();
        if all.len() >= OPENED {
            all.clear();
        }
        all.insert(ring, Arc::clone(&opened));
        Some(opened)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, Arc<Ring<Ristretto>>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
