//! Genuine and superseded: what the log did say once, and what an older copy of it says.

use crate::{Town, liar::Liar, served::Served, served::until, shown};
use sinpyo_postgres::cluster::{Cluster, Programs};
use sinpyo_tlog::policy::Policy;
use std::{fs, process::Command, thread::sleep, time::Duration};

#[test]
fn a_genuine_but_superseded_version_is_refused_under_a_newer_checkpoint() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let created =
        town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    let did = created["did"].as_str().unwrap();
    let path = format!("/dids/{did}/proof");
    let proof = || server.json(&path);
    let (old, before) = (proof(), shown(&server));
    town.write("old.json", &old.to_string());
    town.write("before", &before.to_string());
    town.ok("did rotate post --home post");
    let (mut new, after) = (proof(), shown(&server));
    town.write("new.json", &new.to_string());
    town.write("after", &after.to_string());
    let check = |file: &str, more: &str| {
        format!("ledger verify-proof {file} --did {did} --log-key srv/log.vkey{more}")
    };
    // Yesterday's proof is good for whoever knows no more, and for nobody else.
    for accepted in [
        check("old.json", ""),
        check("old.json", " --newer-than before"),
        check("new.json", " --newer-than after"),
    ] {
        town.ok(&accepted);
    }
    assert_eq!(town.refused(&check("old.json", " --newer-than after")), "TLOG-37");
    sleep(Duration::from_secs(3));
    assert_eq!(town.refused(&check("new.json", " --newer-than after --max-age 1")), "TLOG-37");
    town.ok(&check("new.json", " --newer-than after --max-age 60"));
    // The old version under the newer checkpoint, with a valid path to its root: the newer version is left out.
    let entries = new["entries"].as_array_mut().unwrap();
    let last = entries.pop().unwrap();
    assert!(last.to_string().contains("key-2"));
    town.write("without.json", &new.to_string());
    assert_eq!(town.refused(&check("without.json", " --newer-than after")), "TLOG-37");
    // Whoever asks a registry that answers so is not taken in either: neither with that, nor with yesterday's proof.
    let resolve = |url: &str, home: &str| format!("did resolve {did} --home {home} --registry {url}");
    for (home, told) in [("a", &new), ("b", &old)] {
        let liar = Liar::before(&server, &path, told.to_string());
        assert!(town.run(&resolve(&liar, home)).status.code() != Some(0), "{home}");
        let honest = Liar::before(&server, "/nothing", String::new());
        town.ok(&resolve(&honest, &format!("honest-{home}")));
    }
}

#[test]
fn a_checkpoint_that_witnesses_saw_too_long_ago_is_refused() {
    let town = Town::founded();
    let witnesses = town.witnessed();
    let policy: Policy = town.read("policy").parse().unwrap();
    let server = Served::start(town.folder(), "registry --open-creation --data srv --policy policy");
    until(Duration::from_secs(10), "a quorum", || policy.verify(&shown(&server)).is_ok());
    let create =
        format!("did create post --ko 우정 --en Post --home post --registry {} --policy policy", server.url);
    let did = town.ok(&create)["did"].as_str().unwrap().to_owned();
    town.write("proof.json", &server.json(&format!("/dids/{did}/proof")).to_string());
    town.ok(&format!("did resolve {did} --home post --freshness 10"));
    drop(witnesses);
    sleep(Duration::from_secs(5));
    // The registry still answers, and its own word is fresh; nobody else has looked at it.
    assert!(town.fails(&format!("did resolve {did} --home post --freshness 3")).contains("too long ago"));
    town.ok(&format!("did resolve {did} --home post"));
    let check =
        |age: u64| format!("ledger verify-proof proof.json --did {did} --policy policy --max-age {age}");
    assert_eq!(town.refused(&check(3)), "TLOG-37");
    town.ok(&check(60));
}

fn remove_databases(town: &Town) {
    for file in fs::read_dir(town.path("srv")).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().contains(".db") {
            fs::remove_file(&file).unwrap();
        }
    }
}

/// LOG-04: the server itself refuses to start when its signed checkpoint is ahead of its store.
#[test]
fn a_server_refuses_a_database_that_was_put_back() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let create =
        |name: &str| format!("did create {name} --ko 우정 --en Post --home c --registry {}", server.url);
    town.ok(&create("post"));
    assert!(town.path("srv/published").exists());
    town.ok("ledger backup old --home srv");
    town.ok(&create("later"));
    town.ok("ledger backup new --home srv");
    let newest = shown(&server);
    town.write("newest", &newest.to_string());
    assert!(server.terminate().success());
    // By hand, with all that the database knows of itself.
    remove_databases(&town);
    fs::copy(town.path("old/ledger.db"), town.path("srv/ledger.db")).unwrap();
    for command in ["serve registry --listen 127.0.0.1:0 --data srv", "ledger show --home srv"] {
        let told = town.fails(command);
        assert!(told.contains("put back") && told.contains("sinpyo ledger restore"), "{told}");
    }
    // The documented way: no backup that lacks what was published, unless the operator says that it is lost.
    remove_databases(&town);
    let restore = |rest: &str| format!("ledger restore {rest} --home srv");
    // Not even with an older checkpoint than the folder itself remembers.
    let before = town.ok("ledger verify-backup old")["size"].as_u64().unwrap();
    assert_eq!(before + 1, newest.claimed_head().size);
    assert!(town.fails(&restore("old --published newest")).contains("behind"));
    town.ok(&restore("new --published newest"));
    assert!(Served::start(town.folder(), "registry --open-creation --data srv").terminate().success());
    remove_databases(&town);
    town.ok(&restore("old --accept-loss"));
    assert!(town.path("srv/published.lost").exists());
    assert!(Served::start(town.folder(), "registry --open-creation --data srv").terminate().success());
}

#[test]
fn a_server_refuses_a_database_server_that_was_put_back() {
    let Some(programs) = Programs::find() else {
        let skipped = "skipped: PostgreSQL is not installed";
        assert!(std::env::var("SINPYO_REQUIRE_ALL").is_err(), "{skipped}");
        return eprintln!("{skipped}");
    };
    let (cluster, empty) = (Cluster::start(&programs, 0).unwrap(), Cluster::start(&programs, 0).unwrap());
    let town = Town::founded();
    let with = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sinpyo"));
        command.env("SINPYO_DATABASE", url);
        command
    };
    let serve = || {
        Served::run(
            &mut with(&cluster.url()),
            town.folder(),
            "registry --open-creation --data srv",
            "127.0.0.1:0",
        )
    };
    let server = serve();
    until(Duration::from_secs(5), "a note", || town.path("srv/published").exists());
    assert!(server.terminate().success());
    assert!(serve().terminate().success());
    let output = with(&empty.url())
        .args(["serve", "registry", "--data", "srv", "--listen", "127.0.0.1:0"])
        .current_dir(town.folder())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
