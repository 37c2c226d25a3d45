//! What the voter decides.

use super::{
    Asking, Sending, Stage, Vote, VoteFlowError,
    admit::{Waiting, WalletKey, kind},
    drawn,
};
use crate::{
    flow::World,
    present::{Decision, PresentOutcome},
};
use sinpyo_core::Secret;
use sinpyo_voting::{
    manifest::Profile,
    phase::Phase,
    voter::{Booth, Casting, Choices, Confirming, Finding, Reading, Registering, VoterError, normal_code},
};

/// A ballot that is to be sent later waits for so long at most, in seconds.
const MAX_DELAY: u64 = 600;

impl Vote {
    /// At home: asks to be registered with a code, or sends again what may have been sent.
    ///
    /// # Errors
    /// The voter is registered, or somewhere else.
    pub fn register(&mut self, typed: &str) -> Result<(), VoteFlowError> {
        let Stage::Home = self.stage else { return Err(VoteFlowError::OutOfOrder) };
        if self.voter.is_registered() {
            return Err(VoteFlowError::OutOfOrder);
        }
        let code = normal_code(typed);
        let flow = match Registering::resume(&self.voter) {
            Some(flow) => flow,
            None if code.expose().is_empty() => return Err(VoteFlowError::NoCode),
            None => Registering::begin(code),
        };
        self.stage = Stage::Register(Box::new(Asking { flow, present: None }));
        Ok(())
    }

    /// Agrees to the registrar's terms, and to show what is asked for.
    ///
    /// # Errors
    /// There are no terms, or what is asked for cannot be shown.
    pub fn agree(&mut self, decision: &Decision, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        let Self { voter, election, waiting, stage: Stage::Register(asking), .. } = self else {
            return Err(VoteFlowError::OutOfOrder);
        };
        let election = election.as_deref().ok_or(VoteFlowError::OutOfOrder)?;
        let shown = match &mut asking.present {
            Some(present) => {
                present.agree(decision, world)?;
                // Nothing is sent before the record with it is kept.
                present.stored()?;
                let Some(PresentOutcome::Carried(answer)) = present.outcome() else {
                    return Err(VoteFlowError::OutOfOrder);
                };
                let text = str::from_utf8(answer).map_err(|_| VoteFlowError::OutOfOrder)?;
                Some(Secret::new(text.to_owned()))
            }
            None => None,
        };
        let key = world.wallet.new_key(kind(), world.entropy);
        let holder = WalletKey { wallet: world.wallet, key: &key };
        let agreed = asking.flow.agree(voter, election, (&holder, shown), world.entropy);
        *waiting = Some(Waiting::new(key));
        if agreed.is_err() {
            self.forget_key(world);
        }
        Ok(agreed?)
    }

    /// Forgets the key to which no credential came. [WAP-19]
    pub(super) fn forget_key(&mut self, world: &mut World<'_>) {
        if let Some(waiting) = self.waiting.take() {
            world.wallet.forget_key(waiting.key());
        }
    }

    /// At home: looks the issuer of a credential up that came and is not in the wallet yet.
    ///
    /// # Errors
    /// There is none.
    pub fn admit(&mut self) -> Result<(), VoteFlowError> {
        match self.stage {
            Stage::Home if self.is_credential_waiting() => self.stage = Stage::Admit,
            _ => return Err(VoteFlowError::OutOfOrder),
        }
        Ok(())
    }

    /// Goes back to the election's page: declines terms, leaves the booth, throws a ballot away. Nothing is sent.
    pub fn leave(&mut self) {
        let is_free = match &self.stage {
            Stage::Register(asking) => asking.flow.terms().is_some(),
            Stage::Choose(_) | Stage::Sure(_) | Stage::Decide(_) | Stage::Checked(_) | Stage::Confirm(_) => {
                true
            }
            _ => false,
        };
        if is_free {
            self.stage = Stage::Home;
        }
    }

    /// Reads the election anew, or because the voter wants it now.
    pub fn refresh(&mut self) {
        if matches!(self.stage, Stage::Home | Stage::Quiet(_)) {
            self.stage = Stage::Read(Box::new(Reading::again(&self.voter)));
        }
    }

    /// At home: agrees that ballots go another way than the voter has seen before. `shown` is what the page said of it.
    ///
    /// # Errors
    /// The way is another one again.
    pub fn redirect(&mut self, shown: Option<&str>, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        let (Stage::Home, Some(election)) = (&self.stage, &self.election) else {
            return Err(VoteFlowError::OutOfOrder);
        };
        if shown != Some(election.way().relay().unwrap_or_default()) {
            return Err(VoterError::OtherWay.into());
        }
        self.voter.agree(election);
        self.keep(world).map(|_| ())
    }

