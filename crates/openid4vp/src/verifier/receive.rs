//! Responses as they arrive: taken apart, decrypted, matched with their request. Nothing is consumed yet
//! [OpenID4VP 1.0 §8].

use super::{
    Verifier,
    conclude::{ConcludeError, WalletReply},
    open::{OpenError, decrypter},
    order::Flow,
    record::{Ended, KeepError, OpenRequest, REQUESTS, RequestPhase, RequestRecord, TransactionRecord},
};
use crate::{
    digital::audience,
    expectation::{Channel, Expectation},
    form,
    handle::{Handle, Session, TransactionId},
    location::LocationError,
    vp_token::{VpToken, VpTokenError},
    wallet_error::WalletError,
};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::to_base64url, jcs, json, key::Entropy, time::Timestamp};
use sinpyo_crypto::{hash::sha256, mac};
use sinpyo_dcql::Query;
use sinpyo_jose::jwe::JweError;
use sinpyo_state::{Key, Unavailable};
use std::fmt;

/// What became of a response.
#[derive(Debug)]
#[must_use]
pub enum Received {
    /// Presentations, to be verified and then to be concluded.
    Presented(Box<Arrived>),
    /// The wallet reported an error; the transaction has ended.
    Declined(WalletReply),
    /// The same response came before, and gets the same answer.
    Repeated(WalletReply),
}

/// Presentations that answer a request of ours, and what they must be good for. Verify them, then
/// [`Verifier::conclude`].
///
/// Debug output shows nothing that somebody sent.
#[must_use]
pub struct Arrived {
    /// What was presented, by query.
    pub presentations: VpToken,
    /// What the presentations must be made for.
    pub expectation: Expectation,
    /// What was asked for: to be evaluated again on what was verified.
    pub query: Query,
    /// The caller's own of the order.
    pub note: Value,
    pub(super) request: Key,
    pub(super) digest: String,
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived").field("presentations", &self.presentations).finish_non_exhaustive()
    }
}

