//! What arrived, before anything is known about it.

use crate::{
    data_integrity,
    envelope::{self, Content},
    jws::{self, JwsError, Typ},
    profile::Profile,
    sd_jwt::{Parts, SdJwtError},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    did::KeyId,
    json::{self, JsonError},
    time::Timestamp,
};
use sinpyo_cose::{CoseError, Sign1};
use sinpyo_jose::hazmat::Compact;
use std::{fmt, marker::PhantomData};

/// Something that arrived and claims to be a `T`. It gives no access to its content; see [`crate::Verified`].
///
/// Readable are only the [`Hint`]s that are needed to find the key, and the form.
pub struct Unverified<T> {
    pub(crate) wire: Wire,
    pub(crate) profile: Profile,
    of: PhantomData<fn() -> T>,
}

/// The shapes in which signed things arrive, taken apart.
pub(crate) enum Wire {
    SdJwt(Box<Parts>),
    Token { text: String, token: Compact },
    Object(Map<String, Value>),
    Cose(Sign1),
}

/// A kind of thing that can arrive, and the tokens in which it may.
pub trait Arrives {
    /// Types of SD-JWTs.
    const SD_JWT: &'static [Typ];
    /// Types of plain tokens.
    const TOKEN: &'static [Typ];
    /// Whether a JSON object with a Data Integrity proof will do.
    const OBJECT: bool;
    /// Whether a `COSE_Sign1` will do.
    const COSE: bool;
    /// The type of JSON objects that are nothing but a signed text.
    const ENVELOPE: Option<&'static str>;
}

impl<T: Arrives> Unverified<T> {
    /// Takes apart what arrived, at most 1 MiB, under the strict profile.
    ///
    /// # Errors
    /// It has none of the forms of a `T`.
    pub fn parse(wire: &[u8]) -> Result<Self, ParseWireError> {
        Self::parse_as(wire, &Profile::default())
    }

    /// Takes apart what arrived, to be read under `profile`.
    ///
    /// # Errors
    /// It has none of the forms of a `T`.
    pub fn parse_as(wire: &[u8], profile: &Profile) -> Result<Self, ParseWireError> {
        if wire.len() > jws::MAX_LENGTH {
            return Err(ParseWireError::TooLong); // [JWS-10]
        }
        let wire = match wire.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') if T::OBJECT => {
                return Self::from_object(json::parse_object(wire).map_err(ParseWireError::Object)?, profile);
            }
            // A COSE_Sign1 is a tag or an array: bytes that no text begins with.
            Some(0xd2 | 0x84) if T::COSE => Wire::Cose(Sign1::parse(wire)?),
            _ => Self::parse_text(wire)?,
        };
        Ok(Self::from_wire(wire, profile.clone()))
    }

    /// Takes the strictly parsed `members`, or what they envelop.
    pub(crate) fn from_object(
        members: Map<String, Value>,
        profile: &Profile,
    ) -> Result<Self, ParseWireError> {
        if !T::ENVELOPE.is_some_and(|envelope| envelope::is_of_type(&members, envelope)) {
            return Ok(Self::from_wire(Wire::Object(members), profile.clone()));
        }
        let enveloped = envelope::open(&members, profile).ok_or(ParseWireError::Envelope)?; // [VCJ-14]
        let wire = match &enveloped.content {
            Content::Binary(bytes) if T::COSE => Wire::Cose(Sign1::parse(bytes)?),
            Content::Binary(_) => return Err(ParseWireError::Envelope), // [VCJ-14]
            Content::Text(text) => Self::parse_text(text.as_bytes())?,
        };
        if !enveloped.fits(&wire) {
            return Err(ParseWireError::Envelope); // [VCJ-14]
        }
        Ok(Self::from_wire(wire, profile.clone()))
    }

    fn parse_text(wire: &[u8]) -> Result<Wire, ParseWireError> {
        let text = str::from_utf8(wire).map_err(|_| JwsError::Malformed)?.to_owned();
        if !T::SD_JWT.is_empty() && text.contains('~') {
            return Ok(Wire::SdJwt(Box::new(Parts::parse(text, T::SD_JWT)?)));
        }
        let token = jws::parse(&text, T::TOKEN)?;
        Ok(Wire::Token { text, token })
    }

    pub(crate) const fn from_wire(wire: Wire, profile: Profile) -> Self {
        Self { wire, profile, of: PhantomData }
    }

    /// Whether it has the form of an SD-JWT.
    pub const fn is_sd_jwt(&self) -> bool {
        matches!(self.wire, Wire::SdJwt(_))
    }

    /// What it says about its signer.
    pub fn hint(&self) -> Hint {
        let (claims, key) = match &self.wire {
            Wire::SdJwt(parts) => (parts.issuer.claimed(), parts.issuer.header().key_id().ok().cloned()),
            Wire::Token { token, .. } => (token.claimed(), token.header().key_id().ok().cloned()),
            Wire::Object(members) => (members, data_integrity::claimed_keys(members).into_iter().next()),
            Wire::Cose(message) => return Hint { issuer: None, key: cose_key(message), time: None },
        };
        Hint::read(claims, key)
    }

    /// Every verification method that it claims to be signed with; several for a set of proofs.
    pub fn claimed_keys(&self) -> Vec<KeyId> {
        match &self.wire {
            Wire::Object(members) => data_integrity::claimed_keys(members),
            Wire::SdJwt(_) | Wire::Token { .. } | Wire::Cose(_) => {
                self.hint().claimed_key().cloned().into_iter().collect()
            }
        }
    }
}

