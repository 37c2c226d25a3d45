//! The files of the election as its service serves them, and one file in whose place something else is sent.

use super::HELD;
use crate::{people::public, targets::ballot::settings, world::ELECTION};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_ballot::{group::Ristretto, hash::Transcript, ring::Roster};
use sinpyo_tlog::{
    edge::Edge,
    merkle::Hash,
    tile::{EntryBundle, Resource, TileId},
};
use sinpyo_voting::{
    event::Role,
    form::{from_hex_array, to_hex},
    record::Record as _,
    voter::{Place, Step, VoterError},
};
use std::{collections::BTreeMap, convert::Infallible, sync::LazyLock};

/// What is sent in place of a file: its path below the election, and the bytes.
pub(super) type Lie<'l> = Option<(&'l str, &'l [u8])>;

/// Where the election is, and who called it.
pub(super) fn place() -> Place {
    let at = format!("https://vote.example/e/{}", to_hex(&ELECTION.0));
    let host = from_hex_array(&public(Role::Host)).expect("a key");
    Place::parse(&at).expect("an address").called_by(host)
}

/// What the service serves, by paths below the election.
pub(super) static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let mut files = BTreeMap::from([
        ("summary".to_owned(), summary().to_string().into_bytes()),
        ("rings".to_owned(), rings().to_string().into_bytes()),
        ("log/checkpoint".to_owned(), HELD.record().checkpoint().expect("in memory").into_bytes()),
    ]);
    for roster in settings().rings().rosters() {
        files.insert(format!("rings/{}", roster.index().0), roster.commitments().concat());
    }
    for (id, content) in tiles() {
        files.insert(format!("log/{}", Resource::Tile(id)), content);
        if let Some(entries) = Resource::entries_of(id) {
            let range = id.row_range();
            let own = (0..).zip(&HELD.entries).filter(|(index, _)| range.contains(index));
            let bundle =
                EntryBundle::new(own.map(|(_, entry)| entry.bytes.clone()).collect()).expect("entries");
            files.insert(format!("log/{entries}"), bundle.to_bytes());
        }
    }
    files
});

fn tiles() -> Vec<(TileId, Vec<u8>)> {
    let (mut edge, mut tiles) = (Edge::empty(), Vec::new());
    for entry in &HELD.entries {
        let Ok(()) = edge.append(Hash::leaf(&entry.bytes), |id, content| {
            tiles.push((id, content.to_vec()));
            Ok::<_, Infallible>(())
        });
    }
    tiles.extend(edge.take_changed().map(|(id, content)| (id, content.to_vec())));
    tiles
}

fn summary() -> Value {
    let at = |label: &str| HELD.place(label);
    json!({"phase": "archived", "relay": null, "entries": {
        "manifest": at("manifest"), "ceremony_done": at("done"), "freeze": at("freeze"), "rings": at("rings"),
        "open": at("open"), "withdraw": [at("withdraw")], "close": at("close"), "result": at("result")}})
}

fn rings() -> Value {
    let beacon = HELD.body("rings").get("beacon").cloned().unwrap_or_default();
    let value: [u8; 32] = beacon.as_str().and_then(from_hex_array).expect("a beacon");
    let ring = |roster: &Roster<Ristretto>| {
        let first = roster.commitments().first().map(<[u8; 32]>::as_slice).unwrap_or_default();
        let first = Transcript::new("shuffle").field(&value).field(first).hash();
        json!({"district": roster.district(), "first": to_hex(&first), "ring": roster.index().0,
            "root": to_hex(roster.root()), "voters": roster.voters()})
    };
    json!({"beacon": beacon, "rings": settings().rings().rosters().iter().map(ring).collect::<Vec<_>>()})
}

/// Sends all that a machine wants to send.
pub(super) fn lead<T>(
    lie: Lie<'_>,
    mut next: impl FnMut(Option<Response<Vec<u8>>>) -> Result<Step<T>, VoterError>,
) -> Result<T, VoterError> {
    let mut response = None;
    for _ in 0..64 {
        match next(response.take())? {
            Step::Done(done) => return Ok(done),
            Step::Send(request) => response = Some(answer(&request, lie)),
        }
    }
    unreachable!("a voter needs ever more")
}

fn answer(request: &Request<Vec<u8>>, lie: Lie<'_>) -> Response<Vec<u8>> {
    let (uri, place) = (request.uri().to_string(), place());
    let below = uri.strip_prefix(place.address()).and_then(|path| path.strip_prefix('/'));
    let file = match (below, lie) {
        (None, _) => None,
        (Some(path), Some((own, bytes))) if own == path => Some(bytes),
        (Some(path), _) => FILES.get(path).map(Vec::as_slice),
    };
    let response = Response::builder().status(if file.is_some() { 200 } else { 404 });
    response.body(file.unwrap_or_default().to_vec()).expect("a response")
}
