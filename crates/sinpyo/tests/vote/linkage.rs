//! Whether whoever runs registrar and board can tell whose ballot is whose.
//!
//! Everything that the service sees goes through a recorder: addresses, heads, bodies and answers of registrations and
//! ballots, downloads of rings, tokens. Both halves are joined on every field there is: on every eight bytes in a row within
//! a word of a text or anywhere in what is no text, as they are sent and as what they encode (hex, base64url, one in the
//! other).

use crate::{
    hall::{Hall, Setup},
    http::Way,
    served::{Served, until},
    support::{json_of, sinpyo},
    wallet::Wallet,
};
use sinpyo_core::encoding::from_base64url;
use sinpyo_voting::{form::to_hex, voter::Election};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

const VOTERS: usize = 6;
/// Fewer bytes than this meet by chance, or name a ring.
const FIELD: usize = 8;

/// What the service sees of one request.
#[derive(Clone, Debug)]
struct Exchange {
    peer: SocketAddr,
    path: String,
    /// Heads and bodies of request and answer.
    parts: Vec<Vec<u8>>,
}

/// Stands before the board and writes down all that it sees.
struct Recorder {
    url: String,
    /// Where the board will be.
    board: SocketAddr,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let board = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || {
                    // Whoever breaks off is of no interest.
                    let _ = pass(stream, board, &log);
                });
            }
        });
        Self { url, board, seen }
    }
}

/// Passes requests and answers of one connection on.
fn pass(mut stream: TcpStream, target: SocketAddr, log: &Mutex<Vec<Exchange>>) -> std::io::Result<()> {
    let peer = stream.peer_addr()?;
    loop {
        let [head, body] = message(&mut stream)?;
        if head.is_empty() {
            return Ok(());
        }
        let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
        let mut board = TcpStream::connect(target)?;
        board.write_all(&[&*head, &*body].concat())?;
        let answer = message(&mut board)?;
        let _ = board.shutdown(Shutdown::Both);
        let is_last = String::from_utf8_lossy(&head).to_lowercase().contains("connection: close");
        stream.write_all(&answer.concat())?;
        let [answer_head, answer_body] = answer;
        log.lock().unwrap().push(Exchange { peer, path, parts: vec![head, body, answer_head, answer_body] });
        if is_last {
            return stream.shutdown(Shutdown::Both);
        }
    }
}

/// A head, and as many bytes as it says.
fn message(stream: &mut TcpStream) -> std::io::Result<[Vec<u8>; 2]> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok([Vec::new(), Vec::new()]);
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok([bytes, body])
}

/// Every eight bytes in a row within a word, or anywhere in what is no text; and the same of what the words encode.
fn fields(bytes: &[u8], depth: usize, into: &mut HashSet<[u8; FIELD]>) {
    let windows = |run: &[u8]| -> Vec<[u8; FIELD]> {
        run.windows(FIELD).map(|window| window.try_into().unwrap()).collect()
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        into.extend(windows(bytes));
        return;
    };
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    for word in text.split(|letter| !is_word(letter)) {
        into.extend(windows(word.as_bytes()));
        // The parts of a JWS are encoded each by itself.
        for run in word.split('.').filter(|run| depth > 0 && run.len() >= FIELD) {
            if run.len() % 2 == 0 && run.bytes().all(|letter| letter.is_ascii_hexdigit()) {
                let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
                fields(&run.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>(), depth - 1, into);
            }
            if let Ok(decoded) = from_base64url(run) {
                fields(&decoded, depth - 1, into);
            }
        }
    }
}

/// What is in an exchange besides the moment, which says no more than the order of arrival.
fn fields_of(exchange: &Exchange) -> HashSet<[u8; FIELD]> {
    let mut found = HashSet::new();
    fields(exchange.peer.to_string().as_bytes(), 1, &mut found);
    for part in &exchange.parts {
        fields(part, 3, &mut found);
    }
    found
}

