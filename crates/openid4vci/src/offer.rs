//! Credential offers [VCI 1.0 §4]: how an issuer tells a wallet what there is to fetch.

use crate::{
    address::{AddressError, CredentialIssuerId, WebAddress},
    member::{self, Object, Unfit},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, json};
use sinpyo_oauth::{
    form::{self, Form},
    url::Transport,
};
use std::fmt;

/// Name of the pre-authorized code grant [VCI 1.0 §3.5].
pub const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// Longest link, and longest offer, in bytes.
const MAX_LENGTH: usize = 16 << 10;

/// Most configurations in an offer.
const MAX_CONFIGURATIONS: usize = 64;

/// What a wallet may fetch, and by which grants.
#[derive(Debug)]
pub struct Offer {
    /// Who offers.
    pub issuer: CredentialIssuerId,
    /// Names of credential configurations in the issuer's metadata; at least one.
    pub configurations: Vec<String>,
    /// The grants that are ready. None says that the authorization server's metadata tell. [VCI-OFF-03]
    pub grants: Grants,
}

/// The grants of an offer.
#[derive(Debug, Default)]
pub struct Grants {
    /// The wallet may ask for authorization.
    pub authorization_code: Option<AuthorizationCodeGrant>,
    /// The wallet holds a code that was authorized beforehand.
    pub pre_authorized: Option<PreAuthorizedGrant>,
}

impl Grants {
    /// Whether no grant is named.
    pub const fn is_empty(&self) -> bool {
        self.authorization_code.is_none() && self.pre_authorized.is_none()
    }
}

/// The authorization code grant of an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationCodeGrant {
    /// Comes back in the authorization request. It says nothing of who the user is. [VCI-OFF-04]
    pub issuer_state: Option<String>,
    /// Which of several authorization servers.
    pub authorization_server: Option<String>,
}

/// The pre-authorized code grant of an offer.
#[derive(Debug)]
pub struct PreAuthorizedGrant {
    /// Worth a token, once.
    pub code: Secret<String>,
    /// There if the user must enter a code that came another way.
    pub tx_code: Option<TxCodePrompt>,
    /// Which of several authorization servers.
    pub authorization_server: Option<String>,
}

/// How a wallet asks for the transaction code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TxCodePrompt {
    /// Which characters the code has.
    pub input_mode: InputMode,
    /// How many characters, if that is known.
    pub length: Option<u8>,
    /// Where the user finds the code; at most 300 characters.
    pub description: Option<String>,
}

/// The characters of a transaction code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InputMode {
    /// Digits.
    #[default]
    Numeric,
    /// Any characters.
    Text,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(text: &[u8], transport: Transport) -> Result<Self, OfferError> {
        if text.len() > MAX_LENGTH {
            return Err(OfferError::TooLong);
        }
        let offer = json::parse_object(text)?;
        let issuer = member::required_text(&offer, "credential_issuer")?;
        let configurations = member::required_texts(&offer, "credential_configuration_ids")?; // [VCI-OFF-02]
        if configurations.len() > MAX_CONFIGURATIONS {
            return Err(OfferError::TooLong);
        }
        let grants =
            member::object(&offer, "grants")?.map_or_else(|| Ok(Grants::default()), Grants::parse)?;
        Ok(Self { issuer: CredentialIssuerId::parse(issuer, transport)?, configurations, grants })
    }

    /// Its JSON, the code in clear.
    pub fn to_json(&self) -> Value {
        let mut offer = json!({
            "credential_issuer": self.issuer.as_str(),
            "credential_configuration_ids": self.configurations,
        });
        if let (false, Some(members)) = (self.grants.is_empty(), offer.as_object_mut()) {
            members.insert("grants".to_owned(), self.grants.to_json());
        }
        offer
    }

    /// The link that carries this offer.
    pub fn link(&self, scheme: Scheme) -> String {
        let offer = self.to_json().to_string();
        format!("{}?{}", scheme.start(), form::encode([("credential_offer", offer.as_str())]))
    }
}

impl Grants {
    fn parse(grants: &Object) -> Result<Self, OfferError> {
        let server = |grant: &Object| -> Result<_, Unfit> {
            Ok(member::text(grant, "authorization_server")?.map(str::to_owned))
        };
        let authorization_code = match member::object(grants, "authorization_code")? {
            None => None,
            Some(grant) => Some(AuthorizationCodeGrant {
                issuer_state: member::text(grant, "issuer_state")?.map(str::to_owned),
                authorization_server: server(grant)?,
            }),
        };
        let pre_authorized = match member::object(grants, PRE_AUTHORIZED)? {
            None => None,
            Some(grant) => Some(PreAuthorizedGrant {
                code: Secret::new(member::required_text(grant, "pre-authorized_code")?.to_owned()),
                tx_code: member::object(grant, "tx_code")?.map(TxCodePrompt::parse).transpose()?,
                authorization_server: server(grant)?,
            }),
        };
        Ok(Self { authorization_code, pre_authorized })
    }

    fn to_json(&self) -> Value {
        let mut grants = Map::new();
        if let Some(grant) = &self.authorization_code {
            let mut members = Map::new();
            member::put(&mut members, "issuer_state", grant.issuer_state.clone());
            member::put(&mut members, "authorization_server", grant.authorization_server.clone());
            grants.insert("authorization_code".to_owned(), members.into());
        }
        if let Some(grant) = &self.pre_authorized {
            let mut members = Map::new();
            member::put(&mut members, "pre-authorized_code", Some(grant.code.expose().as_str()));
            member::put(&mut members, "tx_code", grant.tx_code.as_ref().map(TxCodePrompt::to_json));
            member::put(&mut members, "authorization_server", grant.authorization_server.clone());
            grants.insert(PRE_AUTHORIZED.to_owned(), members.into());
        }
        grants.into()
    }
}

