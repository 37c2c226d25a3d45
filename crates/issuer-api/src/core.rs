//! What all parts of the service share.

use crate::{
    Settings,
    client::{Clients, Permission},
    house::{Ground, House},
    identity::Identities,
    lists::Books,
    streams::Streams,
    tenant::Tenants,
    vault::Vault,
};
use serde_json::json;
use sinpyo_core::{Secret, did::KeyId, key::Entropy, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_issuer::Catalogue;
use sinpyo_oauth::{access::Access, url};
use sinpyo_openid4vci::{
    issuer::{Desk, Issuer},
    proof::NoLookup,
};
use sinpyo_state::{CommitError, Key, OwnedChange, Space, State, Unavailable, Version, retrying};
use sinpyo_web::{
    account::Accounts,
    asset::Assets,
    audit::{AuditLine, LogWord, Outcome},
    limit::{Budget, Limits, Rate},
    problem::RuleText,
    site::{Site, Transport},
    webhook::{Notice, Webhooks},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

const KEY: Space = Space::new("iss.key");
/// How long lines of the audit log are kept.
const AUDIT: Duration = Duration::from_hours(24 * 366 * 2);
/// The name of the cookie of administrators.
const COOKIE: &str = "issuer";

/// One service.
pub(crate) struct Core {
    pub(crate) site: Site,
    pub(crate) state: Arc<dyn State>,
    pub(crate) vault: Vault,
    pub(crate) access: Access<Permission>,
    pub(crate) catalogue: Catalogue,
    pub(crate) rules: fn(&str) -> Option<RuleText>,
    pub(crate) assets: Assets,
    pub(crate) books: Books,
    pub(crate) limits: Mutex<Limits<Use>>,
    pub(crate) streams: Arc<Streams>,
    identities: Arc<dyn Identities>,
    encryption: SigningKey,
    houses: Mutex<HashMap<String, (Version, Arc<House>)>>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("site", &self.site).finish_non_exhaustive()
    }
}

/// Who does something, by the name that the operator gave.
#[derive(Clone, Debug)]
pub(crate) struct Actor(pub(crate) LogWord);

/// What is done, as the audit log, the feed and webhooks call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Offered,
    Released,
    Withdrawn,
    Issued,
    Revoked,
    Suspended,
    Reinstated,
    TenantEntered,
    TenantRemoved,
    HookRegistered,
    HookForgotten,
}

impl Did {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Offered => "offer.made",
            Self::Released => "offer.released",
            Self::Withdrawn => "offer.withdrawn",
            Self::Issued => "credential.issued",
            Self::Revoked => "credential.revoked",
            Self::Suspended => "credential.suspended",
            Self::Reinstated => "credential.reinstated",
            Self::TenantEntered => "tenant.entered",
            Self::TenantRemoved => "tenant.removed",
            Self::HookRegistered => "webhook.registered",
            Self::HookForgotten => "webhook.forgotten",
        }
    }

    const fn is_announced(self) -> bool {
        !matches!(
            self,
            Self::TenantEntered | Self::TenantRemoved | Self::HookRegistered | Self::HookForgotten
        )
    }
}

/// What one address may do how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Use {
    /// Asking for anything.
    Any,
    /// Asking for a management token, or typing a code or a password.
    Knocking,
}

impl Budget for Use {
    type Settings = (Rate, Rate);

    fn rate(self, (any, knocking): &Self::Settings) -> Rate {
        match self {
            Self::Any => *any,
            Self::Knocking => *knocking,
        }
    }
}

impl Core {
    pub(crate) fn open(
        settings: Settings,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, Unavailable> {
        let vault = Vault::new(&settings.key);
        let state = settings.state;
        let management = shared_key(&*state, &vault, "management", now, entropy)?;
        let encryption = shared_key(&*state, &vault, "encryption", now, entropy)?;
        let server = format!("{}/manage", settings.origin);
        let key_id: KeyId = "did:web:management.invalid#key".parse().map_err(|_| Unavailable)?;
        Ok(Self {
            site: Site::new(settings.origin, settings.others),
            access: Access::new(KeySigner::new(key_id, management), server),
            catalogue: settings.catalogue,
            rules: settings.rules,
            assets: Assets::new(&[]),
            books: Books::default(),
            limits: Mutex::new(Limits::new(settings.rates)),
            identities: settings.identities,
            streams: Arc::default(),
            houses: Mutex::default(),
            encryption,
            vault,
            state,
        })
    }

    pub(crate) fn transport(&self) -> Transport {
        self.site.main().transport()
    }

    /// The same, as the protocols call it.
    pub(crate) fn lines(&self) -> url::Transport {
        match self.transport() {
            Transport::Tls => url::Transport::Https,
            Transport::Plain => url::Transport::LoopbackToo,
        }
    }

    pub(crate) fn accounts(&self) -> Accounts<'_> {
        Accounts { state: &*self.state, cookie: COOKIE, transport: self.transport() }
    }

