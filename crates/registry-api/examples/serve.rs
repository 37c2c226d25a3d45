//! A registry in memory, served to one machine, for looking at the explorer and for its tests.
//!
//! `cargo run --example serve -p sinpyo-registry-api -- [KEY [witnessed]]`: KEY is a number that chooses the log's key.
//! With `witnessed` its policy names three witnesses, of which the second never cosigns. Prints
//! `{"ready":true,"url":…}`. Reads commands, one a line, and answers each with one line of JSON: `did`, `rotate TIMES`
//! (of the newest DID), `accredit DID NAME`, `suspend DID`, `hold` and `publish` (whether entries get their checkpoint by
//! themselves).
//!
//! Not a server for anything else: no limits, no TLS.

use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    credential::Validity,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Draft, Fold, Ledger, Operation,
    accreditation::{AccreditationRecord, AccreditationStatus, draft_grant, draft_status},
    did_tlog::{Control, DidVersion, create, rotate},
};
use sinpyo_registry_api::{Admission, Answer, Api, Cursor, Settings};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::key;
use sinpyo_tlog::{
    cosignature::CosignerKey,
    note::{LogKey, Origin},
};
use sinpyo_web::event::HEARTBEAT;
use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write, stdin},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the one thread that knows the ledger hears.
enum Heard {
    Command(String),
    Request(Box<Request<Vec<u8>>>, TcpStream),
}

/// The number of the root accreditor's key.
const ROOT: u8 = 1;

const EPOCH: Timestamp = match Timestamp::from_unix(0) {
    Some(epoch) => epoch,
    None => unreachable!(),
};

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "an edge")]
    fn now(&self) -> Timestamp {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        EPOCH.plus(passed)
    }
}

fn main() -> Outcome<()> {
    let seed: u8 = std::env::args().nth(1).map_or(Ok(200), |text| text.parse())?;
    let origin: Origin = "ledger.example.kr/2026".parse()?;
    let log_key = key(Algorithm::Ed25519, seed);
    let vkey = LogKey::new(origin.clone(), log_key.verifying_key().clone())?;
    let signer = KeySigner::new("did:example:log#key".parse()?, log_key);
    let engine = MemoryLog::new(Fold::new(origin.clone()), SystemClock);
    let (root, operation) = organisation(&origin, ROOT)?;
    let ledger = Ledger::open(&engine, vkey, &signer, &root)?;
    let _first = ledger.submit(operation)?;
    ledger.checkpoint()?;

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let base = format!("http://{}", listener.local_addr()?);
    println!("{}", json!({"ready": true, "url": base}));
    let (say, heard) = channel();
    let commands = say.clone();
    thread::spawn(move || {
        stdin().lines().map_while(Result::ok).try_for_each(|line| commands.send(Heard::Command(line)))
    });
    thread::spawn(move || accept(&listener, &say));
    let witnesses = if std::env::args().nth(2).is_some() { witnesses()? } else { Vec::new() };
    let lines = witnesses.iter().enumerate().map(|(at, (key, _))| format!("witness w{at} {key}\n"));
    let policy = lines.collect::<Vec<_>>().concat();
    let names = witnesses.iter().map(|(key, _)| key.name().to_string()).collect();
    let admission = Admission::Open;
    let settings = Settings { base, policy, witnesses: names, admission, ..Settings::default() };
    let api = Api { settings: &settings, ledger: &ledger, engine: &engine };
    let streams = Vec::new();
    Desk { api, newest: root.clone(), root, next: ROOT + 1, holding: false, streams, witnesses }.serve(&heard)
}

