//! `sinpyo ledger admit`, `verify`, `adopt`

use super::{Done, Place, backup::with_progress, report_head};
use crate::{admitted::Admitted, log_keys::LogSigners, say::Voice};
use anyhow::{Result, bail};
use serde_json::json;
use sinpyo_core::did::Did;
use std::path::Path;

/// Lets the DID be created through the served registry of this folder.
pub(super) fn admit(folder: &Path, did: &Did, voice: Voice) -> Result<Done> {
    if LogSigners::kept(folder)?.is_none() {
        bail!("{} has no log", folder.display());
    }
    let new = Admitted::in_folder(folder).add(did)?;
    voice.report(&json!({"ok": true, "did": did.as_str(), "new": new}), did.as_str());
    Ok(Done::Accepted)
}

/// Recomputes the log, which may be served meanwhile.
pub(super) fn verify(place: &Place, folder: &Path, voice: Voice) -> Result<Done> {
    let head = with_progress(voice, ("원장 확인", "verifying the log"), |progress| {
        place.verify(folder, progress)
    })?;
    report_head(head, voice);
    Ok(Done::Accepted)
}

/// Takes the log for what it was published as.
pub(super) fn adopt(place: &Place, folder: &Path, voice: Voice) -> Result<Done> {
    report_head(place.adopt(folder)?, voice);
    Ok(Done::Accepted)
}
