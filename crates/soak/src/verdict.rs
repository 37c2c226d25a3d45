//! The journals against the log as it ended up.

use crate::{
    journal::{self, Record},
    remote_log::RemoteLog,
};
use anyhow::Result;
use sinpyo_crypto::hash::sha256;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Frontier, Hash, TreeHead, prove_consistency, prove_inclusion},
    note::LogKey,
    tile::TileNodes,
};
use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

/// What was found. Good if all four counts are zero and something was acknowledged.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Different operations that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Entries of the log.
    pub(crate) entries: u64,
    /// Different checkpoints that clients saw.
    pub(crate) checkpoints: u64,
    /// Acknowledged, and not proven at the index that the acknowledgement names.
    pub(crate) lost: u64,
    /// Operations with two places in the log, or acknowledged with two.
    pub(crate) doubled: u64,
    /// Signed checkpoints that are no prefix of the log, and entries that do not lead to its root.
    pub(crate) split: u64,
    /// Entries whose ledger time is before that of the entry before them.
    pub(crate) backward: u64,
    /// The first few, in words.
    pub(crate) findings: Vec<String>,
}

const FINDINGS: usize = 20;

impl Verdict {
    /// Whether the log kept its word.
    pub(crate) const fn is_good(&self) -> bool {
        self.acknowledged > 0 && self.lost == 0 && self.doubled == 0 && self.split == 0 && self.backward == 0
    }

    fn find(&mut self, finding: impl FnOnce() -> String) -> u64 {
        if self.findings.len() < FINDINGS {
            self.findings.push(finding());
        }
        1
    }
}

/// What is known of an operation: 60 bytes for each that was acknowledged or logged.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    acknowledged: Option<u64>,
    found: Option<u64>,
}

/// What all journals say together.
#[derive(Debug, Default)]
struct Testimony {
    /// By SHA-256 of the operation.
    operations: HashMap<[u8; 32], Places>,
    /// By size and root; one signature is enough.
    checkpoints: HashMap<(u64, [u8; 32]), SignedCheckpoint>,
    last_index: u64,
}

/// Judges the log of `key` at `server` by `journals`.
///
/// # Errors
/// A journal or the log cannot be read: there is no verdict.
pub(crate) fn judge(journals: &[PathBuf], server: SocketAddr, key: &LogKey) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut testimony = hear(journals, &mut verdict)?;
    let log = RemoteLog::open(server, key, testimony.last_index + 1)?;
    read(&log, &mut testimony, &mut verdict)?;
    for (digest, places) in &testimony.operations {
        if let (Some(index), None) = (places.acknowledged, places.found) {
            verdict.lost +=
                verdict.find(|| format!("acknowledged at {index}, nowhere in the log: {}", name(digest)));
        }
    }
    for checkpoint in testimony.checkpoints.values() {
        let head = checkpoint.claimed_head();
        if checkpoint.verify(key).is_ok() && !is_prefix(head, &log)? {
            verdict.split += verdict.find(|| format!("no prefix of the log: checkpoint of {}", head.size));
        }
    }
    Ok(verdict)
}

fn hear(journals: &[PathBuf], verdict: &mut Verdict) -> Result<Testimony> {
    let mut testimony = Testimony::default();
    for journal in journals {
        journal::read(journal, |record| {
            match record {
                Record::Acknowledged { operation, index } => {
                    let digest = sha256(&operation);
                    let known = testimony.operations.entry(digest).or_default();
                    match known.acknowledged.replace(index) {
                        None => verdict.acknowledged += 1,
                        Some(first) if first != index => {
                            verdict.doubled += verdict
                                .find(|| format!("acknowledged at {first} and {index}: {}", name(&digest)));
                        }
                        Some(_) => {}
                    }
                    testimony.last_index = testimony.last_index.max(index);
                }
                Record::Saw(checkpoint) => {
                    let head = checkpoint.claimed_head();
                    testimony.checkpoints.insert((head.size, *head.root.as_bytes()), checkpoint);
                }
            }
            Ok(())
        })?;
    }
    verdict.checkpoints = testimony.checkpoints.len().try_into()?;
    Ok(testimony)
}

/// Reads the whole log: every acknowledged operation is proven at its place.
fn read(log: &RemoteLog, testimony: &mut Testimony, verdict: &mut Verdict) -> Result<()> {
    let head = log.head();
    let mut frontier = Frontier::new();
    let mut last_time = Vec::new();
    log.entries(|index, entry| {
        let leaf = Hash::leaf(entry);
        frontier.append(leaf);
        let Some((operation, time)) = parts(entry) else { return Ok(()) };
        if time < last_time.as_slice() {
            verdict.backward += verdict.find(|| format!("ledger time went back at {index}"));
        }
        last_time = time.to_vec();
        let digest = sha256(operation);
        let places = testimony.operations.entry(digest).or_default();
        if let Some(first) = places.found {
            verdict.doubled += verdict.find(|| format!("at {first} and {index}: {}", name(&digest)));
            return Ok(());
        }
        places.found = Some(index);
        if let Some(acknowledged) = places.acknowledged {
            let path = prove_inclusion(&TileNodes::new(log, head.size), index, head.size)?;
            if acknowledged != index || head.verify_inclusion(leaf, index, &path).is_err() {
                let found = || format!("acknowledged at {acknowledged}, found at {index}: {}", name(&digest));
                verdict.lost += verdict.find(found);
            }
        }
        Ok(())
    })?;
    verdict.entries = head.size;
    if frontier.head() != head {
        verdict.split += verdict.find(|| "the entries do not lead to the root of the checkpoint".to_owned());
    }
    Ok(())
}

/// Whether the log still begins with the tree of `older`.
fn is_prefix(older: TreeHead, log: &RemoteLog) -> Result<bool> {
    let newer = log.head();
    if older.size > newer.size {
        return Ok(false);
    }
    let path = prove_consistency(&TileNodes::new(log, newer.size), older.size, newer.size)?;
    Ok(newer.verify_consistency(older, &path).is_ok())
}

/// Operation and time of an entry `{"op":…,"time":"…","v":1}`.
fn parts(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    const MEMBER: &[u8] = b",\"time\":\"";
    let inner = entry.strip_prefix(b"{\"op\":")?.strip_suffix(b"\",\"v\":1}")?;
    let middle = inner.windows(MEMBER.len()).rposition(|window| window == MEMBER)?;
    let (operation, time) = inner.split_at_checked(middle)?;
    Some((operation, time.strip_prefix(MEMBER)?))
}

fn name(digest: &[u8; 32]) -> String {
    let [first, ..] = digest.as_chunks::<8>().0 else { return String::new() };
    format!("{:016x}", u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests;
