//! `sinpyo ledger init`

use super::Done;
use crate::{
    files::{self, Access},
    home::{ROOT, ROOT_OPERATION},
    log_keys::LogSigners,
    say::Voice,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{did::Did, json};
use sinpyo_registry::engine::MAX_SUBMISSION;
use std::path::Path;

/// Makes the keys of the log `origin` in `home`, and notes its root accreditor.
pub(super) fn run(home: &Path, origin: &str, root: Option<&Path>, voice: Voice) -> Result<Done> {
    if home.join("ledger.db").exists() || home.join("log.vkey").exists() {
        bail!("{} has a log already", home.display());
    }
    let origin = origin.parse().context("not a name for a log: a URL without scheme")?;
    let root = root.map(read_root).transpose()?;
    for part in ["", "organisations", "status"] {
        files::private_folder(&home.join(part))?;
    }
    if let Some((did, operation)) = root {
        files::create(&home.join(ROOT_OPERATION), &operation, Access::Public)?;
        files::create(&home.join(ROOT), did.as_str().as_bytes(), Access::Public)?;
    }
    let signers = LogSigners::open(home, &origin)?;
    let key = signers.key.to_string();
    voice.report(&json!({"ok": true, "key": key}), &key);
    Ok(Done::Accepted)
}

/// The DID of the root accreditor, and the operation that creates it. The log checks it like any other.
fn read_root(file: &Path) -> Result<(Did, Vec<u8>)> {
    let limit = u64::try_from(MAX_SUBMISSION).unwrap_or(u64::MAX);
    let operation = files::read(file, limit)?;
    let members =
        json::parse_object(&operation).with_context(|| format!("{} is no operation", file.display()))?;
    let did = members.get("did").and_then(Value::as_str).context("the operation names no DID")?;
    Ok((did.parse().context("the operation names no DID")?, operation))
}
