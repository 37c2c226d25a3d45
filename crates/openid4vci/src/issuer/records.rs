//! What an issuer remembers, sealed: it is about people.

use super::settings::IssuerSettings;
use crate::member::Object;
use serde_json::Value;
use sinpyo_core::{Secret, encoding::to_base64url, json, key::Entropy, time::Timestamp};
use sinpyo_state::{Key, Record, Space, State, Unavailable};

/// Offers that are fetched by reference, by the secret in their address.
pub(super) const OFFER: Space = Space::new("vci.offer");
/// Responses that may have been lost, by token and keys.
pub(super) const DELIVERED: Space = Space::new("vci.delivered");
/// How often something was issued to one token for one set of keys.
pub(super) const TURN: Space = Space::new("vci.turn");
/// Credentials that are not ready, by their transaction identifier.
pub(super) const TRANSACTION: Space = Space::new("vci.transaction");
/// What a wallet may report on, by the notification identifier.
pub(super) const NOTIFICATION: Space = Space::new("vci.notification");
/// Whether anything is issued to somebody at all.
pub(super) const STANDING: Space = Space::new("vci.standing");

/// 256 bits, as base64url.
pub(super) fn secret(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    to_base64url(&bytes)
}

/// `value`, sealed for its place.
pub(super) fn seal(
    settings: &IssuerSettings,
    key: &Key,
    value: &Value,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, Unavailable> {
    let text = Secret::new(value.to_string().into_bytes());
    settings.sealing().seal(entropy, &place(key), &text).map_err(|_| Unavailable)
}

/// The reverse. A record that does not open was sealed under another master key, or somebody changed it.
pub(super) fn open(settings: &IssuerSettings, key: &Key, data: &[u8]) -> Result<Object, Unavailable> {
    let text = settings.sealing().open(&place(key), data).map_err(|_| Unavailable)?;
    json::parse_object(text.expose()).map_err(|_| Unavailable)
}

fn place(key: &Key) -> Vec<u8> {
    format!("{}\0{}", key.space().name(), key.name()).into_bytes()
}

/// The record of `key` even if it has expired: until it is swept, it stands in the way of another.
pub(super) fn stale(state: &dyn State, key: &Key) -> Result<Option<Record>, Unavailable> {
    let Some(beginning) = Timestamp::from_unix(0) else { return Ok(None) };
    state.get(key, beginning)
}