    /// At home: enters the booth, or sends a ballot that was cast and not answered yet.
    ///
    /// # Errors
    /// The voter is not registered, the election not open, or ballots are to go another way than before.
    pub fn enter(&mut self) -> Result<(), VoteFlowError> {
        let (Stage::Home, Some(election)) = (&self.stage, &self.election) else {
            return Err(VoteFlowError::OutOfOrder);
        };
        if !self.voter.agrees(election) {
            return Err(VoterError::OtherWay.into()); // [WAP-31]
        }
        if self.voter.is_posting() {
            self.stage = Stage::Cast(Casting::new());
            return Ok(());
        }
        if election.phase() != Phase::Open {
            return Err(VoteFlowError::NotOpen);
        }
        self.stage = match election.manifest().profile {
            Profile::Ring { .. } => Stage::Find(Box::new(Finding::begin(election, &self.voter)?)),
            Profile::Token => Stage::Choose(Box::new(Booth::enter(election, &self.voter, None)?)),
        };
        Ok(())
    }

    /// Fills in the ballot: to be shown once more before it is made.
    ///
    /// # Errors
    /// The voter is not before an empty ballot.
    pub fn choose(&mut self, choices: Choices) -> Result<(), VoteFlowError> {
        self.replace(|stage| match stage {
            Stage::Choose(booth) => Ok(Stage::Sure(Box::new((*booth, choices)))),
            other => Err(other),
        })
    }

    /// Throws the ballot or the choices away and takes an empty one.
    ///
    /// # Errors
    /// The voter is not in the booth.
    pub fn again(&mut self) -> Result<(), VoteFlowError> {
        self.replace(|stage| match stage {
            Stage::Sure(sure) => Ok(Stage::Choose(Box::new(sure.0))),
            Stage::Decide(made) => Ok(Stage::Choose(Box::new(made.0))),
            Stage::Checked(checked) => Ok(Stage::Choose(Box::new(checked.0))),
            other => Err(other),
        })
    }

    /// Makes the ballot, whose tracking code is then shown.
    ///
    /// # Errors
    /// The choices are not those of the ballot.
    pub fn make(&mut self, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        let Stage::Sure(sure) = &self.stage else { return Err(VoteFlowError::OutOfOrder) };
        let filled = sure.0.fill(&sure.1, world.entropy)?;
        self.replace(|stage| match stage {
            Stage::Sure(sure) => Ok(Stage::Decide(Box::new((sure.0, sure.1, filled)))),
            other => Err(other),
        })
    }

    /// Casts the ballot. What it says is forgotten here. [WAP-22]
    ///
    /// # Errors
    /// There is none, or no admission token is left.
    pub fn cast(&mut self, sending: Sending, world: &mut World<'_>) -> Result<(), VoteFlowError> {
        let (Stage::Decide(_), Some(election)) = (&self.stage, self.election.as_deref()) else {
            return Err(VoteFlowError::OutOfOrder);
        };
        let Stage::Decide(made) = std::mem::replace(&mut self.stage, Stage::Home) else {
            return Err(VoteFlowError::OutOfOrder);
        };
        let (_, _, filled) = *made;
        filled.cast(&mut self.voter, election)?;
        self.stage = match sending {
            Sending::Now => Stage::Cast(Casting::new()),
            Sending::Later => Stage::Wait(world.now.plus(drawn(0..MAX_DELAY, world.entropy))),
        };
        self.keep(world).map(|_| ())
    }

    /// Shows the ballot to the second device. It is never cast. [WAP-22]
    ///
    /// # Errors
    /// There is none.
    pub fn check(&mut self) -> Result<(), VoteFlowError> {
        self.replace(|stage| match stage {
            Stage::Decide(made) => {
                let (booth, _, filled) = *made;
                Ok(Stage::Checked(Box::new((booth, filled.check()))))
            }
            other => Err(other),
        })
    }

    /// At home: proves the newest receipt.
    ///
    /// # Errors
    /// There is none.
    pub fn prove(&mut self) -> Result<(), VoteFlowError> {
        let Stage::Home = self.stage else { return Err(VoteFlowError::OutOfOrder) };
        self.stage = Stage::Confirm(Box::new(Confirming::begin(&self.voter)?));
        Ok(())
    }

    /// Makes one stage another, or leaves it.
    fn replace(&mut self, act: impl FnOnce(Stage) -> Result<Stage, Stage>) -> Result<(), VoteFlowError> {
        match act(std::mem::replace(&mut self.stage, Stage::Lost)) {
            Ok(next) => {
                self.stage = next;
                Ok(())
            }
            Err(same) => {
                self.stage = same;
                Err(VoteFlowError::OutOfOrder)
            }
        }
    }
}
