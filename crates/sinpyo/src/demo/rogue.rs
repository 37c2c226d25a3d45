//! A holder who does not play by the rules: it has credentials, and answers with whatever it likes.

use anyhow::{Context, Result};
use serde_json::json;
use sinpyo_core::{claims::ClaimPath, jwk::PublicJwk, request::PresentationRequest, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_proof::{jws::Typ, sd_jwt::Holding};

use crate::os::OsEntropy;

/// A key and the credential that is bound to it.
#[derive(Debug)]
pub(super) struct Rogue {
    key: SigningKey,
    wire: String,
}

/// What a rogue puts into its answer.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    /// The claims it shows.
    pub(super) show: &'a [&'a str],
    /// The verifier it answers.
    pub(super) audience: String,
    /// The challenge it answers.
    pub(super) nonce: String,
    /// When it says it signs.
    pub(super) at: Timestamp,
}

impl<'a> Answer<'a> {
    /// What an honest holder would put into an answer to `request`.
    pub(super) fn honest(request: &str, show: &'a [&'a str], at: Timestamp) -> Result<Self> {
        let request = read(request)?;
        Ok(Self { show, audience: request.audience(), nonce: request.nonce, at })
    }
}

impl Rogue {
    /// A rogue with a fresh key; `issue` gets its public half and gives the credential.
    pub(super) fn with(issue: impl FnOnce(&PublicJwk) -> Result<String>) -> Result<Self> {
        let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
        let wire = issue(&key.verifying_key().to_jwk())?;
        Ok(Self { key, wire })
    }

    /// The credential as it was issued.
    pub(super) fn wire(&self) -> &str {
        &self.wire
    }

    /// An answer, bound with the rogue's own key.
    pub(super) fn present(&self, answer: &Answer<'_>) -> Result<String> {
        self.present_with(answer, &self.key)
    }

    /// An answer, bound with `key`.
    pub(super) fn present_with(&self, answer: &Answer<'_>, key: &SigningKey) -> Result<String> {
        let holding = Holding::parse(&self.wire, &[Typ::SD_JWT_VC])?;
        let paths: Vec<_> = answer.show.iter().map(|name| ClaimPath::name(name)).collect();
        let public = key.verifying_key();
        let prepared =
            holding.select(&paths)?.prepare_binding(&answer.audience, &answer.nonce, answer.at, public);
        let signature = key.sign(prepared.signing_input())?;
        Ok(prepared.attach(&signature)?)
    }
}

/// An answer to the one query of a request.
pub(super) fn envelope(presentation: &str) -> Vec<u8> {
    json!({"vp_token": {"credential": [presentation]}}).to_string().into_bytes()
}

/// A request, read without verifying it, as a rogue would.
pub(super) fn read(request: &str) -> Result<PresentationRequest> {
    let payload = request.split('.').nth(1).context("the request is no token")?;
    let payload = sinpyo_core::json::parse_object(&sinpyo_core::encoding::from_base64url(payload)?)?;
    Ok(PresentationRequest::from_json(&payload)?)
}
