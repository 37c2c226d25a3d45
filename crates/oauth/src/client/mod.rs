//! The wallet's half: which requests to send to an authorization server, and what its answers mean.
//!
//! A [`Client`] makes requests as values and is shown the answers. Where the answer is [`ReplyError::Again`], it has learnt
//! a nonce or challenge, and the request is to be made anew and sent once more.

mod metadata;
mod order;
mod proofs;
mod reply;

pub use metadata::{MetadataError, ServerMetadata};
pub use order::{AuthorizationOrder, Identity, Redeem, WalletAttestation};
pub use proofs::Pkce;
pub use reply::{GrantedDetails, Pushed, RedirectError, ReplyError, Tokens, read_redirect};

use crate::{
    ASSERTION_TYPE, PRE_AUTHORIZED_GRANT,
    attestation::{ATTESTATION, PROOF},
    dpop::DPOP,
    form::encode,
    refusal::{ATTESTATION_CHALLENGE, DPOP_NONCE},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::SigningKey;
use sinpyo_jose::SignError;
use std::collections::{BTreeMap, BTreeSet};

/// A wallet that speaks to one server and to the endpoints that the server's tokens are for.
#[derive(Debug)]
pub struct Client<'a> {
    /// The server.
    pub server: &'a ServerMetadata,
    /// Who the wallet is to it.
    pub identity: Identity<'a>,
    /// The key that tokens are bound to, unless they are bound to none.
    pub dpop: Option<&'a SigningKey>,
    /// For which resource server tokens are asked [RFC 8707]: whoever else names this authorization server as its own
    /// must not get them.
    pub resource: Option<&'a str>,
    /// What servers told so far; a client that is made anew goes on with it.
    pub learnt: Learnt,
}

/// What servers told a client: nonces and challenges.
#[derive(Debug, Default)]
pub struct Learnt {
    /// Nonces for proofs of possession, by scheme, host and port.
    nonces: BTreeMap<String, String>,
    challenge: Option<String>,
    /// What the server asked for since it last gave a good answer.
    asked: BTreeSet<String>,
}

impl<'a> Client<'a> {
    /// A wallet that has not spoken to `server` yet.
    pub fn new(server: &'a ServerMetadata, identity: Identity<'a>, dpop: Option<&'a SigningKey>) -> Self {
        Self { server, identity, dpop, resource: None, learnt: Learnt::default() }
    }

