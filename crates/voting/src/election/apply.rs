//! What each type of entry needs and does.

use super::{
    Election, Refused, Rules, ceremony, roll,
    rules::is_registration,
    state::{
        BALLOTS, CEREMONY, CLOSED, CONTEXT, Changing, ELECTION, HOURS, MANIFEST, MANIFEST_DIGEST, PHASE,
        TIME, key,
    },
};
use crate::{
    event::{Body, EventError, Kind, Role, SignedEvent, UnverifiedEvent},
    manifest::{Manifest, Revote},
    phase::Phase,
};
use sinpyo_ballot::{credential::Registration, group::Ristretto, setting::Context};
use sinpyo_core::{jcs, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{Position, StateView as _, StateWrite};

/// What an entry leads to, and what is wrong with it.
///
/// A board appends nothing that has a fault. An auditor names the fault and goes on.
#[derive(Debug)]
pub struct Effect {
    /// What changes.
    pub writes: Vec<StateWrite>,
    /// What is wrong.
    pub faults: Vec<Refused>,
    /// What the entry claims and has not been checked.
    pub claim: Option<Claim>,
}

/// What an entry claims, to be checked by whoever applies it: alone, or with many others.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Claim {
    /// That somebody can open the commitment.
    Registration(Registration<Ristretto>),
}

/// What an event is applied with.
pub(super) struct Scene<'a, 's> {
    pub(super) rules: &'a Rules,
    pub(super) changing: Changing<'s>,
    pub(super) faults: Vec<Refused>,
    pub(super) claim: Option<Claim>,
    pub(super) index: u64,
}

impl Scene<'_, '_> {
    pub(super) fn fault(&mut self, holds: bool, fault: Refused) {
        if !holds {
            self.faults.push(fault);
        }
    }

    pub(super) fn election(&self) -> Election<'_> {
        Election::new(&self.changing)
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.changing.put(PHASE.to_vec(), phase.as_str().into());
    }
}

/// Entry 0: the key that signed it stands in it.
pub(super) fn authenticate_first(event: UnverifiedEvent) -> Result<SignedEvent, Refused> {
    if event.claimed_role() != Role::Host || event.claimed_type() != Kind::Manifest.as_str() {
        return Err(Refused::NotCalled); // [VOT-47]
    }
    let manifest = Manifest::read(event.claimed_body()).map_err(Refused::Manifest)?.manifest;
    Ok(event.verify(&manifest.host)?)
}

pub(super) fn apply(
    rules: &Rules,
    changing: Changing<'_>,
    index: u64,
    event: &SignedEvent,
    body: &Body,
) -> Result<Effect, Refused> {
    let mut scene = Scene { rules, changing, faults: Vec::new(), claim: None, index };
    let phase = scene.election().phase()?;
    let called = scene.election().id()?.is_some();
    if !called && (index != 0 || body.kind() != Kind::Manifest) {
        return Err(Refused::NotCalled); // [VOT-47]
    }
    if !happens_in(body.kind(), phase) {
        return Err(Refused::Phase { phase }); // [VOT-48]
    }
    let last = scene.election().last_time()?;
    scene.fault(last.is_none_or(|last| last <= event.time()), Refused::TimeWentBack); // [VOT-49]
    perform(&mut scene, event, body)?;
    let time = last.map_or(event.time(), |last| last.max(event.time()));
    scene.changing.put(TIME.to_vec(), time.unix().to_le_bytes().into());
    Ok(Effect { writes: scene.changing.into_writes(), faults: scene.faults, claim: scene.claim })
}

/// The table of §3.
const fn happens_in(kind: Kind, phase: Phase) -> bool {
    match kind {
        Kind::Manifest => matches!(phase, Phase::Draft | Phase::Ceremony | Phase::Registration),
        Kind::CeremonyCommit => matches!(phase, Phase::Draft | Phase::Ceremony),
        Kind::CeremonyReveal
        | Kind::CeremonyShares
        | Kind::CeremonyComplaint
        | Kind::CeremonyAnswer
        | Kind::CeremonyNext
        | Kind::CeremonyDone => matches!(phase, Phase::Ceremony),
        Kind::Register | Kind::Strike | Kind::Freeze => matches!(phase, Phase::Registration),
        Kind::Beacon | Kind::Rings | Kind::Open => matches!(phase, Phase::Frozen),
        Kind::Withdraw => matches!(phase, Phase::Frozen | Phase::Open | Phase::Closed),
        Kind::Spoiled | Kind::Rejected | Kind::Close => matches!(phase, Phase::Open),
        Kind::TallyShare | Kind::Result => matches!(phase, Phase::Closed),
        Kind::Archive => matches!(phase, Phase::Tallied),
    }
}

