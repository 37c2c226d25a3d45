//! A witness that cosigns no head when it is first shown: the election waits, and goes on.

use crate::{
    hall::{Hall, Setup, now},
    served::until,
};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{checkpoint::SignedCheckpoint, cosignature::CosignerKey, witness::AddCheckpoint};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

/// A witness of whatever log, which refuses each head once.
struct Witness {
    url: String,
    key: CosignerKey,
}

impl Witness {
    fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let key = SigningKey::generate(Algorithm::Ed25519, &mut TestEntropy::new(7));
        let cosigner =
            CosignerKey::new("witness.example".parse().unwrap(), key.verifying_key().clone()).unwrap();
        let signer = KeySigner::new("did:web:witness.example#key-1".parse().unwrap(), key);
        let own = cosigner.clone();
        std::thread::spawn(move || {
            let mut refused = BTreeSet::new();
            for stream in socket.incoming().flatten() {
                let Some(head) = asked(&stream) else { continue };
                let line = own.cosign(&head, Timestamp::from_unix(now()).unwrap(), &signer).unwrap();
                // Whoever asked may have gone.
                let _ = if refused.insert(head.claimed_head().size) {
                    answer(stream, "404 Not Found", "")
                } else {
                    answer(stream, "200 OK", &line.to_string())
                };
            }
        });
        Self { url, key: cosigner }
    }
}

/// The checkpoint of a request.
fn asked(stream: &TcpStream) -> Option<SignedCheckpoint> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(stated) = line.strip_prefix("content-length:") {
            length = stated.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(String::from_utf8(body).ok()?.parse::<AddCheckpoint>().ok()?.checkpoint)
}

fn answer(mut stream: TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let kind = "text/plain; charset=utf-8";
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

#[test]
fn an_election_goes_on_when_its_witness_cosigns_late() {
    let witness = Witness::start();
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy");
    std::fs::write(&policy, format!("witness w {} {}\nquorum w\n", witness.key, witness.url)).unwrap();
    let setup = Setup {
        voters: 1,
        more: format!("--policy {}", policy.display()),
        witness: Some(witness.key.to_string()),
        ..Setup::default()
    };
    // The trustee does nothing on a record whose head the witness did not cosign: neither keys nor beacon.
    let (hall, mut wallets, election) = Hall::open(setup);
    wallets[0].vote(&election, 1);
    until(Duration::from_secs(20), "a witnessed head with the ballot", || {
        let head: SignedCheckpoint =
            String::from_utf8(hall.get("/log/checkpoint").into_body()).unwrap().parse().unwrap();
        head.claimed_head().size == hall.summary()["size"] && witness.key.verify(&head).is_ok()
    });
}
