//! One decision as a folder of files, for somebody who was not there to decide it again.

use crate::{
    asking::{self, Verdict},
    evidence::Evidence,
    facts::{Facts, Source, Unreachable},
    files::{self, Access},
    registry::names_heads,
    say::Voice,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::{json, time::Timestamp};
use sinpyo_registry::TrustedLog;
use sinpyo_tlog::checkpoint::SignedCheckpoint;
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

/// On what a decision by evidence rests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basis {
    /// When the case says to have been decided.
    pub(crate) at: Timestamp,
    /// How large the ledger was.
    pub(crate) size: u64,
    /// Whether the log stated of each document and right that it was the newest: a lie is provable, and it is a lie of the
    /// log's and not of whoever brought the case.
    pub(crate) newest: bool,
    /// Since when a quorum of witnesses vouches for the checkpoint, if that was asked.
    pub(crate) witnessed_at: Option<Timestamp>,
}

impl Basis {
    /// What is shown and what is not.
    pub(crate) fn describe(&self, voice: Voice) -> String {
        let (at, size) = (self.at, self.size);
        let newest = if self.newest {
            voice.pick(
                "문서와 권한이 그때 최신이었음은 원장이 서명한 진술로 증명됨",
                "that documents and rights were the newest then is shown by statements that the log signed",
            )
        } else {
            voice.pick(
                "증거에서 빠진 것이 없는지는 알 수 없음(원장이 최신 진술을 하지 않음)",
                "that nothing was left out is not shown: the log makes no statements of what is newest",
            )
        };
        let seen = match self.witnessed_at {
            Some(seen) => format!(
                "{} {seen}",
                voice.pick("증인 정족수가 확인한 시각", "seen by a quorum of witnesses at")
            ),
            None => voice.pick("증인은 확인하지 않음", "no witness was asked (--policy does)").to_owned(),
        };
        let open = voice.pick(
            "증명되지 않음: 같은 응답이 이미 쓰였는지, 사건이 스스로 밝힌 시각, 그 뒤의 일",
            "not shown: whether the answer had been used before, the time that the case names itself, and anything since",
        );
        let basis = voice.pick("증거에 따른 판단: 시각", "decided by evidence as of");
        let ledger = voice.pick("원장 크기", "ledger size");
        format!("{basis} {at}, {ledger} {size}; {newest}; {seen}; {open}")
    }
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

    /// On what the decision rests, as far as `log` believes the checkpoint.
    pub(crate) fn basis(&self, log: &dyn TrustedLog) -> Basis {
        let proof = self.evidence.as_ref().and_then(|evidence| evidence.documents.values().next());
        Basis {
            at: self.at,
            size: self.checkpoint.claimed_head().size,
            newest: proof.and_then(|proof| proof.fold(log).ok()).is_some_and(|proven| names_heads(&proven)),
            witnessed_at: log.check(&self.checkpoint).ok().and_then(|witnessed| witnessed.witnessed_at()),
        }
    }

    /// Decides the case with nothing but its files and the log's key, or a policy.
    ///
    /// All proofs must be against the case's one checkpoint, and each has the log's signed statement that nothing newer was
    /// left out of it, if the log makes such statements.
    pub(crate) fn examine(&mut self, log: &dyn TrustedLog) -> Result<Verdict> {
        let witnessed = log.check(&self.checkpoint).context("the checkpoint is not believed")?;
        let checkpoint = witnessed.checkpoint();
        let source: &dyn Source = match &mut self.evidence {
            Some(evidence) => {
                evidence.head = Some(checkpoint.head());
                evidence
            }
            None => &Unreachable,
        };
        let mut facts = Facts::new(source, log, self.at);
        asking::examine_evidence(&self.request, self.presentation.as_deref(), &mut facts, self.at)
    }
}
