//! The steps of an election: what the host decides, and what follows by the clock and by what trustees sent.

use crate::{
    dossier::{Dossier, Profile},
    followed::Followed,
    problem::{coded, failed, unavailable},
    service::Service,
    settings::Hat,
};
use http::StatusCode;
use serde_json::{Map, Value};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_blind_rsa::{KeySize, SecretKey};
use sinpyo_core::{encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_registry::engine::{EngineError, LogEngine, PublishError};
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_tlog::checkpoint::SignedCheckpoint;
use sinpyo_voting::{
    election::{Election, Rules},
    event::{Body, Closing, FrozenDistrict, Kind, Role, Withdrawal},
    manifest::Manifest,
    phase::{Phase, Step},
};
use sinpyo_web::problem::Refusal;
use std::sync::Arc;

/// Draws the RSA keys that the draft needs: the registrar does not see what it signs, so that each key is for one thing.
fn draw_keys(dossier: &mut Dossier) -> Result<(), Unavailable> {
    let draw = || -> Result<String, Unavailable> {
        let key = SecretKey::generate(KeySize::Bits2048).map_err(|_| Unavailable)?;
        let bytes = key.to_pkcs8().map_err(|_| Unavailable)?;
        Ok(to_base64url(bytes.expose()))
    };
    if dossier.draft.admission && dossier.rsa.admission.is_none() {
        dossier.rsa.admission = Some(draw()?);
    }
    let districts = match dossier.draft.profile {
        Profile::Token => dossier.draft.districts.len(),
        Profile::Ring => 0,
    };
    while dossier.rsa.token.len() < districts && !dossier.settled {
        dossier.rsa.token.push(draw()?);
    }
    dossier.rsa.token.truncate(districts);
    Ok(())
}

/// Why an election was not called.
struct NotCalled(Refusal);

impl From<Unavailable> for NotCalled {
    fn from(error: Unavailable) -> Self {
        Self(unavailable(error))
    }
}

/// An election that is under way.
#[derive(Clone, Copy)]
pub(crate) struct Course<'s> {
    pub(crate) service: &'s Service,
    pub(crate) election: &'s ElectionId,
    pub(crate) log: &'s dyn LogEngine,
    pub(crate) now: Timestamp,
}

fn not_yet(detail: &'static str) -> Refusal {
    coded(StatusCode::CONFLICT, "not_yet", "VTS-42", detail) // [VTS-42]
}

fn damaged() -> Refusal {
    failed(&EngineError::CorruptState)
}

impl Service {
    /// Calls the election: the draft becomes entry 0 of its log, with keys drawn for it.
    pub(crate) fn call_election(
        &self,
        election: &ElectionId,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Refusal> {
        let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, Unavailable> {
            draw_keys(dossier)?;
            Ok(Vec::new())
        };
        let cabinet = self.cabinet(now);
        let none = || crate::problem::absent("VTS-03", "there is no such election");
        cabinet.change(election, entropy, edit).map_err(unavailable)?.ok_or_else(none)?;
        // Settled before the log has it: whatever fails from here on, the draft stays what the manifest says.
        let settle = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, NotCalled> {
            if !dossier.settled {
                self.expect_manifest(election, dossier).map_err(NotCalled)?;
                dossier.settled = true; // [VTS-57]
            }
            Ok(Vec::new())
        };
        let settled = cabinet.change(election, entropy, settle).map_err(|NotCalled(refusal)| refusal)?;
        let dossier = settled.ok_or_else(none)?;
        let log = self.settings.logs.create(election).map_err(unavailable)?;
        let course = Course { service: self, election, log: &*log, now };
        if log.head().map_err(|error| failed(&error))?.size == 0 {
            course.say(Role::Host, Body::Manifest(self.expect_manifest(election, &dossier)?))?;
        }
        Ok(())
    }

    /// The body of the manifest that a draft is, if it is one.
    fn expect_manifest(
        &self,
        election: &ElectionId,
        dossier: &Dossier,
    ) -> Result<Map<String, Value>, Refusal> {
        let body = self.manifest(election, dossier).ok_or_else(|| not_yet("the draft is not complete"))?;
        match Manifest::parse(&body) {
            Ok(_) => Ok(body),
            Err(error) => Err(Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, error.code(), &error)),
        }
    }

