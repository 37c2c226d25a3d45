//! A board that ends without warning while ballots come in.

use crate::{
    hall::{Hall, Setup},
    served::until,
    wallet::{Posting, Wallet},
};
use http::Response;
use serde_json::Value;
use sinpyo_core::time::{Clock, Timestamp};
use sinpyo_registry::engine::LogEngine as _;
use sinpyo_store::SqliteLog;
use sinpyo_voting::{election::Rules, voter::Voter};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const BALLOTS: usize = 240;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2099-01-01T00:00:00Z".parse().unwrap()
    }
}

/// Ballots of voters who change their minds very often.
fn postings(wallets: &mut [Wallet], election: &sinpyo_voting::voter::Election) -> Vec<Posting> {
    let mut made = Vec::new();
    let booths: Vec<_> = wallets.iter().map(|wallet| wallet.booth(election)).collect();
    while made.len() < BALLOTS {
        for (wallet, booth) in wallets.iter_mut().zip(&booths) {
            let before = wallet.voter.write();
            made.push(wallet.fill(booth, election, u8::try_from(made.len() % 4).unwrap()));
            // The wallet is asked to make the next one before this one is answered.
            wallet.voter = Voter::read(&before).unwrap();
        }
    }
    made
}

fn index_of(answer: &Response<Vec<u8>>) -> u64 {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    body["index"].as_u64().unwrap()
}

#[test]
fn what_was_acknowledged_before_a_kill_is_in_the_log() {
    let setup = Setup { voters: 4, has_tokens: false, ..Setup::default() };
    let (mut hall, mut wallets, election) = Hall::open(setup);
    let postings = postings(&mut wallets, &election);
    let way = hall.way();
    let (next, acknowledged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(posting) = postings.get(number) else { return };
                    // From the kill on nobody answers.
                    let Ok(answer) = way.send(&posting.request) else { return };
                    assert_eq!(answer.status(), 201, "{}", String::from_utf8_lossy(answer.body()));
                    acknowledged.lock().unwrap().push((number, index_of(&answer)));
                }
            });
        }
        until(Duration::from_mins(2), "ballots being taken", || {
            acknowledged.lock().unwrap().len() >= BALLOTS / 4
        });
        hall.kill();
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() < BALLOTS, "it was killed while ballots came in");
    {
        let log = SqliteLog::open(&hall.log(), Rules::new(), Noon).unwrap();
        for (number, index) in &acknowledged {
            let entries = log.entries(*index..*index + 1).unwrap();
            assert_eq!(entries[0], *postings[*number].request.body(), "ballot {number}");
        }
    }
    hall.start_again();
    // Everybody posts the same bytes again: who was answered is told the same, and nothing is in the log twice.
    let mut indexes: Vec<u64> = Vec::new();
    for (number, posting) in postings.iter().enumerate() {
        let answer = way.send(&posting.request).unwrap();
        let index = index_of(&answer);
        if let Some((_, first)) = acknowledged.iter().find(|(other, _)| *other == number) {
            assert_eq!((answer.status().as_u16(), index), (200, *first));
        }
        indexes.push(index);
    }
    indexes.sort_unstable();
    indexes.dedup();
    assert_eq!(indexes.len(), BALLOTS);
    assert_eq!(hall.summary()["ballots"], BALLOTS);
}
