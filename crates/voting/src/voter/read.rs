//! An election as a voter's wallet believes it: from the log, its signatures and its hashes, not from the service.

mod election;
mod hints;
mod keys;

pub use election::Election;
pub(super) use election::Opened;
pub(super) use keys::Keys;

use super::{
    Step, VoterError,
    files::{Files, Gap},
    link::Place,
    record::{Standing, Voter},
};
use crate::{
    event::{Body, SignedEvent, UnverifiedEvent},
    manifest::{LogKeys, Manifest},
    phase::Phase,
};
use hints::Hints;
use http::Response;
use sinpyo_ballot::{
    credential::VoterSecret,
    group::{Group as _, Ristretto},
    ring::Beacon,
    setting::Context,
};
use sinpyo_tlog::{merkle::TreeHead, policy::Policy};
use std::fmt::Write as _;

/// Reads an election.
#[derive(Debug)]
pub struct Reading {
    files: Files,
    known: Known,
    keys: Option<Keys>,
}

/// What the wallet remembers.
#[derive(Debug, Default)]
struct Known {
    head: Option<TreeHead>,
    line: Option<Line>,
}

/// The own line of the roll.
#[derive(Debug)]
struct Line {
    index: u64,
    slot: [u8; 16],
    commitment: [u8; 32],
}

impl Reading {
    /// Begins with nothing but a link: whoever signed entry 0 there called the election, unless the link says who.
    pub const fn begin(place: Place) -> Self {
        Self { files: Files::new(place), known: Known { head: None, line: None }, keys: None }
    }

    /// Begins with what a voter's wallet remembers: the log must go on from there, and have the own line.
    pub fn again(voter: &Voter) -> Self {
        let line = match &voter.standing {
            Standing::Registered(line) => {
                let own = VoterSecret::<Ristretto>::derive(&voter.seed, voter.place.election());
                let commitment = Ristretto::encode(&own.commitment());
                Some(Line { index: line.index, slot: line.slot, commitment })
            }
            Standing::New | Standing::Asked(_) => None,
        };
        Self { known: Known { head: voter.head, line }, ..Self::begin(voter.place.clone()) }
    }

    /// What to do next.
    ///
    /// # Errors
    /// Something does not hold.
    #[expect(clippy::should_implement_trait, reason = "named as in the other machines; it can fail")]
    pub fn next(&mut self) -> Result<Step<Election>, VoterError> {
        let election = self.read();
        self.files.step(election)
    }

    /// Takes the response.
    ///
    /// # Errors
    /// It is an error, or too long.
    pub fn supply(&mut self, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        self.files.supply(response)
    }

    fn read(&mut self) -> Result<Election, Gap> {
        let checkpoint = self.files.checkpoint()?;
        let claimed = checkpoint.claimed_head();
        let hints = Hints::read(&self.files, claimed)?;
        let first = self.manifest(0, claimed, None)?;
        let newest = match hints.manifest {
            0 => first.clone(),
            index => self.manifest(index, claimed, Some(&first))?,
        };
        let policy = policy(&newest.log).ok_or(VoterError::Context)?;
        let _ = policy.verify(&checkpoint).map_err(VoterError::Head)?; // [VTR-02]
        let head = claimed;
        if let Some(older) = self.known.head {
            self.files.grew(older, head)?; // [VTR-04]
        }
        if let (None, Some(done)) = (&self.keys, hints.ceremony_done) {
            self.keys = Some(keys::read(&self.files, head, (&newest, done))?);
        }
        let mut election = Election {
            place: self.files.place().clone().called_by(host_key(&newest)?),
            manifest: newest,
            policy,
            head,
            keys: self.keys.clone(),
            opened: None,
            withdrawn: Vec::new(),
            result: None,
            phase: if self.keys.is_some() { Phase::Registration } else { Phase::Draft },
            way: hints.way.clone(),
        };
        if let Some(line) = &self.known.line {
            self.own_line(line, &election)?;
        }
        self.go_on(&hints, &mut election)?;
        Ok(election)
    }

