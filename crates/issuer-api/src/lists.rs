//! Status lists: entries that are given out once, what they say now, and the editions that verifiers fetch.
//!
//! An entry is a record whose name is its place: two nodes that draw the same place cannot both have it, and nobody waits
//! for anybody. What a list says is a stream of events, one list each; it is written to only when a status changes.

use crate::{accept, core::Core, house::House};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use sinpyo_core::{
    key::Entropy,
    status::{CredentialStatus, StatusEntry},
    time::Timestamp,
};
use sinpyo_issuer::{
    Allocated, Cadence, Format, ListForm, ListSeries, PublishedList, Slot, StatusBook, StatusCommand,
    StatusEvent, StatusKind, StatusRefused,
};
use sinpyo_state::{Key, OwnedChange, Space, Unavailable, Version};
use sinpyo_web::answer;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

const SLOT: Space = Space::new("iss.slot");
const LIST: Space = Space::new("iss.list");

/// Entries of a list: of both forms, enough to hide one among the others.
const ENTRIES: u64 = 131_072;
/// How long verifiers may keep an edition, and use it at all.
const CADENCE: Cadence = Cadence { ttl: Duration::from_mins(5), lifetime: Duration::from_hours(24) };
/// How long a node serves one edition of a list that does not change.
const SERVED: Duration = Duration::from_mins(1);
/// The forms of a token status list.
const JWT: &str = "application/statuslist+jwt";
const CWT: &str = "application/statuslist+cwt";
/// Events that are read at once.
const PAGE: usize = 1000;

/// Where the status of one copy of a credential stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Which lists of the tenant.
    pub(crate) series: String,
    /// Which of them.
    pub(crate) list: u32,
    /// Where in it.
    pub(crate) index: u64,
}

/// The kinds of lists that a tenant has: what form, and whether entries can be suspended.
const SERIES: [(&str, Format, StatusKind); 6] = [
    ("t1", Format::SdJwtVc, StatusKind::Revocable),
    ("t2", Format::SdJwtVc, StatusKind::Suspendable),
    ("j1", Format::VcJwt, StatusKind::Revocable),
    ("j2", Format::VcJwt, StatusKind::Suspendable),
    ("b1", Format::DataIntegrity, StatusKind::Revocable),
    ("b2", Format::DataIntegrity, StatusKind::Suspendable),
];

/// The form that lists of credentials in `format` have.
const fn lists_of(format: Format) -> Format {
    match format {
        Format::SdJwtVc | Format::Mdoc => Format::SdJwtVc,
        Format::VcJwt => Format::VcJwt,
        Format::DataIntegrity | Format::DataIntegrityStatements => Format::DataIntegrity,
    }
}

fn code_of(format: Format, kind: StatusKind) -> Option<&'static str> {
    let own = |(_, form, of): &&(&str, Format, StatusKind)| *form == lists_of(format) && *of == kind;
    SERIES.iter().find(own).map(|(code, ..)| *code)
}

fn series(house: &House, code: &str) -> Option<(ListSeries, Format)> {
    let (_, format, kind) = SERIES.iter().find(|(known, ..)| *known == code)?;
    let form = if *format == Format::SdJwtVc { ListForm::Token } else { ListForm::Bitstring };
    let prefix = house.address(&format!("status/{code}"));
    Some((ListSeries::new(&prefix, form, *kind, ENTRIES).ok()?, *format))
}

fn stream(house: &House, code: &str, list: u32) -> Key {
    Key::named(LIST, &format!("{}/{code}/{list}", house.tenant.id()))
}

fn slots(house: &House, code: &str, list: u32) -> String {
    format!("{}/{code}/{list}/", house.tenant.id())
}

/// An entry for each of several copies.
pub(crate) struct Given {
    pub(crate) places: Vec<Place>,
    /// What each copy says about its entry; empty if credentials of this kind have none.
    pub(crate) entries: Vec<Vec<StatusEntry>>,
    pub(crate) changes: Vec<OwnedChange>,
}

