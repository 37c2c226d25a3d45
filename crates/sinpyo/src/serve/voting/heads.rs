//! The steps that elections take by themselves, and their heads: signed, shown to the witnesses, published.

use crate::{
    os::{OsEntropy, SystemClock},
    remote::peer::{PeerClient, base_url},
};
use anyhow::{Context, Result, bail};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Clock as _;
use sinpyo_registry::engine::LogEngine;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Hash, prove_consistency},
    note::NoteSignature,
    policy::Policy,
    tile::TileNodes,
    witness::{ADD_CHECKPOINT, Answer, Request},
};
use sinpyo_voting_api::{Logs, Service as Api};
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use url::Url;

/// How often.
const BEAT: Duration = Duration::from_millis(500);
/// Longest time for one request to a witness.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer of a witness: some signature lines.
const MAX_ANSWER: usize = 64 << 10;
/// A head that is short of cosignatures is shown again after so long, then after twice that, and so on to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// A witness that is shown every head.
#[derive(Debug)]
struct Witness {
    url: Url,
    key: CosignerKey,
}

/// The thread that takes the steps and publishes the heads, and the one that audits, which takes longer.
#[derive(Debug)]
pub(crate) struct Heads {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
    /// Audits stop when it is gone.
    audits: mpsc::Sender<()>,
}

impl Heads {
    /// Starts it. Heads are shown to the witnesses of `policy` that have an address.
    pub(crate) fn start(api: Arc<Api>, logs: Arc<dyn Logs>, policy: Option<&Policy>) -> Result<Self> {
        let mut witnesses = Vec::new();
        for witness in policy.into_iter().flat_map(Policy::witnesses) {
            let Some(address) = witness.url() else { continue };
            let url = base_url(address)?.join(ADD_CHECKPOINT.trim_start_matches('/'))?;
            witnesses.push(Witness { url, key: witness.key().clone() });
        }
        let client = PeerClient::new(PATIENCE)?;
        let auditor = Arc::clone(&api);
        let mut publisher = Publisher { api, logs, witnesses, client, shown: BTreeMap::new() };
        let (stop, thread) = spawn("heads", move |stopped| {
            while is_time(&stopped) {
                publisher.beat();
            }
            // What was acknowledged is published before the service ends.
            publisher.beat();
        })?;
        let (audits, _) = spawn("audits", move |stopped| {
            while is_time(&stopped) {
                if auditor.audit_next(SystemClock.now(), &mut OsEntropy).is_err() {
                    tracing::warn!("an election could not be audited; it is tried again");
                }
            }
        })?;
        Ok(Self { stop, thread, audits })
    }

    /// Finishes what is being done.
    pub(crate) fn finish(self) {
        // One that runs writes nothing, and may take minutes.
        drop(self.audits);
        let _it_may_be_gone = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the thread that publishes heads broke down");
        }
    }
}

/// Starts a thread that is told when to stop.
fn spawn(
    name: &str,
    work: impl FnOnce(mpsc::Receiver<()>) + Send + 'static,
) -> Result<(mpsc::Sender<()>, JoinHandle<()>)> {
    let (stop, stopped) = mpsc::channel();
    let thread = std::thread::Builder::new().name(name.into()).spawn(move || work(stopped));
    Ok((stop, thread.context("cannot start a thread")?))
}

/// Waits for the next beat; whether there is one.
fn is_time(stopped: &mpsc::Receiver<()>) -> bool {
    stopped.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout)
}

struct Publisher {
    api: Arc<Api>,
    logs: Arc<dyn Logs>,
    witnesses: Vec<Witness>,
    client: PeerClient,
    shown: BTreeMap<ElectionId, Shown>,
}

/// The head that was shown last, with the cosignatures that it got so far.
struct Shown {
    head: SignedCheckpoint,
    pause: Duration,
    again: Instant,
}

impl Publisher {
    /// The head as it is to be shown now, with the cosignatures that it got before; none while it rests: a witness that is
    /// gone for good must not hold up all others.
    fn due(&mut self, election: ElectionId, head: SignedCheckpoint) -> Option<SignedCheckpoint> {
        let now = Instant::now();
        let is_same = |shown: &&Shown| shown.head.claimed_head() == head.claimed_head();
        let (pause, head) = match self.shown.get(&election).filter(is_same) {
            Some(shown) if now < shown.again => return None,
            Some(shown) => (LONGEST_PAUSE.min(shown.pause.saturating_mul(2)), shown.head.clone()),
            None => (FIRST_PAUSE, head),
        };
        let again = now.checked_add(pause).unwrap_or(now);
        self.shown.insert(election, Shown { head: head.clone(), pause, again });
        Some(head)
    }

    fn beat(&mut self) {
        if self.api.tick(SystemClock.now(), &mut OsEntropy).is_err() {
            tracing::warn!("an election could not take its next step; it is tried again");
        }
        if self.witnesses.is_empty() {
            return;
        }
        let Ok(elections) = self.logs.list() else { return };
        for election in elections {
            let Ok(Some(log)) = self.logs.open(&election) else { continue };
            let Ok(Some(head)) = self.api.sign_head(&election, &*log) else { continue };
            let Some(head) = self.due(election, head) else { continue };
            if let Err(error) = self.publish(&election, &*log, head) {
                tracing::warn!(error = format!("{error:#}"), "a head was not published");
            }
        }
    }

    /// Publishes a head once everybody was shown it: what a quorum is, the manifest says.
    fn publish(&mut self, election: &ElectionId, log: &dyn LogEngine, head: SignedCheckpoint) -> Result<()> {
        let mut lines = Vec::new();
        for witness in self.witnesses.iter().filter(|witness| witness.key.verify(&head).is_err()) {
            match self.show(log, &head, witness) {
                Ok(cosigned) => lines.extend(cosigned),
                Err(error) => {
                    tracing::warn!(url = %witness.url, error = format!("{error:#}"), "no cosignature");
                }
            }
        }
        let head = head.with_signatures(lines).context("a cosignature does not fit")?;
        if let Some(shown) = self.shown.get_mut(election) {
            shown.head = head.clone();
        }
        Ok(self.api.publish_head(election, log, &head)?)
    }

    fn show(
        &self,
        log: &dyn LogEngine,
        head: &SignedCheckpoint,
        witness: &Witness,
    ) -> Result<Vec<NoteSignature>> {
        let known = log.checkpoint()?.map_or(0, |out| out.claimed_head().size);
        let mut request = Request::new(head.clone(), vec![witness.key.clone()], known);
        let size = head.claimed_head().size;
        loop {
            let body = request.body(proof(log, request.old_size(), size)?);
            let kind = "text/plain; charset=utf-8";
            let reply = self.client.post(&witness.url, kind, body.as_bytes(), MAX_ANSWER)?;
            match request.answered(reply.status, &reply.body, SystemClock.now())? {
                Answer::Cosigned(lines) => return Ok(lines),
                Answer::Again(again) => request = again,
            }
        }
    }
}

fn proof(log: &dyn LogEngine, old: u64, size: u64) -> Result<Vec<Hash>> {
    if old == 0 {
        return Ok(Vec::new());
    }
    match prove_consistency(&TileNodes::new(log, size), old, size) {
        Ok(proof) => Ok(proof),
        Err(_) => bail!("the log has no proof from {old} to {size}"),
    }
}
