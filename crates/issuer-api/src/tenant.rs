//! Tenants: organisations that issue through one service, each a credential issuer of its own.

use crate::identity::{format_of, suffix};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::LocalizedName, claims::nfc, encoding::from_base64, json::parse_object, jwk::PublicJwk,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_issuer::Format;
use sinpyo_oauth::{Attesters, Authentication, RedirectUri, RegisteredClient};
use sinpyo_state::{Key, OwnedChange, Record, Space, State, Unavailable, retrying};
use sinpyo_x509::Roots;
use std::{collections::BTreeMap, sync::Arc};

pub(crate) const TENANT: Space = Space::new("iss.tenant");

/// What stands in the place of a tenant that was removed.
const GONE: &[u8] = b"{}";
/// Tenants that are read at once.
const PAGE: usize = 1000;

/// Paths that are no tenant's.
const RESERVED: [&str; 5] = ["manage", "admin", "assets", "healthz", "tenants"];
/// Most keys of one request.
const MAX_BATCH: u64 = 50;
const MAX_REFRESH_DAYS: u64 = 366;
const MAX_LIST: usize = 100;

/// An organisation, and how it issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    members: Map<String, Value>,
    id: String,
    name: LocalizedName,
}

/// Why an organisation cannot be a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// ISV-02: a member is missing, malformed or unknown.
    #[error("the tenant's {0} is missing, malformed or unknown")]
    Member(&'static str),
    /// ISV-22: an organisation that was removed had this name.
    #[error("a tenant that was removed had this name, which is not given again")]
    Gone,
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl TenantError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Member(_) => "ISV-02",
            Self::Gone => "ISV-22",
            Self::Unavailable(error) => error.code(),
        }
    }
}

const MEMBERS: [&str; 12] = [
    "id",
    "name",
    "identity",
    "profiles",
    "formats",
    "anonymous_wallets",
    "dpop",
    "batch_size",
    "refresh_days",
    "wallets",
    "wallet_providers",
    "key_attesters",
];

