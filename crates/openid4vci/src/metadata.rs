//! What a credential issuer publishes about itself [VCI 1.0 §12.2].

use crate::{
    address::{AddressError, CredentialIssuerId, WebAddress},
    configuration::Configuration,
    display::{DisplayError, Displays, Languages},
    member::{self, Object, Unfit},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{json, jwk::PublicJwk};
use sinpyo_oauth::url::Transport;
use std::collections::BTreeMap;

/// Largest metadata document, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// Most configurations of one issuer.
const MAX_CONFIGURATIONS: usize = 1024;

/// The metadata of one credential issuer.
#[derive(Debug, Clone)]
pub struct IssuerMetadata {
    /// Whose they are.
    pub issuer: CredentialIssuerId,
    /// Who gives tokens; empty if the issuer does so itself.
    pub authorization_servers: Vec<String>,
    /// Where credentials are asked for.
    pub credential_endpoint: WebAddress,
    /// Where nonces are fetched; there if proofs must hold one.
    pub nonce_endpoint: Option<WebAddress>,
    /// Where credentials are fetched that were not ready.
    pub deferred_endpoint: Option<WebAddress>,
    /// Where the issuer is told what became of credentials.
    pub notification_endpoint: Option<WebAddress>,
    /// To which keys requests are encrypted.
    pub request_encryption: Option<RequestEncryption>,
    /// How responses are encrypted for those who want it.
    pub response_encryption: Option<ResponseEncryption>,
    /// Most keys of one request; 1 if batches are not offered.
    pub batch_size: usize,
    /// How the issuer is called and shown.
    pub displays: Displays,
    /// What it issues.
    pub configurations: BTreeMap<String, Configuration>,
}

/// `credential_request_encryption` [VCI 1.0 §12.2.4].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEncryption {
    /// Each with a `kid` and an `alg`.
    pub keys: Vec<PublicJwk>,
    /// `enc_values_supported`.
    pub content: Vec<String>,
    /// Whether requests in clear are refused.
    pub required: bool,
}

/// `credential_response_encryption` [VCI 1.0 §12.2.4].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseEncryption {
    /// `alg_values_supported`.
    pub agreement: Vec<String>,
    /// `enc_values_supported`.
    pub content: Vec<String>,
    /// Whether requests that do not ask for it are refused.
    pub required: bool,
}

impl IssuerMetadata {
    /// Reads the metadata that were fetched for `expected`. Configurations that cannot be read are left out: what else
    /// the issuer offers stays usable.
    ///
    /// # Errors
    /// The rule that they break.
    pub fn parse(
        text: &[u8],
        expected: &CredentialIssuerId,
        transport: Transport,
    ) -> Result<Self, MetadataError> {
        if text.len() > MAX_LENGTH {
            return Err(MetadataError::TooLong);
        }
        Self::from_members(&json::parse_object(text)?, expected, transport)
    }

    /// As [`IssuerMetadata::parse`], of the claims of signed metadata.
    ///
    /// # Errors
    /// The rule that they break.
    pub fn from_members(
        members: &Object,
        expected: &CredentialIssuerId,
        transport: Transport,
    ) -> Result<Self, MetadataError> {
        if member::required_text(members, "credential_issuer")? != expected.as_str() {
            return Err(MetadataError::Issuer); // [VCI-MET-02]
        }
        let address = |name| -> Result<Option<WebAddress>, MetadataError> {
            let text = member::text(members, name)?;
            Ok(text.map(|text| WebAddress::parse(text, transport)).transpose()?)
        };
        let batch_size = match member::object(members, "batch_credential_issuance")? {
            None => 1,
            Some(batch) => batch_size(batch)?,
        };
        let request = member::object(members, "credential_request_encryption")?;
        let response = member::object(members, "credential_response_encryption")?;
        let supported = member::object(members, "credential_configurations_supported")?;
        let supported = supported.ok_or(Unfit("credential_configurations_supported"))?;
        if supported.len() > MAX_CONFIGURATIONS {
            return Err(MetadataError::TooLong);
        }
        let readable = supported.iter().filter_map(|(name, configuration)| {
            Some((name.clone(), Configuration::parse(configuration.as_object()?).ok()?))
        });
        Ok(Self {
            issuer: expected.clone(),
            authorization_servers: member::texts(members, "authorization_servers")?.unwrap_or_default(),
            credential_endpoint: address("credential_endpoint")?.ok_or(Unfit("credential_endpoint"))?,
            nonce_endpoint: address("nonce_endpoint")?,
            deferred_endpoint: address("deferred_credential_endpoint")?,
            notification_endpoint: address("notification_endpoint")?,
            request_encryption: request.map(RequestEncryption::parse).transpose()?,
            response_encryption: response.map(ResponseEncryption::parse).transpose()?,
            batch_size,
            displays: members.get("display").map_or(Ok(Displays::none()), Displays::parse)?,
            configurations: readable.collect(),
        })
    }

