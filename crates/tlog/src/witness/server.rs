//! The witness.

use super::{AddCheckpoint, Advance, ParseRequestError, SIZE_TYPE, WitnessStore, WitnessStoreError};
use crate::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    cosignature::{CosignError, CosignerKey},
    merkle::TreeHead,
    note::{LogKey, NoteError},
};
use sinpyo_core::{key::Signer, time::Timestamp};
use std::fmt;

/// A key of a witness: the public half, and who holds the private one.
pub struct WitnessKey {
    key: CosignerKey,
    signer: Box<dyn Signer + Send + Sync>,
}

impl WitnessKey {
    /// The key `key`, whose private half `signer` holds.
    pub fn new(key: CosignerKey, signer: impl Signer + Send + Sync + 'static) -> Self {
        Self { key, signer: Box::new(signer) }
    }

    /// The public half.
    pub const fn key(&self) -> &CosignerKey {
        &self.key
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WitnessKey").field(&self.key).finish()
    }
}

/// A witness of the logs it is configured for.
///
/// It cosigns a checkpoint with all its keys after its store durably took it as the newest.
#[derive(Debug)]
pub struct Witness<S> {
    logs: Vec<LogKey>,
    keys: Vec<WitnessKey>,
    store: S,
}

impl<S: WitnessStore> Witness<S> {
    /// A witness of the logs of the keys `logs`, several of one name for a log that changes its key.
    pub const fn new(logs: Vec<LogKey>, keys: Vec<WitnessKey>, store: S) -> Self {
        Self { logs, keys, store }
    }

    /// Its public keys.
    pub fn keys(&self) -> impl Iterator<Item = &CosignerKey> {
        self.keys.iter().map(WitnessKey::key)
    }

    /// The keys of the logs that it witnesses.
    pub fn logs(&self) -> &[LogKey] {
        &self.logs
    }

    /// What it remembers.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Answers a request with the body `body`, received at `now`.
    pub fn answer(&self, body: &[u8], now: Timestamp) -> AddCheckpointAnswer {
        match self.cosign(body, now) {
            Ok(lines) => AddCheckpointAnswer { outcome: Outcome::Cosigned { lines } },
            Err(refused) => AddCheckpointAnswer { outcome: Outcome::Refused(refused) },
        }
    }

    fn cosign(&self, body: &[u8], now: Timestamp) -> Result<String, Refused> {
        let body = str::from_utf8(body).map_err(|_| Refused::Request(ParseRequestError::Form))?;
        let request: AddCheckpoint = body.parse().map_err(Refused::Request)?;
        let checkpoint = request.checkpoint.verify_any(&self.logs).map_err(Refused::Log)?;
        if self.keys.is_empty() {
            return Err(Refused::NoKey(NoKey));
        }
        self.advance(&request, &checkpoint)?;
        // Only now, since the store will not go back behind this checkpoint. [WIT-27]
        let mut lines = String::new();
        for WitnessKey { key, signer } in &self.keys {
            let line = key.cosign(&request.checkpoint, now, signer.as_ref()).map_err(Refused::Signer)?;
            lines += &line.to_string();
        }
        Ok(lines)
    }

    fn advance(&self, request: &AddCheckpoint, checkpoint: &Checkpoint) -> Result<(), Refused> {
        let new = checkpoint.head();
        if request.old > new.size {
            return Err(Refused::OldBeyondNew); // [WIT-23]
        }
        let latest = self.store.latest(checkpoint.origin()).map_err(Refused::Store)?;
        let known = latest.map_or(0, |head| head.size);
        if request.old != known {
            return Err(Refused::Conflict { known }); // [WIT-24]
        }
        check_growth(latest, new, request)?;
        match self.store.advance(checkpoint.origin(), latest, new).map_err(Refused::Store)? {
            Advance::Done => Ok(()),
            Advance::Overtaken { latest } => {
                Err(Refused::Conflict { known: latest.map_or(0, |head| head.size) }) // [WIT-27]
            }
        }
    }
}

/// Checks that `new` begins with what the witness saw last.
fn check_growth(latest: Option<TreeHead>, new: TreeHead, request: &AddCheckpoint) -> Result<(), Refused> {
    let from = latest.filter(|head| head.size > 0);
    match from {
        Some(old) if old.size == new.size && old.root != new.root => {
            Err(Refused::Fork { known: old.size, conflicting: request.checkpoint.clone() }) // [WIT-25]
        }
        Some(old) if new.verify_consistency(old, &request.proof).is_ok() => Ok(()),
        None if request.proof.is_empty() => Ok(()),
        _ => Err(Refused::Proof { conflicting: request.checkpoint.clone() }), // [WIT-26]
    }
}

