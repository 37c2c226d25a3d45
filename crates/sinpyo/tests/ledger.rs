//! Witnesses, a monitor, an auditor and institutions as processes of their own, around one served registry.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

#[path = "support/served.rs"]
mod served;
mod support;

use serde_json::{Value, json};
use served::{Served, until};
use sinpyo_core::Secret;
use sinpyo_crypto::{KeySigner, SigningKey};
use sinpyo_postgres::cluster::{Cluster, Programs};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead},
    note::LogKey,
    policy::Policy,
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    time::Duration,
};
use support::{json_of, sinpyo};
use tempfile::TempDir;

fn run(folder: &Path, command: &str) -> Output {
    let mut arguments: Vec<_> = command.split(' ').collect();
    arguments.push("--json");
    sinpyo(folder, &arguments)
}

fn ok(folder: &Path, command: &str) -> Value {
    let output = run(folder, command);
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    json_of(&output)
}

fn code(folder: &Path, command: &str) -> String {
    let output = run(folder, command);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    json_of(&output)["code"].as_str().unwrap_or_default().to_owned()
}

/// A log whose root accreditor keeps its keys elsewhere.
fn founded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path();
    ok(
        town,
        "did create moi --ko 행정안전부 --en MOIS --for-log ledger.example/2026 --out moi.json --home moi",
    );
    ok(town, "ledger init --origin ledger.example/2026 --root moi.json --home srv");
    folder
}

/// The newest checkpoint that the server shows.
fn shown(server: &Served) -> SignedCheckpoint {
    String::from_utf8(server.get("/checkpoint").1).unwrap().parse().unwrap()
}

/// Serves one text to everybody, for as long as the test runs.
fn saying(text: String) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
            stream.write_all((head + &text).as_bytes()).unwrap();
        }
    });
    url
}

/// A statement with the log's own key, whatever it says.
fn forged(town: &Path, head: TreeHead) -> SignedCheckpoint {
    let key: LogKey = fs::read_to_string(town.join("srv/log.vkey")).unwrap().trim().parse().unwrap();
    let secret = Secret::new(fs::read(town.join("srv/log-key.jwk")).unwrap());
    let signer = SigningKey::from_private_jwk(&secret).unwrap();
    SignedCheckpoint::sign(head, &key, &KeySigner::new("did:example:log#key".parse().unwrap(), signer))
        .unwrap()
}

#[test]
fn institutions_work_with_a_registry_elsewhere_and_partners_notice_a_suspension() {
    let folder = founded();
    let town = folder.path();
    let server = Served::start(town, "registry --open-creation --data srv");
    let url = &server.url;
    let post = ok(town, &format!("did create post --ko 우정 --en Post --home post --registry {url}"));
    let did = post["did"].as_str().unwrap();
    let by = format!("--by moi --to {did} --ko 우정 --en Post --home moi --registry {url}");
    ok(town, &format!("accredit issue --profile K14 {by}"));
    ok(town, &format!("accredit request --service post.login --profile K14 --claim identity_assured {by}"));
    ok(town, "wallet create --home post");
    let key = ok(town, "wallet key --profile K14 --home post");
    fs::write(town.join("key.json"), key.to_string()).unwrap();
    let claims = json!({"customer_ref": "Cfqk6di5xdrm8qkyo", "identity_assured": true,
        "family_name": "김", "given_name": "한별"});
    fs::write(town.join("claims.json"), claims.to_string()).unwrap();
    ok(
        town,
        "credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out c --home post",
    );
    ok(town, "wallet add c --home post");
    let log_in = || {
        ok(
            town,
            "request --verifier post --service post.login --profile K14 --claim identity_assured --out r --home post",
        );
        ok(town, "present --request r --out p --home post");
        code(town, "verify --request r --presentation p --home post")
    };
    assert_eq!(log_in(), "ok");
    ok(town, "did rotate post --home post");
    assert_eq!(log_in(), "ok");
    // The next process that verifies asks again: the word it relies on is at most a minute old.
    let set = |right: &str, status: &str| {
        ok(town, &format!("accredit status --by moi --to {did} {right} {status} --home moi"));
    };
    set("--profile K14", "revoked");
    assert_eq!(log_in(), "VP-06");
    set("--service post.login", "suspended");
    ok(
        town,
        "request --verifier post --service post.login --profile K14 --claim identity_assured --out r --home post",
    );
    assert_eq!(code(town, "present --request r --out p --home post"), "WAL-01");
    set("--service post.login", "active");
    assert_eq!(log_in(), "VP-06");
    ok(town, "did deactivate post --home post");
    assert_eq!(run(town, &format!("did resolve {did} --home moi")).status.code(), Some(2));
    // Whoever relies on one registry is not talked over to another.
    let other = run(town, "did resolve did:tlog:zQm --home moi --registry http://127.0.0.1:9/");
    assert!(String::from_utf8_lossy(&other.stderr).contains("already"));
    let audited = ok(town, &format!("ledger audit {url} --log-key srv/log.vkey"));
    assert_eq!(audited["size"], server.json("/log")["size"]);
    assert!(audited["stateRoot"].is_string());
}

