//! Status lists as verifiers get them.

use crate::world::{NOW, World, at};
use sinpyo_core::status::{
    CredentialStatus::{Other, Revoked, Suspended, Valid},
    StatusEntry, StatusList, StatusMessages,
};
use sinpyo_crypto::Algorithm;
use sinpyo_issuer::{
    Allocated, Cadence, Format, IssuerOptions, ListForm, ListSeries, PublishError, PublishedList, Slot,
    StatusBook, StatusCommand, StatusEvent, StatusKind, StatusRefused,
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
    assert_eq!(verified.publisher().as_str(), world.issuer.name());
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

#[test]
fn a_status_list_token_in_cbor_says_what_the_one_in_json_says() {
    let mut world = World::new();
    let (tokens, entries) = book(ListForm::Token, &mut world);
    let (uri, wire) = world.issuer.publish_cwt(&tokens, CADENCE, at(NOW)).unwrap();
    assert_eq!(vec![uri], tokens.uris());
    let found: Vec<_> = entries
        .iter()
        .map(|entry| {
            let entry = &tokens.series().status(*entry)[0];
            let list = Unverified::<StatusList>::parse(&wire).unwrap().verify(entry, &world.keys, at(NOW));
            list.unwrap().status(entry.index()).unwrap()
        })
        .collect();
    assert_eq!(found, [Valid, Suspended, Revoked]);
    let (bitstrings, _) = book(ListForm::Bitstring, &mut world);
    assert!(matches!(world.issuer.publish_cwt(&bitstrings, CADENCE, at(NOW)), Err(PublishError::Form)));
}

#[test]
fn a_message_of_several_bits_is_published_beside_the_revocations() {
    let options = IssuerOptions { format: Format::VcJwt, ..IssuerOptions::default() };
    let world = World::with(Algorithm::Es256, options, |_| ());
    let texts = (0..8).map(|value| format!("message {value}")).collect();
    let messages = StatusMessages::new(texts).unwrap();
    let series = ListSeries::new("https://a.example", ListForm::Bitstring, StatusKind::Revocable, 131_072);
    let mut book = StatusBook::new(series.unwrap().with_messages(messages).unwrap(), 0).unwrap();
    let told = [(2, 5), (3, 7), (131_071, 1)];
    for (index, message) in told {
        for command in [StatusCommand::Allocate { index }, StatusCommand::Tell { index, message }] {
            for event in book.decide(command).unwrap() {
                book.apply(&event).unwrap();
            }
        }
    }
    let lists = world.issuer.publish(&book, CADENCE, at(NOW)).unwrap();
    for (index, message) in told {
        let [revocation, message_entry] = &book.series().status(Allocated { list: 0, index })[..] else {
            panic!("two entries")
        };
        assert_eq!(read(&world, &lists, revocation), Valid);
        assert_eq!(read(&world, &lists, message_entry), Other(message));
    }
    let quiet = book.series().status(Allocated { list: 0, index: 4 });
    assert_eq!(read(&world, &lists, &quiet[1]), Valid);
}

/// Revoking one of many: the address in the credential names the one list that is published anew.
#[test]
fn revoking_one_credential_changes_one_shard() {
    const SHARDS: u32 = 8;
    let world = World::with(Algorithm::Ed25519, IssuerOptions::default(), |_| ());
    let series =
        ListSeries::new("https://a.example", ListForm::Token, StatusKind::Suspendable, 1 << 17).unwrap();
    let mut books: Vec<_> =
        (0..SHARDS).map(|number| StatusBook::new(series.clone(), number).unwrap()).collect();
    for book in &mut books {
        for index in (0..series.entries()).step_by(97) {
            book.apply(&StatusEvent::Allocated { index }).unwrap();
        }
    }
    let publish = |books: &[StatusBook]| -> Vec<_> {
        let lists = books.iter().flat_map(|book| world.issuer.publish(book, CADENCE, at(NOW)).unwrap());
        lists.map(|list| list.wire).collect()
    };
    let before = publish(&books);
    let [StatusEntry::Token { list, index }] = &series.status(Allocated { list: 5, index: 97 * 1_000 })[..]
    else {
        panic!("one entry")
    };
    let number = series.number_of(list).unwrap();
    let book = &mut books[usize::try_from(number).unwrap()];
    let events = book.decide(StatusCommand::Set { index: *index, status: Revoked }).unwrap();
    assert_eq!(events, [StatusEvent::Set { index: 97_000, status: Revoked }]);
    book.apply(&events[0]).unwrap();
    let changed: Vec<_> = (0_u32..)
        .zip(before.iter().zip(publish(&books)))
        .filter(|(_, (before, after))| *before != after)
        .map(|(number, _)| number)
        .collect();
    assert_eq!(changed, [5]);
}
