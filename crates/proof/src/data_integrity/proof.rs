//! One proof, taken apart.

use super::{Cryptosuite, ProofOptions, VerifyProofError, hybrid::SECOND_METHOD, options::text};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, encoding::from_multibase};

/// Everything that a proof may say. In a proof over statements, what stands under another name could still be one of
/// these, and would be missed.
const MEMBERS: [&str; 14] = [
    "@context",
    "challenge",
    "created",
    "cryptosuite",
    "domain",
    "expires",
    "id",
    "nonce",
    "previousProof",
    "proofPurpose",
    "proofValue",
    SECOND_METHOD,
    "type",
    "verificationMethod",
];

/// A proof that was taken apart; nothing of it is proven.
pub(crate) struct Proof {
    /// Everything that it says, without its value: what is signed beside the document.
    pub(super) members: Map<String, Value>,
    /// `proofValue` as written.
    pub(super) value: String,
    pub(super) suite: Cryptosuite,
    /// The verification method that it names.
    pub(super) key_id: KeyId,
    pub(super) options: ProofOptions,
}

impl Proof {
    /// Takes apart the members of a proof.
    pub(super) fn parse(mut members: Map<String, Value>) -> Result<Self, VerifyProofError> {
        let suite = suite_of(&members)?;
        if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(VerifyProofError::UnknownMember); // [DI-18]
        }
        let key_id = method(&members, "verificationMethod")?;
        let options = ProofOptions::from_json(&members)?;
        let Some(Value::String(value)) = members.remove("proofValue") else {
            return Err(VerifyProofError::Value); // [DI-08]
        };
        Ok(Self { members, value, suite, key_id, options })
    }

    /// The bytes of `proofValue`.
    pub(super) fn signature(&self) -> Result<Vec<u8>, VerifyProofError> {
        from_multibase(self.suite.base(), &self.value).map_err(|_| VerifyProofError::Value) // [DI-08]
    }
}

/// The verification method that the member `name` of a proof names.
pub(super) fn method(proof: &Map<String, Value>, name: &'static str) -> Result<KeyId, VerifyProofError> {
    let method = text(proof, name)?.ok_or(VerifyProofError::Member(name))?; // [DI-01]
    method.parse().map_err(|_| VerifyProofError::Member(name))
}

/// The suite that a proof names, by its type or beside it.
pub(super) fn suite_of(proof: &Map<String, Value>) -> Result<Cryptosuite, VerifyProofError> {
    match text(proof, "type")? {
        Some("DataIntegrityProof") => {
            let named = text(proof, "cryptosuite")?.and_then(Cryptosuite::from_name);
            named.ok_or(VerifyProofError::Cryptosuite) // [DI-02]
        }
        Some("Ed25519Signature2020") if !proof.contains_key("cryptosuite") => {
            Ok(Cryptosuite::Ed25519Signature2020)
        }
        _ => Err(VerifyProofError::Member("type")), // [DI-01]
    }
}
