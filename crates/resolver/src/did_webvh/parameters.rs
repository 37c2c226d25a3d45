//! What an entry sets beside the document, and what is in force after it.

use super::{KeyHash, UpdateKey, WebvhError, entry::is_multihash};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The version of the method that is spoken here.
pub(super) const METHOD: &str = "did:webvh:1.0";
/// Most keys, announcements, witnesses or watchers.
const MAX_LIST: usize = 64;
const DEFAULT_TTL: u32 = 3600;
const MAX_TTL: u64 = 1 << 31;

/// What an entry sets. `None`: as before.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Who may sign the next entry, or, if keys were announced, this one.
    pub update_keys: Option<Vec<UpdateKey>>,
    /// The announced next keys. While there are any, every entry lists keys and announcements.
    pub next_key_hashes: Option<Vec<KeyHash>>,
    /// Who has to approve the entries from the next one on.
    pub witness: Option<Witnesses>,
    /// URLs of those who say that they watch the DID.
    pub watchers: Option<Vec<String>>,
    /// Whether the DID may move to another host. Can be set in the first entry only, and given up later.
    pub portable: Option<bool>,
    /// Whether this entry takes the DID out of use.
    pub deactivated: Option<bool>,
    /// For how many seconds a resolver may keep the answer.
    pub ttl: Option<u32>,
}

/// All that an entry says: what it sets, and what only a first entry has to say.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) method: bool,
    pub(super) scid: Option<Box<str>>,
    pub(super) set: Parameters,
}

/// The witnesses of a DID and how many of them must approve; nobody by default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Witnesses {
    threshold: usize,
    keys: Vec<UpdateKey>,
}

impl Witnesses {
    /// `threshold` of the witnesses with these keys; none if that is no number from 1 to theirs, or two are the same.
    pub fn new(threshold: usize, keys: Vec<UpdateKey>) -> Option<Self> {
        let distinct = keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
        let fine = distinct && (1..=keys.len()).contains(&threshold) && keys.len() <= MAX_LIST;
        fine.then_some(Self { threshold, keys }) // [WVH-08]
    }

    /// Whether nobody has to approve.
    pub const fn is_nobody(&self) -> bool {
        self.threshold == 0
    }

    /// How many must approve.
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// Who may approve.
    pub fn keys(&self) -> &[UpdateKey] {
        &self.keys
    }

    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        if members.is_empty() {
            return Some(Self::default());
        }
        if members.keys().any(|name| name != "threshold" && name != "witnesses") {
            return None;
        }
        let threshold = usize::try_from(members.get("threshold")?.as_u64()?).ok()?;
        let keys = members.get("witnesses")?.as_array()?.iter().map(read_witness).collect::<Option<_>>()?;
        Self::new(threshold, keys)
    }

    /// As the parameter has it, except that document metadata writes numbers as text.
    pub(super) fn to_json(&self, threshold: &Value) -> Value {
        if self.is_nobody() {
            return json!({});
        }
        let witnesses: Vec<Value> = self.keys.iter().map(|key| json!({"id": key.did()})).collect();
        json!({"threshold": threshold, "witnesses": witnesses})
    }
}

/// Weights were in a draft of the method. One that changes nothing is let pass, one that counts is not.
fn read_witness(value: &Value) -> Option<UpdateKey> {
    let members = value.as_object()?;
    let known = members.iter().all(|(name, value)| name == "id" || (name == "weight" && *value == json!(1)));
    if known { UpdateKey::parse_witness(members.get("id")?.as_str()?) } else { None }
}

impl Said {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, WebvhError> {
        let mut said = Self::default();
        let set = &mut said.set;
        for (name, value) in members {
            match name.as_str() {
                "method" if value == METHOD => said.method = true,
                "method" => return Err(WebvhError::Method), // [WVH-07]
                "scid" => {
                    let scid = value.as_str().filter(|scid| is_multihash(scid));
                    said.scid = Some(scid.ok_or(WebvhError::Parameter("scid"))?.into());
                }
                "updateKeys" => {
                    let keys =
                        texts(value, "updateKeys")?.into_iter().map(UpdateKey::parse).collect::<Option<_>>();
                    set.update_keys = Some(keys.ok_or(WebvhError::Parameter("updateKeys"))?);
                }
                "nextKeyHashes" => {
                    let hashes = texts(value, "nextKeyHashes")?.into_iter().map(KeyHash::parse).collect();
                    set.next_key_hashes = Some(hashes);
                }
                "watchers" => {
                    let urls = texts(value, "watchers")?.into_iter().map(str::to_owned).collect();
                    set.watchers = Some(urls);
                }
                "witness" if value.is_null() => set.witness = Some(Witnesses::default()),
                "witness" => {
                    let witnesses = Witnesses::read(value);
                    set.witness = Some(witnesses.ok_or(WebvhError::Parameter("witness"))?); // [WVH-08]
                }
                "portable" => set.portable = Some(flag(value, "portable")?),
                "deactivated" => set.deactivated = Some(flag(value, "deactivated")?),
                "ttl" => set.ttl = Some(seconds(value)?),
                _ => return Err(WebvhError::Parameter("(unknown)")), // [WVH-08]
            }
        }
        Ok(said)
    }
}

