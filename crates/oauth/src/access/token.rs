//! The token endpoint of a management interface: `client_credentials` with `private_key_jwt`.

use super::{Access, Scope, Scopes};
use crate::{
    ASSERTION_TYPE, Assertion, AssertionError, RequestFault, Rule, description::Description, form::Form,
    nonce::Fresh, refusal::answer,
};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::SignError;
use sinpyo_state::Unavailable;
use std::time::Duration;

/// Life of the tokens that are given out here.
const LIFETIME: Duration = Duration::from_mins(15);

/// A token that is made and not yet handed out: first the spending of the client's assertion must be committed.
#[derive(Debug)]
#[must_use]
pub struct Granting {
    /// Which client gets it.
    pub client: String,
    /// The assertion. If it is spent already, the answer is [`TokenRefusal::replayed`].
    pub once: Fresh,
    body: Value,
}

impl Granting {
    /// The body of the answer, for after the commit.
    pub fn into_body(self) -> Value {
        self.body
    }
}

impl<S: Scope> Access<S> {
    /// Reads a request to the token endpoint, whose public address is `endpoint`. `client` finds the keys of a client and
    /// what it may ever ask for.
    ///
    /// # Errors
    /// The form, the grant type, the assertion or the scope is refused, or the key did not sign.
    pub fn token(
        &self,
        (headers, body): (&HeaderMap, &[u8]),
        endpoint: &str,
        client: impl FnOnce(&str) -> Result<Option<(Vec<VerifyingKey>, Scopes<S>)>, Unavailable>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Granting, TokenRefusal> {
        let form = Form::from_body(headers, body).map_err(RequestFault::Form)?;
        match form.get("grant_type") {
            None => return Err(RequestFault::Missing("grant_type").into()), // [OAU-09]
            Some("client_credentials") => {}
            Some(_) => return Err(TokenRefusal::GrantType), // [OAU-53]
        }
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(TokenRefusal::Method); // [OAU-54]
        }
        let assertion = Assertion::parse(form.get("client_assertion").unwrap_or_default())?;
        let known = client(assertion.claimed_client())?;
        let (keys, permitted) = known.ok_or(TokenRefusal::Client)?; // [OAU-55]
        let identified = assertion.verify(&keys, &[&self.server, endpoint], now)?;
        if form.get("client_id").is_some_and(|id| id != identified.client) {
            return Err(TokenRefusal::Client); // [OAU-55]
        }
        let scopes = match form.get("scope") {
            None => permitted,
            Some(names) => {
                let asked = names.parse::<Scopes<S>>().map_err(|_| TokenRefusal::Scope)?; // [OAU-56]
                Some(asked).filter(|asked| asked.is_within(&permitted)).ok_or(TokenRefusal::Scope)? // [OAU-56]
            }
        };
        let token = self.grant(&identified.client, &scopes, LIFETIME, now, entropy)?;
        let body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFETIME.as_secs(),
            "scope": scopes.to_string(),
        });
        Ok(Granting { client: identified.client, once: identified.once, body })
    }
}

/// Why no token is given out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// `invalid_request`.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// OAU-53, `unsupported_grant_type`.
    #[error("the grant type is not client_credentials")]
    GrantType,
    /// OAU-54, `invalid_client`.
    #[error("the client does not authenticate by private_key_jwt")]
    Method,
    /// OAU-55, `invalid_client`.
    #[error("no client of this name is registered")]
    Client,
    /// `invalid_client`.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// OAU-56, `invalid_scope`.
    #[error("there is no such scope for this client")]
    Scope,
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The service cannot say who its clients are.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl TokenRefusal {
    /// The assertion was used before.
    pub const fn replayed() -> Self {
        Self::Assertion(AssertionError::Replayed) // [OAU-22]
    }

    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(fault) => fault.code(),
            Self::GrantType => "OAU-53",
            Self::Method => "OAU-54",
            Self::Client => "OAU-55",
            Self::Assertion(error) => error.code(),
            Self::Scope => "OAU-56",
            Self::Sign(error) => error.code(),
            Self::Unavailable(error) => error.code(),
        }
    }

    /// Status and `error` of the answer.
    pub const fn error(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Request(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Method | Self::Client | Self::Assertion(_) => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Scope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            Self::Sign(_) | Self::Unavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
        }
    }

    /// The answer, which nobody may store.
    pub fn response(&self) -> Response<Vec<u8>> {
        let (status, error) = self.error();
        let description = Description::new(self);
        let mut response =
            answer(status, &json!({ "error": error, "error_description": description.as_str() }));
        response.extensions_mut().insert(Rule(self.code()));
        response
    }
}
