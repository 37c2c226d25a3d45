//! How a voter's way goes on between decisions: what is asked for, kept and taken.

use super::{NOTE, Stage, Vote, VoteFlowError, WAITING, allowed, drawn, http};
use crate::{
    flow::{Next, World},
    need::{Found, Need},
    present::Present,
};
use sinpyo_voting::{
    form::to_hex,
    voter::{Booth, Casting, Confirming, Reading, RegisterStep, Step, Terms, Way},
};
use std::{mem, ops::Range};

/// How long after a ballot went through a relay nothing asks the board about it by itself, in seconds.
const QUIET: Range<u64> = 600..3600;

impl Vote {
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
        let Self { voter, election, stage, waiting, .. } = self;
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
                    let is_due = voter.proves_at().is_some_and(|at| at <= world.now);
                    *stage = if is_due {
                        Stage::Confirm(Box::new(Confirming::begin(voter)?))
                    } else {
                        Stage::Home
                    };
                    if is_new { self.keep(world) } else { Ok(None) }
                }
            },
            Stage::Quiet(until) if world.now < *until => Ok(Some(Next::Ask)),
            Stage::Quiet(_) => {
                *stage = Stage::Read(Box::new(Reading::again(voter)));
                Ok(None)
            }
            Stage::Wait(until) if world.now < *until => Ok(Some(Next::Wait(*until))),
            Stage::Wait(_) => {
                *stage = Stage::Cast(Casting::new());
                Ok(None)
            }
            Stage::Admit => match waiting.as_ref().ok_or(VoteFlowError::OutOfOrder)?.need() {
                Ok(need) => Ok(Some(Next::Need(need))),
                Err(error) => Err(self.without_credential(error, world)),
            },
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
                if let (Some(credential), Some(waiting)) = (credential, &mut self.waiting) {
                    waiting.came(credential);
                    self.stage = Stage::Admit;
                } else {
                    self.forget_key(world);
                    self.stage = Stage::Home;
                }
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
                    *stage = match election.way() {
                        // The board knows from where the ballot came.
                        Way::Board => Stage::Confirm(Box::new(Confirming::begin(voter)?)),
                        // Whoever asks the board now shows it whose ballot just came. [WAP-30]
                        Way::Relay(_) => {
                            voter.prove_at(world.now.plus(drawn(QUIET, world.entropy)));
                            Stage::Home
                        }
                    };
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
    pub(super) fn keep(&mut self, world: &mut World<'_>) -> Result<Option<Next>, VoteFlowError> {
        self.write(world)?;
        self.stage = Stage::Keep(Box::new(mem::replace(&mut self.stage, Stage::Lost)));
        Ok(None)
    }

    fn write(&self, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        let election = to_hex(&self.voter.place().election().0);
        world.wallet.keep_note(&format!("{NOTE}{election}"), self.voter.write())?;
        let name = format!("{WAITING}{election}");
        match &self.waiting {
            Some(waiting) => world.wallet.keep_note(&name, waiting.write())?, // [WAP-28]
            None => world.wallet.drop_note(&name),
        }
        Ok(())
    }

    /// Gives up a credential that does not verify: the roll has the voter all the same. If that is lost before the wallet is
    /// sealed again, the credential is refused once more.
    fn without_credential(&mut self, error: VoteFlowError, world: &mut World<'_>) -> VoteFlowError {
        self.forget_key(world);
        self.stage = Stage::Home;
        self.write(world).err().unwrap_or(error)
    }

    /// Says that the wallet was sealed and kept.
    ///
    /// # Errors
    /// Nobody asked for it.
    pub fn stored(&mut self) -> Result<(), VoteFlowError> {
        match mem::replace(&mut self.stage, Stage::Lost) {
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
            if let Stage::Admit = self.stage {
                // The roll has the voter, and what came is kept: voting does not wait for the rest. [WAP-28]
                self.stage = Stage::Home;
            }
            return Err(VoteFlowError::Unreachable);
        }
        let Self { voter, election, stage, waiting, .. } = self;
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
                        // What may be sent again is bound to the key.
                        let is_over = !voter.is_asking();
                        self.stage = Stage::Home;
                        if is_over {
                            self.forget_key(world);
                        }
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
            (Stage::Admit, found) => {
                let waiting = waiting.as_ref().ok_or(VoteFlowError::OutOfOrder)?;
                if let Err(error) = waiting.hold(found, voter, world) {
                    return Err(self.without_credential(error, world));
                }
                self.waiting = None;
                self.stage = Stage::Home;
                self.keep(world)?;
            }
            _ => return Err(VoteFlowError::OutOfOrder),
        }
        Ok(())
    }
}
