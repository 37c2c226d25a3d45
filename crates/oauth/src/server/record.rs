//! What the server remembers: JSON, sealed, because it says who gets what.

use super::AuthorizationServer;
use crate::authorization::{Authorization, Granted, Naming};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_state::{Key, OwnedChange, Space, Unavailable, Version};

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

/// Who a client proved to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientName {
    pub(crate) id: String,
    /// Who vouches for it, where that is all that is known: others may vouch for one of the same name. [OAU-43]
    pub(crate) attester: Option<String>,
}

/// An authorization request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    pub(crate) client: ClientName,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PreAuthorizedRecord {
    pub(crate) authorization: AuthorizationRecord,
    pub(crate) tx_code: Option<TxCodeRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
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
    pub(crate) client: Option<ClientName>,
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
    pub(crate) expires: Option<Timestamp>,
}

impl<T> Found<T> {
    pub(crate) fn remove(self) -> OwnedChange {
        OwnedChange::remove(self.key, self.version)
    }
}

impl AuthorizationServer<'_> {
    /// Where this server keeps what `secret` finds. Other servers may share the state: what they gave out is unknown here.
    pub(crate) fn key(&self, space: Space, secret: &str) -> Key {
        Key::secret(space, format!("{}\0{secret}", self.settings.issuer).as_bytes()) // [OAU-41]
    }

    /// The record of `key`. One that cannot be read was written by no version of this crate, or under another master key,
    /// and is not answered for.
    pub(crate) fn find<T: DeserializeOwned>(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Found<T>>, Unavailable> {
        let Some(record) = self.state.get(&key, now)? else { return Ok(None) };
        let text = self.settings.sealing().open(&place(&key), &record.data).map_err(|_| Unavailable)?;
        let value = serde_json::from_slice(text.expose()).map_err(|_| Unavailable)?;
        Ok(Some(Found { value, key, version: record.version, expires: record.expires }))
    }

    /// A new record.
    pub(crate) fn insert<T: Serialize>(
        &self,
        key: Key,
        value: &T,
        expires: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> OwnedChange {
        let data = self.sealed(&key, value, entropy);
        OwnedChange::insert(key, data, Some(expires))
    }

    /// Another value in the place of what was found; where no end is given, for as long as that was to live.
    pub(crate) fn replace<T, U: Serialize>(
        &self,
        found: Found<T>,
        (value, expires): (&U, Option<Timestamp>),
        entropy: &mut dyn Entropy,
    ) -> OwnedChange {
        let data = self.sealed(&found.key, value, entropy);
        OwnedChange::replace(found.key, found.version, data, expires.or(found.expires))
    }

    #[expect(clippy::expect_used, reason = "records are short, and nothing in them is foreign to JSON")]
    fn sealed<T: Serialize>(&self, key: &Key, value: &T, entropy: &mut dyn Entropy) -> Vec<u8> {
        let text = Secret::new(serde_json::to_vec(value).expect("JSON"));
        self.settings.sealing().seal(entropy, &place(key), &text).expect("a short text") // [OAU-42]
    }
}

fn place(key: &Key) -> Vec<u8> {
    format!("{}\0{}", key.space().name(), key.name()).into_bytes()
}
