//! Fetching a signed request [OpenID4VP 1.0 §5.10].

use super::invitation::Reference;
use crate::{client_id::ClientId, form, handle::Random, request::SELF_ISSUED};
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Map, Value};
use sinpyo_core::key::Entropy;
use sinpyo_jose::{HeaderRules, JwsError, Typ, UnverifiedJwt};
use std::fmt;

/// Our limit: bytes of a request object.
const MAX_LENGTH: usize = 256 << 10;

const MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";

/// A request that is being fetched. There is one fetch: a redirect or an error ends the matter.
#[derive(Debug)]
#[must_use]
pub struct Fetching {
    client_id: ClientId,
    wallet_nonce: Option<String>,
    audiences: Vec<String>,
}

impl Reference {
    /// What to send; redirects are not to be followed. By `POST`, if the verifier takes that, with a nonce of ours and
    /// `wallet_metadata`, what the verifier may know of this wallet.
    pub fn fetch(
        self,
        wallet_metadata: &Map<String, Value>,
        entropy: &mut dyn Entropy,
    ) -> (Request<Vec<u8>>, Fetching) {
        let Self { client_id, request_uri, by_post } = self;
        let issuer = wallet_metadata.get("issuer").and_then(Value::as_str);
        let mut request = Request::new(Vec::new());
        let mut wallet_nonce = None;
        // Common verifiers write the address of the request where the specification has a fixed text. It says as much.
        let mut audiences = vec![SELF_ISSUED.to_owned(), request_uri.as_str().to_owned()];
        if by_post {
            let nonce = Random::new(entropy).expose().to_owned();
            let metadata = Value::Object(wallet_metadata.clone()).to_string();
            let body = form::write(&[("wallet_metadata", &metadata), ("wallet_nonce", &nonce)]);
            *request.body_mut() = body.into_bytes();
            *request.method_mut() = Method::POST;
            let form = header::HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, form);
            wallet_nonce = Some(nonce);
            audiences.extend(issuer.map(str::to_owned));
        }
        *request.uri_mut() = request_uri.uri();
        request.headers_mut().insert(header::ACCEPT, header::HeaderValue::from_static(MEDIA_TYPE));
        (request, Fetching { client_id, wallet_nonce, audiences })
    }
}

impl Fetching {
    /// Reads the answer.
    ///
    /// # Errors
    /// It is no signed request: another status, another media type, too long, or malformed.
    pub fn read(self, response: &Response<Vec<u8>>) -> Result<SignedRequest, FetchError> {
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16())); // [VP-REQ-05c]
        }
        let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case(MEDIA_TYPE) {
            return Err(FetchError::MediaType); // [VP-REQ-05d]
        }
        if response.body().len() > MAX_LENGTH {
            return Err(FetchError::TooLong); // [VP-REQ-05e]
        }
        let text = std::str::from_utf8(response.body()).map_err(|_| JwsError::Malformed)?;
        Ok(SignedRequest::parse(text.trim_ascii(), self.client_id, self.wallet_nonce, self.audiences)?)
    }
}

/// A signed request whose signature is not checked yet; its next step is [`SignedRequest::authenticate`].
pub struct SignedRequest {
    pub(super) token: UnverifiedJwt,
    pub(super) client_id: ClientId,
    pub(super) wallet_nonce: Option<String>,
    /// Any of these is this wallet, for this request.
    pub(super) audiences: Vec<String>,
}

impl SignedRequest {
    pub(super) fn parse(
        text: &str,
        client_id: ClientId,
        wallet_nonce: Option<String>,
        audiences: Vec<String>,
    ) -> Result<Self, JwsError> {
        Ok(Self { token: parse(text)?, client_id, wallet_nonce, audiences })
    }

    /// Who is said to ask; not proven.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }
}

/// Takes apart a request object. Its key is named or certified, and never comes with it.
pub(super) fn parse(text: &str) -> Result<UnverifiedJwt, JwsError> {
    UnverifiedJwt::parse(text, &[Typ::REQUEST], &HeaderRules::NAMED_OR_CERTIFIED) // [VP-REQ-03a]
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Why what was fetched is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// VP-REQ-05c: another status than 200; redirects are not followed.
    #[error("the verifier answered with status {0}")]
    Status(u16),
    /// VP-REQ-05d: another media type.
    #[error("the verifier answered with another media type")]
    MediaType,
    /// VP-REQ-05e: longer than 256 KiB.
    #[error("the request is too long")]
    TooLong,
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
}

impl FetchError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Status(_) => "VP-REQ-05c",
            Self::MediaType => "VP-REQ-05d",
            Self::TooLong => "VP-REQ-05e",
            Self::Token(error) => error.code(),
        }
    }
}
