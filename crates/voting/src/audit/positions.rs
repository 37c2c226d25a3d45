//! Where ballots stand and which of them count (V8).

use super::{Check, Finding, reading::Fingerprint, report::Notes};
use crate::{manifest::Revote, record::Found};
use sinpyo_tlog::merkle::Hash;
use std::collections::HashMap;

/// Where a ballot stands, and what its header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct BallotAt {
    pub(super) index: u64,
    pub(super) offset: u32,
    /// Ring, or district in profile `token`.
    pub(super) place: u32,
    pub(super) length: u16,
    pub(super) counts: bool,
}

/// All ballots of a record, by position.
#[derive(Debug, Default)]
pub(super) struct Positions {
    pub(super) ballots: Vec<BallotAt>,
    /// All of their bytes.
    pub(super) seen: Fingerprint,
    /// The ballot of each tag that counts.
    tags: HashMap<[u8; 32], Known>,
    /// How many stand between open and close.
    pub(super) taken: u64,
    /// Further ballots of tags that have several.
    earlier: HashMap<[u8; 32], Vec<Hash>>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    ordinal: usize,
    leaf: Hash,
}

impl Positions {
    /// Takes the next ballot of the log.
    pub(super) fn take(&mut self, found: &Found, leaf: Hash, revote: Option<Revote>, notes: &mut Notes) {
        let header = found.bytes.get(3..7).and_then(|place| <[u8; 4]>::try_from(place).ok());
        let tag = found.bytes.get(8..40).and_then(|tag| <[u8; 32]>::try_from(tag).ok());
        let ordinal = self.ballots.len();
        let mut ballot = BallotAt {
            index: found.index,
            offset: found.offset,
            place: header.map_or(u32::MAX, u32::from_le_bytes),
            length: u16::try_from(found.bytes.len()).unwrap_or(u16::MAX),
            counts: false,
        };
        match (revote, tag) {
            (None, _) => {
                notes.object(Check::Tags, Finding::entry(found.index, "a ballot outside open to close"));
            } // [AUD-08]
            (Some(revote), Some(tag)) => {
                ballot.counts = self.counts(ordinal, tag, (found.index, leaf), revote, notes);
            }
            // Too short to be a ballot: V6 says so.
            (Some(_), None) => {}
        }
        self.taken = self.taken.saturating_add(u64::from(revote.is_some()));
        self.ballots.push(ballot);
    }

    /// Whether a ballot counts, as far as the log went.
    fn counts(
        &mut self,
        ordinal: usize,
        tag: [u8; 32],
        (index, leaf): (u64, Hash),
        revote: Revote,
        notes: &mut Notes,
    ) -> bool {
        let Some(known) = self.tags.get_mut(&tag) else {
            self.tags.insert(tag, Known { ordinal, leaf });
            return true;
        };
        let earlier = self.earlier.entry(tag).or_default();
        if known.leaf == leaf || earlier.contains(&leaf) {
            notes.object(Check::Tags, Finding::entry(index, "these bytes are in the log already")); // [AUD-08]
        }
        match revote {
            Revote::First => {
                notes.object(Check::Tags, Finding::entry(index, "the voter's first ballot counts")); // [AUD-08]
                earlier.push(leaf);
                false
            }
            Revote::Last => {
                earlier.push(known.leaf);
                if let Some(old) = self.ballots.get_mut(known.ordinal) {
                    old.counts = false;
                }
                *known = Known { ordinal, leaf };
                true
            }
        }
    }

    /// The entry of the ballot with this tag that counts.
    pub(super) fn counted(&self, tag: &[u8; 32]) -> Option<u64> {
        let known = self.tags.get(tag)?;
        self.ballots.get(known.ordinal).map(|ballot| ballot.index)
    }

    pub(super) fn len(&self) -> u64 {
        u64::try_from(self.ballots.len()).unwrap_or(u64::MAX)
    }
}
