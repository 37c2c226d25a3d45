//! Group commit: one thread of a node commits for everybody who waits.

use crate::{
    admission::locked,
    error::PgError,
    writer::{Done, Work, Writer},
};
use std::{
    io,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, SyncSender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Most calls that wait, most of them in one transaction, and the bytes after which no more are taken into it.
const MAX_WAITING: usize = 8_192;
const MAX_GROUP: usize = 1_024;
const MAX_GROUP_BYTES: usize = 16 * 1024 * 1024;

/// A call, until the thread takes it or the caller takes it back.
#[derive(Debug)]
struct Call {
    work: Arc<Mutex<Option<Work>>>,
    done: SyncSender<Result<Done, PgError>>,
}

/// The thread that owns the writing connection.
///
/// No timer and no batching window: whoever calls while a commit runs is part of the next one.
#[derive(Debug)]
pub(crate) struct Committer {
    calls: Option<SyncSender<Call>>,
    thread: Option<JoinHandle<()>>,
    patience: Duration,
}

impl Committer {
    /// Starts the thread; it ends when this value is dropped, after the calls that were made.
    pub(crate) fn start(writer: Writer, patience: Duration) -> io::Result<Self> {
        let (sender, calls) = mpsc::sync_channel(MAX_WAITING);
        let thread =
            thread::Builder::new().name("sinpyo-commit".into()).spawn(move || run(writer, &calls))?;
        Ok(Self { calls: Some(sender), thread: Some(thread), patience })
    }

    /// Does `work` in a transaction and returns when that is durable, or after twice the patience.
    pub(crate) fn call(&self, work: Work) -> Result<Done, PgError> {
        let work = Arc::new(Mutex::new(Some(work)));
        let (done, outcome) = mpsc::sync_channel(1);
        let calls = self.calls.as_ref().ok_or(PgError::late())?;
        calls.try_send(Call { work: Arc::clone(&work), done }).map_err(|_| PgError::late())?;
        if let Ok(outcome) = outcome.recv_timeout(self.patience) {
            return outcome;
        }
        if locked(&work).take().is_some() {
            return Err(PgError::late());
        }
        outcome.recv_timeout(self.patience).unwrap_or(Err(PgError::Unknown)) // [PGL-07]
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread has already been reported to every caller.
            let _ = thread.join();
        }
    }
}

fn run(mut writer: Writer, calls: &Receiver<Call>) {
    while let Ok(first) = calls.recv() {
        let (group, waiting) = gather(first, calls);
        if group.is_empty() {
            continue;
        }
        // Nobody hears of success before the commit has returned.
        match writer.transact(group) {
            Ok(outcomes) => answer(waiting.iter().zip(outcomes.into_iter().map(Ok))),
            Err(error) => answer(waiting.iter().zip(std::iter::repeat_with(|| Err(error.clone())))),
        }
    }
}

fn answer<'a>(answers: impl Iterator<Item = (&'a SyncSender<Result<Done, PgError>>, Result<Done, PgError>)>) {
    for (done, outcome) in answers {
        // A caller that gave up is no reason to stop.
        let _ = done.send(outcome);
    }
}

/// The calls that nobody took back, in their order.
fn gather(first: Call, calls: &Receiver<Call>) -> (Vec<Work>, Vec<SyncSender<Result<Done, PgError>>>) {
    let (mut group, mut waiting, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut next = Some(first);
    while let Some(call) = next {
        if let Some(work) = locked(&call.work).take() {
            bytes += work.bytes();
            group.push(work);
            waiting.push(call.done);
        }
        let room = group.len() < MAX_GROUP && bytes < MAX_GROUP_BYTES;
        next = if room { calls.try_recv().ok() } else { None };
    }
    (group, waiting)
}
