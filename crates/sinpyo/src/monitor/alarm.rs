//! Alarms: a line for machines on standard error, and a command of the operator's.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Command, Stdio},
};

/// What no log may do, or what keeps it from being watched.
#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    /// Two statements of the log contradict each other; the file proves it.
    Equivocation { file: PathBuf },
    /// The log shows fewer entries than before.
    RolledBack { from: u64, to: u64 },
    /// A checkpoint is not by the log's key.
    Forged { reason: String },
    /// The entries or tiles do not lead to the checkpoint.
    Tiles { size: u64 },
    /// An entry breaks a rule.
    Unlawful { index: u64, code: Option<&'static str> },
    /// Too few witnesses cosigned, or too long ago.
    Unwitnessed { reason: String },
    /// Somebody was shown entries that the log does not show here.
    Hidden { source: String, size: u64 },
    /// The log, or a view of it, cannot be reached.
    Unreachable { source: String, reason: String },
}

impl Alarm {
    /// Its name, for programs.
    fn name(&self) -> &'static str {
        match self {
            Self::Equivocation { .. } => "equivocation",
            Self::RolledBack { .. } => "rolled-back",
            Self::Forged { .. } => "forged",
            Self::Tiles { .. } => "tiles",
            Self::Unlawful { .. } => "unlawful-entry",
            Self::Unwitnessed { .. } => "unwitnessed",
            Self::Hidden { .. } => "hidden",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    fn to_json(&self) -> Value {
        let name = self.name();
        match self {
            Self::Equivocation { file } => json!({"alarm": name, "file": file.display().to_string()}),
            Self::RolledBack { from, to } => json!({"alarm": name, "from": from, "to": to}),
            Self::Forged { reason } | Self::Unwitnessed { reason } => {
                json!({"alarm": name, "reason": reason})
            }
            Self::Tiles { size } => json!({"alarm": name, "size": size}),
            Self::Unlawful { index, code } => json!({"alarm": name, "index": index, "code": code}),
            Self::Hidden { source, size } => json!({"alarm": name, "source": source, "size": size}),
            Self::Unreachable { source, reason } => {
                json!({"alarm": name, "source": source, "reason": reason})
            }
        }
    }
}

/// Who is told.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    command: Option<PathBuf>,
    raised: BTreeSet<&'static str>,
    /// What was told in the round before this one: the same is not told every second.
    told: BTreeSet<String>,
    now: BTreeSet<String>,
}

impl Alarms {
    /// Runs `command` for each alarm, with the alarm as JSON in the variable `SINPYO_ALARM`.
    pub(crate) fn new(command: Option<PathBuf>) -> Self {
        Self { command, ..Self::default() }
    }

    /// Tells of `alarm`, once for as long as it lasts.
    pub(crate) fn raise(&mut self, alarm: &Alarm) -> Result<()> {
        let text = alarm.to_json().to_string();
        self.raised.insert(alarm.name());
        if !self.now.insert(text.clone()) || self.told.contains(&text) {
            return Ok(());
        }
        eprintln!("{text}");
        let Some(command) = &self.command else { return Ok(()) };
        let status = Command::new(command).env("SINPYO_ALARM", &text).stdin(Stdio::null()).status();
        let status = status.with_context(|| format!("cannot run {}", command.display()))?;
        if !status.success() {
            eprintln!("{}", json!({"alarm": "alarm-command", "status": status.code()}));
        }
        Ok(())
    }

    /// The alarms since the last call.
    pub(crate) fn take(&mut self) -> BTreeSet<&'static str> {
        self.told = std::mem::take(&mut self.now);
        std::mem::take(&mut self.raised)
    }
}
