//! What arrived, before anything is known about it.

use crate::{
    data_integrity,
    jws::{self, Compact, JwsError, Typ},
    sd_jwt::{Parts, SdJwtError},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    did::KeyId,
    json::{self, JsonError},
    time::Timestamp,
    vcdm,
};
use std::{fmt, marker::PhantomData};

/// Something that arrived and claims to be a `T`. It gives no access to its content; see [`crate::Verified`].
///
/// Readable are only the [`Hint`]s that are needed to find the key, and the form.
pub struct Unverified<T> {
    pub(crate) wire: Wire,
    pub(crate) profile: Profile,
    of: PhantomData<fn() -> T>,
}

/// The three shapes in which signed things arrive, taken apart.
pub(crate) enum Wire {
    SdJwt(Parts),
    Token { text: String, token: Compact },
    Object(Map<String, Value>),
}

/// A kind of thing that can arrive, and the tokens in which it may.
pub trait Arrives {
    /// Types of SD-JWTs.
    const SD_JWT: &'static [Typ];
    /// Types of plain tokens.
    const TOKEN: &'static [Typ];
    /// Whether a JSON object with a Data Integrity proof will do.
    const OBJECT: bool;
}

/// Which generations of formats a caller accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// The final versions.
    #[default]
    Current,
    /// Also `typ: vc+sd-jwt`, and the W3C data model 1.1.
    Legacy,
}

impl Profile {
    pub(crate) const fn data_model(self) -> vcdm::Version {
        match self {
            Self::Current => vcdm::Version::V2,
            Self::Legacy => vcdm::Version::V2OrV1,
        }
    }
}

impl<T: Arrives> Unverified<T> {
    /// Takes apart what arrived: at most 1 MiB, in the current formats.
    ///
    /// # Errors
    /// It has none of the forms of a `T`.
    pub fn parse(wire: &[u8]) -> Result<Self, ParseWireError> {
        Self::parse_as(wire, Profile::Current)
    }

    /// Takes apart what arrived, in the formats of `profile`.
    ///
    /// # Errors
    /// It has none of the forms of a `T`.
    pub fn parse_as(wire: &[u8], profile: Profile) -> Result<Self, ParseWireError> {
        if wire.len() > jws::MAX_LENGTH {
            return Err(ParseWireError::TooLong); // [JWS-10]
        }
        let wire = if T::OBJECT && wire.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
            Wire::Object(json::parse_object(wire).map_err(ParseWireError::Object)?)
        } else {
            let text = str::from_utf8(wire).map_err(|_| JwsError::Malformed)?.to_owned();
            if !T::SD_JWT.is_empty() && text.contains('~') {
                Wire::SdJwt(Parts::parse(text, Self::sd_jwt_types(profile))?)
            } else {
                let token = Compact::parse(&text, T::TOKEN)?;
                Wire::Token { text, token }
            }
        };
        Ok(Self::from_wire(wire, profile))
    }

    pub(crate) const fn from_wire(wire: Wire, profile: Profile) -> Self {
        Self { wire, profile, of: PhantomData }
    }

    const fn sd_jwt_types(profile: Profile) -> &'static [Typ] {
        match profile {
            Profile::Current => T::SD_JWT,
            Profile::Legacy => &[Typ::SD_JWT_VC, Typ::SD_JWT_VC_LEGACY],
        }
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
            Wire::Object(members) => (members, data_integrity::claimed_key(members).ok()),
        };
        Hint::read(claims, key)
    }
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
}

impl ParseWireError {
    /// The rule that was broken, as in `spec/checks/{jws,json,sdj,di}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "JWS-10",
            Self::Object(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::SdJwt(error) => error.code(),
        }
    }
}
