//! What a verifier asks, as parameters of an authorization request [OpenID4VP 1.0 §5].

use crate::{
    client_id::{ClientId, ClientIdError},
    client_metadata::{ClientMetadata, ClientMetadataError},
    location::{Location, LocationError, Transport},
    response_mode::ResponseMode,
    wallet_error::WalletErrorCode,
};
use serde_json::{Map, Value, json};
use sinpyo_dcql::{Query, QueryError};
use std::fmt;

/// The `aud` of a request to a wallet whose metadata are known beforehand [OpenID4VP 1.0 §5.8].
pub const SELF_ISSUED: &str = "https://self-issued.me/v2";

/// Our limits: bytes of a nonce or a state, and statements about the verifier.
const MAX_NONCE: usize = 256;
const MAX_STATE: usize = 512;
const MAX_INFO: usize = 16;

/// A request, whoever makes it. That it is authentic, it does not say.
///
/// Debug output shows who asks and how, not what.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Who asks; `None` over the Digital Credentials API, where the page's origin says it, or each signature.
    pub client_id: Option<ClientId>,
    /// How the response travels.
    pub response_mode: ResponseMode,
    /// What every presentation holds, so that it is good for this request alone.
    pub nonce: String,
    /// What comes back with the response as it is.
    pub state: Option<String>,
    /// What is asked for.
    pub query: Query,
    /// What the verifier can do.
    pub client_metadata: ClientMetadata,
    /// What the holder is to agree to: strings as sent, not read yet.
    pub transaction_data: Vec<String>,
    /// What others say about the verifier; not checked here.
    pub verifier_info: Vec<VerifierInfo>,
    /// The origins for which a signed request over the Digital Credentials API is meant.
    pub expected_origins: Vec<String>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.response_mode.name();
        let mut shown = f.debug_struct("Request");
        shown.field("client_id", &self.client_id).field("response_mode", &mode).finish_non_exhaustive()
    }
}

/// A statement about the verifier, such as a registration certificate [OpenID4VP 1.0 §5.1].
#[derive(Clone, Debug, PartialEq)]
pub struct VerifierInfo {
    /// What kind of statement.
    pub format: String,
    /// The statement.
    pub data: Value,
    /// Which queries it is about; `None` means all.
    pub credential_ids: Option<Vec<String>>,
}

impl Request {
    /// Reads the parameters of a request object, of the Digital Credentials API, or of a link (whose texts the caller
    /// has read as JSON where the parameter is JSON). Unknown parameters are ignored [GEN-09].
    ///
    /// # Errors
    /// A parameter is missing, malformed, or contradicts another.
    pub fn from_json(members: &Map<String, Value>, transport: Transport) -> Result<Self, RequestError> {
        if text(members, "response_type")? != Some("vp_token") {
            return Err(RequestError::ResponseType); // [VP-REQ-01a]
        }
        let query = match (members.get("dcql_query"), members.get("scope")) {
            (Some(query), None) => Query::from_json(query)?,
            (None, Some(_)) => return Err(RequestError::Scope), // [VP-REQ-01c]
            _ => return Err(RequestError::Query),               // [VP-REQ-01b]
        };
        let client_id = text(members, "client_id")?.map(ClientId::parse).transpose()?;
        let client_metadata = match members.get("client_metadata") {
            // What is not said has the defaults of what is said and says nothing.
            None => ClientMetadata::from_json(&Map::new())?,
            Some(Value::Object(members)) => ClientMetadata::from_json(members)?,
            Some(_) => return Err(ClientMetadataError::Malformed.into()),
        };
        Ok(Self {
            client_id,
            response_mode: response_mode(members, transport)?,
            nonce: nonce(members)?,
            state: state(members)?,
            client_metadata,
            transaction_data: transaction_data(members)?,
            verifier_info: verifier_info(members, &query)?,
            expected_origins: texts(members.get("expected_origins"), "expected_origins")?.unwrap_or_default(),
            query,
        })
    }

