//! What a server says about itself, as far as a wallet uses it.

use crate::url::{self, IssuerId, Transport, UrlError};
use serde_json::{Map, Value};
use sinpyo_core::json;

/// Longest document that is read, in bytes.
const MAX_LENGTH: usize = 256 << 10;

/// The metadata of an authorization server [RFC 8414 §2]. Every endpoint is one that may be spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerMetadata {
    /// The server's name; that under which the document was looked for.
    pub issuer: IssuerId,
    /// Where users decide.
    pub authorization_endpoint: Option<String>,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// Where authorization requests are sent to.
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Where challenges for attested wallets are given out.
    pub challenge_endpoint: Option<String>,
    /// The grant types, if it says.
    pub grant_types: Option<Vec<String>>,
    /// How clients may authenticate at the token endpoint, if it says.
    pub authentication_methods: Option<Vec<String>>,
    /// With what proofs of possession may be signed; nothing, if tokens are not bound to keys there.
    pub dpop_algorithms: Vec<String>,
    /// Whether answers of the authorization endpoint name the server [RFC 9207 §3].
    pub names_itself: bool,
    /// Whether pre-authorized codes are redeemed for wallets that do not say who they are; false if it does not say so.
    pub allows_anonymous: bool,
}

impl ServerMetadata {
    /// Where the document of `issuer` is.
    pub fn url(issuer: &IssuerId) -> String {
        issuer.well_known("oauth-authorization-server")
    }

    /// Reads the document of `issuer`.
    ///
    /// # Errors
    /// It is no such document, it is another server's, or an endpoint is not one that `transport` allows.
    pub fn parse(body: &[u8], issuer: &IssuerId, transport: Transport) -> Result<Self, MetadataError> {
        if body.len() > MAX_LENGTH {
            return Err(MetadataError::Form); // [OAU-30]
        }
        let members = json::parse_object(body).map_err(|_| MetadataError::Form)?; // [OAU-30]
        if members.get("issuer").and_then(Value::as_str) != Some(issuer.as_str()) {
            return Err(MetadataError::Issuer); // [OAU-31]
        }
        let endpoint = |name: &'static str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                let checked = url::check(text, transport).map(|()| Some(text.clone()));
                checked.map_err(|error| MetadataError::Endpoint(name, error)) // [OAU-32]
            }
            Some(_) => Err(MetadataError::Form), // [OAU-30]
        };
        let authorization_endpoint = endpoint("authorization_endpoint")?;
        let s256 = texts(&members, "code_challenge_methods_supported")?;
        if authorization_endpoint.is_some() && !s256.is_none_or(|ways| ways.iter().any(|way| way == "S256")) {
            return Err(MetadataError::Pkce); // [OAU-33]
        }
        Ok(Self {
            issuer: issuer.clone(),
            authorization_endpoint,
            token_endpoint: endpoint("token_endpoint")?.ok_or(MetadataError::Form)?,
            pushed_authorization_request_endpoint: endpoint("pushed_authorization_request_endpoint")?,
            challenge_endpoint: endpoint("challenge_endpoint")?,
            grant_types: texts(&members, "grant_types_supported")?,
            authentication_methods: texts(&members, "token_endpoint_auth_methods_supported")?,
            dpop_algorithms: texts(&members, "dpop_signing_alg_values_supported")?.unwrap_or_default(),
            names_itself: flag(&members, "authorization_response_iss_parameter_supported")?,
            allows_anonymous: flag(&members, "pre-authorized_grant_anonymous_access_supported")?,
        })
    }
}

fn texts(members: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, MetadataError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let list = value.as_array().ok_or(MetadataError::Form)?; // [OAU-30]
    let texts = list.iter().map(|text| text.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().map(Some).ok_or(MetadataError::Form)
}

fn flag(members: &Map<String, Value>, name: &str) -> Result<bool, MetadataError> {
    match members.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(MetadataError::Form), // [OAU-30]
    }
}

/// Why a server's metadata are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// OAU-30: not a strict JSON object, longer than 256 KiB, or a member of another form.
    #[error("not the metadata of an authorization server")]
    Form,
    /// OAU-31: the document is about another server than the one it was looked for under.
    #[error("the metadata are another server's")]
    Issuer,
    /// OAU-32: an endpoint that nobody may speak to.
    #[error("the endpoint {0} is refused")]
    Endpoint(&'static str, #[source] UrlError),
    /// OAU-33: codes cannot be protected by S256.
    #[error("the server does not support S256 code challenges")]
    Pkce,
}

impl MetadataError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "OAU-30",
            Self::Issuer => "OAU-31",
            Self::Endpoint(..) => "OAU-32",
            Self::Pkce => "OAU-33",
        }
    }
}
