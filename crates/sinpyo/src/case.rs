//! One decision as a folder of files, for somebody who was not there to decide it again.

use crate::{
    asking::{self, Verdict},
    evidence::Evidence,
    facts::{Facts, Source, Unreachable},
    files::{self, Access},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::{json, time::Timestamp};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, note::LogKey};
use std::path::Path;

const REQUEST: &str = "request.jwt";
const PRESENTATION: &str = "presentation.json";
const CHECKPOINT: &str = "checkpoint";
const PROOF: &str = "proof.json";
const CASE: &str = "case.json";

/// Longest file of a case: proofs of long histories, and status lists.
const MAX_FILE: u64 = 64 << 20;

/// A request, what answered it, and what was known then.
#[derive(Debug)]
pub(crate) struct Case {
    /// The request as signed.
    pub(crate) request: String,
    /// The answer; none if the wallet gave none.
    pub(crate) presentation: Option<Vec<u8>>,
    /// When it was examined.
    pub(crate) at: Timestamp,
    /// The log's newest checkpoint then.
    pub(crate) checkpoint: SignedCheckpoint,
    /// The proofs; none if nobody could be reached.
    pub(crate) evidence: Option<Evidence>,
}

impl Case {
    /// Writes the case into `folder`, with the verdict that was reached.
    pub(crate) fn write(&self, folder: &Path, verdict: &str) -> Result<()> {
        files::private_folder(folder)?;
        let write = |name: &str, content: &[u8]| files::replace(&folder.join(name), content, Access::Public);
        write(REQUEST, self.request.as_bytes())?;
        if let Some(presentation) = &self.presentation {
            files::replace(&folder.join(PRESENTATION), presentation, Access::Private)?;
        }
        write(CHECKPOINT, self.checkpoint.to_string().as_bytes())?;
        if let Some(evidence) = &self.evidence {
            write(PROOF, evidence.to_json().as_bytes())?;
        }
        let case = json!({"at": self.at.to_string(), "verdict": verdict});
        write(CASE, format!("{case:#}\n").as_bytes())
    }

    /// Reads the case in `folder`. The verdict written there is not read: it is what an examination has to find again.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| files::read(&folder.join(name), MAX_FILE);
        let optional = |name: &str| if folder.join(name).exists() { read(name).map(Some) } else { Ok(None) };
        let text = |name: &str| String::from_utf8(read(name)?).with_context(|| format!("{name} is no text"));
        let case = json::parse_object(&read(CASE)?).context("case.json is no JSON object")?;
        let at = case.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
        Ok(Self {
            request: text(REQUEST)?.trim_end().to_owned(),
            presentation: optional(PRESENTATION)?,
            at: at.context("case.json does not say when")?,
            checkpoint: text(CHECKPOINT)?.parse().context("the checkpoint is malformed")?,
            evidence: optional(PROOF)?.map(|proof| Evidence::from_json(&proof)).transpose()?,
        })
    }

    /// When the case says to have been decided, and by how large a ledger.
    pub(crate) fn basis(&self) -> (Timestamp, u64) {
        (self.at, self.checkpoint.claimed_head().size)
    }

    /// Decides the case with nothing but its files and the log's key.
    ///
    /// All proofs must be against the case's one checkpoint. That nothing was left out of them, no proof can show.
    pub(crate) fn examine(&mut self, key: &LogKey) -> Result<Verdict> {
        let checkpoint = self.checkpoint.verify(key).context("the checkpoint is not by this log")?;
        let source: &dyn Source = match &mut self.evidence {
            Some(evidence) => {
                evidence.head = Some(checkpoint.head());
                evidence
            }
            None => &Unreachable,
        };
        let mut facts = Facts::new(source, key, self.at);
        asking::examine_evidence(&self.request, self.presentation.as_deref(), &mut facts, self.at)
    }
}
