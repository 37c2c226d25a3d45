//! What is asked, once it is known who asks.

use crate::asker::Asker;
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, ServiceCode},
    claims::ClaimPath,
    credential::{CredentialType, Phase},
    request::{BeyondScope, PresentationRequest},
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_dcql::{CredentialQuery, Query, QueryError, QueryId, Wanted};
use sinpyo_proof::{KeyRing, RequestObjectError, Unverified};

/// A question by somebody who was authenticated, within what the asker is registered for.
///
/// Made before anything is looked up, let alone shown: an asker who is refused learns nothing about the wallet.
#[derive(Clone, Debug)]
pub struct Asked {
    pub(crate) asker: Asker,
    pub(crate) accredited: Option<Accredited>,
    pub(crate) query: Query,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) expires_at: Option<Timestamp>,
    /// The page that asks, where a browser brought the question.
    pub(crate) origin: Option<String>,
}

/// What a registry says about an asker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accredited {
    /// The name under which it is accredited; never one that it gave itself.
    pub name: LocalizedName,
    /// The service code under which it asks.
    pub service: ServiceCode,
}

/// Something that the holder is to authorise along with a presentation [OpenID4VP 1.0 §8.4].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The entry of `transaction_data` as it arrived: base64url, hashed as it stands.
    pub text: String,
    /// The credential queries of which any one may authorise it (`credential_ids`).
    pub queries: Vec<QueryId>,
    /// How it is hashed.
    pub hash: TransactionHash,
}

/// How transaction data is hashed [OpenID4VP 1.0 §B.3.3].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionHash {
    /// SHA-256, because nothing was said; nothing is said in the answer either.
    Default,
    /// `sha-256`, by name.
    Sha256,
    /// `sha-384`.
    Sha384,
    /// `sha-512`.
    Sha512,
}

impl Asked {
    /// What `asker` asks now. `accreditation` is the registry's record of its right to ask, if it says to have one.
    ///
    /// # Errors
    /// The accreditation is not the asker's or not in force, or the query goes beyond it.
    pub fn new(
        asker: Asker,
        accreditation: Option<&Accreditation>,
        query: Query,
        now: Timestamp,
    ) -> Result<Self, AskError> {
        let accredited =
            accreditation.map(|accreditation| within(&asker, accreditation, &query, now)).transpose()?;
        Ok(Self { asker, accredited, query, transactions: Vec::new(), expires_at: None, origin: None })
    }

    /// Reads our own request: of a verifier known by its DID, that is registered for the service code it names.
    /// Its audience and its nonce are the occasion of the answer.
    ///
    /// # Errors
    /// The request is not the verifier's own, not current, or goes beyond the service code.
    pub fn from_request(
        request: Unverified<PresentationRequest>,
        verifier: &Resolved,
        accreditation: Option<&Accreditation>,
        now: Timestamp,
    ) -> Result<(Self, PresentationRequest), AskError> {
        let request = request.verify(&KeyRing::of(verifier), now)?.into_inner();
        let accreditation = accreditation.ok_or_else(|| BeyondScope::Service(request.service.clone()))?; // [WAL-01]
        let _in_scope = request.within_scope(accreditation)?;
        let query = Query::of_request(&request.queries)?;
        let asked = Self::new(Asker::Did(request.verifier.clone()), Some(accreditation), query, now)?;
        Ok((asked.until(request.expires_at), request))
    }

    /// With transaction data that the holder is to authorise.
    #[must_use]
    pub fn authorising(self, transactions: Vec<Transaction>) -> Self {
        Self { transactions, ..self }
    }

    /// Asked by a page of this origin, says the browser: the answer is addressed to the page, whoever signed the question
    /// [OpenID4VP 1.0 §A.4].
    #[must_use]
    pub fn at_origin(self, origin: &str) -> Self {
        Self { origin: Some(origin.to_owned()), ..self }
    }

    /// With the time from which no answer is accepted any more.
    #[must_use]
    pub fn until(self, expires_at: Timestamp) -> Self {
        Self { expires_at: Some(expires_at), ..self }
    }

    /// Who asks.
    pub const fn asker(&self) -> &Asker {
        &self.asker
    }

    /// What is asked for.
    pub const fn query(&self) -> &Query {
        &self.query
    }
}

/// Checks that `accreditation` lets `asker` ask all of `query` now.
fn within(
    asker: &Asker,
    accreditation: &Accreditation,
    query: &Query,
    now: Timestamp,
) -> Result<Accredited, AskError> {
    let Grant::Request { service, scope } = &accreditation.grant else { return Err(AskError::NotTheirs) };
    if *asker != Asker::Did(accreditation.subject.clone()) {
        return Err(AskError::NotTheirs); // [WAL-24]
    }
    if accreditation.validity.at(now) != Phase::Within {
        return Err(AskError::Lapsed); // [WAL-02]
    }
    for query in query.credentials() {
        let allowed = |kind: &str| {
            let kind: CredentialType = kind.parse().ok()?;
            scope.get(&kind)
        };
        for alternative in alternatives(query) {
            // Of a list of types that a credential has together, one that is covered will do.
            let paths: Vec<&ClaimPath> =
                alternative.iter().filter_map(|kind| allowed(kind)).flatten().collect();
            let covered = alternative.iter().any(|kind| allowed(kind).is_some());
            if let Some(kind) = alternative.first().filter(|_| !covered) {
                return Err(kind.parse().map_or(AskError::NotTheirs, |kind| BeyondScope::Type(kind).into())); // [WAL-01]
            }
            let beyond =
                |claim: &&sinpyo_dcql::ClaimQuery| !paths.iter().any(|path| claim.path.is_within(path));
            if let Some(claim) = query.claims.iter().find(beyond) {
                return Err(BeyondScope::Claim(claim.path.clone()).into()); // [WAL-01]
            }
        }
    }
    Ok(Accredited { name: accreditation.name.clone(), service: service.clone() })
}

/// The types that would do, each with those that must come along.
fn alternatives(query: &CredentialQuery) -> Vec<Vec<&str>> {
    match &query.wanted {
        Wanted::SdJwtVc { types } => types.iter().map(|kind| vec![kind.as_str()]).collect(),
        Wanted::Mdoc { doctype } => vec![vec![doctype.as_str()]],
        Wanted::JwtVc { types } | Wanted::LdpVc { types } => {
            types.iter().map(|all| all.iter().map(String::as_str).collect()).collect()
        }
        // Nothing matches it, so that nothing is shown.
        Wanted::Unknown { .. } => Vec::new(),
    }
}

/// Why a question is not put to the holder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// It is not signed by the verifier it names, out of date, or malformed.
    #[error(transparent)]
    Request(#[from] RequestObjectError),
    /// What it asks for makes no sense.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// WAL-01: it asks for more than the verifier is registered for.
    #[error(transparent)]
    Scope(#[from] BeyondScope),
    /// WAL-02: the verifier's accreditation has ended or not begun.
    #[error("the verifier's accreditation is not in force")]
    Lapsed,
    /// WAL-24: the accreditation is somebody else's, or not one for asking.
    #[error("the accreditation is not one of the asker for asking")]
    NotTheirs,
}

impl AskError {
    /// The rule that was broken, as in `spec/checks/wal.toml` or that of the token.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Query(error) => error.code(),
            Self::Scope(error) => error.code(),
            Self::Lapsed => "WAL-02",
            Self::NotTheirs => "WAL-24",
        }
    }
}
