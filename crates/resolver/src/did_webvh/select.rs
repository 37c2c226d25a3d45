//! Which version is meant, and what it resolves to.

use super::{DidLog, Version, WebvhError, document};
use crate::{ResolveError, ResolvedJson, VersionQuery, usable_document};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::DidDocument,
    resolved::{DocumentMetadata, Resolved},
};
use std::time::Duration;

impl DidLog {
    /// The version of `did` that meets `query`.
    ///
    /// The newest version of a log that is not valid to its end is not known, and neither is the one in effect at a time
    /// when the first invalid entry may have been made. Versions before it are what they were.
    ///
    /// # Errors
    /// The log is not valid, not that of `did`, or has no such version.
    pub fn resolve(&self, did: &Did, query: &VersionQuery) -> Result<ResolvedJson, ResolveError> {
        let (index, version) = self.find(query).map_err(ResolveError::Webvh)?;
        // Of a DID that moved, each place answers for the name that it had there: the log proves who wrote it, and not
        // that the other place ever published it.
        let id = version.did.did();
        if id != did {
            return Err(ResolveError::Webvh(WebvhError::ForeignLog)); // [WVH-16]
        }
        let document = document::with_implicit_services(version);
        let usable = if version.active.deactivated {
            DidDocument::new(id.clone())
        } else {
            usable_document::read(&document, id).map_err(ResolveError::Document)?
        };
        let time = |version: &Version| version.entry().time();
        let metadata = DocumentMetadata {
            version_id: Some(version.id().to_string()),
            created: self.versions.first().map(time),
            updated: Some(time(version)),
            superseded: self.versions.get(index + 1).map(time),
            deactivated: version.active.deactivated,
        };
        let more = self.method_metadata(version);
        let ttl = Duration::from_secs(version.active.ttl.into());
        Ok(ResolvedJson::new(document, Resolved { document: usable, metadata }).with_metadata(more, ttl))
    }

    /// The one version that meets every condition.
    fn find(&self, query: &VersionQuery) -> Result<(usize, &Version), WebvhError> {
        let broken = || self.broken.as_ref().map(|broken| broken.error.clone());
        // What is not among the valid versions may be among the invalid ones.
        let missing = || broken().unwrap_or(WebvhError::VersionNotFound); // [WVH-17]
        let (newest, _) = self.versions.iter().enumerate().next_back().ok_or_else(missing)?;
        if query.is_latest() && self.broken.is_some() {
            return Err(missing());
        }
        let mut indices = Vec::new();
        if let Some(id) = &query.id {
            let named = self.versions.iter().position(|version| version.id().as_str() == id);
            indices.push(named.ok_or_else(missing)?);
        }
        if let Some(number) = query.number {
            let numbered = self.versions.iter().position(|version| version.id().number() == number);
            indices.push(numbered.ok_or_else(missing)?);
        }
        if let Some(time) = query.time {
            let began = |version: &Version| version.entry().time() <= time;
            let index = self.versions.iter().rposition(began).ok_or(WebvhError::VersionNotFound)?;
            let superseded = match &self.broken {
                Some(broken) => index == newest && broken.claimed_time.is_none_or(|claimed| claimed <= time),
                None => false,
            };
            if superseded {
                return Err(missing());
            }
            indices.push(index);
        }
        let index = indices.first().copied().unwrap_or(newest);
        if indices.iter().any(|other| *other != index) {
            return Err(WebvhError::VersionNotFound); // [WVH-17]
        }
        self.versions.get(index).map(|version| (index, version)).ok_or(WebvhError::VersionNotFound)
    }

    /// What did:webvh says in `didDocumentMetadata` beyond what all methods say. Numbers that can be large are text there.
    fn method_metadata(&self, version: &Version) -> Map<String, Value> {
        let newest = self.versions.last().unwrap_or(version);
        let active = &newest.active;
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("versionTime", json!(version.entry().time().to_string()));
        put("versionNumber", json!(version.id().number()));
        put("updated", json!(newest.entry().time().to_string()));
        put("scid", json!(version.did.scid()));
        put("portable", Value::Bool(active.portable));
        put("deactivated", Value::Bool(version.active.deactivated));
        put("ttl", json!(active.ttl.to_string()));
        put("witness", active.witness.to_json(&json!(active.witness.threshold().to_string())));
        put("watchers", json!(active.watchers));
        members
    }
}
