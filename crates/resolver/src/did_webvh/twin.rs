//! The did:webvh twin of a did:tlog: the same history for those who know no log [spec/did-tlog.md §12].
//!
//! In this order, since an identifier is known only when its first entry is made:
//!
//! 1. create the did:tlog;
//! 2. [`create`] the twin, which names the did:tlog, and publish it;
//! 3. update the did:tlog with a document that names the twin ([`naming`]);
//! 4. after that update and every later one, [`follow`] and publish again. The two are twins from the first of these
//!    entries on ([`check_twin`]).
//!
//! Entries bear the ledger time of the version that they follow, so that `versionTime` means the same on both sides. Of
//! several versions in one second only the last was ever in force, and only that one is followed. did:webvh cannot set
//! anything aside: after a recovery the twin goes on with what the recovery says, and keeps what it had copied before.
//! A twin that was deactivated stays so; a did:tlog that recovers from its own deactivation needs another one.

mod check;

pub use check::{RetiredTwins, Side, TwinError, Twins, check_twin};

use super::{DidLog, DraftEntry, DraftError, Parameters, UpdateKey};
use crate::web_location::{LocationError, WebLocation};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{DidDocument, DocumentError},
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The first entry of a twin that is published at `place`, as [`super::create`] takes it, to be signed by `key`.
///
/// `newest` is the newest version of the did:tlog. Earlier ones have no twin.
///
/// # Errors
/// `newest` is not the newest version of a did:tlog in use, lies in the future, or the place is none.
pub fn create(
    place: &str,
    key: &UpdateKey,
    newest: &Resolved,
    now: Timestamp,
) -> Result<DraftEntry, TwinDraftError> {
    WebLocation::parse(place).map_err(TwinDraftError::Location)?;
    check_newest(newest)?;
    if newest.metadata.deactivated {
        return Err(TwinDraftError::Deactivated);
    }
    let at = ledger_time(newest)?;
    check_past(at, now)?;
    let parameters = Parameters { update_keys: Some(vec![key.clone()]), ..Parameters::default() };
    super::create(place, &parameters, at, |twin| renamed(&newest.document, twin))
        .map_err(TwinDraftError::Draft)
}

/// The document of the did:tlog with `twin` among its other names, for the update that follows the twin's creation.
///
/// # Errors
/// The document has more names than one can have.
pub fn naming(document: &DidDocument, twin: &Did) -> Result<DidDocument, DocumentError> {
    let mut members = document.to_json();
    let names = document.also_known_as().iter().map(String::as_str).filter(|name| *name != twin.as_str());
    let names: Vec<&str> = names.chain([twin.as_str()]).collect();
    members.insert("alsoKnownAs".to_owned(), json!(names));
    DidDocument::from_json(&members)
}

/// The versions of the did:tlog that `log` may not have followed yet, in order, up to the newest: what [`follow`] takes.
///
/// `resolve` resolves the did:tlog; it is asked for the newest version and, going back, for those since the twin's last
/// entry.
///
/// # Errors
/// What `resolve` fails with.
pub fn since<E>(
    log: &DidLog,
    mut resolve: impl FnMut(&VersionSelector) -> Result<Resolved, E>,
) -> Result<Vec<Resolved>, E> {
    let followed = log.versions().last().map(|version| version.entry().time());
    let mut versions = vec![resolve(&VersionSelector::Latest)?];
    while let Some(oldest) = versions.last() {
        let (first, time) = (oldest.metadata.created, oldest.metadata.updated);
        let Some(time) = time.filter(|time| Some(*time) > followed && Some(*time) != first) else { break };
        let before = resolve(&VersionSelector::Time(time.minus(SECOND)))?;
        // Whatever `resolve` answers, this comes to an end.
        if before.metadata.updated.is_none_or(|before| before >= time) {
            break;
        }
        versions.push(before);
    }
    versions.reverse();
    Ok(versions)
}

