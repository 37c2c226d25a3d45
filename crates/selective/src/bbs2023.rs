//! The cryptosuite `bbs-2023` [VC-DI-BBS §3] without its feature options: BLS12-381 with SHA-256.
//!
//! The issuer's one signature covers the proof options and the mandatory statements as its header, and each
//! other statement as a message. What a holder derives from it proves the signature without showing it, so
//! that two derived proofs cannot be linked by anything but what they say.

mod components;
#[cfg(test)]
mod vectors;

use crate::{
    DeriveError, Derived, Pointer, PrepareError, ProofValueError, Proven, Unsecured, VerifyError, indexes,
    labels::{HmacKey, ShuffledLabels},
    statements::{Disclosure, Source, Statements, Whole},
};
use components::{BaseProof, DerivedProof, Header};
use serde_json::{Map, Value};
use sinpyo_bbs::{PublicKey, SecretKey, Selection, Signature, Suite};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_jsonld::Contexts;

/// The ciphersuite [VC-DI-BBS §3.1].
const SUITE: Suite = Suite::Sha256;

/// A base proof that lacks the issuer's signature.
#[derive(Debug)]
#[must_use]
pub struct Preparation {
    header: Header,
    hmac_key: HmacKey,
    messages: Vec<String>,
    mandatory: Vec<Pointer>,
}

impl Preparation {
    /// The header that the issuer has to sign.
    pub const fn header(&self) -> &[u8] {
        &self.header
    }

    /// The messages that the issuer has to sign, in this order.
    pub fn messages(&self) -> Vec<&[u8]> {
        self.messages.iter().map(String::as_bytes).collect()
    }

    /// The `proofValue` of the base proof, signed by `key`.
    ///
    /// # Errors
    /// These messages cannot be signed, which happens with probability 2^-255.
    pub fn sign(self, key: &SecretKey) -> Result<String, sinpyo_bbs::SignError> {
        let signature = key.sign(SUITE, self.header(), &self.messages())?;
        Ok(self.attach(&signature, &key.public_key()))
    }

    /// The `proofValue` of the base proof with `signature`, which a key kept elsewhere made with SHA-256.
    pub fn attach(self, signature: &Signature, key: &PublicKey) -> String {
        let Self { header, hmac_key, mandatory, .. } = self;
        let (signature, public_key) = (signature.to_octets(), *key.to_octets());
        BaseProof { signature, header, public_key, hmac_key, mandatory }.write()
    }
}

/// Makes everything of a base proof but the signature, and draws the key of the labels.
///
/// # Errors
/// The document is not JSON-LD that we read, or a pointer selects nothing.
pub fn prepare(
    unsecured: &Unsecured<'_>,
    mandatory: &[Pointer],
    entropy: &mut dyn Entropy,
) -> Result<Preparation, PrepareError> {
    let mut hmac_key = [0; 32];
    entropy.fill(&mut hmac_key);
    prepare_with(unsecured, mandatory, Secret::new(hmac_key))
}

fn prepare_with(
    unsecured: &Unsecured<'_>,
    mandatory: &[Pointer],
    hmac_key: HmacKey,
) -> Result<Preparation, PrepareError> {
    let Unsecured { document, contexts, proof_hash } = *unsecured;
    let whole = Whole::read(Source { document, contexts, mandatory }, &ShuffledLabels(&hmac_key))?;
    let (mandatory_lines, optional_lines) = whole.lines();
    let header = components::header(&proof_hash, &mandatory_lines);
    let messages = optional_lines.into_iter().map(str::to_owned).collect();
    Ok(Preparation { header, hmac_key, messages, mandatory: mandatory.to_vec() })
}

/// What a holder wants to show, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'a> {
    /// Pointers to the parts to show beside the mandatory ones.
    pub selective: &'a [Pointer],
    /// What binds the proof to one presentation, such as a verifier's nonce; may be empty.
    pub header: &'a [u8],
}

