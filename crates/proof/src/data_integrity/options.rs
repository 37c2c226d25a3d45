//! What a proof says about itself.

use super::{Cryptosuite, VerifyProofError};
use serde_json::{Map, Value, json};
use sinpyo_core::{did::KeyId, document::VerificationRelationship, time::Timestamp};
use std::fmt;

/// Most domains, and most previous proofs, that one proof may name.
const MAX_NAMES: usize = 16;

/// What the signer says about a proof, all of it signed with the document [VC-DI §2.1].
///
/// Debug output shows no challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofOptions {
    /// What the proof is for; the key must be authorised for it.
    pub purpose: VerificationRelationship,
    /// The proof's own name, by which a later one can refer to it.
    pub id: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
    /// For whom it was made; empty if for nobody in particular.
    pub domains: Vec<String>,
    /// That one's challenge.
    pub challenge: Option<String>,
    /// A value that makes the proof unlike every other of the same key.
    pub nonce: Option<String>,
    /// The names of the proofs that this one vouches for (`previousProof`).
    pub previous: Vec<String>,
}

impl ProofOptions {
    /// Options that say only what the proof is for.
    pub const fn new(purpose: VerificationRelationship) -> Self {
        Self {
            purpose,
            id: None,
            created: None,
            expires: None,
            domains: Vec::new(),
            challenge: None,
            nonce: None,
            previous: Vec::new(),
        }
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
        for (name, text) in [("id", &self.id), ("challenge", &self.challenge), ("nonce", &self.nonce)] {
            if let Some(text) = text {
                put(name, json!(text));
            }
        }
        for (name, texts) in [("domain", &self.domains), ("previousProof", &self.previous)] {
            match texts.as_slice() {
                [] => {}
                [one] => put(name, json!(one)),
                several => put(name, json!(several)),
            }
        }
        members
    }

    /// Reads the members of a proof.
    pub(super) fn from_json(proof: &Map<String, Value>) -> Result<Self, VerifyProofError> {
        let purpose = text(proof, "proofPurpose")?.and_then(VerificationRelationship::from_name);
        let owned = |name| Ok(text(proof, name)?.map(str::to_owned));
        Ok(Self {
            purpose: purpose.ok_or(VerifyProofError::Purpose)?, // [DI-03]
            id: owned("id")?,
            created: time(proof, "created")?,
            expires: time(proof, "expires")?,
            domains: texts(proof, "domain")?,
            challenge: owned("challenge")?,
            nonce: owned("nonce")?,
            previous: texts(proof, "previousProof")?,
        })
    }
}

impl fmt::Debug for ProofOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofOptions")
            .field("purpose", &self.purpose)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("domains", &self.domains)
            .field("previous", &self.previous)
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
        Some(_) => Err(VerifyProofError::Member(name)), // [DI-01]
    }
}

/// The member `name`, a text or several different ones.
fn texts(proof: &Map<String, Value>, name: &'static str) -> Result<Vec<String>, VerifyProofError> {
    const fn refused(name: &'static str) -> VerifyProofError {
        VerifyProofError::Member(name) // [DI-01]
    }
    match proof.get(name) {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(several)) if (1..=MAX_NAMES).contains(&several.len()) => {
            let mut texts = Vec::with_capacity(several.len());
            for one in several {
                let one = one.as_str().ok_or(refused(name))?;
                if texts.iter().any(|text| text == one) {
                    return Err(refused(name));
                }
                texts.push(one.to_owned());
            }
            Ok(texts)
        }
        Some(_) => Err(refused(name)),
    }
}

fn time(proof: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, VerifyProofError> {
    let Some(text) = text(proof, name)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| VerifyProofError::Member(name))
}
