//! The operations: the person's own, which the log never sees, and the two that it does.

use super::{Commitment, PersonError};
use crate::{
    form::{self, FormError, Members},
    operation::{Draft, Naming},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, ParseDidError},
    encoding::Multikey,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::note::Origin;
use std::fmt;

/// What a person's operation states: a pairwise identifier, and which commitment it takes the place of.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonDid {
    /// A `did:key`, made for one service and used nowhere else.
    pub did: Did,
    /// The commitment to the operation before, if the person changed keys.
    pub previous: Option<Commitment>,
}

impl fmt::Debug for PersonDid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonDid").finish_non_exhaustive()
    }
}

/// A person's operation, to be signed with `key`, the key of the identifier itself.
///
/// # Errors
/// The key has no `did:key`.
pub fn draft(
    origin: &Origin,
    key: &VerifyingKey,
    previous: Option<Commitment>,
) -> Result<Draft<PersonDid>, ParseDidError> {
    let did: Did = format!("did:key:{}", key.to_multikey()).parse()?;
    let mut op = operation("person-did", origin, [("did", json!(did.as_str()))]);
    if let Some(previous) = previous {
        op.insert("previous".into(), json!(previous.to_string()));
    }
    Ok(Draft { op, naming: Naming::ItsOwn, fact: PersonDid { did, previous } })
}

impl PersonDid {
    /// Reads a person's operation and checks that the key of its identifier signed it.
    pub(super) fn read(op: &Map<String, Value>) -> Result<Self, PersonError> {
        let members = Members(op)
            .exactly(&["type", "did", "log", "proof"], &["previous"])
            .map_err(PersonError::Form)?;
        let did = form::did(members, "did").map_err(PersonError::Form)?;
        let signer = form::signer(op).map_err(PersonError::Form)?;
        let key = Multikey::parse(did.method_specific_id()).ok();
        let key = key.and_then(|key| VerifyingKey::from_multikey(&key).ok());
        let (Some(key), true) = (key, did.method() == "key" && signer.did() == did) else {
            return Err(PersonError::Stranger);
        };
        if members.text("type").map_err(PersonError::Form)? != "person-did" {
            return Err(PersonError::Form(FormError::Member("type")));
        }
        // Its time is the ledger's; one of its own would be one more thing to know the person by.
        let timeless = members.object("proof").is_ok_and(|proof| !proof.0.contains_key("created"));
        let (Some(any), true) = (Timestamp::from_unix(0), timeless) else {
            return Err(PersonError::Form(FormError::Member("proof")));
        };
        form::check_proof(op, &key, any).map_err(PersonError::Form)?;
        let previous = members.0.get("previous").and_then(Value::as_str).map(str::parse).transpose()?;
        if members.0.contains_key("previous") && previous.is_none() {
            return Err(PersonError::Commitment);
        }
        Ok(Self { did, previous })
    }

    /// The log that a person's operation was made for.
    pub(super) fn origin(op: &Map<String, Value>) -> Option<&str> {
        op.get("log").and_then(Value::as_str)
    }
}

/// What an admission establishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Who admitted.
    pub by: Did,
    /// What was admitted.
    pub commitment: Commitment,
}

/// An operation by which the organisation `by` admits a person, to be signed with an assertion key of `by`.
pub fn admit(origin: &Origin, by: &Did, commitment: Commitment) -> Draft<Admission> {
    let members = [("by", json!(by.as_str())), ("commitment", json!(commitment.to_string()))];
    let op = operation("person", origin, members);
    Draft { op, naming: Naming::Method, fact: Admission { by: by.clone(), commitment } }
}

/// What an erasure establishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Index of the entry that admitted the person.
    pub entry: u64,
}

/// An operation that makes it known that operation and salt behind `entry` were deleted, to be signed with an assertion
/// key of `by`, who admitted the person or is the root accreditor.
pub fn erase(origin: &Origin, by: &Did, entry: u64) -> Draft<Erasure> {
    let op = operation("person-erasure", origin, [("by", json!(by.as_str())), ("entry", json!(entry))]);
    Draft { op, naming: Naming::Method, fact: Erasure { entry } }
}

fn operation<const N: usize>(kind: &str, origin: &Origin, members: [(&str, Value); N]) -> Map<String, Value> {
    let own = [("type", json!(kind)), ("log", json!(origin.as_str()))];
    own.into_iter().chain(members).map(|(name, value)| (name.to_owned(), value)).collect()
}
