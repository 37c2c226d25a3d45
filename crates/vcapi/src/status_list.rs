//! Status lists of our instances: entries for new credentials, changes, and what is published.

use crate::{
    Call,
    body::Body,
    instance::Instance,
    keep::{KeepError, Kept},
    need::Stop,
    problem::{self, Kind},
    secure::{self, Manner},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    document::VerificationRelationship::AssertionMethod,
    json,
    key::Entropy,
    status::{BitOrder, CredentialStatus, StatusEntry, StatusList, StatusPurpose},
    vcdm,
};
use sinpyo_issuer::{AllocateError, Allocated, ListForm, ListSeries, StatusBook, StatusCommand, StatusEvent};
use sinpyo_proof::{
    data_integrity::ProofOptions,
    status_token::{Publication, bitstring_credential},
};
use sinpyo_web::problem::Refusal;
use std::time::Duration;

/// Entries of a list: the fewest that hide one credential among the others [BSL §2.2].
const ENTRIES: u64 = 131_072;
/// For how long an edition may be kept, and used at all.
const TTL: Duration = Duration::from_mins(5);
const LIFETIME: Duration = Duration::from_hours(24);

/// The lists of one instance.
struct Lists<'c> {
    name: &'c str,
    instance: &'c Instance,
    series: ListSeries,
}

impl<'c> Lists<'c> {
    /// The lists of the instance `name`, if it has any.
    fn of(call: &Call<'c>, name: &'c str) -> Result<Self, Refusal> {
        let instance = call.instances.get(name);
        let prefix = format!("{}/status-lists/{name}", call.settings.base);
        let series = instance
            .and_then(|instance| instance.listing().kind())
            .and_then(|kind| ListSeries::new(&prefix, ListForm::Bitstring, kind, ENTRIES).ok());
        match (instance, series) {
            (Some(instance), Some(series)) => Ok(Self { name, instance, series }),
            _ => Err(Kind::Absent
                .problem("VCA-13", &"no instance of this name has status lists") // [VCA-13]
                .refuse(StatusCode::NOT_FOUND)),
        }
    }

    /// The stream of events, and the set of indexes, of list `number`. Addresses may change; these names do not.
    fn stream(&self, number: u32) -> String {
        format!("vcapi/status/{}/{number}", self.name)
    }

    /// The stream that counts the lists.
    fn opened(&self) -> String {
        format!("vcapi/status/{}", self.name)
    }

    /// The newest list.
    fn newest(&self, call: &Call<'_>) -> Result<u32, Stop> {
        let opened = call.keep.events(&self.opened()).map_err(|error| problem::failed(&error))?;
        Ok(u32::try_from(opened.len()).unwrap_or(u32::MAX))
    }

    /// What list `number` says, and how many events that stands for; none if it has not begun.
    fn book(&self, call: &Call<'_>, number: u32) -> Result<Option<(StatusBook, u64)>, Stop> {
        let events = call.keep.events(&self.stream(number)).map_err(|error| problem::failed(&error))?;
        if events.is_empty() && number > self.newest(call)? {
            return Ok(None);
        }
        let corrupt = |error: &dyn std::error::Error| problem::failed(error);
        let mut book = StatusBook::new(self.series.clone(), number).map_err(|error| corrupt(&error))?;
        for event in &events {
            let event = StatusEvent::from_bytes(event).map_err(|error| corrupt(&error))?;
            book.apply(&event).map_err(|error| corrupt(&error))?;
        }
        Ok(Some((book, u64::try_from(events.len()).unwrap_or(u64::MAX))))
    }
}

