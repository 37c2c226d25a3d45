//! Requests for presentations, signed by the verifier [OpenID4VP 1.0 §5].

use crate::{
    SignError, Signatory,
    jws::{self, JwsError, PreparedToken, TimeError, Times, Typ},
    keys::{KeyError, KeyRing},
    unverified::{Arrives, Unverified, Wire},
    verified::Verified,
};
use sinpyo_core::{
    accreditation::ServiceCode,
    document::VerificationRelationship::Authentication,
    key::Signer,
    request::{self, PresentationRequest, RequestError},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint};

/// Prepares `request` as a signed request object.
pub fn prepare(request: &PresentationRequest, signatory: Signatory<'_>) -> PreparedToken {
    let header = JwtHeader::new(Typ::REQUEST, KeyHint::Kid(signatory.key_id.as_str()));
    sinpyo_jose::prepare(header, &request.to_json(), signatory.key)
}

/// Signs `request` with `signer`, whose public half is `key`.
///
/// # Errors
/// The signer refused, or signed with another key.
pub fn sign(
    request: &PresentationRequest,
    (signer, key): (&dyn Signer, &VerifyingKey),
) -> Result<String, SignError> {
    prepare(request, Signatory { key_id: signer.key_id(), key }).sign(signer)
}

impl Arrives for PresentationRequest {
    const SD_JWT: &'static [Typ] = &[];
    const TOKEN: &'static [Typ] = &[Typ::REQUEST];
    const OBJECT: bool = false;
    const COSE: bool = false;
    const ENVELOPE: Option<&'static str> = None;
}

impl Unverified<PresentationRequest> {
    /// The service code under which it claims to ask: good for looking up an accreditation, for nothing else.
    pub fn claimed_service(&self) -> Option<ServiceCode> {
        match &self.wire {
            Wire::Token { token, .. } => request::service(token.claimed()),
            Wire::SdJwt(_) | Wire::Object(_) | Wire::Cose(_) => None,
        }
    }

    /// Verifies that the verifier named in the request signed it with a key that its document, in `keys`, authorises
    /// for authentication.
    ///
    /// # Errors
    /// The rule that the request breaks.
    pub fn verify(
        self,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Verified<PresentationRequest>, RequestObjectError> {
        let Wire::Token { text, token } = self.wire else { return Err(JwsError::Malformed.into()) };
        let signer = token.header().key_id()?.clone();
        let claims = jws::verify(token, &text, keys.authorised_key(&signer, Authentication)?)?;
        Times::from_claims(&claims)?.check(now)?;
        let request = PresentationRequest::from_json(&claims)?;
        if request.verifier != signer.did() {
            return Err(RequestObjectError::Verifier); // [JWS-20]
        }
        Ok(Verified::assert(request, now))
    }
}

/// Why a request object is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestObjectError {
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time of the token forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The verifier's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Its claims are no request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// JWS-20: signed by somebody else than the verifier it names.
    #[error("the request is not signed by the verifier that it names")]
    Verifier,
}

impl RequestObjectError {
    /// The rule that was broken, as in `spec/checks/jws.toml` and those of the key.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Request(_) => "JWS-21", // [JWS-21]
            Self::Verifier => "JWS-20",
        }
    }
}
