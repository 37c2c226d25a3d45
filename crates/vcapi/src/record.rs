//! `GET` and `DELETE /credentials/{id}`: credentials that were issued under a name.

use crate::{
    Call,
    keep::Kept,
    need::Stop,
    problem::{self, Kind},
};
use http::StatusCode;
use serde_json::{Value, json};
use sinpyo_core::json;
use sinpyo_web::form::percent_decoded;

/// The credential that was issued under the name in the path.
pub(crate) fn read(call: &Call<'_>) -> Result<Value, Stop> {
    let (_, record) = find(call)?;
    let mut record = json::parse_object(&record).map_err(|error| problem::failed(&error))?;
    Ok(json!({"verifiableCredential": record.remove("verifiableCredential")}))
}

/// Erases it.
pub(crate) fn erase(call: &Call<'_>) -> Result<Value, Stop> {
    let (id, _) = find(call)?;
    call.keep.erase_credential(&id).map_err(|error| problem::failed(&error))?;
    Ok(Value::Null)
}

fn find(call: &Call<'_>) -> Result<(String, Vec<u8>), Stop> {
    let refuse = |status, detail: &str| Stop::from(Kind::Absent.problem("VCA-15", &detail).refuse(status)); // [VCA-15]
    let absent = || refuse(StatusCode::NOT_FOUND, "no credential was issued under this name");
    let id = percent_decoded(call.routed.part("id")).ok_or_else(absent)?;
    match call.keep.credential(&id).map_err(|error| problem::failed(&error))? {
        Kept::Credential(record) => Ok((id, record)),
        Kept::Erased => Err(refuse(StatusCode::GONE, "the credential was erased")),
        Kept::Nothing => Err(absent()),
    }
}
