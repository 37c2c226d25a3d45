//! What holds with one handle.

use super::{all_events, at, commit, found, holds, refused};
use crate::{Change, Key, Space, State, Version};

const LAWS: Space = Space::new("suite.laws");

fn key(name: &str) -> Key {
    Key::named(LAWS, name)
}

/// Each kind of change, once where it applies and once wherever it does not.
pub fn each_change_and_its_refusal(state: &dyn State) {
    let record = key("change/record");
    let absent = key("change/absent");
    commit(state, &[Change::insert(&record, b"one", None)]);
    holds(state, &record, Some((1, b"one")));
    refused(state, &[Change::insert(&record, b"two", None)], 0);

    commit(state, &[Change::replace(&record, Version(1), b"two", None)]);
    holds(state, &record, Some((2, b"two")));
    for wrong in [0, 1, 3, u64::MAX] {
        refused(state, &[Change::replace(&record, Version(wrong), b"three", None)], 0);
        refused(state, &[Change::remove(&record, Version(wrong))], 0);
    }
    holds(state, &record, Some((2, b"two")));

    commit(state, &[Change::remove(&record, Version(2))]);
    holds(state, &record, None);
    for version in [0, 1, 2] {
        refused(state, &[Change::remove(&record, Version(version))], 0);
        refused(state, &[Change::replace(&absent, Version(version), b"x", None)], 0);
    }
    holds(state, &absent, None);

    let stream = key("change/stream");
    for wrong in [1, u64::MAX] {
        refused(state, &[Change::append(&stream, Version(wrong), b"e")], 0);
    }
    commit(state, &[Change::append(&stream, Version(0), b"first")]);
    refused(state, &[Change::append(&stream, Version(0), b"again")], 0);
    refused(state, &[Change::append(&stream, Version(2), b"ahead")], 0);
    assert_eq!(all_events(state, &stream), [b"first"]);
    commit(state, &[]);
}

/// A conflict anywhere in the list leaves everything as it was.
pub fn all_or_nothing(state: &dyn State) {
    let [replaced, removed, new, taken] =
        ["replaced", "removed", "new", "taken"].map(|name| key(&format!("all/{name}")));
    let stream = key("all/stream");
    let given = [&replaced, &removed, &taken].map(|key| Change::insert(key, b"as it was", Some(at(500))));
    commit(state, &given);
    let changes = [
        Change::replace(&replaced, Version(1), b"otherwise", None),
        Change::remove(&removed, Version(1)),
        Change::insert(&new, b"new", None),
        Change::append(&stream, Version(0), b"event"),
    ];
    let conflict = Change::insert(&taken, b"taken", None);
    for place in 0..=changes.len() {
        let mut list = changes.to_vec();
        list.insert(place, conflict);
        refused(state, &list, place);
        for key in [&replaced, &removed, &taken] {
            holds(state, key, Some((1, b"as it was")));
            assert_eq!(found(state, key, 0).and_then(|record| record.expires), Some(at(500)));
        }
        holds(state, &new, None);
        assert!(all_events(state, &stream).is_empty());
    }
    commit(state, &changes);
    holds(state, &replaced, Some((2, b"otherwise")));
    holds(state, &removed, None);
    holds(state, &new, Some((1, b"new")));
    assert_eq!(all_events(state, &stream), [b"event"]);
}

/// A change sees those before it in its list.
pub fn changes_in_order(state: &dyn State) {
    let (one, stream) = (key("order/one"), key("order/stream"));
    refused(state, &[Change::insert(&one, b"a", None), Change::insert(&one, b"b", None)], 1);
    refused(state, &[Change::remove(&one, Version(1)), Change::insert(&one, b"b", None)], 0);
    holds(state, &one, None);
    commit(
        state,
        &[
            Change::insert(&one, b"a", None),
            Change::replace(&one, Version(1), b"b", None),
            Change::replace(&one, Version(2), b"c", None),
            Change::append(&stream, Version(0), b"1"),
            Change::append(&stream, Version(1), b"2"),
        ],
    );
    holds(state, &one, Some((3, b"c")));
    assert_eq!(all_events(state, &stream), [b"1", b"2"]);
    commit(state, &[Change::remove(&one, Version(3)), Change::insert(&one, b"anew", None)]);
    holds(state, &one, Some((1, b"anew")));
    refused(
        state,
        &[Change::append(&stream, Version(2), b"3"), Change::append(&stream, Version(2), b"4")],
        1,
    );
    assert_eq!(all_events(state, &stream).len(), 2);
}

