//! `sinpyo-voting`: events, manifests, the rules of the log, shares, the audit and the voter's half, all of one small
//! election that was held once for all inputs.

mod audit;
mod event;
mod manifest;
mod rules;
mod service;
mod tally;
mod voter;

use super::{OK, SKIPPED, target, texts};
use crate::{
    Limits, Target,
    world::{Entry, Plan, World},
};
pub(crate) use event::{read_body as body, read_signed as event};
pub(crate) use manifest::read as manifest;
use serde_json::{Map, Value};
use sinpyo_core::{json, time::Timestamp};
use sinpyo_voting::{
    event::{Role, UnverifiedEvent},
    manifest::Manifest,
};
use std::{collections::BTreeSet, sync::LazyLock};
pub(crate) use voter::{
    check_package as package, find_ring as rings, read_election as reading, read_link as link,
    read_record as record, unregistered_record,
};

pub(super) const TARGETS: &[Target] = &[
    target("voting/event", event::signed, event::read_signed),
    target("voting/event-body", event::bodies, event::read_body),
    target("voting/manifest", manifest::bodies, manifest::read),
    slow(target("voting/rules", rules::histories, rules::append)),
    target("voting/tally-share", tally::shares, tally::verify_share),
    target("voting/spoiled", tally::spoiled, tally::check_spoiled),
    slow(target("voting/audit", audit::entries, audit::examine_changed)),
    slow(target("voting/audit-signed", audit::events, audit::examine_signed)),
    target("voting/voter-link", voter::links, voter::read_link),
    target("voting/voter-record", voter::records, voter::read_record),
    target("voting/voter-reading", voter::files, voter::read_election),
    target("voting/voter-rings", voter::ring_files, voter::find_ring),
    target("voting/voter-registration", voter::answers, voter::register),
    target("voting/voter-receipt", voter::receipts, voter::confirm),
    target("voting/check-package", voter::packages, voter::check_package),
];

/// A target that examines a whole record.
const fn slow(target: Target) -> Target {
    Target { limits: Limits { milliseconds: 2_000, ..Limits::USUAL }, ..target }
}

/// The election.
pub(crate) static HELD: LazyLock<World> = LazyLock::new(|| World::run(Plan::USUAL));

/// Its manifest.
static MANIFEST: LazyLock<Manifest> =
    LazyLock::new(|| Manifest::parse(&object(&HELD.body("manifest"))).expect("a lawful manifest"));

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// One event of each type, in order.
fn one_of_each_type() -> impl Iterator<Item = &'static Entry> {
    let mut seen = BTreeSet::new();
    let events = HELD.entries.iter().filter(|entry| entry.by.is_some());
    events.filter(move |entry| seen.insert(entry.label.split('/').next()))
}

/// An event without its signature: who says what.
fn unsigned(entry: &Entry) -> Map<String, Value> {
    let mut event = json::parse_object(&entry.bytes).expect("an event");
    event.retain(|name, _| matches!(name.as_str(), "by" | "type" | "body"));
    event
}

/// The role that a JSON event names, if the election has it.
fn role(event: &Map<String, Value>) -> Option<Role> {
    let role = Role::parse(event.get("by")?.as_str()?)?;
    MANIFEST.key_of(role).map(|_| role)
}

/// When the first event at or after place `place` was made.
fn time_at(place: usize) -> Timestamp {
    let later = HELD.entries.iter().skip(place);
    let time =
        later.filter(|entry| entry.by.is_some()).find_map(|entry| UnverifiedEvent::parse(&entry.bytes).ok());
    time.map_or_else(
        || crate::targets::now().plus(std::time::Duration::from_hours(8_760)),
        |event| event.claimed_time(),
    )
}