/// Which voters and ballots have something in common that not all of them have: the voter's number, the ballot's, and one of
/// the bytes.
fn links(seen: &[Exchange]) -> BTreeMap<(usize, usize), [u8; FIELD]> {
    let mut voters: Vec<HashSet<[u8; FIELD]>> = vec![HashSet::new(); VOTERS];
    let mut ballots = Vec::new();
    for exchange in seen {
        let is_ballot = exchange.path.ends_with("/ballots") || exchange.path.contains("/receipts/");
        if is_ballot {
            ballots.push(fields_of(exchange));
        }
        // A voter's own address also stands behind what is no ballot.
        if let SocketAddr::V4(peer) = exchange.peer
            && let [127, 0, 2, last] = peer.ip().octets()
            && !is_ballot
        {
            voters[usize::from(last) - 1].extend(fields_of(exchange));
        }
    }
    let mut links = BTreeMap::new();
    for (number, ballot) in ballots.iter().enumerate() {
        for field in ballot {
            let having: Vec<usize> = (0..VOTERS).filter(|voter| voters[*voter].contains(field)).collect();
            let of_all = ballots.iter().all(|other| other.contains(field));
            if !having.is_empty() && having.len() < VOTERS && !of_all {
                links.extend(having.into_iter().map(|voter| ((voter, number), *field)));
            }
        }
    }
    links
}

/// An election behind a recorder and a relay, in which everybody is about to vote.
fn about_to_vote() -> (Recorder, Served, Hall, Vec<Wallet>, Election) {
    let recorder = Recorder::start();
    let folder = std::env::temp_dir();
    let relay = Served::start(&folder, &format!("relay --to {}", recorder.url));
    let setup = Setup {
        voters: VOTERS,
        base: Some(recorder.url.clone()),
        listen: recorder.board.to_string(),
        more: format!("--relay {}/e", relay.url),
        ..Setup::default()
    };
    let hall = Hall::called(setup);
    let mut wallets: Vec<Wallet> = (0..VOTERS)
        .map(|voter| Wallet::new(u64::try_from(voter).unwrap(), &hall.place(), Way::of_voter(voter)))
        .collect();
    hall.read(&mut wallets[0], "registration");
    for (wallet, code) in wallets.iter_mut().zip(&hall.codes) {
        let election = wallet.read();
        wallet.register(&election, code);
    }
    hall.step("freeze");
    let election = hall.read(&mut wallets[0], "open");
    for wallet in &mut wallets {
        wallet.read();
    }
    (recorder, relay, hall, wallets, election)
}

#[test]
fn nothing_but_the_order_of_arrival_joins_registrations_and_ballots() {
    let (recorder, relay, hall, mut wallets, election) = about_to_vote();
    let order = [3, 0, 5, 1, 4, 2];
    for voter in order {
        let booth = wallets[voter].booth(&election);
        let posting = wallets[voter].fill(&booth, &election, u8::try_from(voter % 4).unwrap());
        assert!(posting.request.uri().to_string().starts_with(&relay.url), "the election names a relay");
        let answer = wallets[voter].way.send(&posting.request).unwrap();
        wallets[voter].taken(&answer).unwrap();
    }
    until(Duration::from_secs(20), "the published head", || {
        let summary = hall.summary();
        summary["size"] == summary["checkpoint_size"]
    });
    for voter in order {
        assert!(wallets[voter].confirm(&election));
    }
    let seen = recorder.seen.lock().unwrap().clone();
    let ballots: Vec<&Exchange> =
        seen.iter().filter(|exchange| exchange.path.ends_with("/ballots")).collect();
    assert_eq!(ballots.len(), VOTERS);
    let peers: BTreeSet<_> = ballots.iter().map(|ballot| ballot.peer.ip()).collect();
    assert_eq!(peers, BTreeSet::from(["127.0.0.1".parse().unwrap()]), "the board sees the relay alone");
    let registrations = seen.iter().filter(|exchange| exchange.path.ends_with("/register")).count();
    assert_eq!(registrations, VOTERS);
    let found = links(&seen);
    let shown: Vec<String> =
        found.iter().map(|(who, field)| format!("{who:?} {field:?} {}", to_hex(field))).collect();
    assert!(found.is_empty(), "{shown:?}");
    leaks_are_found(&recorder, &mut wallets, &election);
}

