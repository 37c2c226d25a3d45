//! What the server remembers, as JSON.

use crate::authorization::{Authorization, Granted, Naming};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sinpyo_core::time::Timestamp;
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable, Version};

/// A pushed request, under its request URI.
pub(crate) const PUSHED: Space = Space::new("oauth.pushed");
/// A pushed request before whose user a page lies.
pub(crate) const INTERACTION: Space = Space::new("oauth.interaction");
/// An authorization code.
pub(crate) const CODE: Space = Space::new("oauth.code");
/// A pre-authorized code.
pub(crate) const PRE_AUTHORIZED: Space = Space::new("oauth.preauthorized");
/// What was granted; tokens are good as long as it is there.
pub(crate) const FAMILY: Space = Space::new("oauth.family");
/// An access token.
pub(crate) const ACCESS: Space = Space::new("oauth.access");
/// A refresh token.
pub(crate) const REFRESH: Space = Space::new("oauth.refresh");

/// An authorization request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    /// The S256 code challenge.
    pub(crate) challenge: String,
    /// The key that the code is to be bound to.
    pub(crate) jkt: Option<String>,
    pub(crate) issuer_state: Option<String>,
    pub(crate) configurations: Vec<String>,
    pub(crate) naming: Naming,
}

/// An authorization code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum CodeRecord {
    Live(Box<LiveCode>),
    /// The family that it bought.
    Spent(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LiveCode {
    pub(crate) request: RequestRecord,
    pub(crate) authorization: AuthorizationRecord,
}

/// A pre-authorized code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PreAuthorizedRecord {
    pub(crate) authorization: AuthorizationRecord,
    pub(crate) tx_code: Option<TxCodeRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TxCodeRecord {
    /// A MAC of it.
    pub(crate) tag: String,
    /// How often it was wrong or missing.
    pub(crate) failures: u8,
}

/// A grant that was made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FamilyRecord {
    /// To whom; nobody in particular.
    pub(crate) client: Option<String>,
    /// The key to which all its tokens are bound.
    pub(crate) jkt: Option<String>,
    pub(crate) authorization: AuthorizationRecord,
    pub(crate) naming: Naming,
    /// When it ends.
    #[serde(with = "unix")]
    pub(crate) until: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessRecord {
    pub(crate) family: String,
    /// Which of the family's configurations, if not all of them.
    pub(crate) only: Option<Vec<String>>,
    pub(crate) naming: Naming,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefreshRecord {
    pub(crate) family: String,
    pub(crate) spent: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthorizationRecord {
    subject: String,
    configurations: Vec<Granted>,
}

impl From<Authorization> for AuthorizationRecord {
    fn from(Authorization { subject, configurations }: Authorization) -> Self {
        Self { subject, configurations }
    }
}

impl From<AuthorizationRecord> for Authorization {
    fn from(AuthorizationRecord { subject, configurations }: AuthorizationRecord) -> Self {
        Self { subject, configurations }
    }
}

/// Times as whole seconds.
mod unix {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use sinpyo_core::time::Timestamp;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.unix())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        Timestamp::from_unix(seconds).ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// A record that was read, and which version of it.
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) key: Key,
    version: Version,
    expires: Option<Timestamp>,
}

/// The record of `key`. One that cannot be read was written by no version of this crate, and is not answered for.
pub(crate) fn find<T: DeserializeOwned>(
    state: &dyn State,
    key: Key,
    now: Timestamp,
) -> Result<Option<Found<T>>, Unavailable> {
    let Some(record) = state.get(&key, now)? else { return Ok(None) };
    let value = serde_json::from_slice(&record.data).map_err(|_| Unavailable)?;
    Ok(Some(Found { value, key, version: record.version, expires: record.expires }))
}

impl<T> Found<T> {
    pub(crate) fn remove(self) -> OwnedChange {
        OwnedChange::remove(self.key, self.version)
    }

    /// The record as it is now, for as long as it was to live.
    pub(crate) fn rewritten(self) -> OwnedChange
    where
        T: Serialize,
    {
        OwnedChange::replace(self.key, self.version, written(&self.value), self.expires)
    }

    pub(crate) fn replace<U: Serialize>(self, value: &U, expires: Timestamp) -> OwnedChange {
        OwnedChange::replace(self.key, self.version, written(value), Some(expires))
    }
}

/// A new record.
pub(crate) fn insert<T: Serialize>(key: Key, value: &T, expires: Timestamp) -> OwnedChange {
    OwnedChange::insert(key, written(value), Some(expires))
}

#[expect(clippy::expect_used, reason = "records have text for names and nothing that JSON cannot say")]
fn written<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("JSON")
}
