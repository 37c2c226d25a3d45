//! `sinpyo-ed25519-mldsa44-jcs-2026`: one proof that needs a forger of two algorithms.
//!
//! Both keys sign the same 64 bytes, the hash of the proof's options and that of the document. The options name the
//! suite and both verification methods, so that neither half is a proof under any other suite, and a proof without
//! one half is not a proof. Ours; no other implementation and no review exist. ML-DSA is by an unaudited library.
//!
//! `proofValue` is multibase `u` over the Ed25519 signature (64 bytes) followed by that of ML-DSA-44 (2,420 bytes).

use super::{
    Cryptosuite, ProofOptions, ProofSetError,
    proof::{Proof, method},
    suite::Digest,
};
use crate::{SignError, Signatory};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, encoding::to_multibase, jcs};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use std::fmt;

/// The member of the proof that names the ML-DSA-44 key.
pub(super) const SECOND_METHOD: &str = "secondVerificationMethod";

const SUITE: Cryptosuite = Cryptosuite::Ed25519MlDsa44Jcs2026;

/// The second key that a proof names; one of the same controller.
pub(super) fn second_method(proof: &Proof) -> Result<KeyId, ProofSetError> {
    let second = method(&proof.members, SECOND_METHOD)?;
    if second.did() == proof.key_id.did() { Ok(second) } else { Err(ProofSetError::Hybrid) } // [DI-16]
}

/// The two signatures of a proof, the second of which is to be checked with `second`.
pub(super) fn split(proof: &Proof, second: &VerifyingKey) -> Result<[Vec<u8>; 2], ProofSetError> {
    let both = proof.signature()?;
    let halves = both.split_at_checked(Algorithm::Ed25519.signature_length());
    let (classical, post_quantum) = halves.ok_or(ProofSetError::Hybrid)?; // [DI-16]
    if second.algorithm() != Algorithm::MlDsa44 || post_quantum.len() != Algorithm::MlDsa44.signature_length()
    {
        return Err(ProofSetError::Hybrid); // [DI-16]
    }
    Ok([classical.to_vec(), post_quantum.to_vec()])
}

/// A document that waits for both signatures.
///
/// Debug output names the members of the document and shows no value.
#[must_use]
pub struct PreparedHybrid {
    document: Map<String, Value>,
    proof: Map<String, Value>,
    keys: [VerifyingKey; 2],
    signing_input: Vec<u8>,
}

/// Computes what an Ed25519 key and an ML-DSA-44 key of one controller have to sign. An earlier proof is replaced.
///
/// # Errors
/// The keys are not of these algorithms, or not of one controller.
pub fn prepare(
    mut document: Map<String, Value>,
    options: &ProofOptions,
    classical: Signatory<'_>,
    post_quantum: Signatory<'_>,
) -> Result<PreparedHybrid, SignError> {
    let fitting = classical.key.algorithm() == Algorithm::Ed25519
        && post_quantum.key.algorithm() == Algorithm::MlDsa44
        && classical.key_id.did() == post_quantum.key_id.did();
    if !fitting {
        return Err(SignError::Algorithm); // [JWS-18]
    }
    document.remove("proof");
    let mut proof = options.to_json(SUITE, classical.key_id);
    proof.insert(SECOND_METHOD.to_owned(), Value::from(post_quantum.key_id.as_str()));
    if let Some(context) = document.get("@context") {
        proof.insert("@context".to_owned(), context.clone());
    }
    let signing_input =
        Digest::Sha256.of_both(&jcs::canonicalize_object(&proof), &jcs::canonicalize_object(&document));
    Ok(PreparedHybrid {
        document,
        proof,
        keys: [classical.key.clone(), post_quantum.key.clone()],
        signing_input,
    })
}

impl PreparedHybrid {
    /// The bytes that both keys sign, in full.
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The document with its proof.
    ///
    /// # Errors
    /// A signature was not made over [`PreparedHybrid::signing_input`] with the key that was announced.
    pub fn attach(mut self, classical: &[u8], post_quantum: &[u8]) -> Result<Map<String, Value>, SignError> {
        for (key, signature) in self.keys.iter().zip([classical, post_quantum]) {
            sinpyo_jose::check_own(key, &self.signing_input, signature)?;
        }
        let value = to_multibase(SUITE.base(), &[classical, post_quantum].concat());
        self.proof.insert("proofValue".to_owned(), Value::String(value));
        self.document.insert("proof".to_owned(), Value::Object(self.proof));
        Ok(self.document)
    }
}

impl fmt::Debug for PreparedHybrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedHybrid")
            .field("document", &self.document.keys().collect::<Vec<_>>())
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