/// The same join finds what a wallet, a relay or a registrar lets through that is built badly.
fn leaks_are_found(recorder: &Recorder, wallets: &mut [Wallet], election: &Election) {
    // Without the relay the address is enough.
    let direct = format!("{}/e/{}/ballots", recorder.url, to_hex(&election.place().election().0));
    let booth = wallets[2].booth(election);
    let mut posting = wallets[2].fill(&booth, election, 1);
    *posting.request.uri_mut() = direct.parse().unwrap();
    let before = recorder.seen.lock().unwrap().len();
    let answer = wallets[2].way.send(&posting.request).unwrap();
    wallets[2].taken(&answer).unwrap();
    expect_link(recorder, before, 2);
    // From another address, with the slot of the roll in a header.
    let booth = wallets[4].booth(election);
    let mut posting = wallets[4].fill(&booth, election, 1);
    *posting.request.uri_mut() = direct.parse().unwrap();
    let slot = to_hex(wallets[4].voter.slot().unwrap());
    posting.request.headers_mut().insert("x-device", slot.parse().unwrap());
    let before = recorder.seen.lock().unwrap().len();
    let answer = Way::default().send(&posting.request).unwrap();
    wallets[4].taken(&answer).unwrap();
    expect_link(recorder, before, 4);
    // A registrar that saw the admission token in clear.
    let booth = wallets[1].booth(election);
    let mut posting = wallets[1].fill(&booth, election, 1);
    *posting.request.uri_mut() = direct.parse().unwrap();
    let token = posting.request.headers().get("admission-token").unwrap().clone();
    let before = recorder.seen.lock().unwrap().len();
    let answer = Way::default().send(&posting.request).unwrap();
    wallets[1].taken(&answer).unwrap();
    {
        let mut seen = recorder.seen.lock().unwrap();
        let of_voter = |exchange: &&mut Exchange| {
            exchange.path.ends_with("/register") && exchange.peer.ip().to_string() == "127.0.2.2"
        };
        seen.iter_mut().find(of_voter).unwrap().parts.push(token.as_bytes().to_vec());
    }
    expect_link(recorder, before, 1);
}

/// The last ballot leads to `voter` and to nobody else.
fn expect_link(recorder: &Recorder, before: usize, voter: usize) {
    let seen = recorder.seen.lock().unwrap().clone();
    assert_eq!(seen.iter().skip(before).filter(|exchange| exchange.path.ends_with("/ballots")).count(), 1);
    let is_ballot =
        |exchange: &&Exchange| exchange.path.ends_with("/ballots") || exchange.path.contains("/receipts/");
    let last = seen.iter().filter(is_ballot).count() - 1;
    let found: BTreeSet<usize> =
        links(&seen).keys().filter(|(_, ballot)| *ballot == last).map(|(voter, _)| *voter).collect();
    assert_eq!(found, BTreeSet::from([voter]));
}

#[test]
fn the_command_line_sends_a_ballot_alone_and_asks_about_none() {
    let recorder = Recorder::start();
    let setup = Setup {
        voters: 1,
        base: Some(recorder.url.clone()),
        listen: recorder.board.to_string(),
        ..Setup::default()
    };
    let mut hall = Hall::called(setup);
    let mut reader = hall.wallets().remove(0);
    hall.read(&mut reader, "registration");
    let link = format!("sinpyo-vote:{}?code={}", hall.at(), hall.codes[0]);
    let folder = hall.path().to_owned();
    let cast = |arguments: &[&str]| {
        let arguments = [&["vote", "cast"][..], arguments, &["--voter", "voter", "--json"]].concat();
        let told = json_of(&sinpyo(&folder, &arguments));
        assert_eq!(told["ok"], true, "{told}");
        told
    };
    cast(&[&link]);
    hall.step("freeze");
    hall.read(&mut reader, "open");
    // From here on nobody else reads.
    hall.dismiss_trustee();
    let told = cast(&[&hall.at(), "--choose", "2"]);
    let seen = recorder.seen.lock().unwrap().clone();
    let place = seen.iter().position(|exchange| exchange.path.ends_with("/ballots")).unwrap();
    let (ballot, after) = (&seen[place], &seen[place + 1..]);
    // What is read goes over one connection; the ballot over another.
    assert_eq!(seen.iter().filter(|exchange| exchange.peer == ballot.peer).count(), 1);
    assert!(seen.iter().any(|one| seen.iter().filter(|other| one.peer == other.peer).count() > 1));
    assert!(after.iter().any(|exchange| exchange.path.contains("/log/tile/0/")));
    for Exchange { path, .. } in after {
        let file = path.strip_prefix(&format!("/e/{}/", hall.election)).unwrap();
        let is_tile = file.starts_with("log/tile/") && !file.contains("entries");
        assert!(is_tile || file == "log/checkpoint", "{path}");
        assert!(!path.contains(told["tracking"].as_str().unwrap()), "{path}");
    }
}
