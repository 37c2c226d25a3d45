//! What was issued: no claim, only which kind, under which offer, where its status stands, and when.

use crate::{
    core::{Actor, Core, Did},
    house::House,
    lists::{self, Place, SetError},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, status::CredentialStatus, time::Timestamp};
use sinpyo_issuer::StatusRefused;
use sinpyo_openid4vci::issuer::standing::{self, Held};
use sinpyo_state::{Key, OwnedChange, Space, Unavailable, Version};
use sinpyo_web::audit::LogWord;

const CREDENTIAL: Space = Space::new("iss.credential");
/// Most copies of one credential, renewals included: its record is read as a whole.
pub(crate) const MAX_COPIES: usize = 2000;

/// A credential of one person: all of its copies in one format, and their renewals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credential {
    pub(crate) configuration: String,
    pub(crate) profile: String,
    pub(crate) offer: String,
    pub(crate) state: Standing,
    pub(crate) reason: Option<String>,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) copies: usize,
    pub(crate) places: Vec<Place>,
    /// What the wallet said became of it.
    pub(crate) told: Option<String>,
}

/// What the institution says about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Standing {
    Valid,
    Suspended,
    Revoked,
}

impl Standing {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Valid, Self::Suspended, Self::Revoked].into_iter().find(|one| one.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    const fn status(self) -> CredentialStatus {
        match self {
            Self::Valid => CredentialStatus::Valid,
            Self::Suspended => CredentialStatus::Suspended,
            Self::Revoked => CredentialStatus::Revoked,
        }
    }

    const fn did(self) -> Did {
        match self {
            Self::Valid => Did::Reinstated,
            Self::Suspended => Did::Suspended,
            Self::Revoked => Did::Revoked,
        }
    }
}

impl Credential {
    /// As the management interface shows it.
    pub(crate) fn to_json(&self, id: &str) -> Value {
        let time = |seconds| Timestamp::from_unix(seconds).map(|at| at.to_string());
        let places = self
            .places
            .iter()
            .map(|place| json!({ "list": format!("{}/{}", place.series, place.list), "index": place.index }));
        json!({
            "id": id,
            "configuration": self.configuration,
            "type": self.profile,
            "offer": self.offer,
            "status": self.state.name(),
            "reason": self.reason,
            "issued_at": time(self.first),
            "renewed_at": time(self.last),
            "copies": self.copies,
            "entries": places.collect::<Vec<_>>(),
            "wallet_says": self.told,
        })
    }
}

fn key(tenant: &str, id: &str) -> Key {
    Key::named(CREDENTIAL, &format!("{tenant}/{id}"))
}

/// The credential `id` of a tenant.
pub(crate) fn find(
    core: &Core,
    tenant: &str,
    id: &str,
    now: Timestamp,
) -> Result<Option<(Credential, Version)>, Unavailable> {
    let Some(record) = core.state.get(&key(tenant, id), now)? else { return Ok(None) };
    let credential = serde_json::from_slice(&record.data).map_err(|_| Unavailable)?;
    Ok(Some((credential, record.version)))
}

/// The change that makes it so; `version` is that of the record that there is.
pub(crate) fn put(
    tenant: &str,
    id: &str,
    credential: &Credential,
    version: Option<Version>,
) -> Result<OwnedChange, Unavailable> {
    let data = serde_json::to_vec(credential).map_err(|_| Unavailable)?;
    let key = key(tenant, id);
    Ok(match version {
        None => OwnedChange::insert(key, data, None),
        Some(version) => OwnedChange::replace(key, version, data, None),
    })
}

/// At most `limit` credentials of a tenant, the newest offers' first, leaving out those up to `after`.
pub(crate) fn list(
    core: &Core,
    tenant: &str,
    (after, limit): (Option<&str>, usize),
    now: Timestamp,
) -> Result<Vec<(String, Credential)>, Unavailable> {
    let prefix = format!("{tenant}/");
    let start = format!("{prefix}{}", after.unwrap_or_default());
    let records = core.state.page(CREDENTIAL, Some(&start), limit, now)?;
    let ours = records.into_iter().map_while(|(key, record)| {
        let id = key.name().strip_prefix(&prefix)?.to_owned();
        Some(serde_json::from_slice(&record.data).map(|one| (id, one)).map_err(|_| Unavailable))
    });
    ours.collect()
}

/// Why the status of a credential stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// ISV-08: the tenant has issued no such credential.
    #[error("there is no such credential")]
    Unknown,
    /// ISV-09: credentials of this kind have no status: they end soon, or are used up.
    #[error("credentials of this kind have no status")]
    None,
    /// The list does not change so: revoked is revoked.
    #[error(transparent)]
    Refused(#[from] StatusRefused),
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl StatusError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "ISV-08",
            Self::None => "ISV-09",
            Self::Refused(error) => error.code(),
            Self::Unavailable(error) => error.code(),
        }
    }
}

/// What is to be said of which credential, and why.
pub(crate) struct Verdict<'a> {
    pub(crate) id: &'a str,
    pub(crate) state: Standing,
    pub(crate) reason: Option<LogWord>,
}

/// Says `verdict` of all copies of a credential, those that are being issued meanwhile included.
pub(crate) fn judge(
    core: &Core,
    house: &House,
    verdict: &Verdict<'_>,
    actor: &Actor,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Credential, StatusError> {
    let tenant = house.tenant.id();
    let (found, _) = find(core, tenant, verdict.id, now)?.ok_or(StatusError::Unknown)?; // [ISV-08]
    let subject = format!("{tenant}/{}", found.offer);
    let held = Held { issuer: &house.settings, subject: &subject, configuration_id: &found.configuration };
    let mut outcome = Err(StatusError::Unavailable(Unavailable));
    let decide = || {
        outcome = decide(core, house, verdict, actor, now, entropy);
        match &outcome {
            Ok((_, changes)) => Ok(changes.clone()),
            Err(_) => Err(Unavailable),
        }
    };
    let committed = match verdict.state {
        Standing::Valid => standing::restore(&*core.state, held, decide),
        Standing::Suspended | Standing::Revoked => standing::withdraw(&*core.state, held, decide), // [VCI-LIF-02]
    };
    let (credential, _) = outcome?;
    committed?;
    Ok(credential)
}

fn decide(
    core: &Core,
    house: &House,
    verdict: &Verdict<'_>,
    actor: &Actor,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<(Credential, Vec<OwnedChange>), StatusError> {
    let tenant = house.tenant.id();
    let (mut credential, version) = find(core, tenant, verdict.id, now)?.ok_or(StatusError::Unknown)?;
    if credential.places.is_empty() {
        return Err(StatusError::None); // [ISV-09]
    }
    if credential.state == Standing::Revoked && verdict.state != Standing::Revoked {
        return Err(StatusRefused::Revoked.into());
    }
    let set = lists::set(core, house, &credential.places, verdict.state.status());
    let mut changes = set.map_err(|error| match error {
        SetError::Refused(refused) => StatusError::Refused(refused),
        SetError::Unavailable(error) => StatusError::Unavailable(error),
    })?;
    credential.state = verdict.state;
    credential.reason = verdict.reason.as_ref().map(ToString::to_string);
    changes.push(put(tenant, verdict.id, &credential, Some(version))?);
    changes.extend(core.tell(tenant, actor, (verdict.state.did(), verdict.id), now, entropy)?);
    Ok((credential, changes))
}
