//! What is remembered, sealed: whoever reads the engine's files sees neither names nor codes nor drafts.

use serde_json::{Map, Value};
use sinpyo_core::{Secret, json::parse_object, key::Entropy, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::{Key, OwnedChange, State, Unavailable, Version};

/// Seals and opens records at their places.
pub(crate) struct Vault(SealingKey);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// A record that was read and opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) version: Version,
    pub(crate) members: Map<String, Value>,
}

impl Vault {
    pub(crate) const fn new(key: SealingKey) -> Self {
        Self(key)
    }

    /// `members`, readable at the place `key` by whoever has the service's key.
    pub(crate) fn seal(
        &self,
        key: &Key,
        members: &Value,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, Unavailable> {
        let plain = Secret::new(members.to_string());
        self.0.seal(entropy, &place(key), &plain).map_err(|_| Unavailable) // [VTS-02]
    }

    /// The reverse. A record that does not open was sealed under another key, or moved, or changed.
    pub(crate) fn open(&self, key: &Key, data: &[u8]) -> Result<Map<String, Value>, Unavailable> {
        let plain = self.0.open(&place(key), data).map_err(|_| Unavailable)?;
        parse_object(plain.expose()).map_err(|_| Unavailable)
    }

    /// The record of `key`.
    pub(crate) fn read(
        &self,
        state: &dyn State,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Opened>, Unavailable> {
        let Some(record) = state.get(key, now)? else { return Ok(None) };
        Ok(Some(Opened { version: record.version, members: self.open(key, &record.data)? }))
    }

    /// The change that puts `members` under `key`, where `version` stands or nothing does.
    pub(crate) fn put(
        &self,
        key: &Key,
        version: Option<Version>,
        members: &Value,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, Unavailable> {
        let data = self.seal(key, members, entropy)?;
        Ok(match version {
            Some(version) => OwnedChange::replace(key.clone(), version, data, None),
            None => OwnedChange::insert(key.clone(), data, None),
        })
    }
}

fn place(key: &Key) -> Vec<u8> {
    format!("{}\0{}", key.space().name(), key.name()).into_bytes()
}