/// Gives an entry to each of `copies` copies of `credential`, in the lists for `kind` and `format`.
pub(crate) fn give(
    core: &Core,
    house: &House,
    (format, kind): (Format, StatusKind),
    (credential, copies): (&str, usize),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Given, Unavailable> {
    let mut given = Given { places: Vec::new(), entries: Vec::new(), changes: Vec::new() };
    let Some(code) = code_of(format, kind) else {
        given.entries = vec![Vec::new(); copies];
        return Ok(given);
    };
    let (series, _) = series(house, code).ok_or(Unavailable)?;
    let hint = stream(house, code, 0);
    let mut taken = HashSet::new();
    for _ in 0..copies {
        let mut from = core.books.current(hint.name());
        let place = loop {
            let free = |at: Allocated| -> Result<Slot, Unavailable> {
                let key = Key::named(SLOT, &format!("{}{}", slots(house, code, at.list), at.index));
                let is_free = !taken.contains(&(at.list, at.index)) && core.state.get(&key, now)?.is_none();
                Ok(if is_free { Slot::Taken } else { Slot::Occupied })
            };
            match series.allocate(from, entropy, free) {
                Ok(at) => break at,
                Err(sinpyo_issuer::AllocateError::Store(error)) => return Err(error),
                // This node did not know how far the lists are.
                Err(_) => from = from.checked_add(3).ok_or(Unavailable)?,
            }
        };
        core.books.advance(hint.name(), place.list);
        taken.insert((place.list, place.index));
        let key = Key::named(SLOT, &format!("{}{}", slots(house, code, place.list), place.index));
        given.changes.push(OwnedChange::insert(key, credential, None)); // [ISV-06]
        given.entries.push(series.status(place));
        given.places.push(Place { series: code.to_owned(), list: place.list, index: place.index });
    }
    Ok(given)
}

/// Why a status does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SetError {
    #[error(transparent)]
    Refused(#[from] StatusRefused),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The changes that make the lists say `status` of all of `places`.
pub(crate) fn set(
    core: &Core,
    house: &House,
    places: &[Place],
    status: CredentialStatus,
) -> Result<Vec<OwnedChange>, SetError> {
    let mut changes = Vec::new();
    let mut lists: BTreeMap<(&str, u32), Vec<u64>> = BTreeMap::new();
    for place in places {
        lists.entry((&place.series, place.list)).or_default().push(place.index);
    }
    for ((code, list), indices) in lists {
        let (mut book, mut version) = core.books.read(core, house, code, list)?;
        for index in indices {
            let mut commands = vec![StatusCommand::Set { index, status }];
            if book.status(index).is_none() {
                commands.insert(0, StatusCommand::Allocate { index });
            }
            for command in commands {
                for event in book.decide(command)? {
                    book.apply(&event).map_err(|_| Unavailable)?;
                    let stream = stream(house, code, list);
                    changes.push(OwnedChange::append(stream, Version(version), event.to_bytes()));
                    version += 1;
                }
            }
        }
    }
    Ok(changes)
}

/// What this node knows of lists: everything in it can be read again from the state.
#[derive(Debug, Default)]
pub(crate) struct Books {
    books: Mutex<HashMap<String, Book>>,
    /// The list of a series in which the next entry is looked for.
    current: Mutex<HashMap<String, u32>>,
}

#[derive(Debug)]
struct Book {
    says: StatusBook,
    /// How many events are in it.
    version: u64,
    edition: Option<Edition>,
}

#[derive(Clone, Debug)]
struct Edition {
    version: u64,
    at: Timestamp,
    wires: Vec<PublishedList>,
    cwt: Option<Vec<u8>>,
}

impl Books {
    fn current(&self, name: &str) -> u32 {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.get(name).copied().unwrap_or_default()
    }

    fn advance(&self, name: &str, list: u32) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = current.entry(name.to_owned()).or_default();
        *kept = list.max(*kept);
    }

    /// What a list says now, and after how many events.
    fn read(
        &self,
        core: &Core,
        house: &House,
        code: &str,
        list: u32,
    ) -> Result<(StatusBook, u64), Unavailable> {
        let stream = stream(house, code, list);
        let known = {
            let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
            books.get(stream.name()).map(|book| (book.says.clone(), book.version))
        };
        let (mut book, mut version) = if let Some(known) = known {
            known
        } else {
            let (series, _) = series(house, code).ok_or(Unavailable)?;
            (StatusBook::new(series, list).map_err(|_| Unavailable)?, 0)
        };
        loop {
            let events = core.state.events(&stream, Version(version), PAGE)?;
            for event in &events {
                let event = StatusEvent::from_bytes(event).map_err(|_| Unavailable)?;
                book.apply(&event).map_err(|_| Unavailable)?;
                version += 1;
            }
            if events.len() < PAGE {
                break;
            }
        }
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = books.entry(stream.name().to_owned()).or_insert_with(|| Book {
            says: book.clone(),
            version,
            edition: None,
        });
        if kept.version < version {
            kept.says.clone_from(&book);
            kept.version = version;
        }
        Ok((book, version))
    }

    /// The edition to serve: that of a moment ago if nothing has changed since.
    fn edition(
        &self,
        core: &Core,
        house: &House,
        (code, list): (&str, u32),
        now: Timestamp,
    ) -> Result<Edition, Unavailable> {
        let (book, version) = self.read(core, house, code, list)?;
        let name = stream(house, code, list).name().to_owned();
        let known = {
            let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
            books.get(&name).and_then(|book| book.edition.clone())
        };
        let is_fresh = |one: &Edition| one.version == version && one.at <= now && now < one.at.plus(SERVED); // [ISV-07]
        if let Some(edition) = known.filter(is_fresh) {
            return Ok(edition);
        }
        let (_, format) = series(house, code).ok_or(Unavailable)?;
        let issuer = house.identity.issuer(format).or_else(|| house.identity.issuer(Format::Mdoc));
        let issuer = issuer.ok_or(Unavailable)?;
        let wires = issuer.publish(&book, CADENCE, now).map_err(|_| Unavailable)?;
        let cwt = issuer.publish_cwt(&book, CADENCE, now).ok().map(|(_, wire)| wire);
        let edition = Edition { version, at: now, wires, cwt };
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = books.get_mut(&name) {
            book.edition = Some(edition.clone());
        }
        Ok(edition)
    }
}

/// Answers a request for the list at `{tenant}/status/{rest}`.
pub(crate) fn answer(
    core: &Core,
    house: &House,
    rest: &str,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Response<Vec<u8>>, Unavailable> {
    let absent = || answer::empty(StatusCode::NOT_FOUND);
    let mut parts = rest.splitn(2, '/');
    let code = parts.next().unwrap_or_default();
    let Some((_, format)) = series(house, code) else { return Ok(absent()) };
    let number = parts.next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let Some(list) = number.parse::<u32>().ok().filter(|list| list.to_string() == number) else {
        return Ok(absent());
    };
    if list > 0 && !is_begun(core, house, (code, list), now)? {
        return Ok(absent());
    }
    let edition = core.books.edition(core, house, (code, list), now)?;
    let uri = house.address(&format!("status/{rest}"));
    let Some(published) = edition.wires.iter().find(|one| one.uri == uri) else { return Ok(absent()) };
    let wants_cwt = accept::prefers(headers, CWT, JWT);
    let (media, body) = match (format, edition.cwt.filter(|_| wants_cwt)) {
        (Format::SdJwtVc, Some(cwt)) => (CWT, cwt),
        (Format::SdJwtVc, None) => (JWT, published.wire.clone().into_bytes()),
        (Format::VcJwt, _) => ("application/vc+jwt", published.wire.clone().into_bytes()),
        _ => ("application/vc", published.wire.clone().into_bytes()),
    };
    let mut response = answer::tagged(answer::with_type(media, body));
    let own = response.headers_mut();
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    own.insert(header::VARY, HeaderValue::from_static("accept"));
    answer::allow_anyone(&mut response);
    Ok(answer::unless_known(answer::secured(response), headers))
}

/// Whether a credential has an entry in the list.
fn is_begun(
    core: &Core,
    house: &House,
    (code, list): (&str, u32),
    now: Timestamp,
) -> Result<bool, Unavailable> {
    let prefix = slots(house, code, list);
    let first = core.state.page(SLOT, Some(&prefix), 1, now)?;
    Ok(first.first().is_some_and(|(key, _)| key.name().starts_with(&prefix)))
}
