//! One voter in one election: from a link to a receipt.

mod acts;
mod admit;
mod check;
mod error;
mod turns;

pub use check::CheckVote;
pub use error::VoteFlowError;

use crate::{
    flow::{Next, World},
    need::Need,
    present::Present,
    trust::Rules,
};
use admit::Waiting;
use http::Request;
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_oauth::url;
use sinpyo_voting::{
    form::to_hex,
    voter::{
        Booth, Casting, Checked, Choices, Confirming, Election, Filled, Finding, Reading, Registering, Terms,
        Voter, VoterError, VoterLink,
    },
};
use sinpyo_wallet::Wallet;
use std::{ops::Range, time::Duration};

/// What the notes of elections begin with; the election's identifier follows.
const NOTE: &str = "vote:";

/// The same for credentials that are not in the wallet yet.
const WAITING: &str = "vote-credential:";

/// A voter's way through an election.
///
/// Ask for [`Vote::next`], do what it says, until it is [`Next::Ask`]: then [`Vote::at`] says what the voter may do.
/// Choices are in it from the form to the decision, and nowhere else.
#[derive(Debug)]
pub struct Vote {
    voter: Voter,
    election: Option<Box<Election>>,
    /// From the link, so that it need not be typed.
    code: Option<Secret<String>>,
    /// What the wallet has for a credential that it does not hold yet.
    waiting: Option<Waiting>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The board is not asked before that time, unless the voter wants it.
    Quiet(Timestamp),
    Read(Box<Reading>),
    Home,
    Register(Box<Asking>),
    /// The issuer of the credential that came is looked up.
    Admit,
    Find(Box<Finding>),
    Choose(Box<Booth>),
    Sure(Box<(Booth, Choices)>),
    Decide(Box<(Booth, Choices, Filled)>),
    Checked(Box<(Booth, Checked)>),
    Wait(Timestamp),
    Cast(Casting),
    Confirm(Box<Confirming>),
    /// The record is to be kept before that.
    Keep(Box<Stage>),
    /// Only while one stage becomes another.
    Lost,
}

/// A registration, and what is to be shown for it.
#[derive(Debug)]
struct Asking {
    flow: Registering,
    present: Option<Present>,
}

/// Where a voter is, for whoever shows it.
#[derive(Debug)]
pub enum At<'a> {
    /// A ballot just went through a relay: the election is read after that time, or when the voter wants it.
    Quiet(Timestamp),
    /// Something is being fetched or kept.
    Underway,
    /// At the election's own page.
    Home,
    /// The registrar offers these terms; the voter agrees or not.
    Terms(&'a Terms, Option<&'a Present>),
    /// Before an empty ballot.
    Choose(&'a Booth),
    /// Before a filled one that is not made yet.
    Sure(&'a Booth, &'a Choices),
    /// The ballot is made: to be cast, or to be checked.
    Decide(&'a Booth, &'a Choices, &'a Filled),
    /// The ballot is shown to the second device.
    Checked(&'a Checked),
    /// The ballot is to be sent then.
    Wait(Timestamp),
    /// The ballot is on its way.
    Cast,
    /// The ballot was taken; that it is in the log is being proven.
    Confirm,
}

/// When a ballot is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// At once.
    Now,
    /// After a random time of up to ten minutes, so that less can be told from when it arrives.
    Later,
}

impl Vote {
    /// Begins with a link, the text of a QR code, or an election's address.
    ///
    /// # Errors
    /// It is none, or one that the wallet does not speak to.
    pub fn begin(text: &str, world: &mut World<'_>) -> Result<Self, VoteFlowError> {
        let VoterLink { place, code } = VoterLink::parse(text)?;
        allowed(place.address(), world.rules)?;
        let name = to_hex(&place.election().0);
        let known = world.wallet.note(&format!("{NOTE}{name}"));
        let voter = match known {
            Some(record) => Voter::read(record)?,
            None => Voter::new(place.clone(), world.entropy),
        };
        let is_other =
            place.host().is_some_and(|host| voter.place().host().is_some_and(|known| known != host));
        if is_other || voter.place().address() != place.address() {
            return Err(VoteFlowError::OtherHost); // [WAP-21]
        }
        let stage = match known {
            Some(_) => opened(&voter, world.now),
            None => Stage::Read(Box::new(Reading::begin(place))),
        };
        let waiting = waiting(world.wallet, &name)?;
        Ok(Self { voter, election: None, code, waiting, stage })
    }

    /// Goes on with an election that the wallet knows.
    ///
    /// # Errors
    /// It knows none of that identifier.
    pub fn resume(election: &str, world: &World<'_>) -> Result<Self, VoteFlowError> {
        let record = world.wallet.note(&format!("{NOTE}{election}")).ok_or(VoteFlowError::Unknown)?;
        let voter = Voter::read(record)?;
        let stage = opened(&voter, world.now);
        let waiting = waiting(world.wallet, election)?;
        Ok(Self { voter, election: None, code: None, waiting, stage })
    }

    /// What is kept of this voter.
    pub const fn voter(&self) -> &Voter {
        &self.voter
    }

    /// The election, once it was read.
    pub fn election(&self) -> Option<&Election> {
        self.election.as_deref()
    }

    /// The code of the link.
    pub const fn code(&self) -> Option<&Secret<String>> {
        self.code.as_ref()
    }

    /// Whether a credential came that is not in the wallet yet, because its issuer could not be looked up.
    pub fn is_credential_waiting(&self) -> bool {
        self.waiting.as_ref().is_some_and(Waiting::has_come)
    }

    /// Where the voter is.
    pub fn at(&self) -> At<'_> {
        match &self.stage {
            Stage::Quiet(until) => At::Quiet(*until),
            Stage::Home => At::Home,
            Stage::Register(asking) => match asking.flow.terms() {
                Some(terms) => At::Terms(terms, asking.present.as_ref()),
                None => At::Underway,
            },
            Stage::Choose(booth) => At::Choose(booth),
            Stage::Sure(sure) => At::Sure(&sure.0, &sure.1),
            Stage::Decide(made) => At::Decide(&made.0, &made.1, &made.2),
            Stage::Checked(checked) => At::Checked(&checked.1),
            Stage::Wait(until) => At::Wait(*until),
            Stage::Cast(_) => At::Cast,
            Stage::Confirm(_) => At::Confirm,
            Stage::Read(_) | Stage::Admit | Stage::Find(_) | Stage::Keep(_) | Stage::Lost => At::Underway,
        }
    }
}

