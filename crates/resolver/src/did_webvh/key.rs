//! Update keys, witnesses' keys, and announcements of them.

use super::{
    WebvhError,
    entry::{is_multihash, multihash},
};
use sinpyo_core::{
    did::{Did, KeyId},
    encoding::Multikey,
};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey};
use std::fmt;

/// Code of an Ed25519 public key in the multicodec table.
const ED25519: u64 = 0xed;

/// An Ed25519 key, as `updateKeys` and witness identifiers name it. Printed as Multikey.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpdateKey(Box<str>);

impl UpdateKey {
    /// The update key `key`; none if it is of a kind that did:webvh 1.0 does not allow.
    pub fn new(key: &VerifyingKey) -> Option<Self> {
        (key.algorithm() == Algorithm::Ed25519).then(|| Self(key.to_multikey().to_string().into()))
    }

    /// The Multikey text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What announces this key before it is used.
    pub fn hash(&self) -> KeyHash {
        KeyHash(multihash(self.0.as_bytes()).into())
    }

    /// Reads a Multikey. Whether it is a point of the curve shows when a signature of it is checked.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let key = Multikey::parse(text).ok()?;
        (key.code() == ED25519 && key.key().len() == 32).then(|| Self(text.into()))
    }

    /// Reads `did:key:<key>`. The bare key is taken too: a widespread implementation writes it so.
    pub(super) fn parse_witness(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix("did:key:").unwrap_or(text))
    }

    /// The key that a proof names as `did:key:<key>#<key>`: the same key twice.
    pub(super) fn of_method(method: &KeyId) -> Result<Self, WebvhError> {
        let did = method.did();
        if did.method() != "key" || did.method_specific_id() != method.fragment() {
            return Err(WebvhError::Stranger); // [WVH-10]
        }
        Self::parse(method.fragment()).ok_or(WebvhError::Stranger)
    }

    /// The key, ready to verify with.
    pub(super) fn verifying_key(&self) -> Result<VerifyingKey, ParseKeyError> {
        let key = Multikey::parse(&self.0).map_err(|_| ParseKeyError::Unsupported)?;
        VerifyingKey::from_multikey(&key)
    }

    /// The did:key of this key.
    pub(super) fn did(&self) -> String {
        format!("did:key:{self}")
    }

    /// The verification method under which proofs name this key.
    pub(super) fn key_id(&self) -> Option<KeyId> {
        self.did().parse::<Did>().ok()?.key(&self.0).ok()
    }
}

impl fmt::Display for UpdateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The announcement of an update key: the multihash of its Multikey text, in base58btc without prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHash(Box<str>);

impl KeyHash {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an announcement. The specification lets controllers mix in random texts, so any text will do; what is no
    /// hash announces nothing.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.into())
    }

    /// Whether a key could have this hash.
    pub(super) fn is_hash(&self) -> bool {
        is_multihash(&self.0)
    }
}
