//! What a voter's wallet must not lose of one election, and shows to nobody.

use super::{Election, VoterError, link::Place};
use crate::{
    form::{from_hex_array, to_hex},
    manifest::Words,
};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::fmt::{self, Write as _};

/// First line of a written record.
const FORMAT: &str = "sinpyo-voter/1";

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
    pub(super) standing: Standing,
    pub(super) posting: Option<Posting>,
    pub(super) receipts: Vec<KeptReceipt>,
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
        let title = Words::new();
        Self { place, title, seed, head: None, standing: Standing::New, posting: None, receipts: Vec::new() }
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
    /// there. Whether that is new, and so to be kept.
    pub fn saw(&mut self, election: &Election) -> bool {
        let (place, title, head) = (election.place(), &election.manifest().title, election.head());
        if self.place == *place && self.title == *title && self.head == Some(head) {
            return false;
        }
        (self.place, self.title, self.head) = (place.clone(), title.clone(), Some(head));
        true
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

    /// The record as text for the sealed wallet: one line for each member.
    pub fn write(&self) -> Secret<String> {
        let mut lines = Lines::new();
        lines.line("at", self.place.address());
        if let Some(host) = self.place.host() {
            lines.line("host", &to_hex(host));
        }
        for (language, text) in &self.title {
            lines.line("title", &format!("{language} {}", to_base64url(text.as_bytes())));
        }
        lines.secret("seed", self.seed.expose());
        if let Some(head) = self.head {
            lines.line("head", &format!("{} {}", head.size, to_hex(head.root.as_bytes())));
        }
        match &self.standing {
            Standing::New => {}
            Standing::Asked(request) => request.write(&mut lines),
            Standing::Registered(registered) => registered.write(&mut lines),
        }
        if let Some(posting) = &self.posting {
            lines.secret("ballot", &posting.ballot);
            posting.token.iter().for_each(|token| lines.secret("pay", token.expose()));
        }
        for receipt in &self.receipts {
            let state = match receipt.state {
                ReceiptState::Promised => "promised",
                ReceiptState::Proven => "proven",
            };
            let leaf = to_hex(receipt.leaf.as_bytes());
            lines.line("receipt", &format!("{} {} {leaf} {state}", receipt.index, receipt.tracking));
        }
        Secret::new(lines.0)
    }

    /// Reads what [`Voter::write`] wrote.
    ///
    /// # Errors
    /// It did not write that.
    pub fn read(text: &Secret<String>) -> Result<Self, VoterError> {
        Draft::read(text.expose()).and_then(Draft::finish).ok_or(VoterError::Record) // [VTR-05]
    }
}

impl Request {
    fn write(&self, lines: &mut Lines) {
        lines.line("code", self.code.expose());
        lines.line("asked", &format!("{} {} {}", to_hex(&self.slot), self.district, self.signed));
        self.pending.iter().for_each(|kept| lines.secret("pending", kept.expose()));
        self.permit.iter().for_each(|kept| lines.secret("hidden", kept.expose()));
        self.presentation.iter().for_each(|shown| lines.secret("shown", shown.expose().as_bytes()));
    }
}

