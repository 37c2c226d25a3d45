//! What a person can show of an admission.

use super::{PersonDid, PersonError, PersonSecret, fold::admission_of};
use crate::{
    bundle::{BundleError, EntryProof},
    form::{self, Members},
    trust::TrustedLog,
};
use serde_json::json;
use sinpyo_core::{
    did::Did,
    encoding::{from_base64url, to_base64url},
    jcs, json,
    time::Timestamp,
};
use sinpyo_tlog::checkpoint::Checkpoint;
use std::{fmt, str::FromStr};

/// A person's operation, its salt, and the proof that the log holds the commitment to them.
///
/// It is shown to whoever already knows the person by the identifier in it, and to nobody else: it leads to the entry.
#[derive(Debug)]
pub struct PersonRecord {
    secret: PersonSecret,
    proof: EntryProof,
}

impl PersonRecord {
    /// The record of `secret`, whose commitment stands in the entry that `proof` is about.
    pub const fn new(secret: PersonSecret, proof: EntryProof) -> Self {
        Self { secret, proof }
    }

    /// The text to keep, which holds the operation and the salt.
    pub fn to_json(&self) -> String {
        let record = json!({
            "operation": String::from_utf8_lossy(self.secret.operation().expose()),
            "salt": to_base64url(self.secret.salt().expose()),
            "proof": self.proof.to_string(),
        });
        String::from_utf8_lossy(&jcs::canonicalize(&record)).into_owned()
    }

    /// Checks with the log's key or a policy that an entry of the log commits to this person.
    ///
    /// That the organisation named in the entry signed it, could admit anybody, and has not been recovered from a thief
    /// since, is checked by the log and again by its auditors, not here: who does not trust the operator to append lawful
    /// entries only asks an auditor. Nor does it say that the person was not erased since.
    ///
    /// # Errors
    /// The entry is not on the log, or commits to something else.
    pub fn verify(&self, log: &dyn TrustedLog) -> Result<ProvenPerson, PersonRecordError> {
        let proven = self.proof.verify(log).map_err(PersonRecordError::Proof)?;
        let (by, commitment, admitted_at) =
            admission_of(proven.entry()).ok_or(PersonRecordError::NotAnAdmission)?;
        let op = form::parse(self.secret.operation().expose())
            .map_err(|error| PersonRecordError::Operation(PersonError::Form(error)))?;
        let ours = PersonDid::origin(&op) == Some(proven.checkpoint().origin().as_str());
        if commitment != self.secret.commitment() || !ours {
            return Err(PersonRecordError::AnotherCommitment); // [TLOG-46]
        }
        let checkpoint = proven.checkpoint().clone();
        let index = proven.index();
        Ok(ProvenPerson { person: self.secret.did().clone(), by, index, admitted_at, checkpoint })
    }
}

impl FromStr for PersonRecord {
    type Err = PersonRecordError;

    fn from_str(text: &str) -> Result<Self, PersonRecordError> {
        let malformed = || PersonRecordError::Malformed;
        let members = json::parse_object(text.as_bytes()).map_err(|_| malformed())?;
        let members =
            Members(&members).exactly(&["operation", "salt", "proof"], &[]).map_err(|_| malformed())?;
        let member = |name| members.text(name).map_err(|_| malformed());
        let salt = from_base64url(member("salt")?).ok().and_then(|salt| salt.try_into().ok());
        let operation = member("operation")?.as_bytes().to_vec();
        let secret = PersonSecret::from_parts(operation, salt.ok_or_else(malformed)?);
        let proof = member("proof")?.parse().map_err(PersonRecordError::Proof)?;
        Ok(Self { secret: secret.map_err(PersonRecordError::Operation)?, proof })
    }
}

/// A person to whom an entry of a log commits, as admitted by an organisation. Made by [`PersonRecord::verify`] only.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvenPerson {
    person: PersonDid,
    by: Did,
    index: u64,
    admitted_at: Timestamp,
    checkpoint: Checkpoint,
}

impl fmt::Debug for ProvenPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenPerson").field("admitted_at", &self.admitted_at).finish_non_exhaustive()
    }
}

impl ProvenPerson {
    /// The identifier, and which commitment it takes the place of.
    pub const fn person(&self) -> &PersonDid {
        &self.person
    }

    /// Who admitted the person, by the words of the entry.
    pub const fn by(&self) -> &Did {
        &self.by
    }

    /// Where the commitment stands.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// When, by ledger time.
    pub const fn admitted_at(&self) -> Timestamp {
        self.admitted_at
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// Why a record proves no admission.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonRecordError {
    /// TLOG-46: not an operation, a salt and a proof.
    #[error("not a person's record")]
    Malformed,
    /// The operation is refused.
    #[error("the person's operation is refused")]
    Operation(#[source] PersonError),
    /// The proof of the entry is refused.
    #[error("the proof of the entry is refused")]
    Proof(#[source] BundleError),
    /// TLOG-46: the entry admits nobody.
    #[error("the entry is no admission")]
    NotAnAdmission,
    /// TLOG-46: the entry commits to another operation, another salt or for another log.
    #[error("the entry commits to something else")]
    AnotherCommitment,
}

impl PersonRecordError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed | Self::NotAnAdmission | Self::AnotherCommitment => "TLOG-46",
            Self::Operation(error) => error.code(),
            Self::Proof(error) => error.code(),
        }
    }
}
