//! A token that arrives, and what it says once its signature is checked.

use crate::{Header, HeaderRules, JwsError, TimeError, Times, Typ, hazmat::Compact};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, jwk::PublicJwk, key::Verifier};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use std::fmt;

/// A signed token that arrived. Readable are only the hints that are needed to find its key.
pub struct UnverifiedJwt {
    token: Compact,
    signed: String,
}

impl UnverifiedJwt {
    /// Takes apart a compact token, at most 1 MiB, whose type must be one of `typs`.
    ///
    /// # Errors
    /// It is no such token, or its header holds what `rules` and the rules for all tokens refuse.
    pub fn parse(text: &str, typs: &[Typ], rules: &HeaderRules) -> Result<Self, JwsError> {
        let token = Compact::parse(text, typs, |_| *rules)?;
        Ok(Self { signed: token.signed(text).to_owned(), token })
    }

    /// Which of the expected types it is.
    pub const fn typ(&self) -> Typ {
        self.token.typ()
    }

    /// What it says about its key and its maker: good for finding the key, for nothing else.
    pub const fn hint(&self) -> Hint<'_> {
        Hint { header: self.token.header(), claims: self.token.claimed() }
    }

    /// The token's content, if it was signed with `key`, whose algorithm must be one of `allowed`.
    ///
    /// # Errors
    /// The algorithm is not allowed or not the one that the header names, or the signature does not verify.
    pub fn verify(self, key: &VerifyingKey, allowed: &[Algorithm]) -> Result<VerifiedJwt, JwsError> {
        if !allowed.contains(&key.algorithm()) {
            return Err(JwsError::NotAllowed); // [JWS-26] [GEN-01]
        }
        self.token.header().check_algorithm(key.algorithm())?;
        if key.verify(self.signed.as_bytes(), self.token.signature()).is_err() {
            return Err(JwsError::Signature); // [JWS-11] [GEN-06]
        }
        let (header, claims) = self.token.into_parts();
        Ok(VerifiedJwt { header, claims })
    }
}

impl fmt::Debug for UnverifiedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt").field("typ", &self.typ()).finish_non_exhaustive()
    }
}

/// What a token says about its signer. Not a fact.
#[derive(Clone, Copy)]
pub struct Hint<'a> {
    header: &'a Header,
    claims: &'a Map<String, Value>,
}

impl<'a> Hint<'a> {
    /// The name of the key.
    pub fn kid(self) -> Option<&'a str> {
        self.header.kid()
    }

    /// The name of the key, as a verification method.
    ///
    /// # Errors
    /// JWS-09: there is no name, or it is no verification method.
    pub fn key_id(self) -> Result<&'a KeyId, JwsError> {
        self.header.key_id()
    }

    /// The key.
    pub const fn jwk(self) -> Option<&'a PublicJwk> {
        self.header.jwk()
    }

    /// The certificates of the key.
    pub fn x5c(self) -> Option<&'a [String]> {
        self.header.x5c()
    }

    /// Another parameter of the header, such as `jwt` with a verifier's attestation.
    pub fn parameter(self, name: &str) -> Option<&'a Value> {
        self.header.parameter(name)
    }

    /// Who claims to have made it (`iss`).
    pub fn claimed_issuer(self) -> Option<&'a str> {
        self.claimed("iss")
    }

    /// What it claims under `name`, if that is text, such as `client_id`.
    pub fn claimed(self, name: &str) -> Option<&'a str> {
        self.claims.get(name)?.as_str()
    }

    /// The key that it claims to be signed with under `name`, such as `sub_jwk` [`SIOPv2` §11].
    pub fn claimed_key(self, name: &str) -> Option<PublicJwk> {
        PublicJwk::from_members(self.claims.get(name)?.as_object()?.clone()).ok()
    }
}

impl fmt::Debug for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hint").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

/// A token that was signed with the key it was checked with. Times, audience and everything else are for the caller.
///
/// Debug output names the claims and shows no value.
#[derive(Clone)]
pub struct VerifiedJwt {
    header: Header,
    claims: Map<String, Value>,
}

impl VerifiedJwt {
    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The claims.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, taken out.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// The claim `name`, if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// For whom it was made: `aud`, one or several [RFC 7519 §4.1.3]. Elements that are no text name nobody.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        let aud = self.claims.get("aud");
        let several = aud.and_then(Value::as_array).into_iter().flatten();
        several.chain(aud).filter_map(Value::as_str)
    }

    /// `iat`, `nbf` and `exp`; not yet compared with the present.
    ///
    /// # Errors
    /// JWS-13: one of them is no whole number of seconds.
    pub fn times(&self) -> Result<Times, TimeError> {
        Times::from_claims(&self.claims)
    }
}

impl fmt::Debug for VerifiedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims = self.claims.keys().collect::<Vec<_>>();
        f.debug_struct("VerifiedJwt").field("typ", &self.header.typ()).field("claims", &claims).finish()
    }
}
