//! Our resolver as one of `ssi`.

use crate::{Source, SourceError, represent};
use sinpyo_core::{did::Did, resolved::Resolved};
use sinpyo_registry::did_tlog::{self, ProvenDocument};
use sinpyo_resolver::{
    FetchAnswer, FetchQuery, Fetched, Resolution, ResolveError, VersionQuery, resolve_version,
};
use ssi::dids::{
    AnyDidMethod, DID, DIDResolver, PrimaryDIDURL,
    document::{self, representation::MediaType},
    resolution::{DerefError, DerefOutput, Error, Metadata, Options, Output, Parameters, PrimaryContent},
};
use std::fmt;

/// An `ssi` DID resolver for did:key, did:jwk, did:web, did:webvh and did:tlog.
///
/// `versionId` and `versionTime` among the options are heeded. A DID URL with a path or a query names no key here; what
/// `ssi` would do with the query by itself ends in a panic if it is malformed.
pub struct Resolver<S> {
    source: S,
    others: Option<AnyDidMethod>,
}

impl<S> fmt::Debug for Resolver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("others", &self.others.is_some()).finish_non_exhaustive()
    }
}

impl<S: Source> Resolver<S> {
    /// A resolver for our methods, which asks `source`.
    pub const fn new(source: S) -> Self {
        Self { source, others: None }
    }

    /// Leaves every other method to `ssi`, which makes connections of its own for some.
    #[must_use]
    pub fn with_others(self, others: AnyDidMethod) -> Self {
        Self { others: Some(others), ..self }
    }

    async fn resolve_ours(&self, did: &Did, version: &VersionQuery) -> Result<Resolved, Error> {
        match resolve_version(did, version).map_err(|error| refused(did, &error))? {
            Resolution::Resolved(resolved) => Ok(resolved),
            Resolution::Log(query) => {
                let proof = self.source.prove(&query).await.map_err(unanswered)?;
                let proven = query.answer(&proof, self.source.log_key());
                proven.map(ProvenDocument::into_resolved).map_err(|error| refused(did, &error))
            }
            Resolution::Fetch(query) => self.fetch(did, query).await,
        }
    }

    async fn fetch(&self, did: &Did, mut query: FetchQuery) -> Result<Resolved, Error> {
        loop {
            let fetched = match self.source.fetch(query.request()).await {
                Ok(body) => Some(body),
                Err(SourceError::Absent) => None,
                Err(error) => return Err(unanswered(error)),
            };
            let fetched = fetched.as_deref().map_or(Fetched::Absent, Fetched::Body);
            match query.answer(&fetched, self.source.now()).map_err(|error| refused(did, &error))? {
                FetchAnswer::Resolved(resolved) => return Ok(resolved.into_resolved()),
                FetchAnswer::Fetch(next) => query = next,
            }
        }
    }
}

impl<S: Source> DIDResolver for Resolver<S> {
    async fn resolve_representation<'a>(
        &'a self,
        did: &'a DID,
        options: Options,
    ) -> Result<Output<Vec<u8>>, Error> {
        let method = did.method_name();
        if !["key", "jwk", "web", "webvh", "tlog"].contains(&method) {
            return match &self.others {
                Some(others) => others.resolve_representation(did, options).await,
                None => Err(Error::MethodNotSupported(method.to_owned())),
            };
        }
        let version = version(&options.parameters)?;
        let did: Did = did
            .as_str()
            .parse()
            .map_err(|_| Error::InvalidMethodSpecificId(did.method_specific_id().to_owned()))?;
        let resolved = self.resolve_ours(&did, &version).await?;
        let media_type = options.accept.unwrap_or(MediaType::JsonLd);
        Ok(Output::new(
            represent::bytes(&resolved, media_type),
            document::Metadata { deactivated: resolved.metadata.deactivated.then_some(true) },
            Metadata::from_content_type(Some(media_type.to_string())),
        ))
    }

    async fn dereference_primary_with<'a>(
        &'a self,
        primary_did_url: &'a PrimaryDIDURL,
        options: Options,
    ) -> Result<DerefOutput<PrimaryContent>, DerefError> {
        if !primary_did_url.path().is_empty() || primary_did_url.query().is_some() {
            return Err(DerefError::NotFound);
        }
        let output = self.resolve_with(primary_did_url.did(), options).await?;
        let content = PrimaryContent::Document(Box::new(output.document));
        Ok(DerefOutput::new(content, output.document_metadata, output.metadata))
    }
}

/// Which version the options ask for.
fn version(parameters: &Parameters) -> Result<VersionQuery, Error> {
    let given = [("versionId", &parameters.version_id), ("versionTime", &parameters.version_time)];
    let given = given.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    VersionQuery::from_parameters(given).map_err(|_| Error::InvalidOptions)
}

fn unanswered(error: SourceError) -> Error {
    match error {
        SourceError::Absent => Error::NotFound,
        SourceError::Unavailable => Error::internal(error),
    }
}

/// The refusal in the terms of `ssi`, which has none for a proof that does not hold; the rule's name goes with it.
fn refused(did: &Did, error: &ResolveError) -> Error {
    match error {
        ResolveError::InvalidDid | ResolveError::Location(_) => {
            Error::InvalidMethodSpecificId(did.method_specific_id().to_owned())
        }
        ResolveError::MethodNotSupported => Error::MethodNotSupported(did.method().to_owned()),
        ResolveError::NotFound
        | ResolveError::Absent
        | ResolveError::Log(did_tlog::ResolveError::NotFound | did_tlog::ResolveError::VersionNotFound) => {
            Error::NotFound
        }
        ResolveError::Version(_) => Error::InvalidOptions,
        refusal => Error::internal(format!("{}: {refusal}", refusal.code())),
    }
}
