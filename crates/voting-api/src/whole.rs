//! What only the whole log can tell: whether rings, tally shares and results are what the log leads to. It is looked at
//! before the log takes them.

use crate::{
    call::Call,
    problem::{coded, failed},
    service::Service,
    steps::Course,
};
use http::StatusCode;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_tlog::merkle::TreeHead;
use sinpyo_voting::{
    audit::{Machine, OneThread, Report, examine},
    election::{Election, Rules},
    event::{Body, Kind, Role, SignedEvent, UnverifiedEvent},
    phase::Phase,
    record::EngineRecord,
    roll::beacon_values,
    tally::Tally,
};
use sinpyo_web::problem::Refusal;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Ballots up to which an audit is run where it is needed, within a request: some seconds of work.
const AT_ONCE: u64 = 50_000;

/// What audits said last.
#[derive(Debug, Default)]
pub(crate) struct Audits {
    last: Mutex<BTreeMap<ElectionId, Audited>>,
    running: Mutex<BTreeSet<ElectionId>>,
}

/// The one audit of an election that runs because it was needed, until this is dropped.
struct Running<'a> {
    audits: &'a Audits,
    election: ElectionId,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.audits.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.election);
    }
}

/// The last audit of an election.
#[derive(Clone, Debug)]
pub(crate) struct Audited {
    /// The record that it was of.
    pub(crate) head: TreeHead,
    pub(crate) at: Timestamp,
    pub(crate) report: Arc<Report>,
    tally: Option<Arc<Tally>>,
}

impl Audits {
    pub(crate) fn last(&self, election: &ElectionId) -> Option<Audited> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(election).cloned()
    }

    /// None if one runs already.
    fn begin(&self, election: &ElectionId) -> Option<Running<'_>> {
        let begun = self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(*election);
        begun.then_some(Running { audits: self, election: *election })
    }
}

/// The record could not be audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be audited")]
pub struct AuditError;

impl Service {
    /// Audits the published record of an election, and remembers what came of it for the pages and for the tally.
    ///
    /// Elections of at most 50,000 ballots are audited when it is needed; all are by [`Service::audit_next`], and larger
    /// ones take no shares before it was their turn.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn audit(
        &self,
        election: &ElectionId,
        machine: &dyn Machine,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Arc<Report>, AuditError> {
        let log = self.settings.logs.open(election).map_err(|_| AuditError)?.ok_or(AuditError)?;
        let examined = examine(&EngineRecord::new(&*log), machine, entropy).map_err(|_| AuditError)?;
        let report = Arc::new(examined.report);
        let audited = Audited {
            head: examined.head,
            at: now,
            report: Arc::clone(&report),
            tally: examined.tally.map(Arc::new),
        };
        self.audits.last.lock().unwrap_or_else(PoisonError::into_inner).insert(*election, audited);
        Ok(report)
    }

