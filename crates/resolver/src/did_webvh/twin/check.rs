//! Whether a did:tlog and a did:webvh are one.

use crate::did_webvh::{WebvhDid, document};
use serde_json::Value;
use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationRelationship},
    resolved::Resolved,
    time::Timestamp,
};
use std::{collections::BTreeMap, fmt};

/// A did:tlog and a did:webvh that name each other and say the same, and when. Made by [`check_twin`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twins {
    tlog: Did,
    webvh: Did,
    since: Timestamp,
}

impl Twins {
    /// The did:tlog, which prevails where the two ever differ.
    pub const fn tlog(&self) -> &Did {
        &self.tlog
    }

    /// The did:webvh.
    pub const fn webvh(&self) -> &Did {
        &self.webvh
    }

    /// Ledger time of the version of the did:tlog that was compared.
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Checks that what were twins are both out of use. Documents of a DID out of use name nobody, so that who they were is
    /// to be shown by versions before.
    ///
    /// # Errors
    /// One of them is another DID, or still in use.
    pub fn retired(self, tlog: &Resolved, webvh: &Resolved) -> Result<RetiredTwins, TwinError> {
        for (side, resolved, did) in [(Side::Tlog, tlog, &self.tlog), (Side::Webvh, webvh, &self.webvh)] {
            if resolved.did() != did {
                return Err(TwinError::Unnamed(side)); // [WVH-19]
            }
        }
        match (tlog.metadata.deactivated, webvh.metadata.deactivated) {
            (true, true) => Ok(RetiredTwins(self)),
            (true, false) => Err(TwinError::Deactivated(Side::Tlog)), // [WVH-21]
            (false, true) => Err(TwinError::Deactivated(Side::Webvh)),
            (false, false) => Err(TwinError::InUse),
        }
    }
}

/// Twins that are both out of use for good. Made by [`Twins::retired`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredTwins(Twins);

impl RetiredTwins {
    /// What they were.
    pub const fn twins(&self) -> &Twins {
        &self.0
    }
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The did:tlog.
    Tlog,
    /// The did:webvh.
    Webvh,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tlog => "did:tlog",
            Self::Webvh => "did:webvh",
        })
    }
}

/// Checks that the two may be taken for one another: each names the other, and both have the same keys for the same
/// purposes and the same services.
///
/// Both are to be resolved for one moment, each by its own rules.
///
/// # Errors
/// What is not so. A twin that has not followed yet is [`TwinError::Behind`].
pub fn check_twin(tlog: &Resolved, webvh: &Resolved) -> Result<Twins, TwinError> {
    let twin = WebvhDid::parse(webvh.did().as_str()).map_err(|_| TwinError::Method)?; // [WVH-23]
    if tlog.did().method() != "tlog" {
        return Err(TwinError::Method);
    }
    let (Some(since), Some(written)) = (tlog.metadata.updated, webvh.metadata.updated) else {
        return Err(TwinError::Method); // [WVH-23]
    };
    check_names(tlog, webvh)?;
    if written < since {
        return Err(TwinError::Behind { since }); // [WVH-22]
    }
    match (tlog.metadata.deactivated, webvh.metadata.deactivated) {
        (false, false) => {}
        (true, false) => return Err(TwinError::Deactivated(Side::Tlog)), // [WVH-21]
        (false, true) => return Err(TwinError::Deactivated(Side::Webvh)),
        (true, true) => return Err(TwinError::OutOfUse),
    }
    if keys_of(&tlog.document) != keys_of(&webvh.document) {
        return Err(TwinError::Keys); // [WVH-20]
    }
    check_services(&tlog.document, &webvh.document, &twin)?;
    Ok(Twins { tlog: tlog.did().clone(), webvh: webvh.did().clone(), since })
}

/// A document out of use names nobody; what it named before is not asked here.
fn check_names(tlog: &Resolved, webvh: &Resolved) -> Result<(), TwinError> {
    for (side, named, other) in [(Side::Webvh, webvh, tlog.did()), (Side::Tlog, tlog, webvh.did())] {
        let names = named.document.also_known_as().iter().any(|name| name == other.as_str());
        if !names && !named.metadata.deactivated {
            return Err(TwinError::Unnamed(side)); // [WVH-19]
        }
    }
    Ok(())
}

