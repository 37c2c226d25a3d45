//! The keys that a log names itself: for its checkpoints, and for its statements of what is newest.
//!
//! The first entry names them; a change is an entry that the log's old key and every new one have signed.

use crate::{
    engine::{EngineError, Position, Refusal, StateView, StateWrite},
    form::{FormError, Members},
    heads::HeadsKey,
    operation::Operation,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    document::{DidDocument, PublicKeyMaterial},
    encoding::Multikey,
    jcs,
    key::Signer,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::note::{LogKey, Note, NoteSignature, Origin, SignNoteError};
use std::collections::BTreeSet;

/// State key.
const KEYS: &[u8] = b"keys";

/// The first line of what is signed: no log's name, and no JSON.
const TITLE: &str = "did:tlog keys 1";

/// Most changes of a log's keys: each is in every proof.
const MAX_CHANGES: usize = 100;

/// The keys that a log names at some point of its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogKeys {
    log: Option<LogKey>,
    heads: Option<HeadsKey>,
    /// All that the log ever named, as Multikey texts.
    named: BTreeSet<String>,
    /// Where the changes stand.
    changes: Vec<u64>,
}

impl LogKeys {
    /// The key that signs checkpoints; `None` for a log that was opened before logs named their key.
    pub const fn log(&self) -> Option<&LogKey> {
        self.log.as_ref()
    }

    /// The key that states what is newest; `None` if the log makes no such statements.
    pub const fn heads(&self) -> Option<&HeadsKey> {
        self.heads.as_ref()
    }

    /// Indices of the entries that changed them.
    pub fn changes(&self) -> &[u64] {
        &self.changes
    }

    /// The entries below `size` that say what the log's keys are: its opening, and the changes.
    pub(crate) fn entries_below(&self, size: u64) -> impl Iterator<Item = u64> {
        [0].into_iter().chain(self.changes.iter().copied().filter(move |index| *index < size))
    }

    /// The keys that the log named last.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read(state: &dyn StateView) -> Result<Self, EngineError> {
        let Some(bytes) = state.get(KEYS)? else { return Ok(Self::default()) };
        Self::from_bytes(&bytes).ok_or(EngineError::CorruptState)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let key = |name: &str| value.get(name).and_then(Value::as_str);
        Some(Self {
            log: key("key").map(str::parse).transpose().ok()?,
            heads: key("heads").map(str::parse).transpose().ok()?,
            named: value
                .get("multikeys")?
                .as_array()?
                .iter()
                .map(|key| key.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            changes: value.get("changes")?.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?,
        })
    }

    fn write(&self) -> StateWrite {
        let key = |key: Option<String>| key.map_or(Value::Null, Value::from);
        let value = json!({
            "key": key(self.log.as_ref().map(LogKey::to_string)),
            "heads": key(self.heads.as_ref().map(HeadsKey::to_string)),
            "changes": self.changes,
            "multikeys": self.named,
        });
        StateWrite { key: KEYS.to_vec(), value: Some(value.to_string().into_bytes()) }
    }

    /// Whether `line` is said to be of a log key that the log has given up.
    pub(crate) fn is_former(&self, line: &NoteSignature, origin: &Origin) -> bool {
        let former = self.named.iter().filter_map(|text| {
            let key = VerifyingKey::from_multikey(&Multikey::parse(text).ok()?).ok()?;
            LogKey::new(origin.clone(), key).ok()
        });
        former.filter(|key| Some(key) != self.log.as_ref()).any(|key| key.is_key_of(line))
    }

    /// Adds the keys of a new log to its opening operation.
    pub(crate) fn name_in(op: &mut Map<String, Value>, log: &LogKey, heads: Option<&HeadsKey>) {
        op.insert("key".into(), json!(log.to_string()));
        if let Some(heads) = heads {
            op.insert("heads".into(), json!(heads.to_string()));
        }
    }

    /// The keys in the opening operation of the log `origin`.
    pub(crate) fn open(members: Members<'_>, origin: &Origin) -> Result<StateWrite, LogKeysError> {
        Ok(Self::named(members, origin)?.write())
    }

    fn named(members: Members<'_>, origin: &Origin) -> Result<Self, LogKeysError> {
        let has = |name: &str| members.0.contains_key(name);
        let log: Option<LogKey> = if has("key") { Some(members.parsed("key")?) } else { None };
        let heads: Option<HeadsKey> = if has("heads") { Some(members.parsed("heads")?) } else { None };
        let ours = log.as_ref().is_none_or(|key| key.name() == origin)
            && heads.as_ref().is_none_or(|key| key.is_of(origin));
        if !ours {
            return Err(FormError::ForeignLog.into());
        }
        let texts = [log.as_ref().map(LogKey::verifying_key), heads.as_ref().map(HeadsKey::verifying_key)];
        let named = texts.into_iter().flatten().map(text_of).collect();
        Self { log, heads, named, changes: Vec::new() }.separate()
    }

