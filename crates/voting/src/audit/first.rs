//! The first reading: every entry in order.

use super::{
    Check, Finding, Machine, Progress, Stage,
    parsed::{Content, Parsed, parse},
    positions::Positions,
    reading::Source,
    registrations::Registrations,
    report::Notes,
    sides::Sides,
    state::FoldedState,
};
use crate::{
    election::{Claim, Effect, Election, Refused, Rules},
    event::{Body, EventError, Kind, Role, SignedEvent, TallyResult, TallyShare, UnverifiedEvent},
    manifest::{Manifest, Revote},
    phase::Phase,
    record::{Found, Reader, RecordError},
};
use sinpyo_tlog::merkle::{Frontier, Hash, TreeHead};
use std::sync::Arc;

/// Entries are parsed so many bytes at a time.
const CHUNK: usize = 8 << 20;

/// What the first reading leaves.
#[derive(Default)]
pub(super) struct First {
    pub(super) rules: Rules,
    pub(super) state: FoldedState,
    pub(super) frontier: Frontier,
    /// A head that the auditor saw before, until the entries have led to it.
    pub(super) awaited: Option<TreeHead>,
    pub(super) ballots: Positions,
    registrations: Registrations,
    /// The auditor's.
    secret: [u8; 32],
    pub(super) sides: Sides,
    pub(super) rings: Option<(u64, crate::event::RingsMade)>,
    pub(super) context: Option<(u64, [u8; 64])>,
    pub(super) shares: Vec<(u64, u32, TallyShare)>,
    pub(super) result: Option<(u64, TallyResult)>,
    phase: Option<Phase>,
    revote: Option<Revote>,
}

/// Reads all entries that the checkpoint claims.
pub(super) fn read(
    source: Source<'_>,
    machine: &dyn Machine,
    notes: &mut Notes,
) -> Result<First, Unreadable> {
    let awaited = source.known.filter(|known| known.size > 0);
    let mut first = First { secret: source.secret, awaited, ..First::default() };
    let mut reader = Reader::new(source.record, source.size);
    loop {
        let chunk = next_chunk(&mut reader)?;
        if chunk.is_empty() {
            break;
        }
        let manifest = first.manifest()?;
        for parsed in parse(chunk, manifest.as_ref(), machine) {
            first.take(parsed, manifest.as_ref(), notes)?;
        }
        if first.registrations.is_full() {
            first.check_registrations(machine, notes)?;
        }
        machine.progress(Progress { stage: Stage::Entries, done: first.frontier.size(), of: source.size });
    }
    first.check_registrations(machine, notes)?;
    Ok(first)
}

/// The audit cannot go on.
#[derive(Debug)]
pub(super) enum Unreadable {
    Record(RecordError),
    State(Refused),
}

impl From<RecordError> for Unreadable {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<Refused> for Unreadable {
    fn from(error: Refused) -> Self {
        Self::State(error)
    }
}

fn next_chunk(reader: &mut Reader<'_>) -> Result<Vec<Found>, RecordError> {
    let (mut chunk, mut bytes) = (Vec::new(), 0_usize);
    while bytes < CHUNK {
        let bundle = reader.next_bundle()?;
        if bundle.is_empty() {
            break;
        }
        bytes = bundle.iter().fold(bytes, |sum, found| sum.saturating_add(found.bytes.len()));
        chunk.extend(bundle);
    }
    Ok(chunk)
}

impl First {
    /// Size and root of what was read.
    pub(super) fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    pub(super) fn election(&self) -> Election<'_> {
        Election::new(&self.state)
    }

