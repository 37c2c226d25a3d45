//! Queries and credentials to test with.

use serde_json::{Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_dcql::{Arrays, Bound, Candidate, Kind, Query};

pub(crate) const PID: &str = "urn:pid";
pub(crate) const AUTHORITY: &str = "s9tIpPmhxdiuNkHMEWNpYim8S8Y";

pub(crate) fn query(value: &Value) -> Query {
    Query::from_json(value).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// A query for one SD-JWT VC of type [`PID`] with these members more.
pub(crate) fn pid(more: &Value) -> Value {
    let mut query = json!({"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": [PID]}});
    let members = query.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    json!({"credentials": [query]})
}

pub(crate) fn paths(paths: &[Value]) -> Vec<ClaimPath> {
    paths.iter().map(|path| ClaimPath::from_json(path).unwrap()).collect()
}

pub(crate) fn sd_jwt(vct: &str, claims: &Value) -> Candidate {
    candidate(Kind::SdJwtVc { vct: vct.to_owned(), extends: vec![] }, claims)
}

pub(crate) fn candidate(kind: Kind, claims: &Value) -> Candidate {
    Candidate {
        kind,
        claims: claims.as_object().unwrap().clone(),
        bound: Bound::ToKey,
        arrays: Arrays::Whole,
        authorities: vec![],
    }
}

/// The credential of OpenID4VP 1.0 §7.3.
pub(crate) fn arthur() -> Value {
    json!({
        "name": "Arthur Dent",
        "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
        "degrees": [
            {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
            {"type": "Master of Science", "university": "University of Betelgeuse"},
        ],
        "nationalities": ["British", "Betelgeusian"],
        "age": 42,
    })
}
