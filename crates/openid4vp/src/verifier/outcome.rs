//! What the one who opened a transaction learns of it.

use super::{
    Verifier,
    conclude::same,
    record::{CODES, Ended, KeepError, Phase, REQUESTS, RequestPhase, RequestRecord, TRANSACTIONS},
};
use crate::{
    handle::{ResponseCode, Session, TransactionId},
    wallet_error::{WalletError, WalletErrorCode},
};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{Change, Key, Unavailable, Version, retrying};
use std::fmt;

/// Who asks for a result, and by what right.
#[derive(Debug)]
pub struct Claim<'a> {
    /// Which transaction.
    pub transaction: &'a TransactionId,
    /// The browser session in which it is asked for.
    pub session: Option<&'a Session>,
    /// The code that came back with the browser.
    pub response_code: Option<&'a ResponseCode>,
}

/// How a transaction ended.
///
/// Debug output shows no result.
#[derive(Clone, PartialEq)]
pub enum Outcome {
    /// The presentations were accepted; this is what [`super::Verdict::Accepted`] held. Handed out once.
    Accepted(Value),
    /// The wallet reported an error.
    Denied(WalletError),
    /// The presentations were refused.
    Refused {
        /// By this rule.
        rule: String,
    },
    /// The response came back to another browser, or another number was chosen: somebody else may have presented.
    Hijacked,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("Accepted(..)"),
            Self::Denied(error) => f.debug_tuple("Denied").field(error).finish(),
            Self::Refused { rule } => f.debug_struct("Refused").field("rule", rule).finish(),
            Self::Hijacked => f.write_str("Hijacked"),
        }
    }
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody has fetched the request.
    Waiting,
    /// A wallet has fetched the request.
    Scanned,
    /// The holder is to choose this number, which the screen shows.
    Confirming {
        /// The number, of two digits.
        number: u8,
    },
    /// The wallet is to bring the browser back.
    Returning,
    /// The result can be fetched.
    Accepted,
    /// The wallet reported an error.
    Denied,
    /// The presentations were refused.
    Refused,
    /// It was stopped, because somebody else may have presented.
    Hijacked,
    /// The result was handed out.
    Delivered,
    /// The request has expired; another one can be made in its place ([`Verifier::rotate`]).
    Expired,
}

