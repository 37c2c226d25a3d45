//! Who may state what, and who may ask for what.

use crate::{
    claims::ClaimPath,
    credential::{CredentialType, Validity},
    did::Did,
};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Registered scope of a service's requests (서비스 코드), such as `post.login`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceCode(Box<str>);

impl ServiceCode {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServiceCode {
    type Err = ParseServiceCodeError;

    fn from_str(text: &str) -> Result<Self, ParseServiceCodeError> {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if text.len() <= 64 && text.split('.').all(word) {
            Ok(Self(text.into()))
        } else {
            Err(ParseServiceCodeError)
        }
    }
}

/// The text is not lower-case words joined by dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a service code")]
pub struct ParseServiceCodeError;

/// An organisation's name as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalizedName {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

/// The right that an accreditation gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// To issue credentials of these types.
    Issue {
        /// The types, exactly as they stand in credentials.
        types: Vec<CredentialType>,
    },
    /// To ask holders for claims under a service code.
    Request {
        /// The code.
        service: ServiceCode,
        /// What may be asked for, by credential type.
        scope: BTreeMap<CredentialType, Vec<ClaimPath>>,
    },
    /// To accredit others to issue these types and to ask for claims of these types.
    Accredit {
        /// The types; empty means any.
        types: Vec<CredentialType>,
    },
}

/// An organisation's right, as the registry recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accreditation {
    /// Who has the right.
    pub subject: Did,
    /// The organisation's name.
    pub name: LocalizedName,
    /// Who gave it.
    pub granted_by: Did,
    /// The right.
    pub grant: Grant,
    /// From when to when it holds, by ledger time; suspension and withdrawal end it.
    pub validity: Validity,
}

/// A right that somebody claims to have, to be looked up in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// To issue this type.
    Issue(CredentialType),
    /// To ask for claims under this code.
    Request(ServiceCode),
}

impl Grant {
    /// Whether this grant gives `right`.
    pub fn gives(&self, right: &Right) -> bool {
        match (self, right) {
            (Self::Issue { types }, Right::Issue(kind)) => types.contains(kind),
            (Self::Request { service, .. }, Right::Request(wanted)) => service == wanted,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_code_is_words_joined_by_dots() {
        assert!("post.login".parse::<ServiceCode>().is_ok());
        for text in ["", "post.", ".login", "Post.login", "post login", &"a".repeat(65)] {
            assert!(text.parse::<ServiceCode>().is_err(), "{text}");
        }
    }
}
