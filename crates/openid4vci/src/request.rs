//! What a wallet asks for at the credential and deferred endpoints [VCI 1.0 §8.2, §9.1].

use crate::{
    member::{self, Object, Unfit},
    refusal::ErrorCode,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    json,
    jwk::{JwkError, PublicJwk},
};
use std::fmt;

/// Largest request, in bytes, whether encrypted or not.
pub const MAX_LENGTH: usize = 1 << 20;

/// Most proofs that are looked at, whatever the issuer's batch size.
const MAX_PROOFS: usize = 1024;

/// A request for credentials of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialRequest {
    /// What is wanted.
    pub wanted: Wanted,
    /// Proofs that the wallet holds the keys.
    pub proofs: Option<Proofs>,
    /// To whom the response is to be encrypted.
    pub response_encryption: Option<ResponseKey>,
}

/// How a request names what it wants: exactly one of the two. [VCI-CRQ-01]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// `credential_identifier`, which came with the token.
    Identifier(String),
    /// `credential_configuration_id`, if no identifier came with the token.
    Configuration(String),
}

/// Proofs of one kind, at least one. [VCI-CRQ-02]
#[derive(Clone, PartialEq)]
pub enum Proofs {
    /// A JWT for each key.
    Jwt(Vec<String>),
    /// An attestation of all keys.
    Attestation(String),
    /// A presentation with a Data Integrity proof for each key.
    DiVp(Vec<Object>),
}

/// The key to which a response is encrypted, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseKey {
    /// With its `alg`.
    pub jwk: PublicJwk,
    /// Such as `A128GCM`.
    pub enc: String,
}

/// A request for credentials that were not ready.
#[derive(Clone, PartialEq, Eq)]
pub struct DeferredRequest {
    /// The identifier that came instead of the credentials.
    pub transaction_id: String,
    /// To whom the response is to be encrypted; replaces what was said earlier. [VCI-DEF-01]
    pub response_encryption: Option<ResponseKey>,
}

impl CredentialRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(text: &[u8]) -> Result<Self, RequestError> {
        let members = json::parse_object(text)?;
        let identifier = member::text(&members, "credential_identifier")?;
        let configuration = member::text(&members, "credential_configuration_id")?;
        let wanted = match (identifier, configuration) {
            (Some(id), None) if !id.is_empty() => Wanted::Identifier(id.to_owned()),
            (None, Some(id)) if !id.is_empty() => Wanted::Configuration(id.to_owned()),
            _ => return Err(RequestError::NotExactlyOne), // [VCI-CRQ-01]
        };
        if members.contains_key("proof") {
            return Err(RequestError::Proofs); // [VCI-CRQ-02]
        }
        let proofs = member::object(&members, "proofs").map_err(|_| RequestError::Proofs)?;
        Ok(Self {
            wanted,
            proofs: proofs.map(Proofs::parse).transpose()?,
            response_encryption: ResponseKey::parse(&members)?,
        })
    }

    /// Its JSON.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let (name, wanted) = match &self.wanted {
            Wanted::Identifier(id) => ("credential_identifier", id),
            Wanted::Configuration(id) => ("credential_configuration_id", id),
        };
        members.insert(name.to_owned(), wanted.as_str().into());
        member::put(&mut members, "proofs", self.proofs.as_ref().map(Proofs::to_json));
        let encryption = self.response_encryption.as_ref().map(ResponseKey::to_json);
        member::put(&mut members, "credential_response_encryption", encryption);
        members.into()
    }
}

impl Proofs {
    fn parse(members: &Object) -> Result<Self, RequestError> {
        let mut members = members.iter();
        let (Some((name, proofs)), None) = (members.next(), members.next()) else {
            return Err(RequestError::Proofs); // [VCI-CRQ-02]
        };
        let proofs = proofs.as_array().filter(|proofs| (1..=MAX_PROOFS).contains(&proofs.len()));
        let proofs = proofs.ok_or(RequestError::Proofs)?; // [VCI-CRQ-02]
        let text = |proof: &Value| proof.as_str().map(str::to_owned);
        let read = match name.as_str() {
            "jwt" => proofs.iter().map(text).collect::<Option<_>>().map(Self::Jwt),
            "attestation" => match proofs.as_slice() {
                [one] => text(one).map(Self::Attestation), // [VCI-PRF-03]
                _ => None,
            },
            "di_vp" => {
                proofs.iter().map(|proof| proof.as_object().cloned()).collect::<Option<_>>().map(Self::DiVp)
            }
            _ => None,
        };
        read.ok_or(RequestError::Proofs)
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Jwt(proofs) => json!({ "jwt": proofs }),
            Self::Attestation(proof) => json!({ "attestation": [proof] }),
            Self::DiVp(proofs) => json!({ "di_vp": proofs }),
        }
    }

    /// The name of the proof type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "jwt",
            Self::Attestation(_) => "attestation",
            Self::DiVp(_) => "di_vp",
        }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        match self {
            Self::Jwt(proofs) => proofs.len(),
            Self::Attestation(_) => 1,
            Self::DiVp(proofs) => proofs.len(),
        }
    }
}

