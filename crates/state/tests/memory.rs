//! The memory engine, which is the model of the others, against the suite; and what needs no engine.

use sinpyo_core::time::Timestamp;
use sinpyo_state::{
    Change, CommitError, Key, MemoryState, OwnedChange, Record, Space, State, Unavailable, Version, retrying,
    suite,
};

const SPACE: Space = Space::new("test.records");

#[test]
fn the_memory_engine_keeps_the_contract() {
    let state = MemoryState::new();
    suite::all(&state);
    suite::histories(&state, 512);
}

#[test]
fn of_a_hundred_who_spend_one_code_in_memory_one_succeeds() {
    let state = MemoryState::new();
    suite::one_of_many(&[&state], "memory", 100, 200);
    suite::appends_at_once(&[&state], "memory/appends", 8, 100);
    suite::kept_or_changed(&[&state], "memory/kept", 8, 200);
}

/// The suite must find an engine that lets a change through on which the list failed.
#[test]
fn the_suite_finds_an_engine_that_keeps_half_of_a_list() {
    let broken =
        |check: fn(&dyn State)| std::panic::catch_unwind(|| check(&Half(MemoryState::new()))).is_err();
    assert!(broken(suite::all_or_nothing));
    assert!(broken(|state| suite::histories(state, 64)));
    assert!(broken(|state| suite::one_of_many(&[state], "half", 4, 1)));
    assert!(!broken(|state| suite::one_of_many(&[state], "half", 1, 1)), "alone it keeps the rules");
}

/// Makes each change by itself.
#[derive(Debug)]
struct Half(MemoryState);

impl State for Half {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        self.0.get(key, now)
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        self.0.page(space, after, limit, now)
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        self.0.events(stream, after, limit)
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        for (index, change) in changes.iter().enumerate() {
            self.0.commit(std::slice::from_ref(change)).map_err(|_| CommitError::Conflict { index })?;
        }
        Ok(())
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.0.sweep(before)
    }
}

#[test]
fn a_secret_is_found_by_its_digest_alone() {
    // SHA-256 of "abc", FIPS 180-2 appendix B.1, as base64url.
    let key = Key::secret(SPACE, b"abc");
    assert_eq!(key.name(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    assert!(!format!("{key:?}").contains("abc"));
    assert_ne!(key, Key::secret(SPACE, b"abd"));
}

#[test]
fn a_name_that_no_index_can_hold_stands_as_its_digest() {
    let longest = "a".repeat(512);
    assert_eq!(Key::named(SPACE, &longest).name(), longest);
    for name in [format!("{longest}a"), "a\0b".into()] {
        let key = Key::named(SPACE, &name);
        assert_eq!(key.name().len(), "sha-256:".len() + 43);
        let posing = Key::named(SPACE, key.name());
        assert_ne!(posing, key, "a name that looks like the digest is another");
        assert_eq!(Key::stored(SPACE, key.name().to_owned()), key);
    }
}

#[test]
fn what_is_collected_is_what_was_meant() {
    let (key, stream) = (Key::named(SPACE, "key"), Key::named(SPACE, "stream"));
    let expires = Timestamp::from_unix(7);
    let owned = [
        OwnedChange::insert(key.clone(), "data", expires),
        OwnedChange::replace(key.clone(), Version(1), "more", None),
        OwnedChange::append(stream, Version(0), "event"),
        OwnedChange::remove(key.clone(), Version(2)),
    ];
    let back: Vec<OwnedChange> = owned.iter().map(Change::from).map(OwnedChange::from).collect();
    assert_eq!(back, owned);
    let state = MemoryState::new();
    state.commit_owned(&owned[..1]).unwrap();
    assert_eq!(state.get(&key, Timestamp::from_unix(6).unwrap()).unwrap().unwrap().expires, expires);
    assert!(!format!("{owned:?}").contains("data"), "no data in logs");
}

#[test]
fn who_loses_thirty_two_times_gives_up() {
    let mut attempts = 0;
    let outcome: Result<(), Unavailable> = retrying(|| {
        attempts += 1;
        Ok(Err(CommitError::Conflict { index: 0 }))
    });
    assert_eq!((outcome, attempts), (Err(Unavailable), 32));
}

#[test]
fn a_conflict_is_decided_anew_and_a_failure_is_not() {
    let mut attempts = 0;
    let outcome = retrying(|| {
        attempts += 1;
        Ok::<_, Unavailable>(if attempts < 3 { Err(CommitError::Conflict { index: 1 }) } else { Ok("done") })
    });
    assert_eq!((outcome, attempts), (Ok("done"), 3));

    let mut attempts = 0;
    let outcome: Result<(), Unavailable> = retrying(|| {
        attempts += 1;
        Ok(Err(Unavailable.into()))
    });
    assert_eq!((outcome, attempts), (Err(Unavailable), 1), "whether it was made is unknown");
    assert_eq!((CommitError::Conflict { index: 0 }.code(), Unavailable.code()), ("STA-01", "STA-02"));
}
