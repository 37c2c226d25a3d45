//! The audit as a whole.

use super::{
    Check, Finding, Machine, Stage, ballots, derived,
    first::{self, First, Unreadable},
    reading::Source,
    report::{Notes, Report, Turnout},
    sides,
    state::FoldedState,
    tally,
};
use crate::{
    ballots::Settings,
    election::{Election, KeyCeremony, Refused},
    event::TallyResult,
    manifest::Manifest,
    phase::Phase,
    record::{self, Record, RecordError},
    roll::{Rings, Roll, beacon_values},
    tally::Tally,
};
use sinpyo_ballot::{ceremony::JointKeys, generators::ElectionId, group::Ristretto, tally::VerifiedShare};
use sinpyo_core::key::Entropy;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Frontier, TreeHead},
};
use std::{collections::BTreeMap, sync::Arc};

/// An audited election: the report, and what was recomputed on the way.
#[derive(Debug)]
pub struct Examined {
    /// What was found.
    pub report: Report,
    /// Size and root of what was read.
    pub head: TreeHead,
    /// The newest manifest; `None` if there is none that can be read.
    pub manifest: Option<Arc<Manifest>>,
    /// The key ceremony as far as it went.
    pub ceremony: Option<Arc<KeyCeremony>>,
    /// What ballots are made and checked under; `None` before rings are made.
    pub settings: Option<Settings>,
    /// What trustees open; `None` before the election closed.
    pub tally: Option<Tally>,
    /// The tally shares in the log that hold, by trustee and group.
    pub shares: BTreeMap<(u32, u32), VerifiedShare<Ristretto>>,
    state: FoldedState,
}

impl Examined {
    /// The state that the entries lead to.
    pub fn election(&self) -> Election<'_> {
        Election::new(&self.state)
    }

    /// The live roll.
    pub fn roll(&self) -> Roll {
        self.state.roll()
    }
}

/// Checks the whole record (§14).
///
/// `entropy` is the auditor's own: who made the record must not know it.
///
/// # Errors
/// The record cannot be read. That something in it is wrong is no error: the report says so.
pub fn examine(
    record: &dyn Record,
    machine: &dyn Machine,
    entropy: &mut dyn Entropy,
) -> Result<Examined, RecordError> {
    examine_since(record, None, machine, entropy)
}

/// Checks the whole record, and that it grew from a head that the same auditor has seen before.
///
/// # Errors
/// As [`examine`].
pub fn examine_since(
    record: &dyn Record,
    known: Option<TreeHead>,
    machine: &dyn Machine,
    entropy: &mut dyn Entropy,
) -> Result<Examined, RecordError> {
    let mut notes = Notes::default();
    notes.reach(Check::Log);
    let checkpoint = match record::checkpoint(record)? {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            notes.object(Check::Log, Finding::of("checkpoint", error)); // [AUD-05]
            return Ok(nothing(&notes));
        }
    };
    let (size, secret) = (checkpoint.claimed_head().size, derived::secret(entropy));
    let source = Source { record, size, known, secret };
    let began = machine.elapsed();
    let first = first::read(source, machine, &mut notes);
    let first = first.map_err(|unreadable| match unreadable {
        Unreadable::Record(error) => error,
        Unreadable::State(refused) => RecordError::new(0, refused),
    })?;
    notes.took.push((Stage::Entries, machine.elapsed().saturating_sub(began)));
    let audit = Audit { source, machine, first, notes };
    audit.finish(&checkpoint)
}

fn nothing(notes: &Notes) -> Examined {
    let report = Report {
        verdicts: notes.verdicts(),
        proofs: notes.proofs,
        entries: 0,
        ballots: 0,
        phase: Phase::Draft,
        turnout: Vec::new(),
        result: None,
        took: Vec::new(),
    };
    Examined {
        report,
        head: Frontier::new().head(),
        manifest: None,
        ceremony: None,
        settings: None,
        tally: None,
        shares: BTreeMap::new(),
        state: FoldedState::default(),
    }
}

struct Audit<'a> {
    source: Source<'a>,
    machine: &'a dyn Machine,
    first: First,
    notes: Notes,
}

