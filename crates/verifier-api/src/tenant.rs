//! The organisations that verify through one service, each with its own requests, results and log.

use serde::{Deserialize, Serialize};
use sinpyo_core::{accreditation::LocalizedName, did::Did, time::Timestamp};
use sinpyo_openid4vp::verifier::Profile;
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable};
use std::{fmt, str::FromStr};

const SPACE: Space = Space::new("vsv.tenant");
/// First parts of paths that are the service's own.
const RESERVED: [&str; 8] = ["manage", "admin", "assets", "healthz", "tenants", "token", "login", "logout"];
/// Most tenants that are listed, and most addresses of one.
const MOST: usize = 1000;
const MOST_ADDRESSES: usize = 32;

/// A tenant by its name in paths: small letters, digits and `-`, at most 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

/// Not the name of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant is named by 1 to 32 small letters, digits and hyphens, and not like a path of ours")]
pub struct ParseTenantIdError;

impl TenantId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = ParseTenantIdError;

    fn from_str(text: &str) -> Result<Self, ParseTenantIdError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = (1..=32).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-');
        (is_name && !RESERVED.contains(&text)).then(|| Self(text.to_owned())).ok_or(ParseTenantIdError)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An organisation that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its name in paths.
    pub id: TenantId,
    /// Its name for people.
    pub name: LocalizedName,
    /// How strict its requests are.
    pub profile: Profile,
    /// Addresses to which browsers may be sent back with a result, whole.
    pub return_to: Vec<String>,
    /// Its DID, under which it is registered for service codes.
    pub did: Option<Did>,
}

#[derive(Serialize, Deserialize)]
struct TenantRecord {
    ko: String,
    en: String,
    haip: bool,
    return_to: Vec<String>,
    did: Option<String>,
}

impl Tenant {
    /// A tenant with OpenID4VP as it is, no way back and no DID.
    pub const fn new(id: TenantId, name: LocalizedName) -> Self {
        Self { id, name, profile: Profile::Base, return_to: Vec::new(), did: None }
    }

    /// The change that keeps it, in the place of what was kept of it before.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn change(&self, state: &dyn State, now: Timestamp) -> Result<OwnedChange, Unavailable> {
        let record = TenantRecord {
            ko: self.name.ko.clone(),
            en: self.name.en.clone(),
            haip: self.profile == Profile::Haip,
            return_to: self.return_to.iter().take(MOST_ADDRESSES).cloned().collect(),
            did: self.did.as_ref().map(ToString::to_string),
        };
        let data = serde_json::to_vec(&record).map_err(|_| Unavailable)?;
        let key = key(&self.id);
        Ok(match state.get(&key, now)? {
            Some(before) => OwnedChange::replace(key, before.version, data, None),
            None => OwnedChange::insert(key, data, None),
        })
    }

    /// The change that forgets it; none if there is none. What it has asked lives on until it expires.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn removal(
        id: &TenantId,
        state: &dyn State,
        now: Timestamp,
    ) -> Result<Option<OwnedChange>, Unavailable> {
        let key = key(id);
        Ok(state.get(&key, now)?.map(|record| OwnedChange::remove(key, record.version)))
    }

    /// The tenant of this name, if there is one.
    ///
    /// # Errors
    /// The engine cannot answer, or with something else.
    pub fn find(id: &TenantId, state: &dyn State, now: Timestamp) -> Result<Option<Self>, Unavailable> {
        state.get(&key(id), now)?.map(|record| Self::read(id.clone(), &record.data)).transpose()
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// The engine cannot answer, or with something else.
    pub fn all(state: &dyn State, now: Timestamp) -> Result<Vec<Self>, Unavailable> {
        let page = state.page(SPACE, None, MOST, now)?;
        page.into_iter()
            .map(|(key, record)| Self::read(key.name().parse().map_err(|_| Unavailable)?, &record.data))
            .collect()
    }

    /// Whether there is no other tenant than this.
    pub(crate) fn is_alone(&self, state: &dyn State, now: Timestamp) -> Result<bool, Unavailable> {
        let page = state.page(SPACE, None, 2, now)?;
        Ok(page.iter().all(|(key, _)| key.name() == self.id.as_str()))
    }

    fn read(id: TenantId, data: &[u8]) -> Result<Self, Unavailable> {
        let record: TenantRecord = serde_json::from_slice(data).map_err(|_| Unavailable)?;
        let profile = if record.haip { Profile::Haip } else { Profile::Base };
        let did = record.did.map(|did| did.parse()).transpose().map_err(|_| Unavailable)?;
        let name = LocalizedName { ko: record.ko, en: record.en };
        Ok(Self { id, name, profile, return_to: record.return_to, did })
    }
}

fn key(id: &TenantId) -> Key {
    Key::named(SPACE, id.as_str())
}
