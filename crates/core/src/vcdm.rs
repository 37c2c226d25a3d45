//! The JSON form of the W3C Verifiable Credentials Data Model: 2.0, and 1.1 where a caller asks for it.

use crate::{
    credential::{Credential, CredentialType, Holder, ParseTypeError, Validity},
    did::Did,
    status::{StatusEntry, StatusMessages, StatusMessagesError, StatusPurpose, parse_index},
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use std::fmt;

mod model;

pub use model::{Breach, Rule, credential_breaches, is_enveloped, presentation_breaches};

/// First context of every VCDM 2.0 object [VCDM 2.0 §4.3].
pub const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// First context of every VCDM 1.1 object.
pub const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// Most types, status entries or credentials in one object.
const MAX_ELEMENTS: usize = 64;

/// The version of the data model that a caller accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// VCDM 2.0 only.
    V2,
    /// VCDM 1.1 too, chosen by the first context.
    V2OrV1,
}

/// Reads a credential.
///
/// # Errors
/// The member that breaks the data model.
pub fn credential_from_json(members: &Map<String, Value>, accept: Version) -> Result<Credential, VcdmError> {
    if let Some(breach) = credential_breaches(members, accept).first() {
        return Err(VcdmError::Member(breach.member));
    }
    let is_v1 = version(members, accept)?;
    let types = types(members, "VerifiableCredential")?;
    let (kind, others) = types.split_first().ok_or(VcdmError::Member("type"))?;
    let (from, until) = if is_v1 { ("issuanceDate", "expirationDate") } else { ("validFrom", "validUntil") };
    let validity = Validity { from: time(members, from)?, until: time(members, until)? };
    if is_v1 && validity.from.is_none() {
        return Err(VcdmError::Member("issuanceDate"));
    }
    if validity.from.zip(validity.until).is_some_and(|(from, until)| from > until) {
        return Err(VcdmError::Member("validUntil")); // [VCJ-03]
    }
    let (holder, claims) = subject(members)?;
    let mut credential =
        Credential::builder(kind.clone(), issuer(members)?).holder(holder).valid(validity).claims(claims);
    if let Some(issued_at) = validity.from {
        credential = credential.issued_at(issued_at);
    }
    if let Some(id) = members.get("id") {
        credential = credential.id(url(id).ok_or(VcdmError::Member("id"))?.to_owned());
    }
    for kind in others {
        credential = credential.also(kind.clone());
    }
    for entry in one_or_many(members.get("credentialStatus"), "credentialStatus")? {
        if let Some(entry) = status_entry(entry)? {
            credential = credential.status(entry);
        }
    }
    Ok(credential.build())
}

/// Writes a credential as VCDM 2.0 under the base context and `contexts`, which define its types and claims.
///
/// A Token Status List entry has no form here and is left out: whoever issues refuses such a credential first [VCJ-11].
pub fn credential_to_json(credential: &Credential, contexts: &[&str]) -> Map<String, Value> {
    let contexts: Vec<_> = [CONTEXT_V2].iter().chain(contexts).collect();
    // Most specific last, as it is read.
    let kinds = credential.types().iter().rev().map(CredentialType::as_str);
    let types: Vec<_> = ["VerifiableCredential"].into_iter().chain(kinds).collect();
    let mut subject = credential.claims().clone();
    if let Holder::Did(did) = credential.holder() {
        subject.insert("id".into(), json!(did.as_str()));
    }
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("@context", json!(contexts));
    put("type", json!(types));
    put("issuer", json!(credential.issuer()));
    put("credentialSubject", Value::Object(subject));
    if let Some(id) = credential.id() {
        put("id", json!(id));
    }
    if let Some(from) = credential.validity().from {
        put("validFrom", json!(from.to_string()));
    }
    if let Some(until) = credential.validity().until {
        put("validUntil", json!(until.to_string()));
    }
    let status: Vec<_> = credential.status().iter().filter_map(bitstring_entry).collect();
    if !status.is_empty() {
        put("credentialStatus", json!(status));
    }
    members
}

/// A presentation as it stands in JSON: its credentials carry proofs of their own.
///
/// Debug output shows no claim.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentationJson {
    /// Who presents.
    pub holder: Option<Did>,
    /// The credentials: objects with a proof, or enveloped ones.
    pub credentials: Vec<Map<String, Value>>,
}

