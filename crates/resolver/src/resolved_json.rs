//! A resolved document in both forms: what its controller wrote, and what we can use of it.

use serde_json::{Map, Value, json};
use sinpyo_core::resolved::{DocumentMetadata, Resolved};
use std::time::Duration;

/// A document as its controller wrote it, with what resolution established.
///
/// The typed form drops what it does not know; who asks a resolver wants to see all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedJson {
    document: Map<String, Value>,
    resolved: Resolved,
    metadata: Map<String, Value>,
    ttl: Option<Duration>,
}

impl ResolvedJson {
    pub(crate) fn new(document: Map<String, Value>, resolved: Resolved) -> Self {
        Self { document, resolved, metadata: Map::new(), ttl: None }
    }

    /// Adds what the method says beyond what all methods say.
    pub(crate) fn with_metadata(mut self, metadata: Map<String, Value>, ttl: Duration) -> Self {
        self.metadata = metadata;
        self.ttl = Some(ttl);
        self
    }

    /// The document, all of it.
    pub const fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// What of it can be used, and what is known about its version.
    pub const fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// [`ResolvedJson::resolved`], by value.
    pub fn into_resolved(self) -> Resolved {
        self.resolved
    }

    /// For how long the controller lets the answer be kept, if it says so.
    pub const fn ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// Whether the DID is out of use.
    pub const fn is_deactivated(&self) -> bool {
        self.resolved.metadata.deactivated
    }

    /// `didDocumentMetadata` [DID Resolution §4.3].
    pub fn metadata_json(&self) -> Map<String, Value> {
        let mut members = members_of(&self.resolved.metadata);
        members.extend(self.metadata.clone());
        members
    }
}

impl From<Resolved> for ResolvedJson {
    /// For documents of which the typed form holds everything: did:key, did:jwk and did:tlog.
    fn from(resolved: Resolved) -> Self {
        Self::new(resolved.document.to_json(), resolved)
    }
}

fn members_of(metadata: &DocumentMetadata) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(id) = &metadata.version_id {
        members.insert("versionId".to_owned(), json!(id));
    }
    for (name, time) in
        [("created", metadata.created), ("updated", metadata.updated), ("nextUpdate", metadata.superseded)]
    {
        if let Some(time) = time {
            members.insert(name.to_owned(), json!(time.to_string()));
        }
    }
    if metadata.deactivated {
        members.insert("deactivated".to_owned(), Value::Bool(true));
    }
    members
}
