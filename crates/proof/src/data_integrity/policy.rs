//! Which proofs must be there.

use super::{ProofSetError, proof::Proof};
use crate::{
    keys::KeyRing,
    profile::{Profile, SignedBy},
};
use serde_json::{Map, Value};
use sinpyo_core::document::VerificationRelationship::{self, Authentication};

/// Refuses a document without the proofs that `profile` demands.
///
/// A proof by somebody else is no better than none: anybody can add one. Nor are two by one key, under whatever names.
pub(super) fn check(
    proofs: &[Proof],
    document: &Map<String, Value>,
    (keys, purpose): (&KeyRing, VerificationRelationship),
    profile: &Profile,
) -> Result<(), ProofSetError> {
    let policy = &profile.proofs;
    if proofs.len() < policy.at_least.get() {
        return Err(ProofSetError::TooFew); // [DI-14]
    }
    let owner = owner(document, purpose);
    let counts =
        |proof: &&Proof| profile.signed_by == SignedBy::Anybody || owner == Some(proof.key_id.did().as_str());
    let counted: Vec<_> = proofs.iter().filter(counts).collect();
    if let Some(missing) =
        policy.suites.iter().find(|suite| counted.iter().all(|proof| proof.suite != **suite))
    {
        return Err(ProofSetError::Missing(*missing)); // [DI-14]
    }
    // One proof is the owner's or nobody's: who reads the document compares.
    if policy.at_least.get() == 1 {
        return Ok(());
    }
    let mut known = Vec::with_capacity(counted.len());
    for proof in counted {
        let key = keys.authorised_multikey(&proof.key_id, purpose)?;
        if !known.contains(&key) {
            known.push(key);
        }
    }
    if known.len() < policy.at_least.get() { Err(ProofSetError::TooFew) } else { Ok(()) } // [DI-14]
}

/// Who speaks in the document: the issuer of a credential, the holder of a presentation.
fn owner(document: &Map<String, Value>, purpose: VerificationRelationship) -> Option<&str> {
    let member = if purpose == Authentication { "holder" } else { "issuer" };
    let owner = document.get(member)?;
    owner.as_str().or_else(|| owner.get("id")?.as_str())
}
