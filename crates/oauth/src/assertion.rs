//! `private_key_jwt`: a client signs for itself [RFC 7523 §3].

use crate::{
    nonce::Fresh,
    proof_key::{MAX_ID, signed_by_any},
};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{HeaderRules, JwsError, TimeError, Typ, UnverifiedJwt};
use sinpyo_state::Space;
use std::{fmt, time::Duration};

/// The value of `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest life of an assertion.
const MAX_LIFETIME: Duration = Duration::from_mins(10);

/// How long it is remembered beyond its end: clocks differ.
const SKEW: Duration = Duration::from_mins(2);

const USED: Space = Space::new("oauth.assertion");
const TYPES: [Typ; 3] = [Typ::ABSENT, Typ::JWT, Typ::CLIENT_AUTHENTICATION];

/// An assertion that arrived. Only its claim who made it can be read, for finding the keys.
pub struct Assertion<'t> {
    text: &'t str,
    client: String,
}

/// A client that proved who it is, by something that may be used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// Its name.
    pub client: String,
    /// The proof. It counts if its spending is committed together with what it was made for.
    pub once: Fresh,
}

impl<'t> Assertion<'t> {
    /// Takes apart `text`.
    ///
    /// # Errors
    /// It is no signed token, or does not say whose it is.
    pub fn parse(text: &'t str) -> Result<Self, AssertionError> {
        let token = UnverifiedJwt::parse(text, &TYPES, &HeaderRules::NAMED).map_err(AssertionError::Token)?;
        let client = token.hint().claimed_issuer().ok_or(AssertionError::Subject)?;
        Ok(Self { client: client.to_owned(), text })
    }

    /// Whose it claims to be.
    pub fn claimed_client(&self) -> &str {
        &self.client
    }

    /// The client, if one of its `keys` made the assertion for one of `audiences`, at most ten minutes ahead.
    ///
    /// # Errors
    /// The signature is not by one of the keys; it is about or for somebody else; it has expired, or would live longer
    /// than ten minutes; it has no `jti`.
    pub fn verify(
        self,
        keys: &[VerifyingKey],
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Identified, AssertionError> {
        let token = signed_by_any(self.text, (&TYPES, &HeaderRules::NAMED), keys);
        let token = token.map_err(AssertionError::Token)?; // [OAU-17]
        if token.text("iss") != Some(&self.client) || token.text("sub") != Some(&self.client) {
            return Err(AssertionError::Subject); // [OAU-18]
        }
        let named: Vec<&str> = token.audiences().collect();
        if !matches!(named.as_slice(), [only] if audiences.contains(only)) {
            return Err(AssertionError::Audience); // [OAU-19]
        }
        let times = token.times().map_err(AssertionError::Time)?;
        times.check(now).map_err(AssertionError::Time)?; // [OAU-20]
        let expires = times.expires.ok_or(AssertionError::Lifetime)?;
        if expires > now.plus(MAX_LIFETIME).plus(SKEW) {
            return Err(AssertionError::Lifetime); // [OAU-20]
        }
        let id =
            token.text("jti").filter(|id| !id.is_empty() && id.len() <= MAX_ID).ok_or(AssertionError::Id)?; // [OAU-21]
        let once = Fresh::named(USED, &format!("{}\n{id}", self.client), expires.plus(SKEW));
        Ok(Identified { client: self.client, once })
    }
}

impl fmt::Debug for Assertion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assertion").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssertionError {
    /// OAU-17: not a signed token, or not signed by the client.
    #[error("the client assertion is refused: {0}")]
    Token(#[source] JwsError),
    /// OAU-18: `iss` and `sub` are not both the client.
    #[error("the client assertion is not about its maker")]
    Subject,
    /// OAU-19: not for this server, or not for it alone.
    #[error("the client assertion is for another server")]
    Audience,
    /// OAU-20: expired, not valid yet, or a time is no number.
    #[error("the client assertion is refused for its time: {0}")]
    Time(#[source] TimeError),
    /// OAU-20: no `exp`, or further ahead than ten minutes.
    #[error("the client assertion lives longer than ten minutes")]
    Lifetime,
    /// OAU-21: no `jti`, or one of more than 256 bytes.
    #[error("the client assertion has no usable jti")]
    Id,
    /// OAU-22: used before.
    #[error("the client assertion was used before")]
    Replayed,
}

impl AssertionError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(_) => "OAU-17",
            Self::Subject => "OAU-18",
            Self::Audience => "OAU-19",
            Self::Time(_) | Self::Lifetime => "OAU-20",
            Self::Id => "OAU-21",
            Self::Replayed => "OAU-22",
        }
    }
}
