//! The did:webvh twin, by the command line: made, kept up, checked, and refused where it is none.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test")]

#[path = "support/served.rs"]
#[expect(dead_code, reason = "of what servers can be asked, this needs little")]
mod served;
mod support;

use serde_json::{Value, json};
use served::Served;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use support::{json_of, sinpyo};
use tempfile::TempDir;

/// The post, whose twin is `home/twins/post/did.jsonl`, and its ministry.
struct Town {
    folder: TempDir,
    tlog: String,
}

impl Town {
    fn founded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        ok(folder.path(), "did create moi --ko 행정안전부 --en MOIS");
        let created = ok(folder.path(), "did create post --ko 우정사업본부 --en Post");
        Self { folder, tlog: text(&created["did"]) }
    }

    /// With a twin; its DID.
    fn with_twin() -> (Self, String) {
        let town = Self::founded();
        let twin = text(&town.ok("did twin create post --at post.example:registry")["did"]);
        (town, twin)
    }

    fn ok(&self, command: &str) -> Value {
        ok(self.folder.path(), command)
    }

    fn fails(&self, command: &str, why: &str) {
        let (code, message) = run(self.folder.path(), command);
        assert!(code == 2 && message.to_string().contains(why), "{command}: {code} {message}");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("home/twins/post/did.jsonl")
    }

    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.file()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What a stranger finds who got `file` from the server.
    fn check(&self, twin: &str, file: &Path) -> (i32, Value) {
        let (tlog, file) = (&self.tlog, file.display());
        run(self.folder.path(), &format!("did twin check {tlog} {twin} --file {file}"))
    }

    fn assert_twins(&self, twin: &str) {
        let (code, checked) = self.check(twin, &self.file());
        assert_eq!(
            (code, &checked["webvh"], &checked["inUse"]),
            (0, &json!(twin), &json!(true)),
            "{checked}"
        );
    }

    fn refused(&self, twin: &str, file: &Path) -> String {
        let (code, refused) = self.check(twin, file);
        assert_eq!(code, 1, "{refused}");
        text(&refused["code"])
    }

    /// A copy of what is published now.
    fn published(&self, name: &str) -> PathBuf {
        let copy = self.folder.path().join(name);
        fs::copy(self.file(), &copy).unwrap();
        copy
    }

    /// The document of the did:tlog, as the ledger gives it.
    fn document(&self) -> Value {
        self.ok(&format!("did resolve {}", self.tlog))["didDocument"].clone()
    }
}

fn run(folder: &Path, command: &str) -> (i32, Value) {
    let mut arguments: Vec<_> = command.split(' ').collect();
    arguments.push("--json");
    if !command.contains("--home") {
        arguments.extend(["--home", "home"]);
    }
    let output = sinpyo(folder, &arguments);
    let code = output.status.code().unwrap();
    (code, if code == 2 { String::from_utf8_lossy(&output.stderr).into() } else { json_of(&output) })
}

fn ok(folder: &Path, command: &str) -> Value {
    match run(folder, command) {
        (0, value) => value,
        (code, value) => panic!("{command}: {code} {value}"),
    }
}

