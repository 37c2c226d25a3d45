//! A run of named steps: each with a heading, its time and its outcome, and a summary that names the first failure.

use std::{process::ExitCode, time::Instant};

use anyhow::Result;

/// What a step that did not fail did.
pub(crate) enum Ran {
    /// All of it.
    Done,
    /// Nothing, for this reason.
    Skipped(String),
}

/// The steps that have run so far.
#[derive(Default)]
pub(crate) struct Steps {
    passed: usize,
    skipped: usize,
    failed: Vec<String>,
}

impl Steps {
    /// Runs one step. The run goes on after a failure, so that one run shows everything there is to mend.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Ran>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(Ran::Done) => {
                self.passed += 1;
                println!("-- {name}: ok in {seconds:.1} s");
            }
            Ok(Ran::Skipped(reason)) => {
                self.skipped += 1;
                println!("-- {name}: skipped: {reason}");
            }
            Err(error) => {
                self.failed.push(name.to_owned());
                println!("-- {name}: FAILED in {seconds:.1} s: {error:#}");
            }
        }
    }

    /// Prints the summary; failure when a step failed.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{}", self.summary());
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn summary(&self) -> String {
        let first = self.failed.first().map(|name| format!("first failure: {name}\n")).unwrap_or_default();
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{first}{} passed, {} failed{skipped}", self.passed, self.failed.len())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_summary_names_the_first_failure() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(Ran::Done));
        steps.step("two", || bail!("broken"));
        steps.step("three", || Ok(Ran::Skipped("absent".to_owned())));
        steps.step("four", || bail!("broken too"));
        assert_eq!(steps.summary(), "first failure: two\n1 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn without_a_failure_the_summary_is_one_line() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(Ran::Done));
        assert_eq!(steps.summary(), "1 passed, 0 failed");
    }
}
