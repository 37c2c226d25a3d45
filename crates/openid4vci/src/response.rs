//! What comes back from the credential, deferred and nonce endpoints [VCI 1.0 §7.2, §8.3, §9.2].

use crate::member::{self, Object, Unfit};
use serde_json::{Map, Value, json};
use sinpyo_core::json;
use std::fmt;

/// Largest response, in bytes, whether encrypted or not.
pub const MAX_LENGTH: usize = 16 << 20;

/// Longest wait that an issuer can ask for, in seconds: thirty days.
const MAX_INTERVAL: u64 = 30 * 86_400;

/// An answer to a request for credentials.
#[derive(Clone, PartialEq)]
pub enum CredentialResponse {
    /// Here they are.
    Ready {
        /// Each a text or an object, as its format has it; at least one.
        credentials: Vec<Value>,
        /// Under which the issuer wants to hear what became of them.
        notification_id: Option<String>,
    },
    /// Not yet.
    Deferred {
        /// Under which to ask again.
        transaction_id: String,
        /// How long to wait before, in seconds.
        interval: u64,
    },
}

impl CredentialResponse {
    /// Reads a response that came with `status`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(status: u16, text: &[u8]) -> Result<Self, ResponseError> {
        let members = json::parse_object(text)?;
        match status {
            200 => Self::ready(&members),
            202 => Self::deferred(&members),
            _ => Err(ResponseError::Status),
        }
    }

    fn ready(members: &Object) -> Result<Self, ResponseError> {
        let listed = member::array(members, "credentials")?.filter(|listed| !listed.is_empty());
        let credential = |entry: &Value| {
            let credential = entry.get("credential").filter(|one| one.is_object() || one.is_string());
            credential.cloned().ok_or(Unfit("credential")) // [VCI-CRS-03]
        };
        let credentials = listed.ok_or(Unfit("credentials"))?.iter().map(credential); // [VCI-CRS-01]
        if members.contains_key("transaction_id") {
            return Err(Unfit("transaction_id").into()); // [VCI-CRS-02]
        }
        Ok(Self::Ready {
            credentials: credentials.collect::<Result<_, _>>()?,
            notification_id: member::text(members, "notification_id")?.map(str::to_owned),
        })
    }

    fn deferred(members: &Object) -> Result<Self, ResponseError> {
        if members.contains_key("credentials") || members.contains_key("notification_id") {
            return Err(Unfit("credentials").into()); // [VCI-CRS-02]
        }
        let interval =
            member::number(members, "interval")?.filter(|seconds| (1..=MAX_INTERVAL).contains(seconds));
        Ok(Self::Deferred {
            transaction_id: member::required_text(members, "transaction_id")?.to_owned(),
            interval: interval.ok_or(Unfit("interval"))?, // [VCI-CRS-02]
        })
    }

    /// Its JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Ready { credentials, notification_id } => {
                let entry = |credential| json!({ "credential": credential });
                let mut members = Map::new();
                members.insert("credentials".to_owned(), credentials.iter().map(entry).collect());
                member::put(&mut members, "notification_id", notification_id.as_deref());
                members.into()
            }
            Self::Deferred { transaction_id, interval } => {
                json!({ "transaction_id": transaction_id, "interval": interval })
            }
        }
    }

    /// The HTTP status that says which of the two it is.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Ready { .. } => 200,
            Self::Deferred { .. } => 202, // [VCI-CRS-02]
        }
    }
}

// Credentials are about a person, and a transaction identifier gets them. [OAU-46]
impl fmt::Debug for CredentialResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready { credentials, .. } => {
                let count = credentials.len();
                f.debug_struct("Ready").field("credentials", &count).finish_non_exhaustive()
            }
            Self::Deferred { interval, .. } => {
                f.debug_struct("Deferred").field("interval", interval).finish_non_exhaustive()
            }
        }
    }
}

/// Reads the nonce out of a response of the nonce endpoint.
///
/// # Errors
/// There is none.
pub fn c_nonce(text: &[u8]) -> Result<String, ResponseError> {
    let members = json::parse_object(text)?;
    Ok(member::required_text(&members, "c_nonce")?.to_owned()) // [VCI-NON-01]
}

/// Why a response is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// VCI-CRS-01: neither 200 nor 202.
    #[error("the status is neither of success nor of deferral")]
    Status,
    /// VCI-CRS-01: a member is missing or of another form.
    #[error("the response's {0} is missing, malformed or out of place")]
    Member(&'static str),
    /// Not JSON.
    #[error("the response is no json object")]
    Json(#[source] json::JsonError),
}

impl ResponseError {
    /// The rule in `spec/checks/vci-crs.toml` or `json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Status | Self::Member(_) => "VCI-CRS-01",
            Self::Json(error) => error.code(),
        }
    }
}

impl From<Unfit> for ResponseError {
    fn from(Unfit(member): Unfit) -> Self {
        Self::Member(member)
    }
}

impl From<json::JsonError> for ResponseError {
    fn from(error: json::JsonError) -> Self {
        Self::Json(error)
    }
}
