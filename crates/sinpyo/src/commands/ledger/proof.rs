//! `sinpyo ledger verify-proof`

use super::{Done, MAX_POLICY, refuse};
use crate::{
    asking::Refusal,
    files,
    os::SystemClock,
    registry::{Believed, proven_document},
    say::Voice,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use sinpyo_core::{
    did::Did,
    resolved::VersionSelector,
    time::{Clock as _, Timestamp},
};
use sinpyo_registry::{did_tlog::ResolutionProof, heads::Recency};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    policy::Policy,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const MAX_PROOF: u64 = 64 << 20;

/// A proof from `sinpyo ledger prove`, or what a registry answers under `/dids/{did}/proof`.
#[derive(Debug, Args)]
pub(crate) struct VerifyProof {
    /// The proof.
    file: PathBuf,
    /// What it is to prove the document of.
    #[arg(long)]
    did: Did,
    /// The log's public key, as a C2SP verifier key; or give --policy.
    #[arg(long, value_name = "FILE")]
    pub(super) log_key: Option<PathBuf>,
    /// A checkpoint that was seen elsewhere: an older proof is refused.
    #[arg(long, value_name = "FILE")]
    newer_than: Option<PathBuf>,
    /// Oldest acceptable word of the log and, if the policy demands witnesses, of these, in seconds.
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
}

/// Checks the proof with nothing but the policy.
pub(super) fn verify(options: &VerifyProof, policy: &Policy, voice: Voice) -> Result<Done> {
    let text = String::from_utf8(files::read(&options.file, MAX_PROOF)?).context("the proof is no text")?;
    let proof: ResolutionProof = match text.parse() {
        Ok(proof) => proof,
        Err(error) => return Ok(refuse(voice, &refusal_of(&error))),
    };
    let seen = options.newer_than.as_deref().map(|file| seen(file, policy)).transpose()?;
    let recency = Recency::default();
    let recency = match &seen {
        Some(seen) => recency.not_before(seen),
        None => recency,
    };
    let now: Timestamp = SystemClock.now();
    let recency = match options.max_age {
        Some(seconds) => recency.within(Duration::from_secs(seconds), now),
        None => recency,
    };
    let asked = (&options.did, &VersionSelector::Latest);
    let believed = Believed { trust: policy, recency: &recency, heads: false };
    let proven = match proven_document(&proof, believed, asked) {
        Ok(proven) => proven,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let (size, witnessed) = (proven.checkpoint().head().size, proven.witnessed().witnessed_at());
    let document = serde_json::Value::Object(proven.resolved().document.to_json());
    let machine = json!({"ok": true, "didDocument": document, "size": size,
        "witnessedAt": witnessed.map(|at| at.to_string())});
    voice.report(&machine, &format!("{document:#}"));
    Ok(Done::Accepted)
}

fn refusal_of(error: &sinpyo_registry::BundleError) -> Refusal {
    Refusal::new(error.code(), error)
}

/// A checkpoint of the log that is known already. Whether witnesses saw it does not matter for that.
fn seen(file: &Path, policy: &Policy) -> Result<Checkpoint> {
    let text = String::from_utf8(files::read(file, MAX_POLICY)?).context("the checkpoint is no text")?;
    let checkpoint: SignedCheckpoint = text.parse().context("the checkpoint is malformed")?;
    checkpoint.verify_any(policy.log_keys()).with_context(|| format!("{} is not by this log", file.display()))
}
