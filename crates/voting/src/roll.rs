//! The live roll, its beacon and its rings (§7), recomputed from the log's state.

use crate::{
    election::{Refused, Slot},
    manifest::{Manifest, Profile},
};
use sinpyo_ballot::{
    generators::ElectionId,
    group::Ristretto,
    hash::{Transcript, half},
    ring::{Beacon, RingError, RingIndex, RingPlan, Roster},
};
use sinpyo_registry::engine::{EngineError, StateView};
use sinpyo_tlog::merkle::{Frontier, Hash};
use std::collections::BTreeMap;

/// The live lines of a roll, in ascending order of slot.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    live: BTreeMap<[u8; 16], (u32, [u8; 32])>,
}

impl Roll {
    /// Takes what an entry made of a line.
    pub fn set(&mut self, slot: [u8; 16], line: Slot) {
        if line.live {
            self.live.insert(slot, (line.district, line.commitment));
        } else {
            self.live.remove(&slot);
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Live lines of each of `districts` districts.
    pub fn counts(&self, districts: usize) -> Vec<u64> {
        let mut counts = vec![0_u64; districts];
        for (district, _) in self.live.values() {
            let place = usize::try_from(*district).ok().and_then(|place| counts.get_mut(place));
            if let Some(count) = place {
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    /// The beacon of this roll and the values that trustees showed, ascending.
    pub fn beacon(&self, election: &ElectionId, manifest: &Manifest, values: &[(u32, [u8; 32])]) -> Beacon {
        if manifest.profile == Profile::Token {
            return self.beacon_of_slots(election, values);
        }
        let live: Vec<_> = self.live.iter().map(|(slot, (_, commitment))| (*slot, *commitment)).collect();
        Beacon::new::<Ristretto>(election, &live, values)
    }

    /// In profile `token` there are no commitments: the roll is its slots.
    fn beacon_of_slots(&self, election: &ElectionId, values: &[(u32, [u8; 32])]) -> Beacon {
        let slots: Vec<u8> = self.live.keys().flatten().copied().collect();
        let shown: Vec<u8> = values
            .iter()
            .flat_map(|(trustee, value)| trustee.to_le_bytes().into_iter().chain(*value))
            .collect();
        let transcript = Transcript::new("beacon").field(&election.0).field(&slots).field(&shown);
        Beacon(half(&transcript.hash()))
    }

    /// The rings of all districts, in order. None in profile `token`.
    ///
    /// # Errors
    /// A commitment occurs twice in a district, or there are too many rings.
    pub fn rings(
        &self,
        election: &ElectionId,
        manifest: &Manifest,
        beacon: Beacon,
    ) -> Result<Rings, RingError> {
        let Profile::Ring { base, digits } = manifest.profile else {
            return Ok(Rings { rosters: Vec::new() });
        };
        let size = usize::try_from(base.saturating_pow(digits)).unwrap_or(usize::MAX);
        let plan = RingPlan { election: *election, beacon, size };
        let mut by_district: BTreeMap<u32, Vec<[u8; 32]>> = BTreeMap::new();
        for (district, commitment) in self.live.values() {
            by_district.entry(*district).or_default().push(*commitment);
        }
        let mut rosters = Vec::new();
        for (district, commitments) in by_district {
            let first = u32::try_from(rosters.len()).map_err(|_| RingError::TooMany)?;
            rosters.extend(plan.rings::<Ristretto>(district, RingIndex(first), &commitments)?);
        }
        Ok(Rings { rosters })
    }
}

/// The rings of an election.
#[derive(Clone, Debug)]
pub struct Rings {
    rosters: Vec<Roster<Ristretto>>,
}

impl Rings {
    /// In order.
    pub fn rosters(&self) -> &[Roster<Ristretto>] {
        &self.rosters
    }

    /// The ring of that number.
    pub fn get(&self, index: RingIndex) -> Option<&Roster<Ristretto>> {
        self.rosters.get(usize::try_from(index.0).ok()?)
    }

    /// How many.
    pub fn count(&self) -> u64 {
        u64::try_from(self.rosters.len()).unwrap_or(u64::MAX)
    }

    /// The roll root (§7): the tree over the rings' roots.
    pub fn root(&self) -> [u8; 32] {
        let mut tree = Frontier::new();
        for roster in &self.rosters {
            tree.append(Hash::leaf(&roster.leaf()));
        }
        *tree.head().root.as_bytes()
    }
}

/// The values that trustees showed, ascending.
///
/// # Errors
/// The engine failed.
pub fn beacon_values(
    state: &dyn StateView,
    manifest: &Manifest,
) -> Result<Vec<(u32, [u8; 32])>, EngineError> {
    let election = crate::election::Election::new(state);
    let mut values = Vec::new();
    for trustee in 1..=manifest.trustee_count() {
        match election.beacon_value(trustee) {
            Ok(Some(value)) => values.push((trustee, value)),
            Ok(None) => {}
            Err(Refused::Engine(error)) => return Err(error),
            Err(_) => return Err(EngineError::CorruptState),
        }
    }
    Ok(values)
}
