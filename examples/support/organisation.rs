//! Organisations that want a DID.

use super::entropy::OsEntropy;
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod,
        VerificationRelationship::{AssertionMethod, Authentication},
    },
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use std::error::Error;

/// Makes a key that controls a DID. It is kept apart from the keys in the document and is named by itself.
pub(crate) fn control_key() -> Result<KeySigner, Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let name = key.verifying_key().to_multikey().to_string();
    Ok(KeySigner::new(format!("did:key:{name}#{name}").parse()?, key))
}

/// The document of an organisation whose `key`, called `name`, signs its statements and its requests.
#[expect(clippy::expect_used, reason = "a DID followed by a plain word names a key")]
pub(crate) fn document(did: &Did, name: &str, key: &VerifyingKey) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(name).expect("a key of the DID"),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key.to_multikey()),
        revoked: None,
    };
    DidDocument::new(did.clone()).with_key(method, &[AssertionMethod, Authentication])
}
