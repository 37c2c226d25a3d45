//! Natural persons: what is erased is nowhere, what they show is nowhere but where they showed it.

use crate::{
    Town,
    served::{Served, answer_of, until},
};
use sinpyo_core::encoding::{from_base64url, to_base64, to_base64url};
use std::{
    fs::{self, File},
    io::Write as _,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The forms in which bytes may stand somewhere. In base64 there are three, by where in a group of three they begin.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex = hexadecimal(bytes);
    let mut forms = vec![bytes.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for offset in 0..3 {
        let padded = [vec![0; offset], bytes.to_vec()].concat();
        for text in [to_base64(&padded), to_base64url(&padded)] {
            // The characters all of whose six bits are of these bytes.
            let own = (4 * offset).div_ceil(3)..4 * (offset + bytes.len()) / 3;
            forms.push(text.as_bytes()[own].to_vec());
        }
    }
    forms
}

/// Where one of the secrets stands: in one of the files, or in what was read elsewhere.
fn found(secrets: &[Vec<u8>], files: &[PathBuf], others: &[(&str, Vec<u8>)]) -> Vec<String> {
    let texts = files.iter().map(|file| (file.display().to_string(), fs::read(file).unwrap()));
    let texts = texts.chain(others.iter().map(|(name, text)| ((*name).to_owned(), text.clone())));
    let forms: Vec<_> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    let stands = |text: &[u8]| forms.iter().any(|form| text.windows(form.len()).any(|window| window == form));
    texts.filter(|(_, text)| stands(text)).map(|(name, _)| name).collect()
}

/// A registry that tells everything it can, and a reader of its stream.
struct Told {
    server: Served,
    metrics: String,
    stream: std::thread::JoinHandle<Vec<u8>>,
}

impl Told {
    fn start(town: &Town, log: &str) -> Self {
        let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sinpyo"));
        command.stderr(File::create(town.path(log)).unwrap()).env("RUST_LOG", "trace");
        let start = format!("registry --open-creation --data srv --log-level trace --metrics {metrics}");
        let server = Served::run(&mut command, town.folder(), &start, "127.0.0.1:0");
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(b"GET /events?from=0 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let stream = std::thread::spawn(move || answer_of(&mut stream).2);
        Self { server, metrics, stream }
    }

    /// What it told, after it stopped.
    fn finish(self) -> Vec<(&'static str, Vec<u8>)> {
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        let (status, _, metrics) = answer_of(&mut stream);
        assert_eq!(status, 200);
        let (_, entries) = self.server.get("/entries?from=0&limit=100");
        assert!(self.server.terminate().success());
        let stream = self.stream.join().unwrap();
        assert!(!stream.is_empty() && !metrics.is_empty());
        vec![("stream", stream), ("metrics", metrics), ("entries", entries)]
    }
}

/// Admits a person and returns the entry, and what is to be erased: operation, identifier and salt.
fn admitted(town: &Town, name: &str) -> (u64, Vec<Vec<u8>>) {
    let draft = format!("person draft --for-log ledger.example/2026 --key {name}.jwk --out {name}.op");
    town.ok(&draft);
    let add = format!("person add --by moi --operation {name}.op --record {name}.record --home moi");
    let entry = town.ok(&add)["entry"].as_u64().unwrap();
    let record: serde_json::Value = serde_json::from_str(&town.read(&format!("{name}.record"))).unwrap();
    let operation = town.read(&format!("{name}.op"));
    let did =
        serde_json::from_str::<serde_json::Value>(&operation).unwrap()["did"].as_str().unwrap().to_owned();
    let salt = from_base64url(record["salt"].as_str().unwrap()).unwrap();
    assert_eq!(salt.len(), 32);
    (entry, vec![operation.into_bytes(), did.into_bytes(), salt])
}

/// Everything that the institution and the registry keep.
fn kept(town: &Town) -> Vec<PathBuf> {
    ["moi", "srv"].iter().flat_map(|folder| files_below(&town.path(folder))).collect()
}

#[test]
fn nothing_of_an_erased_person_is_left_and_no_older_copy_brings_it_back() {
    let town = Town::founded();
    let told = Told::start(&town, "log");
    let url = told.server.url.clone();
    town.ok(&format!("did resolve {} --home moi --registry {url}", town.read("srv/root").trim()));
    let (entry, secrets) = admitted(&town, "hanbyeol");
    let (other, others) = admitted(&town, "min");
    let show = |entry: u64| format!("person show {entry} --home moi");
    assert_eq!(town.ok(&show(entry))["did"].as_str().unwrap().as_bytes(), secrets[1]);
    let check = "person check hanbyeol.record --log-key srv/log.vkey";
    assert_eq!(town.ok(check)["entry"], entry);
    // Before: in the store and in a backup of it, and nowhere on the registry.
    town.ok("ledger backup before --home moi");
    let there = found(&secrets, &[kept(&town), files_below(&town.path("before"))].concat(), &[]);
    assert!(there.iter().any(|file| file.contains("moi/persons.db")), "{there:?}");
    assert!(there.iter().any(|file| file.contains("before/persons.db")), "{there:?}");
    assert!(there.iter().all(|file| file.contains("persons.db")), "{there:?}");
    town.ok(&format!("person erase {entry} --by moi --home moi"));
    assert!(town.fails(&show(entry)).contains("nothing is kept"));
    town.ok("ledger backup after --home moi");
    town.ok("ledger backup srv-after --home srv");
    let tell = told.finish();
    town.ok("ledger export public --home srv");
    let mut files = kept(&town);
    files.extend(["after", "srv-after", "public"].iter().flat_map(|folder| files_below(&town.path(folder))));
    files.push(town.path("log"));
    assert_eq!(found(&secrets, &files, &tell), Vec::<String>::new());
    // The other person is where it was, so that the search finds what is there.
    assert!(found(&others, &files, &[]).iter().any(|file| file.contains("moi/persons.db")));
    // An older copy of the store: back in the folder, and restored elsewhere.
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let elsewhere = |home: &str| format!("person show {entry} --home {home}");
    for home in ["moi", "restored"] {
        if home == "moi" {
            for file in files_below(&town.path("moi")) {
                if file.file_name().unwrap().to_str().unwrap().contains(".db") {
                    fs::remove_file(file).unwrap();
                }
            }
        }
        town.ok(&format!("ledger restore before --home {home}"));
        let erased = found(&secrets, &files_below(&town.path(home)), &[]);
        assert!(!erased.is_empty(), "the backup has it");
        if home == "moi" {
            town.write("moi/registry.url", &format!("{}/", server.url));
        }
        let told = town.fails(&(elsewhere(home) + &format!(" --registry {}", server.url)));
        assert!(told.contains("nothing is kept"), "{told}");
        assert_eq!(found(&secrets, &files_below(&town.path(home)), &[]), Vec::<String>::new());
        town.ok(&format!("person show {other} --home {home}"));
    }
    assert_eq!(town.ok(check)["entry"], entry, "what the person has is the person's");
    // Another byte of the record, another log: no admission.
    town.write("broken", &town.read("hanbyeol.record").replacen("did:key:z6Mk", "did:key:z6Ml", 1));
    assert!(town.refused("person check broken --log-key srv/log.vkey").starts_with("TLOG"));
    town.write("min.op", &town.read("hanbyeol.op").replacen("\"proofValue\":\"z", "\"proofValue\":\"z1", 1));
    assert!(town.refused("person add --by moi --operation min.op --record r --home moi").starts_with("TLOG"));
}

#[test]
fn a_log_at_hand_forgets_by_itself_and_a_loss_brings_nobody_back() {
    let town = Town(tempfile::tempdir().unwrap());
    let created = town.ok("did create moi --ko 행정안전부 --en MOIS --home moi");
    assert!(created["did"].is_string());
    let origin = town.read("moi/log.vkey").split('+').next().unwrap().to_owned();
    town.ok(&format!("person draft --for-log {origin} --key p.jwk --out p.op"));
    let entry = town.ok("person add --by moi --operation p.op --record p.record --home moi")["entry"].clone();
    town.ok("ledger backup before --home moi");
    town.ok(&format!("person erase {entry} --by moi --home moi"));
    let operation = town.read("p.op").into_bytes();
    // The store alone, put back by hand.
    fs::copy(town.path("before/persons.db"), town.path("moi/persons.db")).unwrap();
    assert!(!found(std::slice::from_ref(&operation), &files_below(&town.path("moi")), &[]).is_empty());
    town.ok("ledger show --home moi");
    assert!(found(std::slice::from_ref(&operation), &files_below(&town.path("moi")), &[]).is_empty());
    // A log that may lack the erasure does not get the store.
    town.ok("ledger restore before --accept-loss --home lost");
    assert!(!town.path("lost/persons.db").exists());
    assert!(found(&[operation], &files_below(&town.path("lost")), &[]).is_empty());
}

#[test]
fn planted_data_is_found_nowhere_but_with_those_to_whom_it_was_shown() {
    let (family, given) = ("남궁", "새벽별");
    let (road, phone) = ("한울도 온새시 꽃내대로 7913, 112동 2501호", "010-2468-1357");
    // As long as a resident registration number, and none.
    let number = "900517-9999999";
    let town = Town::founded();
    let told = Told::start(&town, "log");
    let url = told.server.url.clone();
    let post = town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {url}"));
    let by = format!(
        "--by moi --to {} --ko 우정 --en Post --home moi --registry {url}",
        post["did"].as_str().unwrap()
    );
    town.ok(&format!("accredit issue --profile K15 --profile K14 {by}"));
    town.ok(&format!(
        "accredit request --service post.login --profile K14 --claim given_name --claim family_name {by}"
    ));
    town.ok(&format!("wallet create --home holder --registry {url}"));
    let claims = |profile: &str| match profile {
        "K15" => serde_json::json!({"road_address": road, "postal_code": "65342", "region_sigungu": "98130"}),
        _ => serde_json::json!({"customer_ref": "Cfqk6di5xdrm8qkyo", "identity_assured": true,
            "family_name": family, "given_name": given}),
    };
    for profile in ["K15", "K14"] {
        let key = town.ok(&format!("wallet key --profile {profile} --home holder"));
        town.write("key.json", &key.to_string());
        town.write("claims.json", &claims(profile).to_string());
        town.ok(&format!("credential issue --issuer post --profile {profile} --claims claims.json --holder key.json --out {profile} --home post"));
        town.ok(&format!("wallet add {profile} --home holder"));
    }
    no_place_in_a_credential(
        &town,
        &claims("K14"),
        &[("resident_registration_number", number), ("phone", phone)],
    );
    town.ok("request --verifier post --service post.login --profile K14 --claim given_name --claim family_name --out r --home post");
    town.ok("present --request r --out p --home holder");
    let verified = town.ok("verify --request r --presentation p --home post");
    assert!(verified.to_string().contains(given), "shown to whom it was shown");
    let (entry, secrets) = admitted(&town, "person");
    town.ok(&format!("person show {entry} --record again --home moi"));
    town.ok("person check again --log-key srv/log.vkey");
    // Whatever a person might send where it does not belong.
    for body in [given, number, phone, road] {
        let body = serde_json::json!({"type": "person", "commitment": body, "by": body}).to_string();
        assert!(told.server.ask("POST", "/operations", body.as_bytes()).0 >= 400);
    }
    until(Duration::from_secs(3), "publication", || told.server.json("/log")["unpublished"] == 0);
    let tell = told.finish();
    town.ok("ledger export public --home srv");
    let planted: Vec<_> = [family, given, road, phone, number]
        .iter()
        .map(|value| value.as_bytes().to_vec())
        .chain(secrets)
        .collect();
    let mut files: Vec<_> =
        ["srv", "public"].iter().flat_map(|folder| files_below(&town.path(folder))).collect();
    files.push(town.path("log"));
    assert!(fs::metadata(town.path("log")).unwrap().len() > 1000, "the server did tell");
    assert_eq!(found(&planted, &files, &tell), Vec::<String>::new());
    // The search finds them where they are.
    assert!(!found(&planted, &[town.path("p")], &[]).is_empty());
}

/// What has no place in a credential is refused, and not repeated.
fn no_place_in_a_credential(town: &Town, claims: &serde_json::Value, more: &[(&str, &str)]) {
    for (name, value) in more {
        let mut claims = claims.clone();
        claims[*name] = (*value).into();
        town.write("claims.json", &claims.to_string());
        let issue =
            "credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out x";
        let output = town.run(&format!("{issue} --home post"));
        assert!(!output.status.success());
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains(value), "{name}");
    }
}
