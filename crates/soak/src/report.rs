//! What the caller reads.

use crate::verdict::Verdict;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt};

/// A soak that came to its end.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) engine: &'static str,
    pub(crate) sabotage: Option<&'static str>,
    pub(crate) seed: u64,
    pub(crate) seconds: u64,
    pub(crate) clients: u32,
    /// By kind.
    pub(crate) faults: BTreeMap<&'static str, Count>,
    pub(crate) verdict: Verdict,
    /// What went wrong without breaking the log's word.
    pub(crate) complaints: Vec<String>,
}

/// How often a fault was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Times that somebody felt it; others are not counted.
    pub(crate) times: u64,
    /// Requests, connections or system calls that met it.
    pub(crate) felt: u64,
}

impl Report {
    /// Whether the log kept its word and the service its promises.
    pub(crate) const fn passed(&self) -> bool {
        self.verdict.is_good() && self.complaints.is_empty()
    }

    /// The report as one JSON object.
    pub(crate) fn to_json(&self) -> Value {
        let faults: BTreeMap<_, _> = self
            .faults
            .iter()
            .map(|(kind, count)| (*kind, json!({"times": count.times, "felt": count.felt})))
            .collect();
        let verdict = &self.verdict;
        json!({
            "engine": self.engine,
            "sabotage": self.sabotage,
            "seed": self.seed,
            "seconds": self.seconds,
            "clients": self.clients,
            "faults": faults,
            "acknowledged": verdict.acknowledged,
            "entries": verdict.entries,
            "checkpoints": verdict.checkpoints,
            "lost": verdict.lost,
            "doubled": verdict.doubled,
            "split": verdict.split,
            "backward": verdict.backward,
            "findings": verdict.findings,
            "complaints": self.complaints,
            "passed": self.passed(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, seed, seconds, clients, verdict, .. } = self;
        writeln!(f, "{engine}, {clients} clients, {seconds} s, seed {seed}")?;
        if let Some(sabotage) = self.sabotage {
            writeln!(f, "sabotage: {sabotage}")?;
        }
        writeln!(f, "\n{:<22} {:>7} {:>9}", "fault", "times", "felt by")?;
        for (kind, Count { times, felt }) in &self.faults {
            writeln!(f, "{kind:<22} {times:>7} {felt:>9}")?;
        }
        writeln!(f, "\n{:<22} {:>7}", "acknowledged", verdict.acknowledged)?;
        writeln!(f, "{:<22} {:>7}", "entries", verdict.entries)?;
        writeln!(f, "{:<22} {:>7}", "checkpoints seen", verdict.checkpoints)?;
        for (name, count) in [
            ("lost", verdict.lost),
            ("doubled", verdict.doubled),
            ("split", verdict.split),
            ("time went back", verdict.backward),
        ] {
            writeln!(f, "{name:<22} {count:>7}")?;
        }
        for line in verdict.findings.iter().chain(&self.complaints) {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "\n{}", if self.passed() { "passed" } else { "FAILED" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdict: Verdict, complaints: &[&str]) -> Report {
        Report {
            engine: "sqlite",
            sabotage: None,
            seed: 1,
            seconds: 60,
            clients: 8,
            faults: BTreeMap::from([("kill -9", Count { times: 10, felt: 10 })]),
            verdict,
            complaints: complaints.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    #[test]
    fn one_violation_or_complaint_fails() {
        let good = || Verdict { acknowledged: 1, ..Verdict::default() };
        assert!(report(good(), &[]).passed());
        assert_eq!(report(good(), &[]).to_json()["faults"]["kill -9"]["times"], 10);
        for bad in [
            Verdict::default(), // nothing was acknowledged: nothing was tried
            Verdict { lost: 1, ..good() },
            Verdict { doubled: 1, ..good() },
            Verdict { split: 1, ..good() },
            Verdict { backward: 1, ..good() },
        ] {
            let report = report(bad, &[]);
            assert!(!report.passed());
            assert!(report.to_string().ends_with("FAILED\n"));
        }
        assert!(!report(good(), &["the server did not start"]).passed());
    }
}
