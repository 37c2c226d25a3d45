//! Proofs that a request comes from the holder of a key [RFC 9449].

use crate::{
    nonce::{Fresh, Nonces},
    proof_key::{ALGORITHMS, MAX_ID, digest, jkt},
    url::same_address,
};
use http::{HeaderMap, HeaderName};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::{ParseKeyError, VerifyingKey, mac};
use sinpyo_jose::{HeaderRules, JwsError, TimeError, Typ, UnverifiedJwt, VerifiedJwt};
use sinpyo_state::Space;
use std::time::Duration;

pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// How old a proof may be, beside the difference of clocks.
const WINDOW: Duration = Duration::from_mins(2);
/// How long a proof is remembered after it was made: no clock would let it pass any more.
const REMEMBERED: Duration = Duration::from_mins(5);

const USED: Space = Space::new("oauth.dpop");

/// What a proof must be about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) method: &'a str,
    /// The public address of the endpoint, from the configuration and never from the request.
    pub(crate) address: &'a str,
    /// The access token that comes with it.
    pub(crate) token: Option<&'a str>,
}

/// A proof that is as it should be; it may have been used before.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The thumbprint of the key.
    pub(crate) jkt: String,
    pub(crate) once: Fresh,
}

/// The proof that a request carries.
pub(crate) fn sent(headers: &HeaderMap) -> Result<Option<&str>, DpopError> {
    let mut values = headers.get_all(DPOP).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(DpopError::Repeated); // [VCI-TOK-07a]
    }
    first.to_str().map(Some).map_err(|_| DpopError::Token(JwsError::Malformed))
}

/// Checks a proof, but for its having been used before.
pub(crate) fn verify(
    text: &str,
    expected: Expected<'_>,
    nonces: Option<&Nonces>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Proof, DpopError> {
    let token = UnverifiedJwt::parse(text, &[Typ::DPOP], &HeaderRules::OWN_KEY).map_err(DpopError::Token)?;
    let jwk = token.hint().jwk().ok_or(DpopError::Token(JwsError::Hints))?;
    let key = VerifyingKey::from_jwk(jwk).map_err(DpopError::Key)?;
    let proof = token.verify(&key, &ALGORITHMS).map_err(DpopError::Token)?; // [VCI-TOK-07b]
    if proof.text("htm") != Some(expected.method) {
        return Err(DpopError::Method); // [VCI-TOK-07c]
    }
    if !proof.text("htu").is_some_and(|htu| same_address(htu, expected.address)) {
        return Err(DpopError::Address); // [VCI-TOK-07d]
    }
    let made = proof.times().and_then(|times| times.check_fresh(now, WINDOW)).map_err(DpopError::Time)?; // [VCI-TOK-07e]
    let id = proof.text("jti").filter(|id| !id.is_empty() && id.len() <= MAX_ID).ok_or(DpopError::Id)?; // [VCI-TOK-07f]
    if let Some(token) = expected.token {
        let fits = |ath: &str| mac::equal(ath.as_bytes(), digest(token).as_bytes());
        if !proof.text("ath").is_some_and(fits) {
            return Err(DpopError::AccessToken); // [VCI-TOK-07h]
        }
    }
    check_nonce(&proof, nonces, now, entropy)?;
    let jkt = jkt(&key);
    let once = Fresh::named(USED, &format!("{jkt} {id}"), made.plus(REMEMBERED));
    Ok(Proof { jkt, once })
}

fn check_nonce(
    proof: &VerifiedJwt,
    nonces: Option<&Nonces>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<(), DpopError> {
    let Some(nonces) = nonces else { return Ok(()) };
    match proof.text("nonce").map(|nonce| nonces.check(nonce, now)) {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) | None => Err(DpopError::Nonce { next: nonces.issue(now, entropy) }), // [VCI-TOK-07j]
    }
}

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DpopError {
    /// VCI-TOK-07a: there is none, where one is needed.
    #[error("a DPoP proof is required")]
    Missing,
    /// VCI-TOK-07a: there are several.
    #[error("there are several DPoP proofs")]
    Repeated,
    /// VCI-TOK-07b: not a signed token of the right kind, or not signed with the key that it shows.
    #[error("the DPoP proof is refused: {0}")]
    Token(#[source] JwsError),
    /// VCI-TOK-07b: the key that it shows is not sound.
    #[error("the key of the DPoP proof is refused")]
    Key(#[source] ParseKeyError),
    /// VCI-TOK-07c: for another HTTP method.
    #[error("the DPoP proof is for another method")]
    Method,
    /// VCI-TOK-07d: for another address.
    #[error("the DPoP proof is for another address")]
    Address,
    /// VCI-TOK-07e: too old, or from the future.
    #[error("the DPoP proof is refused for its time: {0}")]
    Time(#[source] TimeError),
    /// VCI-TOK-07f: no `jti`, or one of more than 256 bytes.
    #[error("the DPoP proof has no usable jti")]
    Id,
    /// VCI-TOK-07g: used before.
    #[error("the DPoP proof was used before")]
    Replayed,
    /// VCI-TOK-07h: for another access token, or for none.
    #[error("the DPoP proof is not for this access token")]
    AccessToken,
    /// VCI-TOK-07i: made with another key than that to which the request is bound.
    #[error("the DPoP proof is made with another key")]
    OtherKey,
    /// VCI-TOK-07j: without a nonce of this server, or with one that is too old.
    #[error("a DPoP proof with a nonce of this server is required")]
    Nonce {
        /// The nonce to use.
        next: String,
    },
}

impl DpopError {
    /// The rule that was broken, as in `spec/checks/vci-tok.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::Repeated => "VCI-TOK-07a",
            Self::Token(_) | Self::Key(_) => "VCI-TOK-07b",
            Self::Method => "VCI-TOK-07c",
            Self::Address => "VCI-TOK-07d",
            Self::Time(_) => "VCI-TOK-07e",
            Self::Id => "VCI-TOK-07f",
            Self::Replayed => "VCI-TOK-07g",
            Self::AccessToken => "VCI-TOK-07h",
            Self::OtherKey => "VCI-TOK-07i",
            Self::Nonce { .. } => "VCI-TOK-07j",
        }
    }

    /// The `error` that the peer is told [RFC 9449 §12.2].
    pub const fn error(&self) -> &'static str {
        match self {
            Self::Nonce { .. } => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        }
    }
}
