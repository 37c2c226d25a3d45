//! An authenticated request, and the answers to it.

use super::authenticate::RequestRefused;
use crate::{
    client_id::{ClientId, Prefix},
    digital::audience,
    expectation::{Channel, Expectation},
    form,
    location::{Location, Transport},
    request::Request,
    response_mode::ResponseMode,
    transaction_data::{TransactionDataError, TransactionDatum, TransactionTypes},
    vp_token::VpToken,
    wallet_error::WalletErrorCode,
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{did::Did, json, key::Entropy};
use sinpyo_jose::{
    jwe::{EncryptError, Parties, Recipient, encrypt},
    key_thumbprint,
};
use sinpyo_x509::VerifiedLeaf;
use std::fmt;

/// Who asks, as far as it is proven. Whether that is somebody to be trusted is for the wallet's policy and the holder.
#[derive(Clone, Debug)]
pub enum RequestedBy {
    /// Whoever receives responses at this address; nothing else is known.
    Place(Location),
    /// The owner of a certificate for this host name.
    Host {
        /// The host name.
        name: String,
        /// The certificate.
        leaf: Box<VerifiedLeaf>,
    },
    /// The owner of a certificate.
    Certificate {
        /// The certificate.
        leaf: Box<VerifiedLeaf>,
    },
    /// A DID.
    Did {
        /// The DID.
        did: Did,
        /// The hosts that its name or its document holds; empty if none.
        hosts: Vec<String>,
    },
    /// Somebody whom a trusted party has attested.
    Attested {
        /// Its name there.
        subject: String,
        /// The trusted party.
        issuer: String,
        /// Where responses may go; empty if the attestation does not say.
        redirect_uris: Vec<String>,
    },
    /// A page of this origin, says the browser.
    Origin(String),
}

impl RequestedBy {
    /// Whether a response to `to` stays with the one who asks.
    pub(super) fn may_receive_at(&self, to: &Location) -> bool {
        match self {
            Self::Place(place) => place == to,
            Self::Host { name, .. } => to.is_at(name),
            // Its key has signed the address; the name is the certificate's hash, and says nothing about hosts.
            Self::Certificate { .. } => true,
            // Of what the document says about hosts, one must fit; if it says nothing, the signature alone speaks for the
            // address.
            Self::Did { hosts, .. } => hosts.is_empty() || hosts.iter().any(|host| to.is_at(host)),
            Self::Attested { redirect_uris, .. } => {
                redirect_uris.is_empty() || redirect_uris.iter().any(|uri| uri == to.as_str())
            }
            Self::Origin(_) => false,
        }
    }
}

/// A request whose maker is proven. What it asks for is to be shown to the holder, with who asks.
#[derive(Debug)]
#[must_use]
pub struct Asked {
    by: RequestedBy,
    /// Over the Digital Credentials API, the origin that the browser named, whoever signed.
    origin: Option<String>,
    request: Request,
    recipient: Option<Recipient>,
}

impl Asked {
    pub(super) fn new(by: RequestedBy, request: Request) -> Result<Self, RequestRefused> {
        let recipient = request.client_metadata.recipient();
        let recipient = match (request.response_mode.is_encrypted(), recipient) {
            (true, None) => return Err(RequestRefused::NoKey), // [VP-RSP-08a]
            (true, recipient) => recipient,
            (false, _) => None,
        };
        Ok(Self { by, origin: None, request, recipient })
    }

    pub(super) fn at_origin(self, origin: &str) -> Self {
        Self { origin: Some(origin.to_owned()), ..self }
    }

    /// Who asks.
    pub const fn by(&self) -> &RequestedBy {
        &self.by
    }

    /// What is asked.
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What presentations are to be made for.
    pub fn expectation(&self) -> Expectation {
        let (audience, channel) = match (&self.origin, self.request.response_mode.response_uri()) {
            (Some(origin), _) => (audience(origin), Channel::Digital { origin: origin.clone() }),
            (None, to) => {
                let response_uri = to.map(|to| to.as_str().to_owned()).unwrap_or_default();
                (self.client_id(&response_uri).as_str().to_owned(), Channel::Posted { response_uri })
            }
        };
        Expectation {
            audience,
            nonce: self.request.nonce.clone(),
            channel,
            jwk_thumbprint: self.recipient.as_ref().map(|recipient| key_thumbprint(recipient.key())),
            transaction_data: self.request.transaction_data.clone(),
        }
    }

    fn client_id(&self, response_uri: &str) -> ClientId {
        let named = self.request.client_id.clone();
        named.unwrap_or_else(|| ClientId::new(Prefix::RedirectUri, response_uri))
    }

    /// What the holder is to agree to. If this fails, [`Asked::decline`] with `invalid_transaction_data`.
    ///
    /// # Errors
    /// There is something that this wallet cannot show, as it stands.
    pub fn transaction_data(
        &self,
        types: &TransactionTypes,
    ) -> Result<Vec<TransactionDatum>, TransactionDataError> {
        if self.request.transaction_data.is_empty() {
            return Ok(Vec::new());
        }
        TransactionDatum::parse_all(&json!(self.request.transaction_data), types, &self.request.query) // [VP-REQ-09]
    }

    /// The response with `presentations`, encrypted if that was asked.
    ///
    /// # Errors
    /// It is too long to be encrypted.
    pub fn answer(
        &self,
        presentations: &VpToken,
        entropy: &mut dyn Entropy,
    ) -> Result<Response, AnswerError> {
        let token = Value::Object(presentations.to_json());
        self.respond(Map::from_iter([("vp_token".to_owned(), token)]), entropy)
    }

    /// The response of a holder who declines, and of one who has nothing that matches: the verifier cannot tell.
    ///
    /// # Errors
    /// As [`Asked::answer`].
    pub fn decline(&self, code: WalletErrorCode, entropy: &mut dyn Entropy) -> Result<Response, AnswerError> {
        // Without a description, which would say why. [VP-ERR-02]
        self.respond(Map::from_iter([("error".to_owned(), code.name().into())]), entropy)
    }

    fn respond(
        &self,
        mut members: Map<String, Value>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response, AnswerError> {
        if let (Some(state), None) = (&self.request.state, &self.origin) {
            members.insert("state".to_owned(), state.as_str().into()); // [VP-DCA-05]
        }
        if let Some(recipient) = &self.recipient {
            let payload = Value::Object(members).to_string();
            let sealed = encrypt(payload.as_bytes(), recipient, Parties::default(), entropy)?; // [VP-RSP-09]
            members = Map::from_iter([("response".to_owned(), sealed.into())]);
        }
        match &self.request.response_mode {
            ResponseMode::DcApi | ResponseMode::DcApiJwt => Ok(Response::Digital(members)),
            ResponseMode::DirectPost(to) | ResponseMode::DirectPostJwt(to) => {
                Ok(Response::Post(Box::new(post(to, &members))))
            }
        }
    }
}

fn post(to: &Location, members: &Map<String, Value>) -> http::Request<Vec<u8>> {
    let texts: Vec<(&str, String)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let mut request = http::Request::new(form::write(&texts).into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = to.uri();
    let form = header::HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    request
}

/// A response, on its way.
pub enum Response {
    /// To be sent; the answer is read by [`Posted::read`].
    Post(Box<http::Request<Vec<u8>>>),
    /// To be handed to the browser: the member `data` of the credential.
    Digital(Map<String, Value>),
}

// Unless it is encrypted it holds presentations, and its address is a handle. [OAU-46]
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post(_) => "Post(..)",
            Self::Digital(_) => "Digital(..)",
        })
    }
}

