//! What came out of a set.

use serde_json::{Value, json};

/// How one case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Run through our code, with the outcome that the vector states.
    Passed,
    /// Another outcome than the vector states, or a vector that could not be read.
    Failed(String),
    /// Another outcome on purpose: the clause that it rests on.
    Differs(String),
    /// Not run: why.
    Skipped(String),
}

impl From<anyhow::Result<()>> for Verdict {
    fn from(outcome: anyhow::Result<()>) -> Self {
        match outcome {
            Ok(()) => Self::Passed,
            Err(error) => Self::Failed(format!("{error:#}")),
        }
    }
}

/// The cases of one set.
#[derive(Debug)]
pub(crate) struct Report {
    cases: usize,
    results: Vec<(String, Verdict)>,
}

impl Report {
    /// A report on a set that has `cases` cases by its own manifest or files.
    pub(crate) const fn new(cases: usize) -> Self {
        Self { cases, results: Vec::new() }
    }

    /// The report on a set that could not be read at all.
    pub(crate) fn unreadable(error: &anyhow::Error) -> Self {
        Self { cases: 1, results: vec![("the set".to_owned(), Verdict::Failed(format!("{error:#}")))] }
    }

    /// Adds the outcome of `case`.
    pub(crate) fn record(&mut self, case: impl Into<String>, verdict: impl Into<Verdict>) {
        self.results.push((case.into(), verdict.into()));
    }

    /// How many cases the set has.
    pub(crate) const fn cases(&self) -> usize {
        self.cases
    }

    /// How many cases ended as their vectors state.
    pub(crate) fn passed(&self) -> usize {
        self.results.iter().filter(|(_, verdict)| *verdict == Verdict::Passed).count()
    }

    /// How many did not. A case that was counted and not run, or run and not counted, is one of them.
    pub(crate) fn failed(&self) -> usize {
        self.failures().count() + self.cases.abs_diff(self.results.len())
    }

    /// Failed cases, each with the reason.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.results.iter().filter_map(|(case, verdict)| match verdict {
            Verdict::Failed(reason) => Some((case.as_str(), reason.as_str())),
            Verdict::Passed | Verdict::Differs(_) | Verdict::Skipped(_) => None,
        })
    }

    /// Cases that end otherwise on purpose, each with the clause.
    pub(crate) fn differences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.results.iter().filter_map(|(case, verdict)| match verdict {
            Verdict::Differs(clause) => Some((case.as_str(), clause.as_str())),
            Verdict::Passed | Verdict::Failed(_) | Verdict::Skipped(_) => None,
        })
    }

    /// Cases that were not run, each with the reason.
    pub(crate) fn skips(&self) -> impl Iterator<Item = (&str, &str)> {
        self.results.iter().filter_map(|(case, verdict)| match verdict {
            Verdict::Skipped(reason) => Some((case.as_str(), reason.as_str())),
            Verdict::Passed | Verdict::Failed(_) | Verdict::Differs(_) => None,
        })
    }

    /// The report on `set` as one object.
    pub(crate) fn to_json(&self, set: &str) -> Value {
        let named = |(case, reason): (&str, &str)| json!({"case": case, "reason": reason});
        let differs: Vec<_> = self.differences().map(named).collect();
        let skips: Vec<_> = self.skips().map(named).collect();
        json!({
            "set": set,
            "cases": self.cases,
            "passed": self.passed(),
            "failed": self.failed(),
            "skipped": skips.len(),
            "differs": differs,
            "skips": skips,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn a_report_adds_up() {
        let mut report = Report::new(4);
        report.record("a", Ok(()));
        report.record("b", Err(anyhow!("inner").context("outer")));
        report.record("c", Verdict::Differs("RFC 1 §1".to_owned()));
        report.record("d", Verdict::Skipped("a draft".to_owned()));
        assert_eq!(
            report.to_json("x"),
            json!({
                "set": "x", "cases": 4, "passed": 1, "failed": 1, "skipped": 1,
                "differs": [{"case": "c", "reason": "RFC 1 §1"}],
                "skips": [{"case": "d", "reason": "a draft"}],
            })
        );
        assert_eq!(report.failures().collect::<Vec<_>>(), [("b", "outer: inner")]);
    }

    #[test]
    fn a_case_that_was_not_run_is_a_failure() {
        let mut report = Report::new(2);
        report.record("a", Ok(()));
        assert_eq!((report.passed(), report.failed()), (1, 1));
        report.record("b", Ok(()));
        assert_eq!(report.failed(), 0);
        report.record("nobody counted this", Ok(()));
        assert_eq!(report.failed(), 1);
        assert_eq!(Report::unreadable(&anyhow!("no such folder")).failed(), 1);
    }
}