/// The verification method that a COSE message names.
pub(crate) fn cose_key(message: &Sign1) -> Option<KeyId> {
    str::from_utf8(message.hint().kid.as_deref()?).ok()?.parse().ok()
}

/// What something says about its signer. Not a fact: good for finding a key, for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    issuer: Option<String>,
    key: Option<KeyId>,
    time: Option<Timestamp>,
}

impl Hint {
    fn read(claims: &Map<String, Value>, key: Option<KeyId>) -> Self {
        let issuer =
            ["iss", "issuer", "holder", "client_id"].iter().find_map(|name| match claims.get(*name)? {
                Value::String(issuer) => Some(issuer.clone()),
                issuer => issuer.get("id")?.as_str().map(str::to_owned),
            });
        let seconds = claims.get("iat").and_then(Value::as_i64).and_then(Timestamp::from_unix);
        let dates = ["validFrom", "issuanceDate"].iter().find_map(|name| claims.get(*name)?.as_str());
        Self { issuer, key, time: seconds.or_else(|| dates?.parse().ok()) }
    }

    /// Who claims to have issued it.
    pub fn claimed_issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The verification method that it claims to be signed with.
    pub const fn claimed_key(&self) -> Option<&KeyId> {
        self.key.as_ref()
    }

    /// When it claims to have been issued: the version of the document to look for the key in.
    pub const fn claimed_time(&self) -> Option<Timestamp> {
        self.time
    }
}

impl<T> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match &self.wire {
            Wire::SdJwt(_) => "SD-JWT",
            Wire::Token { .. } => "JWT",
            Wire::Object(_) => "JSON object",
            Wire::Cose(_) => "COSE_Sign1",
        };
        f.debug_struct("Unverified").field("form", &form).finish_non_exhaustive()
    }
}

/// Why something cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseWireError {
    /// JWS-10: longer than 1 MiB.
    #[error("longer than 1 MiB")]
    TooLong,
    /// Not a strict JSON object.
    #[error("the JSON object is refused")]
    Object(#[source] JsonError),
    /// Not a token of an expected type.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// Not an SD-JWT of an expected type.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// Not a `COSE_Sign1`.
    #[error(transparent)]
    Cose(#[from] CoseError),
    /// VCJ-14: an envelope of a content type that is not supported, or that is not what is in it.
    #[error("the envelope does not hold what it says, or a content type that is not supported")]
    Envelope,
}

impl ParseWireError {
    /// The rule that was broken, as in `spec/checks/{jws,json,sdj,di}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "JWS-10",
            Self::Object(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::SdJwt(error) => error.code(),
            Self::Cose(error) => error.code(),
            Self::Envelope => "VCJ-14",
        }
    }
}