impl Parameters {
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        let keys = |keys: &Vec<UpdateKey>| keys.iter().map(UpdateKey::as_str).collect();
        put("updateKeys", self.update_keys.as_ref().map(keys));
        let hashes = |hashes: &Vec<KeyHash>| hashes.iter().map(KeyHash::as_str).collect();
        put("nextKeyHashes", self.next_key_hashes.as_ref().map(hashes));
        put("witness", self.witness.as_ref().map(|witness| witness.to_json(&json!(witness.threshold))));
        put("watchers", self.watchers.as_ref().map(|watchers| json!(watchers)));
        put("portable", self.portable.map(Value::Bool));
        put("deactivated", self.deactivated.map(Value::Bool));
        put("ttl", self.ttl.map(|ttl| json!(ttl)));
        members
    }
}

/// A list of different texts. `null` was an early spelling of the empty list, and is to be read as that.
fn texts<'a>(value: &'a Value, name: &'static str) -> Result<Vec<&'a str>, WebvhError> {
    const NONE: &[Value] = &[];
    let list = match value {
        Value::Null => NONE,
        Value::Array(list) if list.len() <= MAX_LIST => list,
        _ => return Err(WebvhError::Parameter(name)), // [WVH-08]
    };
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    let texts = texts.ok_or(WebvhError::Parameter(name))?;
    let distinct = texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    if distinct { Ok(texts) } else { Err(WebvhError::Parameter(name)) }
}

fn flag(value: &Value, name: &'static str) -> Result<bool, WebvhError> {
    value.as_bool().ok_or(WebvhError::Parameter(name))
}

fn seconds(value: &Value) -> Result<u32, WebvhError> {
    if value.is_null() {
        return Ok(DEFAULT_TTL);
    }
    let seconds = value.as_u64().filter(|seconds| *seconds <= MAX_TTL);
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).ok_or(WebvhError::Parameter("ttl"))
}

/// What is in force after an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Active {
    pub(super) scid: Box<str>,
    pub(super) update_keys: Vec<UpdateKey>,
    pub(super) next_key_hashes: Vec<KeyHash>,
    pub(super) witness: Witnesses,
    pub(super) watchers: Vec<String>,
    pub(super) portable: bool,
    pub(super) deactivated: bool,
    pub(super) ttl: u32,
}

impl Active {
    /// What the first entry puts in force.
    pub(super) fn first(said: Said) -> Result<Self, WebvhError> {
        if !said.method {
            return Err(WebvhError::Method); // [WVH-07]
        }
        let set = said.set;
        Ok(Self {
            scid: said.scid.ok_or(WebvhError::Parameter("scid"))?,
            update_keys: set.update_keys.ok_or(WebvhError::Parameter("updateKeys"))?,
            next_key_hashes: set.next_key_hashes.unwrap_or_default(),
            witness: set.witness.unwrap_or_default(),
            watchers: set.watchers.unwrap_or_default(),
            portable: set.portable.unwrap_or(false),
            deactivated: set.deactivated.unwrap_or(false),
            ttl: set.ttl.unwrap_or(DEFAULT_TTL),
        })
    }

    /// What a later entry puts in force.
    pub(super) fn then(&self, said: Said) -> Result<Self, WebvhError> {
        if said.scid.is_some() {
            return Err(WebvhError::Parameter("scid")); // [WVH-08]
        }
        let set = said.set;
        if set.portable == Some(true) && !self.portable {
            return Err(WebvhError::Parameter("portable")); // [WVH-08]
        }
        if self.announces() {
            self.check_announced(&set)?;
        }
        Ok(Self {
            scid: self.scid.clone(),
            update_keys: set.update_keys.unwrap_or_else(|| self.update_keys.clone()),
            next_key_hashes: set.next_key_hashes.unwrap_or_else(|| self.next_key_hashes.clone()),
            witness: set.witness.unwrap_or_else(|| self.witness.clone()),
            watchers: set.watchers.unwrap_or_else(|| self.watchers.clone()),
            portable: set.portable.unwrap_or(self.portable),
            deactivated: set.deactivated.unwrap_or(false),
            ttl: set.ttl.unwrap_or(self.ttl),
        })
    }

    /// Whether keys are announced for the next entry.
    pub(super) fn announces(&self) -> bool {
        !self.next_key_hashes.is_empty()
    }

    fn check_announced(&self, set: &Parameters) -> Result<(), WebvhError> {
        let (Some(keys), Some(_)) = (&set.update_keys, &set.next_key_hashes) else {
            return Err(WebvhError::PreRotation); // [WVH-11]
        };
        let announced =
            |key: &UpdateKey| self.next_key_hashes.iter().any(|hash| hash.is_hash() && *hash == key.hash());
        if keys.iter().all(announced) { Ok(()) } else { Err(WebvhError::PreRotation) } // [WVH-11]
    }
}
