//! Which witnesses suffice.

use super::{PolicyError, PolicyWitness};
use sinpyo_core::time::Timestamp;

/// The definitions of witnesses and groups, and the one that must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quorum {
    /// Members of a group stand before it, so that no definition can go in circles.
    definitions: Vec<Definition>,
    required: Required,
}

/// What the quorum line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Required {
    /// Nobody needs to have seen a checkpoint.
    Nobody,
    /// The witness or group at this place.
    Definition(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    Witness(Box<PolicyWitness>),
    Group(Group),
}

impl Definition {
    pub(super) fn name(&self) -> &[u8] {
        match self {
            Self::Witness(witness) => witness.name(),
            Self::Group(group) => &group.name,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: Box<[u8]>,
    /// From 1 to the number of members.
    pub(super) threshold: usize,
    pub(super) members: Vec<usize>,
}

impl Quorum {
    pub(super) const fn new(definitions: Vec<Definition>, required: Required) -> Self {
        Self { definitions, required }
    }

    pub(super) const fn none() -> Self {
        Self::new(Vec::new(), Required::Nobody)
    }

    pub(super) const fn demands_witnesses(&self) -> bool {
        matches!(self.required, Required::Definition(_))
    }

    pub(super) fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The name after `quorum`.
    pub(super) fn required_name(&self) -> &[u8] {
        match self.required {
            Required::Nobody => b"none",
            Required::Definition(place) => self.definitions.get(place).map_or(b"none", Definition::name),
        }
    }

    pub(super) fn witnesses(&self) -> impl Iterator<Item = &PolicyWitness> {
        self.definitions.iter().filter_map(|definition| match definition {
            Definition::Witness(witness) => Some(witness.as_ref()),
            Definition::Group(_) => None,
        })
    }

    /// The latest time T such that a quorum had cosigned at T or later; `None` if the policy needs no witnesses.
    pub(super) fn witnessed_at(
        &self,
        seen_at: impl Fn(&PolicyWitness) -> Result<Option<Timestamp>, PolicyError>,
    ) -> Result<Option<Timestamp>, PolicyError> {
        let mut times: Vec<Option<Timestamp>> = Vec::with_capacity(self.definitions.len());
        for definition in &self.definitions {
            let time = match definition {
                Definition::Witness(witness) => seen_at(witness)?,
                Definition::Group(group) => group.witnessed_at(&times),
            };
            times.push(time);
        }
        let Required::Definition(required) = self.required else { return Ok(None) };
        times.get(required).copied().flatten().map(Some).ok_or(PolicyError::Quorum) // [WIT-13]
    }
}

impl Group {
    /// The time of the member that completes the threshold, the latest members first.
    fn witnessed_at(&self, times: &[Option<Timestamp>]) -> Option<Timestamp> {
        let members = self.members.iter().filter_map(|place| times.get(*place).copied().flatten());
        let mut seen: Vec<Timestamp> = members.collect();
        seen.sort_unstable_by(|a, b| b.cmp(a));
        seen.get(self.threshold.checked_sub(1)?).copied()
    }
}
