//! The JSON of a grant.

use super::AccreditationError;
use crate::form::{FormError, Members};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    claims::ClaimPath,
    credential::{CredentialType, Validity},
    did::Did,
};
use std::collections::BTreeMap;

/// Most types in a grant, and most claims under a type.
const MAX_LIST: usize = 256;

/// Longest name of an organisation, in characters.
const MAX_NAME: usize = 120;

/// Reads the statement that an operation of type `accreditation` makes.
pub(super) fn read(members: Members<'_>) -> Result<Accreditation, AccreditationError> {
    let members = members.exactly(
        &["type", "id", "by", "subject", "name", "grant", "validFrom", "log"],
        &["validUntil", "proof"],
    )?;
    let subject: Did = members.parsed("subject")?;
    if subject.method() != "tlog" {
        return Err(FormError::Member("subject").into());
    }
    let name = members.object("name")?.exactly(&["ko", "en"], &[])?;
    let until = if members.0.contains_key("validUntil") { Some(members.time("validUntil")?) } else { None };
    Ok(Accreditation {
        subject,
        name: LocalizedName { ko: plain(name.text("ko")?)?, en: plain(name.text("en")?)? },
        granted_by: members.parsed("by")?,
        grant: grant(members.object("grant")?)?,
        validity: Validity { from: Some(members.time("validFrom")?), until },
    })
}

/// The operation that makes this statement, without `id`, `log` and proof.
pub(super) fn write(accreditation: &Accreditation) -> Map<String, Value> {
    let mut op = Map::new();
    let mut put = |name: &str, value: Value| drop(op.insert(name.to_owned(), value));
    put("type", json!("accreditation"));
    put("by", json!(accreditation.granted_by.as_str()));
    put("subject", json!(accreditation.subject.as_str()));
    put("name", json!({"ko": accreditation.name.ko, "en": accreditation.name.en}));
    put("grant", grant_to_json(&accreditation.grant));
    let Validity { from, until } = accreditation.validity;
    for (name, time) in [("validFrom", from), ("validUntil", until)] {
        if let Some(time) = time {
            put(name, json!(time.to_string()));
        }
    }
    op
}

/// The only free text on the log: an organisation's name, on one line.
fn plain(text: &str) -> Result<String, AccreditationError> {
    let fine =
        !text.trim().is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control);
    if fine { Ok(text.to_owned()) } else { Err(AccreditationError::Name) } // [ACC-05]
}

fn grant(members: Members<'_>) -> Result<Grant, AccreditationError> {
    const MALFORMED: AccreditationError = AccreditationError::Grant;
    let mut kinds = members.0.iter();
    let (Some((kind, Value::Object(body))), None) = (kinds.next(), kinds.next()) else {
        return Err(MALFORMED); // [ACC-04]
    };
    let body = Members(body);
    match kind.as_str() {
        "issue" => {
            let types = types(body.exactly(&["types"], &[])?)?;
            if types.is_empty() { Err(MALFORMED) } else { Ok(Grant::Issue { types }) }
        }
        "accredit" => Ok(Grant::Accredit { types: types(body.exactly(&["types"], &[])?)? }),
        "request" => {
            let body = body.exactly(&["service", "scope"], &[])?;
            Ok(Grant::Request { service: body.parsed("service")?, scope: scope(body.object("scope")?.0)? })
        }
        _ => Err(MALFORMED),
    }
}

fn types(body: Members<'_>) -> Result<Vec<CredentialType>, AccreditationError> {
    let texts = body.texts("types", MAX_LIST)?.unwrap_or_default();
    texts.into_iter().map(|text| text.parse().map_err(|_| AccreditationError::Grant)).collect()
}

fn scope(
    members: &Map<String, Value>,
) -> Result<BTreeMap<CredentialType, Vec<ClaimPath>>, AccreditationError> {
    if members.is_empty() || members.len() > MAX_LIST {
        return Err(AccreditationError::Grant);
    }
    let paths = |value: &Value| -> Option<Vec<ClaimPath>> {
        let list = value.as_array().filter(|list| (1..=MAX_LIST).contains(&list.len()))?;
        list.iter().map(|path| ClaimPath::from_json(path).ok()).collect()
    };
    let entry = |(kind, value): (&String, &Value)| Some((kind.parse().ok()?, paths(value)?));
    members.iter().map(entry).collect::<Option<_>>().ok_or(AccreditationError::Grant)
}

fn grant_to_json(grant: &Grant) -> Value {
    let names = |types: &[CredentialType]| types.iter().map(CredentialType::as_str).collect::<Value>();
    match grant {
        Grant::Issue { types } => json!({"issue": {"types": names(types)}}),
        Grant::Accredit { types } => json!({"accredit": {"types": names(types)}}),
        Grant::Request { service, scope } => {
            let scope: Map<String, Value> = scope
                .iter()
                .map(|(kind, paths)| (kind.to_string(), paths.iter().map(ClaimPath::to_json).collect()))
                .collect();
            json!({"request": {"service": service.as_str(), "scope": scope}})
        }
    }
}
