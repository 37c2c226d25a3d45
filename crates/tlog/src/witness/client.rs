//! The log's side: which bytes to send, and what the answer is worth.

use super::AddCheckpoint;
use crate::{
    checkpoint::SignedCheckpoint,
    cosignature::{CosignatureError, CosignerKey},
    merkle::Hash,
    note::{MAX_NOTE, MAX_SIGNATURES, NoteError, NoteSignature},
    policy::FUTURE_ALLOWANCE,
    proof::parse_decimal,
};
use sinpyo_core::time::Timestamp;

/// How often a witness may name another size before it is given up. Two logs' front ends racing need two.
const MAX_RETRIES: u8 = 3;

/// One checkpoint on its way to one witness.
///
/// Post [`Request::body`] to the witness's submission prefix and [`super::ADD_CHECKPOINT`], and hand what comes back to
/// [`Request::answered`].
#[derive(Clone, Debug)]
pub struct Request {
    checkpoint: SignedCheckpoint,
    keys: Vec<CosignerKey>,
    old: u64,
    retries: u8,
}

impl Request {
    /// Asks the witness of `keys` to cosign `checkpoint`. `known` is the size that it cosigned last; 0 if the caller
    /// does not know, which costs one more round.
    pub fn new(checkpoint: SignedCheckpoint, keys: Vec<CosignerKey>, known: u64) -> Self {
        let old = known.min(checkpoint.claimed_head().size);
        Self { checkpoint, keys, old, retries: MAX_RETRIES }
    }

    /// The size from which [`Request::body`] needs the consistency proof, to that of the checkpoint.
    pub const fn old_size(&self) -> u64 {
        self.old
    }

    /// The checkpoint.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// What to post. `proof` leads from [`Request::old_size`] to the size of the checkpoint.
    pub fn body(&self, proof: Vec<Hash>) -> String {
        AddCheckpoint { old: self.old, proof, checkpoint: self.checkpoint.clone() }.to_string()
    }

    /// What the witness's answer, a status and a body, amounts to at `now`.
    ///
    /// # Errors
    /// The witness refused, or its answer does not hold what it should.
    pub fn answered(self, status: u16, body: &[u8], now: Timestamp) -> Result<Answer, WitnessRefusal> {
        match status {
            200 => self.cosigned(body, now),
            409 => self.again(body),
            400 => Err(WitnessRefusal::Malformed),
            403 => Err(WitnessRefusal::UnknownKey),
            404 => Err(WitnessRefusal::UnknownLog),
            422 => Err(WitnessRefusal::Inconsistent),
            status => Err(WitnessRefusal::Status { status }),
        }
    }

    fn cosigned(self, body: &[u8], now: Timestamp) -> Result<Answer, WitnessRefusal> {
        let text = str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n'));
        let text = text.ok_or(WitnessRefusal::Answer)?; // [WIT-30]
        if text.len() > MAX_NOTE || text.split('\n').count() > MAX_SIGNATURES {
            return Err(WitnessRefusal::Answer);
        }
        let mut lines = Vec::new();
        for line in text.split('\n') {
            let line: NoteSignature = line.parse().map_err(|_: NoteError| WitnessRefusal::Answer)?;
            if self.keys.iter().any(|key| key.is_key_of(&line)) {
                lines.push(line);
            }
        }
        // Nothing is adopted unseen: the lines are checked where they will stand. [WIT-30]
        let bare = self.checkpoint.without_signatures_of(&self.keys);
        let cosigned = bare.with_signatures(lines).map_err(|_| WitnessRefusal::Answer)?;
        for key in &self.keys {
            match key.verify(&cosigned) {
                Ok(at) if at > now.plus(FUTURE_ALLOWANCE) => return Err(WitnessRefusal::Future { at }), // [WIT-05]
                Ok(_) | Err(CosignatureError::Absent) => {}
                Err(wrong) => return Err(WitnessRefusal::Cosignature(wrong)), // [WIT-30]
            }
        }
        let lines =
            cosigned.signatures().iter().filter(|line| self.keys.iter().any(|key| key.is_key_of(line)));
        let adopted: Vec<_> = lines.cloned().collect();
        if adopted.is_empty() { Err(WitnessRefusal::Answer) } else { Ok(Answer::Cosigned(adopted)) }
    }

    fn again(self, body: &[u8]) -> Result<Answer, WitnessRefusal> {
        let text = str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n'));
        let known = text.and_then(parse_decimal).ok_or(WitnessRefusal::Answer)?; // [WIT-30]
        let size = self.checkpoint.claimed_head().size;
        if known > size {
            return Err(WitnessRefusal::Ahead { known }); // [WIT-31]
        }
        if known == self.old {
            return Err(WitnessRefusal::Forked { size: known }); // [WIT-31]
        }
        let retries = self.retries.checked_sub(1).ok_or(WitnessRefusal::Restless)?;
        Ok(Answer::Again(Self { old: known, retries, ..self }))
    }
}

/// What came of a request.
#[derive(Clone, Debug)]
#[must_use]
pub enum Answer {
    /// The witness cosigned: at least one line, each checked under one of the configured keys. For
    /// [`SignedCheckpoint::with_signatures`].
    Cosigned(Vec<NoteSignature>),
    /// The witness knows another size: ask again, with the proof from there.
    Again(Request),
}

/// Why there is no cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// 400: the witness cannot read the request.
    #[error("the witness does not understand the request")]
    Malformed,
    /// 403: the witness does not trust the key that signed the checkpoint.
    #[error("the witness does not know the log's key")]
    UnknownKey,
    /// 404: the witness does not know the log.
    #[error("the witness does not know the log")]
    UnknownLog,
    /// 422: the checkpoint does not extend what the witness saw, or the proof is wrong.
    #[error("the witness does not accept the consistency proof")]
    Inconsistent,
    /// WIT-31: the witness saw a larger tree of this log.
    #[error("the witness has seen the log with {known} entries already")]
    Ahead {
        /// The size it names.
        known: u64,
    },
    /// WIT-31: the witness saw another tree of this size.
    #[error("the witness has seen another tree of {size} entries")]
    Forked {
        /// The size.
        size: u64,
    },
    /// The witness named another size each time.
    #[error("the witness names another size each time")]
    Restless,
    /// Another status: the witness is down, or no witness.
    #[error("the witness answered with status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// WIT-30: the answer is malformed, or holds no cosignature by a known key.
    #[error("the witness's answer holds no cosignature by its key")]
    Answer,
    /// WIT-30: a cosignature does not verify.
    #[error("the witness's cosignature is wrong")]
    Cosignature(#[source] CosignatureError),
    /// WIT-05: the witness's clock is ahead.
    #[error("the witness's cosignature is of {at}, in the future")]
    Future {
        /// Its time.
        at: Timestamp,
    },
}

impl WitnessRefusal {
    /// The rule that was broken, as in `spec/checks/`; `None` where the witness's status says all.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Ahead { .. } | Self::Forked { .. } => Some("WIT-31"),
            Self::Answer | Self::Cosignature(_) => Some("WIT-30"),
            Self::Future { .. } => Some("WIT-05"),
            Self::Malformed
            | Self::UnknownKey
            | Self::UnknownLog
            | Self::Inconsistent
            | Self::Restless
            | Self::Status { .. } => None,
        }
    }
}
