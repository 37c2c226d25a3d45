//! Proofs that let the holder withhold statements: `ecdsa-sd-2023` and `bbs-2023`.
//!
//! The issuer makes a base proof and says which parts are always shown; the holder derives from it what it shows.

use super::{CanonicalError, Cryptosuite, ProofOptions, VerifyProofError, proof::Proof, rdf, suite::Digest};
use crate::{SignError, Signatory};
use serde_json::{Map, Value};
use sinpyo_bbs as bbs;
use sinpyo_core::{did::KeyId, key::Entropy};
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::sha256};
use sinpyo_jsonld::Contexts;
use sinpyo_selective::{AttachError, DeriveError, Pointer, PrepareError, Unsecured, bbs2023, ecdsa_sd};
use std::fmt;

/// What a base proof is made over.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// What the proof says.
    pub options: &'a ProofOptions,
    /// The parts that are always shown.
    pub mandatory: &'a [Pointer],
    /// The contexts that the document may name.
    pub contexts: &'a Contexts,
}

/// A document that waits for the issuer's signature under `ecdsa-sd-2023`.
///
/// Debug output names the members of the document and shows no value.
#[must_use]
pub struct PreparedBase {
    document: Map<String, Value>,
    proof: Map<String, Value>,
    preparation: ecdsa_sd::Preparation,
    key: VerifyingKey,
}

/// Computes what the P-256 key of `signatory` has to sign so that `document` gets a base proof of `ecdsa-sd-2023`. An
/// earlier proof is replaced.
///
/// # Errors
/// Another kind of key, a pointer that leads nowhere, or a document without certain meaning.
pub fn prepare(
    mut document: Map<String, Value>,
    base: &Base<'_>,
    signatory: Signatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedBase, DisclosureError> {
    if signatory.key.algorithm() != Algorithm::Es256 {
        return Err(SignError::Algorithm.into()); // [JWS-18]
    }
    document.remove("proof");
    let (proof, proof_hash) = options(&document, base, Cryptosuite::EcdsaSd2023, signatory.key_id)?;
    let unsecured = Unsecured { document: &document, proof_hash, contexts: base.contexts };
    let preparation = ecdsa_sd::prepare(&unsecured, base.mandatory, entropy)?;
    Ok(PreparedBase { document, proof, preparation, key: signatory.key.clone() })
}

impl PreparedBase {
    /// The bytes to sign, in full.
    pub fn signing_input(&self) -> &[u8] {
        self.preparation.to_sign()
    }

    /// The document with its base proof.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedBase::signing_input`] with the key that was announced.
    pub fn attach(self, signature: &[u8]) -> Result<Map<String, Value>, DisclosureError> {
        sinpyo_jose::check_own(&self.key, self.preparation.to_sign(), signature)?;
        let value = self.preparation.attach(signature)?;
        Ok(with_proof(self.document, self.proof, value))
    }
}

impl fmt::Debug for PreparedBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedBase")
            .field("document", &self.document.keys().collect::<Vec<_>>())
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Gives `document` a base proof of `bbs-2023` by `secret`, whose public half others find as `key_id`. An earlier
/// proof is replaced.
///
/// # Errors
/// A pointer that leads nowhere, or a document without certain meaning.
pub fn sign_bbs(
    mut document: Map<String, Value>,
    base: &Base<'_>,
    (key_id, secret): (&KeyId, &bbs::SecretKey),
    entropy: &mut dyn Entropy,
) -> Result<Map<String, Value>, DisclosureError> {
    document.remove("proof");
    let (proof, proof_hash) = options(&document, base, Cryptosuite::Bbs2023, key_id)?;
    let unsecured = Unsecured { document: &document, proof_hash, contexts: base.contexts };
    let value = bbs2023::prepare(&unsecured, base.mandatory, entropy)?.sign(secret)?;
    Ok(with_proof(document, proof, value))
}

/// What the holder of `secured`, which carries one base proof, shows of it: the mandatory parts and those of
/// `selective`, with a proof derived for the occasion.
///
/// `presentation_header` binds a `bbs-2023` proof to the occasion; `ecdsa-sd-2023` has no place for it.
///
/// # Errors
/// There is no single base proof, a pointer leads nowhere, or the document is not the one that was signed.
pub fn derive(
    mut secured: Map<String, Value>,
    selective: &[Pointer],
    presentation_header: &[u8],
    contexts: &Contexts,
    entropy: &mut dyn Entropy,
) -> Result<Map<String, Value>, DisclosureError> {
    let Some(Value::Object(proof)) = secured.remove("proof") else {
        return Err(VerifyProofError::Unsupported("proof set").into()); // [DI-11]
    };
    let proof = Proof::parse(proof)?;
    let derived = match proof.suite {
        Cryptosuite::EcdsaSd2023 => ecdsa_sd::derive(&secured, contexts, &proof.value, selective)?,
        Cryptosuite::Bbs2023 => {
            let presentation = bbs2023::Presentation { selective, header: presentation_header };
            bbs2023::derive(&secured, contexts, &proof.value, &presentation, entropy)?
        }
        _ => return Err(VerifyProofError::Cryptosuite.into()), // [DI-02]
    };
    Ok(with_proof(derived.document, proof.members, derived.proof_value))
}

/// The proof without its value, and the hash of its statements.
fn options(
    document: &Map<String, Value>,
    base: &Base<'_>,
    suite: Cryptosuite,
    key_id: &KeyId,
) -> Result<(Map<String, Value>, [u8; 32]), CanonicalError> {
    let proof = base.options.to_json(suite, key_id);
    let context = document.get("@context");
    let statements = rdf::option_statements(&proof, context, Digest::Sha256, base.contexts)?;
    Ok((proof, sha256(statements.as_bytes())))
}

fn with_proof(
    mut document: Map<String, Value>,
    mut proof: Map<String, Value>,
    value: String,
) -> Map<String, Value> {
    proof.insert("proofValue".to_owned(), Value::String(value));
    document.insert("proof".to_owned(), Value::Object(proof));
    document
}

/// Why a proof of selective disclosure was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The options of the proof have no canonical statements.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// What is there is no base proof to derive from.
    #[error(transparent)]
    Proof(#[from] VerifyProofError),
    /// The base proof was not made.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The issuer's signature does not have its length.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// The BBS key did not sign.
    #[error(transparent)]
    Bbs(#[from] bbs::SignError),
    /// The derived proof was not made.
    #[error(transparent)]
    Derive(#[from] DeriveError),
}

impl DisclosureError {
    /// The rule that was broken, as in `spec/checks/{di,sdi}.toml` and those of the parts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sign(error) => error.code(),
            Self::Canonical(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Prepare(error) => error.code().unwrap_or("JWS-19"), // [JWS-19]
            Self::Attach(error) => error.code(),
            Self::Bbs(_) => "JWS-19",
            Self::Derive(error) => error.code(),
        }
    }
}