impl fmt::Debug for PresentationJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.credentials.len();
        f.debug_struct("PresentationJson").field("credentials", &count).finish_non_exhaustive()
    }
}

/// Reads a presentation.
///
/// # Errors
/// The member that breaks the data model.
pub fn presentation_from_json(
    members: &Map<String, Value>,
    accept: Version,
) -> Result<PresentationJson, VcdmError> {
    version(members, accept)?;
    types(members, "VerifiablePresentation")?;
    let holder = match members.get("holder") {
        None => None,
        Some(Value::String(holder)) => Some(holder.as_str()),
        Some(holder) => Some(holder.get("id").and_then(Value::as_str).ok_or(VcdmError::Member("holder"))?),
    };
    let holder = holder.map(|holder| holder.parse().map_err(|_| VcdmError::Member("holder"))).transpose()?;
    let credentials = one_or_many(members.get("verifiableCredential"), "verifiableCredential")?;
    let credentials = credentials.into_iter().cloned().collect();
    Ok(PresentationJson { holder, credentials })
}

/// Whether the object is VCDM 1.1; an error if its version is not accepted.
fn version(members: &Map<String, Value>, accept: Version) -> Result<bool, VcdmError> {
    const WHAT: VcdmError = VcdmError::Member("@context");
    let contexts = members.get("@context").and_then(Value::as_array).ok_or(WHAT)?;
    if contexts.len() > MAX_ELEMENTS
        || !contexts.iter().all(|context| context.is_object() || url(context).is_some())
    {
        return Err(WHAT);
    }
    match (contexts.first().and_then(Value::as_str), accept) {
        (Some(CONTEXT_V2), _) => Ok(false),
        (Some(CONTEXT_V1), Version::V2OrV1) => Ok(true),
        _ => Err(WHAT), // [VCJ-01]
    }
}

/// The types beside `base`, most specific last in the object and first here; `base` itself if there is no other.
fn types(members: &Map<String, Value>, base: &str) -> Result<Vec<CredentialType>, VcdmError> {
    const WHAT: VcdmError = VcdmError::Member("type");
    let names = match members.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) if names.len() <= MAX_ELEMENTS => {
            names.iter().map(|name| name.as_str().ok_or(WHAT)).collect::<Result<_, _>>()?
        }
        _ => return Err(WHAT),
    };
    if !names.contains(&base) {
        return Err(WHAT); // [VCJ-02]
    }
    let specific = names.iter().rev().filter(|name| **name != base);
    let mut types: Vec<_> =
        specific.map(|name| name.parse()).collect::<Result<_, ParseTypeError>>().map_err(|_| WHAT)?;
    if types.is_empty() {
        types.push(base.parse().map_err(|_| WHAT)?);
    }
    Ok(types)
}

fn issuer(members: &Map<String, Value>) -> Result<&str, VcdmError> {
    let issuer = match members.get("issuer") {
        Some(Value::Object(issuer)) => issuer.get("id"),
        other => other,
    };
    issuer.and_then(url).ok_or(VcdmError::Member("issuer"))
}

fn subject(members: &Map<String, Value>) -> Result<(Holder, Map<String, Value>), VcdmError> {
    const WHAT: VcdmError = VcdmError::Member("credentialSubject");
    let subjects = one_or_many(members.get("credentialSubject"), "credentialSubject")?;
    let subject = match subjects.as_slice() {
        [] => return Err(WHAT),
        [subject] => *subject,
        _ => return Err(VcdmError::Unsupported("credentialSubject")),
    };
    let mut claims = subject.clone();
    let holder = match claims.remove("id") {
        None => Holder::Bearer,
        Some(id) => {
            let id = url(&id).ok_or(WHAT)?;
            match id.parse() {
                Ok(did) => Holder::Did(did),
                // Nearly a DID names somebody: such a credential must not pass for one that is bound to nobody.
                Err(_) if id.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("did:")) => {
                    return Err(WHAT); // [VCJ-05]
                }
                Err(_) => Holder::Bearer,
            }
        }
    };
    Ok((holder, claims))
}

