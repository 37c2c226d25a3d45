//! Group commit: one thread commits for everybody who waits.

use crate::sqlite::{StorageError, storage};
use rusqlite::config::DbConfig;
use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread::{self, JoinHandle},
};

/// Something with transactions.
pub(crate) trait Transactional: Send + 'static {
    /// Opens a transaction.
    fn begin(&mut self) -> rusqlite::Result<()>;
    /// Makes it durable.
    fn commit(&mut self) -> rusqlite::Result<()>;
    /// Undoes it, whatever state it is in.
    fn roll_back(&mut self) -> rusqlite::Result<()>;
    /// Leaves the files as they are from now on, also when this value is dropped.
    fn abandon(&mut self);
}

/// What a caller wants done; it leaves its value with the caller itself.
#[expect(clippy::type_complexity, reason = "this struct is the name of the type")]
struct Work<C>(Box<dyn FnOnce(&mut C) -> rusqlite::Result<()> + Send>);

struct Call<C> {
    work: Work<C>,
    done: SyncSender<Result<(), StorageError>>,
}

/// Most calls in one transaction, so that the first of a long queue does not wait for the last.
const MAX_GROUP: usize = 1_024;

/// The thread that owns the writing connection.
///
/// No timer and no batching window: whoever calls while a commit runs is part of the next one.
#[derive(Debug)]
pub(crate) struct Committer<C> {
    calls: Option<Sender<Call<C>>>,
    stopped: AtomicBool,
    thread: Option<JoinHandle<()>>,
}

impl<C: Transactional> Committer<C> {
    /// Starts the thread; it ends when this value is dropped, after the calls that were made.
    pub(crate) fn start(target: C) -> io::Result<Self> {
        let (sender, calls) = mpsc::channel();
        let thread =
            thread::Builder::new().name("sinpyo-commit".into()).spawn(move || run(target, &calls))?;
        Ok(Self { calls: Some(sender), stopped: AtomicBool::new(false), thread: Some(thread) })
    }

    /// Runs `work` in a transaction and returns its value after that transaction is durable.
    ///
    /// An error of one `work` undoes the whole group: only a failing database is an error, a refusal is
    /// a value.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut C) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        if self.stopped.load(Ordering::SeqCst) {
            return Err(StorageError::Stopped);
        }
        let (value, outcome) = mpsc::sync_channel(1);
        let (done, committed) = mpsc::sync_channel(1);
        let work = Box::new(move |target: &mut C| {
            let result = work(target)?;
            // The caller waits below with both ends in hand, so that nothing here can fail.
            let _ = value.send(result);
            Ok(())
        });
        let calls = self.calls.as_ref().ok_or(StorageError::Stopped)?;
        calls.send(Call { work: Work(work), done }).map_err(|_| StorageError::Stopped)?;
        committed.recv().map_err(|_| StorageError::Stopped)??;
        outcome.recv().map_err(|_| StorageError::Stopped)
    }

    /// Takes no further calls.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

impl<C> Drop for Committer<C> {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread has already been reported to every caller as `Stopped`.
            let _ = thread.join();
        }
    }
}

fn run<C: Transactional>(mut target: C, calls: &Receiver<Call<C>>) {
    while let Ok(first) = calls.recv() {
        let group = std::iter::once(first).chain(calls.try_iter().take(MAX_GROUP - 1));
        let (work, waiting): (Vec<_>, Vec<_>) = group.map(|call| (call.work, call.done)).unzip();
        let outcome = transact(&mut target, work);
        // Before anybody hears of the failure, so that who reads next sees the last commit.
        let undone = outcome.is_ok() || target.roll_back().is_ok();
        // Nobody hears of success before the commit has returned. [STO-09]
        for done in waiting {
            // A caller that died is no reason to stop.
            let _ = done.send(outcome);
        }
        if !undone || outcome.is_err_and(|error| !error.is_passing()) {
            return stop(target, calls);
        }
    }
}

/// After a failed sync the kernel may have dropped the dirty pages and report success the next time: the only
/// safe continuation is none. [STO-06]
fn stop<C: Transactional>(mut target: C, calls: &Receiver<Call<C>>) {
    target.abandon();
    for call in calls {
        let _ = call.done.send(Err(StorageError::Stopped));
    }
}

fn transact<C: Transactional>(target: &mut C, group: Vec<Work<C>>) -> Result<(), StorageError> {
    let attempt = || {
        target.begin()?;
        for Work(work) in group {
            work(target)?;
        }
        target.commit()
    };
    attempt().map_err(|error: rusqlite::Error| storage(&error))
}

impl Transactional for rusqlite::Connection {
    // Taking the write lock at once: a transaction that reads first and is then refused the lock would have
    // to be repeated.
    fn begin(&mut self) -> rusqlite::Result<()> {
        self.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(drop)
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        self.prepare_cached("COMMIT")?.execute([]).map(drop)
    }

    fn roll_back(&mut self) -> rusqlite::Result<()> {
        // SQLite undoes some failures by itself.
        if self.is_autocommit() { Ok(()) } else { self.execute_batch("ROLLBACK") }
    }

    fn abandon(&mut self) {
        // Closing would otherwise copy the write-ahead log into the database. It fails for unknown options only.
        let _ = self.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
}
