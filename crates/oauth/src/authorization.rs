//! What somebody may get.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a grant covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Whose data it is about: a handle inside the service, which never leaves it.
    pub subject: String,
    /// Which credentials.
    pub configurations: Vec<Granted>,
}

impl Authorization {
    /// What is granted of the configuration `id`.
    pub fn configuration(&self, id: &str) -> Option<&Granted> {
        self.configurations.iter().find(|granted| granted.configuration_id == id)
    }

    /// What is granted under the credential identifier `id`.
    pub fn identifier(&self, id: &str) -> Option<&Granted> {
        self.configurations.iter().find(|granted| granted.identifiers.iter().any(|own| own == id))
    }

    /// This authorization, for nothing but the configurations `ids`.
    pub(crate) fn only(mut self, ids: &[String]) -> Self {
        self.configurations.retain(|granted| ids.contains(&granted.configuration_id));
        self
    }
}

/// One credential configuration, and the datasets that may be had in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The credential configuration [OpenID4VCI 1.0 §12.2.4].
    pub configuration_id: String,
    /// The datasets' names [OpenID4VCI 1.0 §6.2], at least one. They stay the same as long as the grant lives.
    pub identifiers: Vec<String>,
}

/// How a wallet names what it asks for at the credential endpoint [OpenID4VCI 1.0 §8.2].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Naming {
    /// By `credential_identifier`: the token response had some.
    Identifiers,
    /// By `credential_configuration_id`: it had none.
    Configurations,
}

/// Which issuer an entry of `authorization_details` may speak of, and whether it must say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Location<'a> {
    pub(crate) credential_issuer: &'a str,
    pub(crate) required: bool,
}

/// The configurations that `authorization_details` asks for [OpenID4VCI 1.0 §5.1.1].
///
/// Members that nobody here knows change nothing [VCI-AUT-01].
pub(crate) fn requested_details(text: &str, location: Location<'_>) -> Result<Vec<String>, DetailsError> {
    let details = sinpyo_core::json::parse(text.as_bytes()).map_err(|_| DetailsError::Form)?;
    let entries = details.as_array().filter(|entries| !entries.is_empty()).ok_or(DetailsError::Form)?;
    let mut ids: Vec<String> = Vec::new();
    for entry in entries {
        let member = |name: &str| entry.get(name);
        if member("type").and_then(Value::as_str) != Some("openid_credential") {
            return Err(DetailsError::Form); // [VCI-AUT-01]
        }
        let id = member("credential_configuration_id").and_then(Value::as_str).ok_or(DetailsError::Form)?;
        let here = |locations: &Value| {
            let several = locations.as_array();
            several.is_some_and(|list| list.iter().any(|url| url == location.credential_issuer))
        };
        match member("locations") {
            Some(locations) if !here(locations) => return Err(DetailsError::Location), // [VCI-AUT-02]
            None if location.required => return Err(DetailsError::Location),           // [VCI-AUT-02]
            _ => {}
        }
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// The configurations that `scope` asks for. Words that nobody here knows are passed over [VCI-AUT-03].
pub(crate) fn requested_scopes(
    scope: &str,
    configurations: &BTreeMap<String, Option<String>>,
) -> Vec<String> {
    let words: Vec<&str> = scope.split(' ').collect();
    let asked = |known: &Option<String>| known.as_deref().is_some_and(|known| words.contains(&known));
    configurations.iter().filter(|(_, scope)| asked(scope)).map(|(id, _)| id.clone()).collect()
}

/// Why `authorization_details` were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetailsError {
    /// VCI-AUT-01: no array of entries with the `type` `openid_credential` and a configuration.
    #[error("authorization_details are not a list of openid_credential entries with a configuration")]
    Form,
    /// VCI-AUT-01: a configuration that this issuer does not have.
    #[error("authorization_details name an unknown credential configuration")]
    Unknown,
    /// VCI-AUT-02: for another issuer, or for none where several use the server.
    #[error("authorization_details are not located at this credential issuer")]
    Location,
    /// VCI-TOK-05: more than was granted.
    #[error("authorization_details go beyond what was granted")]
    Beyond,
}

impl DetailsError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form | Self::Unknown => "VCI-AUT-01",
            Self::Location => "VCI-AUT-02",
            Self::Beyond => "VCI-TOK-05",
        }
    }
}
