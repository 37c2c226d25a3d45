//! Opening hours, and the commands of voters and hosts on one small election.

use crate::{
    hall::{Hall, Setup, now},
    support::{json_of, sinpyo},
};
use serde_json::Value;
use std::time::Duration;

/// Runs the binary in the election's folder; exit code and JSON.
fn run(hall: &Hall, command: &[&str]) -> (i32, Value) {
    let output = sinpyo(hall.path(), &[command, &["--json"]].concat());
    (output.status.code().unwrap(), json_of(&output))
}

#[test]
fn a_voter_registers_checks_and_votes_at_the_command_line() {
    let hall = Hall::called(Setup { voters: 1, closes_after: 45, ..Setup::default() });
    let link = format!("sinpyo-vote:{}?code={}", hall.at(), hall.codes[0]);
    crate::served::until(Duration::from_secs(20), "registration", || {
        hall.summary()["phase"] == "registration"
    });
    std::thread::sleep(Duration::from_secs(1));
    let (code, registered) = run(&hall, &["vote", "cast", &link, "--voter", "me"]);
    assert_eq!(code, 0, "{registered}");
    let slot = registered["slot"].as_str().unwrap().to_owned();
    hall.step("freeze");
    let mut wallet = hall.wallets().remove(0);
    hall.read(&mut wallet, "open");
    let at = hall.at();
    let (code, shown) = run(&hall, &["vote", "cast", &at, "--voter", "me", "--choose", "2", "--check"]);
    assert_eq!(code, 0, "{shown}");
    let text = shown["check"].as_str().unwrap();
    let (code, checked) = run(&hall, &["vote", "check", text]);
    assert_eq!(
        (code, checked["choices"]["c1"].as_str(), checked["slot"].as_str()),
        (0, Some("o2"), Some(&*slot))
    );
    assert_eq!(checked["tracking"], shown["tracking"]);
    // One letter of the package is another.
    let at_end = text.rfind('.').unwrap() - 3;
    let other = if &text[at_end..=at_end] == "A" { "B" } else { "A" };
    let damaged = format!("{}{other}{}", &text[..at_end], &text[at_end + 1..]);
    assert_eq!(run(&hall, &["vote", "check", &damaged]).0, 1);
    let (code, cast) = run(&hall, &["vote", "cast", &at, "--voter", "me", "--choose", "3"]);
    assert_eq!((code, cast["ok"].as_bool()), (0, Some(true)), "{cast}");
    assert_ne!(cast["tracking"], shown["tracking"], "a ballot that was checked is never cast");
    let manage = ["--at", at.split("/e/").next().unwrap(), "--token-file", "manage.token"];
    let early = run(&hall, &[&["vote", "close", &hall.election][..], &manage].concat());
    assert_eq!((early.0, early.1["ok"].as_bool()), (1, Some(false)), "the hours are not over: {early:?}");
    crate::served::until(Duration::from_mins(2), "the result", || hall.summary()["phase"] == "tallied");
    std::thread::sleep(Duration::from_secs(1));
    let (code, audited) = run(&hall, &["vote", "audit", &at]);
    assert_eq!((code, audited["ok"].as_bool()), (0, Some(true)), "{audited}");
    assert_eq!(audited["election"].as_str(), Some(&*hall.election));
    let by = |host: &str| run(&hall, &["vote", "audit", &format!("sinpyo-vote:{at}?host={host}")]).0;
    assert_eq!((by(audited["host"].as_str().unwrap()), by(&"f".repeat(64))), (0, 1));
    let counted = &audited["result"]["groups"][0]["contests"][0];
    assert_eq!((&counted["counts"], &counted["blank"]), (&serde_json::json!([0, 0, 1]), &0.into()));
}

#[test]
fn a_ballot_one_second_after_the_close_is_answered_and_not_in_the_record() {
    let (hall, mut wallets, election) = Hall::open(Setup { voters: 2, closes_after: 40, ..Setup::default() });
    let closes = election.manifest().closes.unix();
    let mut wallets = wallets.iter_mut();
    let (early, late) = (wallets.next().unwrap(), wallets.next().unwrap());
    early.vote(&election, 1);
    let booth = late.booth(&election);
    let posting = late.fill(&booth, &election, 2);
    while now() < closes + 1 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = late.way.send(&posting.request).unwrap();
    let problem: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((answer.status().as_u16(), problem["code"].as_str()), (409, Some("closed")), "{problem}");
    crate::served::until(Duration::from_secs(30), "the result", || hall.summary()["phase"] == "tallied");
    let summary = hall.summary();
    assert_eq!((&summary["ballots"], &summary["rejected"]), (&1.into(), &0.into()));
    // And what was taken gets its receipt again, after the close.
    assert!(early.confirm(&election));
}
