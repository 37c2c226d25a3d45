//! Ballots that wait to be checked, and which of them are checked together.
//!
//! A batch is of one election and style, because its ballots share their generators and keys, and of few rings, because
//! each ring costs as much as a few hundred ballots. Elections take turns; within one, whoever has waited longest is in
//! the next batch, with all others of that ring, and then those of the fullest rings.

use http::Response;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_crypto::hash::sha256;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    fmt,
};

/// Most ballots that wait, of all elections, and of one: 30 and 15 seconds of work.
const MOST: usize = 32_768;
const MOST_OF_ONE: usize = 16_384;
/// Most bytes of those that wait, of all elections, and of one: as many ballots of 4 KB.
const MOST_BYTES: usize = 128 << 20;
const MOST_BYTES_OF_ONE: usize = 64 << 20;
/// Most ballots in a batch: beyond that nothing is gained, and those in it wait.
const BATCH: usize = 1024;
/// Most rings in a batch: 65,536 points.
const RINGS: usize = 64;

/// Takes the answer to one request.
pub type Reply = Box<dyn FnOnce(Response<Vec<u8>>) + Send>;

/// What is checked together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lane {
    pub(crate) election: ElectionId,
    pub(crate) style: u16,
}

/// A ballot that waits.
pub(crate) struct Waiting {
    /// The ring by the ballot's own word.
    pub(crate) ring: u32,
    pub(crate) bytes: Vec<u8>,
    /// The digest of its admission token, if the election asks for one.
    pub(crate) token: Option<[u8; 32]>,
    pub(crate) reply: Reply,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("ring", &self.ring).finish_non_exhaustive()
    }
}

/// All that wait.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    lanes: BTreeMap<Lane, VecDeque<Waiting>>,
    /// Whose turn it is.
    turns: VecDeque<Lane>,
    length: usize,
    bytes: BTreeMap<ElectionId, usize>,
    /// The tokens of those who wait or are being checked, and the digests of their ballots: one pays for one check.
    tokens: BTreeMap<(ElectionId, [u8; 32]), [u8; 32]>,
}

/// Why a ballot cannot wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// Too many wait, or it waits already: its sender gave up before it was checked.
    Busy,
    /// Its token is with another that waits.
    Token,
}

impl Queue {
    /// Puts a ballot at the end; gives it back if there is no room.
    pub(crate) fn push(&mut self, lane: Lane, waiting: Waiting) -> Result<(), (Full, Waiting)> {
        let of_one: usize = self.of(&lane.election);
        let bytes: usize = self.bytes.values().sum();
        let bytes_of_one = self.bytes.get(&lane.election).copied().unwrap_or(0);
        if self.length >= MOST
            || of_one >= MOST_OF_ONE
            || bytes + waiting.bytes.len() > MOST_BYTES
            || bytes_of_one + waiting.bytes.len() > MOST_BYTES_OF_ONE
        {
            return Err((Full::Busy, waiting)); // [VTS-11]
        }
        if let Some(token) = waiting.token {
            let ballot = sha256(&waiting.bytes);
            match self.tokens.entry((lane.election, token)) {
                // To be asked for again: then it is in the log or was refused there, and the answer is final. [VTS-12]
                Entry::Occupied(held) if *held.get() == ballot => return Err((Full::Busy, waiting)),
                Entry::Occupied(_) => return Err((Full::Token, waiting)), // [VTS-12]
                Entry::Vacant(free) => {
                    free.insert(ballot);
                }
            }
        }
        let line = self.lanes.entry(lane).or_default();
        if line.is_empty() {
            self.turns.push_back(lane);
        }
        *self.bytes.entry(lane.election).or_default() += waiting.bytes.len();
        line.push_back(waiting);
        self.length += 1;
        Ok(())
    }

    fn of(&self, election: &ElectionId) -> usize {
        let (first, last) =
            (Lane { election: *election, style: 0 }, Lane { election: *election, style: u16::MAX });
        self.lanes.range(first..=last).map(|(_, line)| line.len()).sum()
    }

    /// The next batch; its tokens stay taken until [`Queue::done`].
    pub(crate) fn take(&mut self) -> Option<(Lane, Vec<Waiting>)> {
        let lane = self.turns.pop_front()?;
        let line = self.lanes.remove(&lane)?;
        let rings = chosen(&line);
        let (mut batch, mut rest) = (Vec::new(), VecDeque::new());
        for waiting in line {
            if batch.len() < BATCH && rings.contains(&waiting.ring) {
                batch.push(waiting);
            } else {
                rest.push_back(waiting);
            }
        }
        self.length -= batch.len();
        let taken: usize = batch.iter().map(|waiting| waiting.bytes.len()).sum();
        if let Some(bytes) = self.bytes.get_mut(&lane.election) {
            *bytes -= taken;
        }
        self.bytes.retain(|_, bytes| *bytes > 0);
        if !rest.is_empty() {
            self.lanes.insert(lane, rest);
            self.turns.push_back(lane);
        }
        Some((lane, batch))
    }

    /// The tokens of a batch may come again: the log knows now which are spent.
    pub(crate) fn done(&mut self, election: ElectionId, tokens: &[[u8; 32]]) {
        for token in tokens {
            self.tokens.remove(&(election, *token));
        }
    }
}

