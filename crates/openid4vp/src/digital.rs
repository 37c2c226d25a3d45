//! What goes through the Digital Credentials API [OpenID4VP 1.0 §A].

use serde_json::{Map, Value};

/// How a request over the Digital Credentials API is protected, by its protocol identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitalProtocol {
    /// `openid4vp-v1-unsigned`
    Unsigned,
    /// `openid4vp-v1-signed`
    Signed,
    /// `openid4vp-v1-multisigned`
    MultiSigned,
}

impl DigitalProtocol {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "openid4vp-v1-unsigned",
            Self::Signed => "openid4vp-v1-signed",
            Self::MultiSigned => "openid4vp-v1-multisigned",
        }
    }

    /// The protocol of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Unsigned, Self::Signed, Self::MultiSigned];
        all.into_iter().find(|protocol| protocol.name() == name)
    }
}

/// An element of `requests` in `navigator.credentials.get({digital: {requests}})`.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitalRequest {
    /// `protocol`
    pub protocol: DigitalProtocol,
    /// `data`
    pub data: Map<String, Value>,
}

/// The audience of presentations to a page of `origin`.
pub(crate) fn audience(origin: &str) -> String {
    format!("origin:{origin}") // [VP-DCA-03]
}