/// A record that is kept stays as it is, and the list with it falls if it is not as it was read.
pub fn keeping(state: &dyn State) {
    let [kept, other, absent] = ["kept", "other", "absent"].map(|name| key(&format!("keep/{name}")));
    commit(state, &[Change::insert(&kept, b"one", Some(at(500)))]);
    for version in [0, 2, u64::MAX] {
        refused(state, &[Change::keep(&kept, Version(version))], 0);
    }
    for version in [0, 1, u64::MAX] {
        refused(state, &[Change::keep(&absent, Version(version))], 0);
    }
    commit(state, &[Change::keep(&kept, Version(1)), Change::insert(&other, b"x", None)]);
    commit(state, &[Change::keep(&kept, Version(1)), Change::keep(&kept, Version(1))]);
    holds(state, &kept, Some((1, b"one")));
    holds(state, &other, Some((1, b"x")));
    assert_eq!(found(state, &kept, 0).and_then(|record| record.expires), Some(at(500)));

    commit(state, &[Change::replace(&kept, Version(1), b"two", None)]);
    refused(state, &[Change::remove(&other, Version(1)), Change::keep(&kept, Version(1))], 1);
    holds(state, &other, Some((1, b"x")));
    let changed = [Change::replace(&kept, Version(2), b"three", None), Change::keep(&kept, Version(3))];
    commit(state, &changed);
    commit(state, &[Change::remove(&kept, Version(3))]);
    refused(state, &[Change::keep(&kept, Version(3))], 0);
}

/// Versions count changes of a record, and begin anew with a new one.
pub fn versions(state: &dyn State) {
    let one = key("versions/one");
    for _ in 0..2 {
        commit(state, &[Change::insert(&one, b"0", None)]);
        for version in 1..=5 {
            commit(state, &[Change::replace(&one, Version(version), b"next", None)]);
            holds(state, &one, Some((version + 1, b"next")));
        }
        commit(state, &[Change::remove(&one, Version(6))]);
    }
}

/// Pages are in the order of bytes, whole, and without what has expired.
pub fn paging(state: &dyn State) {
    const PAGES: Space = Space::new("suite.pages");
    const BESIDE: Space = Space::new("suite.pages2");
    // Sorted by bytes, as no dictionary would.
    let mut names = vec!["%", "B", "_", "a", "a b", "ab", "b", "é", "가", "나", "신표", "🌀"];
    let keys: Vec<Key> = names.iter().rev().map(|name| Key::named(PAGES, name)).collect();
    let inserts: Vec<Change<'_>> = keys.iter().map(|key| Change::insert(key, b"x", None)).collect();
    commit(state, &inserts);
    let (beside, gone) = (Key::named(BESIDE, "a"), Key::named(PAGES, "c (expired)"));
    let expires = Some(at(10));
    commit(state, &[Change::insert(&beside, b"x", None), Change::insert(&gone, b"x", expires)]);

    let names_of = |after: Option<&str>, limit: usize, now: i64| -> Vec<String> {
        let page = state.page(PAGES, after, limit, at(now)).expect("the engine answers");
        page.iter()
            .map(|(key, record)| {
                assert_eq!((key.space(), record.version, &record.data[..]), (PAGES, Version(1), &b"x"[..]));
                key.name().to_owned()
            })
            .collect()
    };
    assert_eq!(names_of(None, 100, 10), names);
    assert_eq!(names_of(None, 0, 10), [""; 0]);
    for limit in 1..5 {
        let (mut read, mut last) = (Vec::new(), None::<String>);
        loop {
            let page = names_of(last.as_deref(), limit, 10);
            assert!(page.len() <= limit);
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            read.extend(page);
        }
        assert_eq!(read, names, "by {limit}");
    }
    assert_eq!(names_of(Some("aa"), 2, 10), ["ab", "b"], "after a name that is not there");
    assert_eq!(names_of(Some("🌀"), 2, 10), [""; 0]);
    names.insert(7, "c (expired)");
    assert_eq!(names_of(None, usize::MAX, 9), names);
    assert_eq!(names_of(Some(""), 1, 9), ["%"]);
}

/// A record counts as absent from its expiry on; only an insertion still sees it.
pub fn expiry(state: &dyn State) {
    let one = key("expiry/one");
    commit(state, &[Change::insert(&one, b"x", Some(at(100)))]);
    let record = found(state, &one, 99).expect("it has not expired");
    assert_eq!((record.version, record.expires), (Version(1), Some(at(100))));
    assert_eq!(found(state, &one, 100), None);
    assert_eq!(found(state, &one, i64::from(u32::MAX)), None);
    refused(state, &[Change::insert(&one, b"y", None)], 0);
    commit(state, &[Change::replace(&one, Version(1), b"longer", Some(at(200)))]);
    assert_eq!(found(state, &one, 199).map(|record| record.data), Some(b"longer".to_vec()));
    commit(state, &[Change::replace(&one, Version(2), b"for ever", None)]);
    let record = found(state, &one, 250_000_000_000).expect("it does not expire");
    assert_eq!(record.expires, None);
    let ancient = key("expiry/ancient");
    commit(state, &[Change::insert(&ancient, b"x", Some(at(-62_135_596_800)))]);
    assert_eq!(found(state, &ancient, -62_135_596_800), None);
}