    /// The newest manifest; `None` before entry 0.
    pub(super) fn manifest(&self) -> Result<Option<Arc<Manifest>>, Refused> {
        match self.rules.manifest(&self.state) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(Refused::NotCalled) => Ok(None),
            Err(refused) => Err(refused),
        }
    }

    fn check_registrations(&mut self, machine: &dyn Machine, notes: &mut Notes) -> Result<(), Refused> {
        if let Some(election) = self.election().id()? {
            self.registrations.check(election, self.secret, machine, notes);
        }
        Ok(())
    }

    fn take(
        &mut self,
        parsed: Parsed,
        known: Option<&Arc<Manifest>>,
        notes: &mut Notes,
    ) -> Result<(), Refused> {
        let Parsed { found, leaf, content } = parsed;
        self.frontier.append(leaf);
        let is_there =
            |known: &TreeHead| known.size == self.frontier.size() && *known == self.frontier.head();
        self.awaited = self.awaited.filter(|known| !is_there(known));
        let is_current = self.is_current(known)?;
        match content {
            Content::Ballot => {
                let revote = self.revote.filter(|_| self.phase == Some(Phase::Open));
                self.ballots.seen.add(&self.secret, found.index, &leaf);
                self.ballots.take(&found, leaf, revote, notes);
                self.state.put(b"ballots", &self.ballots.taken.to_le_bytes());
                Ok(())
            }
            Content::Event(Err(error)) if is_current => {
                count_signature(&error, notes);
                notes.object(Check::Log, Finding::entry(found.index, error)); // [AUD-05]
                Ok(())
            }
            Content::Event(Ok(event)) if is_current => {
                notes.proofs.signature = notes.proofs.signature.saturating_add(1);
                self.event(&found, &event, notes)
            }
            // The manifest changed within the chunk, or there was none.
            Content::Event(_) | Content::Waiting => self.late_event(&found, notes),
            Content::Unknown => {
                notes.object(Check::Log, Finding::entry(found.index, Refused::Unknown)); // [AUD-05]
                Ok(())
            }
        }
    }

    /// Whether the manifest is still the one that a chunk was parsed under.
    fn is_current(&self, known: Option<&Arc<Manifest>>) -> Result<bool, Refused> {
        Ok(match (known, self.manifest()?) {
            (Some(known), Some(now)) => known.hash() == now.hash(),
            _ => false,
        })
    }

    fn late_event(&mut self, found: &Found, notes: &mut Notes) -> Result<(), Refused> {
        let event = UnverifiedEvent::parse(&found.bytes).map_err(Refused::from);
        match event.and_then(|event| self.rules.authenticate(&self.state, event)) {
            Ok(event) => {
                notes.proofs.signature = notes.proofs.signature.saturating_add(1);
                self.event(found, &event, notes)
            }
            Err(refused) => {
                if let Refused::Event(error) = &refused {
                    count_signature(error, notes);
                }
                object(found.index, refused, notes)
            }
        }
    }

    fn event(&mut self, found: &Found, event: &SignedEvent, notes: &mut Notes) -> Result<(), Refused> {
        if event.name().starts_with("mix") {
            notes.object(Check::WriteIn, Finding::entry(found.index, "a mix of write-in votes")); // [AUD-13]
            return Ok(());
        }
        if self.election().id()?.is_some_and(|election| election != event.election()) {
            return object(found.index, Refused::ForeignElection, notes);
        }
        let Effect { writes, faults, claim } = match self.rules.apply(&self.state, found.index, event) {
            Ok(effect) => effect,
            Err(refused) => return object(found.index, refused, notes),
        };
        for fault in faults {
            object(found.index, fault, notes)?;
        }
        self.state.write(writes);
        if let Some(Claim::Registration(registration)) = claim {
            self.registrations.push(found.index, registration);
        }
        self.keep(found, event, notes)
    }

    /// Keeps what later checks need.
    fn keep(&mut self, found: &Found, event: &SignedEvent, notes: &mut Notes) -> Result<(), Refused> {
        let length = u16::try_from(found.bytes.len()).unwrap_or(u16::MAX);
        let again = (found.index, found.offset, length);
        let kind = Kind::from_name(event.name());
        if let Some(Kind::Spoiled | Kind::Rejected) = kind {
            self.sides.seen.add(&self.secret, found.index, &Hash::leaf(&found.bytes));
        }
        self.phase = Some(self.election().phase()?);
        match kind {
            Some(Kind::Spoiled) => self.sides.spoiled.push(again),
            Some(Kind::Rejected) => self.sides.rejected.push(again),
            Some(Kind::Rings | Kind::Open | Kind::TallyShare | Kind::Result | Kind::CeremonyReveal) => {
                match (event.body()?, event.by()) {
                    (Body::Rings(rings), _) => self.rings = Some((found.index, rings)),
                    (Body::Open(context), _) => {
                        self.context = Some((found.index, context));
                        self.revote = self.manifest()?.map(|manifest| manifest.revote);
                    }
                    (Body::TallyShare(share), Role::Trustee(from)) => {
                        self.shares.push((found.index, from, share));
                    }
                    (Body::Result(result), _) => self.result = Some((found.index, result)),
                    (Body::CeremonyReveal(reveal), _) => {
                        let proofs = u64::try_from(reveal.proofs.len() / 64).unwrap_or(u64::MAX);
                        notes.proofs.ceremony = notes.proofs.ceremony.saturating_add(proofs);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn count_signature(error: &EventError, notes: &mut Notes) {
    if matches!(error, EventError::Signature) {
        notes.proofs.signature = notes.proofs.signature.saturating_add(1);
    }
}

/// Names what an entry breaks; a failure of the state itself ends the audit.
fn object(index: u64, refused: Refused, notes: &mut Notes) -> Result<(), Refused> {
    if let Refused::Engine(error) = refused {
        return Err(Refused::Engine(error));
    }
    if let Some(check) = Check::naming(&refused) {
        let mut finding = Finding::entry(index, &refused);
        if let Some(trustee) = refused.trustee() {
            finding.item = format!("trustee {trustee}");
        }
        notes.object(check, finding);
    }
    Ok(())
}
