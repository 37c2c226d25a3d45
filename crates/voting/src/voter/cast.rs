//! Sending a ballot, and proving that it is in the log (§§10, 11).

use super::{
    Election, Step, VoterError,
    answer::object,
    files::{Files, Gap},
    record::{KeptReceipt, ReceiptState, Voter},
};
use crate::form::Members;
use http::{Request, Response, header};
use sinpyo_ballot::ballot::TrackingCode;
use sinpyo_core::encoding::to_base64url;
use sinpyo_tlog::merkle::{Hash, TreeHead};

/// The header that an admission token is sent in.
pub const ADMISSION: &str = "admission-token";

/// Sends the ballot of a record until it is answered, byte for byte the same.
///
/// Nothing of the voter goes along: neither cookie nor credential nor DID. The edge should use a connection of its own.
#[derive(Debug, Default)]
pub struct Casting {
    is_done: bool,
}

impl Casting {
    /// Begins with a record that has a ballot to be sent and was kept.
    pub const fn new() -> Self {
        Self { is_done: false }
    }

    /// What to do next.
    ///
    /// # Errors
    /// No ballot is on its way, or it would go another way than the voter has seen.
    pub fn next(&self, voter: &Voter, election: &Election) -> Result<Step<()>, VoterError> {
        if self.is_done {
            return Ok(Step::Done(()));
        }
        let posting = voter.posting.as_ref().ok_or(VoterError::OutOfOrder)?;
        if !voter.agrees(election) {
            return Err(VoterError::OtherWay); // [VTR-18]
        }
        let request = Request::post(election.way().address(voter.place()))
            .header(header::CONTENT_TYPE, "application/octet-stream");
        let request = match &posting.token {
            Some(token) => request.header(ADMISSION, to_base64url(token.expose())),
            None => request,
        };
        let request = request.body(posting.ballot.clone()).map_err(|_| VoterError::Link)?;
        Ok(Step::Send(Box::new(request)))
    }

    /// Takes the response: the record gets the receipt, and is to be kept.
    ///
    /// # Errors
    /// The board refuses: the record gives the ballot up. Or it did not answer, and the same can be sent again.
    pub fn supply(&mut self, voter: &mut Voter, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        let posting = voter.posting.as_ref().ok_or(VoterError::OutOfOrder)?;
        let body = match object(response) {
            Ok(body) => body,
            Err(error @ VoterError::Refused(_)) => {
                voter.posting = None;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        let tracking = TrackingCode::of(&posting.ballot);
        let (index, told) = (Members(&body).number("index"), Members(&body).text("tracking"));
        let (index, told) = (index.map_err(|_| VoterError::Answer)?, told.map_err(|_| VoterError::Answer)?);
        if TrackingCode::parse(told) != Some(tracking) {
            return Err(VoterError::Receipt); // [VTR-13]
        }
        let leaf = Hash::leaf(&posting.ballot);
        let tracking = tracking.as_str().to_owned();
        voter.keep_receipt(KeptReceipt { index, tracking, leaf, state: ReceiptState::Promised });
        voter.posting = None;
        self.is_done = true;
        Ok(())
    }
}

/// Proves the newest receipt: the ballot is in the log, at its place, under a head that the witnesses cosigned and that
/// goes on from what this wallet has seen. The proof is made of whole tiles: whoever serves them does not learn which
/// ballot is asked about.
#[derive(Debug)]
pub struct Confirming {
    files: Files,
    wants: KeptReceipt,
    known: Option<TreeHead>,
}

impl Confirming {
    /// Begins with the newest receipt.
    ///
    /// # Errors
    /// There is none.
    pub fn begin(voter: &Voter) -> Result<Self, VoterError> {
        let wants = voter.receipts.last().ok_or(VoterError::OutOfOrder)?.clone();
        Ok(Self { files: Files::new(voter.place().clone()), wants, known: voter.head })
    }

    /// What to do next; when it is done the record has it, and is to be kept.
    ///
    /// # Errors
    /// The proof does not hold, or the log went back.
    pub fn next(&mut self, voter: &mut Voter, election: &Election) -> Result<Step<()>, VoterError> {
        let proven = self.prove(election);
        match self.files.step(proven) {
            Ok(Step::Done(head)) => {
                voter.head = Some(head);
                voter.prove_at = None;
                for receipt in voter.receipts.iter_mut().filter(|receipt| **receipt == self.wants) {
                    receipt.state = ReceiptState::Proven;
                }
                Ok(Step::Done(()))
            }
            Ok(Step::Send(request)) => Ok(Step::Send(request)),
            Err(error) => {
                // Tried again, with the head of then.
                self.files.forget_head();
                Err(error)
            }
        }
    }

    /// Takes the response.
    ///
    /// # Errors
    /// It is an error, or too long.
    pub fn supply(&mut self, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        self.files.supply(response)
    }

    fn prove(&self, election: &Election) -> Result<TreeHead, Gap> {
        let checkpoint = self.files.checkpoint()?;
        let witnessed = election.policy().verify(&checkpoint).map_err(VoterError::Head)?; // [VTR-02]
        let head = witnessed.checkpoint().head();
        if let Some(older) = self.known {
            self.files.grew(older, head)?; // [VTR-04]
        }
        if self.wants.index >= head.size {
            return Err(VoterError::NotYet.into());
        }
        match self.files.verify_inclusion((self.wants.index, self.wants.leaf), head) {
            Err(Gap::Wrong(VoterError::Log)) => return Err(VoterError::Receipt.into()), // [VTR-13]
            proven => proven?,
        }
        Ok(head)
    }
}
