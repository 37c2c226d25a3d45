//! What a proof says about itself.

use super::{Cryptosuite, VerifyProofError};
use serde_json::{Map, Value, json};
use sinpyo_core::{did::KeyId, document::VerificationRelationship, time::Timestamp};
use std::fmt;

/// What the signer says about a proof, all of it signed with the document [VC-DI §2.1].
///
/// Debug output shows no challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofOptions {
    /// What the proof is for; the key must be authorised for it.
    pub purpose: VerificationRelationship,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
    /// For whom it was made.
    pub domain: Option<String>,
    /// That one's challenge.
    pub challenge: Option<String>,
}

impl ProofOptions {
    /// Options that say only what the proof is for.
    pub const fn new(purpose: VerificationRelationship) -> Self {
        Self { purpose, created: None, expires: None, domain: None, challenge: None }
    }

    /// The members of the proof before it is signed.
    pub(super) fn to_json(&self, suite: Cryptosuite, key_id: &KeyId) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("type", json!("DataIntegrityProof"));
        put("cryptosuite", json!(suite.name()));
        put("verificationMethod", json!(key_id.as_str()));
        put("proofPurpose", json!(self.purpose.name()));
        for (name, time) in [("created", self.created), ("expires", self.expires)] {
            if let Some(time) = time {
                put(name, json!(time.to_string()));
            }
        }
        for (name, text) in [("domain", &self.domain), ("challenge", &self.challenge)] {
            if let Some(text) = text {
                put(name, json!(text));
            }
        }
        members
    }

    /// Reads the members of a proof.
    pub(super) fn from_json(proof: &Map<String, Value>) -> Result<Self, VerifyProofError> {
        let purpose = text(proof, "proofPurpose")?.and_then(VerificationRelationship::from_name);
        Ok(Self {
            purpose: purpose.ok_or(VerifyProofError::Purpose)?, // [DI-03]
            created: time(proof, "created")?,
            expires: time(proof, "expires")?,
            domain: text(proof, "domain")?.map(str::to_owned),
            challenge: text(proof, "challenge")?.map(str::to_owned),
        })
    }
}

impl fmt::Debug for ProofOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofOptions")
            .field("purpose", &self.purpose)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// The text member `name`.
pub(super) fn text<'a>(
    proof: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, VerifyProofError> {
    match proof.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        // A set of several domains is for several verifiers; we make and accept proofs for one.
        Some(_) => Err(VerifyProofError::Member(name)), // [DI-01]
    }
}

fn time(proof: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, VerifyProofError> {
    let Some(text) = text(proof, name)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| VerifyProofError::Member(name))
}
