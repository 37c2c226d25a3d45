//! did:key: the identifier is the key [did:key Method v0.9].

use crate::ResolveError;
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as Relationship,
    },
    encoding::Multikey,
};
use sinpyo_crypto::{ParseKeyError, VerifyingKey};

mod format;

pub use format::{KeyFormat, document_in};

const SIGNING: [Relationship; 4] = [
    Relationship::Authentication,
    Relationship::AssertionMethod,
    Relationship::CapabilityInvocation,
    Relationship::CapabilityDelegation,
];

/// Keys that did:key can name and we do not use: multicodec, length, and whether a compressed point's sign byte leads.
/// Their documents are made all the same, so that others can be told about them.
const FOREIGN: [(u64, usize, bool); 4] = [
    (0xe7, 33, true),   // secp256k1
    (0xea, 48, false),  // BLS12-381 G1
    (0xeb, 96, false),  // BLS12-381 G2
    (0xee, 144, false), // BLS12-381 G1 and G2
];
const X25519: (u64, usize) = (0xec, 32);

/// The document of a did:key.
///
/// # Errors
/// The identifier is not a well-formed key of a known kind.
pub fn resolve(did: &Did) -> Result<DidDocument, ResolveError> {
    let text = did.method_specific_id();
    let multikey = Multikey::parse(text).map_err(|_| ResolveError::InvalidDid)?; // [RES-01]
    let relationships = relationships(&multikey).map_err(|_| ResolveError::InvalidDid)?; // [RES-01]
    let id = did.key(text).map_err(|_| ResolveError::InvalidDid)?;
    let method = VerificationMethod {
        id,
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(multikey),
        revoked: None,
    };
    Ok(DidDocument::new(did.clone()).with_key(method, relationships))
}

/// The did:key of a public key.
///
/// # Panics
/// Never: such text is always a method-specific identifier.
#[expect(clippy::expect_used, reason = "base58btc text is a method-specific identifier")]
pub fn did_of(key: &VerifyingKey) -> Did {
    format!("did:key:{}", key.to_multikey()).parse().expect("a well-formed DID")
}

/// What a key can be used for: whatever signs does not encrypt.
///
/// The method lets a resolver derive an X25519 key from an Ed25519 one. We do not: one key, one purpose, and nobody who
/// only ever signed has to learn that others encrypt to him.
fn relationships(key: &Multikey) -> Result<&'static [Relationship], KeyProblem> {
    match VerifyingKey::from_multikey(key) {
        Ok(_) => return Ok(&SIGNING),
        Err(ParseKeyError::Unsupported) => {}
        Err(ParseKeyError::Length) => return Err(KeyProblem::Length),
        Err(_) => return Err(KeyProblem::Value),
    }
    let length = key.key().len();
    let (code, x25519_length) = X25519;
    if key.code() == code {
        return if length == x25519_length {
            Ok(&[Relationship::KeyAgreement])
        } else {
            Err(KeyProblem::Length)
        };
    }
    let Some((_, size, signed)) = FOREIGN.iter().find(|(code, ..)| *code == key.code()) else {
        return Err(KeyProblem::Kind);
    };
    if length != *size {
        return Err(KeyProblem::Length);
    }
    let fine = !signed || matches!(key.key().first(), Some(2 | 3));
    if fine { Ok(&SIGNING) } else { Err(KeyProblem::Value) }
}

/// What is wrong with a did:key, for those who want to know exactly [did:key v0.9 §5].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// Not multibase text that begins with `z`, or no multicodec.
    #[error("the identifier is no multibase key")]
    Text,
    /// A multicodec of no kind of key that we know.
    #[error("the kind of key is not known")]
    Kind,
    /// RES-02: the key does not have the length of its kind.
    #[error("the key does not have the length of its kind")]
    Length,
    /// The bytes are no key of their kind.
    #[error("the bytes are no key of their kind")]
    Value,
    /// RES-03: a format of public keys that we do not write, or not for this kind of key.
    #[error("the public key format is not supported for this key")]
    Format,
    /// RES-03: a format that only the option for experimental ones allows.
    #[error("the public key format is experimental")]
    Experimental,
}

impl KeyProblem {
    /// The rule that was broken, as in `spec/checks/res.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text | Self::Kind | Self::Value => "RES-01",
            Self::Length => "RES-02",
            Self::Format | Self::Experimental => "RES-03",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(did: &str) -> Result<DidDocument, ResolveError> {
        resolve(&did.parse().unwrap())
    }

    #[test]
    fn the_identifier_is_the_key() {
        // The first example of the did:key specification.
        let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        let document = resolved(did).unwrap();
        let [method] = document.methods() else { panic!("one method") };
        assert_eq!(method.id.as_str(), format!("{did}#{}", did.trim_start_matches("did:key:")));
        assert_eq!(document.keys_for(Relationship::AssertionMethod).count(), 1);
        assert_eq!(document.keys_for(Relationship::KeyAgreement).count(), 0);
    }

    #[test]
    fn a_malformed_key_is_no_did() {
        for did in [
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do", // a digit short
            "did:key:uZ7QB",                                           // base64url
            "did:key:z",
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBm", // secp256k1, a digit short
        ] {
            assert!(matches!(resolved(did), Err(ResolveError::InvalidDid)), "{did}");
        }
    }
}
