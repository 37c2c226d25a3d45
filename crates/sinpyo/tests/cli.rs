//! The commands as separate processes on one persistent ledger.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test")]

#[path = "support/files.rs"]
mod files;
mod support;

use files::files_below;
use serde_json::{Value, json};
use std::{fs, path::Path};
use support::{json_of, sinpyo, with_password};
use tempfile::TempDir;

/// An installation in a folder of its own.
struct Town(TempDir);

impl Town {
    /// A ministry, a post that may issue and ask, and an empty wallet.
    fn founded() -> Self {
        let town = Self(tempfile::tempdir().unwrap());
        for command in [
            "did create moi --ko 행정안전부 --en MOIS",
            "did create post --ko 우정사업본부 --en Post",
            "accredit issue --by moi --to post --profile K14",
            "accredit request --by moi --to post --service post.login --profile K14 --claim identity_assured",
            "wallet create",
        ] {
            town.ok(command);
        }
        town
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Runs one process; exit code and the JSON that it printed.
    fn run(&self, command: &str) -> (i32, Value) {
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.extend(["--json", "--home", "home"]);
        let output = sinpyo(self.folder(), &arguments);
        let code = output.status.code().unwrap();
        (
            code,
            if code == 2 { Value::from(String::from_utf8_lossy(&output.stderr)) } else { json_of(&output) },
        )
    }

    fn ok(&self, command: &str) -> Value {
        match self.run(command) {
            (0, value) => value,
            (code, value) => panic!("{command}: {code} {value}"),
        }
    }

    fn refused(&self, command: &str) -> String {
        match self.run(command) {
            (1, value) => value["code"].as_str().unwrap().to_owned(),
            (code, value) => panic!("{command}: {code} {value}"),
        }
    }

    fn write(&self, name: &str, content: &Value) {
        fs::write(self.folder().join(name), content.to_string()).unwrap();
    }

    /// Issues a credential of `profile` into the wallet; its status entry.
    fn issue(&self, issuer: &str, profile: &str, claims: &Value) -> (String, u64) {
        let key = self.ok(&format!("wallet key --profile {profile}"));
        self.write("key.json", &key);
        self.write("claims.json", claims);
        self.ok(&format!(
            "credential issue --issuer {issuer} --profile {profile} --claims claims.json --holder key.json --out c.sd-jwt"
        ));
        let own = if profile.contains('.') { format!(" --profile {profile}") } else { String::new() };
        self.ok(&format!("wallet add c.sd-jwt{own}"));
        let shown = self.ok("credential inspect c.sd-jwt");
        let status = &shown["claims"]["status"]["status_list"];
        (status["uri"].as_str().unwrap().to_owned(), status["idx"].as_u64().unwrap())
    }

    fn customer(&self) -> (String, u64) {
        self.issue("post", "K14", &json!({
            "customer_ref": "Cfqk6di5xdrm8qkyo", "identity_assured": true, "family_name": "김", "given_name": "한별",
        }))
    }

    /// The post asks, the wallet answers, the post verifies.
    fn log_in(&self) -> (i32, Value) {
        self.ok("request --verifier post --service post.login --profile K14 --claim identity_assured=true --out r.jwt");
        self.ok("present --request r.jwt --out p.json");
        self.run("verify --request r.jwt --presentation p.json")
    }
}

fn code(result: &(i32, Value)) -> &str {
    result.1["code"].as_str().unwrap()
}

#[test]
fn a_login_lasts_through_rotation_and_ends_with_revocation() {
    let town = Town::founded();
    let (list, index) = town.customer();
    let accepted = town.log_in();
    assert_eq!((accepted.0, code(&accepted)), (0, "ok"));
    let disclosed = &accepted.1["disclosed"]["credential"];
    assert_eq!(disclosed, &json!({"customer_ref": "Cfqk6di5xdrm8qkyo", "identity_assured": true}));
    assert_eq!(
        town.refused("verify --request r.jwt --presentation p.json"),
        "STO-13",
        "an answer is used once"
    );

    town.ok("did rotate post");
    assert_eq!(code(&town.log_in()), "ok", "an earlier credential still verifies");

    let set = |status: &str| format!("status set --issuer post --list {list} --index {index} {status}");
    for (status, verdict) in [("suspended", "VP-08"), ("valid", "ok"), ("revoked", "VP-07")] {
        town.ok(&set(status));
        assert_eq!(code(&town.log_in()), verdict, "{status}");
    }
    assert_eq!(town.refused(&set("valid")), "ISS-26", "revocation is for good");
    assert_eq!(town.run(&format!("status set --issuer moi --list {list} --index {index} valid")).0, 2);
    assert_eq!(town.ok("wallet history")["presentations"].as_array().unwrap().len(), 5);
}

#[test]
fn a_leaked_key_signs_nothing_any_more() {
    let town = Town::founded();
    town.customer();
    town.ok("did rotate post --leaked");
    assert_eq!(code(&town.log_in()), "DID-04");
    town.ok("did rotate post");
    assert_eq!(code(&town.log_in()), "DID-04", "what leaked once stays revoked");
}

#[test]
fn a_retired_key_can_be_revoked_later() {
    let town = Town::founded();
    town.customer();
    town.ok("did rotate post");
    town.ok("did rotate post");
    assert_eq!(code(&town.log_in()), "ok");
    assert_eq!(town.run("did revoke post key-3").0, 2, "the key in use is replaced, not revoked");
    assert_eq!(town.run("did revoke post key-9").0, 2);
    town.ok("did revoke post key-1");
    assert_eq!(code(&town.log_in()), "DID-04");
    let (refused, key) = (town.refused("wallet add c.sd-jwt"), town.ok("wallet key --profile K14"));
    assert_eq!(refused, "DID-04");
    town.write("key.json", &key);
    town.ok(
        "credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out c.sd-jwt",
    );
    town.ok("wallet remove 1");
    town.ok("wallet add c.sd-jwt");
    assert_eq!(code(&town.log_in()), "ok", "what the present key signs is good");
}

#[test]
fn a_right_can_be_suspended_ended_and_withdrawn() {
    let town = Town::founded();
    town.customer();
    let set = |status: &str| town.ok(&format!("accredit status --by moi --to post --profile K14 {status}"));
    set("suspended");
    assert_eq!(code(&town.log_in()), "ok", "issued before the suspension");
    set("active");
    set("ended");
    assert_eq!(code(&town.log_in()), "ok", "what was issued before an orderly end stays good");
    set("revoked");
    assert_eq!(code(&town.log_in()), "VP-06", "a withdrawal counts for all times");
    assert_eq!(town.run("accredit status --by moi --to post --profile K14 revoked").0, 2);
    town.ok("accredit status --by moi --to post --service post.login suspended");
    town.ok(
        "request --verifier post --service post.login --profile K14 --claim identity_assured --out r.jwt",
    );
    assert_eq!(town.refused("present --request r.jwt --out p.json"), "WAL-01");
}

#[test]
fn a_new_credential_type_is_a_json_file() {
    let town = Town::founded();
    town.write("library.json", &json!({
        "id": "L01", "type": "LibraryCard", "display": {"ko": "도서관 회원증", "en": "Library card"},
        "issuer": {"ko": "도서관", "en": "Library"}, "validity": "P1Y", "status": "SL1",
        "claims": [
            {"name": "member_number", "type": "string(1..20)", "disclosure": "selective", "display": {"ko": "회원번호", "en": "Member number"}},
            {"name": "debts", "type": "int(0..9)", "disclosure": "held", "display": {"ko": "미반납", "en": "Overdue"}},
            {"name": "adult", "type": "bool", "disclosure": "predicate", "display": {"ko": "성인", "en": "Adult"}}
        ]
    }));
    town.ok("did create library --ko 도서관 --en Library");
    town.ok("accredit issue --by moi --to library --profile library.json");
    town.ok(
        "accredit request --by moi --to library --service library.lend --profile library.json --claim adult --claim debts",
    );
    let claims = json!({"member_number": "77", "adult": true, "debts": 3});
    let (list, index) = town.issue("library", "library.json", &claims);
    let log_in = || {
        town.ok("request --verifier library --service library.lend --profile library.json --claim adult=true --out r.jwt");
        town.ok("present --request r.jwt --out p.json");
        town.run("verify --request r.jwt --presentation p.json")
    };
    assert_eq!(log_in().1["disclosed"]["credential"], json!({"adult": true}));
    town.ok(
        "request --verifier library --service library.lend --profile library.json --claim debts --out r.jwt",
    );
    assert_eq!(town.refused("present --request r.jwt --out p.json"), "WAL-04", "a held claim is never shown");
    let (code_of, message) = town.run("wallet add c.sd-jwt");
    assert!(code_of == 2 && message.as_str().unwrap().contains("--profile"), "{message}");
    town.ok("did rotate library");
    assert_eq!(code(&log_in()), "ok");
    town.ok(&format!(
        "status set --issuer library --list {list} --index {index} revoked --profile library.json"
    ));
    assert_eq!(code(&log_in()), "VP-07");
}

#[test]
fn a_request_beyond_the_service_code_is_refused_by_the_wallet() {
    let town = Town::founded();
    town.customer();
    town.ok("request --verifier post --service post.login --profile K14 --claim family_name --out r.jwt");
    assert_eq!(town.refused("present --request r.jwt --out p.json"), "WAL-01");
    assert!(!town.folder().join("p.json").exists(), "nothing was written");
    town.ok(
        "request --verifier post --service post.money --profile K14 --claim identity_assured --out r.jwt",
    );
    assert_eq!(town.refused("present --request r.jwt --out p.json"), "WAL-01");
}

#[test]
fn a_damaged_wallet_is_an_error_and_loses_nothing() {
    let town = Town::founded();
    town.customer();
    let path = town.folder().join("home/wallet.sinpyo");
    let good = fs::read(&path).unwrap();
    let list = ["wallet", "list", "--json", "--home", "home"];
    let wrong = with_password(town.folder(), &list, "다른 비밀번호");
    assert_eq!((wrong.status.code(), fs::read(&path).unwrap()), (Some(1), good.clone()));
    let codes = [good.len() / 2, 20, 0].map(|position| {
        let mut bad = good.clone();
        bad[position] ^= 1;
        fs::write(&path, &bad).unwrap();
        let refused = town.refused("wallet key --profile K14");
        assert_eq!(fs::read(&path).unwrap(), bad, "a damaged file is not written over");
        refused
    });
    assert_eq!(codes[0], json_of(&wrong)["code"], "a wrong password and a flipped bit look the same");
    fs::write(&path, &good[..good.len() - 7]).unwrap();
    assert!(town.refused("wallet list").starts_with("WAL-"));
    fs::write(&path, &good).unwrap();
    assert_eq!(town.ok("wallet list")["credentials"].as_array().unwrap().len(), 1);
}

#[test]
fn an_older_copy_of_the_wallet_is_noticed() {
    let town = Town::founded();
    let path = town.folder().join("home/wallet.sinpyo");
    let old = fs::read(&path).unwrap();
    town.customer();
    fs::write(&path, old).unwrap();
    assert_eq!(town.refused("wallet list"), "WAL-16");
}

#[test]
fn claims_that_the_profile_does_not_admit_are_refused() {
    let town = Town::founded();
    town.write("key.json", &town.ok("wallet key --profile K14"));
    for (claims, rule) in [
        (json!({"identity_assured": true}), "ISS-03"),
        (json!({"customer_ref": "C1", "unheard_of": 1}), "ISS-02"),
        (json!({"customer_ref": "C1", "given_name": "900101-1234567"}), "ISS-07"),
    ] {
        town.write("claims.json", &claims);
        let issue = "credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out c.sd-jwt";
        assert_eq!(town.refused(issue), rule, "{claims}");
        assert!(!town.folder().join("c.sd-jwt").exists());
    }
}

#[test]
fn what_cannot_be_carried_out_says_why_and_changes_nothing() {
    let town = Town::founded();
    let before = town.ok("ledger show");
    for (command, why) in [
        ("did create post --ko 우체국 --en Post", "already"),
        ("did create Post --ko 우체국 --en Post", "lower-case"),
        ("did rotate nobody", "there is no organisation nobody"),
        ("accredit issue --by moi --to post --profile K99", "K99"),
        ("accredit issue --by post --to moi --profile K01", "refused"),
        ("did resolve nonsense", "DID"),
        ("credential inspect missing", "missing"),
        ("wallet create", "exists already"),
        ("verify --request missing --presentation missing", "missing"),
        ("unheard-of", "unrecognized"),
    ] {
        let (code, message) = town.run(command);
        assert_eq!(code, 2, "{command}");
        assert!(message.as_str().unwrap().contains(why), "{command}: {message}");
    }
    assert_eq!(town.ok("ledger show"), before);
}

#[test]
fn every_help_text_has_an_example_and_every_file_with_a_secret_is_private() {
    let town = Town::founded();
    for command in [
        "did create",
        "did resolve",
        "did rotate",
        "did deactivate",
        "credential issue",
        "present",
        "verify",
        "demo",
        "status set",
        "ledger check",
        "wallet add",
    ] {
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.push("--help");
        let help = sinpyo(town.folder(), &arguments);
        assert!(String::from_utf8_lossy(&help.stdout).contains("sinpyo "), "{command}");
        assert!(String::from_utf8_lossy(&help.stdout).contains("Example"), "{command}");
    }
    #[cfg(unix)]
    for file in files_below(&town.folder().join("home")) {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        let holds_key = fs::read(&file).unwrap().windows(4).any(|window| window == b"\"d\":");
        assert!(mode == 0o600 || !holds_key, "{}", file.display());
    }
}

#[test]
fn a_deactivated_did_is_out_of_use() {
    let town = Town::founded();
    town.customer();
    let did = town.ok("did deactivate post")["did"].as_str().unwrap().to_owned();
    let (code, _) = town.run(&format!("did resolve {did}"));
    assert_eq!(code, 2);
    assert_eq!(town.run("did rotate post").0, 2);
    let asked = town.run(
        "request --verifier post --service post.login --profile K14 --claim identity_assured --out r.jwt",
    );
    assert_eq!(asked.0, 0, "whoever has the key can still write requests");
    assert_eq!(town.refused("present --request r.jwt --out p.json"), "DID-05", "and nobody answers them");
    let proof = sinpyo(town.folder(), &["ledger", "prove", &did, "--home", "home"]);
    assert!(proof.status.success());
}
