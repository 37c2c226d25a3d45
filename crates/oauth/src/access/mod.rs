//! Tokens of our own services' management interfaces: short-lived, signed by the service, each for some of its scopes
//! [RFC 6749 §4.4, RFC 6750, RFC 9068].
//!
//! Whoever wants one signs for itself by `private_key_jwt`; shared secrets there are none.

mod scope;
mod token;

pub use scope::{Scope, Scopes, UnknownScope};
pub use token::{Granting, TokenRefusal};

use crate::proof_key::ALGORITHMS;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::to_base64url,
    key::{Entropy, Signer},
    time::Timestamp,
};
use sinpyo_crypto::KeySigner;
use sinpyo_jose::{HeaderRules, JwtHeader, KeyHint, SignError, Typ, UnverifiedJwt, sign};
use std::{marker::PhantomData, time::Duration};

/// Longest life of an access token.
pub const MAX_LIFETIME: Duration = Duration::from_hours(1);

/// Longest token that is read, in bytes.
const MAX_TOKEN: usize = 8192;

/// Makes tokens for scopes of `S`, and knows them again.
#[derive(Debug)]
pub struct Access<S> {
    signer: KeySigner,
    server: String,
    scopes: PhantomData<fn() -> S>,
}

/// Who asks, as a token says that was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller<S> {
    /// The client's name.
    pub client: String,
    /// What it may do.
    pub scopes: Scopes<S>,
}

impl<S: Scope> Access<S> {
    /// Tokens of the service named `server`, an identifier that no other service has, by the key of `signer`.
    pub const fn new(signer: KeySigner, server: String) -> Self {
        Self { signer, server, scopes: PhantomData }
    }

    /// The service's name in tokens, as issuer and audience.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// A token that permits `scopes` to `client`, for `lifetime` and at most [`MAX_LIFETIME`].
    ///
    /// # Errors
    /// The key did not sign.
    pub fn grant(
        &self,
        client: &str,
        scopes: &Scopes<S>,
        lifetime: Duration,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<String, SignError> {
        let mut id = [0; 16];
        entropy.fill(&mut id);
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        put("iss", json!(self.server));
        put("aud", json!(self.server));
        put("sub", json!(client));
        put("client_id", json!(client));
        put("scope", json!(scopes.to_string()));
        put("iat", json!(now.unix()));
        put("exp", json!(now.plus(lifetime.min(MAX_LIFETIME)).unix()));
        put("jti", json!(to_base64url(&id)));
        let header = JwtHeader::new(Typ::ACCESS_TOKEN, KeyHint::Kid(self.signer.key_id().as_str()));
        sign(header, &claims, (&self.signer, self.signer.key().verifying_key()))
    }

    /// Who sent a request, if its token permits `scope`.
    ///
    /// # Errors
    /// There is no token or several, it is not good, or it does not permit this.
    pub fn admit(&self, headers: &HeaderMap, scope: S, now: Timestamp) -> Result<Caller<S>, AccessError> {
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        let only = sent.next().ok_or(AccessError::Missing)?; // [OAU-50]
        if sent.next().is_some() {
            return Err(AccessError::Token); // [OAU-51]
        }
        let caller = bearer(only).and_then(|token| self.check(token, now)).ok_or(AccessError::Token)?; // [OAU-51]
        if !caller.scopes.contains(scope) {
            return Err(AccessError::Scope { needed: scope.name() }); // [OAU-52]
        }
        Ok(caller)
    }

    /// What a token says, if we made it and it has not expired: our own clock made its times, so no skew is allowed for.
    fn check(&self, token: &str, now: Timestamp) -> Option<Caller<S>> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let token = UnverifiedJwt::parse(token, &[Typ::ACCESS_TOKEN], &HeaderRules::NAMED).ok()?;
        let token = token.verify(self.signer.key().verifying_key(), &ALGORITHMS).ok()?;
        let ours = token.text("iss") == Some(&self.server) && token.audiences().eq([self.server.as_str()]);
        let expires = token.times().ok()?.expires?;
        (ours && now < expires).then_some(())?;
        Some(Caller {
            client: token.text("client_id")?.to_owned(),
            scopes: token.text("scope")?.parse().ok()?,
        })
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token.trim_start_matches(' '))
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// OAU-50: no token was sent.
    #[error("no access token was sent")]
    Missing,
    /// OAU-51: the token is not from here, has expired, or is not one.
    #[error("the access token is refused")]
    Token,
    /// OAU-52: the token permits other things.
    #[error("the access token does not permit this; it needs the scope {needed}")]
    Scope {
        /// The scope that would.
        needed: &'static str,
    },
}

impl AccessError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "OAU-50",
            Self::Token => "OAU-51",
            Self::Scope { .. } => "OAU-52",
        }
    }

    /// 401 or 403, and the value of `WWW-Authenticate`.
    pub fn challenge(&self) -> (http::StatusCode, String) {
        let realm = "Bearer realm=\"sinpyo\"";
        match self {
            Self::Missing => (http::StatusCode::UNAUTHORIZED, realm.to_owned()),
            Self::Token => (http::StatusCode::UNAUTHORIZED, format!("{realm}, error=\"invalid_token\"")),
            Self::Scope { needed } => (
                http::StatusCode::FORBIDDEN,
                format!("{realm}, error=\"insufficient_scope\", scope=\"{needed}\""),
            ),
        }
    }
}
