//! The record as text: one line for each member.

use super::{KeptReceipt, MAX_RECEIPTS, Posting, ReceiptState, Registered, Request, Standing, Voter};
use crate::{
    form::{from_hex_array, to_hex},
    manifest::Words,
    voter::{
        Place, VoterError,
        way::{Relay, Way},
    },
};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    time::Timestamp,
};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::fmt::Write as _;

/// First line of a written record.
const FORMAT: &str = "sinpyo-voter/1";

/// In the place of a relay's address: there is none.
const BOARD: &str = "board";

impl Voter {
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
        match &self.way {
            Some(Way::Board) => lines.line("way", BOARD),
            Some(Way::Relay(relay)) => lines.line("way", &relay.address()),
            None => {}
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
        if let Some(at) = self.prove_at {
            lines.line("prove", &at.to_string());
        }
        Secret::new(lines.0)
    }

    /// Reads what [`Voter::write`] wrote.
    ///
    /// # Errors
    /// It did not write that.
    pub fn read(text: &Secret<String>) -> Result<Self, VoterError> {
        let voter = Draft::read(text.expose()).and_then(Draft::finish);
        // What stands there twice or in another form was not written. [VTR-05]
        voter.filter(|voter| voter.write().expose() == text.expose()).ok_or(VoterError::Record)
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
    way: Option<Way>,
    code: Option<Secret<String>>,
    standing: Standing,
    posting: Option<Posting>,
    receipts: Vec<KeptReceipt>,
    prove_at: Option<Timestamp>,
}

impl Draft {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != FORMAT {
            return None;
        }
        let mut draft = Self {
            place: None,
            title: Words::new(),
            seed: None,
            head: None,
            way: None,
            code: None,
            standing: Standing::New,
            posting: None,
            receipts: Vec::new(),
            prove_at: None,
        };
        for line in lines {
            let (name, value) = line.split_once(' ')?;
            draft.take(name, value)?;
        }
        Some(draft)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "at" if self.place.is_none() => self.place = Some(Place::parse(value).ok()?),
            "host" => {
                let place = self.place.take().filter(|place| place.host().is_none())?;
                self.place = Some(place.called_by(from_hex_array(value)?));
            }
            "title" => {
                let (language, text) = value.split_once(' ')?;
                let text = String::from_utf8(from_base64url(text).ok()?).ok()?;
                let is_new = self.title.insert(language.to_owned(), text).is_none();
                is_new.then_some(())?;
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
            "way" if self.way.is_none() => {
                self.way = Some(match value {
                    BOARD => Way::Board,
                    address => Way::Relay(Relay::parse(address, self.place.as_ref()?).ok()?),
                });
            }
            "prove" if self.prove_at.is_none() => {
                let at: Timestamp = value.parse().ok()?;
                self.prove_at = Some(at).filter(|at| at.to_string() == value);
                self.prove_at?;
            }
            "code" if self.code.is_none() => self.code = Some(Secret::new(value.to_owned())),
            "asked" | "pending" | "hidden" | "shown" => self.take_request(name, value)?,
            "slot" | "permit" | "token" => self.take_registered(name, value)?,
            "ballot" if self.posting.is_none() => {
                self.posting = Some(Posting { ballot: from_base64url(value).ok()?, token: None });
            }
            "pay" => {
                let posting = self.posting.as_mut().filter(|posting| posting.token.is_none())?;
                posting.token = Some(Secret::new(from_base64url(value).ok()?));
            }
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
            "shown" if request.presentation.is_none() => {
                request.presentation = Some(Secret::new(String::from_utf8(bytes).ok()?));
            }
            "pending" => request.pending.push(Secret::new(bytes)),
            "hidden" if request.permit.is_none() => request.permit = Some(Secret::new(bytes)),
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
            "permit" if registered.permit.is_none() => registered.permit = Some(secret),
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
            way: self.way,
            standing: self.standing,
            posting: self.posting,
            receipts: self.receipts,
            prove_at: self.prove_at,
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
