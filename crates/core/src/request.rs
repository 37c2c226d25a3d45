//! What a verifier asks for.
//!
//! The wire form is the part of an OpenID4VP 1.0 request object that every protocol needs: `client_id`, `nonce` and a
//! DCQL query [OpenID4VP 1.0 §5, §6]. It stands here because verifier and wallet both read it.

use crate::{
    accreditation::{Accreditation, Grant, ServiceCode},
    claims::ClaimPath,
    credential::CredentialType,
    did::Did,
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fmt, time::Duration};

/// Client identifier prefix of a verifier known by its DID [OpenID4VP 1.0 §5.9.3].
const PREFIX: &str = "decentralized_identifier:";

/// Most credentials, and most claims of one, in a request.
const MAX_QUERIES: usize = 16;
const MAX_CLAIMS: usize = 64;

/// Longest time in which a request may be answered. A consent must not wait for a later day.
pub const MAX_LIFETIME: Duration = Duration::from_hours(24);

/// A request for a presentation.
///
/// Debug output shows neither the nonce nor a value that would do.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentationRequest {
    /// Who asks.
    pub verifier: Did,
    /// Under which registered scope.
    pub service: ServiceCode,
    /// The challenge, at least 128 bits, base64url.
    pub nonce: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Until when an answer is accepted.
    pub expires_at: Timestamp,
    /// What is asked for; all of it is wanted.
    pub queries: Vec<CredentialQuery>,
}

/// A request for one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialQuery {
    /// Name of the query within the request.
    pub id: String,
    /// Types that will do.
    pub types: Vec<CredentialType>,
    /// Claims that must be shown.
    pub claims: Vec<ClaimQuery>,
}

/// A request for one claim.
///
/// Debug output counts the values: they may say something about the one who is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimQuery {
    /// Where it stands.
    pub path: ClaimPath,
    /// Values that will do; empty means any.
    pub values: Vec<Value>,
}

impl PresentationRequest {
    /// The full client identifier, which is the audience of the answer.
    pub fn audience(&self) -> String {
        audience(&self.verifier)
    }

    /// Checks that every claim asked for lies within what `accreditation` allows.
    ///
    /// # Errors
    /// What is asked for beyond the scope of the service code.
    pub fn within_scope(&self, accreditation: &Accreditation) -> Result<InScope<'_>, BeyondScope> {
        let Grant::Request { service, scope } = &accreditation.grant else {
            return Err(BeyondScope::Service(self.service.clone()));
        };
        if accreditation.subject != self.verifier || *service != self.service {
            return Err(BeyondScope::Service(self.service.clone()));
        }
        for query in &self.queries {
            for kind in &query.types {
                let allowed = scope.get(kind).ok_or_else(|| BeyondScope::Type(kind.clone()))?;
                let beyond =
                    query.claims.iter().find(|claim| !allowed.iter().any(|path| claim.path.is_within(path)));
                if let Some(claim) = beyond {
                    return Err(BeyondScope::Claim(claim.path.clone()));
                }
            }
        }
        Ok(InScope(self))
    }

    /// The claims of the signed request object.
    pub fn to_json(&self) -> Map<String, Value> {
        let claim = |claim: &ClaimQuery| match claim.values.as_slice() {
            [] => json!({"path": claim.path.to_json()}),
            values => json!({"path": claim.path.to_json(), "values": values}),
        };
        let query = |query: &CredentialQuery| {
            let types: Vec<_> = query.types.iter().map(CredentialType::as_str).collect();
            let claims: Vec<_> = query.claims.iter().map(claim).collect();
            json!({"id": query.id, "format": "dc+sd-jwt", "meta": {"vct_values": types}, "claims": claims})
        };
        let queries: Vec<_> = self.queries.iter().map(query).collect();
        let members = json!({
            "client_id": self.audience(),
            "response_type": "vp_token",
            "nonce": self.nonce,
            "iat": self.issued_at.unix(),
            "exp": self.expires_at.unix(),
            "dcql_query": {"credentials": queries},
            "verifier_info": [{"format": "service_code", "data": self.service.as_str()}],
        });
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// Reads the claims of a request object, of which `sinpyo-proof` has verified the signature.
    ///
    /// # Errors
    /// The member that is missing or malformed: also `exp` before `iat` or more than 24 hours after it, and
    /// `dcql_query` with two queries of one name.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, RequestError> {
        let text =
            |name: &'static str| members.get(name).and_then(Value::as_str).ok_or(RequestError::Member(name));
        let time = |name: &'static str| {
            let seconds = members.get(name).and_then(Value::as_i64);
            seconds.and_then(Timestamp::from_unix).ok_or(RequestError::Member(name))
        };
        if text("response_type")? != "vp_token" {
            return Err(RequestError::Unsupported("response_type"));
        }
        let verifier =
            text("client_id")?.strip_prefix(PREFIX).ok_or(RequestError::Unsupported("client_id"))?;
        let nonce = text("nonce")?;
        if !(22..=512).contains(&nonce.len()) || !nonce.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RequestError::Member("nonce")); // [VP-18]
        }
        let queries =
            members.get("dcql_query").and_then(|query| query.get("credentials")).and_then(Value::as_array);
        let queries = queries.filter(|queries| (1..=MAX_QUERIES).contains(&queries.len()));
        let queries = queries.ok_or(RequestError::Member("dcql_query"))?;
        let queries: Vec<_> = queries.iter().map(CredentialQuery::from_json).collect::<Result<_, _>>()?;
        let mut ids = BTreeSet::new();
        if !queries.iter().all(|query| ids.insert(&query.id)) {
            return Err(RequestError::Member("dcql_query")); // [WAL-05]
        }
        let (issued_at, expires_at) = (time("iat")?, time("exp")?);
        if expires_at < issued_at || expires_at > issued_at.plus(MAX_LIFETIME) {
            return Err(RequestError::Member("exp"));
        }
        Ok(Self {
            verifier: verifier.parse().map_err(|_| RequestError::Member("client_id"))?,
            service: service(members).ok_or(RequestError::Member("verifier_info"))?,
            nonce: nonce.to_owned(),
            issued_at,
            expires_at,
            queries,
        })
    }
}

