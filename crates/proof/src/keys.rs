//! The keys of resolved documents, parsed once.

use crate::issuer_key::IssuerKeys;
use sinpyo_bbs as bbs;
use sinpyo_core::{
    did::{Did, KeyId},
    document::{DidDocument, KeyNotAuthorised, PublicKeyMaterial, VerificationRelationship},
    encoding::Multikey,
    resolved::Resolved,
};
use sinpyo_crypto::{ParseKeyError, VerifyingKey};
use sinpyo_x509::Roots;
use std::{collections::HashMap, sync::Arc};

/// The keys of the documents that a caller has resolved.
///
/// Parsing a key costs a sixth of a verification (a curve point has to be decompressed), so a ring is made once and
/// kept as long as the documents are current. It holds one version of each document.
#[derive(Debug, Default)]
pub struct KeyRing {
    documents: HashMap<Did, Entry>,
    /// Issuers that are not verified through a DID.
    issuers: HashMap<String, IssuerKeys>,
    /// Who certifies the issuers that no DID names and that are not registered.
    certified: Option<Arc<Roots>>,
    /// What every name means, if the caller was given a key instead of documents.
    only: Option<VerifyingKey>,
}

#[derive(Debug)]
struct Entry {
    document: DidDocument,
    deactivated: bool,
    keys: HashMap<KeyId, Key>,
}

/// A key of a document, as far as it can be used.
#[derive(Debug)]
enum Key {
    Signature(VerifyingKey),
    Bbs(Box<bbs::PublicKey>),
    Unusable(ParseKeyError),
}

impl Key {
    fn parse(material: &PublicKeyMaterial) -> Self {
        let key = match material {
            PublicKeyMaterial::Multikey(key) => match bbs::PublicKey::from_multikey(key) {
                Ok(key) => return Self::Bbs(Box::new(key)),
                Err(_) => VerifyingKey::from_multikey(key),
            },
            PublicKeyMaterial::Jwk(jwk) => VerifyingKey::from_jwk(jwk),
        };
        key.map_or_else(Self::Unusable, Self::Signature)
    }

    const fn as_signature(&self) -> Option<&VerifyingKey> {
        match self {
            Self::Signature(key) => Some(key),
            Self::Bbs(_) | Self::Unusable(_) => None,
        }
    }
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

    /// A ring in which every name means `key`, for whatever it is to be used: for tools that were given the key itself.
    pub fn only(key: VerifyingKey) -> Self {
        Self { only: Some(key), ..Self::default() }
    }

    /// Says how the keys of `issuer`, named by `iss`, are found: in this way and in no other.
    pub fn add_issuer(&mut self, issuer: &str, keys: IssuerKeys) {
        self.issuers.insert(issuer.to_owned(), keys);
    }

    /// Says that issuers that no DID names, and that are not registered one by one, are found by certificates that lead
    /// to one of `roots`. Those that name no issuer at all are the holder of their certificate's [SD-JWT VC §3.2.2.2].
    pub fn trust_certificates(&mut self, roots: Arc<Roots>) {
        self.certified = Some(roots);
    }

    /// Who certifies issuers in general.
    pub(crate) fn certified(&self) -> Option<&Roots> {
        self.certified.as_deref()
    }

    /// The way that holds for `issuer`, if it is not its DID.
    pub(crate) fn issuer_keys(&self, issuer: &str) -> Option<&IssuerKeys> {
        self.issuers.get(issuer)
    }

    /// Adds the keys of a document; another version of the same document is replaced.
    ///
    /// A key that is malformed does not spoil the others: it is refused when it is asked for.
    pub fn add(&mut self, resolved: &Resolved) {
        let document = resolved.document.clone();
        let methods = document.methods().iter();
        let keys = methods.map(|method| (method.id.clone(), Key::parse(&method.key))).collect();
        let deactivated = resolved.metadata.deactivated;
        self.documents.insert(document.id().clone(), Entry { document, deactivated, keys });
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
        if let Some(key) = &self.only {
            return Ok(key);
        }
        match self.authorised(id, relationship)? {
            Key::Signature(key) => Ok(key),
            Key::Bbs(_) => Err(KeyError::Unusable(ParseKeyError::Unsupported)), // [KEY-01]
            Key::Unusable(error) => Err(KeyError::Unusable(*error)),
        }
    }

