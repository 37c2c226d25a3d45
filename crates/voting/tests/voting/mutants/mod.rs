//! Records in which one thing is wrong, with tree, heads and signatures rebuilt, and the check that names it.

mod ceremony;
mod election;
mod log;
mod tally;
mod votes;

use crate::world::{Fate, Plan, World};
use serde_json::{Map, Value};
use sinpyo_voting::{audit::Check, record::MemoryRecord};

/// A record with one fault.
pub(crate) struct Mutant {
    pub(crate) name: String,
    pub(crate) check: Check,
    pub(crate) record: MemoryRecord,
}

/// The elections that mutants are made of.
pub(crate) struct Originals {
    pub(crate) usual: World,
    pub(crate) first: World,
    pub(crate) token: World,
}

impl Originals {
    pub(crate) fn new() -> Self {
        Self {
            usual: World::run(Plan::USUAL),
            first: World::run(Plan { first_counts: true, ..Plan::USUAL }),
            token: World::run(Plan { token: true, ..Plan::USUAL }),
        }
    }
}

/// Gathers mutants of one check.
pub(crate) struct Gathering<'a> {
    pub(crate) originals: &'a Originals,
    check: Check,
    mutants: Vec<Mutant>,
}

impl Gathering<'_> {
    /// The usual election, changed.
    pub(crate) fn usual(&mut self, name: &str, change: impl FnOnce(&mut World)) {
        self.changed(name, &self.originals.usual.clone(), change);
    }

    /// An election, changed.
    pub(crate) fn changed(&mut self, name: &str, original: &World, change: impl FnOnce(&mut World)) {
        let mut world = original.clone();
        change(&mut world);
        self.add(name, &world);
    }

    /// An election that was made wrong from its manifest on.
    pub(crate) fn called(&mut self, name: &str, manifest: fn(&mut Map<String, Value>)) {
        let world = World::run(Plan { manifest, ..Plan::USUAL });
        self.add(name, &world);
    }

    /// The same in profile `token`.
    pub(crate) fn called_with_tokens(&mut self, name: &str, manifest: fn(&mut Map<String, Value>)) {
        let world = World::run(Plan { token: true, manifest, ..Plan::USUAL });
        self.add(name, &world);
    }

    /// An election whose fourth trustee fared so, changed.
    pub(crate) fn fated(&mut self, name: &str, fate: Fate, change: impl FnOnce(&mut World)) {
        let mut world = World::run(Plan { fate, ..Plan::USUAL });
        change(&mut world);
        self.add(name, &world);
    }

    fn add(&mut self, name: &str, world: &World) {
        let name = format!("{}-{name}", self.check.name());
        self.mutants.push(Mutant { name, check: self.check, record: world.record() });
    }
}

/// All mutants of `check`.
pub(crate) fn of(check: Check, originals: &Originals) -> Vec<Mutant> {
    let mut gathering = Gathering { originals, check, mutants: Vec::new() };
    let make = match check {
        Check::Manifest => election::manifest,
        Check::Ceremony => ceremony::ceremony,
        Check::Context => election::context,
        Check::Roll => election::roll,
        Check::Log => log::log,
        Check::Ballots => votes::ballots,
        Check::Rejected => votes::rejected,
        Check::Tags => votes::tags,
        Check::Groups => tally::groups,
        Check::Shares => tally::shares,
        Check::Counts => tally::counts,
        Check::Spoiled => votes::spoiled,
        Check::WriteIn => election::write_in,
        Check::Result => tally::result,
    };
    make(&mut gathering);
    gathering.mutants
}
