//! What was tried, for `cargo xtask interop`.

use serde_json::json;

/// Whether something was accepted, or why not.
pub(crate) type Verdict = Result<(), String>;

/// Counts what came out as it should, and keeps the rest.
#[derive(Default)]
pub(crate) struct Tally {
    passed: u32,
    failures: Vec<String>,
}

impl Tally {
    pub(crate) fn expect(&mut self, what: &str, verdict: Verdict) {
        match verdict {
            Ok(()) => self.passed += 1,
            Err(why) => self.failures.push(format!("{what}: {why}")),
        }
    }

    pub(crate) fn expect_refused(&mut self, what: &str, verdict: &Verdict) {
        match verdict {
            Ok(()) => self.failures.push(format!("{what}: accepted")),
            Err(_) => self.passed += 1,
        }
    }

    /// Prints the line of `peer`.
    ///
    /// # Panics
    /// Something did not come out as it should.
    pub(crate) fn report(&self, peer: &str, unsupported: &[&str]) {
        let line = json!({
            "peer": peer,
            "version": version(peer),
            "passed": self.passed,
            "failed": self.failures.len(),
            "unsupported": unsupported,
        });
        println!("\n{line}");
        assert_eq!(self.failures, Vec::<String>::new());
    }
}

/// The version of `package` in the lock file.
fn version(package: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}