/// The entry, unless its type is one we do not know: that is for the verifier's policy to refuse.
fn status_entry(entry: &Map<String, Value>) -> Result<Option<StatusEntry>, VcdmError> {
    const WHAT: VcdmError = VcdmError::Member("credentialStatus");
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    match text("type").ok_or(WHAT)? {
        "BitstringStatusListEntry" => {
            let list = entry.get("statusListCredential").and_then(url).ok_or(WHAT)?.to_owned();
            let purpose = text("statusPurpose").and_then(StatusPurpose::from_name).ok_or(WHAT)?;
            let index = text("statusListIndex").and_then(parse_index).ok_or(WHAT)?; // [STS-06]
            if entry.get("id").is_some_and(|id| url(id).is_none_or(|id| id == list)) {
                return Err(WHAT); // [STS-14]
            }
            let messages = StatusMessages::from_json(entry.get("statusSize"), entry.get("statusMessage"));
            let messages = messages.map_err(|error| match error {
                StatusMessagesError::TooLarge => VcdmError::Unsupported("statusSize"),
                _ => WHAT,
            })?;
            Ok(Some(StatusEntry::Bitstring { list, index, purpose, messages }))
        }
        _ => Err(VcdmError::Unsupported("credentialStatus")), // [VCJ-04]
    }
}

fn bitstring_entry(entry: &StatusEntry) -> Option<Value> {
    match entry {
        StatusEntry::Token { .. } => None,
        StatusEntry::Bitstring { list, index, purpose, messages } => {
            let mut members = json!({
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose.name(),
                "statusListIndex": index.to_string(),
                "statusListCredential": list,
            });
            if let (Some(messages), Value::Object(members)) = (messages, &mut members) {
                members.insert("statusSize".to_owned(), json!(messages.size().bits()));
                members.insert("statusMessage".to_owned(), messages.to_json());
            }
            Some(members)
        }
    }
}

fn one_or_many<'a>(
    value: Option<&'a Value>,
    name: &'static str,
) -> Result<Vec<&'a Map<String, Value>>, VcdmError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Object(one)) => Ok(vec![one]),
        Some(Value::Array(many)) if many.len() <= MAX_ELEMENTS => {
            many.iter().map(|one| one.as_object().ok_or(VcdmError::Member(name))).collect()
        }
        Some(_) => Err(VcdmError::Member(name)),
    }
}