impl Verifier<'_> {
    /// How far the transaction is: for the page that waits, which shows nothing but this.
    ///
    /// # Errors
    /// There is no such transaction in this session, or memory fails.
    pub fn status(
        &self,
        transaction: &TransactionId,
        session: Option<&Session>,
        now: Timestamp,
    ) -> Result<Status, OutcomeError> {
        let key = transaction.0.key(TRANSACTIONS);
        let (record, _) = self.owned(&key, session, now)?.ok_or(OutcomeError::Unknown)?;
        Ok(match record.phase {
            Phase::Waiting { request } => {
                let request = self.keep().read::<RequestRecord>(&Key::named(REQUESTS, &request), now)?;
                match request.map(|(record, _)| record.phase) {
                    Some(RequestPhase::Open(open)) if open.fetched => Status::Scanned,
                    Some(RequestPhase::Open(_)) => Status::Waiting,
                    Some(RequestPhase::Answered { .. }) | None => Status::Expired,
                }
            }
            Phase::Confirming { number, .. } => Status::Confirming { number },
            Phase::Returning { ended: Ended::Accepted(_), .. } => Status::Returning,
            Phase::Returning { ended, .. } | Phase::Done(ended) => match ended {
                Ended::Accepted(_) => Status::Accepted,
                Ended::Denied { .. } => Status::Denied,
                Ended::Refused { .. } => Status::Refused,
                Ended::Hijacked => Status::Hijacked,
                Ended::Delivered => Status::Delivered,
            },
        })
    }

    /// The result, for the one who opened the transaction, in the session in which it was opened; on the same device only
    /// with the code that came back with the browser. What was accepted is handed out once.
    ///
    /// # Errors
    /// There is no result (yet), it was handed out, or it is somebody else's. If a code came back to another session than
    /// that of its transaction, that transaction has failed.
    pub fn result(
        &self,
        claim: &Claim<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Outcome, OutcomeError> {
        let key = claim.transaction.0.key(TRANSACTIONS);
        let owned = self.owned(&key, claim.session, now)?;
        if let Some(code) = claim.response_code
            && !(owned.is_some() && self.coded(code, now)?.is_some_and(|name| name == key.name()))
        {
            self.stray(code, now, entropy)?;
            return Err(OutcomeError::OtherSession); // [VP-RSP-05]
        }
        retrying(|| {
            let found = self.owned(&key, claim.session, now)?;
            let (mut record, version) = found.ok_or(OutcomeError::Unknown)?; // [VP-RSP-11]
            let ended = match record.phase {
                Phase::Waiting { .. } | Phase::Confirming { .. } => return Err(OutcomeError::Pending),
                Phase::Returning { code, ended } => {
                    let given = claim.response_code.map(|code| code.0.key(CODES));
                    if !given.is_some_and(|given| same(given.name(), &code)) {
                        return Err(OutcomeError::Pending); // [VP-RSP-05a]
                    }
                    ended
                }
                Phase::Done(ended) => ended,
            };
            let outcome = match ended {
                Ended::Accepted(value) => value,
                ended => return outcome(ended).map(Ok),
            };
            record.phase = Phase::Done(Ended::Delivered); // [VP-RSP-11a]
            let committed = self.replace(&key, &record, version, (now, entropy))?;
            Ok(committed.map(|()| Outcome::Accepted(outcome)))
        })
    }

    /// A code came back to a browser that has not started its transaction: somebody was led to present for somebody else.
    /// The transaction has failed, for all.
    ///
    /// # Errors
    /// Memory fails.
    pub fn stray(
        &self,
        code: &ResponseCode,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), OutcomeError> {
        let Some(name) = self.coded(code, now)? else { return Ok(()) };
        let key = Key::named(TRANSACTIONS, &name);
        retrying(|| {
            let Some((mut record, version)) = self.transaction(&name, now)? else { return Ok(Ok(())) };
            if matches!(record.phase, Phase::Done(_)) {
                return Ok(Ok(()));
            }
            record.phase = Phase::Done(Ended::Hijacked); // [VP-RSP-05b]
            self.replace(&key, &record, version, (now, entropy))
        })
    }

    fn replace(
        &self,
        key: &Key,
        record: &super::TransactionRecord,
        version: Version,
        (now, entropy): (Timestamp, &mut dyn Entropy),
    ) -> Result<Result<(), sinpyo_state::CommitError>, OutcomeError> {
        let data = self.keep().sealed(key, record, entropy)?;
        let until = Some(now.plus(self.settings.lifetimes.result));
        Ok(self.state.commit(&[Change::replace(key, version, &data, until)]))
    }
}

fn outcome(ended: Ended) -> Result<Outcome, OutcomeError> {
    Ok(match ended {
        Ended::Accepted(value) => Outcome::Accepted(value),
        Ended::Denied { code, description } => {
            let code = code.as_deref().and_then(WalletErrorCode::from_name);
            Outcome::Denied(WalletError { code, description })
        }
        Ended::Refused { rule } => Outcome::Refused { rule },
        Ended::Hijacked => Outcome::Hijacked,
        Ended::Delivered => return Err(OutcomeError::Delivered),
    })
}

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// VP-RSP-11: there is no such transaction in this session.
    #[error("there is no such transaction in this session")]
    Unknown,
    /// VP-RSP-05a: no response has come, or the browser has not come back with its code.
    #[error("the transaction has not ended")]
    Pending,
    /// VP-RSP-05: the code belongs to a transaction of another session.
    #[error("the response came back to another session")]
    OtherSession,
    /// VP-RSP-11a: the result was handed out before.
    #[error("the result was handed out before")]
    Delivered,
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for OutcomeError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl OutcomeError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "VP-RSP-11",
            Self::Pending => "VP-RSP-05a",
            Self::OtherSession => "VP-RSP-05",
            Self::Delivered => "VP-RSP-11a",
            Self::Keep(error) => error.code(),
        }
    }
}