/// Sweeping forgets what had expired, and nothing else.
pub fn sweeping(state: &dyn State) {
    state.sweep(at(1_000)).expect("the engine answers");
    let keys = [0, 1, 2, 3].map(|place| key(&format!("sweep/{place}")));
    let expiries = [Some(at(900)), Some(at(1_000)), Some(at(1_001)), None];
    let inserts: Vec<Change<'_>> =
        keys.iter().zip(expiries).map(|(key, expires)| Change::insert(key, b"x", expires)).collect();
    commit(state, &inserts);
    assert_eq!(state.sweep(at(899)), Ok(0));
    assert_eq!(state.sweep(at(1_000)), Ok(2), "whose expiry is 900 and 1000");
    assert_eq!(state.sweep(at(1_000)), Ok(0));
    let left = keys.each_ref().map(|key| found(state, key, 0).is_some());
    assert_eq!(left, [false, false, true, true]);
    let forgotten: Vec<_> = keys.iter().take(2).map(|key| Change::insert(key, b"anew", None)).collect();
    commit(state, &forgotten);
}

/// Streams are read from anywhere, and are no records.
pub fn streams(state: &dyn State) {
    const OTHER: Space = Space::new("suite.streams");
    let (stream, twin) = (key("streams/one"), Key::named(OTHER, "streams/one"));
    let events: Vec<Vec<u8>> = (0..25_u8).map(|event| vec![event; 3]).collect();
    for (after, event) in (0..).zip(&events) {
        commit(state, &[Change::append(&stream, Version(after), event)]);
    }
    let read =
        |after: u64, limit: usize| state.events(&stream, Version(after), limit).expect("the engine answers");
    assert_eq!(read(0, usize::MAX), events);
    assert_eq!(read(7, 3), events[7..10]);
    assert_eq!(read(20, 100), events[20..]);
    assert_eq!(read(3, 0).len(), 0);
    for after in [25, 26, u64::MAX] {
        assert!(read(after, 10).is_empty());
    }
    assert!(all_events(state, &twin).is_empty(), "of another space");
    assert_eq!(found(state, &stream, 0), None, "a stream is no record");
    commit(state, &[Change::insert(&stream, b"a record of its name", None)]);
    assert_eq!(read(0, usize::MAX), events);
}

/// One name in many spaces is as many records.
pub fn spaces(state: &dyn State) {
    const SPACES: [Space; 6] = [
        Space::new("suite.a"),
        Space::new("suite.ab"),
        Space::new("suite.A"),
        Space::new("suite.a "),
        Space::new("suite.공간"),
        Space::new("suite"),
    ];
    let keys = SPACES.map(|space| Key::named(space, "b/one"));
    for key in &keys {
        commit(state, &[Change::insert(key, key.space().name().as_bytes(), None)]);
    }
    for (key, space) in keys.iter().zip(SPACES) {
        holds(state, key, Some((1, space.name().as_bytes())));
        let page = state.page(space, None, 10, at(0)).expect("the engine answers");
        assert_eq!(page.iter().map(|(key, _)| key).collect::<Vec<_>>(), [key]);
    }
}

/// Data and events are bytes, from none of them to a mebibyte.
pub fn any_data(state: &dyn State) {
    let bytes: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = bytes.iter().copied().cycle().take(1 << 20).collect();
    for (place, data) in
        [&b""[..], &[0], b"\0\0", &[0xff, 0xfe, 0x80], &bytes, &large].into_iter().enumerate()
    {
        let (record, stream) = (key(&format!("data/{place}")), key(&format!("data/stream/{place}")));
        commit(state, &[Change::insert(&record, data, None), Change::append(&stream, Version(0), data)]);
        holds(state, &record, Some((1, data)));
        assert_eq!(all_events(state, &stream), [data]);
    }
}

/// Any text is a name, and no two of them are one.
pub fn any_name(state: &dyn State) {
    const NAMES: Space = Space::new("suite.names");
    let long = ["가".repeat(200), "가".repeat(170), "a".repeat(512), "a".repeat(513), "b".repeat(100_000)];
    let digest = Key::named(NAMES, &"a".repeat(513)).name().to_owned();
    let odd = [
        "",
        " ",
        "\0",
        "a\0",
        "a",
        "A",
        "a ",
        "%",
        "_",
        "'; DROP TABLE record; --",
        "\u{202e}",
        "é",
        "e\u{301}",
    ];
    let names: Vec<&str> = odd.into_iter().chain(long.iter().map(String::as_str)).chain([&*digest]).collect();
    for name in &names {
        commit(state, &[Change::insert(&Key::named(NAMES, name), name.as_bytes(), None)]);
    }
    for name in &names {
        holds(state, &Key::named(NAMES, name), Some((1, name.as_bytes())));
    }
    let page = state.page(NAMES, None, usize::MAX, at(0)).expect("the engine answers");
    assert_eq!(page.len(), names.len());
    for (key, record) in page {
        assert_eq!(found(state, &key, 0), Some(record), "a key out of a page finds its record");
    }
}