/// Gives `credential` an entry, which is taken for good, and returns what it says about its status.
pub(crate) fn allocate(
    call: &Call<'_>,
    credential: &mut Map<String, Value>,
    entropy: &mut dyn Entropy,
) -> Result<Value, Stop> {
    let lists = Lists::of(call, call.routed.part("instance"))?;
    let newest = lists.newest(call)?;
    let take = |entry: Allocated| call.keep.take(&lists.stream(entry.list), entry.index);
    let entry = lists.series.allocate(newest, entropy, take).map_err(|error| match error {
        AllocateError::Store(error) => problem::failed(&error),
        full => Kind::Server
            .problem(full.code().unwrap_or("VCA-19"), &full)
            .refuse(StatusCode::SERVICE_UNAVAILABLE),
    })?;
    let event = StatusEvent::Allocated { index: entry.index };
    let appended = call.keep.append(&lists.stream(entry.list), None, vec![event.to_bytes()]);
    appended.map_err(|error| problem::failed(&error))?;
    let entries: Vec<_> = lists.series.status(entry).iter().filter_map(entry_json).collect();
    let mut all = match credential.remove("credentialStatus") {
        Some(Value::Array(several)) => several,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    all.extend(entries.clone());
    let written = match <[Value; 1]>::try_from(all) {
        Ok([only]) => only,
        Err(several) => Value::Array(several),
    };
    credential.insert("credentialStatus".to_owned(), written);
    Ok(Value::Array(entries))
}

fn entry_json(entry: &StatusEntry) -> Option<Value> {
    match entry {
        StatusEntry::Bitstring { list, index, purpose, .. } => Some(json!({
            "id": format!("{list}#{index}"),
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose.name(),
            "statusListIndex": index.to_string(),
            "statusListCredential": list,
        })),
        StatusEntry::Token { .. } => None,
    }
}

/// `GET /status-lists/{instance}/{number}/{purpose}`: the present edition.
pub(crate) fn list(call: &Call<'_>) -> Result<Value, Stop> {
    let absent = || {
        let problem = Kind::Absent.problem("VCA-14", &"there is no such status list"); // [VCA-14]
        Stop::from(problem.refuse(StatusCode::NOT_FOUND))
    };
    let lists = Lists::of(call, call.routed.part("instance"))?;
    let text = call.routed.part("number");
    let number = text.parse::<u32>().ok().filter(|number| number.to_string() == text).ok_or_else(absent)?;
    let purpose = StatusPurpose::from_name(call.routed.part("purpose")).ok_or_else(absent)?;
    let entries = lists.series.status(Allocated { list: number, index: 0 });
    let published =
        |entry: &&StatusEntry| matches!(entry, StatusEntry::Bitstring { purpose: p, .. } if *p == purpose);
    let uri = entries.iter().find(published).map(StatusEntry::list).ok_or_else(absent)?;
    let (book, _) = lists.book(call, number)?.ok_or_else(absent)?;
    let list = bits(&book, purpose).map_err(|error| problem::failed(&error))?;
    let publication = Publication {
        uri: uri.to_owned(),
        issued_at: call.now,
        expires: Some(call.now.plus(LIFETIME)),
        ttl: Some(TTL),
    };
    let credential = bitstring_credential(&list, purpose, &publication, &lists.instance.did());
    let credential = credential.map_err(|error| problem::failed(&error))?;
    let options = ProofOptions { created: Some(call.now), ..ProofOptions::new(AssertionMethod) };
    let manner = Manner { options: &options, mandatory: &[], contexts: &call.settings.contexts };
    let document = vcdm::credential_to_json(&credential, &[]);
    let secured = secure::secure_whole(document, lists.instance, &manner);
    Ok(Value::Object(secured.map_err(|problem| problem.refuse(StatusCode::SERVICE_UNAVAILABLE))?))
}

/// One bit for each entry, set where the credential is in the state that `purpose` names.
fn bits(
    book: &StatusBook,
    purpose: StatusPurpose,
) -> Result<StatusList, sinpyo_core::status::StatusListError> {
    let mut list = StatusList::new(1, BitOrder::MostFirst, ENTRIES)?;
    for index in 0..ENTRIES {
        let set = match (book.status(index), purpose) {
            (Some(CredentialStatus::Revoked), StatusPurpose::Revocation)
            | (Some(CredentialStatus::Suspended), StatusPurpose::Suspension) => 1,
            _ => continue,
        };
        list.set(index, set)?;
    }
    Ok(list)
}

/// `POST /status-lists`: begins a new list, from which later credentials get their entries.
pub(crate) fn open(call: &Call<'_>, mut body: Body) -> Result<Value, Stop> {
    let name = body.text("instance")?;
    body.finish()?;
    let Some(name) = name else {
        let problem = Kind::Request.problem("VCA-04", &"the member is missing").at("/instance"); // [VCA-04]
        return Err(problem.into());
    };
    let lists = Lists::of(call, &name)?;
    let newest = lists.newest(call)?;
    let opened = call.keep.append(&lists.opened(), Some(newest.into()), vec![b"{}".to_vec()]);
    opened.map_err(|error| problem::failed(&error))?;
    let entries = lists.series.status(Allocated { list: newest.saturating_add(1), index: 0 });
    let urls: Vec<_> = entries.iter().map(StatusEntry::list).collect();
    Ok(json!({ "statusListCredential": urls }))
}

/// What is to be changed: which entry, and what a set bit means there.
struct Change {
    instance: String,
    number: u32,
    index: u64,
    purpose: StatusPurpose,
}

/// `POST /credentials/status`: changes what the list says, for good before it is answered.
pub(crate) fn set(call: &Call<'_>, mut body: Body) -> Result<Value, Stop> {
    let id = body.text("credentialId")?;
    let asked = body.object("credentialStatus")?;
    let is_set = body.truth("status")?;
    body.finish()?;
    let purpose = asked.get("statusPurpose").and_then(Value::as_str).unwrap_or("revocation").to_owned();
    let entry = match id {
        Some(id) => recorded(call, &id, &purpose)?,
        None => asked,
    };
    let change = change(call, &entry).ok_or_else(|| {
        let problem = Kind::Request.problem("VCA-15", &"no entry of a list of this server"); // [VCA-15]
        problem.at("/credentialStatus").refuse(StatusCode::NOT_FOUND)
    })?;
    let lists = Lists::of(call, &change.instance)?;
    let refuse =
        |error: sinpyo_issuer::StatusRefused| Kind::Status.problem(error.code(), &error).at("/status").bad();
    for _ in 0..8 {
        let Some((book, version)) = lists.book(call, change.number)? else { break };
        let events = decide(&book, &change, is_set).map_err(refuse)?;
        let events: Vec<_> = events.iter().map(StatusEvent::to_bytes).collect();
        let done = events.is_empty().then_some(Ok(()));
        let done =
            done.unwrap_or_else(|| call.keep.append(&lists.stream(change.number), Some(version), events));
        match done {
            Ok(()) => return Ok(json!({"credentialStatus": entry, "status": is_set})),
            // Somebody else changed the list: decide again.
            Err(KeepError::Taken) => {}
            Err(error) => return Err(problem::failed(&error).into()),
        }
    }
    Err(problem::failed(&KeepError::Taken).into())
}

/// Revocation is for good; lifting a suspension touches nothing else.
fn decide(
    book: &StatusBook,
    change: &Change,
    is_set: bool,
) -> Result<Vec<StatusEvent>, sinpyo_issuer::StatusRefused> {
    let set = |status| book.decide(StatusCommand::Set { index: change.index, status });
    match (change.purpose, is_set, book.status(change.index)) {
        (StatusPurpose::Revocation, true, _) => set(CredentialStatus::Revoked),
        (StatusPurpose::Suspension, true, _) => set(CredentialStatus::Suspended),
        (StatusPurpose::Revocation, false, Some(CredentialStatus::Valid | CredentialStatus::Suspended))
        | (StatusPurpose::Suspension, false, Some(CredentialStatus::Valid | CredentialStatus::Revoked)) => {
            Ok(Vec::new())
        }
        (_, false, _) => set(CredentialStatus::Valid),
        (_, true, _) => set(CredentialStatus::Other(u8::MAX)),
    }
}

/// The entry for `purpose` of the credential that was issued as `id`.
fn recorded(call: &Call<'_>, id: &str, purpose: &str) -> Result<Map<String, Value>, Stop> {
    let kept = call.keep.credential(id).map_err(|error| problem::failed(&error))?;
    let record = match kept {
        Kept::Credential(record) => json::parse_object(&record).map_err(|error| problem::failed(&error))?,
        Kept::Nothing | Kept::Erased => Map::new(),
    };
    let entries = record.get("credentialStatus").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(Value::as_object);
    let mut fitting =
        entries.filter(|entry| entry.get("statusPurpose").is_some_and(|known| known == purpose));
    fitting.next().cloned().ok_or_else(|| {
        let problem = Kind::Request.problem("VCA-15", &"no credential with a status was issued by this name"); // [VCA-15]
        problem.at("/credentialId").refuse(StatusCode::NOT_FOUND).into()
    })
}

/// Which entry of which of our lists `entry` is.
fn change(call: &Call<'_>, entry: &Map<String, Value>) -> Option<Change> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let place =
        text("statusListCredential")?.strip_prefix(&format!("{}/status-lists/", call.settings.base))?;
    let mut parts = place.split('/');
    let (instance, number, purpose) = (parts.next()?, parts.next()?, parts.next()?);
    let purpose =
        StatusPurpose::from_name(purpose).filter(|purpose| text("statusPurpose") == Some(purpose.name()))?;
    let (number, index) = (number.parse().ok()?, text("statusListIndex")?.parse().ok()?);
    parts.next().is_none().then(|| Change { instance: instance.to_owned(), number, index, purpose })
}
