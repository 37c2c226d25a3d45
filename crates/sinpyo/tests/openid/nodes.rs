//! Two nodes of each service on one database: successive requests go to one and to the other.

use crate::{
    http::{Alternating, ask},
    journey::{outcome, receive, result},
    office::{Office, offer, request, text},
    served::Served,
};
use serde_json::json;
use sinpyo_postgres::cluster::{Cluster, Programs};
use std::time::Duration;

/// A service of two nodes.
pub(crate) struct Pair {
    pub(crate) front: Alternating,
    pub(crate) nodes: Vec<Served>,
}

impl Pair {
    pub(crate) fn start(office: &Office, service: &str, place: &str) -> Self {
        let front = Alternating::new();
        let start = || {
            let node = office.serve(service, &format!("{place} --base {}", front.url));
            front.add(&node.url);
            node
        };
        let nodes = vec![start(), start()];
        Self { front, nodes }
    }
}

/// Where the services of a test with a database remember: in a schema for each, which `--database` names.
pub(crate) fn places(cluster: &Cluster) -> (String, String) {
    let host = cluster.url();
    let host = host.split(' ').next().unwrap().strip_prefix("host=").unwrap().to_owned();
    cluster.query(0, "CREATE DATABASE issuer").unwrap();
    cluster.query(0, "CREATE DATABASE verifier").unwrap();
    let place = |name: &str| {
        let host = host.replace('/', "%2F");
        format!("--database postgresql://postgres@{host}/{name} --key-file {name}.key")
    };
    (place("issuer"), place("verifier"))
}

#[test]
fn two_nodes_take_turns_at_every_step() {
    let Some(programs) = Programs::find_or_skip() else { return };
    let cluster = Cluster::start(&programs, 0).unwrap();
    let (issuer, verifier) = places(&cluster);
    let office = Office::founded(&issuer, &verifier);
    let issuing = Pair::start(&office, "issuer", &issuer);
    let verifying = Pair::start(&office, "verifier", &verifier);
    let issuer = office.program(&issuing.front.url, "issuer");
    let verifier = office.program(&verifying.front.url, "verifier");
    for round in 0..3 {
        let offered = offer(&issuer);
        assert_eq!(receive(&office, &offered).len(), 2, "round {round}");
        let asked = request(&verifier, "cross_device");
        office.ok(&format!("wallet present {} --yes --development", text(&asked, "link")));
        assert_eq!(text(&outcome(&verifier, &asked), "state"), "accepted");
        assert_eq!(result(&verifier, &asked).0, 200);
        assert_eq!(result(&verifier, &asked).0, 410, "the other node knows that it was fetched");
        // One more, so that the next round begins at the other node.
        assert_eq!(issuer.get("/manage/post/credentials").status, 200);
        assert_eq!(verifier.get("/manage/post/requests").status, 200);
    }
    assert!(issuing.front.count() > 15 && verifying.front.count() > 15);
    let issued = issuer.get("/manage/post/credentials").json();
    for one in issued["credentials"].as_array().unwrap() {
        let path = format!("/manage/post/credentials/{}/status", text(one, "id"));
        assert!(issuer.post(&path, &json!({"status": "revoked"})).status < 300);
    }
    std::thread::sleep(Duration::from_millis(1500));
    let asked = request(&verifier, "cross_device");
    office.run(&format!("wallet present {} --yes --development", text(&asked, "link")));
    assert_eq!(text(&outcome(&verifier, &asked), "state"), "refused");
    for node in &issuing.nodes {
        let authority = issuing.front.url.strip_prefix("http://").unwrap();
        assert_eq!(ask("GET", &format!("{}/readyz", node.url), &[], b"").status, 200, "{authority}");
    }
}
