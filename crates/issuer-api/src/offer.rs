//! Offers: what somebody may fetch, until when, and how far that is.

mod access;

pub(crate) use access::{AccessCode, Knock, knock};

use crate::{
    core::{Actor, Core, Did},
    house::House,
    issued,
    vault::{random, stale},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    key::Entropy,
    time::{Date, Timestamp},
};
use sinpyo_issuer::StatementError;
use sinpyo_oauth::{Authorization, Granted, PreAuthorized, TxCode};
use sinpyo_openid4vci::{
    issuer::standing::{self, Held},
    offer::{
        AuthorizationCodeGrant, Grants, InputMode, Offer as WireOffer, PreAuthorizedGrant, Scheme,
        TxCodePrompt,
    },
};
use sinpyo_state::{Key, OwnedChange, Space, Unavailable, Version, retrying};
use std::{fmt, time::Duration};

const OFFER: Space = Space::new("iss.offer");
const PAGE: Space = Space::new("iss.page");
const ISSUER_STATE: Space = Space::new("iss.issuer_state");

/// How long a deferred credential may take, as long as its transaction.
const DEFERRED: Duration = Duration::from_hours(24 * 30);
/// How long an offer is remembered after it has ended.
const REMEMBERED: Duration = Duration::from_hours(24);
/// Digits of an access code.
const ACCESS_CODE: usize = 8;
const SCHEME: Scheme = Scheme::OpenId;

/// An offer as it is remembered, sealed: it holds what is known of a person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) claims: Map<String, Value>,
    /// Configurations, each with the identifier that its credential will have.
    pub(crate) configurations: Vec<(String, String)>,
    pub(crate) copies: usize,
    pub(crate) until: Option<i64>,
    /// Whether it waits for the institution.
    pub(crate) waits: bool,
    pub(crate) withdrawn: bool,
    pub(crate) made: i64,
    pub(crate) expires: i64,
    /// The secret part of its page's address.
    pub(crate) page: String,
    /// The link for wallets.
    pub(crate) link: String,
    /// Where wallets fetch it.
    pub(crate) address: String,
    /// Digits of the transaction code; none if there is none.
    pub(crate) tx_code: Option<u8>,
    pub(crate) access: Option<AccessCode>,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("configurations", &self.configurations).finish_non_exhaustive()
    }
}

/// How far an offer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    /// It can be fetched only when the institution releases it.
    Waiting,
    Issued,
    Withdrawn,
    Expired,
}

impl Stage {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Issued => "issued",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What an institution wants to offer.
pub(crate) struct OfferOrder {
    pub(crate) configurations: Vec<String>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) tx_code: Option<u8>,
    pub(crate) grants: Offered,
    pub(crate) lifetime: Duration,
    pub(crate) until: Option<Timestamp>,
    pub(crate) waits: bool,
    pub(crate) copies: usize,
}

/// By which grants it can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) pre_authorized: bool,
    pub(crate) authorization_code: bool,
}

/// An offer that is there once `changes` are committed.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) offer: Offer,
    /// To be told to the person some other way than the offer.
    pub(crate) tx_code: Option<TxCode>,
    pub(crate) access_code: Option<TxCode>,
    pub(crate) changes: Vec<OwnedChange>,
}

/// Why nothing is offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// ISV-04: a member is missing, malformed or unknown.
    #[error("the member {0} is missing, malformed or unknown")]
    Member(&'static str),
    /// ISV-05: the tenant has no such credential configuration.
    #[error("there is no such credential configuration")]
    Configuration,
    /// The claims make no credential of this kind.
    #[error(transparent)]
    Claims(#[from] StatementError),
    /// ISV-11: the tenant has made no such offer.
    #[error("there is no such offer")]
    Unknown,
    /// ISV-12: an offer that is withdrawn or over stays so.
    #[error("the offer is withdrawn or over")]
    Over,
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl OfferError {
    /// The rule in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Member(_) => "ISV-04",
            Self::Configuration => "ISV-05",
            Self::Claims(error) => error.code(),
            Self::Unknown => "ISV-11",
            Self::Over => "ISV-12",
            Self::Unavailable(error) => error.code(),
        }
    }
}