/// A new organisation, whose one key makes statements and changes: key number `number` of the tests.
fn organisation(origin: &Origin, number: u8) -> Outcome<(Did, Operation<DidVersion>)> {
    let own = key(Algorithm::Ed25519, number);
    let public = own.verifying_key().clone();
    let material = PublicKeyMaterial::Multikey(public.to_multikey());
    let draft = create(origin, Control::by(&public), |did| {
        let document = DidDocument::new(did.clone());
        let Ok(id) = did.key("key") else { return document };
        let method = VerificationMethod { id, controller: did.clone(), key: material, revoked: None };
        document.with_key(method, &[VerificationRelationship::AssertionMethod])
    })?;
    let operation = draft.sign(&KeySigner::new("did:example:a#key".parse()?, own), &public)?;
    Ok((operation.fact().did.clone(), operation))
}

/// Two Ed25519 witnesses and one with ML-DSA-44.
fn witnesses() -> Outcome<Vec<(CosignerKey, KeySigner)>> {
    let kinds = [(Algorithm::Ed25519, 210), (Algorithm::Ed25519, 211), (Algorithm::MlDsa44, 212)];
    let witness = |(algorithm, number)| {
        let own = key(algorithm, number);
        let name = format!("witness.example/{number}").parse()?;
        let public = CosignerKey::new(name, own.verifying_key().clone())?;
        Ok((public, KeySigner::new("did:example:witness#key".parse()?, own)))
    };
    kinds.into_iter().map(witness).collect()
}

/// The one who answers.
struct Desk<'a> {
    api: Api<'a>,
    root: Did,
    newest: Did,
    next: u8,
    holding: bool,
    streams: Vec<(TcpStream, Cursor, u32)>,
    witnesses: Vec<(CosignerKey, KeySigner)>,
}

