//! Entries with their places in a log, checked without the log.
//!
//! A bundle is a signed checkpoint and some entries, each with its inclusion proof. Whoever has the log's key checks
//! it alone and folds the entries by the same rules as the log itself.

use crate::{
    did_tlog::weight,
    engine::{EngineError, LogEngine, Refusal, Sequencing, StateView},
    fold::{Fold, FoldedState},
    form::{FormError, Members},
    heads::{Heads, HeadsError, Newest, Recency, SignedHeads, StaleError, Topic, newest},
    log_keys::LogKeys,
    trust::{TrustError, TrustedLog},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    jcs, json,
};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    merkle::{BadProof, Hash, MAX_PROOF, ProveError, prove_inclusion},
    policy::Witnessed,
    tile::{TileNodeError, TileNodes},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// Most entries in a bundle: the longest history of one DID, and one that supersedes it.
pub(crate) const MAX_ENTRIES: usize = 10_240;

/// Most that the entries of a bundle weigh together (see [`crate::did_tlog::weight`]): what is left of the longest JSON
/// that is read goes to the checkpoint and the statement.
pub(crate) const MAX_WEIGHT: u64 = 15 << 20;

/// An entry and its way to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    entry: Vec<u8>,
    path: Vec<Hash>,
}

/// Entries of one log under one checkpoint; nothing of it checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    checkpoint: SignedCheckpoint,
    items: BTreeMap<u64, Item>,
    /// What the log states to be the newest at the checkpoint.
    heads: Option<SignedHeads>,
}

impl Bundle {
    /// The entries at `indices`, proven against `checkpoint`, which is one of the log's own.
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        checkpoint: SignedCheckpoint,
        indices: &BTreeSet<u64>,
    ) -> Result<Self, EngineError> {
        let size = checkpoint.claimed_head().size;
        let nodes = TileNodes::new(engine, size);
        let (mut items, mut weighs) = (BTreeMap::new(), 0);
        for &index in indices {
            let entry = engine.entries(index..index + 1)?.pop().ok_or(EngineError::OutsideLog)?;
            weighs += weight(&entry);
            if weighs > MAX_WEIGHT || items.len() >= MAX_ENTRIES {
                return Err(EngineError::TooMuch); // [TLOG-49]
            }
            let path = prove_inclusion(&nodes, index, size).map_err(|error| match error {
                ProveError::Source(TileNodeError::Source(error)) => error,
                ProveError::Source(TileNodeError::NoSuchNode) | ProveError::OutsideTree => {
                    EngineError::OutsideLog
                }
            })?;
            items.insert(index, Item { entry, path });
        }
        Ok(Self { checkpoint, items, heads: None })
    }

    /// With a statement of what is newest at its checkpoint.
    pub(crate) fn stapled(self, heads: SignedHeads) -> Self {
        Self { heads: Some(heads), ..self }
    }

    /// Leaves out the entries that do not follow from the others here.
    pub(crate) fn lawful(self, fold: &Fold) -> Result<Self, EngineError> {
        let mut state = FoldedState::default();
        let mut items = BTreeMap::new();
        for (index, item) in self.items {
            match fold.replay(&state, index, &item.entry) {
                Ok(writes) => {
                    state.write(writes);
                    items.insert(index, item);
                }
                Err(Refusal::Rule { .. }) => {}
                Err(Refusal::Engine(error)) => return Err(error),
            }
        }
        Ok(Self { items, ..self })
    }

    /// Checks the checkpoint and every place.
    fn check_places(&self, log: &dyn TrustedLog) -> Result<Witnessed, BundleError> {
        let witnessed = log.check(&self.checkpoint).map_err(BundleError::Trust)?;
        let head = witnessed.checkpoint().head();
        for (&index, item) in &self.items {
            // The leaf is hashed from the entry that is used, never taken from the proof.
            let included = head.verify_inclusion(Hash::leaf(&item.entry), index, &item.path);
            let _included = included.map_err(|reason| BundleError::Inclusion { index, reason })?; // [TLOG-32]
        }
        Ok(witnessed)
    }

    /// Checks the checkpoint and every place, and folds the entries in the order of the log.
    pub(crate) fn fold(&self, log: &dyn TrustedLog) -> Result<Folded<'_>, BundleError> {
        let witnessed = self.check_places(log)?;
        let fold = Fold::excerpt(witnessed.checkpoint().origin().clone());
        let mut state = FoldedState::default();
        for (&index, item) in &self.items {
            let writes = fold.replay(&state, index, &item.entry);
            state.write(writes.map_err(|reason| BundleError::Entry { index, reason })?); // [TLOG-33]
        }
        check_speaker(&self.checkpoint, &state).map_err(BundleError::Key)?;
        Ok(Folded { witnessed, state, bundle: self })
    }

    pub(crate) fn to_json(&self) -> String {
        let item = |(index, item): (&u64, &Item)| {
            let path: Value = item.path.iter().map(|hash| to_base64url(hash.as_bytes())).collect();
            json!({"index": index, "entry": String::from_utf8_lossy(&item.entry), "path": path})
        };
        let entries: Value = self.items.iter().map(item).collect();
        let mut bundle = json!({"checkpoint": self.checkpoint.to_string(), "entries": entries});
        if let (Some(heads), Some(members)) = (&self.heads, bundle.as_object_mut()) {
            members.insert("heads".into(), json!(heads.to_string()));
        }
        String::from_utf8_lossy(&jcs::canonicalize(&bundle)).into_owned()
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, BundleError> {
        let malformed = |_: FormError| BundleError::Malformed; // [TLOG-31]
        let members = json::parse_object(text.as_bytes()).map_err(|_| BundleError::Malformed)?;
        let members = Members(&members).exactly(&["checkpoint", "entries"], &["heads"]).map_err(malformed)?;
        let checkpoint =
            members.text("checkpoint").map_err(malformed)?.parse().map_err(BundleError::Checkpoint)?;
        let list = members.0.get("entries").and_then(Value::as_array).ok_or(BundleError::Malformed)?;
        if list.len() > MAX_ENTRIES {
            return Err(BundleError::Malformed);
        }
        let mut items = BTreeMap::new();
        for value in list {
            let (index, item) = value.as_object().and_then(item_from_json).ok_or(BundleError::Malformed)?;
            // In the order of the log, so that each bundle has one text.
            if items.last_key_value().is_some_and(|(last, _)| *last >= index) {
                return Err(BundleError::Malformed);
            }
            items.insert(index, item);
        }
        let heads = if members.0.contains_key("heads") {
            Some(members.text("heads").map_err(malformed)?.parse().map_err(BundleError::Heads)?)
        } else {
            None
        };
        Ok(Self { checkpoint, items, heads })
    }
}

