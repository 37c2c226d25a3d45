//! The registry's rules as one deterministic fold over the log.

use crate::{
    accreditation, did_tlog,
    engine::{
        EngineError, MAX_ENTRY, MAX_SUBMISSION, NewEntry, Position, Refusal, Sequencing, StateView,
        StateWrite,
    },
    form::{self, FormError, Members},
    heads::HeadsKey,
    log_keys::{self, LogKeys},
    person, status_digest,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, KeyId},
    document::{PublicKeyMaterial, VerificationRelationship},
    jcs, json,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::note::{LogKey, Origin};
use std::collections::BTreeMap;

/// What an entry holds beside its operation, in bytes: `{"op":,"time":"0000-00-00T00:00:00Z","v":1}`.
const AROUND: usize = 43;

/// State keys of the registry itself.
const LOG: &[u8] = b"log";
const TIME: &[u8] = b"time";

/// The rules of the registry: what may be appended, and what it does to the state.
///
/// The first entry opens the log: it names the log and its root accreditor. After it come operations on DIDs,
/// accreditations and digests of status lists. An entry is the canonical JSON object
/// `{"op":…,"time":"<ledger time>","v":1}`.
#[derive(Clone, Debug)]
pub struct Fold {
    origin: Origin,
    /// Whether the entries at hand are some of the log's only.
    excerpt: bool,
}

impl Fold {
    /// The rules of the log `origin`.
    pub const fn new(origin: Origin) -> Self {
        Self { origin, excerpt: false }
    }

    /// The same rules for some of the log's entries: editions of a status list may be missing before one that is there.
    pub(crate) const fn excerpt(origin: Origin) -> Self {
        Self { origin, excerpt: true }
    }

    /// The operation that opens the log: its first entry.
    pub(crate) fn opening(&self, root: &Did, key: &LogKey, heads: Option<&HeadsKey>) -> Vec<u8> {
        let mut op = Map::new();
        op.insert("type".into(), json!("log"));
        op.insert("log".into(), json!(self.origin.as_str()));
        op.insert("root".into(), json!(root.as_str()));
        LogKeys::name_in(&mut op, key, heads);
        jcs::canonicalize_object(&op)
    }

    /// The root accreditor that the log was opened with.
    ///
    /// # Errors
    /// The engine failed.
    pub fn root(state: &dyn StateView) -> Result<Option<Did>, EngineError> {
        let Some(bytes) = state.get(LOG)? else { return Ok(None) };
        let root = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        root.map(Some).ok_or(EngineError::CorruptState)
    }

    /// The ledger time of the last entry; `None` before the first.
    ///
    /// # Errors
    /// The engine failed.
    pub fn last_time(state: &dyn StateView) -> Result<Option<Timestamp>, EngineError> {
        let Some(bytes) = state.get(TIME)? else { return Ok(None) };
        let time = str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        time.map(Some).ok_or(EngineError::CorruptState)
    }

    fn apply(
        &self,
        state: &dyn StateView,
        at: Position,
        op: &Map<String, Value>,
    ) -> Result<Vec<StateWrite>, Refusal> {
        let members = Members(op);
        let refuse = |error: FormError| Refusal::rule(error.code(), error);
        form::check_origin(members, &self.origin).map_err(refuse)?;
        let root = Self::root(state).map_err(Refusal::Engine)?;
        let mut writes = match (members.text("type").map_err(refuse)?, root) {
            ("log", None) if at.index == 0 => self.open(members)?,
            (_, None) | ("log", Some(_)) => return Err(LogError::Opening.into()), // [TLOG-21]
            ("did", _) => did_tlog::apply(state, at, op).map_err(Refusal::from)?,
            ("accreditation", Some(root)) => {
                accreditation::grant(state, at, op, &root).map_err(Refusal::from)?
            }
            ("accreditation-status", _) => accreditation::change(state, at, op).map_err(Refusal::from)?,
            ("person", Some(root)) => person::apply_admission(state, at, op, &root).map_err(Refusal::from)?,
            ("person-erasure", Some(root)) => {
                person::apply_erasure(state, at, op, &root).map_err(Refusal::from)?
            }
            ("log-keys", _) => log_keys::apply(state, at, op, &self.origin).map_err(Refusal::from)?,
            ("status-list", _) => status_digest::apply(state, at, op, self.excerpt).map_err(Refusal::from)?,
            _ => return Err(refuse(FormError::Member("type"))),
        };
        writes.push(StateWrite { key: TIME.to_vec(), value: Some(at.time.to_string().into_bytes()) });
        Ok(writes)
    }