impl Offer {
    /// How far it is; the records of its credentials tell.
    pub(crate) fn stage(&self, core: &Core, tenant: &str, now: Timestamp) -> Result<Stage, Unavailable> {
        for (_, credential) in &self.configurations {
            if issued::find(core, tenant, credential, now)?.is_some() {
                return Ok(Stage::Issued);
            }
        }
        Ok(match self {
            Self { withdrawn: true, .. } => Stage::Withdrawn,
            _ if self.is_over(now) => Stage::Expired,
            Self { waits: true, .. } => Stage::Waiting,
            _ => Stage::Open,
        })
    }

    fn is_over(&self, now: Timestamp) -> bool {
        let grace = if self.waits { DEFERRED } else { Duration::ZERO };
        Timestamp::from_unix(self.expires).is_none_or(|end| end.plus(grace) <= now)
    }

    /// The identifier of the credential for `configuration`.
    pub(crate) fn credential(&self, configuration: &str) -> Option<&str> {
        let own = self.configurations.iter().find(|(id, _)| id == configuration);
        own.map(|(_, credential)| credential.as_str())
    }

    fn authorization(&self, tenant: &str, id: &str) -> Authorization {
        let granted = |(configuration, credential): &(String, String)| Granted {
            configuration_id: configuration.clone(),
            identifiers: vec![credential.clone()],
        };
        Authorization {
            subject: format!("{tenant}/{id}"),
            configurations: self.configurations.iter().map(granted).collect(),
        }
    }

    /// How long its record is kept.
    fn kept_until(&self, renewal: Duration) -> Option<Timestamp> {
        let after = if self.waits { DEFERRED } else { Duration::ZERO };
        Timestamp::from_unix(self.expires).map(|end| end.plus(after + renewal + REMEMBERED))
    }
}

fn key(tenant: &str, id: &str) -> Key {
    Key::named(OFFER, &format!("{tenant}/{id}"))
}

/// The offer `id` of a tenant.
pub(crate) fn find(
    core: &Core,
    tenant: &str,
    id: &str,
    now: Timestamp,
) -> Result<Option<(Offer, Version)>, Unavailable> {
    let key = key(tenant, id);
    let Some(record) = core.state.get(&key, now)? else { return Ok(None) };
    Ok(Some((read(core, &key, &record.data)?, record.version)))
}

fn read(core: &Core, key: &Key, data: &[u8]) -> Result<Offer, Unavailable> {
    let members = core.vault.records.open(key, data)?;
    serde_json::from_value(Value::Object(members)).map_err(|_| Unavailable)
}

fn sealed(
    core: &Core,
    house: &House,
    (id, offer, version): (&str, &Offer, Option<Version>),
    entropy: &mut dyn Entropy,
) -> Result<OwnedChange, Unavailable> {
    let key = key(house.tenant.id(), id);
    let members = serde_json::to_value(offer).map_err(|_| Unavailable)?;
    let data = core.vault.records.seal(&key, &members, entropy)?; // [ISV-01]
    let expires = offer.kept_until(house.renewal());
    Ok(match version {
        None => OwnedChange::insert(key, data, expires),
        Some(version) => OwnedChange::replace(key, version, data, expires),
    })
}

/// At most `limit` offers of a tenant, the newest first, leaving out those up to `after`.
pub(crate) fn list(
    core: &Core,
    tenant: &str,
    (after, limit): (Option<&str>, usize),
    now: Timestamp,
) -> Result<Vec<(String, Offer)>, Unavailable> {
    let prefix = format!("{tenant}/");
    let start = format!("{prefix}{}", after.unwrap_or_default());
    let records = core.state.page(OFFER, Some(&start), limit, now)?;
    let ours = records.into_iter().map_while(|(key, record)| {
        let id = key.name().strip_prefix(&prefix)?.to_owned();
        Some(read(core, &key, &record.data).map(|offer| (id, offer)))
    });
    ours.collect()
}

