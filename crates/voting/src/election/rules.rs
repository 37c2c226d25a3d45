//! The rules as an engine runs them.

use super::{Claim, Effect, Election, KeyCeremony, Refused, apply, state::Changing};
use crate::{
    event::{Body, EventError, Kind, SignedEvent, UnverifiedEvent},
    manifest::Manifest,
    phase::Phase,
};
use sinpyo_ballot::{credential::RegistrationVerifier, group::Ristretto};
use sinpyo_core::json;
use sinpyo_registry::engine::{EngineError, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How far the time of an event may lie ahead of the board's clock.
pub const MAX_AHEAD: Duration = Duration::from_mins(1);

/// The first byte of a ballot.
pub(crate) const BALLOT: u8 = 1;

/// The rules of an election's log: decides what becomes an entry, in the transaction that appends it.
///
/// Hand it only [`super::Submission`]s: a ballot's proof is checked before it becomes one.
#[derive(Default)]
pub struct Rules {
    memory: Mutex<Memory>,
}

/// What was parsed for the entry before, and is most often the same for the next.
#[derive(Default)]
struct Memory {
    manifest: Option<([u8; 32], Arc<Manifest>)>,
    ceremony: Option<([u8; 32], Arc<KeyCeremony>)>,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules(..)")
    }
}

impl Rules {
    /// The rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// The newest manifest.
    ///
    /// # Errors
    /// There is none yet; the engine failed.
    pub fn manifest(&self, state: &dyn StateView) -> Result<Arc<Manifest>, Refused> {
        let election = Election::new(state);
        let digest = election.manifest_digest()?.ok_or(Refused::NotCalled)?;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, manifest)) = &memory.manifest
            && *known == digest
        {
            return Ok(Arc::clone(manifest));
        }
        let bytes = election.manifest_bytes()?.ok_or(Refused::NotCalled)?;
        let body = json::parse_object(&bytes).map_err(|_| Refused::Engine(EngineError::CorruptState))?;
        let reading = Manifest::read(&body).map_err(|_| Refused::Engine(EngineError::CorruptState))?;
        let manifest = Arc::new(reading.manifest);
        memory.manifest = Some((digest, Arc::clone(&manifest)));
        Ok(manifest)
    }

    /// The ceremony as far as it went.
    ///
    /// # Errors
    /// There is no manifest yet, or its numbers allow no ceremony; the engine failed.
    pub fn ceremony(&self, state: &dyn StateView) -> Result<Arc<KeyCeremony>, Refused> {
        let messages = super::ceremony::Messages::read(state)?;
        {
            let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, ceremony)) = &memory.ceremony
                && *known == messages.chain
            {
                return Ok(Arc::clone(ceremony));
            }
        }
        let manifest = self.manifest(state)?;
        let ceremony = Arc::new(super::ceremony::replay(state, &manifest, &messages)?);
        // Before the first message the manifest may still change.
        if messages.chain != [0; 32] {
            self.remember(messages.chain, &ceremony);
        }
        Ok(ceremony)
    }

    pub(super) fn remember(&self, chain: [u8; 32], ceremony: &Arc<KeyCeremony>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.ceremony = Some((chain, Arc::clone(ceremony)));
    }

    /// Checks the signature of an event with the key that its role has now.
    ///
    /// # Errors
    /// It is for another election, the role is not there, the signature does not verify, or nothing was called yet.
    pub fn authenticate(
        &self,
        state: &dyn StateView,
        event: UnverifiedEvent,
    ) -> Result<SignedEvent, Refused> {
        let Some(election) = Election::new(state).id()? else {
            return apply::authenticate_first(event);
        };
        if event.claimed_election() != election {
            return Err(Refused::ForeignElection); // [VOT-10]
        }
        let manifest = self.manifest(state)?;
        let key = manifest.key_of(event.claimed_role()).ok_or(Refused::Event(EventError::Role))?;
        Ok(event.verify(key)?)
    }

    /// What an authentic event at `index` leads to, and what is wrong with it.
    ///
    /// # Errors
    /// A rule is broken in a way that leaves nothing to apply.
    pub fn apply(&self, state: &dyn StateView, index: u64, event: &SignedEvent) -> Result<Effect, Refused> {
        let body = event.body()?;
        apply::apply(self, Changing::new(state), index, event, &body)
    }

    /// The entry for `submission`, and what it leads to.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn decide(
        &self,
        state: &dyn StateView,
        at: Position,
        submission: &[u8],
    ) -> Result<NewEntry, Refused> {
        let writes = match submission.first() {
            Some(&BALLOT) => apply::take_ballot(Changing::new(state), at, submission)?,
            Some(b'{') => self.take_event(state, at, submission)?,
            _ => return Err(Refused::Unknown),
        };
        Ok(NewEntry { entry: submission.to_vec(), writes })
    }

    fn take_event(
        &self,
        state: &dyn StateView,
        at: Position,
        submission: &[u8],
    ) -> Result<Vec<StateWrite>, Refused> {
        let event = UnverifiedEvent::parse(submission)?;
        let event = self.authenticate(state, event)?;
        if event.time() > at.time.plus(MAX_AHEAD) {
            return Err(Refused::TimeAhead); // [VOT-49]
        }
        let writes = self.lawful(state, at.index, &event)?;
        // By our clock, as ballots are taken: events may be dated ahead of it.
        if event.name() == Kind::Close.as_str() {
            let closes = self.manifest(state)?.closes;
            if at.time < closes {
                return Err(Refused::Early { closes }); // [VOT-22]
            }
        }
        Ok(writes)
    }

    /// What an event leads to that breaks no rule at all.
    fn lawful(
        &self,
        state: &dyn StateView,
        index: u64,
        event: &SignedEvent,
    ) -> Result<Vec<StateWrite>, Refused> {
        let effect = self.apply(state, index, event)?;
        if let Some(fault) = effect.faults.into_iter().next() {
            return Err(fault);
        }
        if let Some(Claim::Registration(registration)) = &effect.claim {
            let verifier = RegistrationVerifier::<Ristretto>::new(event.election());
            let _registered = verifier
                .verify(registration)
                .map_err(|error| Refused::Roll(super::RollError::Proof(error)))?; // [VOT-53]
        }
        Ok(effect.writes)
    }

    /// How far the election is.
    ///
    /// # Errors
    /// The engine failed.
    pub fn phase(&self, state: &dyn StateView) -> Result<Phase, Refused> {
        Election::new(state).phase()
    }
}

impl Sequencing for Rules {
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        self.decide(state, at, submission).map_err(into_refusal)
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        let writes = match entry.first() {
            Some(&BALLOT) => apply::replay_ballot(Changing::new(state), index, entry),
            Some(b'{') => UnverifiedEvent::parse(entry)
                .map_err(Refused::from)
                .and_then(|event| self.authenticate(state, event))
                .and_then(|event| self.lawful(state, index, &event)),
            _ => Err(Refused::Unknown),
        };
        writes.map_err(into_refusal)
    }
}

fn into_refusal(refused: Refused) -> Refusal {
    match (refused.code(), refused) {
        (_, Refused::Engine(error)) => Refusal::Engine(error),
        (Some(code), refused) => Refusal::rule(code, refused),
        (None, _) => Refusal::Engine(EngineError::CorruptState),
    }
}

/// Bodies that only one profile has.
pub(super) const fn is_registration(body: &Body) -> bool {
    matches!(body, Body::Register(_) | Body::RegisterToken(_))
}