impl Desk<'_> {
    fn serve(mut self, heard: &Receiver<Heard>) -> Outcome<()> {
        loop {
            match heard.recv_timeout(Duration::from_millis(50)) {
                Ok(Heard::Command(line)) => {
                    let answer =
                        self.command(&line).unwrap_or_else(|error| json!({"error": error.to_string()}));
                    println!("{answer}");
                }
                Ok(Heard::Request(request, stream)) => self.answer(&request, stream),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let covered = self.api.engine.checkpoint()?.map(|checkpoint| checkpoint.claimed_head().size);
            if !self.holding && covered != Some(self.api.engine.head()?.size) {
                self.publish()?;
            }
            self.stream()?;
        }
    }

    /// Publishes, with the cosignatures of all witnesses but the second.
    fn publish(&self) -> Outcome<()> {
        let checkpoint = self.api.ledger.checkpoint()?;
        let awake = self.witnesses.iter().enumerate().filter(|(at, _)| *at != 1);
        let lines: Result<Vec<_>, _> =
            awake.map(|(_, (key, signer))| key.cosign(&checkpoint, SystemClock.now(), signer)).collect();
        self.api.engine.publish(&checkpoint.with_signatures(lines?)?)?;
        Ok(())
    }

    fn answer(&mut self, request: &Request<Vec<u8>>, mut stream: TcpStream) {
        match self.api.answer(request, SystemClock.now()) {
            Answer::Whole(response) => {
                let length = format!("content-length: {}\r\n", response.body().len());
                let _gone =
                    stream.write_all(&[head(&response, &length).as_bytes(), response.body()].concat());
            }
            Answer::Stream(begun) => {
                let _gone = stream.write_all(head(&begun.head, "").as_bytes());
                self.streams.push((stream, begun.cursor, 0));
            }
        }
    }

    fn stream(&mut self) -> Outcome<()> {
        for (stream, cursor, quiet) in &mut self.streams {
            let news = self.api.events(cursor)?;
            *quiet = if news.is_empty() { *quiet + 1 } else { 0 };
            let beat = if *quiet % 100 == 99 { HEARTBEAT } else { &[] };
            if stream.write_all(&[&news, beat].concat()).is_err() {
                *quiet = u32::MAX;
            }
        }
        self.streams.retain(|(_, _, quiet)| *quiet != u32::MAX);
        Ok(())
    }

    fn command(&mut self, line: &str) -> Outcome<Value> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let index = match verb {
            "did" => {
                let (did, operation) = organisation(self.api.ledger.origin(), self.next)?;
                let index = self.api.ledger.submit(operation)?.index();
                (self.newest, self.next) = (did, self.next + 1);
                index
            }
            "rotate" => self.rotate(rest.parse()?)?,
            "accredit" => {
                let (subject, name) = rest.split_once(' ').ok_or("accredit DID NAME")?;
                self.accredit(subject.parse()?, name)?
            }
            "suspend" => self.suspend(&rest.parse()?)?,
            "hold" | "publish" => {
                self.holding = verb == "hold";
                self.api.engine.head()?.size
            }
            _ => return Err("did | rotate | accredit | suspend | hold | publish".into()),
        };
        Ok(json!({"index": index, "did": self.newest.as_str()}))
    }

    /// Hands the newest DID over to the key that it has; returns the index of the last time.
    fn rotate(&self, times: u32) -> Outcome<u64> {
        let mut index = 0;
        for _ in 0..times {
            let own = key(Algorithm::Ed25519, self.next - 1);
            let public = own.verifying_key().clone();
            let head = self.api.ledger.head_of(&self.newest)?.ok_or("no such DID")?;
            let draft = rotate(&head, self.api.ledger.origin(), Control::by(&public));
            let operation = draft.sign(&KeySigner::new("did:example:a#key".parse()?, own), &public)?;
            index = self.api.ledger.submit(operation)?.index();
        }
        Ok(index)
    }

    fn accredit(&self, subject: Did, name: &str) -> Outcome<u64> {
        let accreditation = Accreditation {
            subject,
            name: LocalizedName { ko: name.to_owned(), en: name.to_owned() },
            granted_by: self.root.clone(),
            grant: Grant::Issue { types: vec!["ResidentCard".parse()?] },
            validity: Validity { from: Some(SystemClock.now()), until: None },
        };
        self.as_root(draft_grant(self.api.ledger.origin(), &accreditation)?)
    }

    fn suspend(&self, subject: &Did) -> Outcome<u64> {
        let state = self.api.engine.state()?;
        let record = AccreditationRecord::of(&*state, subject)?.pop().ok_or("nothing to suspend")?;
        self.as_root(draft_status(self.api.ledger.origin(), &record, AccreditationStatus::Suspended))
    }

    fn as_root<T>(&self, draft: Draft<T>) -> Outcome<u64> {
        let own = key(Algorithm::Ed25519, ROOT);
        let public = own.verifying_key().clone();
        let operation = draft.sign(&KeySigner::new(self.root.key("key")?, own), &public)?;
        Ok(self.api.ledger.submit(operation)?.index())
    }
}

fn head<B>(response: &Response<B>, more: &str) -> String {
    let mut text = format!("HTTP/1.1 {}\r\nconnection: close\r\n{more}", response.status());
    for (name, value) in response.headers() {
        text.extend([name.as_str(), ": ", &String::from_utf8_lossy(value.as_bytes()), "\r\n"]);
    }
    text + "\r\n"
}

/// Takes connections, and reads one request from each on a thread of its own.
fn accept(listener: &TcpListener, say: &Sender<Heard>) {
    for stream in listener.incoming().flatten() {
        let say = say.clone();
        thread::spawn(move || {
            if let Ok(request) = read(&stream) {
                let _gone = say.send(Heard::Request(Box::new(request), stream));
            }
        });
    }
}

fn read(stream: &TcpStream) -> Outcome<Request<Vec<u8>>> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines.first().ok_or("no request")?.split(' ');
    let mut request =
        Request::builder().method(first.next().ok_or("no method")?).uri(first.next().ok_or("no path")?);
    let mut length = 0;
    for (name, value) in lines.iter().skip(1).filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
        request = request.header(name, value.trim());
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok(request.body(body)?)
}