    /// Refuses an event that says something else than the log leads to.
    pub(crate) fn check_whole(
        &self,
        call: &Call<'_>,
        (election, log): (&ElectionId, &dyn LogEngine),
        event: UnverifiedEvent,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Refusal> {
        let kind = Kind::from_name(event.claimed_type());
        if !matches!(kind, Some(Kind::Rings | Kind::TallyShare | Kind::Result)) {
            return Ok(());
        }
        let event = {
            let state = log.state().map_err(|error| failed(&error))?;
            // Whatever is wrong with the signature, the log says when it is asked to take the event.
            let Ok(event) = Rules::new().authenticate(&*state, event) else { return Ok(()) };
            event
        };
        let course = Course { service: self, election, log, now: call.now };
        course.check(&event, entropy)
    }
}

impl Course<'_> {
    fn check(&self, event: &SignedEvent, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
        let refused = |code: &'static str, error: &dyn std::error::Error| {
            Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, code, error)
        };
        if self.is_settled(event)? {
            return Ok(());
        }
        match (event.body(), event.by()) {
            (Ok(Body::Rings(made)), _) => {
                if self.rings_made()? == made {
                    return Ok(());
                }
                let detail = "beacon, count or root of the rings is not what roll and beacon lead to";
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "VTS-50", &detail)) // [VTS-50]
            }
            (Ok(Body::TallyShare(share)), Role::Trustee(trustee)) => {
                let tally = self.tally(entropy)?;
                let verified = tally.verify_share(trustee, &share); // [VTS-50]
                verified.map(drop).map_err(|error| {
                    refused(error.code(), &error).with_member("trustee", serde_json::Value::from(trustee))
                })
            }
            (Ok(Body::Result(result)), _) => {
                let tally = self.tally(entropy)?;
                let ours =
                    tally.result(&self.shares(&tally)?).map_err(|error| refused(error.code(), &error))?;
                if ours == result {
                    return Ok(());
                }
                let detail = "the result is not what the shares lead to";
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "VTS-50", &detail)) // [VTS-50]
            }
            // What is not of its form the log refuses.
            _ => Ok(()),
        }
    }

    /// Whether the log has said this before, or never will: it answers that itself, at no cost. [VTS-54]
    fn is_settled(&self, event: &SignedEvent) -> Result<bool, Refusal> {
        let state = self.log.state().map_err(|error| failed(&error))?;
        let election = Election::new(&*state);
        let is_counted = || election.phase().map(|phase| phase > Phase::Closed);
        let settled = match (event.body(), event.by()) {
            (Ok(Body::Rings(_)), _) => election.rings().map(|rings| rings.is_some()),
            (Ok(Body::TallyShare(share)), Role::Trustee(trustee)) => {
                is_counted().and_then(|counted| Ok(counted || election.has_share(trustee, share.group)?))
            }
            (Ok(Body::Result(_)), _) => is_counted(),
            _ => Ok(false),
        };
        settled.map_err(|_| failed(&EngineError::CorruptState))
    }

    /// What is to be opened, recomputed from the whole record.
    fn tally(&self, entropy: &mut dyn Entropy) -> Result<Arc<Tally>, Refusal> {
        let closed = {
            let state = self.log.state().map_err(|error| failed(&error))?;
            let closed = Election::new(&*state).closed_at();
            closed.map_err(|_| failed(&EngineError::CorruptState))?
        };
        let not_closed = || coded(StatusCode::CONFLICT, "phase", "VTS-42", "the election is not closed yet");
        let closed = closed.ok_or_else(not_closed)?; // [VTS-42]
        let known = |audited: Audited| audited.tally.filter(|_| audited.head.size > closed);
        if let Some(tally) = self.service.audits.last(self.election).and_then(known) {
            return Ok(tally);
        }
        let wait = || {
            coded(StatusCode::SERVICE_UNAVAILABLE, "busy", "VTS-51", "the ballots are still being added up")
                .retry_after(Duration::from_secs(5)) // [VTS-51]
        };
        let published = self.published()?;
        if published <= closed || self.look(|record| record.ballots)? > AT_ONCE {
            return Err(wait());
        }
        // One at a time, and none twice of the same record: each is some seconds of work. [VTS-54]
        let _running = self.service.audits.begin(self.election).ok_or_else(wait)?;
        if let Some(audited) = self.service.audits.last(self.election)
            && audited.head.size >= published
        {
            return known(audited).ok_or_else(wait);
        }
        self.service.audit(self.election, &OneThread, self.now, entropy).map_err(|_| wait())?;
        self.service.audits.last(self.election).and_then(known).ok_or_else(wait)
    }

    fn published(&self) -> Result<u64, Refusal> {
        crate::summary::published_size(self.log)
    }

    /// The shares that are in the log, checked again.
    fn shares(&self, tally: &Tally) -> Result<Shares, Refusal> {
        let places =
            self.look(|record| record.places.get(Kind::TallyShare.as_str()).cloned())?.unwrap_or_default();
        let mut shares = Shares::new();
        for index in places {
            let entries = self.log.entries(index..index.saturating_add(1)).map_err(|error| failed(&error))?;
            let event = entries.first().and_then(|entry| UnverifiedEvent::parse(entry).ok());
            let event = event.ok_or_else(|| failed(&EngineError::Corrupt { index }))?;
            let event = {
                let state = self.log.state().map_err(|error| failed(&error))?;
                Rules::new()
                    .authenticate(&*state, event)
                    .map_err(|_| failed(&EngineError::Corrupt { index }))?
            };
            if let (Ok(Body::TallyShare(share)), Role::Trustee(trustee)) = (event.body(), event.by())
                && let Ok(verified) = tally.verify_share(trustee, &share)
            {
                shares.insert((trustee, share.group), verified);
            }
        }
        Ok(shares)
    }

    /// Announces the result once enough trustees have opened every group; whether it did.
    pub(crate) fn result(&self, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
        let tally = self.tally(entropy)?;
        let result = tally.result(&self.shares(&tally)?);
        let result = result.map_err(|error| Refusal::because(StatusCode::CONFLICT, error.code(), &error))?;
        self.say(Role::Host, Body::Result(result)).map(drop)
    }

    /// The step of [`Course::result`], if enough has come for it.
    pub(crate) fn result_if_due(&self, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
        let threshold = usize::try_from(self.manifest()?.threshold).unwrap_or(usize::MAX);
        let mut senders = self.look(|record| record.senders(Kind::TallyShare).to_vec())?;
        senders.sort_unstable();
        senders.dedup();
        let nothing_to_open = self.look(|record| record.ballots == 0)?;
        if senders.len() < threshold && !nothing_to_open {
            return Ok(());
        }
        match self.result(entropy) {
            // Some of them have not sent all of theirs, or the head is not published yet: the next tick comes.
            Err(refusal) if refusal.status() == StatusCode::CONFLICT || refusal.rule() == "VTS-51" => Ok(()),
            done => done,
        }
    }

    /// Audits a record that came to its close or its end and was not audited since; whether it did.
    pub(crate) fn audit_if_due(&self, entropy: &mut dyn Entropy) -> Result<bool, Refusal> {
        let end = self.look(|record| record.newest(Kind::Result).or_else(|| record.newest(Kind::Close)))?;
        let Some(end) = end else { return Ok(false) };
        let known = self.service.audits.last(self.election).is_some_and(|audited| audited.head.size > end);
        if known || self.published()? <= end {
            return Ok(false);
        }
        let Some(_running) = self.service.audits.begin(self.election) else { return Ok(false) };
        let audited = self.service.audit(self.election, &OneThread, self.now, entropy);
        audited.map(|_report| true).map_err(|_| failed(&EngineError::CorruptState))
    }

    /// What the registrar says about rings at this time.
    pub(crate) fn rings_made(&self) -> Result<sinpyo_voting::event::RingsMade, Refusal> {
        let manifest = self.manifest()?;
        let values = {
            let state = self.log.state().map_err(|error| failed(&error))?;
            beacon_values(&*state, &manifest).map_err(|error| failed(&error))?
        };
        let threshold = usize::try_from(manifest.threshold).unwrap_or(usize::MAX);
        if values.len() < threshold {
            let detail = "too few trustees have shown their beacon values";
            return Err(coded(StatusCode::CONFLICT, "not_yet", "VTS-42", detail)); // [VTS-42]
        }
        let made = self.look(|record| {
            let beacon = record.roll.beacon(self.election, &manifest, &values);
            record
                .roll
                .rings(self.election, &manifest, beacon)
                .map(|rings| (beacon, rings.count(), rings.root()))
        })?;
        let (beacon, rings, root) = made.map_err(|_| failed(&EngineError::CorruptState))?;
        let showed = |trustee: &u32| values.iter().any(|(own, _)| own == trustee);
        let without = (1..=manifest.trustee_count()).filter(|trustee| !showed(trustee)).collect();
        Ok(sinpyo_voting::event::RingsMade { beacon: beacon.0, rings, root, without })
    }
}

type Shares = BTreeMap<(u32, u32), sinpyo_ballot::tally::VerifiedShare<sinpyo_ballot::group::Ristretto>>;
