//! The kinds of races.

use crate::web::Leg;

/// What works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contest {
    /// A pre-authorized code.
    PreAuthorizedCode,
    /// An authorization code.
    AuthorizationCode,
    /// A nonce of the issuer's, with different keys.
    IssuerNonce,
    /// A nonce of the verifier's: a request that is answered.
    VerifierNonce,
    /// The code with which a browser comes back.
    ResponseCode,
}

impl Contest {
    pub(crate) const ALL: [Self; 5] = [
        Self::PreAuthorizedCode,
        Self::AuthorizationCode,
        Self::IssuerNonce,
        Self::VerifierNonce,
        Self::ResponseCode,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PreAuthorizedCode => "pre-authorized code",
            Self::AuthorizationCode => "authorization code",
            Self::IssuerNonce => "c_nonce",
            Self::VerifierNonce => "VP nonce",
            Self::ResponseCode => "response_code",
        }
    }

    pub(crate) const fn leg(self) -> Leg {
        match self {
            Self::PreAuthorizedCode | Self::AuthorizationCode => Leg::Token,
            Self::IssuerNonce => Leg::Credential,
            Self::VerifierNonce => Leg::Response,
            Self::ResponseCode => Leg::Result,
        }
    }
}
