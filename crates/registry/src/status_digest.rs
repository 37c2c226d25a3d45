//! Digests of status lists: which version of a list its issuer published, and when.
//!
//! The list itself is served over HTTP; the log keeps its SHA-256, so that an issuer cannot show two lists of one
//! version, nor an older list for a newer one.

mod proof;

pub use proof::{ProvenStatusDigest, StatusDigestProof, StatusDigestProofError};

use crate::{
    did_tlog::Recoveries,
    engine::{EngineError, Position, Refusal, StateView, StateWrite},
    fold::{AssertionKeyError, assertion_key},
    form::{self, FormError, Members},
    heads::Newest,
    operation::{Draft, Naming},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    encoding::{from_base64url, to_base64url},
    time::Timestamp,
};
use sinpyo_tlog::note::Origin;
use std::time::Duration;

/// One published version of a status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusDigest {
    /// Whose list it is.
    pub by: Did,
    /// Where the list is served: an https address.
    pub list: String,
    /// Number of the version, from 1.
    pub version: u64,
    /// SHA-256 of the list token as served.
    pub sha256: [u8; 32],
    /// When the list says it was issued.
    pub issued_at: Timestamp,
    /// For how long it may be kept.
    pub time_to_live: Duration,
}

/// The newest version of a list, and where the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusDigestRecord {
    /// What was published.
    pub digest: StatusDigest,
    /// Where its entry stands.
    pub position: Position,
}

impl StatusDigestRecord {
    /// The newest version that counts of the list that `by` publishes at `list`: not what a thief of its keys published.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read(state: &dyn StateView, by: &Did, list: &str) -> Result<Option<Self>, EngineError> {
        Self::read_below(state, by, list, u64::MAX)
    }

    /// The same, by the first `size` entries of the log.
    fn read_below(
        state: &dyn StateView,
        by: &Did,
        list: &str,
        size: u64,
    ) -> Result<Option<Self>, EngineError> {
        let recoveries = Recoveries::read_below(state, by, size)?;
        let mut version = count(state, by, list)?;
        while version > 0 {
            let bytes = state.get(&key(by, &version.to_string(), list))?.ok_or(EngineError::CorruptState)?;
            let (record, previous) = Self::from_bytes(&bytes).ok_or(EngineError::CorruptState)?;
            let index = record.position.index;
            if index < size && !recoveries.void(index) {
                return Ok(Some(record));
            }
            version = previous;
        }
        Ok(None)
    }

    /// The last digest of the list among the first `size` entries of the log.
    pub(crate) fn newest_below(
        state: &dyn StateView,
        by: &Did,
        list: &str,
        size: u64,
    ) -> Result<Option<Newest>, EngineError> {
        let record = Self::read_below(state, by, list, size)?;
        Ok(record.map(|record| Newest {
            index: record.position.index,
            version: record.digest.version.to_string().into(),
        }))
    }

    /// The record, and the version before it that the state holds; 0 if there is none.
    fn from_bytes(bytes: &[u8]) -> Option<(Self, u64)> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let digest = StatusDigest::read(Members(value.get("op")?.as_object()?)).ok()?;
        let time = Timestamp::from_unix(value.get("time")?.as_i64()?)?;
        let before = value.get("before")?.as_u64().filter(|before| *before < digest.version)?;
        Some((Self { digest, position: Position { index: value.get("index")?.as_u64()?, time } }, before))
    }
}

impl StatusDigest {
    fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members =
            members.exactly(&["type", "list", "version", "sha256", "iat", "ttl", "by", "log"], &["proof"])?;
        let list = members.text("list")?;
        let fine =
            list.starts_with("https://") && list.len() <= 512 && list.bytes().all(|b| b.is_ascii_graphic());
        if !fine {
            return Err(FormError::Member("list"));
        }
        let sha256 = from_base64url(members.text("sha256")?).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            by: form::did(members, "by")?,
            list: list.to_owned(),
            version: members.number("version")?,
            sha256: sha256.ok_or(FormError::Member("sha256"))?,
            issued_at: members.time("iat")?,
            time_to_live: Duration::from_secs(members.number("ttl")?),
        })
    }
}

/// An operation that publishes `digest` on the log `origin`, to be signed with an assertion key of `digest.by`.
pub fn publish(origin: &Origin, digest: StatusDigest) -> Draft<StatusDigest> {
    let op = [
        ("type", json!("status-list")),
        ("list", json!(digest.list)),
        ("version", json!(digest.version)),
        ("sha256", json!(to_base64url(&digest.sha256))),
        ("iat", json!(digest.issued_at.to_string())),
        ("ttl", json!(digest.time_to_live.as_secs())),
        ("by", json!(digest.by.as_str())),
        ("log", json!(origin.as_str())),
    ];
    let op = op.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Draft { op, naming: Naming::Method, fact: digest }
}

fn key(by: &Did, version: &str, list: &str) -> Vec<u8> {
    format!("status/{by}/{version}/{list}").into_bytes()
}

/// How many versions of the list there are, those that count for nothing included: no number is used twice.
fn count(state: &dyn StateView, by: &Did, list: &str) -> Result<u64, EngineError> {
    let Some(bytes) = state.get(&key(by, "count", list))? else { return Ok(0) };
    let count = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    count.ok_or(EngineError::CorruptState)
}

/// The state that the operation `op` at position `at` leads to. In an `excerpt` of a log earlier versions may be missing.
pub(crate) fn apply(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
    excerpt: bool,
) -> Result<Vec<StateWrite>, StatusDigestError> {
    let digest = StatusDigest::read(Members(op)).map_err(StatusDigestError::Form)?;
    let signer = form::signer(op).map_err(StatusDigestError::Form)?;
    if signer.did() != digest.by {
        return Err(StatusDigestError::Stranger); // [ACC-20]
    }
    let key = assertion_key(state, &signer).map_err(|error| match error {
        AssertionKeyError::Unauthorised => StatusDigestError::Stranger,
        AssertionKeyError::Engine(error) => StatusDigestError::Engine(error),
    })?;
    let StatusDigest { by, list, version, .. } = &digest;
    let before = count(state, by, list).map_err(StatusDigestError::Engine)?;
    if *version != before + 1 && !(excerpt && *version > before) {
        return Err(StatusDigestError::Version); // [ACC-21]
    }
    form::check_proof(op, &key, at.time).map_err(StatusDigestError::Form)?;
    let mut kept = op.clone();
    kept.remove("proof");
    let record = json!({"op": kept, "index": at.index, "time": at.time.unix(), "before": before}).to_string();
    let version = version.to_string();
    let write = |what: &str, value: String| StateWrite {
        key: self::key(by, what, list),
        value: Some(value.into_bytes()),
    };
    Ok(vec![write(&version, record), write("count", version.clone())])
}

/// Why the digest of a status list was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusDigestError {
    /// The outer form, or the proof.
    #[error(transparent)]
    Form(FormError),
    /// ACC-20: not signed by a key with which the list's issuer may make statements.
    #[error("the digest is not signed by the list's issuer")]
    Stranger,
    /// ACC-21: the version is not the one after the newest.
    #[error("the version of the list does not rise by one")]
    Version,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl StatusDigestError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Stranger => "ACC-20",
            Self::Version => "ACC-21",
            Self::Engine(_) => "LOG-19",
        }
    }
}

impl From<StatusDigestError> for Refusal {
    fn from(error: StatusDigestError) -> Self {
        match error {
            StatusDigestError::Engine(error) => Self::Engine(error),
            error => Self::rule(error.code(), error),
        }
    }
}
