//! What presentations are made for, as the verifier expects it and the wallet makes it.

use sinpyo_mdoc::Handover;
use std::fmt;

/// What every presentation of a response must be made for.
///
/// Debug output shows the audience alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The audience: the whole client identifier, or `origin:` and the origin.
    pub audience: String,
    /// The nonce.
    pub nonce: String,
    /// How the response came.
    pub channel: Channel,
    /// SHA-256 thumbprint of the key that it was encrypted to.
    pub jwk_thumbprint: Option<[u8; 32]>,
    /// The strings of `transaction_data`, as they were sent.
    pub transaction_data: Vec<String>,
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation").field("audience", &self.audience).finish_non_exhaustive()
    }
}

/// How a response came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// It was posted.
    Posted {
        /// To this `response_uri`.
        response_uri: String,
    },
    /// Through the Digital Credentials API.
    Digital {
        /// To the page of this origin.
        origin: String,
    },
}

impl Expectation {
    /// The handover, for the session transcript of an mdoc.
    pub fn handover(&self) -> Handover<'_> {
        let (nonce, jwk_thumbprint) = (self.nonce.as_str(), self.jwk_thumbprint.as_ref());
        match &self.channel {
            Channel::Posted { response_uri } => {
                Handover::OpenId4Vp { client_id: &self.audience, nonce, response_uri, jwk_thumbprint }
            }
            // The origin stands alone here, without the prefix of the audience. [VP-DCA-03c]
            Channel::Digital { origin } => Handover::DigitalCredentials { origin, nonce, jwk_thumbprint },
        }
    }
}
