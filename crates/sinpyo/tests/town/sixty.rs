//! A verifier that runs for long stops relying on what was withdrawn, within the time that it was told.

use crate::{Town, served::Served};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// `sinpyo verify --stream` as a process.
struct Verifier {
    process: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Verifier {
    fn start(town: &Town, freshness: u64) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_sinpyo"))
            .args(["verify", "--stream", "--home", "post", "--freshness", &freshness.to_string()])
            .current_dir(town.folder())
            .env_remove("SINPYO_REGISTRY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asked, told) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, asked, told }
    }

    /// What it says of presentation `number` of `holder`.
    fn says(&mut self, holder: &str, number: usize) -> Value {
        writeln!(self.asked, "{holder}-r{number}\t{holder}-p{number}").unwrap();
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn code(&mut self, holder: &str, number: usize) -> String {
        self.says(holder, number)["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A holder with a credential of `issuer`, issued now.
fn holder(town: &Town, name: &str, issuer: &str, url: &str) {
    town.ok(&format!("wallet create --home {name} --registry {url}"));
    let key = town.ok(&format!("wallet key --profile K14 --home {name}"));
    town.write("key.json", &key.to_string());
    town.ok(&format!(
        "credential issue --issuer {issuer} --profile K14 --claims claims.json --holder key.json --out {name}.c --home {issuer}"
    ));
    town.ok(&format!("wallet add {name}.c --home {name}"));
}

/// Requests of `post`, answered by `holder`.
fn answers(town: &Town, holder: &str, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let (request, answer) = (format!("{holder}-r{number}"), format!("{holder}-p{number}"));
        let ask = "request --verifier post --service post.login --profile K14 --claim identity_assured";
        town.ok(&format!("{ask} --out {request} --home post"));
        town.ok(&format!("present --request {request} --out {answer} --home {holder}"));
    }
}

/// Status lists are published by their issuers; here they are copied.
fn lists_at_hand(town: &Town) {
    for issuer in ["bank", "office"] {
        for list in fs::read_dir(town.path(issuer).join("status")).unwrap().map(|file| file.unwrap()) {
            fs::copy(list.path(), town.path("post/status").join(list.file_name())).unwrap();
        }
    }
}

fn copy(town: &Town, from: &str, to: &str) {
    let copied = Command::new("cp").args(["-rp", from, to]).current_dir(town.folder()).status();
    assert!(copied.unwrap().success());
}

const FRESHNESS: u64 = 6;

#[test]
fn a_verifier_that_goes_on_stops_accepting_within_its_freshness() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let url = &server.url;
    let by = |to: &str, home: &str| {
        format!("--by moi --to {to} --ko 기관 --en Office --home {home} --registry {url}")
    };
    let create = |name: &str| {
        let created =
            town.ok(&format!("did create {name} --ko 기관 --en Office --home {name} --registry {url}"));
        created["did"].as_str().unwrap().to_owned()
    };
    let (post, bank, office) = (create("post"), create("bank"), create("office"));
    town.ok(&format!(
        "accredit request --service post.login --profile K14 --claim identity_assured {}",
        by(&post, "moi")
    ));
    for issuer in [&bank, &office] {
        town.ok(&format!("accredit issue --profile K14 {}", by(issuer, "moi")));
    }
    town.write("claims.json", r#"{"customer_ref":"Cfqk6di5xdrm8qkyo","identity_assured":true,"family_name":"김","given_name":"별"}"#);
    let set = |to: &str, right: &str, status: &str| {
        town.ok(&format!("accredit status --by moi --to {to} {right} {status} --home moi"));
        Instant::now()
    };
    holder(&town, "kim", "bank", url);
    holder(&town, "lee", "office", url);
    answers(&town, "kim", 0..10);
    answers(&town, "lee", 0..3);
    lists_at_hand(&town);
    // The organisation asks elsewhere while this process has its folder.
    copy(&town, "post", "asking");
    let mut verifier = Verifier::start(&town, FRESHNESS);
    assert_eq!(verifier.code("kim", 0), "ok");
    assert_eq!(verifier.code("lee", 0), "ok");
    assert_eq!(verifier.code("kim", 0), "STO-13", "each request is answered once");
    // Removed while the verifier holds that it is in order.
    assert_eq!(verifier.code("kim", 1), "ok");
    let removed = set(&bank, "--profile K14", "revoked");
    let (mut number, mut accepted_after) = (2, 0);
    loop {
        let code = verifier.code("kim", number);
        number += 1;
        if code == "VP-06" {
            break;
        }
        assert_eq!(code, "ok");
        accepted_after += 1;
        assert!(removed.elapsed() < Duration::from_secs(FRESHNESS), "accepted for {:?}", removed.elapsed());
        std::thread::sleep(Duration::from_secs(1));
    }
    eprintln!("stopped {:?} after the removal, {accepted_after} answers later", removed.elapsed());
    // What an institution asked before it was suspended is still answered; who asks for more is not.
    let ask = "request --verifier post --service post.login --profile K14 --claim identity_assured";
    town.ok(&format!("{ask} --out late --home asking"));
    set(&post, "--service post.login", "suspended");
    assert_eq!(town.refused("present --request late --out x --home lee"), "WAL-01");
    // The others go on, and nothing is accepted once nobody can be asked.
    assert_eq!(verifier.code("lee", 1), "ok");
    server.kill();
    std::thread::sleep(Duration::from_secs(FRESHNESS));
    let alone = verifier.says("lee", 2);
    assert!(alone["ok"] == false && alone["error"].is_string(), "{alone}");
}

/// SCENARIOS: nobody goes on with an institution that was removed for longer than a minute.
#[test]
fn what_is_relied_on_is_a_minute_old_at_most_unless_the_operator_says_otherwise() {
    let town = Town(tempfile::tempdir().unwrap());
    let help = String::from_utf8(town.run("verify --help").stdout).unwrap();
    let option = help.split("--freshness <SECONDS>").nth(1).unwrap();
    let default = option.split("[default: ").nth(1).unwrap().split(']').next().unwrap();
    assert!(default.parse::<u64>().unwrap() <= 60);
    for refused in ["0", "1", "3601", "-5"] {
        assert_eq!(town.run(&format!("ledger show --freshness={refused}")).status.code(), Some(2));
    }
}