/// Which offer of a tenant has the page of this secret.
pub(crate) fn of_page(
    core: &Core,
    tenant: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(String, Offer)>, Unavailable> {
    found_by(core, tenant, &page_key(tenant, secret), now)
}

/// Which offer of a tenant an authorization request is about.
pub(crate) fn of_issuer_state(
    core: &Core,
    tenant: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(String, Offer)>, Unavailable> {
    found_by(core, tenant, &issuer_state_key(tenant, secret), now)
}

fn found_by(
    core: &Core,
    tenant: &str,
    key: &Key,
    now: Timestamp,
) -> Result<Option<(String, Offer)>, Unavailable> {
    let Some(record) = core.state.get(key, now)? else { return Ok(None) };
    let id = String::from_utf8(record.data).map_err(|_| Unavailable)?;
    Ok(find(core, tenant, &id, now)?.map(|(offer, _)| (id, offer)))
}

fn page_key(tenant: &str, secret: &str) -> Key {
    Key::secret(PAGE, format!("{tenant}/{secret}").as_bytes())
}

fn issuer_state_key(tenant: &str, secret: &str) -> Key {
    Key::secret(ISSUER_STATE, format!("{tenant}/{secret}").as_bytes())
}

/// Identifiers that sort newest first, and that nobody can guess.
fn identifier(now: Timestamp, entropy: &mut dyn Entropy) -> String {
    format!("{:010x}{}", ((1_i64 << 40) - 1).saturating_sub(now.unix()), random::<12>(entropy))
}

/// Prepares an offer.
pub(crate) fn make(
    core: &Core,
    house: &House,
    order: OfferOrder,
    actor: &Actor,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Made, OfferError> {
    check(house, &order, now)?;
    let tenant = house.tenant.id();
    let id = identifier(now, entropy);
    let mut offer = Offer {
        configurations: order.configurations.into_iter().map(|one| (one, identifier(now, entropy))).collect(),
        claims: order.claims,
        copies: order.copies,
        until: order.until.map(Timestamp::unix),
        waits: order.waits,
        withdrawn: false,
        made: now.unix(),
        expires: now.plus(order.lifetime).unix(),
        page: random::<24>(entropy),
        link: String::new(),
        address: String::new(),
        tx_code: order.tx_code.filter(|_| order.grants.pre_authorized),
        access: None,
    };
    let mut changes = Vec::new();
    let (mut grants, mut tx_code, mut access_code) = (Grants::default(), None, None);
    if order.grants.pre_authorized {
        tx_code = offer.tx_code.map(|length| TxCode::generate(length.into(), entropy));
        let authorization = offer.authorization(tenant, &id);
        let order = PreAuthorized { authorization, tx_code: tx_code.as_ref(), lifetime: order.lifetime };
        let (code, more) = core.authorization(house).pre_authorize(order, now, entropy);
        changes.extend(more);
        let prompt = offer.tx_code.map(|length| TxCodePrompt {
            input_mode: InputMode::Numeric,
            length: Some(length),
            description: Some(PROMPT.to_owned()),
        });
        let code = Secret::new(code.as_str().to_owned());
        grants.pre_authorized =
            Some(PreAuthorizedGrant { code, tx_code: prompt, authorization_server: None });
    }
    if order.grants.authorization_code {
        let code = TxCode::generate(ACCESS_CODE, entropy);
        offer.access = Some(AccessCode::new(core, &id, code.expose()));
        access_code = Some(code);
        let issuer_state = random::<24>(entropy);
        let key = issuer_state_key(tenant, &issuer_state);
        changes.push(OwnedChange::insert(key, id.as_bytes(), offer.kept_until(Duration::ZERO)));
        grants.authorization_code =
            Some(AuthorizationCodeGrant { issuer_state: Some(issuer_state), authorization_server: None });
    }
    let wire = WireOffer {
        issuer: house.settings.id.clone(),
        configurations: offer.configurations.iter().map(|(id, _)| id.clone()).collect(),
        grants,
    };
    let desk = crate::desk::Counter { core, house };
    let published = core.issuer(house, &desk).publish(&wire, order.lifetime, now, entropy)?;
    changes.extend(published.changes);
    offer.link = SCHEME.link_to(&published.address);
    published.address.as_str().clone_into(&mut offer.address);
    let page = page_key(tenant, &offer.page);
    changes.push(OwnedChange::insert(page, id.as_bytes(), offer.kept_until(Duration::ZERO)));
    changes.push(sealed(core, house, (&id, &offer, None), entropy)?);
    changes.extend(core.tell(tenant, actor, (Did::Offered, &id), now, entropy)?);
    Ok(Made { id, offer, tx_code, access_code, changes })
}

/// Shown by wallets, which tell nobody in advance which language they speak.
const PROMPT: &str = "발급 기관이 따로 알려 준 번호 · The code that the issuer gave you separately";

fn check(house: &House, order: &OfferOrder, now: Timestamp) -> Result<(), OfferError> {
    let today = Date::in_korea(now);
    let mut profiles = Vec::new();
    for id in &order.configurations {
        let (profile, _) = house.kinds.get(id).ok_or(OfferError::Configuration)?; // [ISV-05]
        profiles.push(profile);
        profile.check(&claims_for(profile, &order.claims), today)?;
    }
    let unknown = order.claims.keys().find(|name| !profiles.iter().any(|profile| profile.takes(name)));
    match unknown {
        Some(claim) => Err(StatementError::Unknown { claim: claim.clone() }.into()),
        None => Ok(()),
    }
}

/// Those of `claims` that a credential of the profile is made of.
pub(crate) fn claims_for(
    profile: &sinpyo_issuer::Profile,
    claims: &Map<String, Value>,
) -> Map<String, Value> {
    let taken = claims.iter().filter(|(name, _)| profile.takes(name));
    taken.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What the person who opened the offer may get of what the wallet asked for.
pub(crate) fn authorized(offer: &Offer, tenant: &str, id: &str, asked: &[String]) -> Authorization {
    let mut authorization = offer.authorization(tenant, id);
    authorization.configurations.retain(|granted| asked.contains(&granted.configuration_id));
    authorization
}

/// Lets a waiting offer be fetched.
pub(crate) fn release(
    core: &Core,
    house: &House,
    (id, actor): (&str, &Actor),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Offer, OfferError> {
    let tenant = house.tenant.id();
    retrying(|| {
        let (mut offer, version) = find(core, tenant, id, now)?.ok_or(OfferError::Unknown)?; // [ISV-11]
        if offer.withdrawn || offer.is_over(now) {
            return Err(OfferError::Over); // [ISV-12]
        }
        if !offer.waits {
            return Ok(Ok(offer));
        }
        offer.waits = false;
        // Whoever was told to wait may come for as long as the protocol lets it.
        offer.expires = offer.expires.max(now.plus(DEFERRED).unix());
        let mut changes = vec![sealed(core, house, (id, &offer, Some(version)), entropy)?];
        changes.extend(core.tell(tenant, actor, (Did::Released, id), now, entropy)?);
        Ok(core.state.commit_owned(&changes).map(|()| offer))
    })
}

/// Ends an offer: what was not issued yet is not issued any more, whoever has a code or a token for it.
pub(crate) fn withdraw(
    core: &Core,
    house: &House,
    (id, actor): (&str, &Actor),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<(), OfferError> {
    let tenant = house.tenant.id();
    let (offer, _) = find(core, tenant, id, now)?.ok_or(OfferError::Unknown)?; // [ISV-11]
    let subject = format!("{tenant}/{id}");
    for (configuration_id, _) in &offer.configurations {
        let held = Held { issuer: &house.settings, subject: &subject, configuration_id };
        standing::withdraw(&*core.state, held, || Ok(Vec::new()))?; // [VCI-LIF-02]
    }
    retrying(|| {
        let (mut offer, version) = find(core, tenant, id, now)?.ok_or(OfferError::Unknown)?;
        if offer.withdrawn {
            return Ok(Ok(()));
        }
        offer.withdrawn = true;
        offer.claims.clear();
        let mut changes = vec![sealed(core, house, (id, &offer, Some(version)), entropy)?];
        if let Some(page) = stale(&*core.state, &page_key(tenant, &offer.page))? {
            changes.push(OwnedChange::remove(page_key(tenant, &offer.page), page.version));
        }
        changes.extend(core.tell(tenant, actor, (Did::Withdrawn, id), now, entropy)?);
        Ok(core.state.commit_owned(&changes))
    })
}