    /// Their JSON, in the languages that are wanted.
    pub fn to_json(&self, languages: &Languages) -> Object {
        let mut members = Map::new();
        members.insert("credential_issuer".to_owned(), self.issuer.as_str().into());
        if !self.authorization_servers.is_empty() {
            members.insert("authorization_servers".to_owned(), json!(self.authorization_servers));
        }
        let addresses = [
            ("credential_endpoint", Some(&self.credential_endpoint)),
            ("nonce_endpoint", self.nonce_endpoint.as_ref()),
            ("deferred_credential_endpoint", self.deferred_endpoint.as_ref()),
            ("notification_endpoint", self.notification_endpoint.as_ref()),
        ];
        for (name, address) in addresses {
            member::put(&mut members, name, address.map(WebAddress::as_str));
        }
        let request = self.request_encryption.as_ref().map(RequestEncryption::to_json);
        member::put(&mut members, "credential_request_encryption", request);
        let response = self.response_encryption.as_ref().map(ResponseEncryption::to_json);
        member::put(&mut members, "credential_response_encryption", response);
        if self.batch_size >= 2 {
            let batch = json!({ "batch_size": self.batch_size }); // [VCI-MET-07]
            members.insert("batch_credential_issuance".to_owned(), batch);
        }
        if !self.displays.is_empty() {
            members.insert("display".to_owned(), self.displays.to_json_in(languages));
        }
        let configurations = self.configurations.iter();
        let configurations = configurations.map(|(name, one)| (name.clone(), one.to_json(languages)));
        members.insert(
            "credential_configurations_supported".to_owned(),
            Value::Object(configurations.collect()),
        );
        members
    }

    /// The languages in which anything in them is called something, without repetition.
    pub fn locales(&self) -> Vec<String> {
        let configurations = self.configurations.values();
        let nested = configurations.flat_map(|one| {
            let claims = one.claims.iter().flat_map(|claim| claim.displays.locales());
            one.displays.locales().chain(claims)
        });
        let mut locales: Vec<String> = self.displays.locales().chain(nested).map(str::to_owned).collect();
        locales.sort();
        locales.dedup();
        locales
    }
}

fn batch_size(batch: &Object) -> Result<usize, MetadataError> {
    let size = member::number(batch, "batch_size")?.and_then(|size| usize::try_from(size).ok());
    Ok(size.filter(|size| *size >= 2).ok_or(Unfit("batch_size"))?) // [VCI-MET-07]
}

impl RequestEncryption {
    fn parse(members: &Object) -> Result<Self, MetadataError> {
        let keys = member::object(members, "jwks")?.ok_or(Unfit("jwks"))?;
        let keys = member::array(keys, "keys")?.ok_or(Unfit("jwks"))?;
        // A key without `kid` or `alg`, or one that is none, is left out: another may be usable. [VCI-ENC-02]
        let usable = keys.iter().filter_map(|key| {
            let key = PublicJwk::from_members(key.as_object()?.clone()).ok()?;
            (key.text("kid").is_some() && key.text("alg").is_some()).then_some(key)
        });
        Ok(Self {
            keys: usable.collect(),
            content: member::required_texts(members, "enc_values_supported")?,
            required: required(members)?,
        })
    }

    fn to_json(&self) -> Value {
        let keys: Vec<_> = self.keys.iter().map(|key| Value::Object(key.members().clone())).collect();
        json!({
            "jwks": { "keys": keys },
            "enc_values_supported": self.content,
            "encryption_required": self.required,
        })
    }
}

impl ResponseEncryption {
    fn parse(members: &Object) -> Result<Self, MetadataError> {
        Ok(Self {
            agreement: member::required_texts(members, "alg_values_supported")?,
            content: member::required_texts(members, "enc_values_supported")?,
            required: required(members)?,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "alg_values_supported": self.agreement,
            "enc_values_supported": self.content,
            "encryption_required": self.required,
        })
    }
}

fn required(members: &Object) -> Result<bool, Unfit> {
    let name = "encryption_required";
    members.get(name).and_then(Value::as_bool).ok_or(Unfit(name)) // [VCI-ENC-02]
}

/// Why metadata are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// VCI-MET-02: they are another issuer's.
    #[error("the metadata are of another issuer")]
    Issuer,
    /// VCI-MET-01: a member is missing or of another form.
    #[error("the metadata's {0} is missing or malformed")]
    Member(&'static str),
    /// VCI-MET-03: longer than metadata may be.
    #[error("the metadata are too long")]
    TooLong,
    /// An endpoint is no acceptable address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The names and texts cannot be read.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// Not JSON.
    #[error("the metadata are no json object")]
    Json(#[source] json::JsonError),
}

impl MetadataError {
    /// The rule in `spec/checks/vci-met.toml`, `vci-off.toml` or `json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Issuer => "VCI-MET-02",
            Self::Member(_) => "VCI-MET-01",
            Self::TooLong => "VCI-MET-03",
            Self::Address(error) => error.code(),
            Self::Display(error) => error.code(),
            Self::Json(error) => error.code(),
        }
    }
}

impl From<Unfit> for MetadataError {
    fn from(Unfit(member): Unfit) -> Self {
        Self::Member(member)
    }
}

impl From<json::JsonError> for MetadataError {
    fn from(error: json::JsonError) -> Self {
        Self::Json(error)
    }
}
