//! A registry that leaves out what says which version is the newest.

use crate::{Town, liar::Liar, served::Served, shown};
use serde_json::Value;
use std::fs;

fn created(town: &Town, server: &Served, home: &str) -> String {
    let create = format!("did create post --ko 우정 --en Post --home {home} --registry {}", server.url);
    town.ok(&create)["did"].as_str().unwrap().to_owned()
}

#[test]
fn a_log_without_statements_is_still_not_believed_to_be_as_it_was() {
    let town = Town::founded();
    fs::remove_file(town.path("srv/heads-key.jwk")).unwrap();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let did = created(&town, &server, "post");
    let path = format!("/dids/{did}/proof");
    let old = server.json(&path);
    assert!(old["heads"].is_null());
    town.ok("did rotate post --home post");
    assert!(!town.path("post/registry.heads").exists());
    // The old proof at the old checkpoint, from a registry that shows the new one.
    let liar = Liar::before(&server, &path, old.to_string());
    town.write("post/registry.url", &format!("{liar}/"));
    assert_eq!(town.refused(&format!("did resolve {did} --home post")), "TLOG-37");
    town.write("post/registry.url", &format!("{}/", server.url));
    town.ok(&format!("did resolve {did} --home post"));
}

#[test]
fn a_log_that_was_seen_to_make_statements_owes_one_with_each_proof() {
    let town = Town::founded();
    fs::remove_file(town.path("srv/heads-key.jwk")).unwrap();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let address = server.address().to_owned();
    let did = created(&town, &server, "post");
    assert!(server.terminate().success());
    // The key comes later, by an entry of its own.
    town.ok("ledger rotate-heads-key --home srv");
    let server = Served::at(town.folder(), "registry --open-creation --data srv", &address);
    town.ok("did rotate post --home post");
    assert!(town.path("post/registry.heads").exists());
    let path = format!("/dids/{did}/proof");
    let mut proof = server.json(&path);
    let entries = proof["entries"].as_array_mut().unwrap();
    let all = entries.len();
    let says = |entry: &Value, what: &str| entry["entry"].as_str().unwrap().contains(what);
    entries.retain(|entry| !says(entry, "log-keys") && !says(entry, "key-2"));
    assert_eq!(entries.len(), all - 2);
    proof.as_object_mut().unwrap().remove("heads");
    assert_eq!(
        proof["checkpoint"].as_str().unwrap(),
        shown(&server).to_string(),
        "the newest: only the statement would tell"
    );
    let liar = Liar::before(&server, &path, proof.to_string());
    town.write("post/registry.url", &format!("{liar}/"));
    assert_eq!(town.refused(&format!("did resolve {did} --home post")), "TLOG-36");
    town.write("post/registry.url", &format!("{}/", server.url));
    town.ok(&format!("did resolve {did} --home post"));
}
