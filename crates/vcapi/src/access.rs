//! Who may ask: bearer tokens of our own, short-lived, each for some of the scopes.

use crate::problem::Kind;
use http::{HeaderMap, header};
use sinpyo_core::{
    key::{Entropy, Signer},
    time::Timestamp,
};
use sinpyo_crypto::KeySigner;
use sinpyo_jose::SignError;
use sinpyo_oauth::access::{self, AccessError};
use sinpyo_web::{answer::header_value, problem::Refusal};
use std::{fmt, str::FromStr, time::Duration};

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

impl access::Scope for Scope {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Issue => "issue credentials, and look at what was issued",
            Self::Verify => "verify credentials and presentations",
            Self::Hold => "derive and present",
            Self::Status => "change the status of credentials",
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
pub type Scopes = access::Scopes<Scope>;

/// The key with which access tokens are made and checked. Its DID names the server in them.
#[derive(Debug)]
pub struct Access(pub(crate) access::Access<Scope>);

impl Access {
    /// Makes and checks tokens with the key of `signer`.
    pub fn new(signer: KeySigner) -> Self {
        let server = signer.key_id().did().as_str().to_owned();
        Self(access::Access::new(signer, server))
    }

    /// A token that permits `scopes` to `client`, for `lifetime` and at most an hour.
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
        self.0.grant(client, scopes, lifetime, now, entropy)
    }

    /// The name of who asks, if the request carries a token that permits `scope`.
    pub(crate) fn admit(&self, headers: &HeaderMap, scope: Scope, now: Timestamp) -> Result<String, Refusal> {
        self.0.admit(headers, scope, now).map(|caller| caller.client).map_err(|error| {
            let rule = match error {
                AccessError::Missing => "VCA-08",      // [VCA-08]
                AccessError::Scope { .. } => "VCA-10", // [VCA-10]
                _ => "VCA-09",                         // [VCA-09]
            };
            let (status, challenge) = error.challenge();
            let refusal = Kind::Access.problem(rule, &error).refuse(status);
            match header_value(&challenge) {
                Ok(value) => refusal.with(header::WWW_AUTHENTICATE, value),
                Err(_) => refusal,
            }
        })
    }
}