    /// The parameters as they are sent, `client_id` first among equals.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("response_type", "vp_token".into());
        put("response_mode", self.response_mode.name().into());
        put("nonce", self.nonce.as_str().into());
        put("dcql_query", self.query.to_json());
        put("client_metadata", Value::Object(self.client_metadata.to_json()));
        if let Some(client_id) = &self.client_id {
            put("client_id", client_id.as_str().into());
        }
        if let Some(to) = self.response_mode.response_uri() {
            put("response_uri", to.as_str().into());
        }
        if let Some(state) = &self.state {
            put("state", state.as_str().into());
        }
        if !self.transaction_data.is_empty() {
            put("transaction_data", json!(self.transaction_data));
        }
        if !self.verifier_info.is_empty() {
            put("verifier_info", self.verifier_info.iter().map(VerifierInfo::to_json).collect());
        }
        if !self.expected_origins.is_empty() {
            put("expected_origins", json!(self.expected_origins));
        }
        members
    }
}

impl VerifierInfo {
    /// As it is sent.
    pub fn to_json(&self) -> Value {
        let mut members = json!({"format": self.format, "data": self.data});
        if let (Some(ids), Some(members)) = (&self.credential_ids, members.as_object_mut()) {
            members.insert("credential_ids".to_owned(), json!(ids));
        }
        members
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, RequestError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RequestError::Parameter(name)), // [VP-REQ-01d]
    }
}

fn texts(value: Option<&Value>, name: &'static str) -> Result<Option<Vec<String>>, RequestError> {
    let malformed = RequestError::Parameter(name);
    let Some(value) = value else { return Ok(None) };
    let list = value.as_array().filter(|list| !list.is_empty()).ok_or(malformed)?;
    let text = |value: &Value| Some(value.as_str()?.to_owned());
    Ok(Some(list.iter().map(text).collect::<Option<_>>().ok_or(RequestError::Parameter(name))?))
}

fn response_mode(members: &Map<String, Value>, transport: Transport) -> Result<ResponseMode, RequestError> {
    let response_uri = || {
        if members.contains_key("redirect_uri") {
            return Err(RequestError::RedirectUri); // [VP-RSP-03]
        }
        let uri = text(members, "response_uri")?.ok_or(RequestError::Parameter("response_uri"))?;
        Ok(Location::parse(uri, transport)?)
    };
    match text(members, "response_mode")? {
        Some("direct_post") => response_uri().map(ResponseMode::DirectPost),
        Some("direct_post.jwt") => response_uri().map(ResponseMode::DirectPostJwt),
        Some("dc_api") => Ok(ResponseMode::DcApi),
        Some("dc_api.jwt") => Ok(ResponseMode::DcApiJwt),
        _ => Err(RequestError::ResponseMode), // [VP-REQ-01e]
    }
}

/// Unreserved characters only: it travels through URLs and headers.
fn nonce(members: &Map<String, Value>) -> Result<String, RequestError> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let nonce = text(members, "nonce")?.ok_or(RequestError::Nonce)?; // [VP-REQ-02]
    let fits = (1..=MAX_NONCE).contains(&nonce.len()) && nonce.bytes().all(unreserved);
    if fits { Ok(nonce.to_owned()) } else { Err(RequestError::Nonce) }
}

fn state(members: &Map<String, Value>) -> Result<Option<String>, RequestError> {
    let state = text(members, "state")?;
    if state.is_some_and(|state| state.is_empty() || state.len() > MAX_STATE) {
        return Err(RequestError::Parameter("state"));
    }
    Ok(state.map(str::to_owned))
}

/// That it is an array of texts; what is in them is for [`crate::TransactionDatum`].
fn transaction_data(members: &Map<String, Value>) -> Result<Vec<String>, RequestError> {
    let Some(value) = members.get("transaction_data") else { return Ok(Vec::new()) };
    texts(Some(value), "transaction_data")
        .map(Option::unwrap_or_default)
        .map_err(|_| RequestError::TransactionData) // [VP-TXD-01b]
}