/// Checks that the log speaks with the key that it named last, as far as `state` knows. Who leaves a change of keys out
/// needs the old key for the checkpoint too.
pub(crate) fn check_speaker(
    checkpoint: &SignedCheckpoint,
    state: &FoldedState,
) -> Result<(), CheckpointError> {
    let keys = LogKeys::read(state).ok();
    let Some(key) = keys.as_ref().and_then(LogKeys::log) else { return Ok(()) };
    checkpoint.verify(key).map(|_| ()) // [TLOG-50]
}

fn item_from_json(members: &Map<String, Value>) -> Option<(u64, Item)> {
    let members = Members(members).exactly(&["index", "entry", "path"], &[]).ok()?;
    let path: Option<Vec<Hash>> = members
        .texts("path", MAX_PROOF)
        .ok()??
        .into_iter()
        .map(|hash| Hash::try_from(from_base64url(hash).ok()?.as_slice()).ok())
        .collect();
    Some((
        members.number("index").ok()?,
        Item { entry: members.text("entry").ok()?.as_bytes().to_vec(), path: path? },
    ))
}

/// A bundle that was checked, and the state that its entries lead to.
#[derive(Debug)]
pub(crate) struct Folded<'b> {
    pub(crate) witnessed: Witnessed,
    pub(crate) state: FoldedState,
    bundle: &'b Bundle,
}