    /// The manifest at `index`, signed by the host that it names: of this election, and called by whom it should be.
    fn manifest(&self, index: u64, head: TreeHead, first: Option<&Manifest>) -> Result<Manifest, Gap> {
        let entry = self.files.entry(index, head)?;
        let event = UnverifiedEvent::parse(&entry).map_err(VoterError::Event)?;
        let manifest = Manifest::parse(event.claimed_body());
        let manifest =
            manifest.map_err(|error| VoterError::Event(crate::event::EventError::Manifest(error)))?;
        let (place, own) = (self.files.place(), host_key(&manifest)?);
        let is_called = place.host().is_none_or(|host| *host == own);
        let is_same = first.is_none_or(|first| {
            first.host == manifest.host && first.log.log == manifest.log.log && first.board == manifest.board
        });
        if event.claimed_election() != *place.election() || !is_called || !is_same {
            return Err(VoterError::OtherElection.into()); // [VTR-08]
        }
        let event = event.verify(&manifest.host).map_err(VoterError::Event)?;
        match event.body().map_err(VoterError::Event)? {
            Body::Manifest(_) => Ok(manifest),
            _ => Err(VoterError::OtherElection.into()),
        }
    }

    /// An event of a role, signed by the key that the manifest has for it.
    fn event(&self, index: u64, election: &Election) -> Result<Body, Gap> {
        let event = signed(&self.files.entry(index, election.head)?, election)?;
        Ok(event.body().map_err(VoterError::Event)?)
    }

    /// That the registrar has put the own commitment, and no other, into the own slot. [VTR-12]
    fn own_line(&self, line: &Line, election: &Election) -> Result<(), Gap> {
        if line.index >= election.head.size {
            // Taken, and not yet in a published head.
            return Ok(());
        }
        let is_own = match self.event(line.index, election)? {
            Body::Register(registration) => {
                registration.slot == line.slot && registration.commitment == line.commitment
            }
            Body::RegisterToken(registration) => registration.slot == line.slot,
            _ => false,
        };
        if is_own { Ok(()) } else { Err(VoterError::NotInRoll.into()) }
    }

    /// What came after registration.
    fn go_on(&self, hints: &Hints, election: &mut Election) -> Result<(), Gap> {
        let wrong = || Gap::from(VoterError::Context);
        if let Some(index) = hints.freeze {
            let Body::Freeze(_) = self.event(index, election)? else { return Err(wrong()) };
            election.phase = Phase::Frozen;
        }
        if let (Some(rings), Some(open)) = (hints.rings, hints.open) {
            let Body::Rings(rings) = self.event(rings, election)? else { return Err(wrong()) };
            let Body::Open(stated) = self.event(open, election)? else { return Err(wrong()) };
            let keys = election.keys.as_ref().ok_or(VoterError::Ceremony)?;
            let (manifest, id) = (election.manifest.hash(), election.place.election());
            let context = Context::new(id, manifest, &keys.hash, &rings.root, rings.rings);
            if context.0 != stated {
                return Err(wrong()); // [VTR-10]
            }
            let (beacon, roll_root) = (Beacon(rings.beacon), rings.root);
            election.opened = Some(Opened { context, beacon, roll_root, rings: rings.rings });
            election.phase = Phase::Open;
        }
        for index in &hints.withdraw {
            let Body::Withdraw(withdrawal) = self.event(*index, election)? else { return Err(wrong()) };
            election.withdrawn.push((withdrawal.contest, withdrawal.option));
        }
        if let Some(index) = hints.close {
            let Body::Close(_) = self.event(index, election)? else { return Err(wrong()) };
            election.phase = Phase::Closed;
        }
        if let Some(index) = hints.result {
            let Body::Result(result) = self.event(index, election)? else { return Err(wrong()) };
            election.result = Some(result);
            election.phase = Phase::Tallied;
        }
        Ok(())
    }
}

/// The event of an entry, signed by the role that it names.
pub(super) fn signed(entry: &[u8], election: &Election) -> Result<SignedEvent, VoterError> {
    let event = UnverifiedEvent::parse(entry).map_err(VoterError::Event)?;
    if event.claimed_election() != *election.place.election() {
        return Err(VoterError::OtherElection); // [VTR-08]
    }
    let key = election.manifest.key_of(event.claimed_role()).ok_or(VoterError::Context)?;
    event.verify(key).map_err(VoterError::Event)
}

/// The host's key, by which an election is told from another.
fn host_key(manifest: &Manifest) -> Result<[u8; 32], VoterError> {
    manifest.host.to_multikey().key().try_into().map_err(|_| VoterError::Context)
}

/// Log and witnesses in the form in which heads are checked.
fn policy(keys: &LogKeys) -> Option<Policy> {
    let mut text = format!("log {}\n", keys.log);
    let mut names = String::new();
    for (number, witness) in keys.witnesses.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "witness w{number} {witness}");
        let _ = write!(names, " w{number}");
    }
    let _ = match keys.quorum {
        0 => writeln!(text, "quorum none"),
        quorum => writeln!(text, "group all {quorum}{names}\nquorum all"),
    };
    Policy::parse(text.as_bytes()).ok()
}
