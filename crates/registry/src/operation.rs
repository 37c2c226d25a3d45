//! Operations on their way to the log: drafted, signed, ready to submit.

use serde_json::{Map, Value};
use sinpyo_core::{
    did::{Did, KeyId, ParseDidError},
    document::VerificationRelationship,
    jcs,
    key::Signer,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    SignError, Signatory,
    data_integrity::{self, PreparedProof, ProofOptions},
};
use std::fmt;

/// An operation that still lacks its proof. `T` is what the log will have established once it took it.
#[must_use]
pub struct Draft<T> {
    pub(crate) op: Map<String, Value>,
    pub(crate) naming: Naming,
    pub(crate) fact: T,
}

/// Under which name an operation's proof refers to its key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Naming {
    /// As the key itself: update keys stand in no document.
    ItsOwn,
    /// As the verification method of the organisation's document.
    Method,
}

/// A draft whose signature is being made elsewhere, by a phone or an HSM.
#[must_use]
pub struct PreparedOperation<T> {
    proof: PreparedProof,
    fact: T,
}

/// A signed operation.
#[derive(Clone)]
pub struct Operation<T> {
    bytes: Vec<u8>,
    fact: T,
}

// Without the operations themselves: a person's names the person.
impl<T: fmt::Debug> fmt::Debug for Draft<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("fact", &self.fact).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for PreparedOperation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedOperation").field("fact", &self.fact).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("fact", &self.fact).finish_non_exhaustive()
    }
}

impl<T> Draft<T> {
    /// Computes what `signatory` has to sign.
    ///
    /// Operations on DIDs are signed with an update key, whose name is the key itself whatever
    /// `signatory.key_id` says; all others with an assertion key of the organisation's document.
    ///
    /// # Errors
    /// No proof suite for keys of this algorithm.
    pub fn prepare(self, signatory: Signatory<'_>) -> Result<PreparedOperation<T>, SignOperationError> {
        let own = match self.naming {
            Naming::ItsOwn => Some(did_key(signatory.key).map_err(SignOperationError::Name)?),
            Naming::Method => None,
        };
        let signatory = Signatory { key_id: own.as_ref().unwrap_or(signatory.key_id), key: signatory.key };
        let options = ProofOptions::new(VerificationRelationship::AssertionMethod);
        let proof =
            data_integrity::prepare(self.op, &options, signatory).map_err(SignOperationError::Proof)?;
        Ok(PreparedOperation { proof, fact: self.fact })
    }

    /// Signs with `signer`, whose public half is `key`.
    ///
    /// # Errors
    /// As [`Draft::prepare`]; the signer refused or holds another key.
    pub fn sign(self, signer: &dyn Signer, key: &VerifyingKey) -> Result<Operation<T>, SignOperationError> {
        let prepared = self.prepare(Signatory { key_id: signer.key_id(), key })?;
        let signature = signer.sign(prepared.signing_input()).map_err(SignError::from);
        prepared.attach(&signature.map_err(SignOperationError::Proof)?)
    }
}

impl<T> PreparedOperation<T> {
    /// The bytes to sign.
    pub fn signing_input(&self) -> &[u8] {
        self.proof.signing_input()
    }

    /// The signed operation.
    ///
    /// # Errors
    /// The signature was not made over [`PreparedOperation::signing_input`] with the announced key.
    pub fn attach(self, signature: &[u8]) -> Result<Operation<T>, SignOperationError> {
        let op = self.proof.attach(signature).map_err(SignOperationError::Proof)?;
        Ok(Operation { bytes: jcs::canonicalize_object(&op), fact: self.fact })
    }
}

impl<T> Operation<T> {
    pub(crate) const fn new(bytes: Vec<u8>, fact: T) -> Self {
        Self { bytes, fact }
    }

    /// The bytes to submit: canonical JSON.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the log will have established once it took the operation.
    pub const fn fact(&self) -> &T {
        &self.fact
    }

    pub(crate) fn into_parts(self) -> (Vec<u8>, T) {
        (self.bytes, self.fact)
    }
}

/// `did:key:<key>#<key>`.
fn did_key(key: &VerifyingKey) -> Result<KeyId, ParseDidError> {
    let key = key.to_multikey().to_string();
    format!("did:key:{key}").parse::<Did>()?.key(&key)
}

/// Why an operation was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignOperationError {
    /// The proof was not made.
    #[error("the operation was not signed")]
    Proof(#[source] SignError),
    /// The key has no name as a DID.
    #[error("the key has no did:key")]
    Name(#[source] ParseDidError),
}
