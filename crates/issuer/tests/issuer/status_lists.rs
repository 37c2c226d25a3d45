//! Status lists as verifiers get them.

use crate::world::{NOW, World, at};
use sinpyo_core::status::{
    CredentialStatus::{Revoked, Suspended, Valid},
    StatusEntry, StatusList,
};
use sinpyo_crypto::Algorithm;
use sinpyo_issuer::{
    Allocated, Cadence, Format, IssuerOptions, ListForm, ListSeries, PublishedList, Slot, StatusBook,
    StatusCommand, StatusKind, StatusRefused,
};
use sinpyo_proof::Unverified;
use std::time::Duration;

const CADENCE: Cadence = Cadence { ttl: Duration::from_mins(15), lifetime: Duration::from_hours(24) };

/// A book with one valid, one suspended and one revoked credential, and their entries.
fn book(form: ListForm, world: &mut World) -> (StatusBook, Vec<Allocated>) {
    let series =
        ListSeries::new("https://issuer.example/status", form, StatusKind::Suspendable, form.min_entries())
            .unwrap();
    let mut book = StatusBook::new(series.clone(), 0).unwrap();
    let mut entries = Vec::new();
    for status in [Valid, Suspended, Revoked] {
        let take = |entry: Allocated| match book.decide(StatusCommand::Allocate { index: entry.index }) {
            Ok(events) => {
                for event in &events {
                    book.apply(event).unwrap();
                }
                Ok(Slot::Taken)
            }
            Err(StatusRefused::Occupied) => Ok(Slot::Occupied),
            Err(other) => Err(other),
        };
        let entry = series.allocate(0, &mut world.entropy, take).unwrap();
        for event in book.decide(StatusCommand::Set { index: entry.index, status }).unwrap() {
            book.apply(&event).unwrap();
        }
        entries.push(entry);
    }
    (book, entries)
}

fn read(
    world: &World,
    lists: &[PublishedList],
    entry: &StatusEntry,
) -> sinpyo_core::status::CredentialStatus {
    let list = lists.iter().find(|list| list.uri == entry.list()).unwrap();
    let arrived = Unverified::<StatusList>::parse(list.wire.as_bytes()).unwrap();
    let verified = arrived.verify(entry, &world.keys, at(NOW)).unwrap();
    assert_eq!(verified.publisher(), world.issuer.did());
    assert_eq!(verified.publication().ttl, Some(CADENCE.ttl));
    assert_eq!(verified.publication().issued_at, at(NOW));
    verified.status(entry.index()).unwrap()
}

#[test]
fn a_status_list_token_says_what_the_book_says() {
    let mut world = World::new();
    let (book, entries) = book(ListForm::Token, &mut world);
    let lists = world.issuer.publish(&book, CADENCE, at(NOW)).unwrap();
    assert_eq!(lists.iter().map(|list| list.uri.clone()).collect::<Vec<_>>(), book.uris());
    let found: Vec<_> =
        entries.iter().map(|entry| read(&world, &lists, &book.series().status(*entry)[0])).collect();
    assert_eq!(found, [Valid, Suspended, Revoked]);
}

#[test]
fn bitstring_credentials_say_what_the_book_says() {
    for (format, algorithm) in
        [(Format::VcJwt, Algorithm::Es256), (Format::DataIntegrity, Algorithm::Ed25519)]
    {
        let mut world = World::with(algorithm, IssuerOptions { format, ..IssuerOptions::default() }, |_| ());
        let (book, entries) = book(ListForm::Bitstring, &mut world);
        let lists = world.issuer.publish(&book, CADENCE, at(NOW)).unwrap();
        assert_eq!(lists.iter().map(|list| list.uri.clone()).collect::<Vec<_>>(), book.uris());
        let found: Vec<_> = entries
            .iter()
            .map(|entry| {
                let both = book.series().status(*entry);
                (read(&world, &lists, &both[0]), read(&world, &lists, &both[1]))
            })
            .collect();
        assert_eq!(found, [(Valid, Valid), (Valid, Suspended), (Revoked, Valid)]);
    }
}
