//! What a voter's wallet must not lose of one election, and shows to nobody.

mod text;

use super::{Election, link::Place, way::Way};
use crate::manifest::Words;
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::fmt;

/// Most receipts that are kept; the oldest are forgotten.
const MAX_RECEIPTS: usize = 16;

/// One voter in one election: seed, slot, admission tokens, receipts. Neither choices nor what made a ballot.
///
/// Whoever has it can vote in the voter's place: it belongs into the sealed wallet, by [`Voter::write`]. It is not
/// `Clone`, prints nothing, and is erased when it is dropped.
pub struct Voter {
    pub(super) place: Place,
    /// What the election is called, by language.
    pub(super) title: Words,
    pub(super) seed: Secret<[u8; 32]>,
    /// The head of the log that was seen last.
    pub(super) head: Option<TreeHead>,
    /// How ballots go, as it was first said or the voter then agreed.
    pub(super) way: Option<Way>,
    pub(super) standing: Standing,
    pub(super) posting: Option<Posting>,
    pub(super) receipts: Vec<KeptReceipt>,
    /// Not before that is the newest receipt proven.
    pub(super) prove_at: Option<Timestamp>,
}

/// How far a voter is with registering.
pub(super) enum Standing {
    /// Not at all.
    New,
    /// The request was made, and may have been sent: only it is sent again.
    Asked(Box<Request>),
    /// In the roll.
    Registered(Registered),
}

/// A request to be registered.
pub(super) struct Request {
    pub(super) code: Secret<String>,
    pub(super) slot: [u8; 16],
    pub(super) district: u32,
    /// The signed request, as it was or will be sent.
    pub(super) signed: String,
    /// What the holder shows along with it, JSON.
    pub(super) presentation: Option<Secret<String>>,
    /// What takes the blinding off the admission tokens.
    pub(super) pending: Vec<Secret<Vec<u8>>>,
    /// Profile `token`: what takes the blinding off the signature of the tag.
    pub(super) permit: Option<Secret<Vec<u8>>>,
}

/// A line of the roll.
pub(super) struct Registered {
    pub(super) slot: [u8; 16],
    pub(super) district: u32,
    /// Which entry of the log says so.
    pub(super) index: u64,
    /// Not spent yet.
    pub(super) tokens: Vec<Secret<Vec<u8>>>,
    /// Profile `token`: randomizer and signature.
    pub(super) permit: Option<Secret<Vec<u8>>>,
}

/// A ballot on its way: it is sent until it is answered, byte for byte the same.
pub(super) struct Posting {
    pub(super) ballot: Vec<u8>,
    pub(super) token: Option<Secret<Vec<u8>>>,
}

/// That a ballot was taken. It says nothing about what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReceipt {
    pub(super) index: u64,
    pub(super) tracking: String,
    pub(super) leaf: Hash,
    pub(super) state: ReceiptState,
}

/// How far a receipt is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// The board said that it took the ballot.
    Promised,
    /// The ballot is in the log, under a head that the witnesses cosigned.
    Proven,
}

impl KeptReceipt {
    /// Which entry of the log the ballot is.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The tracking code, without spaces.
    pub fn tracking(&self) -> &str {
        &self.tracking
    }

    /// How far it is proven.
    pub const fn state(&self) -> ReceiptState {
        self.state
    }
}

impl Voter {
    /// Somebody who wants to vote there, with a seed of their own.
    pub fn new(place: Place, entropy: &mut dyn Entropy) -> Self {
        let mut seed = Secret::new([0; 32]);
        fill(&mut seed, entropy);
        Self {
            place,
            title: Words::new(),
            seed,
            head: None,
            way: None,
            standing: Standing::New,
            posting: None,
            receipts: Vec::new(),
            prove_at: None,
        }
    }

    /// Where they vote.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// What the election is called, by language; empty while it was not read.
    pub const fn title(&self) -> &Words {
        &self.title
    }

    /// Remembers who called the election, what it is called, and the head of its log: from then on the log must go on from
    /// there. The way of its ballots is remembered when it is seen first, and stays. Whether that is new, and so to be kept.
    pub fn saw(&mut self, election: &Election) -> bool {
        let (place, title, head) = (election.place(), &election.manifest().title, election.head());
        if self.place == *place && self.title == *title && self.head == Some(head) && self.way.is_some() {
            return false;
        }
        (self.place, self.title, self.head) = (place.clone(), title.clone(), Some(head));
        let _ = self.way.get_or_insert_with(|| election.way().clone());
        true
    }

    /// How ballots go, as it was first said or the voter then agreed; nothing while the election was not read.
    pub const fn way(&self) -> Option<&Way> {
        self.way.as_ref()
    }

    /// Whether ballots would still go the way that was seen. [VTR-18]
    pub fn agrees(&self, election: &Election) -> bool {
        self.way.as_ref().is_none_or(|way| way == election.way())
    }

    /// Agrees that ballots go the way that the service says now. The record is to be kept.
    pub fn agree(&mut self, election: &Election) {
        self.way = Some(election.way().clone());
    }

    /// Remembers that the newest receipt is not to be proven before then: who asks for the end of the log just after a ballot
    /// came through a relay, tells the board whose it is.
    pub const fn prove_at(&mut self, at: Timestamp) {
        self.prove_at = Some(at);
    }

    /// From when on the newest receipt is to be proven, if that is not to be done at once.
    pub const fn proves_at(&self) -> Option<Timestamp> {
        self.prove_at
    }

    /// Whether the registrar has confirmed that they are in the roll.
    pub const fn is_registered(&self) -> bool {
        matches!(self.standing, Standing::Registered(_))
    }

    /// Whether a request to be registered may be on its way.
    pub const fn is_asking(&self) -> bool {
        matches!(self.standing, Standing::Asked(_))
    }

    /// Whether a ballot may be on its way.
    pub const fn is_posting(&self) -> bool {
        self.posting.is_some()
    }

    /// Their slot in the roll.
    pub const fn slot(&self) -> Option<&[u8; 16]> {
        match &self.standing {
            Standing::Registered(registered) => Some(&registered.slot),
            Standing::New | Standing::Asked(_) => None,
        }
    }

    /// Their district's number in the manifest.
    pub const fn district(&self) -> Option<u32> {
        match &self.standing {
            Standing::Registered(registered) => Some(registered.district),
            Standing::New | Standing::Asked(_) => None,
        }
    }

    /// How many ballots can still be paid for.
    pub fn tokens(&self) -> usize {
        match &self.standing {
            Standing::Registered(registered) => registered.tokens.len(),
            Standing::New | Standing::Asked(_) => 0,
        }
    }

    /// The receipts, the oldest first. By `revote` of the manifest the last one counts, or the first.
    pub fn receipts(&self) -> &[KeptReceipt] {
        &self.receipts
    }

    pub(super) fn keep_receipt(&mut self, receipt: KeptReceipt) {
        self.receipts.retain(|known| known.index != receipt.index);
        self.receipts.push(receipt);
        if self.receipts.len() > MAX_RECEIPTS {
            self.receipts.remove(0);
        }
    }
}

impl fmt::Debug for Voter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voter").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Draws 32 bytes in place.
pub(super) fn fill(secret: &mut Secret<[u8; 32]>, entropy: &mut dyn Entropy) {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    *secret = Secret::new(bytes);
    zeroize::Zeroize::zeroize(&mut bytes);
}