impl Registered {
    fn write(&self, lines: &mut Lines) {
        let slot = to_hex(&self.slot);
        lines.line("slot", &format!("{slot} {} {}", self.district, self.index));
        self.permit.iter().for_each(|permit| lines.secret("permit", permit.expose()));
        self.tokens.iter().for_each(|token| lines.secret("token", token.expose()));
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

/// Text in one buffer, long enough from the beginning, so that no part of it is left behind by growing.
struct Lines(String);

impl Lines {
    fn new() -> Self {
        let mut text = String::with_capacity(64 << 10);
        text.push_str(FORMAT);
        text.push('\n');
        Self(text)
    }

    fn line(&mut self, name: &str, value: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn secret(&mut self, name: &str, value: &[u8]) {
        let value = Secret::new(to_base64url(value));
        self.line(name, value.expose());
    }
}

/// A record that is being read.
struct Draft {
    place: Option<Place>,
    title: Words,
    seed: Option<Secret<[u8; 32]>>,
    head: Option<TreeHead>,
    code: Option<Secret<String>>,
    standing: Standing,
    posting: Option<Posting>,
    receipts: Vec<KeptReceipt>,
}

impl Draft {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FORMAT {
            return None;
        }
        let (place, seed, head, code, posting) = (None, None, None, None, None);
        let title = Words::new();
        let mut draft =
            Self { place, title, seed, head, code, standing: Standing::New, posting, receipts: Vec::new() };
        for line in lines {
            let (name, value) = line.split_once(' ')?;
            draft.take(name, value)?;
        }
        Some(draft)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "at" if self.place.is_none() => self.place = Some(Place::parse(value).ok()?),
            "host" => self.place = Some(self.place.take()?.called_by(from_hex_array(value)?)),
            "title" => {
                let (language, text) = value.split_once(' ')?;
                let text = String::from_utf8(from_base64url(text).ok()?).ok()?;
                self.title.insert(language.to_owned(), text);
            }
            "seed" if self.seed.is_none() => {
                let bytes = Secret::new(from_base64url(value).ok()?);
                self.seed = Some(Secret::new(bytes.expose().as_slice().try_into().ok()?));
            }
            "head" if self.head.is_none() => {
                let (size, root) = value.split_once(' ')?;
                let root = Hash::try_from(from_hex_array::<32>(root)?.as_slice()).ok()?;
                self.head = Some(TreeHead { size: size.parse().ok()?, root });
            }
            "code" if self.code.is_none() => self.code = Some(Secret::new(value.to_owned())),
            "asked" | "pending" | "hidden" | "shown" => self.take_request(name, value)?,
            "slot" | "permit" | "token" => self.take_registered(name, value)?,
            "ballot" if self.posting.is_none() => {
                self.posting = Some(Posting { ballot: from_base64url(value).ok()?, token: None });
            }
            "pay" => self.posting.as_mut()?.token = Some(Secret::new(from_base64url(value).ok()?)),
            "receipt" if self.receipts.len() < MAX_RECEIPTS => self.receipts.push(receipt(value)?),
            _ => return None,
        }
        Some(())
    }

    fn take_request(&mut self, name: &str, value: &str) -> Option<()> {
        if let (Standing::New, "asked") = (&self.standing, name) {
            let mut words = value.split(' ');
            let slot = from_hex_array(words.next()?)?;
            let (district, signed) = (words.next()?.parse().ok()?, words.next()?.to_owned());
            if words.next().is_some() {
                return None;
            }
            let (code, presentation) = (self.code.take()?, None);
            let request =
                Request { code, slot, district, signed, presentation, pending: Vec::new(), permit: None };
            self.standing = Standing::Asked(Box::new(request));
            return Some(());
        }
        let Standing::Asked(request) = &mut self.standing else { return None };
        let bytes = from_base64url(value).ok()?;
        match name {
            "shown" => request.presentation = Some(Secret::new(String::from_utf8(bytes).ok()?)),
            "pending" => request.pending.push(Secret::new(bytes)),
            "hidden" => request.permit = Some(Secret::new(bytes)),
            _ => return None,
        }
        Some(())
    }

    fn take_registered(&mut self, name: &str, value: &str) -> Option<()> {
        if let (Standing::New, "slot") = (&self.standing, name) {
            let mut words = value.split(' ');
            let slot = from_hex_array(words.next()?)?;
            let (district, index) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            if words.next().is_some() {
                return None;
            }
            let (tokens, permit) = (Vec::new(), None);
            self.standing = Standing::Registered(Registered { slot, district, index, tokens, permit });
            return Some(());
        }
        let Standing::Registered(registered) = &mut self.standing else { return None };
        let secret = Secret::new(from_base64url(value).ok()?);
        match name {
            "permit" => registered.permit = Some(secret),
            "token" => registered.tokens.push(secret),
            _ => return None,
        }
        Some(())
    }

    fn finish(self) -> Option<Voter> {
        Some(Voter {
            place: self.place?,
            title: self.title,
            seed: self.seed?,
            head: self.head,
            standing: self.standing,
            posting: self.posting,
            receipts: self.receipts,
        })
    }
}

fn receipt(value: &str) -> Option<KeptReceipt> {
    let mut words = value.split(' ');
    let (index, tracking) = (words.next()?.parse().ok()?, words.next()?.to_owned());
    let leaf = Hash::try_from(from_hex_array::<32>(words.next()?)?.as_slice()).ok()?;
    let state = match words.next()? {
        "promised" => ReceiptState::Promised,
        "proven" => ReceiptState::Proven,
        _ => return None,
    };
    words.next().is_none().then_some(KeptReceipt { index, tracking, leaf, state })
}