impl TxCodePrompt {
    /// Longest description, in characters.
    pub const MAX_DESCRIPTION: usize = 300;

    fn parse(prompt: &Object) -> Result<Self, OfferError> {
        // [VCI-OFF-06] `{}` asks for a code too.
        let input_mode = match member::text(prompt, "input_mode")? {
            None | Some("numeric") => InputMode::Numeric,
            Some("text") => InputMode::Text,
            Some(_) => return Err(Unfit("input_mode").into()),
        };
        let length = member::number(prompt, "length")?.map(u8::try_from).transpose();
        let description = member::text(prompt, "description")?.map(str::to_owned);
        if description.as_ref().is_some_and(|text| text.chars().count() > Self::MAX_DESCRIPTION) {
            return Err(OfferError::Description); // [VCI-OFF-06]
        }
        Ok(Self { input_mode, length: length.map_err(|_| Unfit("length"))?, description })
    }

    fn to_json(&self) -> Value {
        let mut prompt = Map::new();
        if self.input_mode == InputMode::Text {
            prompt.insert("input_mode".to_owned(), "text".into());
        }
        member::put(&mut prompt, "length", self.length);
        member::put(&mut prompt, "description", self.description.clone());
        prompt.into()
    }
}

/// The URL schemes that open a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `openid-credential-offer://` [VCI 1.0 §4.1.1].
    OpenId,
    /// `haip-vci://` [HAIP 1.0 §4.2].
    Haip,
}

impl Scheme {
    const fn start(self) -> &'static str {
        match self {
            Self::OpenId => "openid-credential-offer://",
            Self::Haip => "haip-vci://", // [VCI-OFF-09]
        }
    }

    /// The link to an offer that is fetched from `address`.
    pub fn link_to(self, address: &WebAddress) -> String {
        format!("{}?{}", self.start(), form::encode([("credential_offer_uri", address.as_str())]))
    }
}

/// A link that opened a wallet.
#[derive(Debug)]
pub enum OfferLink {
    /// It carries the offer.
    Inline(Offer),
    /// The offer is fetched from here.
    Reference(WebAddress),
}

impl OfferLink {
    /// Reads a link of either scheme, or a web address with the same parameters. Nothing is fetched.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(link: &str, transport: Transport) -> Result<Self, OfferError> {
        if link.len() > MAX_LENGTH {
            return Err(OfferError::TooLong);
        }
        let (start, query) = link.split_once('?').ok_or(OfferError::NotALink)?;
        let opens_wallet = [Scheme::OpenId, Scheme::Haip].iter().any(|scheme| {
            start.trim_end_matches('/') == scheme.start().trim_end_matches('/') // [VCI-OFF-09]
        });
        if !opens_wallet && !start.starts_with("https://") {
            return Err(OfferError::NotALink);
        }
        // A parameter that occurs twice is refused by the form.
        let form = Form::parse(query.as_bytes()).map_err(|_| OfferError::NotExactlyOne)?; // [VCI-OFF-01]
        match (form.get("credential_offer"), form.get("credential_offer_uri")) {
            (Some(offer), None) => Offer::parse(offer.as_bytes(), transport).map(Self::Inline),
            (None, Some(address)) => Ok(Self::Reference(WebAddress::parse(address, transport)?)),
            _ => Err(OfferError::NotExactlyOne), // [VCI-OFF-01]
        }
    }
}

/// Why an offer, or a link to one, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// VCI-OFF-09: no link of a scheme that opens a wallet.
    #[error("the link is no credential offer")]
    NotALink,
    /// VCI-OFF-01: both of offer and reference, neither, or one of them twice.
    #[error("the link carries not exactly one of offer and reference")]
    NotExactlyOne,
    /// VCI-OFF-02: a member is missing or of another form.
    #[error("the offer's {0} is missing or malformed")]
    Member(&'static str),
    /// VCI-OFF-06: the description of the transaction code is too long.
    #[error("the description of the transaction code is longer than 300 characters")]
    Description,
    /// VCI-OFF-08: longer than an offer may be.
    #[error("the offer is too long")]
    TooLong,
    /// The issuer, or the place of the offer, is no acceptable address.
    #[error(transparent)]
    Address(AddressError),
    /// The offer is no JSON object.
    #[error("the offer is no json object")]
    Json(#[source] json::JsonError),
}

impl OfferError {
    /// The rule in `spec/checks/vci-off.toml` or `json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotALink => "VCI-OFF-09",
            Self::NotExactlyOne => "VCI-OFF-01",
            Self::Member(_) => "VCI-OFF-02",
            Self::Description => "VCI-OFF-06",
            Self::TooLong => "VCI-OFF-08",
            Self::Address(error) => error.code(),
            Self::Json(error) => error.code(),
        }
    }
}

impl From<Unfit> for OfferError {
    fn from(Unfit(member): Unfit) -> Self {
        Self::Member(member)
    }
}

impl From<AddressError> for OfferError {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl From<json::JsonError> for OfferError {
    fn from(error: json::JsonError) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.start())
    }
}