    /// Asks for tokens for this resource server only.
    #[must_use]
    pub fn for_resource(self, resource: &'a str) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// The request for a challenge, if the server has them and the wallet is one that answers them [draft 07 §8].
    pub fn challenge(&self) -> Option<Request<Vec<u8>>> {
        let endpoint = self.server.challenge_endpoint.as_ref()?;
        let Identity::Attested { .. } = self.identity else { return None };
        let request = Request::post(endpoint).body(Vec::new());
        request.ok()
    }

    /// The pushed request for `order`.
    ///
    /// # Errors
    /// A key did not sign, or the server has no such endpoint.
    pub fn push(
        &self,
        order: &AuthorizationOrder<'_>,
        pkce: &Pkce,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, RequestError> {
        let endpoint = self.server.pushed_authorization_request_endpoint.as_deref();
        let endpoint = endpoint.ok_or(RequestError::Endpoint)?;
        let challenge = pkce.challenge();
        let mut fields = vec![
            ("response_type", "code"),
            ("redirect_uri", order.redirect_uri),
            ("state", order.state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let optional = [
            ("scope", order.scope),
            ("authorization_details", order.authorization_details),
            ("issuer_state", order.issuer_state),
            ("resource", self.resource), // [OAU-44]
        ];
        fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.form(endpoint, fields, now, entropy)
    }

    /// The address that the browser is sent to with a pushed request.
    ///
    /// # Errors
    /// The server has no such endpoint, or the wallet no name.
    pub fn authorization_url(&self, pushed: &Pushed) -> Result<String, RequestError> {
        let endpoint = self.server.authorization_endpoint.as_deref().ok_or(RequestError::Endpoint)?;
        let client_id = self.identity.client_id().ok_or(RequestError::Endpoint)?;
        let query = encode([("client_id", client_id), ("request_uri", &pushed.request_uri)]);
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{query}"))
    }

    /// The request for tokens; for those among the granted configurations that `authorization_details` name, if it is
    /// given.
    ///
    /// # Errors
    /// A key did not sign.
    pub fn token(
        &self,
        redeem: Redeem<'_>,
        authorization_details: Option<&str>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, RequestError> {
        let mut fields = match redeem {
            Redeem::Code { code, redirect_uri, pkce } => vec![
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", pkce.verifier()),
            ],
            Redeem::PreAuthorized { code, tx_code } => {
                let tx_code = tx_code.map(|tx_code| ("tx_code", tx_code));
                let fixed = [("grant_type", PRE_AUTHORIZED_GRANT), ("pre-authorized_code", code)];
                fixed.into_iter().chain(tx_code).collect()
            }
            Redeem::Refresh(token) => {
                vec![("grant_type", "refresh_token"), ("refresh_token", token.expose().as_str())]
            }
        };
        fields.extend(authorization_details.map(|details| ("authorization_details", details)));
        fields.extend(self.resource.map(|resource| ("resource", resource))); // [OAU-44]
        self.form(&self.server.token_endpoint, fields, now, entropy)
    }

    /// The headers that a request with `method` to the protected `url` needs.
    ///
    /// # Errors
    /// The key did not sign.
    pub fn authorize(
        &self,
        (method, url): (&Method, &str),
        tokens: &Tokens,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<HeaderMap, RequestError> {
        let token = tokens.access.expose();
        let mut headers = HeaderMap::new();
        let scheme = if tokens.is_bound { "DPoP" } else { "Bearer" };
        insert(&mut headers, header::AUTHORIZATION, &format!("{scheme} {token}"))?;
        if let Some(key) = self.dpop.filter(|_| tokens.is_bound) {
            let nonce = self.nonce(url);
            let proof = proofs::dpop(key, (method.as_str(), url), (Some(token), nonce), now, entropy)?;
            insert(&mut headers, DPOP, &proof)?;
        }
        Ok(headers)
    }

    /// Takes notice of the nonce and challenge that an answer from `url` carries, whatever it says.
    pub fn learn(&mut self, url: &str, headers: &HeaderMap) {
        let text =
            |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let (Some(nonce), Some(origin)) = (text(DPOP_NONCE), origin(url)) {
            self.learnt.nonces.insert(origin.to_owned(), nonce);
        }
        if let Some(challenge) = text(ATTESTATION_CHALLENGE) {
            self.learnt.challenge = Some(challenge);
        }
    }

    fn nonce(&self, url: &str) -> Option<&str> {
        self.learnt.nonces.get(origin(url)?).map(String::as_str)
    }

    /// A form to the server's `endpoint`, with all that proves who sends it.
    fn form(
        &self,
        endpoint: &str,
        fields: Vec<(&str, &str)>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, RequestError> {
        let audience = self.server.issuer.as_str();
        let mut headers = HeaderMap::new();
        let assertion;
        let mut fields: Vec<(&str, &str)> = fields;
        match self.identity {
            Identity::Anonymous | Identity::Public { .. } => {}
            Identity::PrivateKeyJwt { client_id, key } => {
                assertion = proofs::assertion(key, (client_id, audience), now, entropy)?;
                fields.push(("client_assertion_type", ASSERTION_TYPE));
                fields.push(("client_assertion", &assertion));
            }
            Identity::Attested { client_id, attestation, key } => {
                if *attestation.server != self.server.issuer {
                    return Err(RequestError::OtherServer); // [VCI-WAT-02]
                }
                let challenge = self.learnt.challenge.as_deref();
                let proof = proofs::attestation(key, (client_id, audience), challenge, now, entropy)?;
                insert(&mut headers, ATTESTATION, attestation.text)?;
                insert(&mut headers, PROOF, &proof)?;
            }
        }
        fields.extend(self.identity.client_id().map(|client_id| ("client_id", client_id)));
        if let Some(key) = self.dpop {
            let proof = proofs::dpop(key, ("POST", endpoint), (None, self.nonce(endpoint)), now, entropy)?;
            insert(&mut headers, DPOP, &proof)?;
        }
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut request = Request::post(endpoint);
        if let Some(own) = request.headers_mut() {
            own.extend(headers);
        }
        request.body(encode(fields).into_bytes()).map_err(|_| RequestError::Endpoint)
    }
}

/// Adds something that buys something: debug output of the request hides it.
fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) -> Result<(), RequestError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| RequestError::Value)?;
    value.set_sensitive(true); // [OAU-46]
    headers.insert(name, value);
    Ok(())
}

/// Scheme, host and port of `url`.
fn origin(url: &str) -> Option<&str> {
    let start = url.find("://")? + 3;
    let length = url.get(start..)?.find(['/', '?']).unwrap_or(url.len() - start);
    url.get(..start + length)
}

/// Why a request was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// OAU-32: the server's metadata have no endpoint for it.
    #[error("the server has no endpoint for this")]
    Endpoint,
    /// OAU-40: a token or an attestation holds what no header can carry.
    #[error("a value cannot be sent in a header")]
    Value,
    /// VCI-WAT-02: the attestation was made for another server.
    #[error("the attestation is for another server")]
    OtherServer,
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl RequestError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Endpoint => "OAU-32", // [OAU-32]
            Self::Value => "OAU-40",    // [OAU-40]
            Self::OtherServer => "VCI-WAT-02",
            Self::Sign(error) => error.code(),
        }
    }
}
