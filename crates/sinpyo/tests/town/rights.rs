//! An institution that accredits others, and a case that is decided again by somebody else.

use crate::{Town, served::Served, served::until, shown};
use serde_json::json;
use sinpyo_tlog::policy::Policy;
use std::time::Duration;

#[test]
fn an_accreditor_accredits_for_what_it_was_told_and_no_more() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let create = |name: &str| {
        let url = &server.url;
        let created =
            town.ok(&format!("did create {name} --ko 기관 --en Office --home {name} --registry {url}"));
        created["did"].as_str().unwrap().to_owned()
    };
    let (ministry, post) = (create("ministry"), create("post"));
    let accredit = |what: &str, by: &str, to: &str| {
        format!(
            "accredit {what} --by {by} --to {to} --ko 기관 --en Office --home {by} --registry {}",
            server.url
        )
    };
    assert_eq!(town.run(&accredit("issue --profile K14", "ministry", &post)).status.code(), Some(2));
    town.ok(&accredit("accreditor --profile K14", "moi", &ministry));
    town.ok(&accredit("issue --profile K14", "ministry", &post));
    assert_eq!(town.run(&accredit("issue --profile K15", "ministry", &post)).status.code(), Some(2));
}

#[test]
fn a_case_says_what_is_proven_and_what_is_not() {
    let town = Town(tempfile::tempdir().unwrap());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    town.ok(&format!("demo --data {} --keep out", root.display()));
    let log_key = town.read("out/log.vkey");
    let judge = "verify --case out/cases/N4 --home nobody";
    let output = town.run(&format!("{judge} --log-key out/log.vkey --lang en"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in
        ["the newest then is shown by statements", "no witness was asked", "not shown: whether the answer"]
    {
        assert!(said.contains(part), "{said}");
    }
    town.write("policy", &format!("log {}\nquorum none\n", log_key.trim()));
    assert_eq!(town.run(&format!("{judge} --policy policy")).status.code(), output.status.code());
    // Somebody who asks for witnesses is told that there were none.
    let witness = town.witness_of("out/log.vkey");
    town.write("policy", &format!("log {}\nwitness w {witness}\nquorum w\n", log_key.trim()));
    assert!(town.fails(&format!("{judge} --policy policy")).contains("quorum"));
    assert!(town.fails(judge).contains("--log-key"));
}

#[test]
fn a_remote_verifier_says_since_when_witnesses_vouch() {
    let town = Town::founded();
    let _witnesses = town.witnessed();
    let policy: Policy = town.read("policy").parse().unwrap();
    let server = Served::start(town.folder(), "registry --open-creation --data srv --policy policy");
    until(Duration::from_secs(10), "a quorum", || policy.verify(&shown(&server)).is_ok());
    let root = town.read("srv/root").trim().to_owned();
    town.write("proof.json", &server.json(&format!("/dids/{root}/proof")).to_string());
    let check = |trust: &str| town.ok(&format!("ledger verify-proof proof.json --did {root} {trust}"));
    assert!(check("--policy policy")["witnessedAt"].is_string());
    assert_eq!(check("--log-key srv/log.vkey")["witnessedAt"], json!(null));
}
