//! Who may use the management interface.

use crate::tenant::verifying_key;
use serde_json::{Map, Value, json};
use sinpyo_core::{json::parse_object, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_oauth::access::{Scope, Scopes};
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable, retrying};
use sinpyo_web::audit::LogWord;

const CLIENT: Space = Space::new("iss.client");

/// What a management token permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Making offers.
    Issue,
    /// Revoking, suspending and reinstating.
    Status,
    /// Reading what was offered and issued, and following it.
    Read,
    /// Tenants and webhooks.
    Admin,
}

impl Scope for Permission {
    const ALL: &'static [Self] = &[Self::Issue, Self::Status, Self::Read, Self::Admin];

    fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Status => "status",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Issue => "make, release and withdraw offers",
            Self::Status => "revoke, suspend and reinstate credentials",
            Self::Read => "read offers and issued credentials, and follow what happens",
            Self::Admin => "enter tenants and webhooks",
        }
    }
}

/// A program that uses the management interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementClient {
    id: LogWord,
    members: Map<String, Value>,
}

/// Why nobody can be a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client's {0} is missing or malformed")]
pub struct ClientError(&'static str);

impl ClientError {
    /// The rule in `spec/checks/isv.toml`.
    pub const fn code(&self) -> &'static str {
        "ISV-03"
    }
}

impl ManagementClient {
    /// Reads one: `id`, `keys` (public JWKs), `scope` (words with spaces between them) and `tenants` (names; all if it is
    /// absent).
    ///
    /// # Errors
    /// The member that is missing or malformed.
    pub fn parse(members: Map<String, Value>) -> Result<Self, ClientError> {
        let text = |name: &'static str| members.get(name).and_then(Value::as_str);
        let id = text("id").and_then(|id| LogWord::parse(id).ok()).ok_or(ClientError("id"))?; // [ISV-03]
        let client = Self { id, members };
        client.keys().filter(|keys| !keys.is_empty()).ok_or(ClientError("keys"))?;
        client.scopes().ok_or(ClientError("scope"))?;
        match client.members.get("tenants") {
            Some(tenants) if tenants.as_array().is_none_or(|all| !all.iter().all(Value::is_string)) => {
                Err(ClientError("tenants"))
            }
            _ => Ok(client),
        }
    }

    /// As it is written.
    pub fn to_json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    pub(crate) fn keys(&self) -> Option<Vec<VerifyingKey>> {
        self.members.get("keys")?.as_array()?.iter().map(verifying_key).collect()
    }

    pub(crate) fn scopes(&self) -> Option<Scopes<Permission>> {
        self.members.get("scope")?.as_str()?.parse().ok()
    }

    /// Whether it may work for the tenant `id`; for none in particular, whether it may for all.
    pub(crate) fn serves(&self, id: Option<&str>) -> bool {
        match (self.members.get("tenants").and_then(Value::as_array), id) {
            (None, _) => true,
            (Some(own), Some(id)) => own.iter().any(|one| one.as_str() == Some(id)),
            (Some(_), None) => false,
        }
    }
}

/// The clients of a service.
#[derive(Clone, Copy, Debug)]
pub struct Clients<'a> {
    pub(crate) state: &'a dyn State,
}

impl Clients<'_> {
    /// Enters a client, in place of what there was under its name.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn enter(&self, client: &ManagementClient) -> Result<(), Unavailable> {
        let key = Key::named(CLIENT, &client.id.to_string());
        let data = json!(client.members).to_string();
        retrying(|| {
            Ok(self.state.commit_owned(&[match crate::vault::stale(self.state, &key)? {
                None => OwnedChange::insert(key.clone(), data.as_bytes(), None),
                Some(found) => OwnedChange::replace(key.clone(), found.version, data.as_bytes(), None),
            }]))
        })
    }

    /// Forgets a client, whose tokens end with it; whether there was one.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn remove(&self, id: &LogWord, now: Timestamp) -> Result<bool, Unavailable> {
        let key = Key::named(CLIENT, &id.to_string());
        retrying(|| {
            let Some(found) = self.state.get(&key, now)? else { return Ok(Ok(false)) };
            Ok(self.state.commit_owned(&[OwnedChange::remove(key.clone(), found.version)]).map(|()| true))
        })
    }

    /// The client of this name.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn find(&self, id: &str, now: Timestamp) -> Result<Option<ManagementClient>, Unavailable> {
        let Some(record) = self.state.get(&Key::named(CLIENT, id), now)? else { return Ok(None) };
        let members = parse_object(&record.data).map_err(|_| Unavailable)?;
        ManagementClient::parse(members).map(Some).map_err(|_| Unavailable)
    }

    /// All clients.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn list(&self, now: Timestamp) -> Result<Vec<ManagementClient>, Unavailable> {
        let records = self.state.page(CLIENT, None, 1000, now)?;
        let read = |data: &[u8]| ManagementClient::parse(parse_object(data).ok()?).ok();
        records.iter().map(|(_, record)| read(&record.data).ok_or(Unavailable)).collect()
    }
}