impl Verifier<'_> {
    /// Takes the form that was posted to the `response_uri` ending in `handle`.
    ///
    /// # Errors
    /// It answers no open request of ours. Whatever the reason, the transaction is as it was.
    pub fn receive(
        &self,
        handle: &str,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Received, ReceiveError> {
        let handle = Handle::parse(handle).ok_or(ReceiveError::Unknown)?;
        let digest = to_base64url(&sha256(body));
        let key = handle.0.key(REQUESTS);
        let (open, transaction) = match self.open_request(&key, &digest, now)? {
            Found::Open(open, transaction) => (open, transaction),
            Found::Answered(reply) => return Ok(Received::Repeated(reply)),
        };
        let (Flow::SameDevice { .. } | Flow::CrossDevice { .. }) = transaction.order.flow()? else {
            return Err(ReceiveError::Unknown);
        };
        let text = std::str::from_utf8(body).map_err(|_| ReceiveError::Form)?;
        let members = form::parse(text).map_err(|_| ReceiveError::Form)?;
        let members = members.into_iter().map(parameter).collect::<Result<_, _>>()?;
        let Parameters { members, jwk_thumbprint } =
            Self::decrypted(members, &open, transaction.order.encrypted)?;
        let state = members.get("state").and_then(Value::as_str).unwrap_or_default();
        if !mac::equal(state.as_bytes(), open.state.as_bytes()) {
            return Err(ReceiveError::State); // [VP-REQ-08]
        }
        if let Some(error) = wallet_error(&members) {
            return Ok(Received::Declined(self.decline(&key, &digest, &error, (now, entropy))?));
        }
        let response_uri = self.settings.response_uri(&handle)?.as_str().to_owned();
        let expectation = Expectation {
            audience: self.client_id(&response_uri).as_str().to_owned(), // [VP-CID-02]
            nonce: open.nonce,
            channel: Channel::Posted { response_uri },
            jwk_thumbprint,
            transaction_data: transaction.order.transaction_data.clone(), // [VP-TXD-04]
        };
        arrived(members, expectation, &transaction, (key, digest))
            .map(|arrived| Received::Presented(Box::new(arrived)))
    }

    /// Takes what the browser's Digital Credentials API gave the page of `origin`: the member `data` of the credential.
    ///
    /// # Errors
    /// It answers no open request of ours, or the page is another. The transaction is as it was.
    pub fn receive_digital(
        &self,
        transaction: (&TransactionId, Option<&Session>),
        origin: &str,
        data: &Map<String, Value>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Received, ReceiveError> {
        let (id, session) = transaction;
        let name = id.0.key(super::TRANSACTIONS);
        let (record, _) = self.owned(&name, session, now)?.ok_or(ReceiveError::Unknown)?;
        let Flow::Digital { origins, .. } = record.order.flow()? else { return Err(ReceiveError::Unknown) };
        if !origins.iter().any(|known| known == origin) {
            return Err(ReceiveError::Origin); // [VP-DCA-03b]
        }
        let digest = to_base64url(&sha256(&jcs::canonicalize_object(data)));
        let key = record.request_key().ok_or(ReceiveError::Unknown)?;
        let open = match self.open_request(&key, &digest, now)? {
            Found::Open(open, _) => open,
            Found::Answered(reply) => return Ok(Received::Repeated(reply)),
        };
        let Parameters { members, jwk_thumbprint } =
            Self::decrypted(data.clone(), &open, record.order.encrypted)?;
        if let Some(error) = wallet_error(&members) {
            return Ok(Received::Declined(self.decline(&key, &digest, &error, (now, entropy))?));
        }
        let expectation = Expectation {
            audience: audience(origin),
            nonce: open.nonce,
            channel: Channel::Digital { origin: origin.to_owned() },
            jwk_thumbprint,
            transaction_data: record.order.transaction_data.clone(),
        };
        arrived(members, expectation, &record, (key, digest))
            .map(|arrived| Received::Presented(Box::new(arrived)))
    }

    /// The open request of `key` and its transaction, or what was answered to the same body before.
    fn open_request(&self, key: &Key, digest: &str, now: Timestamp) -> Result<Found, ReceiveError> {
        let unknown = ReceiveError::Unknown;
        let (record, _) = self.keep().read::<RequestRecord>(key, now)?.ok_or(unknown)?; // [VP-RSP-10b]
        match record.phase {
            RequestPhase::Answered { digest: before, reply } if before == digest => {
                Ok(Found::Answered(WalletReply::of(&reply))) // [VP-RSP-10]
            }
            RequestPhase::Answered { .. } => Err(ReceiveError::Answered), // [VP-RSP-10a]
            RequestPhase::Open(open) => {
                let found = self.transaction(&record.transaction, now)?;
                let (transaction, _) = found.ok_or(ReceiveError::Unknown)?;
                Ok(Found::Open(open, Box::new(transaction)))
            }
        }
    }

    /// The response parameters, out of the encryption that was demanded. An error may come without.
    fn decrypted(
        members: Map<String, Value>,
        open: &OpenRequest,
        encrypted: bool,
    ) -> Result<Parameters, ReceiveError> {
        let Some(response) = members.get("response") else {
            if encrypted && !members.contains_key("error") {
                return Err(ReceiveError::NotEncrypted); // [VP-RSP-06]
            }
            return Ok(Parameters { members, jwk_thumbprint: None });
        };
        let decrypter = decrypter(open)?.ok_or(ReceiveError::Form)?;
        let response = response.as_str().ok_or(ReceiveError::Form)?;
        let decrypted = decrypter.decrypt(response)?;
        let members = json::parse_object(&decrypted.payload).map_err(|_| ReceiveError::Form)?; // [VP-RSP-06b]
        Ok(Parameters { members, jwk_thumbprint: Some(decrypter.key_thumbprint()) })
    }

    fn decline(
        &self,
        key: &Key,
        digest: &str,
        error: &WalletError,
        edge: (Timestamp, &mut dyn Entropy),
    ) -> Result<WalletReply, ConcludeError> {
        let ended = Ended::Denied {
            code: error.code.map(|code| code.name().to_owned()),
            description: error.description.clone(),
        };
        self.end(key, digest, &ended, edge)
    }
}

/// The parameters of a response, and to which key they were encrypted.
struct Parameters {
    members: Map<String, Value>,
    jwk_thumbprint: Option<[u8; 32]>,
}

enum Found {
    Open(OpenRequest, Box<TransactionRecord>),
    Answered(WalletReply),
}

/// A member of the form as a parameter: `vp_token` is JSON there, the others are texts.
fn parameter((name, text): (String, String)) -> Result<(String, Value), ReceiveError> {
    let value = match name.as_str() {
        "vp_token" => json::parse(text.as_bytes()).map_err(|_| ReceiveError::Form)?, // [VP-RSP-06b]
        _ => Value::String(text),
    };
    Ok((name, value))
}

/// An error counts, whatever else came with it.
fn wallet_error(members: &Map<String, Value>) -> Option<WalletError> {
    let error = members.get("error")?; // [VP-ERR-01a]
    let description = members.get("error_description").and_then(Value::as_str);
    Some(WalletError::read(error.as_str().unwrap_or_default(), description))
}

fn arrived(
    mut members: Map<String, Value>,
    expectation: Expectation,
    transaction: &TransactionRecord,
    (request, digest): (Key, String),
) -> Result<Arrived, ReceiveError> {
    let token = members.remove("vp_token").ok_or(ReceiveError::NoToken)?;
    Ok(Arrived {
        presentations: VpToken::parse(token)?,
        expectation,
        query: transaction.order.query()?,
        note: transaction.order.note.clone(),
        request,
        digest,
    })
}

/// Why a response is not taken. The wallet is told the same for all of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// VP-RSP-10b: no request of ours, or one that has expired.
    #[error("no open request of ours is answered")]
    Unknown,
    /// VP-RSP-10a: the request was answered by another response.
    #[error("the request was answered before, and otherwise")]
    Answered,
    /// VP-RSP-06b: no form, or no strict JSON where that is due.
    #[error("the response is malformed")]
    Form,
    /// VP-REQ-08: `state` is missing or another one.
    #[error("state is missing or not that of the request")]
    State,
    /// VP-RSP-06: presentations came without the encryption that was demanded.
    #[error("the response is not encrypted")]
    NotEncrypted,
    /// The encryption is refused.
    #[error(transparent)]
    Decrypt(#[from] JweError),
    /// VP-RSP-01e: neither presentations nor an error.
    #[error("the response holds neither vp_token nor error")]
    NoToken,
    /// `vp_token` has another shape.
    #[error(transparent)]
    VpToken(#[from] VpTokenError),
    /// VP-DCA-03b: from a page of another origin.
    #[error("the page is not one that the request was made for")]
    Origin,
    /// The answer was not remembered.
    #[error(transparent)]
    Conclude(#[from] ConcludeError),
    /// What is remembered of the request cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for ReceiveError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl From<LocationError> for ReceiveError {
    fn from(error: LocationError) -> Self {
        Self::Open(error.into())
    }
}

impl ReceiveError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "VP-RSP-10b",
            Self::Answered => "VP-RSP-10a",
            Self::Form => "VP-RSP-06b",
            Self::State => "VP-REQ-08",
            Self::NotEncrypted => "VP-RSP-06",
            Self::Decrypt(error) => error.code(),
            Self::NoToken => "VP-RSP-01e", // [VP-RSP-01e]
            Self::VpToken(error) => error.code(),
            Self::Origin => "VP-DCA-03b",
            Self::Conclude(error) => error.code(),
            Self::Open(error) => error.code(),
            Self::Keep(error) => error.code(),
        }
    }
}