impl Audit<'_> {
    fn finish(mut self, checkpoint: &SignedCheckpoint) -> Result<Examined, RecordError> {
        let phase = Self::state(self.first.election().phase())?;
        let id = Self::state(self.first.election().id())?;
        let (Some(manifest), Some(election)) = (Self::state(self.first.manifest())?, id) else {
            return Ok(self.report(phase, None, None, None));
        };
        self.notes.reach(Check::Manifest);
        self.notes.reach(Check::WriteIn);
        self.log(checkpoint, &manifest);
        if phase >= Phase::Registration {
            self.notes.reach(Check::Ceremony);
        }
        let Some((settings, keys)) = self.timed(Stage::Rings, |audit| audit.rings(election, &manifest))?
        else {
            return Ok(self.report(phase, Some(&manifest), None, None));
        };
        if phase < Phase::Open {
            return Ok(self.report(phase, Some(&manifest), Some(settings), None));
        }
        for check in [Check::Context, Check::Ballots, Check::Rejected, Check::Tags, Check::Spoiled] {
            self.notes.reach(check);
        }
        let sums = self.timed(Stage::Ballots, |audit| {
            let positions = &audit.first.ballots;
            ballots::check(audit.source, &settings, positions, audit.machine, &mut audit.notes)
        })?;
        self.timed(Stage::Sides, |audit| {
            let First { ballots, sides, .. } = &audit.first;
            sides::check(audit.source, &settings, ballots, sides, audit.machine, &mut audit.notes)
        })?;
        if phase < Phase::Closed {
            return Ok(self.report(phase, Some(&manifest), Some(settings), None));
        }
        let counted = counted(&settings, &self.first, manifest.districts.len());
        let tally = tally::tally(&settings, &keys, &counted, &sums);
        let (shares, result) =
            self.timed(Stage::Tally, |audit| Ok(audit.count(&tally, &manifest, &counted)))?;
        let mut examined = self.report(phase, Some(&manifest), Some(settings), Some(tally));
        examined.report.result = result;
        examined.shares = shares;
        Ok(examined)
    }

    fn state<T>(read: Result<T, Refused>) -> Result<T, RecordError> {
        read.map_err(|refused| RecordError::new(0, refused))
    }

    fn timed<T>(
        &mut self,
        stage: Stage,
        part: impl FnOnce(&mut Self) -> Result<T, RecordError>,
    ) -> Result<T, RecordError> {
        let began = self.machine.elapsed();
        let done = part(self)?;
        self.notes.took.push((stage, self.machine.elapsed().saturating_sub(began)));
        Ok(done)
    }

    /// The checkpoint over the entries, and the witnesses under it (V5).
    fn log(&mut self, checkpoint: &SignedCheckpoint, manifest: &Manifest) {
        let mut wrong = |reason: String| self.notes.object(Check::Log, Finding::of("checkpoint", reason)); // [AUD-05]
        match checkpoint.verify(&manifest.log.log) {
            Ok(signed) if signed.head() == self.first.head() => {}
            Ok(_) => {
                let TreeHead { size, .. } = self.first.head();
                wrong(format!("the {size} entries lead to another root"));
            }
            Err(error) => wrong(error.to_string()),
        }
        // [VOT-63] Another history than the one that was shown before.
        if let Some(TreeHead { size, .. }) = self.first.awaited {
            wrong(format!("the record does not grow from the head of {size} entries that was seen before"));
        }
        let cosigned =
            manifest.log.witnesses.iter().filter(|witness| witness.verify(checkpoint).is_ok()).count();
        if u64::try_from(cosigned).unwrap_or(0) < manifest.log.quorum {
            wrong(format!("{cosigned} witnesses cosigned of {}", manifest.log.quorum));
        }
    }

    /// Beacon, rings, context (V3, V4); `None` while there are none.
    fn rings(
        &mut self,
        election: ElectionId,
        manifest: &Arc<Manifest>,
    ) -> Result<Option<(Settings, JointKeys<Ristretto>)>, RecordError> {
        let Some((index, announced)) = self.first.rings.clone() else { return Ok(None) };
        self.notes.reach(Check::Roll);
        let ceremony = Self::state(self.first.rules.ceremony(&self.first.state))?;
        let Ok(keys) = ceremony.seen().joint_keys() else { return Ok(None) };
        let roll = self.first.state.roll();
        let values =
            beacon_values(&self.first.state, manifest).map_err(|error| RecordError::new(index, error))?;
        let beacon = roll.beacon(&election, manifest, &values);
        let rings = match roll.rings(&election, manifest, beacon) {
            Ok(rings) => rings,
            Err(error) => {
                self.notes.object(Check::Roll, Finding::entry(index, error)); // [AUD-04]
                return Ok(None);
            }
        };
        if !is_announced(&rings, beacon.0, &announced) {
            self.notes.object(Check::Roll, Finding::entry(index, Refused::Rings)); // [AUD-04]
        }
        let settings = match Settings::new(election, Arc::clone(manifest), &keys, Arc::new(rings)) {
            Ok(settings) => settings,
            Err(error) => {
                self.notes.object(Check::Manifest, Finding::of("manifest", error)); // [AUD-01]
                return Ok(None);
            }
        };
        if let Some((index, context)) = self.first.context
            && context != settings.context().0
        {
            self.notes.object(Check::Context, Finding::entry(index, Refused::Context)); // [AUD-03]
        }
        Ok(Some((settings, keys)))
    }

    /// Shares, counts and result (V9 to V11, V14).
    fn count(
        &mut self,
        tally: &Tally,
        manifest: &Manifest,
        counted: &[u64],
    ) -> (tally::Shares, Option<TallyResult>) {
        let registered = self.first.state.roll().counts(manifest.districts.len());
        self.notes.reach(Check::Groups);
        tally::bounds(manifest, counted, &registered, &mut self.notes);
        let good = tally::shares(tally, &self.first.shares, &mut self.notes);
        let ours = tally::result(tally, &good, &self.first, &mut self.notes);
        if let (Some((index, announced)), Some(ours)) = (&self.first.result, &ours) {
            for check in [Check::Shares, Check::Counts, Check::Result] {
                self.notes.reach(check);
            }
            tally::announced(tally, (*index, announced), ours, &good, &mut self.notes);
        }
        (good, ours)
    }

    fn report(
        self,
        phase: Phase,
        manifest: Option<&Arc<Manifest>>,
        settings: Option<Settings>,
        tally: Option<Tally>,
    ) -> Examined {
        let districts = manifest.map_or(0, |manifest| manifest.districts.len());
        let registered = self.first.state.roll().counts(districts);
        let counted =
            settings.as_ref().map(|settings| counted(settings, &self.first, districts)).unwrap_or_default();
        let turnout =
            manifest.into_iter().flat_map(|manifest| &manifest.districts).zip(registered).zip(counted);
        let turnout = turnout.map(|((district, registered), counted)| Turnout {
            district: district.id.clone(),
            legal: district.legal,
            registered,
            counted,
        });
        let report = Report {
            verdicts: self.notes.verdicts(),
            proofs: self.notes.proofs,
            entries: self.first.frontier.size(),
            ballots: self.first.ballots.len(),
            phase,
            turnout: turnout.collect(),
            result: None,
            took: self.notes.took.clone(),
        };
        Examined {
            report,
            head: self.first.head(),
            manifest: manifest.cloned(),
            ceremony: self.first.rules.ceremony(&self.first.state).ok(),
            settings,
            tally,
            shares: BTreeMap::new(),
            state: self.first.state,
        }
    }
}

fn is_announced(rings: &Rings, beacon: [u8; 32], announced: &crate::event::RingsMade) -> bool {
    beacon == announced.beacon && rings.count() == announced.rings && rings.root() == announced.root
}

/// Ballots that count, by district.
fn counted(settings: &Settings, first: &First, districts: usize) -> Vec<u64> {
    let mut counted = vec![0_u64; districts];
    for ballot in first.ballots.ballots.iter().filter(|ballot| ballot.counts) {
        let district = if settings.has_rings() {
            settings
                .roster(sinpyo_ballot::ring::RingIndex(ballot.place))
                .map(sinpyo_ballot::ring::Roster::district)
        } else {
            Some(ballot.place)
        };
        let place = district.and_then(|district| usize::try_from(district).ok());
        if let Some(count) = place.and_then(|place| counted.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }
    counted
}