    /// Refuses one key in two roles.
    fn separate(self) -> Result<Self, LogKeysError> {
        let (Some(log), Some(heads)) = (&self.log, &self.heads) else { return Ok(self) };
        let same = log.verifying_key().to_multikey() == heads.verifying_key().to_multikey();
        if same { Err(LogKeysError::Shared) } else { Ok(self) } // [TLOG-38]
    }

    /// An operation that gives the log other keys, signed by its present key, which `signer` holds, and by every new one.
    ///
    /// Appending it announces the change. From then on the log signs with the new key, and for as long as verifiers need
    /// to learn of it, with the old one too.
    ///
    /// # Errors
    /// Nothing changes, the log names no key, one key would have two roles, or a signer refused.
    pub fn change(
        &self,
        signer: &dyn Signer,
        log: Option<(&LogKey, &dyn Signer)>,
        heads: Option<(&HeadsKey, &dyn Signer)>,
    ) -> Result<Operation<Self>, ChangeKeysError> {
        let current = self.log.as_ref().ok_or(ChangeKeysError::Refused(LogKeysError::Unnamed))?;
        let mut op = Map::new();
        op.insert("type".into(), json!("log-keys"));
        op.insert("log".into(), json!(current.name().as_str()));
        op.insert("version".into(), json!(self.changes.len() + 1));
        if let Some((key, _)) = log {
            op.insert("key".into(), json!(key.to_string()));
        }
        if let Some((key, _)) = heads {
            op.insert("heads".into(), json!(key.to_string()));
        }
        let text = signed_text(&op);
        let mut lines = vec![current.sign(&text, signer).map_err(ChangeKeysError::Signature)?];
        if let Some((key, signer)) = log.filter(|(key, _)| *key != current) {
            lines.push(key.sign(&text, signer).map_err(ChangeKeysError::Signature)?);
        }
        if let Some((key, signer)) = heads {
            lines.push(key.sign(&text, signer).map_err(ChangeKeysError::Signature)?);
        }
        let lines: Value = lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect();
        op.insert("signatures".into(), lines);
        let next = self.after(&op, current.name(), u64::MAX).map_err(ChangeKeysError::Refused)?;
        Ok(Operation::new(jcs::canonicalize_object(&op), next))
    }

    /// The keys after the operation `op` at `index`.
    fn after(&self, op: &Map<String, Value>, origin: &Origin, index: u64) -> Result<Self, LogKeysError> {
        let members = Members(op).exactly(&["type", "log", "version", "signatures"], &["key", "heads"])?;
        let current = self.log.as_ref().ok_or(LogKeysError::Unnamed)?;
        if self.changes.len() >= MAX_CHANGES {
            return Err(LogKeysError::TooMany);
        }
        let version = usize::try_from(members.number("version")?).ok();
        if version != Some(self.changes.len() + 1) {
            return Err(LogKeysError::Order); // [TLOG-40]
        }
        let new = Self::named(members, origin)?;
        let changed = |new: Option<String>, old: Option<String>| new.is_some() && new != old;
        let text = |key: &Option<LogKey>| key.as_ref().map(LogKey::to_string);
        let heads_text = |key: &Option<HeadsKey>| key.as_ref().map(HeadsKey::to_string);
        if !changed(text(&new.log), text(&self.log))
            && !changed(heads_text(&new.heads), heads_text(&self.heads))
        {
            return Err(LogKeysError::Order);
        }
        check_signatures(op, members, current, &new)?;
        let changes = self.changes.iter().copied().chain([index]).collect();
        // A key in its present role may be named again; no other that the log ever named.
        let present = |key: &String| {
            let log = self.log.as_ref().map(LogKey::verifying_key).map(text_of);
            let heads = self.heads.as_ref().map(HeadsKey::verifying_key).map(text_of);
            let as_log = new.log.as_ref().map(LogKey::verifying_key).map(text_of);
            as_log.as_ref() == Some(key) && log.as_ref() == Some(key)
                || as_log.as_ref() != Some(key) && heads.as_ref() == Some(key)
        };
        if new.named.iter().any(|key| self.named.contains(key) && !present(key)) {
            return Err(LogKeysError::Shared); // [TLOG-38]
        }
        let named = self.named.union(&new.named).cloned().collect();
        let log = new.log.or_else(|| self.log.clone());
        Self { log, heads: new.heads.or_else(|| self.heads.clone()), named, changes }.separate()
    }
}

/// All keys that the log ever named as its own, as texts: nobody's document may list one. Read for every operation on a DID, and not parsed.
pub(crate) struct OwnKeys(Vec<String>);