/// Copies a folder with the modes of its files.
fn copy(folder: &Path, from_to: [&str; 2]) {
    assert!(Command::new("cp").arg("-a").args(from_to).current_dir(folder).status().unwrap().success());
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn twins_name_each_other_and_stay_equal_through_rotation_and_revocation() {
    let (town, twin) = Town::with_twin();
    let made = town.lines();
    assert_eq!(made.len(), 2, "one entry before the did:tlog names the twin, one after");
    assert_eq!(town.document()["alsoKnownAs"], json!([twin]));
    assert_eq!(made[0]["state"]["alsoKnownAs"], json!([town.tlog]));
    assert!(twin.starts_with("did:webvh:Qm") && twin.ends_with(":post.example:registry"), "{twin}");
    town.assert_twins(&twin);

    // Each of these is one more entry, with the time of the ledger, and keeps the names.
    for (number, command) in
        ["did rotate post", "did rotate post --leaked", "did revoke post key-1"].into_iter().enumerate()
    {
        town.ok(command);
        assert_eq!(town.lines().len(), 3 + number, "{command}");
        assert_eq!(town.document()["alsoKnownAs"], json!([twin]), "{command}");
        town.assert_twins(&twin);
    }
    let resolved = town.ok(&format!("did resolve {}", town.tlog));
    let newest = town.lines().pop().unwrap();
    assert_eq!(newest["versionTime"], resolved["didDocumentMetadata"]["updated"]);
    // The document is the ledger's but for the names, found here without any of the code under test.
    let renamed = newest["state"].to_string().replace(&twin, "it").replace(&town.tlog, "other");
    let ledger = resolved["didDocument"].to_string().replace(&town.tlog, "it").replace(&twin, "other");
    assert_eq!(renamed, ledger);
    // Nothing more to say.
    let before = fs::read(town.file()).unwrap();
    assert_eq!(town.ok("did twin sync post")["versions"], json!(5));
    assert_eq!(fs::read(town.file()).unwrap(), before);
}

#[test]
fn a_twin_that_is_behind_forged_or_foreign_is_refused() {
    let (town, twin) = Town::with_twin();
    let old = town.published("old.jsonl");
    town.ok("did rotate post");
    assert_eq!(town.refused(&twin, &old), "WVH-22", "what the server still shows is behind");

    let forged = town.folder.path().join("forged.jsonl");
    let text_of = fs::read_to_string(town.file()).unwrap();
    let (place, other) = ("post.example", "thief.example");
    fs::write(&forged, text_of.replace("key-3", "key-9")).unwrap();
    assert_eq!(town.refused(&twin, &forged), "WVH-04");
    fs::write(&forged, text_of.replace(place, other)).unwrap();
    assert_eq!(town.refused(&twin.replace(place, other), &forged), "WVH-03");

    // Another organisation's twin says of itself whatever it likes.
    let foreign = text(&town.ok("did twin create moi --at moi.example")["did"]);
    let file = town.folder.path().join("home/twins/moi/did.jsonl");
    assert_eq!(town.refused(&foreign, &file), "WVH-19");
    assert_eq!(town.refused(&twin, &file), "WVH-16", "the file of another");
    assert_eq!(town.refused(&town.tlog, &file), "WVH-23", "no did:webvh");
    town.assert_twins(&twin);
}

#[test]
fn twins_go_out_of_use_together() {
    let (town, twin) = Town::with_twin();
    let active = town.published("active.jsonl");
    town.ok("did deactivate post");
    assert_eq!(town.refused(&twin, &active), "WVH-22");
    let (code, checked) = town.check(&twin, &town.file());
    assert_eq!((code, &checked["inUse"]), (0, &json!(false)), "{checked}");
    assert_eq!(town.lines().len(), 3);
    assert_eq!(town.ok("did twin sync post")["versions"], json!(3), "nothing follows the end");
}

/// Whatever a crash leaves is completed by `sync`, to the same bytes.
#[test]
fn a_twin_is_completed_after_a_crash() {
    let (town, twin) = Town::with_twin();
    town.ok("did rotate post");
    town.ok("did rotate post");
    let whole = fs::read_to_string(town.file()).unwrap();
    for kept in 1..4 {
        let part: String = whole.split_inclusive('\n').take(kept).collect();
        fs::write(town.file(), part).unwrap();
        assert_eq!(town.ok("did twin sync post")["versions"], json!(4));
        assert_eq!(fs::read_to_string(town.file()).unwrap(), whole, "{kept} entries were left");
    }
    town.assert_twins(&twin);
}

/// The first entry is there, with its key, and the did:tlog was not told.
#[test]
fn a_did_tlog_that_does_not_name_its_twin_yet_is_told() {
    let town = Town::founded();
    let folder = town.folder.path();
    // Made by a copy of the installation, of which only these two files are left.
    copy(folder, ["home", "lost"]);
    let made = ok(folder, "did twin create post --at post.example --home lost");
    let whole = fs::read_to_string(folder.join("lost/twins/post/did.jsonl")).unwrap();
    let key = "organisations/post.twin.jwk";
    fs::copy(folder.join("lost").join(key), folder.join("home").join(key)).unwrap();
    copy(folder, ["lost/twins", "home"]);
    fs::write(town.file(), whole.split_inclusive('\n').next().unwrap()).unwrap();
    let twin = text(&made["did"]);
    assert_eq!(town.refused(&twin, &town.file()), "WVH-19");
    assert_eq!(town.ok("did twin sync post")["did"], made["did"]);
    town.assert_twins(&twin);

    // A did:tlog is never told the name of a twin that is not its own.
    let moi = ok(folder, "did twin create moi --at moi.example");
    let own = town.document();
    for name in ["twins/NAME/did.jsonl", "organisations/NAME.twin.jwk"] {
        let of = |who: &str| folder.join("home").join(name.replace("NAME", who));
        fs::copy(of("moi"), of("post")).unwrap();
    }
    town.fails("did twin sync post", "not a version of the did:tlog that the twin names");
    assert_eq!(town.document(), own, "{moi}");
}

#[test]
fn what_cannot_be_carried_out_changes_nothing() {
    let (town, twin) = Town::with_twin();
    let before = fs::read(town.file()).unwrap();
    town.fails("did twin create post --at post.example", "already");
    town.fails("did twin create nobody --at post.example", "no organisation nobody");
    town.fails("did twin create moi --at localhost", "no place on the web");
    town.fails("did twin sync moi", "did twin create moi");
    assert!(!town.folder.path().join("home/twins/moi").exists());
    assert_eq!(fs::read(town.file()).unwrap(), before);
    town.fails(&format!("did twin check {} {twin} --file missing", town.tlog), "missing");
    // A damaged history is not gone on with; the change of the did:tlog stands, and says so.
    fs::write(town.file(), &before[1..]).unwrap();
    town.fails("did twin sync post", "WVH-02");
    town.fails("did rotate post", "sinpyo did twin sync post");
    fs::write(town.file(), &before).unwrap();
    assert_eq!(town.ok("did twin sync post")["versions"], json!(3));
    town.assert_twins(&twin);
}

#[cfg(unix)]
#[test]
fn the_key_of_a_twin_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let (town, _) = Town::with_twin();
    let key = town.folder.path().join("home/organisations/post.twin.jwk");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    town.fails("did twin sync post", "chmod 600");
}

#[test]
fn a_twin_of_a_did_tlog_in_a_registry_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    ok(folder.path(), "did create moi --ko 행정안전부 --en MOIS --home srv");
    let server = Served::start(folder.path(), "registry --open-creation --data srv");
    let url = &server.url;
    ok(folder.path(), &format!("did create post --ko 우정 --en Post --registry {url}"));
    let made = ok(folder.path(), "did twin create post --at post.example");
    assert_eq!(made["url"], "https://post.example/.well-known/did.jsonl");
    let tlog = text(&ok(folder.path(), "did rotate post")["did"]);
    // Somebody else, who has the public file only.
    let (twin, file) = (text(&made["did"]), text(&made["file"]));
    let check = format!("did twin check {tlog} {twin} --file {file} --home other --registry {url}");
    assert_eq!(ok(folder.path(), &check)["tlog"], json!(tlog));
    ok(folder.path(), "did deactivate post");
    assert_eq!(ok(folder.path(), &check)["inUse"], json!(false));
}
