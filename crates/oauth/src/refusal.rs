//! Refusals of the token, pushed request and challenge endpoints, as the peer sees them [RFC 6749 §5.2].

use crate::{
    AssertionError, AttestationError, DetailsError, DpopError, description::Description, form::FormError,
};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use sinpyo_state::Unavailable;

pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
pub(crate) const ATTESTATION_CHALLENGE: HeaderName =
    HeaderName::from_static("oauth-client-attestation-challenge");

/// Why the server answered with an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// `invalid_request`.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// `invalid_client`.
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// `use_attestation_challenge`: VCI-WAT-01f.
    #[error("the attestation proof does not answer a challenge of this server")]
    Challenge {
        /// A challenge to answer.
        next: String,
    },
    /// `invalid_grant`.
    #[error(transparent)]
    Grant(#[from] GrantFault),
    /// `unsupported_grant_type`: OAU-10.
    #[error("the grant type is not supported")]
    GrantType,
    /// `unsupported_response_type`: OAU-11.
    #[error("the response type is not code")]
    ResponseType,
    /// `invalid_scope`: VCI-AUT-03.
    #[error("the scope names nothing that is issued here")]
    Scope,
    /// `invalid_target`: OAU-44.
    #[error("the resource is not the credential issuer that this server works for")]
    Resource,
    /// `invalid_authorization_details`.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// `invalid_dpop_proof`, or `use_dpop_nonce` with the nonce to use.
    #[error(transparent)]
    Dpop(#[from] DpopError),
    /// The state cannot be reached.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Refusal {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(fault) => fault.code(),
            Self::Client(fault) => fault.code(),
            Self::Challenge { .. } => "VCI-WAT-01f",
            Self::Grant(fault) => fault.code(),
            Self::GrantType => "OAU-10",
            Self::ResponseType => "OAU-11",
            Self::Scope => "VCI-AUT-03",
            Self::Resource => "OAU-44",
            Self::Details(error) => error.code(),
            Self::Dpop(error) => error.code(),
            Self::Unavailable(error) => error.code(),
        }
    }

    /// The `error` that the peer is told.
    pub const fn error(&self) -> &'static str {
        match self {
            Self::Request(_) => "invalid_request",
            Self::Client(_) => "invalid_client",
            Self::Challenge { .. } => "use_attestation_challenge",
            Self::Grant(_) => "invalid_grant",
            Self::GrantType => "unsupported_grant_type",
            Self::ResponseType => "unsupported_response_type",
            Self::Scope => "invalid_scope",
            Self::Resource => "invalid_target",
            Self::Details(_) => "invalid_authorization_details",
            Self::Dpop(error) => error.error(),
            Self::Unavailable(_) => "temporarily_unavailable",
        }
    }

    /// The answer, which nobody may store.
    pub fn response(&self) -> Response<Vec<u8>> {
        let status = match self {
            Self::Client(_) => StatusCode::UNAUTHORIZED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({ "error": self.error(), "error_description": Description::new(self).as_str() });
        let mut response = answer(status, &body);
        response.extensions_mut().insert(Rule(self.code()));
        match self {
            Self::Challenge { next } => put(&mut response, ATTESTATION_CHALLENGE, next),
            Self::Dpop(DpopError::Nonce { next }) => put(&mut response, DPOP_NONCE, next),
            _ => {}
        }
        response
    }
}

/// Which rule an answer that refuses comes from: among the extensions of the response, for the operator's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule(pub &'static str);

/// A JSON answer that nobody may store.
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store")); // [VCI-TOK-06]
    response
}

/// Adds a header of base64url text.
pub(crate) fn put(response: &mut Response<Vec<u8>>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}

/// Why a request is not as requests are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestFault {
    /// It is no form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// OAU-09: a parameter is missing.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// OAU-12: a request object or a pushed request within a pushed request.
    #[error("a pushed request carries its parameters itself")]
    Nested,
    /// OAU-13: a parameter is longer than what anybody needs.
    #[error("a parameter is too long")]
    TooLong,
    /// VCI-AUT-04a: no S256 code challenge, or one without the form of SHA-256.
    #[error("a code challenge by S256 is required")]
    Challenge,
    /// VCI-AUT-06f: the redirect URI is not registered for the client.
    #[error("the redirect URI is not registered for the client")]
    RedirectUri,
    /// VCI-TOK-02a: the offer came with a transaction code.
    #[error("the parameter tx_code is missing")]
    TxCodeMissing,
    /// VCI-TOK-02b: the offer came without a transaction code.
    #[error("no tx_code is expected")]
    TxCodeUnexpected,
}

impl RequestFault {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Missing(_) => "OAU-09",
            Self::Nested => "OAU-12",
            Self::TooLong => "OAU-13",
            Self::Challenge => "VCI-AUT-04a",
            Self::RedirectUri => "VCI-AUT-06f",
            Self::TxCodeMissing => "VCI-TOK-02a",
            Self::TxCodeUnexpected => "VCI-TOK-02b",
        }
    }
}

/// Why a client is not who it says, or not welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientFault {
    /// VCI-TOK-02e: it does not say who it is, where that is needed.
    #[error("the client does not say who it is")]
    Missing,
    /// OAU-14: nobody of this name is known.
    #[error("the client is not known")]
    Unknown,
    /// OAU-15: it authenticates in another way than it is registered for, or in two ways, or with a shared secret.
    #[error("the client does not authenticate as it is registered")]
    Method,
    /// Its assertion is refused.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// Its attestation is refused.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
}

impl ClientFault {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "VCI-TOK-02e",
            Self::Unknown => "OAU-14",
            Self::Method => "OAU-15",
            Self::Assertion(error) => error.code(),
            Self::Attestation(error) => error.code(),
        }
    }
}

/// Why a code or refresh token buys nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantFault {
    /// VCI-TOK-02d: unknown, expired, or used up.
    #[error("the code or token is unknown, expired or used")]
    Unknown,
    /// VCI-TOK-02c: the transaction code is wrong.
    #[error("the tx_code is wrong")]
    TxCode,
    /// VCI-AUT-06a: given to another client.
    #[error("the code or token was given to another client")]
    Client,
    /// VCI-AUT-06b: the authorization request named another redirect URI.
    #[error("the redirect_uri is not that of the authorization request")]
    RedirectUri,
    /// VCI-AUT-06c: the verifier does not fit the code challenge.
    #[error("the code_verifier does not fit the code challenge")]
    Verifier,
    /// VCI-AUT-06d: bound to another key, or the request proves none.
    #[error("the code or token is bound to another key")]
    Key,
    /// VCI-AUT-06e: an authorization code was used before; the tokens that it bought are revoked.
    #[error("the code was used before")]
    CodeReused,
    /// OAU-16: a refresh token was used before; the tokens of its family are revoked.
    #[error("the refresh token was used before")]
    RefreshReused,
}

impl GrantFault {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "VCI-TOK-02d",
            Self::TxCode => "VCI-TOK-02c",
            Self::Client => "VCI-AUT-06a",
            Self::RedirectUri => "VCI-AUT-06b",
            Self::Verifier => "VCI-AUT-06c",
            Self::Key => "VCI-AUT-06d",
            Self::CodeReused => "VCI-AUT-06e",
            Self::RefreshReused => "OAU-16",
        }
    }
}
