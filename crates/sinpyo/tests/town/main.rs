//! A registry among those who do not trust it: witnesses, a monitor, verifiers and institutions as processes of their own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

mod admission;
mod denied;
mod downgrade;
mod liar;
mod log_key;
mod operator;
mod persons;
mod rights;
#[path = "../support/served.rs"]
mod served;
mod sixty;
mod stale;
#[path = "../support/mod.rs"]
mod support;
mod watch;

use serde_json::Value;
use served::{Served, until};
use sinpyo_core::Secret;
use sinpyo_crypto::{KeySigner, SigningKey};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, note::LogKey};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};
use support::{json_of, sinpyo};
use tempfile::TempDir;

/// A folder in which everybody has a folder.
struct Town(TempDir);

impl Town {
    /// A log whose root accreditor keeps its keys elsewhere.
    fn founded() -> Self {
        let town = Self(tempfile::tempdir().unwrap());
        let create = "did create moi --ko 행정안전부 --en MOIS --for-log ledger.example/2026 --out moi.json --home moi";
        town.ok(create);
        town.ok("ledger init --origin ledger.example/2026 --root moi.json --home srv");
        town
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    fn run(&self, command: &str) -> Output {
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.push("--json");
        sinpyo(self.folder(), &arguments)
    }

    /// Runs a command that has to succeed.
    fn ok(&self, command: &str) -> Value {
        let output = self.run(command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        json_of(&output)
    }

    /// Runs a command that a rule has to refuse, and says which.
    fn refused(&self, command: &str) -> String {
        let output = self.run(command);
        assert_eq!(output.status.code(), Some(1), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        json_of(&output)["code"].as_str().unwrap().to_owned()
    }

    /// Runs a command that cannot be carried out, and says why.
    fn fails(&self, command: &str) -> String {
        let output = self.run(command);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}: {text}");
        text
    }

    fn log_key(&self) -> LogKey {
        self.read("srv/log.vkey").trim().parse().unwrap()
    }

    /// A private key of the log's operator.
    fn operators(&self, name: &str) -> KeySigner {
        let secret = Secret::new(fs::read(self.path("srv").join(name)).unwrap());
        let key = SigningKey::from_private_jwk(&secret).unwrap();
        KeySigner::new("did:example:log#key".parse().unwrap(), key)
    }

    /// The key of a witness of the log whose key is in `file`.
    fn witness_of(&self, file: &str) -> String {
        let start = format!("witness --data w --name witness.example/w --log {file}");
        drop(Served::start(self.folder(), &start));
        self.read("w/witness.vkey").lines().next().unwrap().to_owned()
    }

    /// Three witnesses with stores of their own, of whom the policy in the file `policy` demands two.
    fn witnessed(&self) -> Vec<Served> {
        let mut policy = format!("log {}\n", self.log_key());
        let mut witnesses = Vec::new();
        for number in 1..=3 {
            let start =
                format!("witness --data w{number} --name witness.example/w{number} --log srv/log.vkey");
            let witness = Served::start(self.folder(), &start);
            let keys = self.read(&format!("w{number}/witness.vkey"));
            let key = keys.lines().next().unwrap();
            policy = format!("{policy}witness w{number} {key} {}\n", witness.url);
            witnesses.push(witness);
        }
        policy += "group majority 2 w1 w2 w3\nquorum majority\n";
        self.write("policy", &policy);
        witnesses
    }
}

/// The newest checkpoint that the server shows.
fn shown(server: &Served) -> SignedCheckpoint {
    String::from_utf8(server.get("/checkpoint").1).unwrap().parse().unwrap()
}
