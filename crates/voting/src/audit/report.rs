//! What an audit found.

use super::{Check, Stage};
use crate::{event::TallyResult, phase::Phase};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Something that a check objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The entry concerned, if it is one.
    pub entry: Option<u64>,
    /// What: `entry 17`, `trustee 3`, `district d1`, `group 0`.
    pub item: String,
    /// Why.
    pub reason: String,
}

impl Finding {
    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over to be told, and done with")]
    pub(super) fn entry(index: u64, reason: impl ToString) -> Self {
        Self { entry: Some(index), item: format!("entry {index}"), reason: reason.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "an error is handed over to be told, and done with")]
    pub(super) fn of(item: impl ToString, reason: impl ToString) -> Self {
        Self { entry: None, item: item.to_string(), reason: reason.to_string() }
    }
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing to object to.
    Passed,
    /// It objects.
    Failed,
    /// The election has not come so far, or what would be checked cannot be read.
    NotReached,
}

/// A check, what became of it, and the first thing that it objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub check: Check,
    /// What became of it.
    pub outcome: Outcome,
    /// The first thing that it objects to.
    pub first: Option<Finding>,
    /// How many things it objects to.
    pub findings: u64,
}

/// How many proofs of each kind were checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProofCounts {
    /// Ballots.
    pub ballot: u64,
    /// Registrations.
    pub registration: u64,
    /// Coefficients of the ceremony.
    pub ceremony: u64,
    /// Cells of tally shares.
    pub share: u64,
    /// Spoiled ballots.
    pub spoiled: u64,
    /// Rejected ballots.
    pub rejected: u64,
    /// Signatures of events.
    pub signature: u64,
    /// RSA signatures of profile `token`.
    pub token: u64,
}

impl ProofCounts {
    /// By name.
    pub const fn by_name(&self) -> [(&'static str, u64); 8] {
        [
            ("ballot", self.ballot),
            ("registration", self.registration),
            ("ceremony", self.ceremony),
            ("share", self.share),
            ("spoiled", self.spoiled),
            ("rejected", self.rejected),
            ("signature", self.signature),
            ("token", self.token),
        ]
    }
}

/// A district in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turnout {
    /// Its id.
    pub district: String,
    /// Voters by the legal roll.
    pub legal: u64,
    /// Live lines of the roll.
    pub registered: u64,
    /// Ballots that count.
    pub counted: u64,
}

/// The result of an audit.
#[derive(Clone, Debug)]
pub struct Report {
    /// V1 to V14, in order.
    pub verdicts: Vec<Verdict>,
    /// Proofs checked.
    pub proofs: ProofCounts,
    /// Entries of the log.
    pub entries: u64,
    /// Ballots in the log.
    pub ballots: u64,
    /// How far the election is.
    pub phase: Phase,
    /// Each district in numbers; empty before rings are made.
    pub turnout: Vec<Turnout>,
    /// The result as recomputed; `None` while it cannot be.
    pub result: Option<TallyResult>,
    /// What each part took.
    pub took: Vec<(Stage, Duration)>,
}

impl Report {
    /// Whether every check passed.
    pub fn passed(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.outcome == Outcome::Passed)
    }

    /// Whether no check objects: so it is with an election that is still going on.
    pub fn objects_to_nothing(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.outcome != Outcome::Failed)
    }

    /// What became of `check`.
    pub fn outcome(&self, check: Check) -> Outcome {
        let verdict = self.verdicts.iter().find(|verdict| verdict.check == check);
        verdict.map_or(Outcome::NotReached, |verdict| verdict.outcome)
    }
}

/// What is noticed on the way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    reached: BTreeSet<Check>,
    found: BTreeMap<Check, (Finding, u64)>,
    pub(super) proofs: ProofCounts,
    pub(super) took: Vec<(Stage, Duration)>,
}

impl Notes {
    /// There was something to check.
    pub(super) fn reach(&mut self, check: Check) {
        self.reached.insert(check);
    }

    /// `check` objects. The first finding by entry stays.
    pub(super) fn object(&mut self, check: Check, finding: Finding) {
        match self.found.get_mut(&check) {
            None => {
                self.found.insert(check, (finding, 1));
            }
            Some((first, count)) => {
                *count = count.saturating_add(1);
                let is_earlier = matches!((finding.entry, first.entry), (Some(new), Some(old)) if new < old);
                if is_earlier {
                    *first = finding;
                }
            }
        }
    }

    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |check: Check| {
            let found = self.found.get(&check);
            let outcome = match (found, self.reached.contains(&check)) {
                (Some(_), _) => Outcome::Failed,
                (None, true) => Outcome::Passed,
                (None, false) => Outcome::NotReached,
            };
            let first = found.map(|(first, _)| first.clone());
            Verdict { check, outcome, first, findings: found.map_or(0, |(_, count)| *count) }
        };
        Check::ALL.into_iter().map(verdict).collect()
    }
}
