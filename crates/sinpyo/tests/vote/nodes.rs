//! Two nodes on one database, and voters who try to vote twice.

use crate::{
    hall::{Hall, Setup},
    http::Way,
    served::{Served, until},
};
use http::Response;
use serde_json::Value;
use sinpyo_postgres::cluster::{Cluster, Programs};
use std::{net::TcpListener, sync::Barrier, time::Duration};

const VOTERS: usize = 12;

fn code(answer: &Response<Vec<u8>>) -> (u16, String) {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    (answer.status().as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
}

/// The answer that decides: 503 says that nothing was decided, and a client asks again.
fn decided(way: Way, request: &http::Request<Vec<u8>>) -> (u16, String) {
    let mut answers = (0..10).map(|_| {
        let answer = code(&way.send(request).unwrap());
        if answer.0 == 503 {
            std::thread::sleep(Duration::from_millis(200));
        }
        answer
    });
    answers.find(|answer| answer.0 != 503).unwrap()
}

/// Both at the same moment, each to its own node.
fn race(ways: [Way; 2], requests: [&http::Request<Vec<u8>>; 2]) -> Vec<(u16, String)> {
    let barrier = Barrier::new(2);
    let mut answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let both = ways.into_iter().zip(requests).map(|(way, request)| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                decided(way, request)
            })
        });
        let both: Vec<_> = both.collect();
        both.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    answers.sort();
    answers
}

#[test]
fn of_two_ballots_at_once_on_two_nodes_the_first_counts_and_a_token_pays_once() {
    let Some(programs) = Programs::find_or_skip() else { return };
    let cluster = Cluster::start(&programs, 0).unwrap();
    let host = cluster.url();
    let host = host.split(' ').next().unwrap().strip_prefix("host=").unwrap().replace('/', "%2F");
    cluster.query(0, "CREATE DATABASE voting").unwrap();
    let place = format!("--database postgresql://postgres@{host}/voting --key-file service.key");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // One address for voters, which a proxy would share among the nodes.
    let base = format!("http://127.0.0.1:{port}");
    let setup = Setup {
        voters: VOTERS,
        revote: "first",
        place: place.clone(),
        base: Some(base.clone()),
        listen: format!("127.0.0.1:{port}"),
        ..Setup::default()
    };
    let (hall, mut wallets, election) = Hall::open(setup);
    let arguments =
        format!("voting {place} --base {base} --development --token-file other.token --home other");
    let second = Served::start(hall.path(), &arguments);
    let ways = [hall.way(), Way { from: None, via: Some(second.address().parse().unwrap()) }];
    for (number, wallet) in wallets.iter_mut().enumerate() {
        let booth = wallet.booth(&election);
        let record = wallet.voter.write();
        let one = wallet.fill(&booth, &election, 1);
        // The same record on another device: with the same token, or with another one.
        let is_same_token = number % 3 == 0;
        let tokens = wallet.voter.tokens() + 1;
        let mut seen = 0;
        let keeps = |line: &&str| {
            seen += usize::from(line.starts_with("token "));
            is_same_token || !line.starts_with("token ") || seen != tokens
        };
        let copy: String = record.expose().split_inclusive('\n').filter(keeps).collect();
        wallet.voter = sinpyo_voting::voter::Voter::read(&sinpyo_core::Secret::new(copy)).unwrap();
        let other = wallet.fill(&booth, &election, 2);
        let answers = race(ways, [&one.request, &other.request]);
        let refused = if is_same_token { (403, "token".to_owned()) } else { (409, "duplicate".to_owned()) };
        assert_eq!(answers, [(201, String::new()), refused], "voter {number}");
        // The same bytes at both nodes at once are one ballot.
        let again = race(ways, [&one.request, &one.request]);
        assert_eq!(again[0], again[1], "voter {number}");
    }
    until(Duration::from_secs(20), "the published head", || {
        let summary = hall.summary();
        summary["size"] == summary["checkpoint_size"]
    });
    let summary = hall.summary();
    assert_eq!((&summary["ballots"], &summary["voters"]), (&VOTERS.into(), &VOTERS.into()), "{summary}");
}
