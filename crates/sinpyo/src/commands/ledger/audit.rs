//! `sinpyo ledger audit`

use super::{Done, refuse};
use crate::{asking::Refusal, remote::tiles::TileServer, say::Voice};
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use serde_json::json;
use sinpyo_core::encoding::to_base64url;
use sinpyo_registry::audit::{AuditError, Audited, ExportedEntry, audit};
use sinpyo_store::export::{Export, ReadExportError};
use sinpyo_tlog::{merkle::Hash, policy::Policy};
use std::path::Path;

/// Recomputes root and state of a log, with nothing but its files and the policy.
pub(super) fn run(log: &str, policy: &Policy, voice: Voice) -> Result<Done> {
    if log.starts_with("https://") || log.starts_with("http://") {
        served(log, policy, voice)
    } else {
        exported(Path::new(log), policy, voice)
    }
}

fn served(url: &str, policy: &Policy, voice: Voice) -> Result<Done> {
    let server = TileServer::new(url)?;
    let checkpoint = server.checkpoint()?;
    let size = checkpoint.claimed_head().size;
    let bar = progress(size, voice);
    let (mut failed, mut at) = (None, 0);
    let mut page: std::vec::IntoIter<ExportedEntry> = Vec::new().into_iter();
    let entries = std::iter::from_fn(|| {
        loop {
            if let Some(entry) = page.next() {
                at += 1;
                bar.inc(1);
                return Some(entry);
            }
            if at >= size {
                return None;
            }
            match server.entries(at, size) {
                Ok(more) => page = more.into_iter(),
                Err(error) => {
                    failed = Some(error);
                    return None;
                }
            }
        }
    });
    let audited = audit(entries, &checkpoint.to_string(), policy);
    bar.finish_and_clear();
    match failed {
        Some(error) => Err(error).with_context(|| format!("cannot read the log beyond entry {at}")),
        None => report(audited, voice),
    }
}

fn exported(folder: &Path, policy: &Policy, voice: Voice) -> Result<Done> {
    let export = match Export::open(folder) {
        Ok(export) => export,
        Err(error) => return Ok(refuse(voice, &unreadable(&error))),
    };
    let bar = progress(export.checkpoint().claimed_head().size, voice);
    let mut failed = None;
    let entries = export.entries().map_while(|entry| match entry {
        Ok(entry) => {
            bar.inc(1);
            // The tiles were compared with the entries when these were read.
            Some(ExportedEntry { leaf: Hash::leaf(&entry), entry })
        }
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let audited = audit(entries, &export.checkpoint().to_string(), policy);
    bar.finish_and_clear();
    match failed {
        Some(error) => Ok(refuse(voice, &unreadable(&error))),
        None => report(audited, voice),
    }
}

fn report(audited: std::result::Result<Audited, AuditError>, voice: Voice) -> Result<Done> {
    let audited = match audited {
        Ok(audited) => audited,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let head = audited.head();
    if head.size == 0 {
        bail!("the ledger is empty");
    }
    let (root, state) = (to_base64url(head.root.as_bytes()), to_base64url(audited.state_root().as_bytes()));
    if let Some(first) = audited.invalid().first() {
        let says = voice.pick("규칙에 어긋난 첫 항목:", "the first entry that breaks a rule:");
        let people = format!("{says} {} ({})", first.index, voice.rule(first.code));
        let invalid: Vec<_> = audited.invalid().iter().map(|entry| entry.index).collect();
        let machine = json!({"ok": false, "code": first.code, "index": first.index, "invalid": invalid,
            "size": head.size, "root": root, "stateRoot": state});
        voice.report(&machine, &people);
        return Ok(Done::Refused);
    }
    let people = format!(
        "{} {}, {} {root}, {} {state}",
        voice.pick("크기", "size"),
        head.size,
        voice.pick("루트", "root"),
        voice.pick("상태 루트", "state root")
    );
    voice.report(&json!({"ok": true, "size": head.size, "root": root, "stateRoot": state}), &people);
    Ok(Done::Accepted)
}

fn progress(size: u64, voice: Voice) -> ProgressBar {
    voice.progress(usize::try_from(size).unwrap_or(usize::MAX), "원장 확인", "checking the ledger")
}

fn unreadable(error: &ReadExportError) -> Refusal {
    Refusal::new(error.code().unwrap_or("STO-19"), error)
}
