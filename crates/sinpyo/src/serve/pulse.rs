//! Streams of events that are asked for news in a rhythm, and work that is done in it.

use super::edge::Feed;
use crate::{
    http::GuardedClient,
    os::{OsEntropy, SystemClock},
    service::memory::Memory,
};
use anyhow::{Context, Result};
use sinpyo_core::time::Clock as _;
use sinpyo_web::{
    event::HEARTBEAT,
    webhook::{Delivery, Sent, Webhooks},
};
use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task::JoinSet,
};

/// How often is asked.
const BEAT: Duration = Duration::from_secs(1);
/// Longest silence of a stream.
const SILENCE: Duration = Duration::from_secs(8);
/// How often what has expired is forgotten, and how long it is kept beyond that: names that were used must not come again
/// to a node whose clock is behind.
const SWEEP: Duration = Duration::from_mins(1);
const RETENTION: Duration = Duration::from_hours(24);
/// Notices that are sent at once.
const NOTICES: usize = 32;
/// Longest answer to a notice that is read.
const MAX_ANSWER: usize = 64 << 10;

/// What is still to come of a stream: frames, or its end.
pub(crate) enum Piece {
    /// Frames, if there are any.
    Frames(Vec<u8>),
    /// The last ones.
    End(Vec<u8>),
}

/// A stream that `next` is asked for in each beat.
pub(crate) struct Polled<F> {
    next: F,
    spoke: Instant,
    over: bool,
    beats: watch::Receiver<u64>,
}

impl<F: FnMut() -> Option<Piece> + Send> Polled<F> {
    /// Begins.
    pub(crate) fn new(next: F, beats: watch::Receiver<u64>) -> Self {
        Self { next, spoke: Instant::now(), over: false, beats }
    }
}

impl<F: FnMut() -> Option<Piece> + Send> Feed for Polled<F> {
    fn next(&mut self) -> Option<Vec<u8>> {
        if self.over {
            return None;
        }
        let frames = match (self.next)()? {
            Piece::Frames(frames) if frames.is_empty() && self.spoke.elapsed() >= SILENCE => {
                HEARTBEAT.to_vec()
            }
            Piece::Frames(frames) => frames,
            Piece::End(frames) => {
                self.over = true;
                // Something has to be sent, or nobody would ask for the end.
                if frames.is_empty() { HEARTBEAT.to_vec() } else { frames }
            }
        };
        if !frames.is_empty() {
            self.spoke = Instant::now();
        }
        Some(frames)
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.beats.clone()
    }
}

/// The service whose work is done.
pub(crate) trait Working: Send + Sync {
    /// Its memory.
    fn memory(&self) -> &Memory;

    /// Its notices, once it is known where it is.
    fn webhooks(&self) -> Option<Webhooks<'_>>;

    /// Sends them.
    fn client(&self) -> Arc<GuardedClient>;
}

/// The thread beside a server.
pub(crate) struct Pulse {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Pulse {
    /// Begins to work for `service`; each beat is told by `beats`.
    pub(crate) fn start(service: Arc<dyn Working>, beats: watch::Sender<u64>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let work = std::thread::Builder::new().name("pulse".into());
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot start a client")?;
        let thread = work.spawn(move || {
            let mut swept: Option<Instant> = None;
            while stopped.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
                beats.send_modify(|beat| *beat += 1);
                if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                    swept = Some(Instant::now());
                    sweep(service.memory());
                }
                deliver(&*service, &runtime);
            }
        });
        Ok(Self { stop, thread: thread.context("cannot start a thread")? })
    }

    /// Finishes what is being done.
    pub(crate) fn finish(self) {
        let _it_may_be_gone = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the thread beside the server broke down");
        }
    }
}

fn sweep(memory: &Memory) {
    match memory.state().sweep(SystemClock.now().minus(RETENTION)) {
        Ok(0) => {}
        Ok(forgotten) => tracing::debug!(forgotten, "what had expired was forgotten"),
        Err(_) => tracing::warn!(why = memory.failure(), "what has expired was not forgotten"),
    }
}

/// Sends what is due: each notice by one node, and by another if this one does not settle it.
fn deliver(service: &dyn Working, runtime: &Runtime) {
    let Some(webhooks) = service.webhooks() else { return };
    // The memory waits on its own: only sending is done by the client's runtime.
    let Ok(due) = webhooks.due(NOTICES, SystemClock.now(), &mut OsEntropy) else { return };
    for (delivery, sent) in runtime.block_on(send(due, service.client())) {
        if webhooks.settle(delivery, sent, SystemClock.now(), &mut OsEntropy).is_err() {
            tracing::warn!("a notice was sent, and will be sent once more");
        }
    }
}

async fn send(due: Vec<Delivery>, client: Arc<GuardedClient>) -> Vec<(Delivery, Sent)> {
    let mut sending = JoinSet::new();
    for mut delivery in due {
        let client = Arc::clone(&client);
        sending.spawn(async move {
            let request = std::mem::take(&mut delivery.request);
            let sent = match client.send(request, MAX_ANSWER).await {
                Ok(answer) if answer.status().is_success() => Sent::Taken,
                _ => Sent::Failed,
            };
            (delivery, sent)
        });
    }
    sending.join_all().await
}
