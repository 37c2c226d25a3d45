//! What can be done with an entry before its turn: many at a time.

use super::Machine;
use crate::{
    event::{EventError, SignedEvent, UnverifiedEvent},
    manifest::Manifest,
    record::Found,
};
use sinpyo_tlog::merkle::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// An entry with its leaf hash.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) found: Found,
    pub(super) leaf: Hash,
    pub(super) content: Content,
}

/// What an entry is.
#[derive(Debug)]
pub(super) enum Content {
    /// By its first byte.
    Ballot,
    /// An event; its signature was checked under the manifest that was the newest before the chunk began.
    Event(Result<SignedEvent, EventError>),
    /// An event that waits for its turn to be checked.
    Waiting,
    /// Neither.
    Unknown,
}

/// Parses a chunk of entries, and checks the signatures of its events with the keys of `manifest`.
pub(super) fn parse(
    entries: Vec<Found>,
    manifest: Option<&Arc<Manifest>>,
    machine: &dyn Machine,
) -> Vec<Parsed> {
    let cells: Vec<Mutex<Option<(Hash, Content)>>> = entries.iter().map(|_| Mutex::new(None)).collect();
    let step = 64;
    machine.run(entries.len().div_ceil(step), &|job| {
        let range = job.saturating_mul(step)..job.saturating_add(1).saturating_mul(step).min(entries.len());
        let pairs =
            entries.get(range.clone()).into_iter().flatten().zip(cells.get(range).into_iter().flatten());
        for (found, cell) in pairs {
            let parsed = (Hash::leaf(&found.bytes), content(&found.bytes, manifest));
            *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(parsed);
        }
    });
    let parsed = |(found, cell): (Found, Mutex<Option<(Hash, Content)>>)| {
        let done = cell.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A machine that left a job out costs time, nothing else.
        let (leaf, content) =
            done.unwrap_or_else(|| (Hash::leaf(&found.bytes), content(&found.bytes, manifest)));
        Parsed { found, leaf, content }
    };
    entries.into_iter().zip(cells).map(parsed).collect()
}

fn content(bytes: &[u8], manifest: Option<&Arc<Manifest>>) -> Content {
    match bytes.first() {
        Some(&crate::election::BALLOT) => Content::Ballot,
        Some(b'{') => match (UnverifiedEvent::parse(bytes), manifest) {
            (Err(error), _) => Content::Event(Err(error)),
            (Ok(_), None) => Content::Waiting,
            (Ok(event), Some(manifest)) => match manifest.key_of(event.claimed_role()) {
                Some(key) => Content::Event(event.verify(key)),
                None => Content::Event(Err(EventError::Role)),
            },
        },
        _ => Content::Unknown,
    }
}