    /// The key that a message names, with the name, if its controller's document authorises it for `relationship`.
    pub(crate) fn named(
        &self,
        name: Option<&KeyId>,
        relationship: VerificationRelationship,
    ) -> Result<(&VerifyingKey, Option<KeyId>), KeyError> {
        match (&self.only, name) {
            (Some(only), name) => Ok((only, name.cloned())),
            (None, Some(id)) => Ok((self.authorised_key(id, relationship)?, Some(id.clone()))),
            (None, None) => Err(KeyError::Unnamed), // [JWS-09]
        }
    }

    /// The BBS key `id`, if its controller's document authorises it for `relationship`.
    ///
    /// # Errors
    /// As [`KeyRing::authorised_key`], or it is not a BBS key.
    pub fn authorised_bbs_key(
        &self,
        id: &KeyId,
        relationship: VerificationRelationship,
    ) -> Result<&bbs::PublicKey, KeyError> {
        match self.authorised(id, relationship)? {
            Key::Bbs(key) => Ok(key),
            Key::Signature(_) => Err(KeyError::Unusable(ParseKeyError::Unsupported)), // [KEY-01]
            Key::Unusable(error) => Err(KeyError::Unusable(*error)),
        }
    }

    /// The bytes of the key `id`, of whatever kind, if its controller's document authorises it for `relationship`.
    pub(crate) fn authorised_multikey(
        &self,
        id: &KeyId,
        relationship: VerificationRelationship,
    ) -> Result<Multikey, KeyError> {
        if let Some(key) = &self.only {
            return Ok(key.to_multikey());
        }
        match self.authorised(id, relationship)? {
            Key::Signature(key) => Ok(key.to_multikey()),
            Key::Bbs(key) => Ok(key.to_multikey()),
            Key::Unusable(error) => Err(KeyError::Unusable(*error)),
        }
    }

    fn authorised(&self, id: &KeyId, relationship: VerificationRelationship) -> Result<&Key, KeyError> {
        let entry = self.documents.get(&id.did()).ok_or(KeyError::Unresolved)?;
        if entry.deactivated {
            return Err(KeyError::Deactivated); // [DID-05]
        }
        entry.document.authorised_key(id, relationship)?;
        entry.keys.get(id).ok_or(KeyError::NotAuthorised(KeyNotAuthorised::Unknown))
    }

    /// The key called `id`, whatever it may be used for, if it can be used at all.
    pub fn key(&self, id: &KeyId) -> Option<&VerifyingKey> {
        self.documents.get(&id.did())?.keys.get(id)?.as_signature()
    }

    /// Why nothing that was signed with `key`, once called `id`, is to be relied on any more: this ring holds the newest
    /// document of its DID, which revokes the key under whatever name, calls another key by its name, or is out of use.
    ///
    /// A key that the document no longer lists was retired: what it signed before stays good.
    pub fn withdrawn(&self, id: &KeyId, key: &VerifyingKey) -> Option<KeyError> {
        let Some(entry) = self.documents.get(&id.did()) else { return Some(KeyError::Unresolved) };
        if entry.deactivated {
            return Some(KeyError::Deactivated); // [DID-05]
        }
        let is_key = |id: &KeyId| entry.keys.get(id).and_then(Key::as_signature) == Some(key);
        let revoked =
            entry.document.methods().iter().any(|method| method.revoked.is_some() && is_key(&method.id));
        if revoked {
            return Some(KeyNotAuthorised::Revoked.into()); // [DID-04]
        }
        if entry.keys.contains_key(id) && !is_key(id) {
            return Some(KeyNotAuthorised::Unknown.into()); // [DID-01]
        }
        None
    }
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// JWS-09: nothing says which key it is.
    #[error("no verification method is named")]
    Unnamed,
    /// JWS-16: nobody resolved the document of the key's DID.
    #[error("the document of the signer is not known")]
    Unresolved,
    /// DID-05: the signer's DID is out of use.
    #[error("the signer's DID is deactivated")]
    Deactivated,
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
            Self::Unnamed => "JWS-09",
            Self::Unresolved => "JWS-16", // [JWS-16]
            Self::Deactivated => "DID-05",
            Self::NotAuthorised(error) => error.code(),
            Self::Unusable(error) => error.code(),
        }
    }
}
