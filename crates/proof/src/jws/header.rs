//! The protected header, read strictly.

use super::{JwsError, Typ};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, json};
use sinpyo_crypto::Algorithm;

/// Parameters with which a sender could choose the key that its own token is checked with.
const KEY_PARAMETERS: [&str; 5] = ["jwk", "jku", "x5u", "x5t", "x5t#S256"];

/// Certificates prove themselves by their path, where the verifier decided to look for one [SD-JWT VC §3.5].
const CERTIFIED: Typ = Typ::SD_JWT_VC;

/// What is used of a header.
#[derive(Debug)]
pub(crate) struct Header {
    typ: Typ,
    alg: String,
    cty: Option<String>,
    kid: Option<Kid>,
    x5c: Option<Vec<String>>,
}

/// The `kid` as sent.
#[derive(Debug)]
enum Kid {
    Method(KeyId),
    Other(Option<String>),
}

impl Header {
    /// Reads the header of a token whose type must be one of `typs`.
    pub(super) fn parse(bytes: &[u8], typs: &[Typ]) -> Result<Self, JwsError> {
        let mut members = json::parse_object(bytes).map_err(JwsError::Header)?; // [JWS-02]
        let typ = find_type(&members, typs)?;
        if members.contains_key("crit") {
            return Err(JwsError::Critical); // [JWS-05]
        }
        if members.contains_key("b64") {
            return Err(JwsError::UnencodedPayload); // [JWS-06]
        }
        if KEY_PARAMETERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwsError::HeaderKey); // [JWS-07]
        }
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
        let x5c = members.remove("x5c").map(|x5c| certificates(&x5c, typ)).transpose()?;
        Ok(Self { typ, alg, cty, kid, x5c })
    }

    /// Which of the expected types it is.
    pub(super) const fn typ(&self) -> Typ {
        self.typ
    }

    /// Whether the token claims to be signed with `algorithm`, which the key and not the header decides.
    pub(crate) fn check_algorithm(&self, algorithm: Algorithm) -> Result<(), JwsError> {
        if Algorithm::from_jose_or_fully_specified(&self.alg) == Some(algorithm) {
            Ok(())
        } else {
            Err(JwsError::Algorithm) // [JWS-03]
        }
    }

    /// The verification method that the header names.
    pub(crate) fn key_id(&self) -> Result<&KeyId, JwsError> {
        match &self.kid {
            Some(Kid::Method(method)) => Ok(method),
            Some(Kid::Other(_)) | None => Err(JwsError::KeyId), // [JWS-09]
        }
    }

    /// The `kid`, whatever it names.
    pub(crate) fn kid_text(&self) -> Option<&str> {
        match self.kid.as_ref()? {
            Kid::Method(method) => Some(method.as_str()),
            Kid::Other(text) => text.as_deref(),
        }
    }

    /// The certificates that came with the token.
    pub(crate) fn x5c(&self) -> Option<&[String]> {
        self.x5c.as_deref()
    }

    /// The content type.
    pub(crate) fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }
}

fn certificates(x5c: &Value, typ: Typ) -> Result<Vec<String>, JwsError> {
    if typ != CERTIFIED {
        return Err(JwsError::HeaderKey); // [JWS-07]
    }
    let texts = x5c.as_array().ok_or(JwsError::HeaderKey)?;
    texts.iter().map(|text| text.as_str().map(str::to_owned).ok_or(JwsError::HeaderKey)).collect()
}

fn find_type(members: &Map<String, Value>, typs: &[Typ]) -> Result<Typ, JwsError> {
    let named = members.get("typ").and_then(Value::as_str);
    let typ = typs.iter().find(|typ| Some(typ.as_str()) == named);
    typ.copied().ok_or(JwsError::Type) // [JWS-04]
}
