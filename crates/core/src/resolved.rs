//! A DID document together with what its resolution established.

use crate::{did::Did, document::DidDocument, time::Timestamp};

/// A DID document that somebody trustworthy resolved, and what is known about this version of it.
///
/// Roles take it as it is; whether a ledger, a file or a self-certifying identifier proved it is the resolver's
/// business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The document of this version.
    pub document: DidDocument,
    /// What is known about the version.
    pub metadata: DocumentMetadata,
}

impl Resolved {
    /// A document that never changes, such as that of a did:key.
    pub const fn immutable(document: DidDocument) -> Self {
        let metadata = DocumentMetadata {
            version_id: None,
            created: None,
            updated: None,
            superseded: None,
            deactivated: false,
        };
        Self { document, metadata }
    }

    /// The DID that was resolved.
    pub const fn did(&self) -> &Did {
        self.document.id()
    }
}

/// DID document metadata [DID Resolution §4.3]. Times are the ledger's, never the controller's.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DocumentMetadata {
    /// Name of this version.
    pub version_id: Option<String>,
    /// When the first version took effect.
    pub created: Option<Timestamp>,
    /// When this version took effect.
    pub updated: Option<Timestamp>,
    /// When the next version took effect, if there is one (`nextUpdate`).
    pub superseded: Option<Timestamp>,
    /// Whether the DID is out of use for good. The document then holds no keys.
    pub deactivated: bool,
}

/// Which version of a document is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionSelector {
    /// The newest one.
    Latest,
    /// The one of this name (`versionId`).
    Id(String),
    /// The one in effect at this ledger time (`versionTime`).
    Time(Timestamp),
}
