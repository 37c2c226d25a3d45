//! Streams of events that are asked for news in a rhythm, and work that is done in it.

use super::edge::{Audience, Feed};
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
    audience: Audience,
    beats: watch::Receiver<u64>,
}

impl<F: FnMut() -> Option<Piece> + Send> Polled<F> {
    /// Begins, at `path`: a page's, or one of the management interface.
    pub(crate) fn new(path: &str, next: F, beats: watch::Receiver<u64>) -> Self {
        let audience = if path.starts_with("/manage/") { Audience::Managers } else { Audience::Page };
        Self { next, spoke: Instant::now(), over: false, audience, beats }
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

    fn audience(&self) -> Audience {
        self.audience
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

/// The threads beside a server: one gives the beat and tidies up, the other sends notices and may be kept waiting.
pub(crate) struct Pulse(Vec<(mpsc::Sender<()>, JoinHandle<()>)>);

impl Pulse {
    /// Begins to work for `service`; each beat is told by `beats`.
    pub(crate) fn start(service: Arc<dyn Working>, beats: watch::Sender<u64>) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot start a client")?;
        let (tidied, mut swept) = (Arc::clone(&service), None::<Instant>);
        let beating = beside("pulse", move || {
            beats.send_modify(|beat| *beat += 1);
            if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                swept = Some(Instant::now());
                sweep(tidied.memory());
            }
        })?;
        // On its own: a server that takes its time with a notice holds up nothing else.
        let sending = beside("notices", move || deliver(&*service, &runtime))?;
        Ok(Self(vec![beating, sending]))
    }

    /// Finishes what is being done.
    pub(crate) fn finish(self) {
        for (stop, _) in &self.0 {
            let _it_may_be_gone = stop.send(());
        }
        for (_, thread) in self.0 {
            if thread.join().is_err() {
                tracing::error!("a thread beside the server broke down");
            }
        }
    }
}

/// A thread that does `work` in each beat, until it is told to stop.
fn beside(name: &str, mut work: impl FnMut() + Send + 'static) -> Result<(mpsc::Sender<()>, JoinHandle<()>)> {
    let (stop, stopped) = mpsc::channel();
    let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
        while stopped.recv_timeout(BEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
            work();
        }
    });
    Ok((stop, thread.context("cannot start a thread")?))
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
