//! Messengers: one thread for each witness shows it the newest checkpoint and brings back its cosignature.

use super::publish::Publisher;
use crate::remote::peer::{PeerClient, base_url};
use anyhow::{Context, Result, bail};
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::LogEngine;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Hash, prove_consistency},
    tile::TileNodes,
    witness::{ADD_CHECKPOINT, Answer, Request},
};
use std::{sync::Arc, thread::JoinHandle, time::Duration};
use url::Url;

/// Longest time for one request to a witness.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest pause after failures.
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// Longest answer: some signature lines.
const MAX_ANSWER: usize = 64 << 10;
/// A witness that has not cosigned for so long is the operator's business.
const ALARM: Duration = Duration::from_mins(1);

/// Starts a messenger for each witness that the publisher's policy gives an address.
pub(super) fn start(publisher: &Arc<Publisher>) -> Result<Vec<JoinHandle<()>>> {
    let mut addresses: Vec<(String, Url, Vec<CosignerKey>)> = Vec::new();
    for witness in publisher.policy.witnesses() {
        let Some(url) = witness.url() else { continue };
        let name = String::from_utf8_lossy(witness.name()).into_owned();
        let base = base_url(url).with_context(|| format!("the address of witness {name}"))?;
        // Two keys at one address are one witness: it cosigns with both at once.
        match addresses.iter_mut().find(|(_, other, _)| *other == base) {
            Some((_, _, keys)) => keys.push(witness.key().clone()),
            None => addresses.push((name, base, vec![witness.key().clone()])),
        }
    }
    let start = |(name, base, keys): (String, Url, Vec<CosignerKey>)| {
        let url = base.join(ADD_CHECKPOINT.trim_start_matches('/')).context("the address of a witness")?;
        let client = PeerClient::new(PATIENCE)?;
        let publisher = Arc::clone(publisher);
        let messenger = Messenger { name, url, keys, client, publisher, known: 0 };
        let thread = std::thread::Builder::new().name("messenger".into());
        thread.spawn(move || messenger.run()).context("cannot start a thread")
    };
    addresses.into_iter().map(start).collect()
}

struct Messenger {
    name: String,
    url: Url,
    keys: Vec<CosignerKey>,
    client: PeerClient,
    publisher: Arc<Publisher>,
    /// The size that the witness cosigned last, as far as is known here.
    known: u64,
}

impl Messenger {
    fn run(mut self) {
        let (mut round, mut pause, mut alarmed) = (0, Duration::ZERO, false);
        let mut last: Timestamp = self.publisher.now();
        while let Some((next, checkpoint)) = self.publisher.next_round(round) {
            round = next;
            match self.show(&checkpoint) {
                Ok(()) => {
                    (pause, alarmed, last) = (Duration::ZERO, false, self.publisher.now());
                }
                Err(error) => {
                    pause = (pause * 2).clamp(Duration::from_secs(1), MAX_PAUSE);
                    let silent = last < self.publisher.now().minus(ALARM);
                    if silent && !alarmed {
                        tracing::error!(witness = self.name, %error, "the witness lags behind");
                    } else {
                        tracing::warn!(witness = self.name, error = format!("{error:#}"), "no cosignature");
                    }
                    alarmed |= silent;
                    self.publisher.pause(pause);
                }
            }
        }
    }

    /// Shows the witness `checkpoint`, and hands the publisher what it answers.
    fn show(&mut self, checkpoint: &SignedCheckpoint) -> Result<()> {
        let mut request = Request::new(checkpoint.clone(), self.keys.clone(), self.known);
        let size = checkpoint.claimed_head().size;
        loop {
            let proof = self.proof(request.old_size(), size)?;
            let body = request.body(proof);
            let reply =
                self.client.post(&self.url, "text/plain; charset=utf-8", body.as_bytes(), MAX_ANSWER)?;
            let now = self.publisher.now();
            match request.answered(reply.status, &reply.body, now)? {
                Answer::Cosigned(lines) => {
                    self.known = size;
                    self.publisher.metrics.cosigned(&self.name, now, size);
                    self.publisher.cosigned(checkpoint, lines);
                    return Ok(());
                }
                Answer::Again(again) => request = again,
            }
        }
    }

    fn proof(&self, old: u64, size: u64) -> Result<Vec<Hash>> {
        if old == 0 {
            return Ok(Vec::new());
        }
        let engine: &dyn LogEngine = &*self.publisher.engine;
        match prove_consistency(&TileNodes::new(engine, size), old, size) {
            Ok(proof) => Ok(proof),
            Err(_) => bail!("the log has no proof from {old} to {size}"),
        }
    }
}