impl ResponseKey {
    fn parse(members: &Object) -> Result<Option<Self>, RequestError> {
        let name = "credential_response_encryption";
        let Some(wish) = member::object(members, name).map_err(|_| RequestError::Encryption)? else {
            return Ok(None);
        };
        if wish.contains_key("zip") {
            return Err(RequestError::Encryption); // [VCI-ENC-01] no compression is announced
        }
        let jwk = wish.get("jwk").and_then(Value::as_object).ok_or(RequestError::Encryption)?;
        let enc = wish.get("enc").and_then(Value::as_str).ok_or(RequestError::Encryption)?;
        let jwk = PublicJwk::from_members(jwk.clone()).map_err(RequestError::Key)?;
        if jwk.text("alg").is_none() {
            return Err(RequestError::Encryption); // [VCI-ENC-01]
        }
        Ok(Some(Self { jwk, enc: enc.to_owned() }))
    }

    fn to_json(&self) -> Value {
        json!({ "jwk": self.jwk.members(), "enc": self.enc })
    }
}

impl DeferredRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(text: &[u8]) -> Result<Self, RequestError> {
        let members = json::parse_object(text)?;
        Ok(Self {
            transaction_id: member::required_text(&members, "transaction_id")?.to_owned(),
            response_encryption: ResponseKey::parse(&members)?,
        })
    }

    /// Its JSON.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("transaction_id".to_owned(), self.transaction_id.as_str().into());
        let encryption = self.response_encryption.as_ref().map(ResponseKey::to_json);
        member::put(&mut members, "credential_response_encryption", encryption);
        members.into()
    }
}

// Proofs tell wallets apart, and a transaction identifier gets credentials. [OAU-46]

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs")
            .field("kind", &self.kind())
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DeferredRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredRequest").finish_non_exhaustive()
    }
}

/// Why the text of a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// VCI-CRQ-01: both of identifier and configuration, or neither.
    #[error("the request names not exactly one of credential_identifier and credential_configuration_id")]
    NotExactlyOne,
    /// VCI-CRQ-02: not one list of proofs of one kind.
    #[error("proofs is not one non-empty list of proofs of one known type")]
    Proofs,
    /// VCI-CRQ-04: a member is missing or of another form.
    #[error("the request's {0} is missing or malformed")]
    Member(&'static str),
    /// VCI-ENC-01: the wish for encryption is malformed, or asks for compression.
    #[error("credential_response_encryption is malformed or not supported")]
    Encryption,
    /// The key for the response is none, or private.
    #[error("the key for the response is refused")]
    Key(#[source] JwkError),
    /// Not JSON.
    #[error("the request is no json object")]
    Json(#[source] json::JsonError),
}

impl RequestError {
    /// The rule in `spec/checks/vci-*.toml` or `json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotExactlyOne => "VCI-CRQ-01",
            Self::Proofs => "VCI-CRQ-02",
            Self::Member(_) => "VCI-CRQ-04",
            Self::Encryption => "VCI-ENC-01",
            Self::Key(error) => error.code(),
            Self::Json(error) => error.code(),
        }
    }

    /// What the wallet is told.
    pub const fn error(&self) -> ErrorCode {
        match self {
            Self::Encryption | Self::Key(_) => ErrorCode::InvalidEncryptionParameters,
            Self::NotExactlyOne | Self::Proofs | Self::Member(_) | Self::Json(_) => {
                ErrorCode::InvalidCredentialRequest
            }
        }
    }
}

impl From<Unfit> for RequestError {
    fn from(Unfit(member): Unfit) -> Self {
        Self::Member(member)
    }
}

impl From<json::JsonError> for RequestError {
    fn from(error: json::JsonError) -> Self {
        Self::Json(error)
    }
}
