//! What is remembered of a request, beside its transaction.

use crate::{asked::Mode, tenant::TenantId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::{Key, OwnedChange, Record, Space, State, Unavailable, Version};
use std::{fmt, str::FromStr};

const REQUESTS: Space = Space::new("vsv.request");
const PAGES: Space = Space::new("vsv.page");
const ENDS: Space = Space::new("vsv.end");
const EVIDENCE: Space = Space::new("vsv.evidence");
/// Seconds from which identifiers are counted backwards, so that the newest request comes first.
const LAST_SECOND: i64 = (1 << 40) - 1;

/// Names a request to its tenant, and stands in the addresses that wallets get. It gives no right to anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) fn new(now: Timestamp, entropy: &mut dyn Entropy) -> Self {
        let mut random = [0; 16];
        entropy.fill(&mut random);
        let hex = random.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Self(format!("{:010x}{hex}", LAST_SECOND.saturating_sub(now.unix())))
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not the name of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a request: 42 hexadecimal digits")]
pub(crate) struct ParseRequestIdError;

impl FromStr for RequestId {
    type Err = ParseRequestIdError;

    fn from_str(text: &str) -> Result<Self, ParseRequestIdError> {
        let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_id = text.len() == 42 && text.bytes().all(plain);
        is_id.then(|| Self(text.to_owned())).ok_or(ParseRequestIdError)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to be the browser in which a request is answered: whoever opens the page first.
pub(crate) struct PageSecret(Secret<String>);

impl PageSecret {
    pub(crate) fn new(entropy: &mut dyn Entropy) -> Self {
        let mut random = [0; 32];
        entropy.fill(&mut random);
        Self(Secret::new(to_base64url(&random)))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 43).then(|| Self(Secret::new(text.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    fn key(&self) -> Key {
        Key::secret(PAGES, self.0.expose().as_bytes())
    }

    /// The change that lets the page be found until `expires`.
    pub(crate) fn change(&self, id: &RequestId, expires: Timestamp) -> OwnedChange {
        OwnedChange::insert(self.key(), id.as_str(), Some(expires))
    }

    /// The request whose page it is.
    pub(crate) fn request(
        &self,
        state: &dyn State,
        now: Timestamp,
    ) -> Result<Option<RequestId>, Unavailable> {
        let Some(record) = state.get(&self.key(), now)? else { return Ok(None) };
        Ok(String::from_utf8(record.data).ok().and_then(|id| id.parse().ok()))
    }
}

/// A request. Sealed: what is asked, and the transaction that its result is fetched with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    /// What was ordered, as it came.
    pub(crate) asked: Map<String, Value>,
    /// How it goes now: a page can go over from the browser's wallet to a QR code.
    pub(crate) mode: Mode,
    /// The transaction.
    pub(crate) transaction: String,
    /// What the wallet gets: a link, or the request for the browser.
    pub(crate) link: String,
    /// The browser that it belongs to, by the digest of its session.
    pub(crate) owner: Option<String>,
    /// When it was made, and until when it can be answered; seconds since 1970.
    pub(crate) since: i64,
    pub(crate) expires: i64,
}

/// How a request ended. Nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) state: EndState,
    /// The rule that decided against it.
    pub(crate) rule: Option<String>,
    /// Presentations that were refused: query, position, rule.
    pub(crate) dropped: Vec<(String, usize, String)>,
    pub(crate) at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndState {
    /// Accepted, if the holder's browser comes back or the holder confirms.
    Answered,
    Accepted,
    Refused,
    Declined,
}

impl EndState {
    /// The word of the management interface.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Declined => "declined",
        }
    }
}

/// The records of one tenant.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    pub(crate) state: &'a dyn State,
    pub(crate) tenant: &'a TenantId,
    pub(crate) sealing: SealingKey,
}

impl Records<'_> {
    pub(crate) fn request(
        &self,
        id: &RequestId,
        now: Timestamp,
    ) -> Result<Option<(RequestRecord, Version)>, Unavailable> {
        self.state
            .get(&self.key(REQUESTS, id), now)?
            .map(|record| self.opened(REQUESTS, id, record))
            .transpose()
    }

    /// At most `limit` requests, the newest first, leaving out those up to `after`.
    pub(crate) fn newest(
        &self,
        after: Option<&RequestId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(RequestId, RequestRecord)>, Unavailable> {
        let prefix = format!("{}.", self.tenant);
        let from = format!("{prefix}{}", after.map_or("", RequestId::as_str));
        let page = self.state.page(REQUESTS, Some(&from), limit, now)?;
        let ours = page.into_iter().map_while(|(key, record)| {
            Some((key.name().strip_prefix(&prefix)?.parse::<RequestId>().ok()?, record))
        });
        ours.map(|(id, record)| self.opened(REQUESTS, &id, record).map(|(request, _)| (id, request)))
            .collect()
    }

    pub(crate) fn insert(
        &self,
        id: &RequestId,
        record: &RequestRecord,
        until: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let data = self.sealed(REQUESTS, id, record, entropy)?;
        Ok(OwnedChange::insert(self.key(REQUESTS, id), data, Some(until)))
    }

    pub(crate) fn replace(
        &self,
        id: &RequestId,
        (record, version): (&RequestRecord, Version),
        until: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let data = self.sealed(REQUESTS, id, record, entropy)?;
        Ok(OwnedChange::replace(self.key(REQUESTS, id), version, data, Some(until)))
    }

    pub(crate) fn end(&self, id: &RequestId, now: Timestamp) -> Result<Option<End>, Unavailable> {
        let record = self.state.get(&self.key(ENDS, id), now)?;
        record.map(|record| serde_json::from_slice(&record.data).map_err(|_| Unavailable)).transpose()
    }

    /// The change that keeps how `id` ended, in the place of what was thought before.
    pub(crate) fn ending(
        &self,
        id: &RequestId,
        end: &End,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<OwnedChange, Unavailable> {
        let key = self.key(ENDS, id);
        let data = serde_json::to_vec(end).map_err(|_| Unavailable)?;
        Ok(match self.state.get(&key, now)? {
            Some(before) => OwnedChange::replace(key, before.version, data, Some(until)),
            None => OwnedChange::insert(key, data, Some(until)),
        })
    }

    pub(crate) fn keep_evidence(
        &self,
        id: &RequestId,
        evidence: &Value,
        until: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let data = self.sealed(EVIDENCE, id, evidence, entropy)?;
        Ok(OwnedChange::insert(self.key(EVIDENCE, id), data, Some(until))) // [VSV-11]
    }

    pub(crate) fn evidence(
        &self,
        id: &RequestId,
        now: Timestamp,
    ) -> Result<Option<(Value, Version)>, Unavailable> {
        self.state
            .get(&self.key(EVIDENCE, id), now)?
            .map(|record| self.opened(EVIDENCE, id, record))
            .transpose()
    }

    /// The change that keeps the evidence of `id` until another time; none if there is none.
    pub(crate) fn prolong_evidence(
        &self,
        id: &RequestId,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<OwnedChange>, Unavailable> {
        let key = self.key(EVIDENCE, id);
        let record = self.state.get(&key, now)?;
        Ok(record.map(|record| OwnedChange::replace(key, record.version, record.data, Some(until))))
    }

    /// The change that forgets the evidence of `id`; none if there is none.
    pub(crate) fn forget_evidence(
        &self,
        id: &RequestId,
        now: Timestamp,
    ) -> Result<Option<OwnedChange>, Unavailable> {
        let key = self.key(EVIDENCE, id);
        Ok(self.state.get(&key, now)?.map(|record| OwnedChange::remove(key, record.version)))
    }

    fn key(&self, space: Space, id: &RequestId) -> Key {
        Key::named(space, &format!("{}.{id}", self.tenant))
    }

    fn sealed(
        &self,
        space: Space,
        id: &RequestId,
        record: &impl Serialize,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, Unavailable> {
        let plain = Secret::new(serde_json::to_vec(record).map_err(|_| Unavailable)?);
        self.sealing.seal(entropy, &associated(space, id), &plain).map_err(|_| Unavailable) // [VSV-12]
    }

    fn opened<T: DeserializeOwned>(
        &self,
        space: Space,
        id: &RequestId,
        record: Record,
    ) -> Result<(T, Version), Unavailable> {
        let Record { version, data, .. } = record;
        let plain = self.sealing.open(&associated(space, id), &data).map_err(|_| Unavailable)?;
        Ok((serde_json::from_slice(plain.expose()).map_err(|_| Unavailable)?, version))
    }
}

fn associated(space: Space, id: &RequestId) -> Vec<u8> {
    format!("{}/{id}", space.name()).into_bytes()
}