/// The rings of the next batch: that of the first in the line, then the fullest.
fn chosen(line: &VecDeque<Waiting>) -> BTreeSet<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for waiting in line {
        *counts.entry(waiting.ring).or_default() += 1;
    }
    let first = line.front().map(|waiting| waiting.ring);
    let mut order: Vec<(u32, usize)> = counts.into_iter().collect();
    order.sort_by_key(|(ring, count)| (Some(*ring) != first, std::cmp::Reverse(*count)));
    let (mut rings, mut ballots) = (BTreeSet::new(), 0);
    for (ring, count) in order {
        if ballots >= BATCH || rings.len() >= RINGS {
            break;
        }
        rings.insert(ring);
        ballots += count;
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(election: u8, style: u16) -> Lane {
        Lane { election: ElectionId([election; 32]), style }
    }

    fn ballot(ring: u32, token: Option<u8>) -> Waiting {
        Waiting { ring, bytes: Vec::new(), token: token.map(|byte| [byte; 32]), reply: Box::new(|_| ()) }
    }

    #[test]
    fn elections_take_turns_and_the_oldest_is_never_passed_over() {
        let mut queue = Queue::default();
        queue.push(lane(1, 0), ballot(7, None)).unwrap();
        for number in 0..3000 {
            queue.push(lane(1, 0), ballot(number % 2, None)).unwrap();
        }
        queue.push(lane(2, 0), ballot(0, None)).unwrap();
        let (first, batch) = queue.take().unwrap();
        assert_eq!((first, batch.len(), batch[0].ring), (lane(1, 0), BATCH, 7));
        let (second, batch) = queue.take().unwrap();
        assert_eq!((second, batch.len()), (lane(2, 0), 1));
        let mut left = 3001 - BATCH;
        while let Some((lane_of, batch)) = queue.take() {
            assert_eq!(lane_of, lane(1, 0));
            left -= batch.len();
        }
        assert_eq!((left, queue.length), (0, 0));
    }

    #[test]
    fn a_batch_has_few_rings_the_fullest_first() {
        let mut queue = Queue::default();
        for ring in 0..200 {
            queue.push(lane(1, 0), ballot(ring, None)).unwrap();
        }
        for _ in 0..3 {
            queue.push(lane(1, 0), ballot(150, None)).unwrap();
        }
        let (_, batch) = queue.take().unwrap();
        let rings: BTreeSet<u32> = batch.iter().map(|waiting| waiting.ring).collect();
        assert_eq!(rings.len(), RINGS);
        assert!(rings.contains(&0) && rings.contains(&150));
    }

    #[test]
    fn there_is_an_end_to_waiting() {
        let mut queue = Queue::default();
        for _ in 0..MOST_OF_ONE {
            queue.push(lane(1, 0), ballot(0, None)).unwrap();
        }
        assert_eq!(queue.push(lane(1, 1), ballot(0, None)).unwrap_err().0, Full::Busy);
        assert!(queue.push(lane(2, 0), ballot(0, None)).is_ok(), "another election is not kept out");
    }

    #[test]
    fn long_bodies_fill_no_memory() {
        let long = || Waiting { bytes: vec![0; 1 << 20], ..ballot(0, None) };
        let mut queue = Queue::default();
        for _ in 0..64 {
            queue.push(lane(1, 0), long()).unwrap();
        }
        assert_eq!(queue.push(lane(1, 1), long()).unwrap_err().0, Full::Busy);
        assert_eq!(
            queue.push(lane(1, 1), Waiting { bytes: vec![0], ..ballot(0, None) }).unwrap_err().0,
            Full::Busy
        );
        for _ in 0..64 {
            queue.push(lane(2, 0), long()).unwrap();
        }
        assert_eq!(queue.push(lane(3, 0), long()).unwrap_err().0, Full::Busy);
        queue.take().unwrap();
        assert!(queue.push(lane(1, 0), long()).is_ok(), "what is being checked waits no more");
    }

    #[test]
    fn one_token_waits_once() {
        let mut queue = Queue::default();
        let other = || Waiting { bytes: vec![1], ..ballot(0, Some(5)) };
        queue.push(lane(1, 0), ballot(0, Some(5))).unwrap();
        assert_eq!(queue.push(lane(1, 0), other()).unwrap_err().0, Full::Token);
        assert!(queue.push(lane(2, 0), other()).is_ok(), "tokens belong to an election");
        let _ = queue.take();
        assert_eq!(queue.push(lane(1, 0), other()).unwrap_err().0, Full::Token);
        queue.done(ElectionId([1; 32]), &[[5; 32]]);
        assert!(queue.push(lane(1, 0), other()).is_ok());
    }

    /// Who gave up waiting posts again: to be refused for good now would be a lie about the first copy.
    #[test]
    fn the_same_ballot_again_is_told_to_wait_for_its_first_copy() {
        let mut queue = Queue::default();
        queue.push(lane(1, 0), ballot(0, Some(5))).unwrap();
        assert_eq!(queue.push(lane(1, 0), ballot(0, Some(5))).unwrap_err().0, Full::Busy);
        let _ = queue.take();
        assert_eq!(queue.push(lane(1, 0), ballot(0, Some(5))).unwrap_err().0, Full::Busy);
    }
}
