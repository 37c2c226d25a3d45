//! Proofs of type `di_vp`: a presentation of no credential, with a Data Integrity proof [VCI 1.0 §F.2].

use super::{HolderKey, OneProof, ProofCheck, ProofError, WINDOW};
use crate::{configuration::ProofDemand, member::Object};
use serde_json::Value;
use sinpyo_core::{credential::Presentation, document::VerificationRelationship::Authentication};
use sinpyo_proof::{HolderBinding, KeyRing, Occasion, Unverified, data_integrity};

pub(super) fn check(
    context: &ProofCheck<'_>,
    demand: &ProofDemand,
    presentation: &Object,
) -> Result<OneProof, ProofError> {
    // An attestation has no place in it: where keys must be attested, another proof type is needed.
    if demand.attestation.is_some() {
        return Err(super::AttestationError::Missing.into()); // [VCI-PRF-04]
    }
    let proof = presentation.get("proof").and_then(Value::as_object).ok_or(ProofError::Claim("proof"))?;
    let said = |name: &'static str| proof.get(name).and_then(Value::as_str).ok_or(ProofError::Claim(name));
    let suite = said("cryptosuite")?;
    if !demand.algorithms.iter().any(|allowed| allowed == suite) {
        return Err(ProofError::Suite); // [VCI-PRF-05a]
    }
    let nonce = said("challenge")?.to_owned();
    let id = data_integrity::claimed_key(presentation).map_err(|_| ProofError::Key)?;
    let document = context.lookup.holder(&id.did()).ok_or(ProofError::Key)?; // [VCI-PRF-01c]
    let ring = KeyRing::of(&document);
    let occasion = Occasion { audience: context.issuer.as_str(), nonce: &nonce, max_age: WINDOW };
    let refused = |error: sinpyo_proof::PresentationError| ProofError::Presentation(Box::new(error));
    let wire = Value::Object(presentation.clone()).to_string();
    let arrived = Unverified::<Presentation>::parse(wire.as_bytes());
    let arrived = arrived.map_err(|error| refused(error.into()))?;
    let verified = arrived.verify(&ring, HolderBinding::Required(occasion), context.now).map_err(refused)?; // [VCI-PRF-05]
    if !verified.get().credentials.is_empty() {
        return Err(ProofError::Claim("verifiableCredential"));
    }
    let key = ring.authorised_key(&id, Authentication).map_err(|_| ProofError::Key)?.clone();
    Ok(OneProof { keys: vec![HolderKey { key, id: Some(id), attestation: None }], nonce })
}
