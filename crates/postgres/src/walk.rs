//! Reads a stored log from its first entry to its last.

use crate::{
    options::SubmissionOf,
    session::Session,
    tables::{self, KNOWN, StoredEntry, StoredHead, column, count, first_leaf},
    verify::VerifyError,
};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{EngineError, Sequencing, StateView, StateWrite};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    edge::Edge,
    merkle::{Hash, TreeHead},
    tile::{TileId, WIDTH},
};
use std::collections::BTreeMap;

/// Compares entries, digests, tiles, head, checkpoint and state with each other.
///
/// `session` is in a transaction that shows one moment of the log, of which `stored` is the head.
pub(crate) fn verify(
    session: &Session,
    stored: &StoredHead,
    sequencing: &dyn Sequencing,
    submission_of: Option<SubmissionOf>,
) -> Result<TreeHead, VerifyError> {
    let published = published(session)?;
    let size = stored.head.size;
    let mut walk = Walk {
        session,
        sequencing,
        submission_of,
        size,
        published,
        edge: Edge::empty(),
        state: Replayed::default(),
    };
    walk.check_published()?;
    while walk.edge.frontier.size() < size {
        walk.read_tile()?;
    }
    walk.check_edge(stored)?;
    walk.check_state()?;
    Ok(stored.head)
}

fn published(session: &Session) -> Result<Option<TreeHead>, VerifyError> {
    let Some((head, note)) = tables::checkpoint(session)? else { return Ok(None) };
    let claimed = note.parse().map(|note: SignedCheckpoint| note.claimed_head());
    let same = claimed.is_ok_and(|claimed| claimed == head);
    if same { Ok(Some(head)) } else { Err(VerifyError::Published { published: head.size }) } // [PGL-18]
}

/// What the entries read so far lead to.
struct Walk<'a> {
    session: &'a Session,
    sequencing: &'a dyn Sequencing,
    submission_of: Option<SubmissionOf>,
    /// What the stored head claims.
    size: u64,
    published: Option<TreeHead>,
    edge: Edge,
    state: Replayed,
}

impl Walk<'_> {
    /// Reads the entries under the next tile of leaves.
    fn read_tile(&mut self) -> Result<(), VerifyError> {
        let start = self.edge.frontier.size();
        let end = self.size.min(start + u64::from(WIDTH));
        let id = TileId::holding(0, start, self.size).ok_or(VerifyError::Entry { index: start })?;
        let leaves = tables::tile(self.session, id)?.ok_or(VerifyError::Entry { index: start })?;
        let entries = tables::stored_entries(self.session, &(start..end))?;
        self.check_known(start, &entries)?;
        for (entry, leaf) in entries.iter().zip(leaves.chunks(32)) {
            self.step(entry, leaf)?;
        }
        Ok(())
    }

    fn step(&mut self, entry: &StoredEntry, stored: &[u8]) -> Result<(), VerifyError> {
        let index = self.edge.frontier.size();
        let leaf = Hash::leaf(&entry.data);
        if leaf.as_bytes() != stored {
            return Err(VerifyError::Entry { index }); // [PGL-15]
        }
        let submission = self.submission_of.and_then(|submission_of| submission_of(&entry.data));
        if submission.is_some_and(|submission| sha256(&submission).as_slice() != entry.digest) {
            return Err(VerifyError::Submission { index }); // [PGL-21]
        }
        let writes = self.sequencing.replay(&self.state, index, &entry.data);
        self.state.write(writes.map_err(|reason| VerifyError::Unlawful { index, reason })?); // [PGL-19]
        let session = self.session;
        self.edge.append(leaf, |id, content| compare(session, id, content))?;
        self.check_published()
    }

    /// Whether the writer, asked as it asks, would find each of these entries, and no other, by its digest.
    fn check_known(&self, start: u64, entries: &[StoredEntry]) -> Result<(), VerifyError> {
        let digests: Vec<&[u8]> = entries.iter().map(|entry| entry.digest.as_slice()).collect();
        let mut found = Vec::new();
        for row in self.session.rows(KNOWN, &[&digests])? {
            found.push((count(column(&row, 1)?)?, column::<Vec<u8>>(&row, 0)?));
        }
        found.sort_unstable();
        let mut found = found.into_iter();
        for (index, entry) in (start..).zip(entries) {
            if entry.digest.len() != 32 || found.next() != Some((index, entry.digest.clone())) {
                return Err(VerifyError::Submission { index }); // [PGL-21]
            }
        }
        found.next().map_or(Ok(()), |(index, _)| Err(VerifyError::Submission { index }))
    }

    fn check_published(&self) -> Result<(), VerifyError> {
        let Some(published) = self.published else { return Ok(()) };
        let frontier = &self.edge.frontier;
        let departs = frontier.size() == published.size && frontier.head() != published;
        if departs || published.size > self.size {
            return Err(VerifyError::Published { published: published.size }); // [PGL-18]
        }
        Ok(())
    }

    fn check_edge(&mut self, stored: &StoredHead) -> Result<(), VerifyError> {
        let session = self.session;
        self.edge.take_changed().try_for_each(|(id, content)| compare(session, id, content))?;
        if !stored.is_at(&self.edge.frontier) {
            return Err(VerifyError::Head { size: self.size }); // [PGL-09]
        }
        if tables::has_others(session, self.size)? {
            return Err(VerifyError::Entry { index: self.size }); // [PGL-15]
        }
        Ok(())
    }

    fn check_state(&self) -> Result<(), VerifyError> {
        let mut seen = 0;
        let right = tables::each_state(self.session, |key, value| {
            seen += 1;
            self.state.0.get(key).is_some_and(|computed| computed == value)
        })?;
        if right && seen == self.state.0.len() { Ok(()) } else { Err(VerifyError::State) } // [PGL-20]
    }
}

/// Compares a stored tile with what the entries lead to.
fn compare(session: &Session, id: TileId, computed: &[u8]) -> Result<(), VerifyError> {
    let stored = tables::tile(session, id)?.unwrap_or_default();
    let same = computed.chunks(32).zip(stored.chunks(32)).take_while(|(ours, theirs)| ours == theirs).count();
    if same * 32 == computed.len() {
        return Ok(());
    }
    let offset = u64::try_from(same).unwrap_or(u64::MAX) << (8 * u32::from(id.level()));
    Err(VerifyError::Entry { index: first_leaf(id) + offset }) // [PGL-15]
}

/// The state that the entries lead to.
#[derive(Default)]
struct Replayed(BTreeMap<Vec<u8>, Vec<u8>>);

impl Replayed {
    fn write(&mut self, writes: Vec<StateWrite>) {
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => drop(self.0.insert(key, value)),
                None => drop(self.0.remove(&key)),
            }
        }
    }
}

impl StateView for Replayed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}
