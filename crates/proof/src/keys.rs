//! The keys of resolved documents, parsed once.

use sinpyo_core::{
    did::{Did, KeyId},
    document::{DidDocument, KeyNotAuthorised, PublicKeyMaterial, VerificationRelationship},
    resolved::Resolved,
};
use sinpyo_crypto::{ParseKeyError, VerifyingKey};
use std::collections::HashMap;

/// The keys of the documents that a caller has resolved.
///
/// Parsing a key costs a sixth of a verification (a curve point has to be decompressed), so a ring is made once and
/// kept as long as the documents are current. It holds one version of each document.
#[derive(Debug, Default)]
pub struct KeyRing {
    documents: HashMap<Did, Entry>,
}

#[derive(Debug)]
struct Entry {
    document: DidDocument,
    keys: HashMap<KeyId, Result<VerifyingKey, ParseKeyError>>,
}

impl KeyRing {
    /// An empty ring.
    pub fn new() -> Self {
        Self::default()
    }

    /// A ring with the keys of one document.
    pub fn of(resolved: &Resolved) -> Self {
        let mut ring = Self::new();
        ring.add(resolved);
        ring
    }

    /// Adds the keys of a document; another version of the same document is replaced.
    ///
    /// A key that is malformed does not spoil the others: it is refused when it is asked for.
    pub fn add(&mut self, resolved: &Resolved) {
        let document = resolved.document.clone();
        let parse = |material: &PublicKeyMaterial| match material {
            PublicKeyMaterial::Multikey(key) => VerifyingKey::from_multikey(key),
            PublicKeyMaterial::Jwk(jwk) => VerifyingKey::from_jwk(jwk),
        };
        let keys = document.methods().iter().map(|method| (method.id.clone(), parse(&method.key))).collect();
        self.documents.insert(document.id().clone(), Entry { document, keys });
    }

    /// Whether the ring holds a document of `did`.
    pub fn knows(&self, did: &Did) -> bool {
        self.documents.contains_key(did)
    }

    /// The key `id`, if its controller's document authorises it for `relationship`.
    ///
    /// # Errors
    /// The document is not in the ring, does not authorise the key, or holds it in a form that cannot be used.
    pub fn authorised_key(
        &self,
        id: &KeyId,
        relationship: VerificationRelationship,
    ) -> Result<&VerifyingKey, KeyError> {
        let entry = self.documents.get(&id.did()).ok_or(KeyError::Unresolved)?;
        entry.document.authorised_key(id, relationship)?;
        match entry.keys.get(id) {
            Some(Ok(key)) => Ok(key),
            Some(Err(error)) => Err(KeyError::Unusable(*error)),
            None => Err(KeyError::NotAuthorised(KeyNotAuthorised::Unknown)),
        }
    }
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// JWS-16: nobody resolved the document of the key's DID.
    #[error("the document of the signer is not known")]
    Unresolved,
    /// The document does not authorise the key.
    #[error(transparent)]
    NotAuthorised(#[from] KeyNotAuthorised),
    /// The key is malformed, or of a kind that is not supported.
    #[error("the signer's key cannot be used")]
    Unusable(#[source] ParseKeyError),
}

impl KeyError {
    /// The rule that was broken, as in `spec/checks/{jws,did,key}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unresolved => "JWS-16", // [JWS-16]
            Self::NotAuthorised(error) => error.code(),
            Self::Unusable(error) => error.code(),
        }
    }
}
