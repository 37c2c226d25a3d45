//! DID resolution: did:key, did:jwk and did:tlog.
//!
//! Sans-I/O: a did:key or did:jwk is its own document, and for a did:tlog [`resolve`] says which log must be asked. The
//! answer is a proof, and only what it proves is resolved.
//!
//! ```
//! use sinpyo_core::resolved::VersionSelector;
//! use sinpyo_resolver::{Resolution, resolve};
//!
//! let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
//! let Resolution::Resolved(resolved) = resolve(&did, &VersionSelector::Latest)? else { panic!("no log needed") };
//! assert_eq!(resolved.document.methods().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod did_jwk;
pub mod did_key;

use sinpyo_core::{
    did::Did,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_registry::{
    did_tlog::{self, ProvenDocument, ResolutionProof},
    note::LogKey,
};

/// What is known after looking at a DID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The document; nobody had to be asked.
    Resolved(Resolved),
    /// A log must be asked.
    Log(LogQuery),
}

/// A question to the log of a did:tlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    did: Did,
    version: VersionSelector,
}

/// Resolves `did` as far as that goes without asking anybody.
///
/// # Errors
/// The method is unknown, the identifier is malformed, or a version is asked for where there are none.
pub fn resolve(did: &Did, version: &VersionSelector) -> Result<Resolution, ResolveError> {
    let document = match did.method() {
        "key" => did_key::resolve(did)?,
        "jwk" => did_jwk::resolve(did)?,
        "tlog" => return Ok(Resolution::Log(LogQuery { did: did.clone(), version: version.clone() })),
        _ => return Err(ResolveError::MethodNotSupported), // [RES-04]
    };
    if matches!(version, VersionSelector::Id(_)) {
        return Err(ResolveError::NotFound); // [RES-05]
    }
    Ok(Resolution::Resolved(Resolved::immutable(document)))
}

impl LogQuery {
    /// The DID to ask about.
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The version to ask for.
    pub const fn version(&self) -> &VersionSelector {
        &self.version
    }

    /// Resolves the DID from the log's answer, which is believed as far as `key` proves it.
    ///
    /// # Errors
    /// The proof is refused, or shows no such DID or version.
    pub fn answer(&self, proof: &ResolutionProof, key: &LogKey) -> Result<ProvenDocument, ResolveError> {
        proof.verify(key, &self.did, &self.version).map_err(ResolveError::Log)
    }
}

/// Why a DID was not resolved [DID Resolution §10].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// RES-01: the identifier is not one of its method.
    #[error("the identifier is not one of its method")]
    InvalidDid,
    /// RES-04: no such method here.
    #[error("the DID method is not supported")]
    MethodNotSupported,
    /// RES-05: the DID has no such version.
    #[error("the DID has no such version")]
    NotFound,
    /// The log does not prove it.
    #[error(transparent)]
    Log(did_tlog::ResolveError),
}

impl ResolveError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidDid => "RES-01",
            Self::MethodNotSupported => "RES-04",
            Self::NotFound => "RES-05",
            Self::Log(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(did: &str, version: &VersionSelector) -> &'static str {
        resolve(&did.parse().unwrap(), version).unwrap_err().code()
    }

    #[test]
    fn a_method_that_is_not_known_is_refused() {
        assert_eq!(refused("did:web:example.com", &VersionSelector::Latest), "RES-04");
        assert_eq!(refused("did:key:nonsense", &VersionSelector::Latest), "RES-01");
    }

    #[test]
    fn what_never_changes_has_no_versions() {
        let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        assert_eq!(refused(did, &VersionSelector::Id("1".into())), "RES-05");
        let at = VersionSelector::Time("2020-01-01T00:00:00Z".parse().unwrap());
        assert!(matches!(resolve(&did.parse().unwrap(), &at), Ok(Resolution::Resolved(_))));
    }

    #[test]
    fn a_did_on_a_log_is_not_resolved_without_it() {
        let did: Did = "did:tlog:zQmExample".parse().unwrap();
        let Ok(Resolution::Log(query)) = resolve(&did, &VersionSelector::Latest) else {
            panic!("a log is needed")
        };
        assert_eq!((query.did(), query.version()), (&did, &VersionSelector::Latest));
    }
}
