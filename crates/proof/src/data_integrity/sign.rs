//! Making proofs.

use super::{
    CanonicalError, Cryptosuite, ProofOptions, rdf,
    suite::{Digest, Transformation},
};
use crate::{SignError, Signatory};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::to_multibase, jcs, key::Signer};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jsonld::Contexts;
use std::fmt;

/// A document that waits for its proof's signature.
///
/// Debug output names the members of the document and shows no value.
#[must_use]
pub struct PreparedProof {
    document: Map<String, Value>,
    proof: Map<String, Value>,
    earlier: Vec<Value>,
    suite: Cryptosuite,
    key: VerifyingKey,
    signing_input: Vec<u8>,
}

/// Computes what `signatory` has to sign so that `document` gets a proof over its JSON text. An earlier proof is
/// replaced.
///
/// # Errors
/// There is no cryptosuite for the key's algorithm.
pub fn prepare(
    mut document: Map<String, Value>,
    options: &ProofOptions,
    signatory: Signatory<'_>,
) -> Result<PreparedProof, SignError> {
    let suite = Cryptosuite::for_algorithm(signatory.key.algorithm()).ok_or(SignError::Algorithm)?; // [JWS-18]
    document.remove("proof");
    let proof = options.to_json(suite, signatory.key_id);
    Ok(PreparedProof::over_text(document, proof, suite, signatory.key))
}

/// How a document is to be secured.
#[derive(Clone, Copy, Debug)]
pub struct Securing<'a> {
    /// The suite; not one of selective disclosure (see [`super::disclosure`]), nor one that takes two keys.
    pub suite: Cryptosuite,
    /// What the proof says.
    pub options: &'a ProofOptions,
    /// The contexts that the document may name.
    pub contexts: &'a Contexts,
    /// What becomes of the proofs that the document has.
    pub earlier: Earlier,
}

/// What becomes of the proofs that a document has when it gets another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// They are taken away.
    Replaced,
    /// They stay, beside the new one. Those that the options name as previous are signed by it.
    Kept,
}

/// Computes what `signatory` has to sign so that `document` gets a proof under any suite of one signature.
///
/// # Errors
/// The suite does not fit the key, a previous proof is not there, or the document has no certain meaning.
pub fn secure(
    mut document: Map<String, Value>,
    how: &Securing<'_>,
    signatory: Signatory<'_>,
) -> Result<PreparedProof, SecureError> {
    let makeable = !matches!(
        how.suite,
        Cryptosuite::EcdsaSd2023 | Cryptosuite::Ed25519MlDsa44Jcs2026 | Cryptosuite::Ed25519Signature2020
    );
    if !makeable || !how.suite.fits(signatory.key.algorithm()) {
        return Err(SignError::Algorithm.into()); // [JWS-18]
    }
    let earlier = match (document.remove("proof"), how.earlier) {
        (None, _) | (_, Earlier::Replaced) => Vec::new(),
        (Some(Value::Array(several)), Earlier::Kept) => several,
        (Some(one), Earlier::Kept) => vec![one],
    };
    let previous = previous(&earlier, &how.options.previous)?;
    if !previous.is_empty() {
        document.insert("proof".to_owned(), Value::Array(previous));
    }
    let proof = how.options.to_json(how.suite, signatory.key_id);
    let mut prepared = match how.suite.transformation() {
        Transformation::Jcs => PreparedProof::over_text(document, proof, how.suite, signatory.key),
        Transformation::Rdfc | Transformation::Selective => {
            let digest = Digest::of(signatory.key.algorithm());
            let context = document.get("@context");
            let options = rdf::option_statements(&proof, context, digest, how.contexts)?;
            let statements = rdf::statements(&document, digest, how.contexts)?;
            let signing_input = digest.of_both(options.as_bytes(), statements.as_bytes());
            let (suite, key) = (how.suite, signatory.key.clone());
            PreparedProof { document, proof, earlier: Vec::new(), suite, key, signing_input }
        }
    };
    prepared.document.remove("proof");
    prepared.earlier = earlier;
    Ok(prepared)
}

/// The proofs that are to be signed with the document.
fn previous(earlier: &[Value], names: &[String]) -> Result<Vec<Value>, SecureError> {
    let find = |name: &String| {
        let mut named = earlier.iter().filter(|proof| proof.get("id").and_then(Value::as_str) == Some(name));
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(one.clone()),
            _ => Err(SecureError::PreviousProof), // [DI-12]
        }
    };
    names.iter().map(find).collect()
}

impl PreparedProof {
    fn over_text(
        document: Map<String, Value>,
        mut proof: Map<String, Value>,
        suite: Cryptosuite,
        key: &VerifyingKey,
    ) -> Self {
        if let Some(context) = document.get("@context") {
            proof.insert("@context".to_owned(), context.clone());
        }
        let signing_input = Digest::of(key.algorithm())
            .of_both(&jcs::canonicalize_object(&proof), &jcs::canonicalize_object(&document));
        Self { document, proof, earlier: Vec::new(), suite, key: key.clone(), signing_input }
    }

    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The document with its proof.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedProof::signing_input`] with the key that was announced.
    pub fn attach(mut self, signature: &[u8]) -> Result<Map<String, Value>, SignError> {
        sinpyo_jose::check_own(&self.key, &self.signing_input, signature)?;
        let value = to_multibase(self.suite.base(), signature);
        self.proof.insert("proofValue".to_owned(), Value::String(value));
        let mut proof = Value::Object(self.proof);
        if !self.earlier.is_empty() {
            self.earlier.push(proof);
            proof = Value::Array(self.earlier);
        }
        self.document.insert("proof".to_owned(), proof);
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

/// Why a document was not secured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecureError {
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It has no canonical statements.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// DI-12: a previous proof is not there exactly once.
    #[error("the document does not hold the previous proof exactly once")]
    PreviousProof,
}

impl SecureError {
    /// The rule that was broken, as in `spec/checks/di.toml` and those of the parts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sign(error) => error.code(),
            Self::Canonical(error) => error.code(),
            Self::PreviousProof => "DI-12",
        }
    }
}
