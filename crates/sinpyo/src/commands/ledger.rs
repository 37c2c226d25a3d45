//! `sinpyo ledger …`

use super::{Done, refuse, verify::read_log_key};
use crate::{asking::Refusal, cli::LedgerCommand, home::Home, say::Voice};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, resolved::VersionSelector};
use sinpyo_registry::{
    audit::{ExportedEntry, audit},
    engine::LogEngine,
};
use sinpyo_store::export::{Export, ReadExportError, export};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::path::Path;

pub(crate) fn run(open: impl Fn() -> Result<Home>, command: LedgerCommand, voice: Voice) -> Result<Done> {
    match command {
        LedgerCommand::Check { folder, log_key } => check(&folder, &log_key, voice),
        LedgerCommand::Show { last } => show(&open()?, last, voice),
        LedgerCommand::Prove { did } => {
            let (home, did) = (open()?, did.parse()?);
            match home.ledger()?.prove(&did, &VersionSelector::Latest) {
                Ok(proof) => println!("{proof}"),
                Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
            }
            Ok(Done::Accepted)
        }
        LedgerCommand::Export { folder } => {
            let home = open()?;
            drop(home.ledger()?);
            let head = export(home.log(), &folder).context("cannot export the ledger")?;
            report_head(head, voice);
            Ok(Done::Accepted)
        }
    }
}

fn show(home: &Home, last: u64, voice: Voice) -> Result<Done> {
    let head = home.log().head()?;
    let first = head.size.saturating_sub(last);
    let entries = home.log().entries(first..head.size)?;
    for (index, entry) in (first..).zip(&entries) {
        let entry: Value = serde_json::from_slice(entry)?;
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
        let about = ["/op/did", "/op/subject", "/op/list", "/op/accreditation", "/op/root"];
        let about = about.iter().find_map(|pointer| entry.pointer(pointer)?.as_str()).unwrap_or("-");
        eprintln!("{index:>8}  {}  {:<20}  {about}", text("/time"), text("/op/type"));
    }
    report_head(head, voice);
    Ok(Done::Accepted)
}

fn report_head(head: TreeHead, voice: Voice) {
    let root = to_base64url(head.root.as_bytes());
    let people =
        format!("{} {}, {} {root}", voice.pick("크기", "size"), head.size, voice.pick("루트", "root"));
    voice.report(&json!({"ok": true, "size": head.size, "root": root}), &people);
}

fn unreadable_export(error: &ReadExportError) -> Refusal {
    Refusal::new(error.code().unwrap_or("STO-19"), error)
}

/// Recomputes root and state of an export, with nothing but its files and the log's key.
fn check(folder: &Path, log_key: &Path, voice: Voice) -> Result<Done> {
    let key = read_log_key(log_key)?;
    let export = match Export::open(folder) {
        Ok(export) => export,
        Err(error) => return Ok(refuse(voice, &unreadable_export(&error))),
    };
    let size = usize::try_from(export.checkpoint().claimed_head().size).unwrap_or(usize::MAX);
    let bar = voice.progress(size, "원장 확인", "checking the ledger");
    let mut unreadable = None;
    let entries = export.entries().map_while(|entry| match entry {
        Ok(entry) => {
            bar.inc(1);
            // The tiles were compared with the entries when these were read.
            Some(ExportedEntry { leaf: Hash::leaf(&entry), entry })
        }
        Err(error) => {
            unreadable = Some(error);
            None
        }
    });
    let audited = audit(entries, &export.checkpoint().to_string(), &key);
    bar.finish_and_clear();
    match (unreadable, audited) {
        (Some(error), _) => Ok(refuse(voice, &unreadable_export(&error))),
        (None, Err(error)) => Ok(refuse(voice, &Refusal::new(error.code(), &error))),
        (None, Ok(audited)) if audited.head().size == 0 => bail!("the ledger is empty"),
        (None, Ok(audited)) => {
            report_head(audited.head(), voice);
            Ok(Done::Accepted)
        }
    }
}