/// A key without the DID that it is named after.
#[derive(PartialEq, Eq)]
struct Key<'d> {
    material: &'d PublicKeyMaterial,
    revoked: Option<Timestamp>,
    purposes: Vec<VerificationRelationship>,
}

/// The keys of a document by their names. A key of another DID, or under another's control, goes by its full name, which no
/// key of the twin can have.
fn keys_of(document: &DidDocument) -> BTreeMap<&str, Key<'_>> {
    let keys = document.methods().iter().map(|method| {
        let own = method.id.did() == *document.id() && method.controller == *document.id();
        let serves = |purpose: &VerificationRelationship| {
            document.keys_for(*purpose).any(|other| other.id == method.id)
        };
        let purposes = VerificationRelationship::ALL.into_iter().filter(serves).collect();
        let key = Key { material: &method.key, revoked: method.revoked, purposes };
        (if own { method.id.fragment() } else { method.id.as_str() }, key)
    });
    keys.collect()
}

/// The twin has the services of the did:tlog, and beside them only those that every did:webvh has.
fn check_services(tlog: &DidDocument, webvh: &DidDocument, twin: &WebvhDid) -> Result<(), TwinError> {
    let implicit = document::implicit_services(twin);
    let implicit = implicit.iter().filter_map(|service| {
        let text = |name: &str| service.get(name).and_then(Value::as_str);
        Some((short(text("id")?, twin.did()), text("type")?, service.get("serviceEndpoint")?))
    });
    let implicit: Vec<_> = implicit.collect();
    let (ours, theirs) = (services_of(tlog), services_of(webvh));
    let missing = ours.iter().any(|service| !theirs.contains(service));
    let added = theirs.iter().any(|service| !ours.contains(service) && !implicit.contains(service));
    if missing || added { Err(TwinError::Services) } else { Ok(()) } // [WVH-20]
}

/// Name, type and address of each service.
fn services_of(document: &DidDocument) -> Vec<(&str, &str, &Value)> {
    let services = document.services().iter();
    services.map(|service| (short(&service.id, document.id()), &*service.kind, &service.endpoint)).collect()
}

/// A name without the DID that it may begin with.
fn short<'n>(name: &'n str, did: &Did) -> &'n str {
    name.strip_prefix(did.as_str()).unwrap_or(name)
}

/// Why two DIDs cannot be taken for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// WVH-19: one does not name the other.
    #[error("the {0} does not name the other")]
    Unnamed(Side),
    /// WVH-20: they differ in a key, or in what it may be used for.
    #[error("the two have not the same keys for the same purposes")]
    Keys,
    /// WVH-20: they differ in a service.
    #[error("the two have not the same services")]
    Services,
    /// WVH-21: this one is out of use, the other is not.
    #[error("the {0} is out of use, the other is not")]
    Deactivated(Side),
    /// WVH-21: both are out of use, and name nobody any more. See [`Twins::retired`].
    #[error("both are out of use")]
    OutOfUse,
    /// WVH-21: both are in use.
    #[error("both are in use")]
    InUse,
    /// WVH-22: the did:webvh has not followed the newest version of the did:tlog.
    #[error("the did:webvh has not followed the version of {since}")]
    Behind {
        /// Ledger time of the version that it has not followed.
        since: Timestamp,
    },
    /// WVH-23: not a did:tlog and a did:webvh, each with the time of its version.
    #[error("not a did:tlog and a did:webvh, each with the time of its version")]
    Method,
}

impl TwinError {
    /// The rule that was broken, as in `spec/checks/wvh.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unnamed(_) => "WVH-19",
            Self::Keys | Self::Services => "WVH-20",
            Self::Deactivated(_) | Self::OutOfUse | Self::InUse => "WVH-21",
            Self::Behind { .. } => "WVH-22",
            Self::Method => "WVH-23",
        }
    }
}
