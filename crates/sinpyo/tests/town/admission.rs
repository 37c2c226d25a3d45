//! Who may create a DID, and what is noted before a witness sees a checkpoint.

use crate::{
    Town,
    served::{Served, until},
};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, witness::AddCheckpoint};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
    time::Duration,
};

#[test]
fn a_did_is_created_once_the_operator_admits_it() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --data srv");
    let create =
        format!("did create post --ko 우정 --en Post --recoverable --home post --registry {}", server.url);
    let did = town.ok(&format!("{create} --prepare"))["did"].as_str().unwrap().to_owned();
    let told = town.fails(&create);
    assert!(told.contains("RGA-18") && told.contains(&did), "{told}");
    assert_eq!(server.json("/log")["size"], 2);
    // Somebody else's admission is nobody else's.
    town.ok("ledger admit did:tlog:zQmXmFHYGqVqVpnnmGJkGR1WE5Nh3Yj5Xr1NYsv8nPTo1Ln --home srv");
    assert!(town.fails(&create).contains("RGA-18"));
    let admit = format!("ledger admit {did} --home srv");
    assert_eq!(town.ok(&admit)["new"], true);
    assert_eq!(town.ok(&admit)["new"], false);
    // While it is served, and with the keys that were made at first.
    assert_eq!(town.ok(&create)["did"], did.as_str());
    assert!(!town.path("post/organisations/post.creation").exists());
    assert!(town.fails(&create).contains("already"));
    town.ok("did rotate post --home post");
    assert!(town.fails("ledger admit did:tlog:zQm --home post").contains("no log"));
    // A thief rotates; the key that lay elsewhere takes the DID back, through the registry too.
    let keys = town.path("post/organisations/post.json");
    let own = fs::read(&keys).unwrap();
    town.ok("did rotate post --home post");
    fs::write(&keys, own).unwrap();
    fs::rename(town.path("post/organisations/post.recovery.jwk"), town.path("safe.jwk")).unwrap();
    town.ok("did recover post --recovery-key safe.jwk --leaked --home post");
    town.ok("did rotate post --home post");
    let document = town.ok(&format!("did resolve {did} --home post"))["didDocument"].to_string();
    assert!(!document.contains("#key-3\"") && document.contains("recovered"), "{document}");
    // Whoever says so lets everybody in.
    drop(server);
    let server = Served::start(town.folder(), "registry --data srv --open-creation");
    town.ok(&format!("did create other --ko 기부 --en Other --home other --registry {}", server.url));
}

/// LOG-04: what a witness has seen is noted, whatever happens next.
#[test]
fn what_a_witness_is_shown_is_noted_before() {
    let town = Town::founded();
    let key = town.witness_of("srv/log.vkey");
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    let note = town.path("srv/published");
    let (sender, seen) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            while let Ok(length @ 1..) = stream.read(&mut part) {
                request.extend_from_slice(&part[..length]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
                if let Ok(shown) = body.parse::<AddCheckpoint>() {
                    let noted =
                        fs::read_to_string(&note).ok().and_then(|text| text.parse::<SignedCheckpoint>().ok());
                    let noted = noted.map_or(0, |noted| noted.claimed_head().size);
                    let _ = sender.send((shown.checkpoint.claimed_head().size, noted));
                    break;
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    let policy = format!("log {}\nwitness w {key} {url}\nquorum w\n", town.log_key());
    town.write("policy", &policy);
    let server = Served::start(town.folder(), "registry --data srv --open-creation --policy policy");
    town.ok("did create other --ko 기부 --en Other --for-log ledger.example/2026 --out op --home other");
    assert_eq!(server.ask("POST", "/operations", &fs::read(town.path("op")).unwrap()).0, 201);
    let mut largest = 0;
    until(Duration::from_secs(10), "the witness was shown the entry", || {
        for (shown, noted) in seen.try_iter() {
            assert!(noted >= shown, "{noted} noted, {shown} shown");
            largest = largest.max(shown);
        }
        largest == 3
    });
}
