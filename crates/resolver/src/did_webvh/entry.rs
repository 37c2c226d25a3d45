//! Entries of the log, and their hashes.

use super::WebvhError;
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::{Base, from_multibase, to_multibase},
    jcs, json,
    time::Timestamp,
};
use sinpyo_crypto::hash::sha256;
use std::fmt;

/// What stands for the hash of the first entry while it is computed.
pub(super) const PLACEHOLDER: &str = "{SCID}";

const MEMBERS: [&str; 5] = ["versionId", "versionTime", "parameters", "state", "proof"];

/// The name of one version: `<number>-<hash>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionId {
    number: u64,
    text: Box<str>,
}

impl VersionId {
    pub(super) fn new(number: u64, hash: &str) -> Self {
        Self { number, text: format!("{number}-{hash}").into() }
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, hash) = text.split_once('-')?;
        let value: u64 = number.parse().ok()?;
        let fine = value > 0 && value.to_string() == number && is_multihash(hash);
        fine.then(|| Self { number: value, text: text.into() })
    }

    /// The number of the version, from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The hash of the entry.
    pub(super) fn hash(&self) -> &str {
        self.text.split_once('-').map_or("", |(_, hash)| hash)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One line of a log, of which the form was checked and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    members: Map<String, Value>,
    id: VersionId,
    time: Timestamp,
}

impl Entry {
    /// Reads one line.
    ///
    /// # Errors
    /// Not strict JSON, another set of members, or one of them malformed.
    pub fn parse(line: &[u8]) -> Result<Self, WebvhError> {
        Self::from_members(json::parse_object(line).map_err(|_| WebvhError::Entry)?) // [WVH-02]
    }

    pub(super) fn from_members(members: Map<String, Value>) -> Result<Self, WebvhError> {
        let known = members.keys().all(|name| MEMBERS.contains(&name.as_str()));
        let has = |name: &str| members.get(name).is_some_and(Value::is_object);
        let text = |name: &str| members.get(name).and_then(Value::as_str).ok_or(WebvhError::Entry);
        if !known || !has("parameters") || !has("state") {
            return Err(WebvhError::Entry); // [WVH-02]
        }
        let id = VersionId::parse(text("versionId")?).ok_or(WebvhError::Number)?; // [WVH-05]
        let time = utc(text("versionTime")?).ok_or(WebvhError::Time)?; // [WVH-06]
        Ok(Self { members, id, time })
    }

    /// The name of the version.
    pub const fn id(&self) -> &VersionId {
        &self.id
    }

    /// When the controller says that it made the version.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// The document.
    pub fn state(&self) -> &Map<String, Value> {
        self.object("state")
    }

    /// The line, with the line break that ends it.
    pub fn to_line(&self) -> String {
        let mut line = Value::Object(self.members.clone()).to_string();
        line.push('\n');
        line
    }

    pub(super) fn parameters(&self) -> &Map<String, Value> {
        self.object("parameters")
    }

    pub(super) const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The proofs, of which there may be one or an array.
    pub(super) fn proofs(&self) -> &[Value] {
        match self.members.get("proof") {
            None => &[],
            Some(Value::Array(proofs)) => proofs,
            Some(one) => std::slice::from_ref(one),
        }
    }

    #[expect(clippy::expect_used, reason = "from_members found an object there")]
    fn object(&self, name: &str) -> &Map<String, Value> {
        self.members.get(name).and_then(Value::as_object).expect("an object")
    }
}

/// What the time claims to be even if the entry is malformed otherwise.
pub(super) fn claimed_time(line: &[u8]) -> Option<Timestamp> {
    utc(json::parse_object(line).ok()?.get("versionTime")?.as_str()?)
}

fn utc(text: &str) -> Option<Timestamp> {
    if text.ends_with('Z') || text.ends_with("+00:00") { text.parse().ok() } else { None }
}

/// The hash of an entry: over all but its proof, with `previous` in place of its name.
pub(super) fn entry_hash(members: &Map<String, Value>, previous: &str) -> String {
    let mut hashed = members.clone();
    hashed.remove("proof");
    hashed.insert("versionId".to_owned(), Value::from(previous));
    multihash(&jcs::canonicalize_object(&hashed))
}

/// The identifier that a first entry certifies, if `scid` is what stands in it: the hash of the entry with the
/// placeholder wherever the identifier stands.
pub(super) fn self_certifying_id(members: &Map<String, Value>, scid: &str) -> Result<String, WebvhError> {
    let mut hashed = members.clone();
    hashed.remove("proof");
    hashed.insert("versionId".to_owned(), Value::from(PLACEHOLDER));
    let hashed = replaced(&hashed, scid, PLACEHOLDER)?;
    Ok(multihash(&jcs::canonicalize_object(&hashed)))
}

/// The object with every `from` in its text made `to`, in the names of members too.
pub(super) fn replaced(
    members: &Map<String, Value>,
    from: &str,
    to: &str,
) -> Result<Map<String, Value>, WebvhError> {
    let text = String::from_utf8(jcs::canonicalize_object(members)).map_err(|_| WebvhError::Entry)?;
    json::parse_object(text.replace(from, to).as_bytes()).map_err(|_| WebvhError::Entry)
}

/// `base58btc(multihash(sha2-256, bytes))`, without multibase prefix.
pub(super) fn multihash(bytes: &[u8]) -> String {
    let text = to_multibase(Base::Base58Btc, &[&[0x12, 0x20][..], &sha256(bytes)].concat());
    text.trim_start_matches('z').to_owned()
}

/// Whether `text` has the form that [`multihash`] writes.
pub(super) fn is_multihash(text: &str) -> bool {
    // The length first: what follows costs the square of it.
    text.len() == 46
        && from_multibase(Base::Base58Btc, &format!("z{text}"))
            .is_ok_and(|bytes| bytes.len() == 34 && bytes.starts_with(&[0x12, 0x20]))
}
