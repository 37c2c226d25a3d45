//! `sinpyo ledger rotate-key`, `rotate-heads-key`

use super::{Done, Place};
use crate::{log_keys::LogSigners, say::Voice};
use anyhow::Result;
use serde_json::json;
use sinpyo_registry::Ledger;
use std::path::Path;

/// Announces a new key on the log, and takes it into use.
pub(super) fn rotate(place: &Place, folder: &Path, voice: Voice) -> Result<Done> {
    let (_lock, log) = place.open(folder, None)?;
    let ledger = Ledger::with_keys(&*log.engine, log.signers.keys(), &log.root.0)?;
    let (next, signer) = LogSigners::next(folder, ledger.origin())?;
    let named = ledger.log_keys()?;
    // After a crash in between, the log may know the key already.
    if named.log() != Some(&next) {
        let _sequenced = ledger.submit(named.change(&log.signers.signer, Some((&next, &signer)), None)?)?;
        log.published.remember(&ledger.checkpoint()?)?;
    }
    LogSigners::change(folder, &next)?;
    let key = next.to_string();
    voice.report(&json!({"ok": true, "key": key}), &key);
    Ok(Done::Accepted)
}

/// The same for the key that states what is newest, which changes at once: verifiers learn of it from every proof.
pub(super) fn rotate_heads(place: &Place, folder: &Path, voice: Voice) -> Result<Done> {
    let (_lock, mut log) = place.open(folder, None)?;
    // After a crash in between, the log names the next key already, and would not open with the present one.
    log.signers.heads = None;
    let ledger = Ledger::with_keys(&*log.engine, log.signers.keys(), &log.root.0)?;
    let (next, signer) = LogSigners::next_heads(folder, ledger.origin())?;
    let named = ledger.log_keys()?;
    if named.heads() != Some(&next) {
        let _sequenced = ledger.submit(named.change(&log.signers.signer, None, Some((&next, &signer)))?)?;
        log.published.remember(&ledger.checkpoint()?)?;
    }
    LogSigners::change_heads(folder)?;
    let key = next.to_string();
    voice.report(&json!({"ok": true, "key": key}), &key);
    Ok(Done::Accepted)
}
