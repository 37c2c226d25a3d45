//! The steps that elections take by themselves, and their heads: signed, shown to the witnesses, published.

use crate::{
    os::{OsEntropy, SystemClock},
    remote::peer::{PeerClient, base_url},
};
use anyhow::{Context, Result, bail};
use sinpyo_core::time::Clock as _;
use sinpyo_registry::engine::{LogEngine, PublishError};
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
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use url::Url;

/// How often.
const BEAT: Duration = Duration::from_millis(500);
/// Longest time for one request to a witness.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer of a witness: some signature lines.
const MAX_ANSWER: usize = 64 << 10;

/// A witness that is shown every head.
#[derive(Debug)]
struct Shown {
    url: Url,
    key: CosignerKey,
}

/// The thread that takes the steps and publishes the heads.
#[derive(Debug)]
pub(crate) struct Heads {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Heads {
    /// Starts it. Heads are shown to the witnesses of `policy` that have an address.
    pub(crate) fn start(api: Arc<Api>, logs: Arc<dyn Logs>, policy: Option<&Policy>) -> Result<Self> {
        let mut witnesses = Vec::new();
        for witness in policy.into_iter().flat_map(Policy::witnesses) {
            let Some(address) = witness.url() else { continue };
            let url = base_url(address)?.join(ADD_CHECKPOINT.trim_start_matches('/'))?;
            witnesses.push(Shown { url, key: witness.key().clone() });
        }
        let client = PeerClient::new(PATIENCE)?;
        let (stop, stopped) = mpsc::channel();
        let work = move || {
            let publisher = Publisher { api, logs, witnesses, client };
            while stopped.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                publisher.beat();
            }
            // What was acknowledged is published before the service ends.
            publisher.beat();
        };
        let thread = std::thread::Builder::new().name("heads".into()).spawn(work);
        Ok(Self { stop, thread: thread.context("cannot start a thread")? })
    }

    /// Finishes what is being done.
    pub(crate) fn finish(self) {
        let _it_may_be_gone = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the thread that publishes heads broke down");
        }
    }
}

struct Publisher {
    api: Arc<Api>,
    logs: Arc<dyn Logs>,
    witnesses: Vec<Shown>,
    client: PeerClient,
}

impl Publisher {
    fn beat(&self) {
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
            if let Err(error) = self.publish(&*log, head) {
                tracing::warn!(error = format!("{error:#}"), "a head was not published");
            }
        }
    }

    /// Publishes a head once everybody was shown it: what a quorum is, its readers know by the manifest.
    fn publish(&self, log: &dyn LogEngine, head: SignedCheckpoint) -> Result<()> {
        let mut lines = Vec::new();
        for witness in &self.witnesses {
            match self.show(log, &head, witness) {
                Ok(cosigned) => lines.extend(cosigned),
                Err(error) => {
                    tracing::warn!(url = %witness.url, error = format!("{error:#}"), "no cosignature");
                }
            }
        }
        let head = head.with_signatures(lines).context("a cosignature does not fit")?;
        match log.publish(&head) {
            // Another node was faster with a larger one.
            Ok(()) | Err(PublishError::Shrinks) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn show(
        &self,
        log: &dyn LogEngine,
        head: &SignedCheckpoint,
        witness: &Shown,
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
