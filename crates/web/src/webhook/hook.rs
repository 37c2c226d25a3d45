//! The servers that want to be told.

use super::Webhooks;
use crate::site::{Origin, Transport};
use serde_json::{Value, json};
use sinpyo_core::{Secret, encoding::to_base64url, json::parse_object, key::Entropy, time::Timestamp};
use sinpyo_crypto::{aead::SealError, mac::hmac_sha256};
use sinpyo_state::{Key, OwnedChange, Record, Space, Unavailable};
use std::fmt;

/// The header that proves who sends: `t=<seconds>,v1=<hex of HMAC-SHA-256 over "<seconds>.<body>">`.
pub const SIGNATURE: &str = "webhook-signature";

const SPACE: Space = Space::new("web.hook");
/// Most servers of one owner.
pub(super) const MOST: usize = 16;
const LONGEST: usize = 1024;

/// Where notices are sent: `https`, or plain `http` to this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookUrl(String);

/// Not an address that notices are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address for notices: https, a host name in small letters, no user, no fragment")]
pub struct HookUrlError;

impl HookUrlError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        "HTTP-24"
    }
}

impl HookUrl {
    /// Reads one; plain `http` is for a service that itself is reached so.
    ///
    /// # Errors
    /// It is none. Whether its host is one that we may reach is for whoever sends to see.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, HookUrlError> {
        let host_at = text.find("://").ok_or(HookUrlError)? + 3;
        let rest = text.get(host_at..).ok_or(HookUrlError)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let origin = text.get(..host_at + authority.len()).ok_or(HookUrlError)?;
        let origin: Origin = origin.parse().map_err(|_| HookUrlError)?;
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
        let is_fit = origin.transport() == Transport::Tls || transport == Transport::Plain;
        // [HTTP-24]
        (is_plain && is_fit && text.len() <= LONGEST).then(|| Self(text.to_owned())).ok_or(HookUrlError)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A server that wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Our name for it.
    pub id: String,
    /// Where it is told.
    pub url: HookUrl,
    /// Since when.
    pub since: Timestamp,
}

/// A server that was just registered, with the secret that signs what it is sent: shown once.
#[derive(Debug)]
pub struct Registered {
    /// Our name for it.
    pub id: String,
    /// `whsec_` and 32 random bytes as base64url.
    pub secret: Secret<String>,
    /// To be committed.
    pub change: OwnedChange,
}

/// What is kept of a server.
pub(super) struct Kept {
    pub(super) hook: Hook,
    secret: Secret<String>,
}

impl Kept {
    /// The value of [`SIGNATURE`].
    pub(super) fn signature(&self, body: &str, now: Timestamp) -> String {
        let seconds = now.unix();
        let mac = hmac_sha256(&self.secret, format!("{seconds}.{body}").as_bytes()); // [HTTP-25]
        let hex = mac.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("t={seconds},v1={hex}")
    }
}

impl Webhooks<'_> {
    /// Registers `url` for what `owner` (a name without `.`) is about.
    ///
    /// # Errors
    /// Never with an address of ours: it is longer than can be sealed.
    pub fn register(
        &self,
        owner: &str,
        url: &HookUrl,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Registered, SealError> {
        let mut random = [0; 44];
        entropy.fill(&mut random);
        let (name, secret) = random.split_at(12);
        let (id, secret) = (to_base64url(name), Secret::new(format!("whsec_{}", to_base64url(secret))));
        let key = key(owner, &id);
        let kept = json!({"url": url.as_str(), "secret": secret.expose(), "since": now.unix()});
        let plain = Secret::new(kept.to_string());
        let sealed = self.sealing.seal(entropy, key.name().as_bytes(), &plain)?;
        Ok(Registered { id, secret, change: OwnedChange::insert(key, sealed, None) })
    }

    /// The servers of `owner`.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn list(&self, owner: &str, now: Timestamp) -> Result<Vec<Hook>, Unavailable> {
        let prefix = format!("{owner}.");
        let page = self.state.page(SPACE, Some(&prefix), MOST, now)?;
        let ours = page.into_iter().take_while(|(key, _)| key.name().starts_with(&prefix));
        Ok(ours.filter_map(|(key, record)| self.read(&key, &record)).map(|kept| kept.hook).collect())
    }

    /// The change that forgets the server `id` of `owner`; none if there is none.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn forget(&self, owner: &str, id: &str, now: Timestamp) -> Result<Option<OwnedChange>, Unavailable> {
        let key = key(owner, id);
        let record = self.state.get(&key, now)?;
        Ok(record.map(|record| OwnedChange::remove(key, record.version)))
    }

    pub(super) fn kept(&self, owner: &str, id: &str, now: Timestamp) -> Result<Option<Kept>, Unavailable> {
        let key = key(owner, id);
        Ok(self.state.get(&key, now)?.and_then(|record| self.read(&key, &record)))
    }

    fn read(&self, key: &Key, record: &Record) -> Option<Kept> {
        let opened = self.sealing.open(key.name().as_bytes(), &record.data).ok()?;
        let members = parse_object(opened.expose()).ok()?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let (_, id) = key.name().split_once('.')?;
        let since = Timestamp::from_unix(members.get("since")?.as_i64()?)?;
        let hook = Hook { id: id.to_owned(), url: HookUrl(text("url")?), since };
        Some(Kept { hook, secret: Secret::new(text("secret")?) })
    }
}

fn key(owner: &str, id: &str) -> Key {
    Key::named(SPACE, &format!("{owner}.{id}"))
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("hook", &self.hook).finish_non_exhaustive()
    }
}