fn verifier_info(members: &Map<String, Value>, query: &Query) -> Result<Vec<VerifierInfo>, RequestError> {
    const NAME: &str = "verifier_info";
    let Some(value) = members.get(NAME) else { return Ok(Vec::new()) };
    let list = value.as_array().filter(|list| (1..=MAX_INFO).contains(&list.len()));
    let one = |value: &Value| {
        let format = value.get("format")?.as_str()?.to_owned();
        let data = value.get("data").filter(|data| data.is_string() || data.is_object())?.clone();
        let credential_ids = texts(value.get("credential_ids"), NAME).ok()?;
        let known = credential_ids.iter().flatten().all(|id| query.credential(id).is_some());
        known.then_some(VerifierInfo { format, data, credential_ids })
    };
    let all = list.and_then(|list| list.iter().map(one).collect::<Option<_>>());
    all.ok_or(RequestError::VerifierInfo) // [VP-REQ-10]
}

/// Why parameters are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// VP-REQ-01a: not `vp_token`.
    #[error("response_type is not vp_token")]
    ResponseType,
    /// VP-REQ-01b: no `dcql_query`, or a scope beside it.
    #[error("there is no dcql_query, or a scope beside it")]
    Query,
    /// VP-REQ-01c: a scope, and none is defined here.
    #[error("the scope stands for no query")]
    Scope,
    /// The query makes no sense.
    #[error("dcql_query is refused")]
    Dcql(#[from] QueryError),
    /// VP-REQ-01d: a parameter is missing or malformed.
    #[error("{0} is missing or malformed")]
    Parameter(&'static str),
    /// VP-REQ-01e: missing, or none that is supported.
    #[error("response_mode is missing or not supported")]
    ResponseMode,
    /// VP-REQ-02: no nonce, or characters that it must not have.
    #[error("nonce is missing or malformed")]
    Nonce,
    /// VP-REQ-10: `verifier_info` is malformed, or is about a query that there is not.
    #[error("verifier_info is malformed")]
    VerifierInfo,
    /// VP-RSP-03: `redirect_uri` where the response is posted.
    #[error("redirect_uri stands beside response_uri")]
    RedirectUri,
    /// VP-TXD-01b: `transaction_data` is no array of texts.
    #[error("transaction_data is not an array of texts")]
    TransactionData,
    /// The address for the response is refused.
    #[error("response_uri is refused")]
    ResponseUri(#[from] LocationError),
    /// Nobody has this name.
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
    /// What the verifier says about itself is refused.
    #[error(transparent)]
    ClientMetadata(#[from] ClientMetadataError),
}

impl RequestError {
    /// The rule that was broken, as in `spec/checks/vp-*.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ResponseType => "VP-REQ-01a",
            Self::Query => "VP-REQ-01b",
            Self::Scope => "VP-REQ-01c",
            Self::Dcql(error) => error.code(),
            Self::Parameter(_) => "VP-REQ-01d",
            Self::ResponseMode => "VP-REQ-01e",
            Self::Nonce => "VP-REQ-02",
            Self::VerifierInfo => "VP-REQ-10",
            Self::RedirectUri => "VP-RSP-03",
            Self::TransactionData => "VP-TXD-01b",
            Self::ResponseUri(error) => error.code(),
            Self::ClientId(error) => error.code(),
            Self::ClientMetadata(error) => error.code(),
        }
    }

    /// What a verifier is told, if it is told anything [OpenID4VP 1.0 §8.5].
    pub const fn reply(&self) -> WalletErrorCode {
        match self {
            Self::Scope => WalletErrorCode::InvalidScope,
            Self::TransactionData => WalletErrorCode::InvalidTransactionData,
            _ => WalletErrorCode::InvalidRequest,
        }
    }
}
