//! Links and QR codes that ask for a presentation.

use super::{
    asked::{Asked, RequestedBy},
    authenticate::RequestRefused,
    fetch::SignedRequest,
};
use crate::{
    client_id::{ClientId, ClientIdError, Prefix},
    form,
    location::{Location, LocationError, Transport},
    request::{Request, SELF_ISSUED},
    wallet_error::WalletErrorCode,
};
use serde_json::{Map, Value};
use sinpyo_core::json;
use sinpyo_jose::JwsError;

/// Our limit: bytes of a link.
const MAX_LENGTH: usize = 64 << 10;

/// Parameters whose text in a link is JSON.
const JSON_PARAMETERS: [&str; 4] = ["dcql_query", "client_metadata", "transaction_data", "verifier_info"];

/// What a link or a QR code holds. Anybody may have made it.
#[derive(Debug)]
pub enum Invitation {
    /// A signed request that is to be fetched.
    Fetch(Reference),
    /// A signed request in the link itself.
    Signed(Box<SignedRequest>),
    /// An unsigned request in the link itself, by somebody who is known by the place of the response alone.
    Unsigned(Box<Asked>),
}

/// Where a request is to be fetched, and whose it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub(super) client_id: ClientId,
    pub(super) request_uri: Location,
    pub(super) by_post: bool,
}

impl Reference {
    /// Who is said to ask; not proven.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Where the request is.
    pub const fn request_uri(&self) -> &Location {
        &self.request_uri
    }
}

impl Invitation {
    /// Reads a link of whatever scheme: the caller knows that it is for wallets.
    ///
    /// # Errors
    /// It holds no request, more than one, or an unsigned one that would have to be signed.
    pub fn parse(uri: &str, transport: Transport) -> Result<Self, InvitationError> {
        if uri.len() > MAX_LENGTH || uri.contains('#') {
            return Err(InvitationError::Malformed);
        }
        let (_, query) = uri.split_once('?').ok_or(InvitationError::Malformed)?; // [VP-REQ-04b]
        let members = form::parse(query).map_err(|_| InvitationError::Malformed)?;
        let member = |name: &str| members.get(name).map(String::as_str);
        let client_id = ClientId::parse(member("client_id").ok_or(InvitationError::Malformed)?)?;
        match (member("request_uri"), member("request")) {
            (Some(_), Some(_)) => Err(InvitationError::Both), // [VP-REQ-04c]
            (Some(request_uri), None) => {
                let by_post = match member("request_uri_method") {
                    None | Some("get") => false,
                    Some("post") => true,
                    Some(_) => return Err(InvitationError::Method), // [VP-REQ-06a]
                };
                let request_uri = Location::parse(request_uri, transport)?;
                // All else that the link says is ignored: it is not signed. [VP-REQ-04a]
                Ok(Self::Fetch(Reference { client_id, request_uri, by_post }))
            }
            (None, Some(_)) if member("request_uri_method").is_some() => Err(InvitationError::Method),
            (None, Some(token)) => {
                let signed = SignedRequest::parse(token, client_id, None, vec![SELF_ISSUED.to_owned()])?;
                Ok(Self::Signed(Box::new(signed)))
            }
            (None, None) => unsigned(&members, &client_id, transport).map(Box::new).map(Self::Unsigned),
        }
    }
}

fn unsigned(
    members: &std::collections::BTreeMap<String, String>,
    client_id: &ClientId,
    transport: Transport,
) -> Result<Asked, InvitationError> {
    if client_id.prefix() != Prefix::RedirectUri {
        return Err(InvitationError::Unsigned); // [VP-CID-04]
    }
    let value = |(name, text): (&String, &String)| {
        let value = if JSON_PARAMETERS.contains(&name.as_str()) {
            json::parse(text.as_bytes()).map_err(|_| InvitationError::Malformed)?
        } else {
            Value::String(text.clone())
        };
        Ok((name.clone(), value))
    };
    let parameters = members.iter().map(value).collect::<Result<Map<_, _>, InvitationError>>()?;
    let request = Request::from_json(&parameters, transport).map_err(RequestRefused::from)?;
    let to = request.response_mode.response_uri().ok_or(RequestRefused::ResponseMode)?.clone();
    if to.as_str() != client_id.name() {
        return Err(RequestRefused::ResponseUri.into()); // [VP-CID-04a]
    }
    Ok(Asked::new(RequestedBy::Place(to), request)?)
}

/// Why a link asks for nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationError {
    /// VP-REQ-04b: not the link of a request.
    #[error("the link holds no request")]
    Malformed,
    /// VP-REQ-04c: `request` and `request_uri`.
    #[error("the link holds a request and the address of another")]
    Both,
    /// VP-REQ-06a: `request_uri_method` is neither `get` nor `post`, or stands without `request_uri`.
    #[error("request_uri_method is not known")]
    Method,
    /// VP-CID-04: a name that must be proven, and nothing that proves it.
    #[error("the request is not signed, as the client identifier demands")]
    Unsigned,
    /// Nobody has this name.
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
    /// The address of the request is refused.
    #[error("request_uri is refused")]
    RequestUri(#[from] LocationError),
    /// The token in the link is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// The request is refused.
    #[error(transparent)]
    Refused(#[from] RequestRefused),
}

impl InvitationError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "VP-REQ-04b",
            Self::Both => "VP-REQ-04c",
            Self::Method => "VP-REQ-06a",
            Self::Unsigned => "VP-CID-04",
            Self::ClientId(error) => error.code(),
            Self::RequestUri(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Refused(error) => error.code(),
        }
    }

    /// What it is called in the protocol. It is shown, and sent to nobody: whose request it was is not known.
    pub const fn reply(&self) -> WalletErrorCode {
        match self {
            Self::Method => WalletErrorCode::InvalidRequestUriMethod,
            Self::ClientId(_) => WalletErrorCode::InvalidClient,
            Self::Refused(error) => error.reply(),
            _ => WalletErrorCode::InvalidRequest,
        }
    }
}
