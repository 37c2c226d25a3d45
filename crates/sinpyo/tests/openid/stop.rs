//! What is told to stop, killed, or loses its database.

use crate::{
    http::{ask, try_ask},
    journey::{outcome, receive, result},
    nodes::{Pair, places},
    office::{Office, offer, request, text},
    served::until,
};
use sinpyo_postgres::cluster::{Cluster, Programs};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

const PLACES: (&str, &str) = ("--data issuer", "--data verifier");

#[test]
fn a_service_that_is_told_to_stop_finishes_what_has_begun() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let issuing = office.serve("issuer", PLACES.0);
    let issuer = office.program(&issuing.url, "issuer");
    let offered = offer(&issuer);
    // A request of which one byte is still to come.
    let authority = issuing.url.strip_prefix("http://").unwrap().to_owned();
    let mut half = TcpStream::connect(&authority).unwrap();
    let head = format!(
        "POST /post/nonce HTTP/1.1\r\nhost: {authority}\r\ncontent-length: 1\r\nconnection: close\r\n\r\n"
    );
    half.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(300));
    let stopped = thread::spawn(move || issuing.terminate());
    thread::sleep(Duration::from_millis(500));
    assert!(
        try_ask("GET", &format!("http://{authority}/readyz"), &[], b"").is_none(),
        "nobody new is let in"
    );
    half.write_all(b" ").unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    assert!(stopped.join().unwrap().success());
    // What was acknowledged is there when it starts again, under its address.
    let issuing = crate::served::Served::at(
        office.folder(),
        &format!("issuer --as post --development --freshness 2 {}", PLACES.0),
        &authority,
    );
    assert_eq!(receive(&office, &offered).len(), 2);
    drop(issuing);
}

#[test]
fn a_service_that_was_killed_goes_on_where_it_was() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let verifying = office.serve("verifier", PLACES.1);
    let issuing = office.serve("issuer", PLACES.0);
    let issuer = office.program(&issuing.url, "issuer");
    receive(&office, &offer(&issuer));
    let verifier = office.program(&verifying.url, "verifier");
    let asked = request(&verifier, "cross_device");
    let authority = verifying.url.strip_prefix("http://").unwrap().to_owned();
    verifying.kill();
    let options = format!("verifier --as post --development --freshness 2 {}", PLACES.1);
    let verifying = crate::served::Served::at(office.folder(), &options, &authority);
    office.ok(&format!("wallet present {} --yes --development", text(&asked, "link")));
    verifying.kill();
    let _verifying = crate::served::Served::at(office.folder(), &options, &authority);
    assert_eq!(text(&outcome(&verifier, &asked), "state"), "accepted");
    assert_eq!(result(&verifier, &asked).0, 200);
}

#[test]
fn while_the_database_is_away_nobody_is_told_that_all_is_well() {
    let Some(programs) = Programs::find_or_skip() else { return };
    let mut cluster = Cluster::start(&programs, 0).unwrap();
    let (place, other) = places(&cluster);
    let office = Office::founded(&place, &other);
    let issuing = Pair::start(&office, "issuer", &place);
    let issuer = office.program(&issuing.front.url, "issuer");
    let offered = offer(&issuer);
    cluster.kill(0).unwrap();
    for node in &issuing.nodes {
        assert_eq!(ask("GET", &format!("{}/readyz", node.url), &[], b"").status, 503); // [CLI-28]
        assert_eq!(issuer.get("/manage/post/credentials").status, 503);
    }
    cluster.start_again(0).unwrap();
    for node in &issuing.nodes {
        until(Duration::from_secs(30), "the database's return", || {
            ask("GET", &format!("{}/readyz", node.url), &[], b"").status == 200
        });
    }
    assert_eq!(receive(&office, &offered).len(), 2, "what was acknowledged before is there");
}
