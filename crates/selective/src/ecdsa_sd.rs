//! The cryptosuite `ecdsa-sd-2023` [VC-DI-ECDSA §3.5–3.7]: P-256 throughout.
//!
//! The issuer's key signs the proof options, the mandatory statements and an ephemeral key; the ephemeral key
//! signs each other statement on its own. A holder passes on the signatures of the statements shown.

mod components;
#[cfg(test)]
mod vectors;

use crate::{
    AttachError, DeriveError, Derived, Pointer, PrepareError, Proven, Unsecured, VerifyError, indexes,
    labels::{HmacKey, HmacLabels},
    statements::{Disclosure, Source, Statements, Whole},
};
use components::{BaseProof, DerivedProof, EphemeralKey, Signature, Signatures};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    key::{Entropy, SignError},
};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_jsonld::Contexts;

/// A base proof that lacks the issuer's signature.
///
/// Its ephemeral private key is gone already: nobody can sign another statement for this credential.
#[derive(Debug)]
#[must_use]
pub struct Preparation {
    message: Vec<u8>,
    ephemeral_key: EphemeralKey,
    hmac_key: HmacKey,
    signatures: Vec<Signature>,
    mandatory: Vec<Pointer>,
}

impl Preparation {
    /// What the issuer's P-256 key has to sign with `ES256`.
    pub fn to_sign(&self) -> &[u8] {
        &self.message
    }

    /// The `proofValue` of the base proof.
    ///
    /// # Errors
    /// `signature` is not `r‖s` of 64 bytes.
    pub fn attach(self, signature: &[u8]) -> Result<String, AttachError> {
        let issuer = signature.try_into().map_err(|_| AttachError)?; // [SDI-19]
        let Self { ephemeral_key, hmac_key, signatures: statements, mandatory, .. } = self;
        let signatures = Signatures { issuer, ephemeral_key, statements };
        Ok(BaseProof { signatures, hmac_key, mandatory }.write())
    }
}

/// Makes everything of a base proof that needs no issuer key.
///
/// Draws the key of the labels and the ephemeral P-256 key, and signs with the latter each statement that
/// `mandatory` does not select.
///
/// # Errors
/// The document is not JSON-LD that we read, a pointer selects nothing, or AWS-LC could not draw a nonce.
pub fn prepare(
    unsecured: &Unsecured<'_>,
    mandatory: &[Pointer],
    entropy: &mut dyn Entropy,
) -> Result<Preparation, PrepareError> {
    let mut hmac_key = [0; 32];
    entropy.fill(&mut hmac_key);
    let ephemeral = SigningKey::generate(Algorithm::Es256, entropy);
    prepare_with(unsecured, mandatory, &ephemeral, Secret::new(hmac_key))
}

fn prepare_with(
    unsecured: &Unsecured<'_>,
    mandatory: &[Pointer],
    ephemeral: &SigningKey,
    hmac_key: HmacKey,
) -> Result<Preparation, PrepareError> {
    let Unsecured { document, contexts, proof_hash } = *unsecured;
    let whole = Whole::read(Source { document, contexts, mandatory }, &HmacLabels(&hmac_key))?;
    let (mandatory_lines, optional_lines) = whole.lines();
    let ephemeral_key = components::ephemeral_key(ephemeral.verifying_key());
    let message = components::message(&proof_hash, &ephemeral_key, &mandatory_lines);
    let sign = |line: &str| {
        let signature = ephemeral.sign(line.as_bytes())?;
        signature.as_ref().try_into().map_err(|_| SignError)
    };
    let signatures = optional_lines.into_iter().map(sign).collect::<Result<_, _>>();
    let signatures = signatures.map_err(PrepareError::Sign)?;
    Ok(Preparation { message, ephemeral_key, hmac_key, signatures, mandatory: mandatory.to_vec() })
}

/// Derives from the base proof `proof_value` a document that shows the mandatory and the `selective` parts.
///
/// Signatures are not verified here; [`verify_base`] does that once, when a credential arrives.
///
/// # Errors
/// Not a base proof of this suite; a pointer selects nothing; the document is not the one that was signed.
pub fn derive(
    document: &Map<String, Value>,
    contexts: &Contexts,
    proof_value: &str,
    selective: &[Pointer],
) -> Result<Derived, DeriveError> {
    let BaseProof { mut signatures, hmac_key, mandatory } = BaseProof::read(proof_value)?;
    let whole = Whole::read(Source { document, contexts, mandatory: &mandatory }, &HmacLabels(&hmac_key))?;
    if whole.lines().1.len() != signatures.statements.len() {
        return Err(DeriveError::OtherDocument); // [SDI-08]
    }
    let disclosure = whole.disclose(selective)?.ok_or(DeriveError::NothingSelected)?; // [SDI-07]
    let Disclosure { document, seeds, mandatory, selected } = disclosure;
    (signatures.statements, _) = indexes::split(signatures.statements, &selected);
    Ok(Derived { document, proof_value: DerivedProof { signatures, labels: seeds, mandatory }.write() })
}

/// Verifies a derived proof with the issuer's key.
///
/// # Errors
/// Not a derived proof of this suite, or it does not cover exactly this document.
pub fn verify(
    unsecured: &Unsecured<'_>,
    proof_value: &str,
    key: &VerifyingKey,
) -> Result<Proven, VerifyError> {
    let proof = DerivedProof::read(proof_value)?;
    let statements =
        Statements::of::<HmacLabels<'_>>(unsecured.document, unsecured.contexts, &proof.labels)??;
    let lines = statements.lines();
    indexes::check(&proof.mandatory, lines.len())?;
    let (mandatory, selected) = indexes::split(lines, &proof.mandatory);
    proof.signatures.verify(&unsecured.proof_hash, &mandatory, &selected, key)
}

/// Verifies a base proof, as the holder who receives it does.
///
/// # Errors
/// Not a base proof of this suite, or it does not cover exactly this document.
pub fn verify_base(
    unsecured: &Unsecured<'_>,
    proof_value: &str,
    key: &VerifyingKey,
) -> Result<Proven, VerifyError> {
    let BaseProof { signatures, hmac_key, mandatory } = BaseProof::read(proof_value)?;
    let Unsecured { document, contexts, proof_hash } = *unsecured;
    let whole = Whole::read(Source { document, contexts, mandatory: &mandatory }, &HmacLabels(&hmac_key))?;
    let (mandatory, optional) = whole.lines();
    signatures.verify(&proof_hash, &mandatory, &optional, key)
}
