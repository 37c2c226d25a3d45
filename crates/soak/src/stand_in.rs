//! A registry in this process for the harness's own tests: honest answers over a log in memory.

use crate::sabotage::{Doubling, WallClock};
use sinpyo_core::did::Did;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{Fold, Ledger, engine::LogEngine};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{
    note::LogKey,
    tile::{TileId, WIDTH},
};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// A log with its key, served on a port of its own.
pub(crate) struct StandIn {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) key: LogKey,
    pub(crate) address: SocketAddr,
}

fn signer() -> KeySigner {
    let key = SigningKey::generate(Algorithm::Ed25519, &mut TestEntropy::new(1));
    KeySigner::new("did:example:log#key".parse().unwrap(), key)
}

impl StandIn {
    /// An empty log; all stand-ins have the same key.
    pub(crate) fn start() -> Self {
        let origin = "soak.example/log".parse().unwrap();
        let key = LogKey::new(origin, signer().key().verifying_key().clone()).unwrap();
        let log = Arc::new(MemoryLog::new(Doubling(Fold::new(key.name().clone())), WallClock));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (served, of) = (Arc::clone(&log), key.clone());
        thread::spawn(move || {
            listener.incoming().flatten().for_each(|client| answer(&client, &*served, &of));
        });
        Self { log, key, address }
    }
}

fn answer(client: &TcpStream, log: &dyn LogEngine, key: &LogKey) {
    let mut reader = BufReader::new(client);
    let (mut lines, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = lines[0].split(' ').nth(1).unwrap();
    let (status, body) = respond(path, body, log, key);
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut client = client;
    let _ = client.write_all(&[head.as_bytes(), &body].concat());
}

fn respond(path: &str, body: Vec<u8>, log: &dyn LogEngine, key: &LogKey) -> (u16, Vec<u8>) {
    let signer = signer();
    let root: Did = "did:example:root".parse().unwrap();
    let ledger = Ledger::open(log, key.clone(), &signer, &root).unwrap();
    if path == "/operations" {
        let appended = log.append(vec![body]).pop().unwrap().unwrap();
        let status = if appended.repeated { 200 } else { 201 };
        return (status, format!("{{\"index\":{}}}", appended.index).into_bytes());
    }
    if path == "/checkpoint" {
        return (200, ledger.checkpoint().unwrap().to_string().into_bytes());
    }
    let tile = path.trim_start_matches('/').replace("tile/entries/", "tile/0/");
    let Ok(id) = tile.parse::<TileId>() else { return (404, Vec::new()) };
    if !path.contains("entries") {
        return (200, log.tile(id).unwrap());
    }
    assert!(id.width() <= WIDTH);
    let entries = log.entries(id.row_range()).unwrap();
    let framed = |entry: Vec<u8>| [&u16::try_from(entry.len()).unwrap().to_be_bytes()[..], &entry].concat();
    (200, entries.into_iter().flat_map(framed).collect())
}
