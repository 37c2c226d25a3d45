//! The wallet's half: making proofs.

use crate::{address::CredentialIssuerId, member::Object};
use serde_json::{Map, Value, json};
use sinpyo_core::{document::VerificationRelationship, key::Signer, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint, PreparedToken, SignError, Typ, prepare};
use sinpyo_proof::data_integrity::{self, ProofOptions};

/// A key of the wallet with its public half.
#[derive(Clone, Copy)]
pub struct ProofKey<'a> {
    /// Signs; its `key_id` matters where the key is named by a DID.
    pub signer: &'a dyn Signer,
    /// The public half.
    pub key: &'a VerifyingKey,
}

impl std::fmt::Debug for ProofKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProofKey").field("key", self.key).finish_non_exhaustive()
    }
}

/// The claims of a proof for `issuer` [VCI 1.0 §F.1]. A client that is anonymous names itself nowhere.
pub fn jwt_claims(
    issuer: &CredentialIssuerId,
    client: Option<&str>,
    nonce: Option<&str>,
    now: Timestamp,
) -> Object {
    let mut claims = Map::new();
    claims.insert("aud".to_owned(), issuer.as_str().into());
    claims.insert("iat".to_owned(), now.unix().into());
    crate::member::put(&mut claims, "iss", client);
    crate::member::put(&mut claims, "nonce", nonce);
    claims
}

/// Prepares a proof of type `jwt`, with the key itself in the header, for a signer that answers later.
pub fn prepare_jwt(claims: &Object, key: &VerifyingKey, attestation: Option<&str>) -> PreparedToken {
    let mut header = JwtHeader::new(Typ::CREDENTIAL_PROOF, KeyHint::Jwk);
    crate::member::put(&mut header.members, "key_attestation", attestation);
    prepare(header, claims, key)
}

/// Signs a proof of type `jwt`.
///
/// # Errors
/// The signer refused.
pub fn sign_jwt(
    claims: &Object,
    ProofKey { signer, key }: ProofKey<'_>,
    attestation: Option<&str>,
) -> Result<String, SignError> {
    prepare_jwt(claims, key, attestation).sign(signer)
}

/// Signs a proof of type `di_vp` for `issuer`, whose key is named by the signer's verification method.
///
/// # Errors
/// The signer refused, or its key has no cryptosuite.
pub fn sign_di_vp(
    issuer: &CredentialIssuerId,
    nonce: &str,
    now: Timestamp,
    ProofKey { signer, key }: ProofKey<'_>,
) -> Result<Value, SignError> {
    let nothing: [&[u8]; 0] = [];
    let mut presentation = sinpyo_proof::vp::presentation(&signer.key_id().did(), &nothing);
    presentation.remove("verifiableCredential");
    let options = ProofOptions {
        created: Some(now),
        domains: vec![issuer.as_str().to_owned()],
        challenge: Some(nonce.to_owned()),
        ..ProofOptions::new(VerificationRelationship::Authentication)
    };
    data_integrity::sign(presentation, &options, signer, key).map(Value::Object)
}

/// The claims of a key attestation over `keys` [VCI 1.0 §D.1], for makers of wallets.
pub fn attestation_claims(
    keys: &[VerifyingKey],
    nonce: Option<&str>,
    (issued, expires): (Timestamp, Timestamp),
) -> Object {
    let keys: Vec<_> = keys.iter().map(|key| key.to_jwk().members().clone()).collect();
    let mut claims = Map::new();
    claims.insert("iat".to_owned(), issued.unix().into());
    claims.insert("exp".to_owned(), expires.unix().into());
    claims.insert("attested_keys".to_owned(), json!(keys));
    crate::member::put(&mut claims, "nonce", nonce);
    claims
}
