//! Who may use the management interface.

use crate::tenant::TenantId;
use serde::{Deserialize, Serialize};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_oauth::access;
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable};

const SPACE: Space = Space::new("vsv.client");

/// What a token permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Open requests.
    Request,
    /// Fetch results and evidence.
    Result,
    /// See how far requests are, the log and the notices.
    Read,
    /// Set up tenants and webhooks.
    Admin,
}

impl access::Scope for Scope {
    const ALL: &'static [Self] = &[Self::Request, Self::Result, Self::Read, Self::Admin];

    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Result => "result",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Request => "open requests",
            Self::Result => "fetch results and evidence",
            Self::Read => "see how far requests are, the log and the notices",
            Self::Admin => "set up tenants and webhooks",
        }
    }
}

/// A program that uses the management interface.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name.
    pub id: String,
    /// The keys that it signs with to get tokens.
    pub keys: Vec<VerifyingKey>,
    /// What it may ever do.
    pub scopes: access::Scopes<Scope>,
    /// For which tenant; for all, if none is named.
    pub tenant: Option<TenantId>,
}

#[derive(Serialize, Deserialize)]
struct ClientRecord {
    keys: Vec<serde_json::Map<String, serde_json::Value>>,
    scopes: String,
    tenant: Option<String>,
}

impl Client {
    /// The change that keeps it, in the place of what was kept of it before.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn change(&self, state: &dyn State, now: Timestamp) -> Result<OwnedChange, Unavailable> {
        let record = ClientRecord {
            keys: self.keys.iter().map(|key| key.to_jwk().members().clone()).collect(),
            scopes: self.scopes.to_string(),
            tenant: self.tenant.as_ref().map(ToString::to_string),
        };
        let data = serde_json::to_vec(&record).map_err(|_| Unavailable)?;
        let key = Key::named(SPACE, &self.id);
        Ok(match state.get(&key, now)? {
            Some(before) => OwnedChange::replace(key, before.version, data, None),
            None => OwnedChange::insert(key, data, None),
        })
    }

    /// The client of this name, if there is one.
    ///
    /// # Errors
    /// The engine cannot answer, or with something else.
    pub fn find(id: &str, state: &dyn State, now: Timestamp) -> Result<Option<Self>, Unavailable> {
        let Some(record) = state.get(&Key::named(SPACE, id), now)? else { return Ok(None) };
        let record: ClientRecord = serde_json::from_slice(&record.data).map_err(|_| Unavailable)?;
        let key = |jwk: serde_json::Map<String, serde_json::Value>| {
            let jwk = PublicJwk::from_members(jwk).map_err(|_| Unavailable)?;
            VerifyingKey::from_jwk(&jwk).map_err(|_| Unavailable)
        };
        Ok(Some(Self {
            id: id.to_owned(),
            keys: record.keys.into_iter().map(key).collect::<Result<_, _>>()?,
            scopes: record.scopes.parse().map_err(|_| Unavailable)?,
            tenant: record.tenant.map(|id| id.parse()).transpose().map_err(|_| Unavailable)?,
        }))
    }

    /// Whether it may work for `tenant`.
    pub(crate) fn is_for(&self, tenant: &TenantId) -> bool {
        self.tenant.as_ref().is_none_or(|own| own == tenant)
    }
}