impl fmt::Debug for PresentationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentationRequest")
            .field("verifier", &self.verifier)
            .field("service", &self.service)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("queries", &self.queries)
            .finish_non_exhaustive()
    }
}

/// The client identifier of a verifier known by its DID, and so the audience of what is shown to it.
pub fn audience(verifier: &Did) -> String {
    format!("{PREFIX}{verifier}")
}

/// The service code that the claims of a request object name.
pub fn service(members: &Map<String, Value>) -> Option<ServiceCode> {
    let info = members.get("verifier_info")?.as_array()?;
    let entry =
        info.iter().find(|entry| entry.get("format").and_then(Value::as_str) == Some("service_code"))?;
    entry.get("data")?.as_str()?.parse().ok()
}

impl CredentialQuery {
    fn from_json(value: &Value) -> Result<Self, RequestError> {
        const WHAT: RequestError = RequestError::Member("dcql_query");
        if value.get("format").and_then(Value::as_str) != Some("dc+sd-jwt") {
            return Err(RequestError::Unsupported("format"));
        }
        if value.get("claim_sets").is_some()
            || value.get("multiple").is_some_and(|multiple| multiple != false)
        {
            return Err(RequestError::Unsupported("dcql_query"));
        }
        let id = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or(WHAT)?;
        let types = value.pointer("/meta/vct_values").and_then(Value::as_array).ok_or(WHAT)?;
        let types = types.iter().map(|kind| kind.as_str().and_then(|kind| kind.parse().ok()).ok_or(WHAT));
        let types: Vec<_> = types.collect::<Result<_, _>>()?;
        let claims = value.get("claims").and_then(Value::as_array).ok_or(WHAT)?;
        if types.is_empty() || types.len() > MAX_QUERIES || claims.len() > MAX_CLAIMS {
            return Err(WHAT);
        }
        let claims = claims.iter().map(ClaimQuery::from_json).collect::<Result<_, _>>()?;
        Ok(Self { id: id.to_owned(), types, claims })
    }
}

impl ClaimQuery {
    fn from_json(value: &Value) -> Result<Self, RequestError> {
        const WHAT: RequestError = RequestError::Member("dcql_query");
        let path = value.get("path").and_then(|path| ClaimPath::from_json(path).ok()).ok_or(WHAT)?;
        let values = match value.get("values") {
            None => Vec::new(),
            Some(Value::Array(values)) if (1..=MAX_CLAIMS).contains(&values.len()) => values.clone(),
            Some(_) => return Err(WHAT),
        };
        Ok(Self { path, values })
    }
}

impl fmt::Debug for ClaimQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimQuery").field("path", &self.path).field("values", &self.values.len()).finish()
    }
}

/// A request that asks for nothing beyond its service code.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct InScope<'r>(&'r PresentationRequest);

impl<'r> InScope<'r> {
    /// The request.
    pub const fn request(&self) -> &'r PresentationRequest {
        self.0
    }
}

