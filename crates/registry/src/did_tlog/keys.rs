//! Update keys and the announcements of the next ones.

use super::OperationError;
use crate::form::{is_multihash, multihash};
use sinpyo_core::{did::KeyId, encoding::Multikey};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::data_integrity::Cryptosuite;
use std::fmt;

/// Most update keys, and most announcements, in one version.
pub(super) const MAX_KEYS: usize = 16;

/// A key that may sign the next operation on a DID. Printed as Multikey.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpdateKey(Box<str>);

impl UpdateKey {
    /// The update key `key`.
    pub fn new(key: &VerifyingKey) -> Self {
        Self(key.to_multikey().to_string().into())
    }

    /// The Multikey text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What announces this key before it is used.
    pub fn hash(&self) -> KeyHash {
        KeyHash(multihash(self.0.as_bytes()).into())
    }

    /// Reads a key in canonical text, together with its usable form.
    pub(super) fn parse(text: &str) -> Result<(Self, VerifyingKey), OperationError> {
        let key = Multikey::parse(text).map_err(|_| OperationError::Keys)?;
        let key = VerifyingKey::from_multikey(&key).map_err(|_| OperationError::Keys)?; // [TLOG-16]
        let parsed = Self::new(&key);
        // A key of an algorithm without suite could never sign: who listed no other would have lost the DID.
        let signs = Cryptosuite::for_algorithm(key.algorithm()).is_some();
        if signs && *parsed.0 == *text { Ok((parsed, key)) } else { Err(OperationError::Keys) }
    }

    /// A key that the fold wrote.
    pub(super) fn from_state(text: String) -> Self {
        Self(text.into())
    }

    /// The key that a proof names as `did:key:<key>#<key>`.
    pub(super) fn of_method(method: &KeyId) -> Result<(Self, VerifyingKey), OperationError> {
        let did = method.did();
        if did.method() != "key" || did.method_specific_id() != method.fragment() {
            return Err(OperationError::Stranger);
        }
        Self::parse(method.fragment())
    }
}

impl fmt::Display for UpdateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The announcement of an update key: the multihash of its Multikey text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHash(Box<str>);

impl KeyHash {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An announcement that the fold wrote.
    pub(super) fn from_state(text: String) -> Self {
        Self(text.into())
    }

    pub(super) fn parse(text: &str) -> Result<Self, OperationError> {
        if is_multihash(text) { Ok(Self(text.into())) } else { Err(OperationError::Keys) } // [TLOG-16]
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
