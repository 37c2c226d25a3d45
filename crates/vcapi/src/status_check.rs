//! The status of verified credentials, as their issuers' lists tell it.

use crate::{
    Call,
    need::{Fact, MAX_NEEDS, Need, Stop},
    problem::Kind,
    route,
    settings::Mode,
    status_list,
    verdict::{Keys, Verdict, Wanted},
};
use http::Method;
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::Credential,
    did::KeyId,
    status::{CredentialStatus, StatusEntry, StatusList, StatusMessages, StatusPurpose, parse_index},
};
use sinpyo_proof::Unverified;
use sinpyo_web::problem::Problem;

const ACCEPT: &str = "application/vc, application/json;q=0.9, application/vc+jwt;q=0.8";

/// Where the status of one credential stands.
#[derive(Debug)]
pub(crate) struct Entries {
    issuer: String,
    place: String,
    /// The entries; an entry of a kind that we cannot read is none.
    found: Vec<Option<StatusEntry>>,
}

impl Entries {
    /// The entries of a document whose proof was verified.
    pub(crate) fn of_object(document: &Map<String, Value>, place: &str) -> Self {
        let found = match document.get("credentialStatus") {
            Some(Value::Array(several)) => several.iter().map(entry).collect(),
            Some(one) => vec![entry(one)],
            None => Vec::new(),
        };
        let issuer = crate::issue::issuer(document).unwrap_or_default().to_owned();
        Self { issuer, place: format!("{place}/credentialStatus"), found }
    }

    /// The entries of a verified credential.
    pub(crate) fn of_credential(credential: &Credential, place: &str) -> Self {
        let found = credential.status().iter().cloned().map(Some).collect();
        Self { issuer: credential.issuer().to_owned(), place: format!("{place}/id"), found }
    }
}

/// An entry of a Bitstring Status List [BSL §2.1]; none if it is malformed or of another kind.
fn entry(value: &Value) -> Option<StatusEntry> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if text("type") != Some("BitstringStatusListEntry") {
        return None;
    }
    let messages = StatusMessages::from_json(value.get("statusSize"), value.get("statusMessage"));
    Some(StatusEntry::Bitstring {
        list: text("statusListCredential")?.to_owned(),
        index: parse_index(text("statusListIndex")?)?,
        purpose: StatusPurpose::from_name(text("statusPurpose")?)?,
        messages: messages.ok()?,
    })
}

/// Looks the entries up, and reports every status that is not good.
///
/// # Errors
/// Lists, and documents of their publishers, that must be fetched first.
pub(crate) fn check(
    call: &Call<'_>,
    all: &[Entries],
    wanted: &Wanted,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let mut needs = Vec::new();
    for entries in all {
        if !wanted.status && !entries.found.is_empty() {
            let problem = Kind::StatusRetrieval.problem("VCA-03", &"the status was not looked up"); // [VCA-03]
            verdict.warnings.push(problem.at(&entries.place));
            continue;
        }
        for entry in &entries.found {
            let Some(entry) = entry else {
                let detail = "the status mechanism is not supported";
                verdict.errors.push(Kind::Status.problem("VCJ-08", &detail).at(&entries.place));
                continue;
            };
            match look(call, entry, &entries.issuer) {
                Ok(None) => {}
                Ok(Some(problem)) => verdict.errors.push(problem.at(&entries.place)),
                Err(Stop::Needs(more)) => needs.extend(more),
                Err(refused) => return Err(refused),
            }
        }
    }
    needs.truncate(MAX_NEEDS);
    if needs.is_empty() { Ok(()) } else { Err(Stop::Needs(needs)) }
}

/// What is wrong with the status at `entry` of a credential by `issuer`.
fn look(call: &Call<'_>, entry: &StatusEntry, issuer: &str) -> Result<Option<Problem>, Stop> {
    let body = match own_list(call, entry.list()) {
        Some(list) => list?,
        None => match call.facts.body(entry.list()) {
            Some(Fact::Body(body)) => body.clone(),
            Some(Fact::Absent | Fact::Unavailable | Fact::Document(_)) => {
                let detail = "the status list cannot be fetched";
                return Ok(Some(Kind::StatusRetrieval.problem("VP-12", &detail)));
            }
            None if call.facts.is_full() => {
                let detail = "the request needs more documents than are fetched for one";
                return Ok(Some(Kind::StatusRetrieval.problem("VCA-17", &detail))); // [VCA-17]
            }
            None => {
                return Err(Stop::Needs(vec![Need::Get { url: entry.list().to_owned(), accept: ACCEPT }]));
            }
        },
    };
    let refused = |error: &dyn std::fmt::Display, code| Ok(Some(Kind::Status.problem(code, error)));
    let list = match Unverified::<StatusList>::parse_as(&body, &call.settings.profile()) {
        Ok(list) => list,
        Err(error) => return refused(&error, error.code()),
    };
    let keys = Keys::of(call, list.claimed_keys().iter().map(KeyId::did).collect())?;
    let list = match list.verify(entry, &keys.ring, call.now) {
        Ok(list) => list,
        Err(error) => return refused(&error, error.code()),
    };
    if list.publisher().as_str() != issuer && call.settings.mode == Mode::Production {
        return refused(&"the status list is another issuer's", "VP-11");
    }
    match list.status(entry.index()) {
        Ok(CredentialStatus::Valid) => Ok(None),
        Ok(CredentialStatus::Revoked) => refused(&"the credential was revoked", "VP-07"),
        Ok(CredentialStatus::Suspended) => refused(&"the credential is suspended", "VP-08"),
        // A newer credential can be had, or there is a message: this one is as good as it was.
        Ok(CredentialStatus::Other(_)) if informs(entry) => Ok(None),
        Ok(CredentialStatus::Other(_)) => refused(&"the credential has a status that is not valid", "VP-09"),
        Err(error) => refused(&error, error.code()),
    }
}

const fn informs(entry: &StatusEntry) -> bool {
    matches!(entry, StatusEntry::Bitstring { purpose: StatusPurpose::Refresh, .. })
}

/// The list at `url`, if it is one of ours: nobody has to fetch that.
fn own_list(call: &Call<'_>, url: &str) -> Option<Result<Vec<u8>, Stop>> {
    let path = url.strip_prefix(&call.settings.base)?;
    let routed = route::find(&Method::GET, path).ok()?;
    if routed.route.operation != route::Operation::StatusList {
        return None;
    }
    let list = status_list::list(&Call { routed: &routed, ..*call });
    Some(list.map(|list| list.to_string().into_bytes()))
}
