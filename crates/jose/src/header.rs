//! The protected header of a token, read strictly.

use crate::{JwsError, Typ};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, json, jwk::PublicJwk};
use sinpyo_crypto::Algorithm;

/// Parameters that say where a key is to be had, or which: nothing here fetches or searches.
const FOREIGN_KEYS: [&str; 4] = ["jku", "x5u", "x5t", "x5t#S256"];

/// Which hints at its key a token may carry.
///
/// A key out of a token proves nothing about who made it. Where a protocol has the key there, what makes it the right
/// one (a thumbprint, an attestation, a certificate's path) is for the caller to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderRules {
    allowed: &'static [&'static str],
    exactly_one: bool,
}

/// The parameters that are hints at a key.
const HINTS: [&str; 3] = ["kid", "jwk", "x5c"];

impl HeaderRules {
    /// The key is known from elsewhere.
    pub const BARE: Self = Self { allowed: &[], exactly_one: false };
    /// At most the name of a key.
    pub const NAMED: Self = Self { allowed: &["kid"], exactly_one: false };
    /// The key itself, as in `DPoP` [RFC 9449 §4.2]; a name beside it says nothing.
    pub const OWN_KEY: Self = Self { allowed: &["jwk"], exactly_one: true };
    /// A certificate chain, as HAIP has it [HAIP 1.0 §4]; a name beside it says nothing.
    pub const CERTIFIED: Self = Self { allowed: &["x5c"], exactly_one: true };
    /// A name, a certificate chain, or both.
    pub const NAMED_OR_CERTIFIED: Self = Self { allowed: &["kid", "x5c"], exactly_one: false };
    /// Exactly one of name, key and certificate chain, as in a proof for a credential [OpenID4VCI 1.0 §F.1].
    pub const EXACTLY_ONE: Self = Self { allowed: &HINTS, exactly_one: true };
}

/// A header, unproven until the token's signature is checked.
#[derive(Clone, Debug)]
pub struct Header {
    typ: Typ,
    alg: String,
    cty: Option<String>,
    kid: Option<Kid>,
    jwk: Option<PublicJwk>,
    x5c: Option<Vec<String>>,
    others: Map<String, Value>,
}

/// The `kid` as sent.
#[derive(Clone, Debug)]
enum Kid {
    Method(KeyId),
    Other(Option<String>),
}

impl Header {
    /// Reads the header of a token whose type must be one of `typs`.
    pub(crate) fn parse(
        bytes: &[u8],
        typs: &[Typ],
        rules: impl Fn(Typ) -> HeaderRules,
    ) -> Result<Self, JwsError> {
        let mut members = json::parse_object(bytes).map_err(JwsError::Header)?; // [JWS-02]
        let typ = take_type(&mut members, typs)?;
        if members.contains_key("crit") {
            return Err(JwsError::Critical); // [JWS-05] [GEN-03]
        }
        if members.contains_key("b64") {
            return Err(JwsError::UnencodedPayload); // [JWS-06]
        }
        check_hints(&members, rules(typ))?;
        if members.contains_key("zip") {
            return Err(JwsError::Compression); // [JWS-08]
        }
        let Some(Value::String(alg)) = members.remove("alg") else { return Err(JwsError::Algorithm) };
        let cty = match members.remove("cty") {
            None => None,
            Some(Value::String(cty)) => Some(cty),
            Some(_) => return Err(JwsError::Type), // [JWS-04]
        };
        let kid = members.remove("kid").map(|kid| match kid.as_str().map(str::parse) {
            Some(Ok(method)) => Kid::Method(method),
            other => Kid::Other(other.and(kid.as_str()).map(str::to_owned)),
        });
        let jwk = members.remove("jwk").map(own_key).transpose()?;
        let x5c = members.remove("x5c").map(certificates).transpose()?;
        Ok(Self { typ, alg, cty, kid, jwk, x5c, others: members })
    }

    /// Which of the expected types it is.
    pub const fn typ(&self) -> Typ {
        self.typ
    }

    /// Refuses a token that does not say that it is signed with `algorithm`, which the key decides and not the header.
    ///
    /// # Errors
    /// JWS-03: it names another algorithm.
    pub fn check_algorithm(&self, algorithm: Algorithm) -> Result<(), JwsError> {
        if Algorithm::from_jose_or_fully_specified(&self.alg) == Some(algorithm) {
            Ok(())
        } else {
            Err(JwsError::Algorithm) // [JWS-03]
        }
    }

    /// The verification method that `kid` names.
    ///
    /// # Errors
    /// JWS-09: there is no `kid`, or it is no DID URL with a fragment.
    pub fn key_id(&self) -> Result<&KeyId, JwsError> {
        match &self.kid {
            Some(Kid::Method(method)) => Ok(method),
            Some(Kid::Other(_)) | None => Err(JwsError::KeyId), // [JWS-09]
        }
    }

    /// The `kid`, whatever it names.
    pub fn kid(&self) -> Option<&str> {
        match self.kid.as_ref()? {
            Kid::Method(method) => Some(method.as_str()),
            Kid::Other(text) => text.as_deref(),
        }
    }

    /// The key that came with the token.
    pub const fn jwk(&self) -> Option<&PublicJwk> {
        self.jwk.as_ref()
    }

    /// The certificates that came with the token, for `sinpyo_x509::Chain::from_x5c`.
    pub fn x5c(&self) -> Option<&[String]> {
        self.x5c.as_deref()
    }

    /// The content type.
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// Any other parameter, such as `key_attestation` or `jwt`.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.others.get(name)
    }
}

fn take_type(members: &mut Map<String, Value>, typs: &[Typ]) -> Result<Typ, JwsError> {
    let typ = match members.remove("typ") {
        None => typs.iter().find(|typ| **typ == Typ::ABSENT),
        Some(named) => typs.iter().find(|typ| **typ != Typ::ABSENT && named == typ.as_str()),
    };
    typ.copied().ok_or(JwsError::Type) // [JWS-04] [GEN-02]
}

fn check_hints(members: &Map<String, Value>, rules: HeaderRules) -> Result<(), JwsError> {
    if FOREIGN_KEYS.iter().any(|name| members.contains_key(*name)) {
        return Err(JwsError::HeaderKey); // [JWS-07]
    }
    let mut found = 0;
    for name in HINTS.into_iter().filter(|name| members.contains_key(*name)) {
        match (rules.allowed.contains(&name), name) {
            (true, _) => found += 1,
            // A name where none is needed misleads nobody.
            (false, "kid") => {}
            (false, _) => return Err(JwsError::HeaderKey), // [JWS-07]
        }
    }
    if rules.exactly_one && found != 1 {
        return Err(JwsError::Hints); // [JWS-27]
    }
    Ok(())
}

fn own_key(jwk: Value) -> Result<PublicJwk, JwsError> {
    let Value::Object(members) = jwk else { return Err(JwsError::HeaderKey) };
    PublicJwk::from_members(members).map_err(JwsError::Jwk)
}

fn certificates(x5c: Value) -> Result<Vec<String>, JwsError> {
    let Value::Array(texts) = x5c else { return Err(JwsError::HeaderKey) };
    let text = |text| match text {
        Value::String(text) => Ok(text),
        _ => Err(JwsError::HeaderKey),
    };
    texts.into_iter().map(text).collect()
}