#[test]
fn a_checkpoint_is_published_with_its_quorum_and_without_it_when_witnesses_are_down() {
    let folder = founded();
    let town = folder.path();
    let witness = |number: u8| {
        Served::start(
            town,
            &format!("witness --data w{number} --name witness.example/w{number} --log srv/log.vkey"),
        )
    };
    let (first, second) = (witness(1), witness(2));
    let keys = |number: u8| fs::read_to_string(town.join(format!("w{number}/witness.vkey"))).unwrap();
    let key = fs::read_to_string(town.join("srv/log.vkey")).unwrap();
    // One key of each kind: Ed25519 of the first, ML-DSA-44 of the second.
    let policy = format!(
        "log {}\nwitness w1 {} {}\nwitness w2 {} {}\ngroup both all w1 w2\nquorum both\n",
        key.trim(),
        keys(1).lines().next().unwrap(),
        first.url,
        keys(2).lines().nth(1).unwrap(),
        second.url,
    );
    fs::write(town.join("policy"), &policy).unwrap();
    let policy: Policy = policy.parse().unwrap();
    let server = Served::start(town, "registry --open-creation --data srv --policy policy");
    until(Duration::from_secs(10), "a quorum", || policy.verify(&shown(&server)).is_ok());
    let create = |name: &str| {
        format!("did create {name} --ko 우정 --en Post --home post --registry {} --policy policy", server.url)
    };
    ok(town, &create("post"));
    assert!(policy.verify(&shown(&server)).is_ok());
    let address = second.address().to_owned();
    second.kill();
    let before = server.json("/log")["size"].as_u64().unwrap();
    let draft = "did create other --ko 기부 --en Other --for-log ledger.example/2026 --out op --home other";
    ok(town, draft);
    let (status, _, _) = server.ask("POST", "/operations", &fs::read(town.join("op")).unwrap());
    assert_eq!(status, 201);
    // The log goes on, those who demand the quorum wait.
    until(Duration::from_secs(2), "a checkpoint", || shown(&server).claimed_head().size == before + 1);
    assert!(policy.verify(&shown(&server)).is_err());
    let refused = run(town, "did rotate post --home post");
    assert_eq!(refused.status.code(), Some(2));
    // The witness is there again with what it remembers, and nobody has to do anything.
    let _second = Served::at(town, "witness --data w2 --log srv/log.vkey", &address);
    until(Duration::from_secs(90), "a quorum", || policy.verify(&shown(&server)).is_ok());
    ok(town, "did rotate post --home post");
}

#[test]
fn a_monitor_finds_a_split_view_and_its_file_convinces_others() {
    let folder = founded();
    let town = folder.path();
    let server = Served::start(town, "registry --open-creation --data srv");
    ok(town, &format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    let honest = shown(&server).claimed_head();
    let watch = |data: &str, source: &str| {
        format!("ledger monitor --log {} --log-key srv/log.vkey --data {data} --once{source}", server.url)
    };
    let looked = ok(town, &watch("m", ""));
    assert_eq!((&looked["size"], &looked["replayed"]), (&json!(honest.size), &json!(honest.size)));
    let mirror = format!(" --source {}", saying(shown(&server).to_string()));
    ok(town, &watch("m", &mirror));
    let one_size = TreeHead { root: Hash::leaf(b"another history"), ..honest };
    let prefix = TreeHead { size: honest.size - 1, ..one_size };
    for (head, file) in [(one_size, "equivocation-3-3.txt"), (prefix, "equivocation-2-3.txt")] {
        let liar = saying(forged(town, head).to_string());
        let output = run(town, &watch("m", &format!(" --source {liar}")));
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains("equivocation"));
        let path = town.join("m").join(file);
        fs::copy(&path, town.join("proof.txt")).unwrap();
        let check = "ledger equivocation proof.txt --log-key srv/log.vkey";
        assert_eq!(ok(town, check)["newer"]["size"], honest.size);
        // Another byte, or another log's key, and it proves nothing.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(town.join("proof.txt"), text.replace("example/2026\n3", "example/2026\n4")).unwrap();
        assert_eq!(run(town, check).status.code(), Some(1));
    }
    // A view that another key signed is no view of this log.
    let nonsense = saying("nonsense\n".to_owned());
    assert_eq!(run(town, &watch("m2", &format!(" --source {nonsense}"))).status.code(), Some(3));
}

