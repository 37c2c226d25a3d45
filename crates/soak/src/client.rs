//! A client: creates organisations one after the other, and writes down what it was told.

use crate::{
    journal::Journal,
    web::{self, Answer},
};
use anyhow::{Context as _, Result};
use sinpyo_core::{document::DidDocument, key::Entropy as _};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::did_tlog::{self, Control};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::TreeHead,
    note::{LogKey, Origin},
};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

/// Between two operations of one client: faults are looked for, not speed.
const PACE: Duration = Duration::from_millis(8);
/// Between two attempts with the same bytes.
const RETRY: Duration = Duration::from_millis(50);
/// How long an operation that is under way at the end may still be tried.
const LAST: Duration = Duration::from_secs(10);
/// Each so manieth operation is given to the next client too, and each so manieth is sent again later.
const SHARED: u64 = 7;
const AGAIN: u64 = 5;
/// Each so many operations the checkpoint is looked at.
const LOOK: u64 = 10;
/// Complaints kept: the first ones tell.
const COMPLAINTS: usize = 50;

/// What clients, faults and the report share.
#[derive(Debug, Default)]
pub(crate) struct Load {
    stopping: AtomicBool,
    admitted: AtomicU64,
    repeated: AtomicU64,
    complaints: Mutex<Vec<String>>,
}

impl Load {
    /// Clients finish what they are at and end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Acknowledgements of bytes that are new to the log.
    pub(crate) fn admitted(&self) -> u64 {
        self.admitted.load(Ordering::SeqCst)
    }

    /// Acknowledgements of bytes that the log had: sent by two clients, twice by one, or again after a fault.
    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::SeqCst)
    }

    /// Something is wrong that no journal shows.
    pub(crate) fn complain(&self, complaint: String) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.len() < COMPLAINTS {
            eprintln!("soak: {complaint}");
            complaints.push(complaint);
        }
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// One client, with the next one's inbox.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    load: &'a Load,
    server: SocketAddr,
    key: &'a LogKey,
    journal: Journal,
    entropy: TestEntropy,
    inbox: Receiver<Vec<u8>>,
    next: SyncSender<Vec<u8>>,
    last_seen: Option<TreeHead>,
    /// Bytes to send again some day, few.
    old: VecDeque<Vec<u8>>,
}

/// Which client it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) number: u32,
    pub(crate) seed: u64,
    /// Where its journal goes.
    pub(crate) folder: &'a Path,
}

impl<'a> Client<'a> {
    /// A client of the log of `key` at `server`.
    ///
    /// # Errors
    /// Its journal cannot be created.
    pub(crate) fn new(
        identity: Identity<'_>,
        load: &'a Load,
        (server, key): (SocketAddr, &'a LogKey),
        (inbox, next): (Receiver<Vec<u8>>, SyncSender<Vec<u8>>),
    ) -> Result<Self> {
        Ok(Self {
            load,
            server,
            key,
            journal: Journal::create(identity.folder, identity.number)?,
            entropy: TestEntropy::new(identity.seed << 8 | u64::from(identity.number)),
            inbox,
            next,
            last_seen: None,
            old: VecDeque::new(),
        })
    }

    /// Submits until the load is stopped.
    ///
    /// # Errors
    /// The journal's own disk failed, or an operation cannot be made.
    pub(crate) fn run(mut self) -> Result<()> {
        for number in 1_u64.. {
            if self.load.is_stopping() {
                break;
            }
            if let Ok(theirs) = self.inbox.try_recv() {
                self.submit(&theirs)?;
            }
            if number.is_multiple_of(AGAIN)
                && let Some(old) = self.old.pop_front()
            {
                self.submit(&old)?;
            }
            let operation = operation(self.key.name(), &mut self.entropy)?;
            if number.is_multiple_of(SHARED) {
                // The other client's inbox may be full: then this one is sent once.
                let _full = self.next.try_send(operation.clone());
            }
            self.submit(&operation)?;
            if number.is_multiple_of(AGAIN) && self.old.len() < 100 {
                self.old.push_back(operation);
            }
            if number.is_multiple_of(LOOK) {
                self.look()?;
            }
            thread::sleep(PACE);
        }
        self.look()
    }

    /// Sends `operation` until it is acknowledged, as a client must that cannot know what became of it.
    fn submit(&mut self, operation: &[u8]) -> Result<()> {
        self.journal.sent(operation)?;
        let mut stopped = None;
        loop {
            if self.load.is_stopping() && stopped.get_or_insert_with(Instant::now).elapsed() > LAST {
                return Ok(());
            }
            let Ok(answer) = web::post(self.server, "/operations", operation) else {
                thread::sleep(RETRY);
                continue;
            };
            match answer.status {
                200 | 201 => return self.acknowledged(&answer),
                408 | 429 | 500.. => thread::sleep(answer.retry_after.map_or(RETRY, |wait| wait.min(LAST))),
                status => {
                    let text = String::from_utf8_lossy(&answer.body);
                    self.load.complain(format!("a good operation was refused with {status}: {text}"));
                    return Ok(());
                }
            }
        }
    }

    fn acknowledged(&mut self, answer: &Answer) -> Result<()> {
        let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
        let Some(index) = body.and_then(|body| body.get("index")?.as_u64()) else {
            self.load.complain("an acknowledgement names no index".to_owned());
            return Ok(());
        };
        self.journal.acknowledged(index)?;
        let counter = if answer.status == 201 { &self.load.admitted } else { &self.load.repeated };
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Writes down the checkpoint that the server shows, if it is another than last time.
    fn look(&mut self) -> Result<()> {
        let Some(answer) = web::get(self.server, "/checkpoint").ok().filter(|answer| answer.status == 200)
        else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&answer.body);
        match text.parse::<SignedCheckpoint>() {
            Ok(checkpoint) if checkpoint.verify(self.key).is_ok() => {
                let head = checkpoint.claimed_head();
                if self.last_seen.replace(head) != Some(head) {
                    self.journal.saw(&checkpoint)?;
                }
            }
            _ => self.load.complain("what /checkpoint shows is not signed by the log".to_owned()),
        }
        Ok(())
    }
}

/// The creation of an organisation with a key of its own.
fn operation(origin: &Origin, entropy: &mut TestEntropy) -> Result<Vec<u8>> {
    let key = SigningKey::generate(Algorithm::Ed25519, entropy);
    let public = key.verifying_key().clone();
    let signer = KeySigner::new("did:example:soak#key".parse()?, key);
    let draft = did_tlog::create(origin, Control::by(&public), |did| DidDocument::new(did.clone()));
    let signed = draft.context("no draft")?.sign(&signer, &public).context("not signed")?;
    Ok(signed.as_bytes().to_vec())
}

/// A number from 0 to `below` - 1.
pub(crate) fn draw(entropy: &mut TestEntropy, below: u64) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_be_bytes(bytes) % below.max(1)
}
