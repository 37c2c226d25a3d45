//! Histories of did:webvh: theirs verified by us, ours by them, each with a tampered twin that both refuse.
use crate::{
    ours,
    tally::{Tally, Verdict},
    theirs,
};
use sinpyo_core::{did::Did, time::Timestamp};
use sinpyo_resolver::{
    VersionQuery,
    did_webvh::{DidLog, WitnessProofs},
};

/// Later than whatever `didwebvh-rs`, which signs at the present time, writes.
pub(crate) fn now() -> Timestamp {
    "2096-01-01T00:00:00Z".parse().unwrap()
}

/// A published history.
pub(crate) struct History {
    pub(crate) name: &'static str,
    pub(crate) did: String,
    pub(crate) log: String,
    pub(crate) witnesses: Option<String>,
}

impl History {
    fn we_verify(&self) -> Verdict {
        let mut log = DidLog::read(self.log.as_bytes(), now());
        if let Some(witnesses) = &self.witnesses {
            let proofs = WitnessProofs::read(witnesses.as_bytes()).map_err(|error| error.code())?;
            log = log.witnessed(&proofs, now());
        }
        if let Some(error) = log.error() {
            return Err(error.code().to_owned());
        }
        let did: Did = self.did.parse().map_err(|_| "no DID")?;
        log.resolve(&did, &VersionQuery::default()).map(|_| ()).map_err(|error| error.code().to_owned())
    }

    /// The history with another word in its newest document.
    fn tampered(&self) -> Self {
        let (before, last) = self.log.trim_end().rsplit_once('\n').unwrap_or(("", self.log.trim_end()));
        let changed = last.replace("https://office.example/service", "https://office.example/another");
        assert_ne!(changed, last, "{}", self.name);
        let log = if before.is_empty() { changed } else { format!("{before}\n{changed}\n") };
        Self { name: self.name, did: self.did.clone(), log, witnesses: self.witnesses.clone() }
    }

    /// The history without the approvals of its witnesses.
    fn unwitnessed(&self) -> Option<Self> {
        let witnesses = self.witnesses.as_ref().map(|_| "[]".to_owned())?;
        Some(Self {
            name: self.name,
            did: self.did.clone(),
            log: self.log.clone(),
            witnesses: Some(witnesses),
        })
    }
}

fn run(tally: &mut Tally, by: &str, history: &History) {
    let name = format!("{} {by}", history.name);
    tally.expect(&format!("{name}, by us"), history.we_verify());
    tally.expect(&format!("{name}, by them"), theirs::verify(history));
    for bad in [Some(history.tampered()), history.unwitnessed()].into_iter().flatten() {
        tally.expect_refused(&format!("{name} tampered, by us"), &bad.we_verify());
        tally.expect_refused(&format!("{name} tampered, by them"), &theirs::verify(&bad));
    }
}

#[test]
fn each_writes_and_the_other_verifies() {
    let mut tally = Tally::default();
    for history in ours::histories() {
        run(&mut tally, "ours", &history);
    }
    for history in theirs::histories() {
        run(&mut tally, "theirs", &history);
    }
    tally.report("didwebvh-rs", &[]);
}