fn perform(scene: &mut Scene<'_, '_>, event: &SignedEvent, body: &Body) -> Result<(), Refused> {
    let from = match event.by() {
        Role::Trustee(number) => Some(number),
        Role::Host | Role::Registrar | Role::Board => None,
    };
    let trustee = || from.ok_or(Refused::Event(EventError::Role));
    match body {
        Body::Manifest(_) => manifest(scene, event),
        Body::CeremonyCommit(_)
        | Body::CeremonyReveal(_)
        | Body::CeremonyShares(_)
        | Body::CeremonyComplaint(_)
        | Body::CeremonyAnswer(_)
        | Body::CeremonyNext(_) => {
            ceremony::take(scene.rules, &mut scene.changing, &event.election(), from, body)?;
            scene.enter(Phase::Ceremony);
            Ok(())
        }
        Body::CeremonyDone(done) => {
            let ceremony = scene.rules.ceremony(&scene.changing)?;
            let keys = ceremony.seen().joint_keys().map_err(Refused::Ceremony)?; // [VOT-52]
            scene.fault(ceremony::done_of(&keys) == *done, Refused::Keys);
            scene.changing.put(CEREMONY.to_vec(), keys.hash().to_vec());
            scene.enter(Phase::Registration);
            Ok(())
        }
        body if is_registration(body) => roll::register(scene, body),
        Body::Register(_) | Body::RegisterToken(_) => Err(Refused::Unknown),
        Body::Strike(strike) => roll::strike(scene, &strike.slot),
        Body::Freeze(districts) => roll::freeze(scene, districts),
        Body::Beacon(value) => roll::beacon(scene, trustee()?, *value),
        Body::Rings(rings) => roll::rings(scene, rings),
        Body::Open(context) => open(scene, context),
        Body::Withdraw(withdrawal) => {
            let manifest = scene.rules.manifest(&scene.changing)?;
            let contest = manifest.contests.iter().find(|contest| contest.id == withdrawal.contest);
            let option = contest
                .and_then(|contest| contest.options.iter().find(|option| option.id == withdrawal.option));
            scene.fault(option.is_some(), Refused::NoSuchOption); // [VOT-59]
            Ok(())
        }
        Body::Close(closing) => close(scene, closing, event.time()),
        Body::TallyShare(share) => tally_share(scene, trustee()?, share.group),
        Body::Result(_) => {
            scene.enter(Phase::Tallied);
            Ok(())
        }
        Body::Archive(_) => {
            scene.enter(Phase::Archived);
            Ok(())
        }
        Body::Spoiled(_) | Body::Rejected(_) => Ok(()),
    }
}

fn manifest(scene: &mut Scene<'_, '_>, event: &SignedEvent) -> Result<(), Refused> {
    let reading = Manifest::read(event.raw()).map_err(Refused::Manifest)?;
    let next = reading.manifest;
    scene.faults.extend(reading.faults.into_iter().map(Refused::Manifest)); // [VOT-45]
    if next.write_in().is_some() {
        scene.faults.push(Refused::Manifest(crate::manifest::ManifestError::WriteIn));
    }
    let phase = scene.election().phase()?;
    if scene.election().id()?.is_some() {
        let before = scene.rules.manifest(&scene.changing)?;
        let registered = scene.election().registered()? > 0;
        // [VOT-50] Proofs of registration name a district by its place.
        let fits = before.log.log == next.log.log
            && (phase == Phase::Draft || before.binds_ceremony_of(&next))
            && (!registered || before.keeps_districts_in(&next));
        if !fits {
            return Err(Refused::Fixed);
        }
    }
    let bytes = jcs::canonicalize_object(event.raw());
    scene.changing.put(ELECTION.to_vec(), event.election().0.to_vec());
    scene.changing.put(MANIFEST_DIGEST.to_vec(), sha256(&bytes).to_vec());
    scene.changing.put(MANIFEST.to_vec(), bytes);
    Ok(())
}

