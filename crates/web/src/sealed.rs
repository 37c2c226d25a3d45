//! What is remembered, sealed at its place: whoever reads the engine's files sees neither names nor codes nor drafts.

use serde_json::{Map, Value};
use sinpyo_core::{Secret, json::parse_object, key::Entropy, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::{Key, OwnedChange, State, Unavailable, Version};
use std::fmt;

/// A record that was read and opened.
#[derive(Debug)]
pub struct Opened {
    /// Which version it is.
    pub version: Version,
    /// What it says.
    pub members: Map<String, Value>,
}

/// Seals and opens the records of a service, each at its own place.
pub struct SealedRecords(SealingKey);

impl fmt::Debug for SealedRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedRecords(..)")
    }
}

impl SealedRecords {
    /// Those under `key`.
    pub const fn new(key: SealingKey) -> Self {
        Self(key)
    }

    /// `members`, readable at the place `key` by whoever has the service's key.
    ///
    /// # Errors
    /// They are longer than is sealed.
    pub fn seal(
        &self,
        key: &Key,
        members: &Value,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, Unavailable> {
        let plain = Secret::new(members.to_string());
        self.0.seal(entropy, &place(key), &plain).map_err(|_| Unavailable)
    }

    /// The reverse.
    ///
    /// # Errors
    /// The record was sealed under another key, or moved, or changed.
    pub fn open(&self, key: &Key, data: &[u8]) -> Result<Map<String, Value>, Unavailable> {
        let plain = self.0.open(&place(key), data).map_err(|_| Unavailable)?;
        parse_object(plain.expose()).map_err(|_| Unavailable)
    }

    /// The record of `key`, opened; none if there is none.
    ///
    /// # Errors
    /// The engine cannot answer; the record does not open.
    pub fn read(&self, state: &dyn State, key: &Key, now: Timestamp) -> Result<Option<Opened>, Unavailable> {
        let Some(record) = state.get(key, now)? else { return Ok(None) };
        Ok(Some(Opened { version: record.version, members: self.open(key, &record.data)? }))
    }

    /// The change that puts `members` under `key`, where `version` stands or nothing does.
    ///
    /// # Errors
    /// They are longer than is sealed.
    pub fn put(
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