/// An election that the wallet knows is read, unless that would show whose ballot just came to the board. [WAP-30]
fn opened(voter: &Voter, now: Timestamp) -> Stage {
    match voter.proves_at().filter(|at| now < *at) {
        Some(at) => Stage::Quiet(at),
        None => Stage::Read(Box::new(Reading::again(voter))),
    }
}

/// What is kept for the credential of an election.
fn waiting(wallet: &Wallet, election: &str) -> Result<Option<Waiting>, VoteFlowError> {
    let kept = wallet.note(&format!("{WAITING}{election}")).map(Waiting::read);
    kept.map(|read| read.ok_or(VoterError::Record.into())).transpose()
}

/// The elections that a wallet knows: identifier and record, if that can be read.
pub(crate) fn known(wallet: &Wallet) -> impl Iterator<Item = (&str, Result<Voter, VoterError>)> {
    wallet.notes().filter_map(|(name, record)| Some((name.strip_prefix(NOTE)?, Voter::read(record))))
}

/// Forgets an election: seed and receipts, and the key for which no credential came. [WAP-19]
pub(crate) fn forget(wallet: &mut Wallet, election: &str) {
    // One that is damaged names no key.
    if let Ok(Some(waiting)) = waiting(wallet, election) {
        wallet.forget_key(waiting.key());
    }
    wallet.drop_note(&format!("{WAITING}{election}"));
    wallet.drop_note(&format!("{NOTE}{election}"));
}

/// A random time of so many seconds.
fn drawn(seconds: Range<u64>, entropy: &mut dyn Entropy) -> Duration {
    let mut drawn = [0; 8];
    entropy.fill(&mut drawn);
    // The remainder by an hour at most is even enough.
    let more = u64::from_le_bytes(drawn) % (seconds.end - seconds.start).max(1);
    Duration::from_secs(seconds.start + more)
}

/// Whether the wallet speaks to that address.
fn allowed(address: &str, rules: &Rules) -> Result<(), VoteFlowError> {
    url::check(address, rules.transport).map_err(|_| VoteFlowError::Address) // [WAP-26]
}

fn http(request: Box<Request<Vec<u8>>>, rules: &Rules) -> Result<Next, VoteFlowError> {
    allowed(&request.uri().to_string(), rules)?;
    Ok(Next::Need(Need::Http(request)))
}
