//! What a monitor and a client do with a log that contradicts itself.

use crate::{Town, liar::Liar, served::Served, shown};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead},
};
use std::{fs, path::PathBuf};

/// What the operator signs, whatever it says.
fn signed(town: &Town, size: u64) -> SignedCheckpoint {
    let head = TreeHead { size, root: Hash::leaf(b"another history") };
    SignedCheckpoint::sign(head, &town.log_key(), &town.operators("log-key.jwk")).unwrap()
}

/// The log with one organisation, whose DID is returned.
fn served(town: &Town) -> (Served, String) {
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let created =
        town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    let did = created["did"].as_str().unwrap().to_owned();
    (server, did)
}

fn alarmed(town: &Town, command: &str) -> String {
    let output = town.run(command);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{command}: {told}");
    told
}

fn files_of(town: &Town, folder: &str, prefix: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(town.path(folder)).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect()
}

/// The monitor asks for the checkpoint once, and believes nothing else that the log says of its size.
#[test]
fn a_log_that_shows_a_fork_and_then_little_does_not_lead_the_monitor_astray() {
    let town = Town::founded();
    let (server, _) = served(&town);
    let (honest, small) = (shown(&server), signed(&town, 1).to_string());
    for (data, more) in [("m", ""), ("n", " --no-replay")] {
        let watch = |url: &str| {
            format!("ledger monitor --log {url} --log-key srv/log.vkey --data {data} --once{more}")
        };
        town.ok(&watch(&server.url));
        let fork = signed(&town, honest.claimed_head().size + 2);
        let liar = Liar::in_turn(&server, "/checkpoint", vec![fork.to_string(), small.clone()]);
        alarmed(&town, &watch(&liar));
        // What was accepted stays, and the other half of the evidence is kept beside it.
        assert_eq!(town.read(&format!("{data}/seen")), honest.to_string());
        let kept = files_of(&town, data, "shown-");
        assert_eq!(fs::read_to_string(&kept[0]).unwrap(), fork.to_string());
        town.ok(&watch(&server.url));
    }
}

#[test]
fn a_log_that_stands_still_while_others_are_shown_more_is_noticed_in_one_run() {
    let town = Town::founded();
    let (server, _) = served(&town);
    let frozen = shown(&server).to_string();
    town.ok("did rotate post --home post");
    let newest = shown(&server).to_string();
    assert_ne!(frozen, newest);
    let watch = |url: &str, data: &str, grace: u64| {
        format!(
            "ledger monitor --log {url} --log-key srv/log.vkey --data {data} --every 1 --grace {grace} --once --source {}",
            server.url
        )
    };
    let liar = Liar::before(&server, "/checkpoint", frozen.clone());
    let told = alarmed(&town, &watch(&liar, "m", 2));
    assert!(told.contains(r#""alarm":"hidden""#), "{told}");
    assert_eq!(fs::read_to_string(&files_of(&town, "m", "shown-")[0]).unwrap(), newest);
    // One that was late for a moment is not accused.
    let late = Liar::in_turn(&server, "/checkpoint", vec![frozen, newest]);
    town.ok(&watch(&late, "n", 20));
}

#[test]
fn a_client_that_is_shown_another_history_keeps_the_evidence() {
    let town = Town::founded();
    let (server, did) = served(&town);
    let size = shown(&server).claimed_head().size;
    // Another root at the same size: the proof convinces everybody.
    let fork = signed(&town, size);
    let liar = Liar::before(&server, "/checkpoint", fork.to_string());
    town.write("post/registry.url", &format!("{liar}/"));
    let told = town.fails(&format!("did resolve {did} --home post"));
    let proof = format!("equivocation-{size}-{size}.txt");
    assert!(told.contains(&proof), "{told}");
    town.ok(&format!("ledger equivocation post/{proof} --log-key srv/log.vkey"));
    assert_eq!(town.read(&format!("post/registry.forked-{size}-{size}")), fork.to_string());
    // A rollback proves nothing by itself; what was shown is kept.
    let small = signed(&town, size - 1);
    let liar = Liar::before(&server, "/checkpoint", small.to_string());
    town.write("post/registry.url", &format!("{liar}/"));
    let told = town.fails(&format!("did resolve {did} --home post"));
    assert!(told.contains("rolled back"), "{told}");
    assert_eq!(town.read(&format!("post/registry.forked-{size}-{}", size - 1)), small.to_string());
    // The honest one is still believed.
    town.write("post/registry.url", &format!("{}/", server.url));
    town.ok(&format!("did resolve {did} --home post"));
}
