//! The end of a transaction: one response, one answer, one commit.

use super::{
    Verifier,
    order::{Confirmation, Flow},
    receive::Arrived,
    record::{CODES, Ended, KeepError, Phase, REQUESTS, Reply, RequestPhase, RequestRecord, TRANSACTIONS},
};
use crate::{
    form,
    handle::{Random, ResponseCode},
    location::Location,
};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::mac;
use sinpyo_state::{Change, Key, Unavailable, retrying};
use std::fmt;

/// What the verification came to.
///
/// Debug output shows no result.
pub enum Verdict {
    /// The presentations are good; this is what the one who opened the transaction gets.
    Accepted(Value),
    /// They are refused, by this rule. The wallet does not learn which.
    Refused {
        /// The rule, as in `spec/checks`.
        rule: String,
    },
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("Accepted(..)"),
            Self::Refused { rule } => f.debug_struct("Refused").field("rule", rule).finish(),
        }
    }
}

/// What the wallet is answered [OpenID4VP 1.0 §8.2].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum WalletReply {
    /// The response was taken.
    Taken {
        /// Where the wallet is to send the holder's browser.
        redirect_uri: Option<String>,
    },
    /// The response was refused.
    Refused,
}

impl WalletReply {
    pub(super) fn of(reply: &Reply) -> Self {
        match reply {
            Reply::Done { redirect_uri } => Self::Taken { redirect_uri: redirect_uri.clone() },
            Reply::Refused => Self::Refused,
        }
    }
}

impl Verifier<'_> {
    /// Ends the transaction of `arrived`: the request, its nonce and its key are gone, the result is kept for the one who
    /// opened the transaction, and what the wallet is answered is kept in case it asks again.
    ///
    /// # Errors
    /// Another response has come first, the time is over, or memory fails.
    pub fn conclude(
        &self,
        arrived: Arrived,
        verdict: Verdict,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<WalletReply, ConcludeError> {
        let ended = match verdict {
            Verdict::Accepted(result) => Ended::Accepted(result),
            Verdict::Refused { rule } => Ended::Refused { rule },
        };
        let Arrived { request, digest, .. } = arrived;
        self.end(&request, &digest, &ended, (now, entropy))
    }

    /// Ends the transaction whose request is `key`, answered by a body of this digest.
    pub(super) fn end(
        &self,
        key: &Key,
        digest: &str,
        ended: &Ended,
        (now, entropy): (Timestamp, &mut dyn Entropy),
    ) -> Result<WalletReply, ConcludeError> {
        let keep = self.keep();
        retrying(|| {
            let (request, request_version) =
                keep.read::<RequestRecord>(key, now)?.ok_or(ConcludeError::Late)?;
            match &request.phase {
                RequestPhase::Open(_) => {}
                RequestPhase::Answered { digest: before, reply } if before == digest => {
                    return Ok(Ok(WalletReply::of(reply)));
                }
                RequestPhase::Answered { .. } => return Err(ConcludeError::Late), // [VP-RSP-10c]
            }
            let found = self.transaction(&request.transaction, now)?;
            let (mut transaction, version) = found.ok_or(ConcludeError::Late)?;
            let name = Key::named(TRANSACTIONS, &request.transaction);
            if transaction.request_key().as_ref() != Some(key) {
                return Err(ConcludeError::Late);
            }
            let next = next(transaction.order.flow()?, ended.clone(), entropy);
            let until = Some(now.plus(self.settings.lifetimes.result));
            let code = next.code.as_ref().map(|code| code.0.key(CODES));
            transaction.phase = next.phase;
            let answered = RequestRecord {
                transaction: request.transaction.clone(),
                phase: RequestPhase::Answered { digest: digest.to_owned(), reply: next.reply.clone() },
            };
            let request_data = keep.sealed(key, &answered, entropy)?;
            let transaction_data = keep.sealed(&name, &transaction, entropy)?;
            let mut changes = vec![
                Change::replace(key, request_version, &request_data, until),
                Change::replace(&name, version, &transaction_data, until),
            ];
            let code_data = match &code {
                Some(code) => keep.sealed(code, &request.transaction, entropy)?,
                None => Vec::new(),
            };
            changes.extend(code.as_ref().map(|code| Change::insert(code, &code_data, until)));
            Ok(self.state.commit(&changes).map(|()| WalletReply::of(&next.reply)))
        })
    }
}

