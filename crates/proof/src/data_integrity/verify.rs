//! Checking proofs.

use super::{
    Cryptosuite, ProofOptions, context,
    proof::{Proof, method, suite_of},
    suite::Digest,
};
use crate::{CLOCK_SKEW, verified::Verified};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, document::VerificationRelationship, jcs, key::Verifier, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use std::fmt;

/// What the one who checks a proof requires of it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// What the proof must be for.
    pub purpose: VerificationRelationship,
    /// For whom it must have been made, and over which challenge; none if it answers no challenge.
    pub challenge: Option<Challenge<'a>>,
    /// The present.
    pub now: Timestamp,
}

/// The pair that binds a proof to one verifier and one request.
///
/// Debug output shows the verifier only.
#[derive(Clone, Copy)]
pub struct Challenge<'a> {
    /// The verifier, as `domain`.
    pub domain: Option<&'a str>,
    /// Its challenge.
    pub challenge: Option<&'a str>,
}

impl fmt::Debug for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// A document whose proof was verified.
///
/// Debug output names the members of the document and shows no value.
pub struct Secured {
    /// The document without its proof. Its `@context` is the one that was signed.
    pub document: Map<String, Value>,
    /// What the proof said.
    pub options: ProofOptions,
    /// The verification method that it named.
    pub key_id: KeyId,
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secured")
            .field("document", &self.document.keys().collect::<Vec<_>>())
            .field("options", &self.options)
            .field("key_id", &self.key_id)
            .finish()
    }
}

/// The verification method that the one proof of `secured` claims to be made with: a hint for finding the key, no fact.
///
/// # Errors
/// There is no single proof, or it names no verification method.
pub fn claimed_key(secured: &Map<String, Value>) -> Result<KeyId, VerifyProofError> {
    method(single(secured)?, "verificationMethod")
}

/// Verifies the one proof of `secured`, over its JSON text, with `key`, which the caller has found authorised for the
/// purpose.
///
/// For documents that are not JSON-LD, and signers that no DID document names. Proof sets, chains and the suites over
/// statements are for [`super::verify_set`]; here they are refused.
///
/// # Errors
/// The rule that the proof breaks.
pub fn verify(
    mut secured: Map<String, Value>,
    key: &VerifyingKey,
    expected: &Expected<'_>,
) -> Result<Verified<Secured>, VerifyProofError> {
    let suite = suite_of(single(&secured)?)?;
    if Cryptosuite::for_algorithm(key.algorithm()) != Some(suite) {
        return Err(VerifyProofError::Cryptosuite); // [DI-02]
    }
    let Some(Value::Object(proof)) = secured.remove("proof") else {
        return Err(VerifyProofError::Member("proof"));
    };
    let proof = Proof::parse(proof)?;
    expected.check(&proof.options)?;
    let signature = proof.signature()?;
    context::continues_signed(&secured, &proof.members)?;
    context::take_signed(&mut secured, &proof.members);
    let message = Digest::of(key.algorithm())
        .of_both(&jcs::canonicalize_object(&proof.members), &jcs::canonicalize_object(&secured));
    match key.verify(&message, &signature) {
        Ok(_) => {}
        Err(_) => return Err(VerifyProofError::Signature), // [DI-10]
    }
    let Proof { options, key_id, .. } = proof;
    Ok(Verified::assert(Secured { document: secured, options, key_id }, expected.now))
}

/// The single proof of a document.
fn single(secured: &Map<String, Value>) -> Result<&Map<String, Value>, VerifyProofError> {
    let proof = match secured.get("proof") {
        Some(Value::Object(proof)) => proof,
        Some(Value::Array(_)) => return Err(VerifyProofError::Unsupported("proof set")), // [DI-11]
        _ => return Err(VerifyProofError::Member("proof")),
    };
    if proof.contains_key("previousProof") {
        return Err(VerifyProofError::Unsupported("previousProof")); // [DI-11]
    }
    Ok(proof)
}

impl Expected<'_> {
    pub(super) fn check(&self, options: &ProofOptions) -> Result<(), VerifyProofError> {
        if options.purpose != self.purpose {
            return Err(VerifyProofError::Purpose); // [DI-03]
        }
        if options.created.is_some_and(|created| created > self.now.plus(CLOCK_SKEW)) {
            return Err(VerifyProofError::FromTheFuture); // [DI-04]
        }
        if options.expires.is_some_and(|expires| expires < self.now.minus(CLOCK_SKEW)) {
            return Err(VerifyProofError::Expired); // [DI-05]
        }
        if let Some(expected) = self.challenge {
            // A proof for several verifiers could be passed on from one to the next.
            if expected.domain.is_some_and(|domain| options.domains != [domain]) {
                return Err(VerifyProofError::Domain); // [DI-06]
            }
            if expected.challenge.is_some_and(|challenge| options.challenge.as_deref() != Some(challenge)) {
                return Err(VerifyProofError::Challenge); // [DI-07]
            }
        }
        Ok(())
    }
}

/// Why a proof does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyProofError {
    /// DI-01: a member is missing or has the wrong form.
    #[error("member \"{0}\" of the proof is missing or malformed")]
    Member(&'static str),
    /// DI-02: no cryptosuite that we know, or not one for this key.
    #[error("the cryptosuite is unknown or does not fit the key")]
    Cryptosuite,
    /// DI-03: the proof was made for another purpose.
    #[error("the proof was made for another purpose")]
    Purpose,
    /// DI-04: made in the future.
    #[error("the proof was created in the future")]
    FromTheFuture,
    /// DI-05: no longer holds.
    #[error("the proof has expired")]
    Expired,
    /// DI-06: made for another verifier.
    #[error("the proof was made for another domain")]
    Domain,
    /// DI-07: answers another challenge.
    #[error("the proof answers another challenge")]
    Challenge,
    /// DI-08: `proofValue` is missing or not in the suite's encoding.
    #[error("the proof value is not encoded as its suite requires")]
    Value,
    /// DI-09: the document's context does not begin with the signed one.
    #[error("the document's context is not the signed one")]
    Context,
    /// DI-10: another key, or another document.
    #[error("the signature of the proof does not verify")]
    Signature,
    /// DI-11: a proof set or chain.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// DI-18: a member that no proof has.
    #[error("the proof has a member that is not known")]
    UnknownMember,
}

impl VerifyProofError {
    /// The rule that was broken, as in `spec/checks/di.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Member(_) => "DI-01",
            Self::Cryptosuite => "DI-02",
            Self::Purpose => "DI-03",
            Self::FromTheFuture => "DI-04",
            Self::Expired => "DI-05",
            Self::Domain => "DI-06",
            Self::Challenge => "DI-07",
            Self::Value => "DI-08",
            Self::Context => "DI-09",
            Self::Signature => "DI-10",
            Self::Unsupported(_) => "DI-11",
            Self::UnknownMember => "DI-18",
        }
    }
}