/// WAL-01: a verifier asks for more than it is registered for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeyondScope {
    /// It is not registered for this service code.
    #[error("the verifier is not registered for service code {0}")]
    Service(ServiceCode),
    /// The service code does not cover this credential type.
    #[error("the service code does not cover credentials of type {0}")]
    Type(CredentialType),
    /// The service code does not cover this claim.
    #[error("the service code does not cover claim {0}")]
    Claim(ClaimPath),
}

impl BeyondScope {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        "WAL-01" // [WAL-01]
    }
}

/// Why a request object cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A member is missing or malformed.
    #[error("member \"{0}\" of the request is missing or malformed")]
    Member(&'static str),
    /// A member asks for what is not supported.
    #[error("member \"{0}\" of the request asks for something unsupported")]
    Unsupported(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accreditation::LocalizedName, credential::Validity};
    use std::collections::BTreeMap;

    fn request() -> PresentationRequest {
        PresentationRequest {
            verifier: "did:x:post".parse().unwrap(),
            service: "post.login".parse().unwrap(),
            nonce: "n".repeat(22),
            issued_at: Timestamp::from_unix(1).unwrap(),
            expires_at: Timestamp::from_unix(2).unwrap(),
            queries: vec![CredentialQuery {
                id: "a".into(),
                types: vec!["T".parse().unwrap()],
                claims: vec![ClaimQuery { path: ClaimPath::name("c"), values: vec![json!(true)] }],
            }],
        }
    }

    #[test]
    fn a_request_survives_the_round_trip() {
        assert_eq!(PresentationRequest::from_json(&request().to_json()), Ok(request()));
    }

    #[test]
    fn a_request_lives_for_a_day_at_most() {
        let read = |iat: i64, exp: i64| {
            let mut members = request().to_json();
            members.insert("iat".into(), json!(iat));
            members.insert("exp".into(), json!(exp));
            PresentationRequest::from_json(&members).map(|request| request.expires_at.unix())
        };
        for exp in [1_000, 1_300, 87_400] {
            assert_eq!(read(1_000, exp), Ok(exp));
        }
        for exp in [999, -1_000, 87_401, 253_402_300_799] {
            assert_eq!(read(1_000, exp), Err(RequestError::Member("exp")), "{exp}");
        }
    }

    #[test]
    fn two_queries_of_one_name_are_refused() {
        let mut asks = request();
        asks.queries.push(CredentialQuery { id: "b".into(), ..asks.queries[0].clone() });
        assert_eq!(PresentationRequest::from_json(&asks.to_json()), Ok(asks.clone()));
        asks.queries[1].id = "a".into();
        asks.queries[1].claims.clear();
        assert_eq!(PresentationRequest::from_json(&asks.to_json()), Err(RequestError::Member("dcql_query")));
    }

    #[test]
    fn malformed_requests_are_refused() {
        let with = |name: &'static str, value: Value| {
            let mut members = request().to_json();
            members.insert(name.into(), value);
            PresentationRequest::from_json(&members).unwrap_err()
        };
        assert_eq!(with("nonce", json!("short")), RequestError::Member("nonce"));
        assert_eq!(with("exp", json!("2")), RequestError::Member("exp"));
        assert_eq!(with("client_id", json!("x509_hash:a")), RequestError::Unsupported("client_id"));
        assert_eq!(with("dcql_query", json!({"credentials": []})), RequestError::Member("dcql_query"));
        assert_eq!(with("verifier_info", json!([])), RequestError::Member("verifier_info"));
    }

    #[test]
    fn a_request_stays_within_its_service_code() {
        let grant = |paths: &[&str]| Accreditation {
            subject: request().verifier,
            name: LocalizedName { ko: "우체국".into(), en: "Post".into() },
            granted_by: "did:x:root".parse().unwrap(),
            grant: Grant::Request {
                service: request().service,
                scope: BTreeMap::from([(
                    "T".parse().unwrap(),
                    paths.iter().map(|p| ClaimPath::name(p)).collect(),
                )]),
            },
            validity: Validity::default(),
        };
        assert!(request().within_scope(&grant(&["c"])).is_ok());
        assert_eq!(
            request().within_scope(&grant(&["d"])).unwrap_err(),
            BeyondScope::Claim(ClaimPath::name("c"))
        );
        let mut other = request();
        other.verifier = "did:x:thief".parse().unwrap();
        assert!(matches!(other.within_scope(&grant(&["c"])).unwrap_err(), BeyondScope::Service(_)));
        let mut other = request();
        other.queries[0].types = vec!["U".parse().unwrap()];
        assert!(matches!(other.within_scope(&grant(&["c"])).unwrap_err(), BeyondScope::Type(_)));
    }
}