    fn open(&self, members: Members<'_>) -> Result<Vec<StateWrite>, Refusal> {
        let read = || members.exactly(&["type", "log", "root"], &["key", "heads"])?.parsed::<Did>("root");
        let root = read().map_err(|error| Refusal::rule(error.code(), error))?;
        let keys = LogKeys::open(members, &self.origin).map_err(Refusal::from)?;
        Ok(vec![StateWrite { key: LOG.to_vec(), value: Some(root.as_str().into()) }, keys])
    }
}

impl Sequencing for Fold {
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        let op = form::parse(submission).map_err(|error| Refusal::rule(error.code(), error))?;
        let writes = self.apply(state, at, &op)?;
        let time = at.time.to_string();
        let entry = [b"{\"op\":", submission, b",\"time\":\"", time.as_bytes(), b"\",\"v\":1}"].concat();
        Ok(NewEntry { entry, writes })
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        let (op, time) = split(entry)?;
        // A sequencer measures the operation; in the entry it stands with its time.
        if entry.len() > MAX_SUBMISSION + AROUND {
            return Err(Refusal::rule(FormError::TooLong.code(), FormError::TooLong)); // [TLOG-20]
        }
        let last = state.get(TIME).map_err(Refusal::Engine)?;
        if last.is_some_and(|last| last.as_slice() > time.to_string().as_bytes()) {
            return Err(LogError::TimeWentBack.into()); // [TLOG-23]
        }
        self.apply(state, Position { index, time }, &op)
    }
}

/// The operation of an entry and its ledger time.
pub(crate) fn split(entry: &[u8]) -> Result<(Map<String, Value>, Timestamp), LogError> {
    if entry.len() > MAX_ENTRY {
        return Err(LogError::Entry);
    }
    let mut members = json::parse_object(entry).map_err(|_| LogError::Entry)?;
    let time = Members(&members).exactly(&["op", "time", "v"], &[]).and_then(|members| members.time("time"));
    let time = time.map_err(|_| LogError::Entry)?; // [TLOG-22]
    if jcs::canonicalize_object(&members) != entry || members.get("v") != Some(&json!(1)) {
        return Err(LogError::Entry);
    }
    match members.remove("op") {
        Some(Value::Object(op)) => Ok((op, time)),
        _ => Err(LogError::Entry),
    }
}

/// Why an entry does not belong where it stands, whatever its operation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// TLOG-21: the first entry, and no other, opens the log.
    #[error("the first entry of a log, and no other, opens it")]
    Opening,
    /// TLOG-22: not the canonical object of operation, time and version.
    #[error("the entry is not an operation with its ledger time")]
    Entry,
    /// TLOG-23: ledger time went back.
    #[error("ledger time went back")]
    TimeWentBack,
}

impl LogError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Opening => "TLOG-21",
            Self::Entry => "TLOG-22",
            Self::TimeWentBack => "TLOG-23",
        }
    }
}

impl From<LogError> for Refusal {
    fn from(error: LogError) -> Self {
        Self::rule(error.code(), error)
    }
}

/// The key `id` that an organisation may make statements with now, by the state.
pub(crate) fn assertion_key(state: &dyn StateView, id: &KeyId) -> Result<VerifyingKey, AssertionKeyError> {
    let head = did_tlog::DidHead::read(state, &id.did()).map_err(AssertionKeyError::Engine)?;
    let head = head.ok_or(AssertionKeyError::Unauthorised)?;
    let method = head.document().authorised_key(id, VerificationRelationship::AssertionMethod);
    let key = match &method.map_err(|_| AssertionKeyError::Unauthorised)?.key {
        PublicKeyMaterial::Multikey(key) => VerifyingKey::from_multikey(key),
        PublicKeyMaterial::Jwk(key) => VerifyingKey::from_jwk(key),
    };
    key.map_err(|_| AssertionKeyError::Unauthorised)
}

pub(crate) enum AssertionKeyError {
    Unauthorised,
    Engine(EngineError),
}

/// State in memory: what a verifier or an auditor folds the entries at hand into.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoldedState(BTreeMap<Vec<u8>, Vec<u8>>);

impl FoldedState {
    /// Keys that begin with `prefix`, with their values.
    pub(crate) fn under<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'s [u8], &'s [u8])> {
        let prefix = prefix.as_bytes();
        self.0
            .range(prefix.to_vec()..)
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.as_slice(), value.as_slice()))
    }

    pub(crate) fn write(&mut self, writes: Vec<StateWrite>) {
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }
}

impl StateView for FoldedState {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}