impl OwnKeys {
    pub(crate) fn read(state: &dyn StateView) -> Result<Self, EngineError> {
        #[derive(Deserialize)]
        struct Wire {
            multikeys: Vec<String>,
        }
        let Some(bytes) = state.get(KEYS)? else { return Ok(Self(Vec::new())) };
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|_| EngineError::CorruptState)?;
        Ok(Self(wire.multikeys))
    }

    /// Whether the key with this Multikey text is one of them.
    pub(crate) fn contains(&self, multikey: &str) -> bool {
        self.0.iter().any(|own| own == multikey)
    }

    /// Whether `document` lists one of them.
    pub(crate) fn are_in(&self, document: &DidDocument) -> bool {
        document.methods().iter().any(|method| match &method.key {
            PublicKeyMaterial::Multikey(key) => self.contains(&key.to_string()),
            PublicKeyMaterial::Jwk(key) => {
                VerifyingKey::from_jwk(key).is_ok_and(|key| self.contains(&key.to_multikey().to_string()))
            }
        })
    }
}

/// Checks that the present key and all new ones signed `op`.
fn check_signatures(
    op: &Map<String, Value>,
    members: Members<'_>,
    current: &LogKey,
    new: &LogKeys,
) -> Result<(), LogKeysError> {
    let lines = members.texts("signatures", 3)?.ok_or(FormError::Member("signatures"))?;
    let lines: Result<Vec<NoteSignature>, _> = lines.into_iter().map(str::parse).collect();
    let mut unsigned = op.clone();
    unsigned.remove("signatures");
    let lines = lines.map_err(|_| LogKeysError::Unsigned)?;
    let note = Note::new(&signed_text(&unsigned), lines).map_err(|_| LogKeysError::Unsigned)?;
    // One line of each in this order, and no other: what else stood there would be kept for ever.
    let logs: Vec<&LogKey> =
        [current].into_iter().chain(new.log.as_ref().filter(|key| *key != current)).collect();
    let mut lines = note.signatures().iter();
    let in_order = logs.iter().all(|key| lines.next().is_some_and(|line| key.is_key_of(line)))
        && new.heads.as_ref().is_none_or(|key| lines.next().is_some_and(|line| key.is_key_of(line)))
        && lines.next().is_none();
    let signed = in_order
        && logs.iter().all(|key| key.verify(&note).is_ok())
        && new.heads.as_ref().is_none_or(|key| key.verify(&note).is_ok());
    if signed { Ok(()) } else { Err(LogKeysError::Unsigned) } // [TLOG-40]
}

fn text_of(key: &VerifyingKey) -> String {
    key.to_multikey().to_string()
}

fn signed_text(op: &Map<String, Value>) -> String {
    format!("{TITLE}\n{}\n", String::from_utf8_lossy(&jcs::canonicalize_object(op)))
}

/// The state that the change of keys `op` at position `at` leads to.
pub(crate) fn apply(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
    origin: &Origin,
) -> Result<Vec<StateWrite>, LogKeysError> {
    let current = LogKeys::read(state).map_err(LogKeysError::Engine)?;
    Ok(vec![current.after(op, origin, at.index)?.write()])
}

/// Why a log's keys, or a change of them, were refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogKeysError {
    /// The outer form.
    #[error(transparent)]
    Form(FormError),
    /// TLOG-38: one key would have two roles.
    #[error("a key has two roles")]
    Shared,
    /// TLOG-40: the log's first entry names no key, so that nobody can tell who may change it.
    #[error("the log does not name its key")]
    Unnamed,
    /// TLOG-40: not the change after the last one, or it changes nothing.
    #[error("the change of keys does not follow the last one")]
    Order,
    /// TLOG-40: the present key, or a new one, did not sign.
    #[error("the change of keys is not signed by the present and the new keys")]
    Unsigned,
    /// TLOG-40: the keys have changed 100 times.
    #[error("too many changes of the log's keys")]
    TooMany,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl From<FormError> for LogKeysError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl LogKeysError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Shared => "TLOG-38",
            Self::Unnamed | Self::Order | Self::Unsigned | Self::TooMany => "TLOG-40",
            Self::Engine(_) => "LOG-19",
        }
    }
}

impl From<LogKeysError> for Refusal {
    fn from(error: LogKeysError) -> Self {
        match error {
            LogKeysError::Engine(error) => Self::Engine(error),
            error => Self::rule(error.code(), error),
        }
    }
}

/// Why no change of keys was drafted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeKeysError {
    /// The log would refuse it.
    #[error("the log would refuse the change of keys")]
    Refused(#[source] LogKeysError),
    /// A key did not sign.
    #[error("a key did not sign")]
    Signature(#[source] SignNoteError),
}
