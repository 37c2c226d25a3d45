//! Inputs made to be expensive, each with the rule that refuses it.

mod documents;
mod encodings;
mod histories;
mod ledger;
mod protocols;
mod voting;

use crate::{
    Limits, Outcome, gauge,
    run::{Finding, Scratch},
};
use serde_json::{Value, json};

/// An input that must cost little, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Bomb {
    /// What it is.
    pub name: &'static str,
    /// Makes it.
    pub build: fn() -> Vec<u8>,
    /// Gives it to whoever has to refuse it.
    pub run: fn(&[u8]) -> Outcome,
    /// The rule by which it is refused; `ok` where it is merely large.
    pub expect: Outcome,
    /// What it may cost.
    pub limits: Limits,
}

impl Bomb {
    /// Runs the bomb and measures what it cost.
    pub fn run(&self, scratch: &Scratch) -> Value {
        let input = (self.build)();
        // What is made once and kept is made before it counts.
        let _warm = (self.run)(b"");
        scratch.note(1, input.get(..64).unwrap_or(&input));
        gauge::forget_peak();
        let before = gauge::peak_kib();
        let watch = gauge::Stopwatch::start();
        let outcome = (self.run)(&input);
        let milliseconds = watch.elapsed().as_secs_f64() * 1_000.0;
        let kib = before.zip(gauge::peak_kib()).map(|(before, after)| after.saturating_sub(before));
        let mut findings = Vec::new();
        let mut find = |kind, what: String| {
            let input = input.get(..64).unwrap_or(&input).to_vec();
            findings.push(Finding { kind, what, input }.to_json());
        };
        if outcome != self.expect {
            find("wrong", format!("{outcome} instead of {}", self.expect));
        }
        let allowed = std::time::Duration::from_millis(self.limits.milliseconds).as_secs_f64() * 1_000.0;
        if milliseconds > allowed {
            find("slow", format!("{milliseconds:.1} ms"));
        }
        if kib.is_some_and(|kib| kib > self.limits.kib) {
            find("memory", format!("{kib:?} KiB"));
        }
        let bytes = input.len();
        json!({"executions": 1, "bytes": bytes, "outcome": outcome, "milliseconds": milliseconds, "kib": kib, "findings": findings})
    }
}

/// Every bomb.
pub fn all() -> Vec<Bomb> {
    [encodings::BOMBS, documents::BOMBS, ledger::BOMBS, histories::BOMBS, protocols::BOMBS, voting::BOMBS]
        .concat()
}

/// The bomb called `name`.
pub fn named(name: &str) -> Option<Bomb> {
    all().into_iter().find(|bomb| bomb.name == name)
}

/// A bomb within the usual limits.
const fn bomb(
    name: &'static str,
    build: fn() -> Vec<u8>,
    run: fn(&[u8]) -> Outcome,
    expect: Outcome,
) -> Bomb {
    Bomb { name, build, run, expect, limits: Limits::USUAL }
}

/// A bomb with a time of its own.
const fn within(bomb: Bomb, milliseconds: u64) -> Bomb {
    Bomb { limits: Limits { milliseconds, kib: bomb.limits.kib }, ..bomb }
}
