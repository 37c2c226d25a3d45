//! Statements about accreditations, drafted by those who grant them.

use super::{
    fold::id_of,
    grant::write,
    record::{AccreditationId, AccreditationRecord, AccreditationStatus, ParseAccreditationIdError},
};
use crate::operation::{Draft, Naming};
use serde_json::json;
use sinpyo_core::accreditation::Accreditation;
use sinpyo_tlog::note::Origin;

/// A statement about an accreditation: 1 is the grant, each change of status is one more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationVersion {
    /// The accreditation.
    pub id: AccreditationId,
    /// The number of the statement.
    pub version: u64,
}

/// An operation that grants `accreditation` on the log `origin`, to be signed with an assertion key of
/// `accreditation.granted_by`.
///
/// The log refuses it unless `validity.from` is set.
///
/// # Errors
/// Never for a name that this crate computes.
pub fn grant(
    origin: &Origin,
    accreditation: &Accreditation,
) -> Result<Draft<AccreditationVersion>, ParseAccreditationIdError> {
    let mut op = write(accreditation);
    op.insert("log".into(), json!(origin.as_str()));
    let id = id_of(&op);
    op.insert("id".into(), json!(id));
    let fact = AccreditationVersion { id: id.parse()?, version: 1 };
    Ok(Draft { op, naming: Naming::Method, fact })
}

/// An operation that changes the status of `record` on the log `origin`, to be signed with an assertion key of the
/// organisation that granted it.
pub fn status(
    origin: &Origin,
    record: &AccreditationRecord,
    status: AccreditationStatus,
) -> Draft<AccreditationVersion> {
    let version = record.version() + 1;
    let op = [
        ("type", json!("accreditation-status")),
        ("accreditation", json!(record.id().as_str())),
        ("version", json!(version)),
        ("status", json!(status.name())),
        ("by", json!(record.accreditation().granted_by.as_str())),
        ("log", json!(origin.as_str())),
    ];
    let op = op.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Draft { op, naming: Naming::Method, fact: AccreditationVersion { id: record.id().clone(), version } }
}
