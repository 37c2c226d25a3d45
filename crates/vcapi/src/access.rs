//! Who may ask: bearer tokens of our own, short-lived, each for some of the scopes [RFC 6750, RFC 9068].

use crate::{
    jws::{self, Token},
    problem::{Kind, Problem, Refusal},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    encoding::to_base64url,
    key::{Entropy, SignError, Signer},
    time::Timestamp,
};
use sinpyo_crypto::KeySigner;
use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

/// Longest life of an access token.
pub const MAX_LIFETIME: Duration = Duration::from_hours(1);

const TYPE: &str = "at+jwt";
const TOKEN_ID_BYTES: usize = 16;

/// What a token permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Issue credentials, and look at what was issued.
    Issue,
    /// Verify credentials and presentations.
    Verify,
    /// Derive and present.
    Hold,
    /// Change the status of credentials.
    Status,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Issue, Self::Verify, Self::Hold, Self::Status];

    /// What it permits, in words.
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Issue => "issue credentials, and look at what was issued",
            Self::Verify => "verify credentials and presentations",
            Self::Hold => "derive and present",
            Self::Status => "change the status of credentials",
        }
    }

    /// The word in a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Verify => "verify",
            Self::Hold => "hold",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == name).ok_or(UnknownScope)
    }
}

/// No scope of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no scope of this name; there are issue, verify, hold and status")]
pub struct UnknownScope;

/// A set of scopes, written with spaces between them [RFC 6749 §3.3].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(names: &str) -> Result<Self, UnknownScope> {
        names.split(' ').filter(|name| !name.is_empty()).map(str::parse).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&names.join(" "))
    }
}

/// The key with which access tokens are made and checked. Its DID names the server in them.
#[derive(Debug)]
pub struct Access(KeySigner);

/// Who asks, as a checked token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client(String);

impl Access {
    /// Makes and checks tokens with the key of `signer`.
    pub const fn new(signer: KeySigner) -> Self {
        Self(signer)
    }

    /// The server's name in tokens, as issuer and audience.
    pub fn server(&self) -> Did {
        self.0.key_id().did()
    }

    /// A token that permits `scopes` to `client`, for `lifetime` and at most [`MAX_LIFETIME`].
    ///
    /// # Errors
    /// The key did not sign.
    pub fn grant(
        &self,
        client: &str,
        scopes: &Scopes,
        lifetime: Duration,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<String, SignError> {
        let mut id = [0; TOKEN_ID_BYTES];
        entropy.fill(&mut id);
        let server = self.server();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        put("iss", json!(server.as_str()));
        put("aud", json!(server.as_str()));
        put("sub", json!(client));
        put("client_id", json!(client));
        put("scope", json!(scopes.to_string()));
        put("iat", json!(now.unix()));
        put("exp", json!(now.plus(lifetime.min(MAX_LIFETIME)).unix()));
        put("jti", json!(to_base64url(&id)));
        jws::sign(TYPE, &claims, &self.0)
    }

    /// Who asks, if the request carries a token that permits `scope`.
    pub(crate) fn admit(&self, headers: &HeaderMap, scope: Scope, now: Timestamp) -> Result<Client, Refusal> {
        let refuse = |rule, detail: &str, status, challenge: &str| {
            let refusal = Problem::new(Kind::Access, rule, &detail).refuse(status);
            match HeaderValue::from_str(&format!("Bearer realm=\"sinpyo\"{challenge}")) {
                Ok(value) => refusal.with(header::WWW_AUTHENTICATE, value),
                Err(_) => refusal,
            }
        };
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        let Some(only) = sent.next().filter(|_| sent.next().is_none()) else {
            return Err(refuse("VCA-08", "no access token was sent", StatusCode::UNAUTHORIZED, "")); // [VCA-08]
        };
        let Some((client, scopes)) = bearer(only).and_then(|token| self.check(token, now)) else {
            let challenge = ", error=\"invalid_token\"";
            return Err(refuse("VCA-09", "the access token is refused", StatusCode::UNAUTHORIZED, challenge)); // [VCA-09]
        };
        if !scopes.contains(scope) {
            let challenge = format!(", error=\"insufficient_scope\", scope=\"{scope}\"");
            return Err(refuse(
                "VCA-10",
                "the token does not permit this",
                StatusCode::FORBIDDEN,
                &challenge,
            )); // [VCA-10]
        }
        Ok(client)
    }

    /// Who a token speaks of and what it permits, if we made it and it has not expired.
    fn check(&self, token: &str, now: Timestamp) -> Option<(Client, Scopes)> {
        let claims = Token::parse(token)?.verify(self.0.key().verifying_key(), &[TYPE])?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let server = self.server();
        let expires = claims.get("exp").and_then(Value::as_i64).and_then(Timestamp::from_unix)?;
        let ours = text("iss") == Some(server.as_str()) && text("aud") == Some(server.as_str());
        (ours && now < expires).then_some(())?;
        Some((Client(text("client_id")?.to_owned()), text("scope")?.parse().ok()?))
    }
}

impl Client {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token.trim_start_matches(' '))
}