fn open(scene: &mut Scene<'_, '_>, context: &[u8; 64]) -> Result<(), Refused> {
    let phase = Phase::Frozen;
    let (rings, root) = scene.election().rings()?.ok_or(Refused::Phase { phase })?; // [VOT-48]
    let manifest = scene.rules.manifest(&scene.changing)?;
    let ceremony: [u8; 64] = {
        let hash = scene.changing.get(CEREMONY)?.ok_or(Refused::Phase { phase })?;
        hash.try_into().map_err(|_| Refused::Engine(sinpyo_registry::engine::EngineError::CorruptState))?
    };
    let election = scene.election().id()?.ok_or(Refused::NotCalled)?;
    let expected = Context::new(&election, manifest.hash(), &ceremony, &root, rings);
    scene.fault(expected.0 == *context, Refused::Context); // [VOT-58]
    scene.changing.put(CONTEXT.to_vec(), context.to_vec());
    let hours = [manifest.opens, manifest.closes].map(|time| time.unix().to_le_bytes());
    let first = u8::from(manifest.revote == Revote::First);
    scene.changing.put(HOURS.to_vec(), [hours.as_flattened(), &[first]].concat());
    scene.enter(Phase::Open);
    Ok(())
}

fn close(scene: &mut Scene<'_, '_>, closing: &crate::event::Closing, time: Timestamp) -> Result<(), Refused> {
    let manifest = scene.rules.manifest(&scene.changing)?;
    let closes = manifest.closes;
    scene.fault(time >= closes, Refused::Early { closes }); // [VOT-22]
    let counted = scene.election().ballots()?;
    scene.fault(closing.size == scene.index && closing.ballots == counted, Refused::Counts); // [VOT-60]
    scene.changing.put(CLOSED.to_vec(), scene.index.to_le_bytes().into());
    scene.enter(Phase::Closed);
    Ok(())
}

fn tally_share(scene: &mut Scene<'_, '_>, trustee: u32, group: u32) -> Result<(), Refused> {
    let keys = scene.rules.ceremony(&scene.changing)?.seen().joint_keys().map_err(Refused::Ceremony)?;
    // [VOT-15]
    scene.fault(
        keys.qualified().any(|qualified| qualified.number() == trustee),
        Refused::Unqualified { trustee },
    );
    let again = scene.election().has_share(trustee, group)?;
    scene.fault(!again, Refused::Unqualified { trustee });
    scene.changing.put(key("share", &[&trustee.to_le_bytes(), &group.to_le_bytes()]), Vec::new());
    Ok(())
}

/// Whether ballots are taken at `now`.
pub(super) fn check_hours(election: &Election<'_>, now: Timestamp) -> Result<(), Refused> {
    let phase = election.phase()?;
    let hours = election.hours()?.filter(|_| phase == Phase::Open);
    let (opens, closes, _) = hours.ok_or(Refused::Phase { phase })?;
    if opens <= now && now < closes { Ok(()) } else { Err(Refused::Hours { opens, closes }) } // [VOT-22]
}

/// A ballot whose proof was checked: is it the time, and does it count?
pub(super) fn take_ballot(
    changing: Changing<'_>,
    at: Position,
    ballot: &[u8],
) -> Result<Vec<StateWrite>, Refused> {
    check_hours(&Election::new(&changing), at.time)?;
    replay_ballot(changing, at.index, ballot)
}

/// The same for those who have no clock but the log's order.
pub(super) fn replay_ballot(
    mut changing: Changing<'_>,
    index: u64,
    ballot: &[u8],
) -> Result<Vec<StateWrite>, Refused> {
    let election = Election::new(&changing);
    let phase = election.phase()?;
    let hours = election.hours()?.filter(|_| phase == Phase::Open);
    let (_, _, first_counts) = hours.ok_or(Refused::Phase { phase })?; // [VOT-48]
    let tag = ballot.get(8..40).and_then(|tag| <[u8; 32]>::try_from(tag).ok());
    let tag = tag.ok_or(Refused::Event(EventError::Type))?;
    let earlier = election.counted(&tag)?;
    let ballots = election.ballots()?.saturating_add(1);
    if let (true, Some(index)) = (first_counts, earlier) {
        return Err(Refused::Duplicate { index }); // [VOT-08]
    }
    changing.put(key("tag", &[&tag]), index.to_le_bytes().into()); // [VOT-07]
    changing.put(BALLOTS.to_vec(), ballots.to_le_bytes().into());
    Ok(changing.into_writes())
}
