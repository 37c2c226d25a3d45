//! Proofs of type `jwt` [VCI 1.0 §F.1].

use super::{HolderKey, OneProof, ProofCheck, ProofError, WINDOW, allowed, attestation};
use crate::configuration::ProofDemand;
use sinpyo_core::{did::KeyId, document::VerificationRelationship::Authentication};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{HeaderRules, Hint, JwsError, Typ, UnverifiedJwt, VerifiedJwt};
use sinpyo_proof::KeyRing;
use sinpyo_x509::{Chain, Purpose};

/// Longest proof, in bytes; the key attestation of a batch is in it.
const MAX_LENGTH: usize = 64 << 10;

pub(super) fn check(
    context: &ProofCheck<'_>,
    demand: &ProofDemand,
    text: &str,
) -> Result<OneProof, ProofError> {
    if text.len() > MAX_LENGTH {
        return Err(ProofError::Token(JwsError::TooLong));
    }
    let token = UnverifiedJwt::parse(text, &[Typ::CREDENTIAL_PROOF], &HeaderRules::EXACTLY_ONE); // [VCI-PRF-01]
    let token = token.map_err(ProofError::Token)?;
    let (key, id) = key_of(context, token.hint())?;
    let attested = token.hint().parameter("key_attestation").cloned();
    let verified = token.verify(&key, &allowed(demand)).map_err(ProofError::Token)?;
    let nonce = claims(context, &verified)?;
    let own = HolderKey { key, id, attestation: None };
    let attested = match attested {
        Some(text) => {
            text.as_str().map(str::to_owned).ok_or(ProofError::Claim("key_attestation")).map(Some)?
        }
        None => None,
    };
    let keys = match (attested, &demand.attestation) {
        (Some(text), _) => attestation::check_beside(context, demand, (&text, &nonce), own)?,
        (None, Some(_)) => return Err(attestation::AttestationError::Missing.into()), // [VCI-PRF-04]
        (None, None) => vec![own],
    };
    Ok(OneProof { keys, nonce })
}

fn key_of(context: &ProofCheck<'_>, hint: Hint<'_>) -> Result<(VerifyingKey, Option<KeyId>), ProofError> {
    if let Some(jwk) = hint.jwk() {
        return Ok((VerifyingKey::from_jwk(jwk).map_err(|_| ProofError::Key)?, None));
    }
    if let Some(certificates) = hint.x5c() {
        // The key is the certificate's; whose certificate it is says nothing unless a root vouches for it. [GEN-07]
        let chain = Chain::from_x5c(certificates).map_err(|_| ProofError::Key)?;
        let roots = context.attesters.holders.as_deref().ok_or(ProofError::Key)?;
        let leaf = chain.verify(roots, context.now, &Purpose::Signer);
        return Ok((leaf.map_err(|_| ProofError::Key)?.key().clone(), None));
    }
    let id = hint.key_id().map_err(ProofError::Token)?;
    let document = context.lookup.holder(&id.did()).ok_or(ProofError::Key)?; // [VCI-PRF-01c]
    let ring = KeyRing::of(&document);
    let key = ring.authorised_key(id, Authentication).map_err(|_| ProofError::Key)?;
    Ok((key.clone(), Some(id.clone())))
}

/// Checks what the proof says, and gives its nonce.
fn claims(context: &ProofCheck<'_>, token: &VerifiedJwt) -> Result<String, ProofError> {
    if token.text("aud") != Some(context.issuer.as_str()) {
        return Err(ProofError::Claim("aud")); // [VCI-PRF-01a]
    }
    match (token.claims().get("iss"), context.client) {
        (None, _) => {}
        (Some(iss), Some(client)) if iss == client => {}
        (Some(_), _) => return Err(ProofError::Claim("iss")), // [VCI-PRF-01a]
    }
    let times = token.times().map_err(ProofError::Time)?;
    times.check_fresh(context.now, WINDOW).map_err(ProofError::Time)?; // [VCI-PRF-01b]
    token.text("nonce").map(str::to_owned).ok_or(ProofError::Claim("nonce")) // [VCI-PRF-01a]
}
