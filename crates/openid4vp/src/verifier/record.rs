//! What is remembered of a transaction, sealed: whoever reads the engine's files learns how many there are.

use super::order::{Confirmation, Flow, Order, Signing};
use crate::{
    handle::Session,
    location::{Location, Transport},
    request::VerifierInfo,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_dcql::Query;
use sinpyo_state::{Key, Record, Space, State, Unavailable, Version};

/// Transactions, by the digest of their id.
pub(super) const TRANSACTIONS: Space = Space::new("vp.transaction");
/// Requests, by the digest of their handle.
pub(super) const REQUESTS: Space = Space::new("vp.request");
/// Which transaction a response code belongs to, by the digest of the code.
pub(super) const CODES: Space = Space::new("vp.code");

/// A transaction.
#[derive(Serialize, Deserialize)]
pub(super) struct TransactionRecord {
    pub(super) order: OrderRecord,
    /// When it ends, seconds since 1970.
    pub(super) expires: i64,
    pub(super) phase: Phase,
}

/// How far it is.
#[derive(Serialize, Deserialize)]
pub(super) enum Phase {
    /// The request of this name waits for a response.
    Waiting { request: String },
    /// The holder is to choose the number that the screen shows.
    Confirming { number: u8, choices: [u8; 3], outcome: Value },
    /// The holder's browser is to come back with the code of this name.
    Returning { code: String, ended: Ended },
    /// Nothing is to happen any more but that the result is fetched.
    Done(Ended),
}

/// How a transaction ended.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Ended {
    /// Accepted, with the caller's result. Only until it is handed out.
    Accepted(Value),
    /// The wallet reported an error.
    Denied { code: Option<String>, description: Option<String> },
    /// The presentations were refused by this rule.
    Refused { rule: String },
    /// The response came back to another browser, or the holder chose another number.
    Hijacked,
    /// The result was handed out.
    Delivered,
}

/// An [`Order`].
#[derive(Serialize, Deserialize)]
pub(super) struct OrderRecord {
    query: Value,
    flow: FlowRecord,
    pub(super) encrypted: bool,
    pub(super) transaction_data: Vec<String>,
    verifier_info: Vec<(String, Value, Option<Vec<String>>)>,
    session: Option<String>,
    pub(super) note: Value,
}

#[derive(Serialize, Deserialize)]
enum FlowRecord {
    SameDevice { return_to: String },
    CrossDevice { page: Option<String> },
    Digital { origins: Vec<String>, signatures: u8 },
}

/// One request of a transaction.
#[derive(Serialize, Deserialize)]
pub(super) struct RequestRecord {
    pub(super) transaction: String,
    pub(super) phase: RequestPhase,
}

#[derive(Serialize, Deserialize)]
pub(super) enum RequestPhase {
    /// It waits for a response.
    Open(OpenRequest),
    /// It was answered by a body with this digest; what it held is gone.
    Answered { digest: String, reply: Reply },
}

#[derive(Serialize, Deserialize)]
pub(super) struct OpenRequest {
    pub(super) nonce: String,
    pub(super) state: String,
    /// The private key for the response, as a JWK, and its name.
    pub(super) key: Option<(String, String)>,
    /// Whether a wallet has fetched it.
    pub(super) fetched: bool,
}

/// What the wallet was told, to be told again.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It is done; perhaps the browser is to go somewhere.
    Done { redirect_uri: Option<String> },
    /// The response was refused.
    Refused,
}

