//! The board's clock, replaying, and many ballots at once.

use super::*;

#[test]
fn a_time_ahead_of_the_board_is_refused() {
    let usual = World::run(Plan::USUAL);
    let (hand, call) = (Hand::new(), usual.entries[0].clone());
    let log = MemoryLog::new(Rules::new(), hand.clone());
    hand.set(time_of(&call).unwrap() - 61);
    let refusal = log.append(vec![call.bytes.clone()]).remove(0).unwrap_err();
    assert_eq!(refusal.code(), Some("VOT-49"));
    hand.set(time_of(&call).unwrap() - 60);
    log.append(vec![call.bytes]).remove(0).unwrap();
}

#[test]
fn a_ballot_counts_until_the_last_second() {
    let usual = World::run(Plan::USUAL);
    let until_open = usual.place("open");
    // The manifest opens at 400 and closes at 900.
    for (at, code) in
        [(399, Some("VOT-22")), (400, None), (899, None), (900, Some("VOT-22")), (901, Some("VOT-22"))]
    {
        let hand = Hand::new();
        let log = MemoryLog::new(Rules::new(), hand.clone());
        for entry in &usual.entries[..=until_open] {
            // The election is opened ahead of its hour.
            let mut world = usual.clone();
            let entry = if entry.label == "open" {
                let time = Timestamp::from_unix(START + 399).unwrap().to_string();
                world.edit("open", |event| drop(event.insert("time".into(), json!(time))));
                world.entries[until_open].clone()
            } else {
                entry.clone()
            };
            hand.set(time_of(&entry).unwrap());
            log.append(vec![entry.bytes]).remove(0).unwrap();
        }
        hand.set(START + at);
        let spare = usual.spares[0].clone();
        let answer = log.append(vec![spare.clone()]).remove(0);
        assert_eq!(answer.as_ref().err().and_then(AppendError::code), code, "at {at}");
        // What was taken is answered alike for ever.
        hand.set(START + 5_000);
        assert_eq!(log.append(vec![spare]).remove(0).is_ok_and(|again| again.repeated), code.is_none());
    }
}

#[test]
fn an_election_closes_by_the_boards_clock() {
    let mut usual = World::run(Plan::USUAL);
    let place = usual.place("close");
    // An event may be dated up to a minute ahead: that must not close before the last second.
    let dated = Timestamp::from_unix(START + 930).unwrap().to_string();
    usual.edit("close", |event| drop(event.insert("time".into(), json!(dated))));
    let hand = Hand::new();
    let log = MemoryLog::new(Rules::new(), hand.clone());
    for entry in &usual.entries[..place] {
        if let Some(time) = time_of(entry) {
            hand.set(time);
        }
        log.append(vec![entry.bytes.clone()]).remove(0).unwrap();
    }
    let close = usual.entries[place].bytes.clone();
    hand.set(START + 899);
    assert_eq!(log.append(vec![close.clone()]).remove(0).unwrap_err().code(), Some("VOT-22"));
    hand.set(START + 900);
    log.append(vec![close]).remove(0).unwrap();
}

/// State as an engine keeps it.
#[derive(Default)]
struct Kept(BTreeMap<Vec<u8>, Vec<u8>>);

impl StateView for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}

#[test]
fn replaying_the_log_leads_to_the_same_state() {
    let world = World::run(Plan::USUAL);
    let (running, mut kept, mut time) = (Rules::new(), Kept::default(), START);
    for (index, entry) in (0..).zip(&world.entries) {
        time = time_of(entry).unwrap_or(time).max(time);
        let at = Position { index, time: Timestamp::from_unix(time).unwrap() };
        let new = running.sequence(&kept, at, &entry.bytes).unwrap();
        // Whoever replays remembers nothing of what was sequenced before.
        let replayed = Rules::new().replay(&kept, index, &entry.bytes).unwrap();
        assert_eq!((new.entry, &new.writes), (entry.bytes.clone(), &replayed), "{}", entry.label);
        for write in new.writes {
            assert!(write.key.len() <= 64 && write.value.as_ref().is_none_or(|value| value.len() <= 65_000));
            kept.0.insert(write.key, write.value.unwrap());
        }
    }
}

#[test]
fn of_many_ballots_at_once_one_is_taken_where_the_first_counts() {
    let world = World::run(Plan { first_counts: true, ..Plan::USUAL });
    let hand = Hand::new();
    let log = MemoryLog::new(Rules::new(), hand.clone());
    for entry in &world.entries[..=world.place("open")] {
        hand.set(time_of(entry).unwrap());
        log.append(vec![entry.bytes.clone()]).remove(0).unwrap();
    }
    // The engine sees no proof: bytes with one tag and 100 different ends stand for 100 ballots of a voter.
    let ballot = |number: u8| {
        let mut bytes = world.spares[0].clone();
        *bytes.last_mut().unwrap() = number;
        bytes
    };
    let (log, ballot) = (&log, &ballot);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..100).map(|number| scope.spawn(move || log.append(vec![ballot(number)]).remove(0))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refusals: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()?.code()).collect();
    assert_eq!(refusals, ["VOT-08"; 99]);
    assert_eq!(Election::new(&*log.state().unwrap()).ballots().unwrap(), 1);
}

#[test]
fn a_second_ballot_is_refused_where_the_first_counts() {
    let first = World::run(Plan { first_counts: true, ..Plan::USUAL });
    let mut world = first.clone();
    let refused = world.body("rejected/6")["ballot"].as_str().unwrap().to_owned();
    world.insert_bytes("close", None, sinpyo_core::encoding::from_base64url(&refused).unwrap());
    assert_eq!(first_refusal(&world), Some(("inserted".to_owned(), "VOT-08")));
}