impl super::TransactionRecord {
    /// The request that waits for a response.
    pub(super) fn request_key(&self) -> Option<Key> {
        match &self.phase {
            Phase::Waiting { request } => Some(Key::named(REQUESTS, request)),
            Phase::Confirming { .. } | Phase::Returning { .. } | Phase::Done(_) => None,
        }
    }
}

struct Next {
    phase: Phase,
    reply: Reply,
    code: Option<ResponseCode>,
}

fn next(flow: Flow, ended: Ended, entropy: &mut dyn Entropy) -> Next {
    let to_page = |page: &Location, phase: &dyn Fn(&ResponseCode) -> Phase, code: ResponseCode| {
        let redirect_uri = Some(with_code(page, &code));
        Next { phase: phase(&code), reply: Reply::Done { redirect_uri }, code: Some(code) }
    };
    match (flow, ended) {
        (_, ended @ Ended::Refused { .. }) => {
            Next { phase: Phase::Done(ended), reply: Reply::Refused, code: None }
        }
        // The result waits for the browser that started. [VP-RSP-04]
        (Flow::SameDevice { return_to }, ended) => {
            let code = ResponseCode(Random::new(entropy));
            let name = code.0.key(CODES).name().to_owned();
            to_page(&return_to, &|_| Phase::Returning { code: name.clone(), ended: ended.clone() }, code)
        }
        // The number is made now: whoever sent the QR code to somebody before could not send the number along.
        // [VP-FIX-01]
        (Flow::CrossDevice { confirmation: Confirmation::Number { page } }, Ended::Accepted(outcome)) => {
            let (number, choices) = numbers(entropy);
            let confirming =
                |_: &ResponseCode| Phase::Confirming { number, choices, outcome: outcome.clone() };
            to_page(&page, &confirming, ResponseCode(Random::new(entropy)))
        }
        (Flow::CrossDevice { .. } | Flow::Digital { .. }, ended) => {
            Next { phase: Phase::Done(ended), reply: Reply::Done { redirect_uri: None }, code: None }
        }
    }
}

fn with_code(page: &Location, code: &ResponseCode) -> String {
    let page = page.as_str();
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}{}", form::write(&[("response_code", code.expose())]))
}

/// A number of two digits, and three different ones in any order of which it is one.
fn numbers(entropy: &mut dyn Entropy) -> (u8, [u8; 3]) {
    let mut drawn = [0; 64];
    let mut choices: Vec<u8> = Vec::new();
    while choices.len() < 3 {
        entropy.fill(&mut drawn);
        // 180 is twice the count of numbers from 10 to 99: none is likelier than another.
        for number in drawn.iter().filter(|byte| **byte < 180).map(|byte| 10 + byte % 90) {
            if choices.len() < 3 && !choices.contains(&number) {
                choices.push(number);
            }
        }
    }
    let choices = <[u8; 3]>::try_from(choices).unwrap_or_default();
    entropy.fill(&mut drawn);
    let place = drawn.iter().find(|byte| **byte < 255).map_or(0, |byte| usize::from(byte % 3));
    (choices.get(place).copied().unwrap_or_default(), choices)
}

/// Whether two secrets are one.
pub(super) fn same(one: &str, other: &str) -> bool {
    mac::equal(one.as_bytes(), other.as_bytes())
}

/// Why a response was not concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConcludeError {
    /// VP-RSP-10c: another response came first, or the time is over.
    #[error("the transaction has ended")]
    Late,
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for ConcludeError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl ConcludeError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Late => "VP-RSP-10c",
            Self::Keep(error) => error.code(),
        }
    }
}