impl OrderRecord {
    pub(super) fn of(order: &Order) -> Self {
        let flow = match &order.flow {
            Flow::SameDevice { return_to } => {
                FlowRecord::SameDevice { return_to: return_to.as_str().to_owned() }
            }
            Flow::CrossDevice { confirmation: Confirmation::None } => FlowRecord::CrossDevice { page: None },
            Flow::CrossDevice { confirmation: Confirmation::Number { page } } => {
                FlowRecord::CrossDevice { page: Some(page.as_str().to_owned()) }
            }
            Flow::Digital { origins, signing } => FlowRecord::Digital {
                origins: origins.clone(),
                signatures: match signing {
                    Signing::Unsigned => 0,
                    Signing::Signed => 1,
                    Signing::MultiSigned => 2,
                },
            },
        };
        let info =
            |info: &VerifierInfo| (info.format.clone(), info.data.clone(), info.credential_ids.clone());
        Self {
            query: order.query.to_json(),
            flow,
            encrypted: order.encryption == super::order::Encryption::Encrypted,
            transaction_data: order.transaction_data.iter().map(|datum| datum.as_str().to_owned()).collect(),
            verifier_info: order.verifier_info.iter().map(info).collect(),
            session: order.session.clone().map(|session| session.0),
            note: order.note.clone(),
        }
    }

    pub(super) fn query(&self) -> Result<Query, KeepError> {
        Query::from_json(&self.query).map_err(|_| KeepError::Unreadable)
    }

    pub(super) fn flow(&self) -> Result<Flow, KeepError> {
        // It was checked when the transaction was opened.
        let location =
            |text: &str| Location::parse(text, Transport::OrLoopback).map_err(|_| KeepError::Unreadable);
        Ok(match &self.flow {
            FlowRecord::SameDevice { return_to } => Flow::SameDevice { return_to: location(return_to)? },
            FlowRecord::CrossDevice { page: None } => Flow::CrossDevice { confirmation: Confirmation::None },
            FlowRecord::CrossDevice { page: Some(page) } => {
                Flow::CrossDevice { confirmation: Confirmation::Number { page: location(page)? } }
            }
            FlowRecord::Digital { origins, signatures } => Flow::Digital {
                origins: origins.clone(),
                signing: match signatures {
                    0 => Signing::Unsigned,
                    1 => Signing::Signed,
                    _ => Signing::MultiSigned,
                },
            },
        })
    }

    pub(super) fn verifier_info(&self) -> Vec<VerifierInfo> {
        let info = self.verifier_info.iter().cloned();
        info.map(|(format, data, credential_ids)| VerifierInfo { format, data, credential_ids }).collect()
    }

    /// Whether `session` is the one that the transaction belongs to.
    pub(super) fn belongs_to(&self, session: Option<&Session>) -> bool {
        match (&self.session, session) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => sinpyo_crypto::mac::equal(own.as_bytes(), other.0.as_bytes()),
        }
    }
}

/// Reads and seals records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep<'a> {
    pub(super) state: &'a dyn State,
    pub(super) sealing: &'a SealingKey,
}

impl Keep<'_> {
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(T, Version)>, KeepError> {
        let Some(Record { version, data, .. }) = self.state.get(key, now)? else { return Ok(None) };
        let opened = self.sealing.open(&associated(key), &data).map_err(|_| KeepError::Unreadable)?;
        let record = serde_json::from_slice(opened.expose()).map_err(|_| KeepError::Unreadable)?;
        Ok(Some((record, version)))
    }

    pub(super) fn sealed(
        &self,
        key: &Key,
        record: &impl Serialize,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, KeepError> {
        let plain = serde_json::to_vec(record).map_err(|_| KeepError::Unreadable)?;
        self.sealing.seal(entropy, &associated(key), &Secret::new(plain)).map_err(|_| KeepError::Unreadable)
    }
}

fn associated(key: &Key) -> Vec<u8> {
    format!("{}/{}", key.space().name(), key.name()).into_bytes()
}

/// What is remembered cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The engine cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// VP-RSP-11c: sealed with another key, or changed.
    #[error("what is remembered of the transaction cannot be read")]
    Unreadable,
}

impl KeepError {
    /// The rule in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(error) => error.code(),
            Self::Unreadable => "VP-RSP-11c", // [VP-RSP-11c]
        }
    }
}
