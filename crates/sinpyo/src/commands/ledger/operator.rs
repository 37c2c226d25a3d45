//! `sinpyo ledger admit`, `sinpyo ledger adopt`

use super::{Done, Place, report_head};
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

/// Takes the log for what it was published as.
pub(super) fn adopt(place: &Place, folder: &Path, voice: Voice) -> Result<Done> {
    report_head(place.adopt(folder)?, voice);
    Ok(Done::Accepted)
}