impl Folded<'_> {
    pub(crate) fn entry(&self, index: u64) -> Option<&[u8]> {
        self.bundle.items.get(&index).map(|item| item.entry.as_slice())
    }

    /// Number of entries under the checkpoint.
    pub(crate) fn size(&self) -> u64 {
        self.witnessed.checkpoint().head().size
    }

    /// What the log states to be the newest at this checkpoint, by the key that its entries name.
    pub(crate) fn heads(&self) -> Result<Heads, HeadsError> {
        let signed = self.bundle.heads.as_ref().ok_or(HeadsError::Absent)?;
        let keys = LogKeys::read(&self.state).map_err(|_| HeadsError::Absent)?;
        let heads = signed.verify(keys.heads().ok_or(HeadsError::Absent)?)?; // [TLOG-36]
        let checkpoint = self.witnessed.checkpoint();
        let same = heads.origin() == checkpoint.origin() && heads.head() == checkpoint.head();
        if same { Ok(heads) } else { Err(HeadsError::Origin) }
    }

    /// The last entry about `topic` by the entries here.
    pub(crate) fn newest(&self, topic: &Topic) -> Result<Option<Newest>, EngineError> {
        newest(&self.state, topic, self.size())
    }

    /// Checks that the entries hold the newest about each of `topics`, as recent as is demanded.
    pub(crate) fn check_latest(
        &self,
        topics: impl IntoIterator<Item = Topic>,
        recency: &Recency<'_>,
    ) -> Result<(), StaleError> {
        let heads = self.heads().map_err(StaleError::Heads)?;
        recency.check(&heads, &self.witnessed)?;
        for topic in topics {
            let stated = heads.newest(&topic).map_err(StaleError::Heads)?;
            if self.newest(&topic).map_err(|_| StaleError::Superseded)?.as_ref() != stated {
                return Err(StaleError::Superseded); // [TLOG-37]
            }
        }
        Ok(())
    }
}

/// The state that the entries of a proof lead to: what the log is shown to hold, and no more. Made by checking a proof.
#[derive(Debug)]
pub struct ProvenState {
    witnessed: Witnessed,
    state: FoldedState,
}

impl ProvenState {
    /// The state.
    pub fn state(&self) -> &dyn StateView {
        &self.state
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.witnessed.checkpoint()
    }

    /// The checkpoint with what the witnesses say of it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }
}

impl From<Folded<'_>> for ProvenState {
    fn from(folded: Folded<'_>) -> Self {
        Self { witnessed: folded.witnessed, state: folded.state }
    }
}

/// Proof that one entry stands in the log. Printed and parsed as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProof(Bundle);

impl EntryProof {
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        checkpoint: SignedCheckpoint,
        index: u64,
    ) -> Result<Self, EngineError> {
        Bundle::collect(engine, checkpoint, &BTreeSet::from([index])).map(Self)
    }

    /// Checks the proof with nothing but the log's key or a policy.
    ///
    /// # Errors
    /// The proof is not the log's, or the entry does not stand where it says.
    pub fn verify(&self, log: &dyn TrustedLog) -> Result<ProvenEntry, BundleError> {
        let witnessed = self.0.check_places(log)?;
        match self.0.items.first_key_value() {
            Some((&index, item)) if self.0.items.len() == 1 && self.0.heads.is_none() => {
                Ok(ProvenEntry { index, entry: item.entry.clone(), witnessed })
            }
            _ => Err(BundleError::Malformed),
        }
    }
}

impl fmt::Display for EntryProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for EntryProof {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// An entry that a log's signed checkpoint commits to. Made by [`EntryProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    index: u64,
    entry: Vec<u8>,
    witnessed: Witnessed,
}

impl ProvenEntry {
    /// Where the entry stands.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Its bytes.
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.witnessed.checkpoint()
    }

    /// The checkpoint with what the witnesses say of it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }
}

/// Why a bundle of entries proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// TLOG-31: not the JSON of a bundle.
    #[error("not a checkpoint with entries")]
    Malformed,
    /// The checkpoint is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
    /// The checkpoint is not the log's, or too few witnesses vouch for it.
    #[error("the checkpoint is refused")]
    Trust(#[source] TrustError),
    /// TLOG-50: the checkpoint is not signed by the log key that the entries name.
    #[error("the checkpoint is not by the key that the log names")]
    Key(#[source] CheckpointError),
    /// TLOG-36: the statement of what is newest is malformed.
    #[error("the statement of heads is malformed")]
    Heads(#[source] HeadsError),
    /// TLOG-32: an entry does not stand where the bundle says.
    #[error("entry {index} is not at its place in the log")]
    Inclusion {
        /// Index of the entry.
        index: u64,
        /// What is wrong with its proof.
        #[source]
        reason: BadProof,
    },
    /// TLOG-33: an entry is no lawful successor of those before it in the bundle.
    #[error("entry {index} does not follow from the entries before it")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// The rule that it breaks.
        #[source]
        reason: Refusal,
    },
}

impl BundleError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "TLOG-31",
            Self::Checkpoint(error) => error.code(),
            Self::Trust(error) => error.code(),
            Self::Key(_) => "TLOG-50",
            Self::Heads(error) => error.code(),
            Self::Inclusion { .. } => "TLOG-32",
            Self::Entry { .. } => "TLOG-33",
        }
    }
}
