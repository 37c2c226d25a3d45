//! What convinces somebody who was not there: the proofs behind one decision, as files.

use crate::facts::Source;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sinpyo_core::{accreditation::Right, did::Did, json, resolved::VersionSelector, time::Timestamp};
use sinpyo_registry::{accreditation::AccreditationProof, did_tlog::ResolutionProof, heads::Recency};
use sinpyo_tlog::merkle::TreeHead;
use std::{collections::BTreeMap, time::Duration};

/// How old the log's statement of what is newest may have been when a case was decided.
const MAX_AGE: Duration = Duration::from_mins(1);

/// Proofs by what they prove.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) documents: BTreeMap<(Did, VersionSelector), ResolutionProof>,
    pub(crate) accreditations: BTreeMap<(Did, Right), AccreditationProof>,
    pub(crate) status_lists: BTreeMap<String, Vec<u8>>,
    /// The head against which all of it must be proven.
    pub(crate) head: Option<TreeHead>,
}

impl Source for Evidence {
    fn document(&self, did: &Did, version: &VersionSelector) -> Result<Option<ResolutionProof>> {
        Ok(self.documents.get(&(did.clone(), version.clone())).cloned())
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Result<Option<AccreditationProof>> {
        Ok(self.accreditations.get(&(subject.clone(), right.clone())).cloned())
    }

    fn head(&self) -> Option<TreeHead> {
        self.head
    }

    fn recency(&self, now: Timestamp) -> Recency<'_> {
        Recency::default().within(MAX_AGE, now)
    }

    fn status_list(&self, uri: &str, _: &Did) -> Result<Option<Vec<u8>>> {
        Ok(self.status_lists.get(uri).cloned())
    }
}

impl Evidence {
    /// The proofs as one JSON text.
    pub(crate) fn to_json(&self) -> String {
        let documents = self.documents.iter().map(|((did, version), proof)| {
            json!({"did": did.as_str(), "version": version_to_json(version), "proof": proof.to_string()})
        });
        let accreditations = self.accreditations.iter().map(|((subject, right), proof)| {
            json!({"subject": subject.as_str(), "right": right_to_json(right), "proof": proof.to_string()})
        });
        let lists = self
            .status_lists
            .iter()
            .map(|(uri, wire)| json!({"list": uri, "token": String::from_utf8_lossy(wire)}));
        let evidence = json!({
            "documents": documents.collect::<Value>(),
            "accreditations": accreditations.collect::<Value>(),
            "statusLists": lists.collect::<Value>(),
        });
        format!("{evidence:#}\n")
    }

    /// Reads the JSON text. Nothing in it is believed.
    pub(crate) fn from_json(text: &[u8]) -> Result<Self> {
        let members = json::parse_object(text)?;
        let mut evidence = Self::default();
        for entry in list(&members, "documents")? {
            let version = version_from_json(entry.get("version").context("a version is missing")?)?;
            let key = (text_of(entry, "did")?.parse()?, version);
            evidence.documents.insert(key, text_of(entry, "proof")?.parse()?);
        }
        for entry in list(&members, "accreditations")? {
            let right = right_from_json(entry.get("right").context("a right is missing")?)?;
            let key = (text_of(entry, "subject")?.parse()?, right);
            evidence.accreditations.insert(key, text_of(entry, "proof")?.parse()?);
        }
        for entry in list(&members, "statusLists")? {
            evidence.status_lists.insert(text_of(entry, "list")?.to_owned(), text_of(entry, "token")?.into());
        }
        Ok(evidence)
    }
}

fn version_to_json(version: &VersionSelector) -> Value {
    match version {
        VersionSelector::Latest => json!({}),
        VersionSelector::Id(id) => json!({"versionId": id}),
        VersionSelector::Time(time) => json!({"versionTime": time.to_string()}),
    }
}

fn version_from_json(value: &Value) -> Result<VersionSelector> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match (text("versionId"), text("versionTime")) {
        (None, None) => Ok(VersionSelector::Latest),
        (Some(id), None) => Ok(VersionSelector::Id(id.to_owned())),
        (None, Some(time)) => Ok(VersionSelector::Time(time.parse()?)),
        _ => bail!("a version has either an id or a time"),
    }
}

fn right_to_json(right: &Right) -> Value {
    match right {
        Right::Issue(kind) => json!({"issue": kind.as_str()}),
        Right::Request(service) => json!({"request": service.as_str()}),
    }
}

fn right_from_json(value: &Value) -> Result<Right> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match (text("issue"), text("request")) {
        (Some(kind), None) => Ok(Right::Issue(kind.parse()?)),
        (None, Some(service)) => Ok(Right::Request(service.parse()?)),
        _ => bail!("a right is either to issue or to request"),
    }
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a [Value]> {
    let list = members.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).with_context(|| format!("the list {name} is missing"))
}

fn text_of<'a>(entry: &'a Value, name: &str) -> Result<&'a str> {
    entry.get(name).and_then(Value::as_str).with_context(|| format!("the member {name} is missing"))
}