    pub(crate) fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { state: &*self.state, sealing: &self.vault.hooks }
    }

    pub(crate) fn tenants(&self) -> Tenants<'_> {
        Tenants { state: &*self.state }
    }

    pub(crate) fn clients(&self) -> Clients<'_> {
        Clients { state: &*self.state }
    }

    /// The tenant `id`, ready to work; none if there is none, or nobody has its keys.
    pub(crate) fn house(&self, id: &str, now: Timestamp) -> Result<Option<Arc<House>>, Unavailable> {
        let Some((tenant, record)) = self.tenants().record(id, now)? else { return Ok(None) };
        let Some(identity) = self.identities.identity(tenant.identity()) else { return Ok(None) };
        let known = self.houses.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some((version, house)) = known
            && version == record.version
            && Arc::ptr_eq(&house.identity, &identity)
            && house.tenant == tenant
        {
            return Ok(Some(house));
        }
        let ground = Ground {
            base: self.site.main().as_str(),
            transport: self.lines(),
            master: &self.vault.protocol,
            catalogue: &self.catalogue,
            encryption: &self.encryption,
        };
        let Some(house) = House::new(tenant, identity, &ground).map(Arc::new) else { return Ok(None) };
        let mut houses = self.houses.lock().unwrap_or_else(PoisonError::into_inner);
        houses.insert(id.to_owned(), (record.version, Arc::clone(&house)));
        Ok(Some(house))
    }

    /// The protocol side of a tenant, with `desk` behind it.
    pub(crate) fn issuer<'a>(&'a self, house: &'a House, desk: &'a dyn Desk) -> Issuer<'a> {
        Issuer {
            settings: &house.settings,
            authorization: self.authorization(house),
            state: &*self.state,
            desk,
            lookup: &NoLookup,
            signer: Some(house.identity.metadata_signer()),
        }
    }

    pub(crate) fn authorization<'a>(&'a self, house: &'a House) -> sinpyo_oauth::AuthorizationServer<'a> {
        sinpyo_oauth::AuthorizationServer { settings: &house.server, state: &*self.state }
    }

    /// The changes that tell of what was done: in the audit log, and to the servers that want to know.
    pub(crate) fn tell(
        &self,
        tenant: &str,
        Actor(who): &Actor,
        (did, id): (Did, &str),
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let about = LogWord::parse(id).map_err(|_| Unavailable)?;
        let line = AuditLine {
            at: now,
            who: who.clone(),
            did: did.word(),
            about: vec![("id", about)],
            outcome: Outcome::Done,
        };
        let mut changes = vec![line.entry(tenant, AUDIT, entropy)]; // [ISV-10]
        if did.is_announced() {
            let notice = Notice { event: did.word(), id, at: now };
            changes.extend(self.webhooks().announce(tenant, &notice, entropy)?);
        }
        Ok(changes)
    }
}

/// A P-256 key that all nodes have: the first of them made it.
fn shared_key(
    state: &dyn State,
    vault: &Vault,
    name: &str,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<SigningKey, Unavailable> {
    let key = Key::named(KEY, name);
    retrying(|| {
        if let Some(record) = state.get(&key, now)? {
            let members = vault.records.open(&key, &record.data)?;
            let jwk = members.get("jwk").and_then(serde_json::Value::as_str).ok_or(Unavailable)?;
            let jwk = Secret::new(jwk.to_owned());
            return Ok(Ok::<_, CommitError>(SigningKey::from_private_jwk(&jwk).map_err(|_| Unavailable)?));
        }
        let made = SigningKey::generate(Algorithm::Es256, entropy);
        let members = json!({ "jwk": made.to_private_jwk().expose() });
        let data = vault.records.seal(&key, &members, entropy)?;
        Ok(state.commit_owned(&[OwnedChange::insert(key.clone(), data, None)]).map(|()| made))
    })
}
