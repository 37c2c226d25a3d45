//! The second device: what does the ballot say that the first one made?

use super::{VoteFlowError, allowed, http};
use crate::{
    flow::{Next, World},
    need::Found,
};
use sinpyo_voting::voter::{Checking, Election, Reading, Step, Verdict};

/// A ballot of another device on its way to a verdict. Nothing is kept, and nothing is sent but requests for the public
/// record.
#[derive(Debug)]
pub struct CheckVote {
    checking: Checking,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Read(Box<Reading>),
    Check(Box<Election>),
    Done(Box<(Election, Verdict)>),
    /// Only while one stage becomes another.
    Lost,
}

impl CheckVote {
    /// Begins with the text of the first device's QR code.
    ///
    /// # Errors
    /// It is none.
    pub fn begin(text: &str, world: &World<'_>) -> Result<Self, VoteFlowError> {
        let checking = Checking::begin(text)?;
        allowed(checking.place().address(), world.rules)?;
        let stage = Stage::Read(Box::new(Reading::begin(checking.place().clone())));
        Ok(Self { checking, stage })
    }

    /// What the ballot says, once that is known.
    pub fn verdict(&self) -> Option<(&Election, &Verdict)> {
        match &self.stage {
            Stage::Done(done) => Some((&done.0, &done.1)),
            _ => None,
        }
    }

    /// What to do next.
    ///
    /// # Errors
    /// The election cannot be read, or the package makes no valid ballot of it.
    pub fn next(&mut self, world: &World<'_>) -> Result<Next, VoteFlowError> {
        loop {
            self.stage = match std::mem::replace(&mut self.stage, Stage::Lost) {
                Stage::Read(mut reading) => match reading.next() {
                    Ok(Step::Done(election)) => Stage::Check(Box::new(election)),
                    Ok(Step::Send(request)) => {
                        self.stage = Stage::Read(reading);
                        return http(request, world.rules);
                    }
                    Err(error) => {
                        self.stage = Stage::Read(reading);
                        return Err(error.into());
                    }
                },
                Stage::Check(election) => match self.checking.next(&election) {
                    Ok(Step::Done(verdict)) => Stage::Done(Box::new((*election, verdict))),
                    Ok(Step::Send(request)) => {
                        self.stage = Stage::Check(election);
                        return http(request, world.rules);
                    }
                    Err(error) => {
                        self.stage = Stage::Check(election);
                        return Err(error.into());
                    }
                },
                Stage::Done(done) => {
                    self.stage = Stage::Done(done);
                    return Ok(Next::Done);
                }
                Stage::Lost => return Err(VoteFlowError::OutOfOrder),
            };
        }
    }

    /// Takes what was found.
    ///
    /// # Errors
    /// As [`CheckVote::next`].
    pub fn supply(&mut self, found: Found) -> Result<(), VoteFlowError> {
        match (&mut self.stage, found) {
            (Stage::Read(reading), Found::Response(response)) => Ok(reading.supply(&response)?),
            (Stage::Check(_), Found::Response(response)) => Ok(self.checking.supply(&response)?),
            (_, Found::Unreachable) => Err(VoteFlowError::Unreachable),
            _ => Err(VoteFlowError::OutOfOrder),
        }
    }
}
