//! did:key: the identifier is the key [did:key Method v0.9].

use crate::ResolveError;
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as Relationship,
    },
    encoding::Multikey,
};
use sinpyo_crypto::VerifyingKey;

const SIGNING: [Relationship; 4] = [
    Relationship::Authentication,
    Relationship::AssertionMethod,
    Relationship::CapabilityInvocation,
    Relationship::CapabilityDelegation,
];

/// Keys that did:key can name and we do not use: multicodec, length, and whether a compressed point's sign byte leads.
/// Their documents are made all the same, so that others can be told about them.
const FOREIGN: [(u64, usize, bool); 5] = [
    (0xe7, 33, true),   // secp256k1
    (0xea, 48, false),  // BLS12-381 G1
    (0xeb, 96, false),  // BLS12-381 G2
    (0xee, 144, false), // BLS12-381 G1 and G2
    (0x1202, 67, true), // P-521
];
const X25519: (u64, usize) = (0xec, 32);

/// The document of a did:key.
///
/// # Errors
/// The identifier is not a well-formed key of a known kind.
pub fn resolve(did: &Did) -> Result<DidDocument, ResolveError> {
    let text = did.method_specific_id();
    let multikey = Multikey::parse(text).map_err(|_| ResolveError::InvalidDid)?; // [RES-01]
    let relationships = relationships(&multikey)?;
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

fn relationships(key: &Multikey) -> Result<&'static [Relationship], ResolveError> {
    if VerifyingKey::from_multikey(key).is_ok() {
        return Ok(&SIGNING);
    }
    let length = key.key().len();
    if (key.code(), length) == X25519 {
        return Ok(&[Relationship::KeyAgreement]);
    }
    let known = FOREIGN.iter().any(|&(code, size, signed)| {
        code == key.code() && size == length && (!signed || matches!(key.key().first(), Some(2 | 3)))
    });
    if known { Ok(&SIGNING) } else { Err(ResolveError::InvalidDid) } // [RES-01]
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