fn time(members: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, VcdmError> {
    match members.get(name) {
        None => Ok(None),
        Some(time) => {
            let time = time.as_str().and_then(|time| time.parse().ok());
            time.map(Some).ok_or(VcdmError::Member(name))
        }
    }
}

/// A text that begins with a URL scheme and holds no white space.
fn url(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    let (scheme, rest) = text.split_once(':')?;
    let scheme_fine = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (scheme_fine && !rest.is_empty() && !rest.contains(char::is_whitespace)).then_some(text)
}

/// Why a JSON object is no credential or presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VcdmError {
    /// A member is missing or breaks the data model.
    #[error("member \"{0}\" is missing or breaks the data model")]
    Member(&'static str),
    /// A member uses a part of the data model that is not supported.
    #[error("member \"{0}\" uses an unsupported part of the data model")]
    Unsupported(&'static str),
}

impl VcdmError {
    /// The rule that was broken, as in `spec/checks/vcj.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Member("@context") => "VCJ-01",
            Self::Member("type") => "VCJ-02",
            Self::Member("validUntil") => "VCJ-03",
            Self::Unsupported(_) => "VCJ-04",
            Self::Member(_) => "VCJ-05", // [VCJ-05]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Value {
        json!({
            "@context": [CONTEXT_V2], "type": ["VerifiableCredential", "Card", "ResidentCredential"], "issuer": "did:x:a",
            "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:x:h", "age_over_18": true},
            "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                "statusListIndex": "7", "statusListCredential": "https://a.example/1"}
        })
    }

    fn with(name: &str, value: Value) -> Result<Credential, VcdmError> {
        let mut members = good().as_object().unwrap().clone();
        members.insert(name.into(), value);
        credential_from_json(&members, Version::V2)
    }

    #[test]
    fn a_credential_survives_the_round_trip() {
        let credential = credential_from_json(good().as_object().unwrap(), Version::V2).unwrap();
        assert_eq!(credential.types().first().unwrap().as_str(), "ResidentCredential");
        assert_eq!(credential.holder(), &Holder::Did("did:x:h".parse().unwrap()));
        assert_eq!(credential.types().len(), 2);
        let again = credential_to_json(&credential, &[]);
        assert_eq!(credential_from_json(&again, Version::V2), Ok(credential));
    }

    #[test]
    fn what_breaks_the_data_model_is_refused_by_name() {
        for (name, value) in [
            ("@context", json!(CONTEXT_V2)),
            ("@context", json!(["https://other.example"])),
            ("@context", json!([CONTEXT_V1])),
            ("type", json!("ResidentCredential")),
            ("type", json!(["VerifiableCredential", 1])),
            ("issuer", json!("not a url")),
            ("issuer", json!({})),
            ("id", json!("no-scheme")),
            ("credentialSubject", json!([])),
            ("credentialSubject", json!({"id": "did:x:holder#key-1"})),
            ("credentialSubject", json!({"id": "did:x:holder?versionId=1"})),
            ("credentialSubject", json!({"id": "DID:x:holder"})),
            ("credentialSubject", json!({"id": "did:X:holder"})),
            ("credentialSubject", json!("did:x:h")),
            ("validUntil", json!("2025-01-01T00:00:00Z")),
            ("validUntil", json!(1)),
            ("credentialStatus", json!({"statusPurpose": "revocation"})),
        ] {
            assert_eq!(with(name, value.clone()), Err(VcdmError::Member(name)), "{name} {value}");
        }
        assert_eq!(
            with("credentialStatus", json!({"type": "Unheard"})),
            Err(VcdmError::Unsupported("credentialStatus"))
        );
    }

    fn with_status(name: &str, value: Value) -> Result<Credential, VcdmError> {
        let mut status = good()["credentialStatus"].clone();
        status[name] = value;
        with("credentialStatus", status)
    }

    /// STA-03 and STA-09 of the catalogue of attacks.
    #[test]
    fn a_status_entry_that_cannot_be_read_refuses_the_credential() {
        const REFUSED: Result<Credential, VcdmError> = Err(VcdmError::Member("credentialStatus"));
        for (name, value) in [
            ("statusListIndex", json!(7)),
            ("statusListIndex", json!("")),
            ("statusListIndex", json!("007")),
            ("statusListIndex", json!("-1")),
            ("statusListIndex", json!("+7")),
            ("statusListIndex", json!("\u{667}")),
            ("statusListIndex", json!("340282366920938463463374607431768211455")),
            ("statusListCredential", json!("no url")),
            ("statusPurpose", json!("unheard")),
            ("statusPurpose", json!(["revocation"])),
            ("id", json!("https://a.example/1")),
            ("id", json!(1)),
            ("statusSize", json!(0)),
            ("statusSize", json!(2)),
            ("statusSize", json!("1")),
            ("statusMessage", json!([])),
        ] {
            assert_eq!(with_status(name, value.clone()), REFUSED, "{name} {value}");
        }
        assert_eq!(with_status("statusSize", json!(9)), Err(VcdmError::Unsupported("statusSize")));
        assert!(with_status("id", json!("https://a.example/1#7")).is_ok());
        let two = json!([good()["credentialStatus"], {"type": "BitstringStatusListEntry"}]);
        assert_eq!(with("credentialStatus", two), REFUSED);
        let mut other = good()["credentialStatus"].clone();
        other["statusPurpose"] = json!("suspension");
        let both = with("credentialStatus", json!([good()["credentialStatus"], other])).unwrap();
        assert_eq!(both.status().len(), 2);
    }

    #[test]
    fn messages_of_several_bits_survive_the_round_trip() {
        let mut status = good()["credentialStatus"].clone();
        status["statusPurpose"] = json!("message");
        status["statusSize"] = json!(2);
        status["statusMessage"] =
            (0..4).map(|value| json!({"status": format!("0x{value}"), "message": "m"})).collect();
        let credential = with("credentialStatus", status.clone()).unwrap();
        let json = credential_to_json(&credential, &[]);
        assert_eq!(json["credentialStatus"], json!([status]));
        assert_eq!(credential_from_json(&json, Version::V2), Ok(credential));
    }

    #[test]
    fn version_one_is_read_only_where_it_is_accepted() {
        let old = json!({"@context": [CONTEXT_V1], "type": ["VerifiableCredential"], "issuer": {"id": "did:x:a"},
            "issuanceDate": "2020-01-01T00:00:00Z", "credentialSubject": {"name": "a"}});
        let old = old.as_object().unwrap();
        assert_eq!(credential_from_json(old, Version::V2), Err(VcdmError::Member("@context")));
        let credential = credential_from_json(old, Version::V2OrV1).unwrap();
        assert_eq!(credential.issued_at().unwrap().to_string(), "2020-01-01T00:00:00Z");
    }
}
