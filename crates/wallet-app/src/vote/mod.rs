//! One voter in one election: from a link to a receipt.

mod acts;
mod admit;
mod check;
mod error;

pub use check::CheckVote;
pub use error::VoteFlowError;

use crate::{
    flow::{Next, World},
    need::{Found, Need},
    present::Present,
    trust::Rules,
};
use admit::Admitting;
use http::Request;
use sinpyo_core::{Secret, jwk::PublicJwk, time::Timestamp};
use sinpyo_oauth::url;
use sinpyo_voting::voter::{
    Booth, Casting, Checked, Choices, Confirming, Election, Filled, Finding, Reading, RegisterStep,
    Registering, Step, Terms, Voter, VoterLink,
};

/// What the notes of elections begin with; the election's identifier follows.
const NOTE: &str = "vote:";

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
    /// The key that the registrar is to bind a credential to.
    key: Option<PublicJwk>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Read(Box<Reading>),
    Home,
    Register(Box<Asking>),
    Admit(Admitting),
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
        let known = world.wallet.note(&note(&place.election().0));
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
            Some(_) => Stage::Read(Box::new(Reading::again(&voter))),
            None => Stage::Read(Box::new(Reading::begin(place))),
        };
        Ok(Self { voter, election: None, code, key: None, stage })
    }

    /// Goes on with an election that the wallet knows.
    ///
    /// # Errors
    /// It knows none of that identifier.
    pub fn resume(election: &str, world: &World<'_>) -> Result<Self, VoteFlowError> {
        let record = world.wallet.note(&format!("{NOTE}{election}")).ok_or(VoteFlowError::Unknown)?;
        let voter = Voter::read(record)?;
        let stage = Stage::Read(Box::new(Reading::again(&voter)));
        Ok(Self { voter, election: None, code: None, key: None, stage })
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

    /// Where the voter is.
    pub fn at(&self) -> At<'_> {
        match &self.stage {
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
            Stage::Read(_) | Stage::Admit(_) | Stage::Find(_) | Stage::Keep(_) | Stage::Lost => At::Underway,
        }
    }

    /// What to do next. Asked again without anything in between, it says the same.
    ///
    /// # Errors
    /// Something does not hold, or is refused. If [`VoteFlowError::is_passing`], the same may go well later.
    pub fn next(&mut self, world: &mut World<'_>) -> Result<Next, VoteFlowError> {
        loop {
            if let Some(next) = self.turn(world)? {
                return Ok(next);
            }
        }
    }

    /// One step; nothing if the stage became another.
    fn turn(&mut self, world: &mut World<'_>) -> Result<Option<Next>, VoteFlowError> {
        let Self { voter, election, stage, .. } = self;
        match stage {
            Stage::Keep(_) => Ok(Some(Next::Store)),
            Stage::Home | Stage::Choose(_) | Stage::Sure(_) | Stage::Decide(_) | Stage::Checked(_) => {
                Ok(Some(Next::Ask))
            }
            Stage::Read(reading) => match reading.next()? {
                Step::Send(request) => http(request, world.rules).map(Some),
                Step::Done(read) => {
                    let is_new = voter.saw(&read);
                    *election = Some(Box::new(read));
                    *stage = Stage::Home;
                    if is_new { self.keep(world) } else { Ok(None) }
                }
            },
            Stage::Wait(until) if world.now < *until => Ok(Some(Next::Wait(*until))),
            Stage::Wait(_) => {
                *stage = Stage::Cast(Casting::new());
                Ok(None)
            }
            Stage::Admit(admitting) => {
                if let Some(need) = admitting.need()? {
                    return Ok(Some(Next::Need(need)));
                }
                *stage = Stage::Home;
                self.keep(world)
            }
            Stage::Register(_) => self.registering(world),
            Stage::Find(_) | Stage::Cast(_) | Stage::Confirm(_) => self.voting(world),
            Stage::Lost => Err(VoteFlowError::OutOfOrder),
        }
    }

    fn registering(&mut self, world: &mut World<'_>) -> Result<Option<Next>, VoteFlowError> {
        let Self { voter, stage: Stage::Register(asking), .. } = self else {
            return Err(VoteFlowError::OutOfOrder);
        };
        match (asking.flow.next(voter)?, &mut asking.present) {
            (RegisterStep::Send(request), _) => http(request, world.rules).map(Some),
            (RegisterStep::Ask, Some(present)) => Ok(Some(present.next(world)?)),
            (RegisterStep::Ask, None) => Ok(Some(Next::Ask)),
            (RegisterStep::Keep, _) => self.keep(world),
            (RegisterStep::Done, _) => {
                let credential = asking.flow.credential().map(str::to_owned);
                if credential.is_none() {
                    self.forget_key(world);
                }
                let admit = |wire| Stage::Admit(Admitting::new(wire));
                self.stage = credential.map_or(Stage::Home, admit);
                self.keep(world)
            }
        }
    }

    fn voting(&mut self, world: &mut World<'_>) -> Result<Option<Next>, VoteFlowError> {
        let Self { voter, election: Some(election), stage, .. } = self else {
            return Err(VoteFlowError::OutOfOrder);
        };
        match stage {
            Stage::Find(finding) => match finding.next(election)? {
                Step::Send(request) => http(request, world.rules).map(Some),
                Step::Done(found) => {
                    *stage = Stage::Choose(Box::new(Booth::enter(election, voter, Some(found))?));
                    Ok(None)
                }
            },
            Stage::Cast(casting) => match casting.next(voter, election)? {
                Step::Send(request) => {
                    allowed(&request.uri().to_string(), world.rules)?;
                    Ok(Some(Next::Need(Need::Apart(request)))) // [WAP-24]
                }
                Step::Done(()) => {
                    *stage = Stage::Confirm(Box::new(Confirming::begin(voter)?));
                    self.keep(world)
                }
            },
            Stage::Confirm(confirming) => match confirming.next(voter, election)? {
                Step::Send(request) => http(request, world.rules).map(Some),
                Step::Done(()) => {
                    *stage = Stage::Home;
                    self.keep(world)
                }
            },
            _ => Err(VoteFlowError::OutOfOrder),
        }
    }

    /// Writes the record into the wallet, which is to be kept before the present stage goes on. [WAP-23]
    fn keep(&mut self, world: &mut World<'_>) -> Result<Option<Next>, VoteFlowError> {
        let name = note(&self.voter.place().election().0);
        world.wallet.keep_note(&name, self.voter.write())?;
        self.stage = Stage::Keep(Box::new(std::mem::replace(&mut self.stage, Stage::Lost)));
        Ok(None)
    }

    /// Says that the wallet was sealed and kept.
    ///
    /// # Errors
    /// Nobody asked for it.
    pub fn stored(&mut self) -> Result<(), VoteFlowError> {
        match std::mem::replace(&mut self.stage, Stage::Lost) {
            Stage::Keep(after) => self.stage = *after,
            other => {
                self.stage = other;
                return Err(VoteFlowError::OutOfOrder);
            }
        }
        if let Stage::Register(asking) = &mut self.stage
            && self.voter.is_asking()
        {
            asking.flow.kept()?;
        }
        Ok(())
    }

    /// Takes what was found for the last [`Next::Need`].
    ///
    /// # Errors
    /// As [`Vote::next`].
    pub fn supply(&mut self, found: Found, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        if matches!(found, Found::Unreachable) {
            return Err(VoteFlowError::Unreachable);
        }
        let Self { voter, election, stage, .. } = self;
        match (stage, found) {
            (Stage::Read(reading), Found::Response(response)) => reading.supply(&response)?,
            (Stage::Find(finding), Found::Response(response)) => finding.supply(&response)?,
            (Stage::Confirm(confirming), Found::Response(response)) => confirming.supply(&response)?,
            (Stage::Cast(casting), Found::Response(response)) => {
                let taken = casting.supply(voter, &response);
                if !voter.is_posting() && taken.is_err() {
                    // Refused for good: the token is spent, the voter begins again.
                    self.stage = Stage::Home;
                    self.keep(world)?;
                }
                taken?;
            }
            (Stage::Register(asking), Found::Response(response)) if asking.flow.terms().is_none() => {
                let election = election.as_deref().ok_or(VoteFlowError::OutOfOrder)?;
                let answered = asking.flow.supply(voter, election, &response);
                if let Err(error) = answered {
                    if !error.is_passing() {
                        self.stage = Stage::Home;
                        self.forget_key(world);
                        self.keep(world)?;
                    }
                    return Err(error.into());
                }
                if let Some(ask) = asking.flow.terms().and_then(Terms::ask) {
                    asking.present = Some(Present::begin(ask, world.rules)?);
                }
            }
            (Stage::Register(asking), found) => {
                let present = asking.present.as_mut().ok_or(VoteFlowError::OutOfOrder)?;
                present.supply(found, world)?;
            }
            (Stage::Admit(admitting), found) => {
                let held = admitting.hold(found, voter, world);
                if let Err(error) = held {
                    // The roll has the voter all the same.
                    self.stage = Stage::Home;
                    self.forget_key(world);
                    return Err(error);
                }
            }
            _ => return Err(VoteFlowError::OutOfOrder),
        }
        Ok(())
    }
}

fn note(election: &[u8; 32]) -> String {
    format!("{NOTE}{}", sinpyo_voting::form::to_hex(election))
}

/// The elections that a wallet knows: identifier and record.
pub(crate) fn known(wallet: &sinpyo_wallet::Wallet) -> impl Iterator<Item = (&str, Voter)> {
    wallet.notes().filter_map(|(name, record)| Some((name.strip_prefix(NOTE)?, Voter::read(record).ok()?)))
}

/// Forgets an election, seed and receipts included.
pub(crate) fn forget(wallet: &mut sinpyo_wallet::Wallet, election: &str) {
    wallet.drop_note(&format!("{NOTE}{election}"));
}

/// Whether the wallet speaks to that address.
fn allowed(address: &str, rules: &Rules) -> Result<(), VoteFlowError> {
    url::check(address, rules.transport).map_err(|_| VoteFlowError::Address) // [WAP-26]
}

fn http(request: Box<Request<Vec<u8>>>, rules: &Rules) -> Result<Next, VoteFlowError> {
    allowed(&request.uri().to_string(), rules)?;
    Ok(Next::Need(Need::Http(request)))
}
