//! DID resolution: did:key, did:jwk, did:web, did:webvh and did:tlog; DID URL dereferencing; the HTTP binding.
//!
//! Sans-I/O: a did:key or did:jwk is its own document. For a did:tlog [`resolve`] says which log must be asked, and only
//! what the log proves is resolved. For a did:web or did:webvh it says which https URL must be fetched, and takes the
//! answer's bytes. That the address behind the URL is a public one is for whoever fetches it to see to.
//!
//! What it refuses to do: follow service endpoints, believe a document that is about another DID, or give a document of
//! a did:webvh that its history does not prove.
//!
//! ```
//! use sinpyo_core::resolved::VersionSelector;
//! use sinpyo_resolver::{FetchAnswer, Fetched, Resolution, resolve};
//!
//! let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
//! let Resolution::Resolved(resolved) = resolve(&did, &VersionSelector::Latest)? else { panic!("nobody to ask") };
//! assert_eq!(resolved.document.methods().len(), 1);
//!
//! let did = "did:web:office.example:notary".parse()?;
//! let Resolution::Fetch(query) = resolve(&did, &VersionSelector::Latest)? else { panic!("a server to ask") };
//! assert_eq!(query.request().url(), "https://office.example/notary/did.json");
//! # let now = "2026-11-22T00:00:00Z".parse()?;
//! let body = br#"{"id":"did:web:office.example:notary"}"#;
//! let FetchAnswer::Resolved(resolved) = query.answer(&Fetched::Body(body), now)? else { panic!("one file") };
//! assert_eq!(resolved.resolved().did(), &did);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod fetch;
mod resolved_json;
mod version;

pub mod did_jwk;
pub mod did_key;
pub mod did_web;
pub mod did_webvh;
pub mod web_location;

pub mod cache;
pub mod dereference;
pub mod http_binding;

mod usable_document;

pub use error::ResolveError;
pub use fetch::{FetchAnswer, FetchQuery, FetchRequest, Fetched, MAX_ANSWER};
pub use resolved_json::ResolvedJson;
pub use version::{VersionError, VersionQuery};

use sinpyo_core::{
    did::Did,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_registry::{
    TrustedLog,
    did_tlog::{self, ProvenDocument, ResolutionProof},
    heads::{HeadsError, Recency, StaleError},
    log_keys::LogKeys,
};

/// What is known after looking at a DID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The document; nobody had to be asked.
    Resolved(Resolved),
    /// A log must be asked.
    Log(LogQuery),
    /// A web server must be asked.
    Fetch(FetchQuery),
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
/// As [`resolve_version`].
pub fn resolve(did: &Did, version: &VersionSelector) -> Result<Resolution, ResolveError> {
    resolve_version(did, &VersionQuery::from(version))
}

/// As [`resolve`], for whatever a DID URL can say about the version.
///
/// # Errors
/// The method is unknown, the identifier is malformed, or a version is asked for where there are none.
pub fn resolve_version(did: &Did, version: &VersionQuery) -> Result<Resolution, ResolveError> {
    let document = match did.method() {
        "key" => did_key::resolve(did)?,
        "jwk" => did_jwk::resolve(did)?,
        "web" => return FetchQuery::web(did, version).map(Resolution::Fetch),
        "webvh" => return FetchQuery::webvh(did, version).map(Resolution::Fetch),
        "tlog" => {
            let version = version.single()?;
            return Ok(Resolution::Log(LogQuery { did: did.clone(), version }));
        }
        _ => return Err(ResolveError::MethodNotSupported), // [RES-04]
    };
    if version.names_a_version() {
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

    /// Resolves the DID from the log's answer, which is believed as far as `log`, a key or a policy, proves it.
    ///
    /// A log that has a key for stating what is newest has to state it where the newest version is asked for. A statement
    /// that comes with any other answer has to be true of it, too.
    ///
    /// # Errors
    /// The proof is refused, shows no such DID or version, or is stale.
    pub fn answer(
        &self,
        proof: &ResolutionProof,
        log: &dyn TrustedLog,
    ) -> Result<ProvenDocument, ResolveError> {
        match self.answer_within(proof, log, &Recency::default()) {
            Err(ResolveError::Stale(StaleError::Heads(HeadsError::Absent)))
                if !self.needs_statement(proof, log)? =>
            {
                proof.verify(log, &self.did, &self.version).map_err(ResolveError::from)
            }
            answer => answer,
        }
    }

    /// As [`LogQuery::answer`], with a statement that is as recent as demanded, whatever version is asked for.
    ///
    /// # Errors
    /// As [`LogQuery::answer`].
    pub fn answer_within(
        &self,
        proof: &ResolutionProof,
        log: &dyn TrustedLog,
        recency: &Recency<'_>,
    ) -> Result<ProvenDocument, ResolveError> {
        proof.verify_latest(log, &self.did, &self.version, recency).map_err(ResolveError::from)
    }

    /// Whether nobody but the log itself, by its statement, could say that this is the newest.
    fn needs_statement(&self, proof: &ResolutionProof, log: &dyn TrustedLog) -> Result<bool, ResolveError> {
        let proven = proof.fold(log).map_err(did_tlog::ResolveError::Proof)?;
        let keys = LogKeys::read(proven.state()).map_err(did_tlog::ResolveError::Engine)?;
        Ok(self.version == VersionSelector::Latest && keys.heads().is_some()) // [TLOG-36]
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
        assert_eq!(refused("did:example:123", &VersionSelector::Latest), "RES-04");
        assert_eq!(refused("did:key:nonsense", &VersionSelector::Latest), "RES-01");
    }

    #[test]
    fn what_never_changes_has_no_versions() {
        let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        assert_eq!(refused(did, &VersionSelector::Id("1".into())), "RES-05");
        let at = VersionSelector::Time("2020-01-01T00:00:00Z".parse().unwrap());
        assert!(matches!(resolve(&did.parse().unwrap(), &at), Ok(Resolution::Resolved(_))));
        let number = VersionQuery { number: Some(1), ..VersionQuery::default() };
        assert_eq!(resolve_version(&did.parse().unwrap(), &number).unwrap_err().code(), "RES-05");
    }

    #[test]
    fn a_did_web_has_no_history() {
        for version in
            [VersionSelector::Id("1".into()), VersionSelector::Time("2020-01-01T00:00:00Z".parse().unwrap())]
        {
            assert_eq!(refused("did:web:office.example", &version), "RES-05");
        }
    }

    #[test]
    fn a_did_on_a_log_is_not_resolved_without_it() {
        let did: Did = "did:tlog:zQmExample".parse().unwrap();
        let Ok(Resolution::Log(query)) = resolve(&did, &VersionSelector::Latest) else {
            panic!("a log is needed")
        };
        assert_eq!((query.did(), query.version()), (&did, &VersionSelector::Latest));
        let two = VersionQuery { id: Some("1-x".into()), number: Some(1), time: None };
        assert_eq!(resolve_version(&did, &two).unwrap_err().code(), "RES-10");
    }
}
