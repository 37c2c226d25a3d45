//! The log changes its keys, and those who relied on the old ones find the new ones by themselves.

use crate::{Town, liar::Liar, served::Served};
use std::fs;

fn creation(town: &Town, name: &str, server: &Served) {
    town.ok(&format!("did create {name} --ko 기부 --en Other --for-log ledger.example/2026 --out {name}.op --home {name}-keys"));
    let operation = fs::read(town.path(&format!("{name}.op"))).unwrap();
    assert_eq!(server.ask("POST", "/operations", &operation).0, 201);
    crate::until(std::time::Duration::from_secs(5), "publication", || {
        server.json("/log")["unpublished"] == 0
    });
}

#[test]
fn a_client_of_first_use_follows_the_change_that_both_keys_signed() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let (address, url) = (server.address().to_owned(), server.url.clone());
    let old = town.read("srv/log.vkey");
    for home in ["during", "late"] {
        town.ok(&format!("did create post --ko 우정 --en Post --home {home} --registry {url}"));
    }
    town.write("old-policy", &format!("log {}\nquorum none\n", old.trim()));
    town.ok(&format!(
        "did create post --ko 우정 --en Post --home given --registry {url} --policy old-policy"
    ));
    assert!(server.terminate().success());
    town.ok("ledger rotate-key --home srv");
    let new = town.read("srv/log.vkey");
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    // While both keys sign.
    let told = town.run("did rotate post --home during");
    assert!(told.status.success());
    assert!(String::from_utf8_lossy(&told.stderr).contains(new.trim()));
    assert!(town.read("during/registry.policy").contains(new.trim()));
    // A policy that somebody gave is theirs to change; they are told how, and it still works.
    let told = town.run("did rotate post --home given");
    assert!(told.status.success());
    assert!(String::from_utf8_lossy(&told.stderr).contains(&format!("log {}", new.trim())));
    assert!(!town.read("given/registry.policy").contains(new.trim()));
    assert!(server.terminate().success());
    town.ok("ledger retire-key --home srv");
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    creation(&town, "one", &server);
    // The old key signs no more; the one who was away finds the way from what it saw last.
    town.ok("did rotate post --home late");
    assert!(town.read("late/registry.policy").contains(new.trim()));
    let told = town.fails("did rotate post --home given");
    assert!(told.contains(&format!("log {}", new.trim())) && told.contains("--policy"), "{told}");
    town.write("new-policy", &format!("log {}\nquorum none\n", new.trim()));
    town.ok("did rotate post --home given --policy new-policy");
}

#[test]
fn a_key_that_the_log_did_not_name_is_not_followed() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let address = server.address().to_owned();
    let create = format!("did create post --ko 우정 --en Post --home c --registry {}", server.url);
    let did = town.ok(&create)["did"].as_str().unwrap().to_owned();
    server.kill();
    // Another log of the same name, with another key, which it names itself.
    town.ok("ledger init --origin ledger.example/2026 --root moi.json --home thief");
    let thief = Served::at(town.folder(), "registry --open-creation --data thief", &address);
    for name in ["one", "two", "three"] {
        creation(&town, name, &thief);
    }
    town.fails("did rotate post --home c");
    assert!(town.read("c/registry.policy").contains(town.read("srv/log.vkey").trim()));
    thief.kill();
    // The honest log, described by somebody who says that it has another key.
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    let lie = server
        .json("/log")
        .to_string()
        .replace(town.read("srv/log.vkey").trim(), town.read("thief/log.vkey").trim());
    let liar = Liar::before(&server, "/log", lie);
    town.write("c/registry.url", &format!("{liar}/"));
    town.ok(&format!("did resolve {did} --home c"));
    assert!(town.read("c/registry.policy").contains(town.read("srv/log.vkey").trim()));
}

#[test]
fn the_key_that_states_what_is_newest_changes_and_proofs_say_so() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let (address, url) = (server.address().to_owned(), server.url.clone());
    town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {url}"));
    let before = server.json("/log")["heads"].clone();
    assert!(server.terminate().success());
    let changed = town.ok("ledger rotate-heads-key --home srv")["key"].clone();
    assert_ne!(before, changed);
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    assert_eq!(server.json("/log")["heads"], changed);
    town.ok("did rotate post --home post");
    assert!(server.terminate().success());
    // After a crash between the entry and the file the command is given again.
    fs::copy(town.path("srv/heads-key.jwk"), town.path("srv/heads-key.next.jwk")).unwrap();
    town.ok("ledger rotate-heads-key --home srv");
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    assert_eq!(server.json("/log")["heads"], changed);
    // Nobody else changes it.
    drop(server);
    let key = fs::read(town.path("srv/log-key.jwk")).unwrap();
    town.ok("ledger init --origin ledger.example/2026 --home thief");
    fs::copy(town.path("thief/log-key.jwk"), town.path("srv/log-key.jwk")).unwrap();
    town.fails("ledger rotate-heads-key --home srv");
    fs::write(town.path("srv/log-key.jwk"), key).unwrap();
    assert!(Served::at(town.folder(), "registry --open-creation --data srv", &address).terminate().success());
}
