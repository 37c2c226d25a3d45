//! Approvals by witnesses: `did-witness.json`.

use super::{UpdateKey, Version, VersionId, WebvhError, log::check_proof};
use crate::fetch::MAX_ANSWER;
use serde_json::{Map, Value, json};
use sinpyo_core::{document::VerificationRelationship, json, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    SignError, Signatory,
    data_integrity::{self, PreparedProof, ProofOptions},
};
use std::collections::{BTreeMap, BTreeSet};

/// What `did-witness.json` holds: for each named version, proofs over its name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WitnessProofs(Vec<Approval>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Approval {
    version: Box<str>,
    proofs: Vec<Value>,
}

impl WitnessProofs {
    /// Reads the file. Whether the proofs in it prove anything shows later: a controller may publish approvals of
    /// entries that are not out yet.
    ///
    /// # Errors
    /// Longer than 1 MiB, not strict JSON, or of another form.
    pub fn read(bytes: &[u8]) -> Result<Self, WebvhError> {
        if bytes.len() > MAX_ANSWER {
            return Err(WebvhError::TooLong); // [WVH-18]
        }
        let value = json::parse(bytes).map_err(|_| WebvhError::WitnessFile)?; // [WVH-13]
        let approvals = value.as_array().ok_or(WebvhError::WitnessFile)?;
        approvals.iter().map(read_approval).collect::<Option<_>>().map(Self).ok_or(WebvhError::WitnessFile)
    }

    /// Adds `proof`, made by [`PreparedApproval::attach`], and drops what the same witness approved before.
    pub fn add(&mut self, approved: &VersionId, proof: Map<String, Value>) {
        let method = proof.get("verificationMethod").cloned();
        for approval in &mut self.0 {
            approval.proofs.retain(|old| old.get("verificationMethod") != method.as_ref());
        }
        let proof = Value::Object(proof);
        match self.0.iter_mut().find(|approval| *approval.version == *approved.as_str()) {
            Some(approval) => approval.proofs.push(proof),
            None => self.0.push(Approval { version: approved.as_str().into(), proofs: vec![proof] }),
        }
        self.0.retain(|approval| !approval.proofs.is_empty());
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        let approval =
            |approval: &Approval| json!({"versionId": &*approval.version, "proof": approval.proofs});
        self.0.iter().map(approval).collect::<Value>().to_string()
    }

    /// The index of the newest version that each witness approved. Approving a version approves all before it; proofs
    /// of versions that are not in this log, or that do not verify, count for nothing.
    pub(super) fn approvals(&self, versions: &[Version], now: Timestamp) -> BTreeMap<UpdateKey, usize> {
        let index_of: BTreeMap<&str, usize> =
            versions.iter().enumerate().map(|(index, version)| (version.id().as_str(), index)).collect();
        let witnesses: BTreeSet<&UpdateKey> =
            versions.iter().flat_map(|version| version.witnesses.keys()).collect();
        let mut newest = BTreeMap::new();
        for approval in &self.0 {
            let Some(&index) = index_of.get(&*approval.version) else { continue };
            let statement = statement(&approval.version);
            for proof in &approval.proofs {
                // One proof that brings nothing new is not verified.
                let counts = |key: &UpdateKey| {
                    witnesses.contains(key) && newest.get(key).is_none_or(|newest| *newest < index)
                };
                if let Ok(witness) = check_proof(&statement, proof, now, counts) {
                    newest.insert(witness, index);
                }
            }
        }
        newest
    }
}

fn read_approval(value: &Value) -> Option<Approval> {
    let version = value.get("versionId")?.as_str()?.into();
    let proofs = match value.get("proof") {
        None => Vec::new(),
        Some(Value::Array(proofs)) => proofs.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        Some(_) => return None,
    };
    Some(Approval { version, proofs })
}

/// What a witness signs: the name of the version, which is the hash of everything up to it.
fn statement(version: &str) -> Map<String, Value> {
    Map::from_iter([("versionId".to_owned(), Value::from(version))])
}

/// An approval that waits for the witness's signature.
#[derive(Debug)]
#[must_use]
pub struct PreparedApproval(PreparedProof);

/// Computes what the witness with `key` has to sign to approve `version`.
///
/// # Errors
/// The key is no Ed25519 key.
pub fn prepare_approval(
    version: &VersionId,
    key: &VerifyingKey,
    at: Timestamp,
) -> Result<PreparedApproval, SignError> {
    prepare_proof(statement(version.as_str()), key, at).map(PreparedApproval)
}

impl PreparedApproval {
    /// The bytes to sign, in full.
    pub fn signing_input(&self) -> &[u8] {
        self.0.signing_input()
    }

    /// The approval, for [`WitnessProofs::add`].
    ///
    /// # Errors
    /// The signature is not one by the announced key.
    pub fn attach(self, signature: &[u8]) -> Result<Map<String, Value>, SignError> {
        let mut secured = self.0.attach(signature)?;
        match secured.remove("proof") {
            Some(Value::Object(proof)) => Ok(proof),
            _ => Err(SignError::Algorithm),
        }
    }
}

/// Prepares the proof that did:webvh puts under entries and approvals alike.
pub(super) fn prepare_proof(
    document: Map<String, Value>,
    key: &VerifyingKey,
    at: Timestamp,
) -> Result<PreparedProof, SignError> {
    let signer = UpdateKey::new(key).ok_or(SignError::Algorithm)?;
    let key_id = signer.key_id().ok_or(SignError::Algorithm)?;
    let options =
        ProofOptions { created: Some(at), ..ProofOptions::new(VerificationRelationship::AssertionMethod) };
    data_integrity::prepare(document, &options, Signatory { key_id: &key_id, key })
}