    /// Takes the steps of all elections that follow by the clock or by what was sent, and publishes their heads where no
    /// witness has to see them first. To be called every second. What failed is tried again the next time; the first
    /// error is returned.
    ///
    /// # Errors
    /// A log or the memory failed.
    pub fn tick(&self, now: Timestamp, entropy: &mut dyn Entropy) -> Result<(), TickError> {
        let mut result = Ok(());
        for election in self.settings.logs.list().map_err(|_| TickError)? {
            let Ok(Some(log)) = self.settings.logs.open(&election) else {
                result = Err(TickError);
                continue;
            };
            let course = Course { service: self, election: &election, log: &*log, now };
            // Another node may have taken the step just now.
            let done = course.advance(entropy).or_else(|refusal| match refusal.rule() {
                "VOT-48" => Ok(()),
                _ => Err(refusal),
            });
            if done.is_err() | course.publish().is_err() {
                result = Err(TickError);
            }
        }
        result
    }

    /// Audits one election that came to its close or its end and was not audited since; whether there was one. To be
    /// called again and again, in a thread of its own: it is seconds of work, or minutes for millions of ballots. [VTS-54]
    ///
    /// # Errors
    /// Nothing was audited, and a log or the memory failed.
    pub fn audit_next(&self, now: Timestamp, entropy: &mut dyn Entropy) -> Result<bool, TickError> {
        let mut result = Ok(false);
        for election in self.settings.logs.list().map_err(|_| TickError)? {
            let Ok(Some(log)) = self.settings.logs.open(&election) else {
                result = Err(TickError);
                continue;
            };
            match (Course { service: self, election: &election, log: &*log, now }).audit_if_due(entropy) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(_) => result = Err(TickError),
            }
        }
        result
    }

    /// The head of an election's log as it is now, signed; none if it is published with the quorum of witnesses that the
    /// manifest asks for. For edges that show it to witnesses before they publish it: while witnesses are out of reach it
    /// comes again, with the cosignatures that it has.
    ///
    /// # Errors
    /// The log failed.
    pub fn sign_head(
        &self,
        election: &ElectionId,
        log: &dyn LogEngine,
    ) -> Result<Option<SignedCheckpoint>, TickError> {
        let head = log.head().map_err(|_| TickError)?;
        let out = log.checkpoint().map_err(|_| TickError)?;
        if head.size == 0 {
            return Ok(None);
        }
        if let Some(out) = out.filter(|out| out.claimed_head().size >= head.size) {
            let (cosigned, quorum) = self.cosigned((election, log), &out)?;
            return Ok((cosigned < quorum && out.claimed_head() == head).then_some(out)); // [VTS-55]
        }
        let key = self.log_key(election).ok_or(TickError)?;
        let signer = self.settings.key.signer(election, Hat::Log);
        SignedCheckpoint::sign(head, &key, &signer).map(Some).map_err(|_| TickError)
    }

    /// Publishes a head that the witnesses were shown. One that is short of the manifest's quorum is not published: nobody
    /// would believe it, trustees would take it for a fault, and the one that is out stays of use.
    ///
    /// # Errors
    /// The log failed.
    pub fn publish_head(
        &self,
        election: &ElectionId,
        log: &dyn LogEngine,
        head: &SignedCheckpoint,
    ) -> Result<(), TickError> {
        let (cosigned, quorum) = self.cosigned((election, log), head)?;
        if cosigned < quorum {
            return Ok(()); // [VTS-55]
        }
        match log.publish(head) {
            // Another node was faster with a larger one.
            Ok(()) | Err(PublishError::Shrinks) => Ok(()),
            Err(_) => Err(TickError),
        }
    }

    /// How many of the manifest's witnesses cosigned a head, and how many it asks for.
    fn cosigned(
        &self,
        (election, log): (&ElectionId, &dyn LogEngine),
        head: &SignedCheckpoint,
    ) -> Result<(u64, u64), TickError> {
        let manifest = self.following.with(election, log, |record| record.manifest.clone());
        let Some(manifest) = manifest.map_err(|_| TickError)? else { return Ok((0, 0)) };
        let keys = &manifest.log;
        if keys.quorum == 0 {
            return Ok((0, 0));
        }
        let cosigned = keys.witnesses.iter().filter(|witness| witness.verify(head).is_ok());
        Ok((cosigned.fold(0, |count, _| count + 1), keys.quorum))
    }
}

