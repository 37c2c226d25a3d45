//! The registry as a process: served, asked, killed, flooded, stopped.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

#[path = "support/served.rs"]
mod served;
mod support;

use served::{Served, answer_of, until};
use std::{
    io::Write,
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};
use support::{json_of, sinpyo};
use tempfile::TempDir;

/// Runs a command that has to succeed.
fn ok(folder: &Path, command: &str) -> serde_json::Value {
    let mut arguments: Vec<_> = command.split(' ').collect();
    arguments.push("--json");
    let output = sinpyo(folder, &arguments);
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    json_of(&output)
}

/// A folder with a log and its root accreditor.
fn founded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    ok(folder.path(), "did create moi --ko 행정안전부 --en MOIS --home srv");
    folder
}

const SERVE: &str = "registry --open-creation --data srv";

#[test]
fn what_was_acknowledged_outlives_a_kill_and_is_published_at_once() {
    let folder = founded();
    let server = Served::start(folder.path(), SERVE);
    let (address, url) = (server.address().to_owned(), server.url.clone());
    let created =
        ok(folder.path(), &format!("did create post --ko 우정 --en Post --home c --registry {url}"));
    server.kill();
    let server = Served::at(folder.path(), SERVE, &address);
    let did = created["did"].as_str().unwrap();
    // The registry is remembered, and so is what was seen of it.
    let resolved = ok(folder.path(), &format!("did resolve {did} --home c"));
    assert_eq!(resolved["didDocument"]["id"], did);
    assert_eq!(ok(folder.path(), "did rotate post --home c")["key"], format!("{did}#key-2"));
    assert_eq!(server.json("/log")["unpublished"], 0);
}

#[test]
fn a_registry_that_was_rolled_back_is_refused_by_those_who_saw_more() {
    let folder = founded();
    ok(folder.path(), "ledger backup old --home srv");
    let server = Served::start(folder.path(), SERVE);
    let (address, url) = (server.address().to_owned(), server.url.clone());
    ok(folder.path(), &format!("did create post --ko 우정 --en Post --home c --registry {url}"));
    server.kill();
    ok(folder.path(), "ledger verify-backup old");
    ok(folder.path(), "ledger restore old --accept-loss --home back");
    for key in ["log-key.jwk", "heads-key.jwk"] {
        std::fs::copy(folder.path().join("srv").join(key), folder.path().join("back").join(key)).unwrap();
    }
    let _server = Served::at(folder.path(), "registry --data back", &address);
    let output = sinpyo(folder.path(), &["did", "rotate", "post", "--home", "c"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("rolled back"));
}

#[test]
fn told_to_stop_it_finishes_what_it_has_begun() {
    let folder = founded();
    let server = Served::start(folder.path(), SERVE);
    // A request whose body is still on its way when the signal comes, and a stream of events.
    let mut events = TcpStream::connect(server.address()).unwrap();
    events.write_all(b"GET /events HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    let mut begun = TcpStream::connect(server.address()).unwrap();
    begun.write_all(b"POST /operations HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let stopping = std::thread::spawn(move || server.terminate());
    std::thread::sleep(Duration::from_millis(300));
    begun.write_all(b"{}").unwrap();
    let (status, head, _) = answer_of(&mut begun);
    assert_eq!(status, 422, "{head}");
    assert!(stopping.join().unwrap().success());
    assert_eq!(answer_of(&mut events).0, 200);
}

#[test]
fn slow_and_silent_connections_are_closed_and_others_are_served() {
    let folder = founded();
    let server = Served::start(folder.path(), SERVE);
    let slow: Vec<_> = (0..300)
        .map(|number| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            if number % 2 == 0 {
                stream.write_all(b"GET / HTTP/1.1\r\nhost").unwrap();
            }
            stream
        })
        .collect();
    let begun = Instant::now();
    for _ in 0..50 {
        assert_eq!(server.get("/checkpoint").0, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // Head timeout 10 s: each of them is answered 408 or just closed.
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        let (status, _, _) = answer_of(&mut stream);
        assert!(matches!(status, 0 | 408), "{status}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn long_bodies_are_refused_unread_wherever_they_go() {
    let folder = founded();
    let server = Served::start(folder.path(), SERVE);
    for path in ["/operations", "/checkpoint", "/nowhere"] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 10737418240\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        assert_eq!(answer_of(&mut stream).0, 413, "{path}");
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
        while stream.write_all(&chunk).is_ok() {}
        drop(stream);
    }
    assert_eq!(server.ask("POST", "/operations", &vec![b' '; 65_001]).0, 413);
    assert_eq!(server.get("/checkpoint").0, 200);
}

#[test]
fn who_asks_too_often_has_to_wait() {
    let folder = founded();
    let server =
        Served::start(folder.path(), "registry --open-creation --data srv --submit-rate 1 --read-rate 100");
    let statuses: Vec<u16> = (0..12).map(|_| server.ask("POST", "/operations", b"{}").0).collect();
    assert_eq!(statuses[..10], [422; 10]);
    assert!(statuses.contains(&429), "{statuses:?}");
    let (_, head, _) = server.ask("POST", "/operations", b"{}");
    assert!(head.to_lowercase().contains("retry-after"), "{head}");
    // Reading has a budget of its own.
    assert_eq!(server.get("/checkpoint").0, 200);
}

#[test]
fn figures_are_on_a_port_of_their_own() {
    let folder = founded();
    for refused in ["--metrics 0.0.0.0:0", "--metrics 192.0.2.1:1"] {
        let arguments = format!("serve registry --listen 127.0.0.1:0 --data srv {refused}");
        let output = sinpyo(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(2), "{refused}");
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Served::start(folder.path(), &format!("{SERVE} --metrics {free}"));
    assert_eq!(server.get("/metrics").0, 404);
    let figures = || {
        let mut stream = TcpStream::connect(free).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8(answer_of(&mut stream).2).unwrap()
    };
    server.ask("POST", "/operations", b"{}");
    // To ask whether the log works is no submission.
    assert_eq!(server.get("/healthz").0, 200);
    until(Duration::from_secs(3), "a figure", || figures().contains("sinpyo_log_entries 2\n"));
    let page = figures();
    for line in
        ["sinpyo_unpublished_entries 0", "sinpyo_append_seconds_count 1", "sinpyo_checkpoint_entries 2"]
    {
        assert!(page.lines().any(|other| other == line), "{line}\n{page}");
    }
}

#[test]
fn a_witness_vouches_for_no_key_of_its_own() {
    let folder = founded();
    let start = "serve witness --listen 127.0.0.1:0 --data w --name witness.example/w --log";
    drop(Served::start(folder.path(), "witness --data w --name witness.example/w --log srv/log.vkey"));
    for name in ["ed25519.jwk", "ml-dsa-44.jwk"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("w").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The name of the log does not matter: it is the key that must not vouch for itself.
    let own = sinpyo_tlog::note::LogKey::new(
        "log.example/1".parse().unwrap(),
        sinpyo_crypto::SigningKey::from_private_jwk(&sinpyo_core::Secret::new(
            std::fs::read(folder.path().join("w/ed25519.jwk")).unwrap(),
        ))
        .unwrap()
        .verifying_key()
        .clone(),
    );
    let own = own.unwrap().to_string();
    let arguments: Vec<_> = start.split(' ').chain([own.as_str()]).collect();
    let output = sinpyo(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("one of this witness"));
}