#[test]
fn an_auditor_names_the_first_entry_that_is_not_what_was_signed() {
    let folder = founded();
    let town = folder.path();
    let server = Served::start(town, "registry --open-creation --data srv");
    ok(town, &format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    assert!(server.terminate().success());
    ok(town, "ledger export public --home srv");
    let whole = ok(town, "ledger audit public --log-key srv/log.vkey");
    assert_eq!(whole["size"], 3);
    let bundle = town.join("public/tile/entries/000.p/3");
    let mut bytes = fs::read(&bundle).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let output = run(town, "ledger audit public --log-key srv/log.vkey");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_log_changes_its_key_and_nobody_who_knows_only_one_of_them_is_left_behind() {
    let folder = founded();
    let town = folder.path();
    let server = Served::start(town, "registry --open-creation --data srv");
    let address = server.address().to_owned();
    ok(town, &format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    fs::copy(town.join("srv/log.vkey"), town.join("old.vkey")).unwrap();
    assert!(server.terminate().success());
    let changed = ok(town, "ledger rotate-key --home srv");
    let new = fs::read_to_string(town.join("srv/log.vkey")).unwrap();
    assert_eq!(changed["key"], new.trim());
    assert_ne!(new, fs::read_to_string(town.join("old.vkey")).unwrap());
    // Another change has to wait until this one is over.
    assert_eq!(run(town, "ledger rotate-key --home srv").status.code(), Some(2));
    let server = Served::at(town, "registry --open-creation --data srv", &address);
    ok(town, "did rotate post --home post");
    for key in ["old.vkey", "srv/log.vkey"] {
        ok(town, &format!("ledger audit {} --log-key {key}", server.url));
    }
    assert!(server.terminate().success());
    ok(town, "ledger retire-key --home srv");
    let server = Served::at(town, "registry --open-creation --data srv", &address);
    // A checkpoint with the old key's line may still be shown until the log grows.
    let draft = "did create other --ko 기부 --en Other --for-log ledger.example/2026 --out op --home other";
    ok(town, draft);
    assert_eq!(server.ask("POST", "/operations", &fs::read(town.join("op")).unwrap()).0, 201);
    until(Duration::from_secs(3), "a checkpoint", || server.json("/log")["unpublished"] == 0);
    assert_eq!(run(town, &format!("ledger audit {} --log-key old.vkey", server.url)).status.code(), Some(1));
    // The client follows the entry that both keys signed.
    ok(town, "did rotate post --home post");
}

#[test]
fn two_servers_on_one_database_keep_one_log() {
    let Some(programs) = Programs::find() else {
        let skipped = "skipped: PostgreSQL is not installed";
        assert!(std::env::var("SINPYO_REQUIRE_ALL").is_err(), "{skipped}");
        return eprintln!("{skipped}");
    };
    let cluster = Cluster::start(&programs, 0).unwrap();
    let folder = founded();
    let town = folder.path();
    let url = cluster.url();
    let serve = |data: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sinpyo"));
        command.env("SINPYO_DATABASE", &url);
        Served::run(&mut command, town, &format!("registry --open-creation --data {data}"), "127.0.0.1:0")
    };
    let one = serve("srv");
    fs::create_dir(town.join("copy")).unwrap();
    fs::set_permissions(town.join("copy"), fs::Permissions::from_mode(0o700)).unwrap();
    for name in ["log-key.jwk", "heads-key.jwk", "log.vkey", "root", "root-operation.json"] {
        fs::copy(town.join("srv").join(name), town.join("copy").join(name)).unwrap();
    }
    // Whoever does not know what was published cannot see whether the database still has it.
    until(Duration::from_secs(3), "publication", || shown(&one).claimed_head().size == 2);
    let database = ["--database", url.as_str(), "--json"];
    let start: Vec<_> =
        "serve registry --listen 127.0.0.1:0 --data copy".split(' ').chain(database).collect();
    let refused = sinpyo(town, &start);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("sinpyo ledger adopt"));
    let adopt: Vec<_> = "ledger adopt --home copy".split(' ').chain(database).collect();
    assert!(sinpyo(town, &adopt).status.success());
    assert!(!sinpyo(town, &adopt).status.success(), "once");
    let two = serve("copy");
    ok(town, &format!("did create post --ko 우정 --en Post --home post --registry {}", one.url));
    until(Duration::from_secs(3), "the same checkpoint", || shown(&one) == shown(&two));
    let did = ok(town, &format!("did create other --ko 기부 --en Other --home other --registry {}", two.url));
    one.kill();
    // The other one goes on, and whoever used the first moves over by the same key.
    let did = did["did"].as_str().unwrap();
    let resolved = ok(town, &format!("did resolve {did} --home late --registry {}", two.url));
    assert_eq!(resolved["didDocument"]["id"], did);
    assert_eq!(ok(town, &format!("ledger audit {} --log-key srv/log.vkey", two.url))["size"], 4);
    let verify: Vec<_> = "ledger verify --home copy".split(' ').chain(database).collect();
    let verified = sinpyo(town, &verify);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(json_of(&verified)["size"], 4);
    // What was sent before would be taken again.
    cluster.query(0, "UPDATE sinpyo.entry SET digest = sha256('x') WHERE position = 2").unwrap();
    let damaged = sinpyo(town, &verify);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("damaged"));
    // A database whose standbys confirm nothing is not what was asked for.
    let arguments = "serve registry --listen 127.0.0.1:0 --data copy --highly-available --database";
    let arguments: Vec<_> = arguments.split(' ').chain([url.as_str()]).collect();
    assert_eq!(sinpyo(town, &arguments).status.code(), Some(2));
}