/// A log or the memory failed; requests tell what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an election could not take its next step")]
pub struct TickError;

impl Course<'_> {
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Followed) -> T) -> Result<T, Refusal> {
        self.service.following.with(self.election, self.log, look)
    }

    /// Appends what the service says in a role of its own.
    pub(crate) fn say(&self, role: Role, body: Body) -> Result<u64, Refusal> {
        let hat = match role {
            Role::Host => Hat::Host,
            Role::Registrar => Hat::Registrar,
            Role::Board | Role::Trustee(_) => Hat::Board,
        };
        self.service.append_event((self.election, self.log), (role, hat), body, self.now)
    }

    pub(crate) fn manifest(&self) -> Result<Arc<Manifest>, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        Rules::new().manifest(&*state).map_err(|_| damaged())
    }

    pub(crate) fn phase(&self) -> Result<Phase, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        Election::new(&*state).phase().map_err(|_| damaged())
    }

    /// Publishes the newest head, unless witnesses have to see it first: that is the edge's.
    fn publish(&self) -> Result<(), Refusal> {
        if self.look(|record| record.manifest.as_ref().is_none_or(|manifest| manifest.log.quorum > 0))? {
            return Ok(());
        }
        let signed = self.service.sign_head(self.election, self.log).map_err(|_| damaged())?;
        match signed.map(|checkpoint| self.log.publish(&checkpoint)) {
            // Another node was faster with a larger one.
            None | Some(Ok(()) | Err(PublishError::Shrinks)) => Ok(()),
            Some(Err(_)) => Err(damaged()),
        }
    }

    /// Takes the step that follows by itself, if one does.
    pub(crate) fn advance(&self, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
        match self.phase()? {
            Phase::Ceremony if self.ceremony_is_complete()? => self.done(),
            Phase::Frozen => {
                let (has_rings, revealed) = self.look(|record| {
                    (record.newest(Kind::Rings).is_some(), record.senders(Kind::Beacon).len())
                })?;
                let qualified = self.qualified()?;
                match has_rings {
                    false if revealed >= qualified => self.rings(),
                    true if self.now >= self.manifest()?.opens => self.open(),
                    _ => Ok(()),
                }
            }
            Phase::Open if self.now >= self.manifest()?.closes => self.close(),
            Phase::Closed => self.result_if_due(entropy),
            _ => Ok(()),
        }
    }

    /// Whether nobody is waited for any more: all have dealt, nobody complained.
    fn ceremony_is_complete(&self) -> Result<bool, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let ceremony = Rules::new().ceremony(&*state).map_err(|_| damaged())?;
        let complained = self.look(|record| record.newest(Kind::CeremonyComplaint).is_some())?;
        // Complaints have until the host ends the ceremony by hand.
        Ok(ceremony.seen().phase() >= sinpyo_ballot::ceremony::Phase::Complaints
            && !complained
            && ceremony.seen().faults().next().is_none()
            && self.is_quiet()?)
    }

    /// Whether the last dealer dealt long enough ago for everybody to have complained.
    fn is_quiet(&self) -> Result<bool, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let last = Election::new(&*state).last_time().map_err(|_| damaged())?;
        Ok(last.is_none_or(|last| last.plus(COMPLAINTS) <= self.now))
    }

    fn qualified(&self) -> Result<usize, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let ceremony = Rules::new().ceremony(&*state).map_err(|_| damaged())?;
        Ok(ceremony.seen().joint_keys().map_err(|_| damaged())?.qualified().count())
    }

    /// Goes on in the ceremony without those who do not answer.
    pub(crate) fn next(&self, step: Step) -> Result<(), Refusal> {
        self.say(Role::Host, Body::CeremonyNext(step)).map(drop)
    }

    /// Ends the ceremony: registration begins.
    pub(crate) fn done(&self) -> Result<(), Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let ceremony = Rules::new().ceremony(&*state).map_err(|_| damaged())?;
        let done = sinpyo_voting::election::done(&ceremony)
            .map_err(|error| Refusal::because(StatusCode::CONFLICT, "VTS-42", &error))?; // [VTS-42]
        drop(state);
        self.say(Role::Host, Body::CeremonyDone(done)).map(drop)
    }

    /// Ends registration.
    pub(crate) fn freeze(&self) -> Result<(), Refusal> {
        let manifest = self.manifest()?;
        let districts = self.look(|record| {
            let line = |(place, district): (u32, &sinpyo_voting::manifest::District)| FrozenDistrict {
                id: district.id.clone(),
                legal: district.legal,
                registered: record.registered(place),
            };
            (0..).zip(&manifest.districts).map(line).collect()
        })?;
        self.say(Role::Registrar, Body::Freeze(districts)).map(drop)
    }

    /// Makes the rings of the roll and the beacon.
    pub(crate) fn rings(&self) -> Result<(), Refusal> {
        let made = self.rings_made()?;
        self.say(Role::Registrar, Body::Rings(made)).map(drop)
    }

    /// Opens the election.
    pub(crate) fn open(&self) -> Result<(), Refusal> {
        let context = {
            let state = self.log.state().map_err(|error| failed(&error))?;
            let manifest = Rules::new().manifest(&*state).map_err(|_| damaged())?;
            let ceremony = Rules::new().ceremony(&*state).map_err(|_| damaged())?;
            let joint = ceremony.seen().joint_keys().map_err(|_| not_yet("the trustees have no keys yet"))?;
            let rings = Election::new(&*state).rings().map_err(|_| damaged())?;
            let (count, root) = rings.ok_or_else(|| not_yet("there are no rings yet"))?;
            sinpyo_ballot::setting::Context::new(self.election, manifest.hash(), joint.hash(), &root, count)
        };
        self.say(Role::Host, Body::Open(context.0)).map(drop)
    }

    /// A candidate withdraws.
    pub(crate) fn withdraw(&self, withdrawal: Withdrawal) -> Result<(), Refusal> {
        self.say(Role::Host, Body::Withdraw(withdrawal)).map(drop)
    }

    /// Closes the election. What is appended meanwhile is counted the next time.
    pub(crate) fn close(&self) -> Result<(), Refusal> {
        for _ in 0..CLOSING {
            let (ballots, size) = {
                let state = self.log.state().map_err(|error| failed(&error))?;
                let ballots = Election::new(&*state).ballots().map_err(|_| damaged())?;
                (ballots, self.log.head().map_err(|error| failed(&error))?.size)
            };
            match self.say(Role::Board, Body::Close(Closing { ballots, size })) {
                Err(refusal) if refusal.rule() == "VOT-60" => {}
                done => return done.map(drop),
            }
        }
        Err(not_yet("ballots are still being written"))
    }

    /// Until when the record is kept: the last word.
    pub(crate) fn archive(&self, until: Timestamp) -> Result<(), Refusal> {
        self.say(Role::Host, Body::Archive(until)).map(drop)
    }
}

/// How long trustees have to complain before the ceremony ends by itself.
const COMPLAINTS: std::time::Duration = std::time::Duration::from_mins(2);
/// How often the closing entry is made again because something came before it.
const CLOSING: usize = 16;
