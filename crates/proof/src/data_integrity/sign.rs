//! Making proofs.

use super::{Cryptosuite, ProofOptions, suite::hash_data};
use crate::signing::{SignError, Signatory};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::to_multibase, jcs, key::Signer};
use sinpyo_crypto::VerifyingKey;
use std::fmt;

/// A document that waits for its proof's signature.
///
/// Debug output names the members of the document and shows no value.
#[must_use]
pub struct PreparedProof {
    document: Map<String, Value>,
    proof: Map<String, Value>,
    suite: Cryptosuite,
    key: VerifyingKey,
    signing_input: Vec<u8>,
}

/// Computes what `signatory` has to sign so that `document` gets a proof. An earlier proof is replaced.
///
/// # Errors
/// There is no cryptosuite for the key's algorithm.
pub fn prepare(
    mut document: Map<String, Value>,
    options: &ProofOptions,
    signatory: Signatory<'_>,
) -> Result<PreparedProof, SignError> {
    let algorithm = signatory.key.algorithm();
    let suite = Cryptosuite::for_algorithm(algorithm).ok_or(SignError::Algorithm)?; // [JWS-18]
    document.remove("proof");
    let mut proof = options.to_json(suite, signatory.key_id);
    if let Some(context) = document.get("@context") {
        proof.insert("@context".to_owned(), context.clone());
    }
    let signing_input =
        hash_data(algorithm, &jcs::canonicalize_object(&proof), &jcs::canonicalize_object(&document));
    Ok(PreparedProof { document, proof, suite, key: signatory.key.clone(), signing_input })
}

impl PreparedProof {
    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The document with its proof.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedProof::signing_input`] with the key that was announced.
    pub fn attach(mut self, signature: &[u8]) -> Result<Map<String, Value>, SignError> {
        crate::signing::check_own(&self.key, &self.signing_input, signature)?;
        let value = to_multibase(self.suite.base(), signature);
        self.proof.insert("proofValue".to_owned(), Value::String(value));
        self.document.insert("proof".to_owned(), Value::Object(self.proof));
        Ok(self.document)
    }
}

impl fmt::Debug for PreparedProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedProof")
            .field("document", &self.document.keys().collect::<Vec<_>>())
            .field("suite", &self.suite)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Gives `document` a proof by `signer`, whose public half is `key`.
///
/// # Errors
/// There is no cryptosuite for the key's algorithm, the signer refused, or it signed with another key.
pub fn sign(
    document: Map<String, Value>,
    options: &ProofOptions,
    signer: &dyn Signer,
    key: &VerifyingKey,
) -> Result<Map<String, Value>, SignError> {
    let prepared = prepare(document, options, Signatory { key_id: signer.key_id(), key })?;
    let signature = signer.sign(prepared.signing_input())?;
    prepared.attach(&signature)
}