impl Tenant {
    /// Reads one: `id` and `name` (`ko`, `en`); and, if wished, `identity` (under what name the edge has its keys; its
    /// `id` otherwise), `profiles` and `formats` (all otherwise), `anonymous_wallets` (`true`), `dpop` (`required` or
    /// `offered`), `batch_size` (10), `refresh_days` (0), `wallets`, `wallet_providers` and `key_attesters`.
    ///
    /// # Errors
    /// The member that is missing, malformed or unknown.
    pub fn parse(members: Map<String, Value>) -> Result<Self, TenantError> {
        use TenantError::Member;
        if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(Member("list of members")); // [ISV-02]
        }
        let id = members.get("id").and_then(Value::as_str).filter(|id| is_id(id)).ok_or(Member("id"))?;
        let name = members.get("name").and_then(names).ok_or(Member("name"))?;
        let (id, name) = (id.to_owned(), name);
        let tenant = Self { members, id, name };
        tenant.check()?;
        Ok(tenant)
    }

    fn check(&self) -> Result<(), TenantError> {
        use TenantError::Member;
        let is = |name: &'static str, fits: fn(&Value) -> bool| match self.members.get(name) {
            Some(value) if !fits(value) => Err(Member(name)), // [ISV-02]
            _ => Ok(()),
        };
        is("identity", |value| value.as_str().is_some_and(|name| (1..=200).contains(&name.len())))?;
        is("profiles", |value| texts(value).is_some_and(|ids| !ids.is_empty()))?;
        is("formats", |value| {
            value
                .as_array()
                .is_some_and(|all| !all.is_empty() && all.iter().all(|one| format_of(one).is_some()))
        })?;
        is("anonymous_wallets", Value::is_boolean)?;
        is("dpop", |value| matches!(value.as_str(), Some("required" | "offered")))?;
        is("batch_size", |value| value.as_u64().is_some_and(|size| (1..=MAX_BATCH).contains(&size)))?;
        is("refresh_days", |value| value.as_u64().is_some_and(|days| days <= MAX_REFRESH_DAYS))?;
        self.wallets().ok_or(Member("wallets"))?;
        self.wallet_providers().ok_or(Member("wallet_providers"))?;
        trusted(self.members.get("key_attesters"), named_keys).ok_or(Member("key_attesters"))?;
        Ok(())
    }

    /// Its name in addresses.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name as people read it.
    pub const fn name(&self) -> &LocalizedName {
        &self.name
    }

    /// Under what name the edge has its keys.
    pub fn identity(&self) -> &str {
        self.members.get("identity").and_then(Value::as_str).unwrap_or(&self.id)
    }

    /// As it is written.
    pub fn to_json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    pub(crate) fn issues(&self, profile: &str) -> bool {
        self.members.get("profiles").and_then(texts).is_none_or(|ids| ids.contains(&profile))
    }

    pub(crate) fn offers(&self, format: Format) -> bool {
        self.members.get("formats").and_then(texts).is_none_or(|all| all.contains(&suffix(format)))
    }

    pub(crate) fn serves_anonymous_wallets(&self) -> bool {
        self.members.get("anonymous_wallets").and_then(Value::as_bool).unwrap_or(true)
    }

    pub(crate) fn demands_dpop(&self) -> bool {
        self.members.get("dpop").and_then(Value::as_str) != Some("offered")
    }

    pub(crate) fn batch_size(&self) -> usize {
        let size = self.members.get("batch_size").and_then(Value::as_u64).unwrap_or(10);
        usize::try_from(size).unwrap_or(1)
    }

    pub(crate) fn refresh_days(&self) -> u64 {
        self.members.get("refresh_days").and_then(Value::as_u64).unwrap_or_default()
    }

    /// The wallets that are known by name.
    pub(crate) fn wallets(&self) -> Option<BTreeMap<String, RegisteredClient>> {
        let Some(wallets) = self.members.get("wallets") else { return Some(BTreeMap::new()) };
        let providers = Arc::new(self.wallet_providers()?);
        let listed = wallets.as_array().filter(|all| all.len() <= MAX_LIST)?;
        listed.iter().map(|one| wallet(one, &providers)).collect()
    }

    /// Who may vouch for wallets.
    pub(crate) fn wallet_providers(&self) -> Option<Attesters> {
        attesters(self.members.get("wallet_providers"))
    }

    /// Who may vouch for keys.
    pub(crate) fn key_attesters(&self) -> Option<sinpyo_openid4vci::proof::Attesters> {
        let (keys, roots) = trusted(self.members.get("key_attesters"), named_keys)?;
        let roots = roots.map(Arc::new);
        Some(sinpyo_openid4vci::proof::Attesters { roots, keys: keys.unwrap_or_default(), holders: None })
    }
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&id.len()) && id.bytes().all(plain) && !RESERVED.contains(&id)
}

fn names(value: &Value) -> Option<LocalizedName> {
    let text = |language| {
        let text = nfc(value.get(language)?.as_str()?);
        ((1..=200).contains(&text.len()) && !text.contains(char::is_control)).then_some(text)
    };
    Some(LocalizedName { ko: text("ko")?, en: text("en")? })
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array().filter(|all| all.len() <= MAX_LIST)?.iter().map(Value::as_str).collect()
}

pub(crate) fn verifying_key(jwk: &Value) -> Option<VerifyingKey> {
    let jwk = PublicJwk::from_members(jwk.as_object()?.clone()).ok()?;
    VerifyingKey::from_jwk(&jwk).ok()
}

fn named_keys(keys: &Value) -> Option<BTreeMap<String, VerifyingKey>> {
    keys.as_object()?.iter().map(|(name, jwk)| Some((name.clone(), verifying_key(jwk)?))).collect()
}

/// `keys` and `roots` (base64 of DER) of a member that may be absent.
fn trusted<K>(
    member: Option<&Value>,
    keys: impl Fn(&Value) -> Option<K>,
) -> Option<(Option<K>, Option<Roots>)> {
    let Some(member) = member else { return Some((None, None)) };
    let member = member.as_object()?;
    let keys = match member.get("keys") {
        None => None,
        Some(listed) => Some(keys(listed)?),
    };
    let roots = match member.get("roots") {
        None => None,
        Some(listed) => {
            let ders = texts(listed)?.into_iter().map(|text| from_base64(text).ok());
            Some(Roots::new(ders.collect::<Option<Vec<_>>>()?).ok()?)
        }
    };
    Some((keys, roots))
}

