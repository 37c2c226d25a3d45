//! What a wallet says instead of presenting [OpenID4VP 1.0 §8.5].

use std::fmt;

/// Our limit: characters of a description that are kept.
const MAX_DESCRIPTION: usize = 200;

/// The codes of error responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalletErrorCode {
    /// `invalid_scope`
    InvalidScope,
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_client`
    InvalidClient,
    /// `access_denied`: declined, or nothing that matches; nobody but the holder learns which.
    AccessDenied,
    /// `vp_formats_not_supported`
    VpFormatsNotSupported,
    /// `invalid_request_uri_method`
    InvalidRequestUriMethod,
    /// `invalid_transaction_data`
    InvalidTransactionData,
    /// `wallet_unavailable`
    WalletUnavailable,
}

impl WalletErrorCode {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::InvalidScope,
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::AccessDenied,
        Self::VpFormatsNotSupported,
        Self::InvalidRequestUriMethod,
        Self::InvalidTransactionData,
        Self::WalletUnavailable,
    ];

    /// As it is sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidScope => "invalid_scope",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::AccessDenied => "access_denied",
            Self::VpFormatsNotSupported => "vp_formats_not_supported",
            Self::InvalidRequestUriMethod => "invalid_request_uri_method",
            Self::InvalidTransactionData => "invalid_transaction_data",
            Self::WalletUnavailable => "wallet_unavailable",
        }
    }

    /// The code of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl fmt::Display for WalletErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An error that a wallet reported. The wallet is anybody: nothing in it is to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletError {
    /// The code; `None` if it is none of this specification's.
    pub code: Option<WalletErrorCode>,
    /// What it adds for a developer: printable ASCII without quotes and backslashes, at most 200 characters.
    pub description: Option<String>,
}

impl WalletError {
    /// Reads the members `error` and `error_description`.
    pub(crate) fn read(error: &str, description: Option<&str>) -> Self {
        // Whatever a description should not hold is left out, so that it can stand in a log or a page. [VP-ERR-01b]
        let allowed = |c: &char| (c.is_ascii_graphic() || *c == ' ') && !"\"\\<>&'".contains(*c);
        let description =
            description.map(|text| text.chars().filter(allowed).take(MAX_DESCRIPTION).collect());
        Self { code: WalletErrorCode::from_name(error), description }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_specification() {
        for code in WalletErrorCode::ALL {
            assert_eq!(WalletErrorCode::from_name(code.name()), Some(code));
        }
        assert_eq!(WalletErrorCode::from_name("Access_Denied"), None);
    }

    #[test]
    fn a_description_holds_no_markup() {
        let error = WalletError::read("access_denied", Some("<b onload=\"x\">no\\\r\n 싫어요"));
        assert_eq!(error.code, Some(WalletErrorCode::AccessDenied));
        assert_eq!(error.description.as_deref(), Some("b onload=xno "));
        let long = WalletError::read("my_own", Some(&"a".repeat(10_000)));
        assert_eq!((long.code, long.description.map(|text| text.len())), (None, Some(200)));
    }
}