/// The entry of the first of `versions` that the twin has not followed, or none if it has followed all of them. To be
/// signed by the update key of `log`, appended to it, and asked for again.
///
/// `versions` are versions of the did:tlog in order, the last of them the newest ([`since`]).
///
/// # Errors
/// The last version is not the newest, they are not of the did:tlog that the twin names, the entry would lie in the
/// future, or nothing can follow the log.
pub fn follow(
    log: &DidLog,
    versions: &[Resolved],
    now: Timestamp,
) -> Result<Option<DraftEntry>, TwinDraftError> {
    let newest = versions.last().ok_or(TwinDraftError::Superseded)?;
    check_newest(newest)?;
    let last = log.versions().last().ok_or(TwinDraftError::Draft(DraftError::Unusable))?;
    if !names(last.entry().state(), newest.did()) || versions.iter().any(|other| other.did() != newest.did())
    {
        return Err(TwinDraftError::Foreign);
    }
    let state = |version: &Resolved| renamed(&version.document, last.did.did().as_str());
    let later = |version: &&Resolved| version.metadata.updated > Some(last.entry().time());
    // A version of the second in which the twin was written last shows by what it says.
    let differs = |version: &&Resolved| {
        state(version) != *last.entry().state() || version.metadata.deactivated != last.active.deactivated
    };
    let Some(version) = versions.iter().find(later).or_else(|| Some(newest).filter(differs)) else {
        return Ok(None);
    };
    let at = ledger_time(version)?.max(last.entry().time().plus(SECOND)); // [WVH-06]
    check_past(at, now)?;
    if last.active.announces() {
        return Err(TwinDraftError::Draft(DraftError::Announced));
    }
    let parameters = if version.metadata.deactivated {
        Parameters { update_keys: Some(Vec::new()), deactivated: Some(true), ..Parameters::default() }
    } else {
        Parameters::default()
    };
    log.update(&parameters, state(version), at).map(Some).map_err(TwinDraftError::Draft)
}

/// What the document of a did:tlog is for `twin`: the same under another name, and with its own as another name.
fn renamed(document: &DidDocument, twin: &str) -> Map<String, Value> {
    let did = document.id().as_str();
    let mut members = document.to_json();
    members.values_mut().for_each(|value| rename(value, did, twin));
    let others = document.also_known_as().iter().map(String::as_str);
    let others = others.filter(|name| *name != did && *name != twin);
    members.insert("alsoKnownAs".to_owned(), [did].into_iter().chain(others).collect());
    members
}

/// Renames the names of things and their controllers, and references to them; addresses stay what they are.
fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => match text.strip_prefix(from) {
            Some(rest) if rest.is_empty() || rest.starts_with('#') => *text = format!("{to}{rest}"),
            _ => {}
        },
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, from, to)),
        Value::Object(members) => {
            for name in ["id", "controller"] {
                if let Some(value) = members.get_mut(name) {
                    rename(value, from, to);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn names(state: &Map<String, Value>, did: &Did) -> bool {
    let names = state.get("alsoKnownAs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    names.iter().any(|name| name == did.as_str())
}

fn check_newest(version: &Resolved) -> Result<(), TwinDraftError> {
    match version.did().method() {
        "tlog" if version.metadata.superseded.is_some() => Err(TwinDraftError::Superseded),
        "tlog" => Ok(()),
        _ => Err(TwinDraftError::Foreign),
    }
}

fn ledger_time(version: &Resolved) -> Result<Timestamp, TwinDraftError> {
    version.metadata.updated.ok_or(TwinDraftError::Foreign)
}

/// did:webvh refuses entries from the future, and two in one second.
fn check_past(at: Timestamp, now: Timestamp) -> Result<(), TwinDraftError> {
    if at <= now { Ok(()) } else { Err(TwinDraftError::Early { until: at }) }
}

/// Why no entry of a twin was drafted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwinDraftError {
    /// The place of the twin is none.
    #[error("the twin has no place on the web")]
    Location(#[source] LocationError),
    /// What is to be followed is not a version of the did:tlog that the twin names.
    #[error("this is not a version of the did:tlog that the twin names")]
    Foreign,
    /// The last version is not the newest: the twin would go back.
    #[error("the last version is not the newest of the did:tlog")]
    Superseded,
    /// The did:tlog is out of use; only a twin that it named before can follow.
    #[error("the did:tlog is out of use")]
    Deactivated,
    /// The entry would lie in the future. did:webvh takes one entry a second.
    #[error("the entry can be made at {until}, and not before")]
    Early {
        /// When to try again.
        until: Timestamp,
    },
    /// Nothing can follow the log.
    #[error("nothing can follow the log of the twin")]
    Draft(#[source] DraftError),
}