/// Derives from the base proof `proof_value` a document that shows the mandatory and the selective parts.
///
/// The signature is not verified here; [`verify_base`] does that once, when a credential arrives.
///
/// # Errors
/// Not a base proof of this suite; a pointer selects nothing; the document is not the one that was signed.
pub fn derive(
    document: &Map<String, Value>,
    contexts: &Contexts,
    proof_value: &str,
    presentation: &Presentation<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Derived, DeriveError> {
    let base = BaseProof::read(proof_value)?;
    let source = Source { document, contexts, mandatory: &base.mandatory };
    let whole = Whole::read(source, &ShuffledLabels(&base.hmac_key))?;
    let (mandatory_lines, optional_lines) = whole.lines();
    if !base.header.ends_with(&components::hash(&mandatory_lines)) {
        return Err(DeriveError::OtherDocument); // [SDI-08]
    }
    let disclosure = whole.disclose(presentation.selective)?.ok_or(DeriveError::NothingSelected)?; // [SDI-07]
    let Disclosure { document, seeds: labels, mandatory, selected } = disclosure;

    let messages: Vec<_> = optional_lines.into_iter().map(str::as_bytes).collect();
    let selection = Selection {
        header: &base.header,
        presentation_header: presentation.header,
        messages: &messages,
        disclosed: &selected,
    };
    let (key, signature) = base.parse().ok_or(DeriveError::Bbs)?; // [SDI-22]
    let proof = key.prove(SUITE, &signature, &selection, entropy).map_err(|_| DeriveError::Bbs)?; // [SDI-22]
    let presentation_header = presentation.header.to_vec();
    let derived = DerivedProof { proof: proof.to_octets(), labels, mandatory, selected, presentation_header };
    Ok(Derived { document, proof_value: derived.write() })
}

/// What a derived proof was found to cover.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Presented {
    /// The statements.
    pub proven: Proven,
    /// What the holder bound the proof to; fresh only if the verifier finds its own nonce in it.
    pub header: Vec<u8>,
}

/// Verifies a derived proof with the issuer's key.
///
/// # Errors
/// Not a derived proof of this suite, or it does not cover exactly this document.
pub fn verify(
    unsecured: &Unsecured<'_>,
    proof_value: &str,
    key: &PublicKey,
) -> Result<Presented, VerifyError> {
    let proof = DerivedProof::read(proof_value)?;
    let statements =
        Statements::of::<ShuffledLabels<'_>>(unsecured.document, unsecured.contexts, &proof.labels)??;
    let lines = statements.lines();
    indexes::check(&proof.mandatory, lines.len())?;
    let (mandatory, selected) = indexes::split(lines, &proof.mandatory);
    if selected.len() != proof.selected.len() {
        return Err(ProofValueError::Count.into()); // [SDI-18]
    }
    let header = components::header(&unsecured.proof_hash, &mandatory);
    let messages: Vec<_> =
        proof.selected.iter().copied().zip(selected.iter().map(|line| line.as_bytes())).collect();
    let disclosure = sinpyo_bbs::Disclosure {
        header: &header,
        presentation_header: &proof.presentation_header,
        messages: &messages,
    };
    let parsed = sinpyo_bbs::Proof::from_octets(&proof.proof).map_err(|_| VerifyError::BbsProof)?; // [SDI-24]
    let disclosed = key.verify_proof(SUITE, &parsed, disclosure).map_err(|_| VerifyError::BbsProof)?; // [SDI-24]
    let proven = Proven { mandatory: mandatory.len(), selected: disclosed.messages().len() };
    Ok(Presented { proven, header: proof.presentation_header })
}

/// Verifies a base proof, as the holder who receives it does.
///
/// # Errors
/// Not a base proof of this suite, or it does not cover exactly this document.
pub fn verify_base(
    unsecured: &Unsecured<'_>,
    proof_value: &str,
    key: &PublicKey,
) -> Result<Proven, VerifyError> {
    let base = BaseProof::read(proof_value)?;
    let Unsecured { document, contexts, proof_hash } = *unsecured;
    let source = Source { document, contexts, mandatory: &base.mandatory };
    let whole = Whole::read(source, &ShuffledLabels(&base.hmac_key))?;
    let (mandatory, optional) = whole.lines();
    // A holder proves with the key and the header in the proof value: they have to be the right ones.
    if base.public_key != *key.to_octets() {
        return Err(VerifyError::Key); // [SDI-20]
    }
    if base.header != components::header(&proof_hash, &mandatory) {
        return Err(VerifyError::IssuerSignature); // [SDI-21]
    }
    let messages: Vec<_> = optional.into_iter().map(str::as_bytes).collect();
    let signature = Signature::from_octets(&base.signature).map_err(|_| VerifyError::IssuerSignature)?; // [SDI-21]
    let signed = key.verify(SUITE, &signature, &base.header, &messages);
    let signed = signed.map_err(|_| VerifyError::IssuerSignature)?; // [SDI-21]
    Ok(Proven { mandatory: mandatory.len(), selected: signed.messages().len() })
}