/// What the verifier answered to a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Where the holder's browser is to go.
    pub redirect_uri: Option<Location>,
}

impl Posted {
    /// Reads the answer.
    ///
    /// # Errors
    /// The verifier refused the response, or answered in another form.
    pub fn read(response: &http::Response<Vec<u8>>, transport: Transport) -> Result<Self, PostError> {
        if response.status() != StatusCode::OK {
            return Err(PostError::Refused(response.status().as_u16()));
        }
        let members = json::parse_object(response.body()).map_err(|_| PostError::Form)?;
        let redirect_uri = match members.get("redirect_uri") {
            None => None,
            Some(Value::String(uri)) => {
                Some(Location::parse(uri, transport).map_err(|_| PostError::RedirectUri)?) // [VP-RSP-02d]
            }
            Some(_) => return Err(PostError::RedirectUri),
        };
        Ok(Self { redirect_uri })
    }
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It is too long.
    #[error(transparent)]
    Encrypt(#[from] EncryptError),
}

impl AnswerError {
    /// The rule that was broken, as in `spec/checks/joe.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encrypt(error) => error.code(),
        }
    }
}

/// Why the verifier's answer to a response is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// VP-RSP-02: another status than 200.
    #[error("the verifier answered the response with status {0}")]
    Refused(u16),
    /// VP-RSP-02: no JSON object.
    #[error("the verifier answered the response in another form")]
    Form,
    /// VP-RSP-02d: the browser would be sent to something that is no address.
    #[error("redirect_uri is not an address")]
    RedirectUri,
}

impl PostError {
    /// The rule that was broken, as in `spec/checks/vp-rsp.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Form => "VP-RSP-02",
            Self::RedirectUri => "VP-RSP-02d",
        }
    }
}