fn attesters(member: Option<&Value>) -> Option<Attesters> {
    let read = |keys: &Value| keys.as_array()?.iter().map(verifying_key).collect::<Option<Vec<_>>>();
    let (keys, roots) = trusted(member, read)?;
    Some(Attesters { keys: keys.unwrap_or_default(), roots: roots.unwrap_or_default() })
}

/// `providers` are the tenant's; a wallet whose `authentication` is an object has providers of its own.
fn wallet(value: &Value, providers: &Arc<Attesters>) -> Option<(String, RegisteredClient)> {
    let id = value.get("client_id")?.as_str().filter(|id| (1..=200).contains(&id.len()))?;
    let redirect = |uri: &str| {
        let is_loopback = uri.starts_with("http://127.0.0.1") || uri.starts_with("http://[::1]");
        if is_loopback { RedirectUri::Loopback(uri.to_owned()) } else { RedirectUri::Exact(uri.to_owned()) }
    };
    let redirects = texts(value.get("redirect_uris")?)?.into_iter().map(redirect).collect();
    let authentication = match value.get("authentication")? {
        Value::String(way) if way == "public" => Authentication::Public,
        Value::String(way) if way == "attestation" => Authentication::Attestation(Arc::clone(providers)),
        own @ Value::Object(_) => Authentication::Attestation(Arc::new(attesters(Some(own))?)),
        Value::Array(keys) => {
            Authentication::PrivateKeyJwt(keys.iter().map(verifying_key).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some((id.to_owned(), RegisteredClient { authentication, redirects }))
}

/// The tenants of a service.
#[derive(Clone, Copy, Debug)]
pub struct Tenants<'a> {
    pub(crate) state: &'a dyn State,
}

impl Tenants<'_> {
    /// Enters a tenant, in place of what there was under its name.
    ///
    /// # Errors
    /// A tenant that was removed had its name; or the state cannot answer.
    pub fn enter(&self, tenant: &Tenant) -> Result<(), TenantError> {
        retrying(|| Ok(self.state.commit_owned(&[self.entering(tenant)?])))
    }

    pub(crate) fn entering(&self, tenant: &Tenant) -> Result<OwnedChange, TenantError> {
        let key = Key::named(TENANT, tenant.id());
        let data = json!(tenant.members).to_string();
        Ok(match crate::vault::stale(self.state, &key)? {
            None => OwnedChange::insert(key, data, None),
            // Clients, webhooks and what was offered and issued under a name belong to whom it was first given. [ISV-22]
            Some(found) if found.data == GONE => return Err(TenantError::Gone),
            Some(found) => OwnedChange::replace(key, found.version, data, None),
        })
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn find(&self, id: &str, now: Timestamp) -> Result<Option<Tenant>, Unavailable> {
        Ok(self.record(id, now)?.map(|(tenant, _)| tenant))
    }

    /// With the record that it stands in.
    pub(crate) fn record(&self, id: &str, now: Timestamp) -> Result<Option<(Tenant, Record)>, Unavailable> {
        if !is_id(id) {
            return Ok(None);
        }
        let Some(record) = self.state.get(&Key::named(TENANT, id), now)? else { return Ok(None) };
        Ok(read(&record)?.map(|tenant| (tenant, record)))
    }

    /// All tenants.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn list(&self, now: Timestamp) -> Result<Vec<Tenant>, Unavailable> {
        let mut tenants = Vec::new();
        let mut after = None;
        loop {
            let records = self.state.page(TENANT, after.as_deref(), PAGE, now)?;
            for (_, record) in &records {
                tenants.extend(read(record)?);
            }
            match records.last() {
                Some((last, _)) if records.len() == PAGE => after = Some(last.name().to_owned()),
                _ => return Ok(tenants),
            }
        }
    }

    pub(crate) fn removing(&self, id: &str, now: Timestamp) -> Result<Option<OwnedChange>, Unavailable> {
        let found = self.record(id, now)?;
        Ok(found.map(|(_, record)| OwnedChange::replace(Key::named(TENANT, id), record.version, GONE, None)))
    }
}

/// None if it was removed.
fn read(record: &Record) -> Result<Option<Tenant>, Unavailable> {
    if record.data == GONE {
        return Ok(None);
    }
    let members = parse_object(&record.data).map_err(|_| Unavailable)?;
    Tenant::parse(members).map(Some).map_err(|_| Unavailable)
}