/// What a witness answers, as HTTP has it.
#[derive(Debug)]
#[must_use]
pub struct AddCheckpointAnswer {
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Cosigned { lines: String },
    Refused(Refused),
}

impl AddCheckpointAnswer {
    /// The status code.
    pub const fn status(&self) -> u16 {
        let Outcome::Refused(refused) = &self.outcome else { return 200 };
        match refused {
            Refused::Request(ParseRequestError::Checkpoint(CheckpointError::Note(NoteError::Origin)))
            | Refused::Log(CheckpointError::Origin) => 404, // [WIT-21]
            Refused::Request(_) | Refused::OldBeyondNew => 400,
            Refused::Log(_) => 403, // [WIT-22]
            Refused::Conflict { .. } | Refused::Fork { .. } => 409,
            Refused::Proof { .. } => 422,
            Refused::Store(_) | Refused::Signer(_) | Refused::NoKey(_) => 500,
        }
    }

    /// The content type.
    pub const fn content_type(&self) -> &'static str {
        match &self.outcome {
            Outcome::Refused(Refused::Conflict { .. } | Refused::Fork { .. }) => SIZE_TYPE,
            Outcome::Cosigned { .. } | Outcome::Refused(_) => "text/plain; charset=utf-8",
        }
    }

    /// The body: cosignature lines, the size that the witness knows, or a rule id.
    pub fn body(&self) -> String {
        match &self.outcome {
            Outcome::Cosigned { lines } => lines.clone(),
            Outcome::Refused(Refused::Conflict { known } | Refused::Fork { known, .. }) => {
                format!("{known}\n")
            }
            Outcome::Refused(refused) => refused.code().map_or_else(String::new, |code| format!("{code}\n")),
        }
    }

    /// The rule that was broken, as in `spec/checks/`; `None` for a cosignature, and where the witness itself failed.
    pub const fn code(&self) -> Option<&'static str> {
        match &self.outcome {
            Outcome::Cosigned { .. } => None,
            Outcome::Refused(refused) => refused.code(),
        }
    }

    /// A checkpoint that the log signed and that was not shown to extend what this witness cosigned before. Worth keeping:
    /// it may be one half of an [`crate::equivocation::EquivocationProof`].
    pub const fn conflicting(&self) -> Option<&SignedCheckpoint> {
        match &self.outcome {
            Outcome::Refused(Refused::Fork { conflicting, .. } | Refused::Proof { conflicting }) => {
                Some(conflicting)
            }
            Outcome::Cosigned { .. } | Outcome::Refused(_) => None,
        }
    }

    /// Why the witness itself failed, for its operator.
    pub fn failure(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.outcome {
            Outcome::Refused(Refused::Store(error)) => Some(error),
            Outcome::Refused(Refused::Signer(error)) => Some(error),
            Outcome::Refused(Refused::NoKey(error)) => Some(error),
            Outcome::Cosigned { .. } | Outcome::Refused(_) => None,
        }
    }
}

/// Why a checkpoint was not cosigned.
#[derive(Debug)]
enum Refused {
    Request(ParseRequestError),
    Log(CheckpointError),
    OldBeyondNew,
    Conflict { known: u64 },
    Fork { known: u64, conflicting: SignedCheckpoint },
    Proof { conflicting: SignedCheckpoint },
    Store(WitnessStoreError),
    Signer(CosignError),
    NoKey(NoKey),
}

/// A witness without keys has nothing to say.
#[derive(Debug, thiserror::Error)]
#[error("the witness has no key")]
struct NoKey;

impl Refused {
    const fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Request(ParseRequestError::Checkpoint(CheckpointError::Note(NoteError::Origin)))
            | Self::Log(CheckpointError::Origin) => "WIT-21",
            Self::Request(error) => error.code(),
            Self::Log(_) => "WIT-22",
            Self::OldBeyondNew => "WIT-23",
            Self::Conflict { .. } => "WIT-24",
            Self::Fork { .. } => "WIT-25",
            Self::Proof { .. } => "WIT-26",
            Self::Store(_) | Self::Signer(_) | Self::NoKey(_) => return None,
        })
    }
}
