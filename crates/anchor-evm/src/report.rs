//! What the program prints, and the numbers that it leaves for a metrics collector.

use serde::Serialize;
use sinpyo_anchor_evm::{
    anchorer::{Progress, StepError},
    chain::ChainError,
    evidence::{CoverError, EvidenceError},
    key::ReadKeyError,
    lag::{Lag, Overdue},
    log::ReadLogError,
    plan::Conflict,
    send::{Mined, SendError},
};
use sinpyo_tlog::merkle::TreeHead;
use std::fmt::Write as _;

/// How to speak.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say {
    json: bool,
}

impl Say {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// One line: an object for programs, or the words for people.
    pub(crate) fn line(self, fact: &impl Serialize, words: &str) {
        if self.json {
            // These structures have text keys and no maps that could fail.
            println!("{}", serde_json::to_string(fact).unwrap_or_default());
        } else {
            println!("{words}");
        }
    }

    pub(crate) fn failure(self, error: &anyhow::Error, rule: Option<&str>) {
        #[derive(Serialize)]
        struct Failure<'a> {
            event: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            rule: Option<&'a str>,
            error: String,
        }
        let error = printable(error);
        let event = if rule.is_some() { "refused" } else { "failed" };
        let words =
            rule.map_or_else(|| format!("failed: {error}"), |rule| format!("refused [{rule}]: {error}"));
        self.line(&Failure { event, rule, error }, &words);
    }
}

/// Longest report of an error, in characters.
const MAX_ERROR: usize = 500;

/// An error and its causes on one line. Nodes put words of their own into them.
pub(crate) fn printable(error: &anyhow::Error) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    format!("{error:#}").chars().map(plain).take(MAX_ERROR).collect()
}

/// The rule in the chain of causes that was broken.
pub(crate) fn rule_of(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        let step = cause.downcast_ref::<StepError>().and_then(StepError::code);
        let log = cause.downcast_ref::<ReadLogError>().and_then(ReadLogError::code);
        let evidence = cause.downcast_ref::<EvidenceError>().map(EvidenceError::code);
        let cover = cause.downcast_ref::<CoverError>().map(CoverError::code);
        let conflict = cause.downcast_ref::<Conflict>().map(Conflict::code);
        let key = cause.downcast_ref::<ReadKeyError>().and_then(ReadKeyError::code);
        let chain = cause.downcast_ref::<ChainError>().and_then(ChainError::code);
        let send = cause.downcast_ref::<SendError>().and_then(SendError::code);
        step.or(log).or(evidence).or(cover).or(conflict).or(key).or(chain).or(send)
    })
}

/// A head as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    size: u64,
    root: String,
}

impl From<TreeHead> for Head {
    fn from(head: TreeHead) -> Self {
        Self { size: head.size, root: head.root.to_string() }
    }
}

/// One thing that a running anchorer has to say.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Line {
    Started { contract: String, chain_id: u64, account: String, nodes: u8 },
    Anchored { log: Head, transaction: String, block: u64, gas: u64, raised: u32 },
    Reorganised { before: Head, now: Head },
    Final { size: u64, safe: u64, latest: u64 },
    Trouble { rule: Option<&'static str>, error: String },
    LagAlarm { entries: u64, seconds: u64, limit: &'static str },
    LagOver,
}

impl Line {
    pub(crate) fn anchored(log: TreeHead, mined: &Mined) -> Self {
        let Mined { transaction, block, gas, raised, .. } = *mined;
        Self::Anchored { log: log.into(), transaction: transaction.to_string(), block, gas, raised }
    }

    pub(crate) fn alarm(lag: Lag, overdue: Overdue) -> Self {
        let limit = match overdue {
            Overdue::Time => "time",
            Overdue::Entries => "entries",
        };
        Self::LagAlarm { entries: lag.entries, seconds: lag.waiting.as_secs(), limit }
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Self::Started { contract, chain_id, account, nodes } => {
                let believed = if *nodes == 1 {
                    "; ONE NODE IS BELIEVED: --second-rpc would notice its lies"
                } else {
                    ""
                };
                format!("anchoring in {contract} on chain {chain_id} with account {account}{believed}")
            }
            Self::Anchored { log, transaction, block, gas, raised } => format!(
                "anchored {} entries in block {block} ({gas} gas, fee raised {raised} times, transaction {transaction})",
                log.size
            ),
            Self::Reorganised { before, now } => {
                format!(
                    "the chain was reorganised: it held {} entries and now holds {}",
                    before.size, now.size
                )
            }
            Self::Final { size, safe, latest } => {
                format!("final: {size} entries (safe {safe}, latest {latest})")
            }
            Self::Trouble { rule: Some(rule), error } => format!("REFUSED [{rule}]: {error}"),
            Self::Trouble { rule: None, error } => format!("trouble: {error}"),
            Self::LagAlarm { entries, seconds, limit } => {
                format!("LAG ({limit}): {entries} entries are not anchored, the first for {seconds} s")
            }
            Self::LagOver => "the chain has caught up".to_owned(),
        }
    }
}

/// The numbers of one look, in the text format that metrics collectors read.
pub(crate) fn metrics(
    progress: Option<&Progress>,
    lag: Lag,
    alarm: Option<Overdue>,
    failures: u64,
) -> String {
    let mut text = String::new();
    let mut number = |name: &str, value: u64| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# TYPE sinpyo_anchor_{name} gauge\nsinpyo_anchor_{name} {value}");
    };
    if let Some(progress) = progress {
        number("log_size", progress.log.size);
        number("chain_size_latest", progress.latest.size);
        number("chain_size_safe", progress.safe.size);
        number("chain_size_final", progress.last.size);
    }
    number("lag_entries", lag.entries);
    number("lag_seconds", lag.waiting.as_secs());
    number("lag_alarm", u64::from(alarm.is_some()));
    number("failures_in_a_row", failures);
    text
}
