//! From a consent to the bytes that answer the request.

use crate::{
    choice::Consent,
    held::{HeldCredential, HeldId},
    history::{PresentationRecord, ShownCredential},
    key::Custody,
    wallet::Wallet,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{did::Did, jwk::PublicJwk, time::Timestamp};
use sinpyo_proof::{CLOCK_SKEW, SignError, jws::PreparedToken, sd_jwt::SelectError};
use std::fmt;

/// An answer that waits for the signatures of keys that are not in the wallet.
///
/// Debug output shows no claim.
#[must_use]
pub struct Prepared {
    parts: Vec<Part>,
    record: PresentationRecord,
}

struct Part {
    query: String,
    held: HeldId,
    token: PreparedToken,
    /// The public half of the key that must sign, if it is elsewhere.
    elsewhere: Option<PublicJwk>,
}

/// What a key outside the wallet is to sign.
///
/// Debug output shows the key and nothing of the message.
pub struct SigningRequest<'p> {
    /// The public half of the key.
    pub key: &'p PublicJwk,
    /// The message itself, not a digest of it.
    pub message: &'p [u8],
}

impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequest").field("key", self.key).finish_non_exhaustive()
    }
}

impl Prepared {
    /// The messages to be signed elsewhere, in the order in which the signatures are to come.
    pub fn signing_requests(&self) -> impl Iterator<Item = SigningRequest<'_>> {
        self.parts.iter().filter_map(|part| {
            let key = part.elsewhere.as_ref()?;
            Some(SigningRequest { key, message: part.token.signing_input() })
        })
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("record", &self.record).finish_non_exhaustive()
    }
}

impl Wallet {
    /// Answers a request as its holder agreed to: `{"vp_token":{"<query>":["<SD-JWT with key binding>"]}}`
    /// [OpenID4VP 1.0 §8.1].
    ///
    /// The edge seals and stores the wallet before it sends the answer: otherwise a crash would forget that the copy
    /// was shown.
    ///
    /// # Errors
    /// As [`Wallet::prepare`] and [`Wallet::attach`]; a key that is not in the wallet must sign.
    pub fn present(&mut self, consent: Consent, now: Timestamp) -> Result<Box<[u8]>, PresentError> {
        let prepared = self.prepare(consent, now)?;
        self.attach(prepared, &[])
    }

    /// Selects the disclosures and makes the messages that bind them to verifier and challenge.
    ///
    /// A copy that nobody else has seen is taken while there is one, and is this verifier's from now on.
    ///
    /// # Errors
    /// The verifier no longer accepts an answer, or the credential has left the wallet or expired.
    pub fn prepare(&mut self, consent: Consent, now: Timestamp) -> Result<Prepared, PresentError> {
        let Consent { request, name, answers } = consent;
        if now >= request.expires_at.plus(CLOCK_SKEW) {
            return Err(PresentError::TooLate); // [WAL-07]
        }
        let audience = request.audience();
        let (mut parts, mut shown) = (Vec::new(), Vec::new());
        for answer in answers {
            let held =
                self.best_copy(answer.chosen.held, &request.verifier, now).ok_or(PresentError::Gone)?;
            let claims = answer.asked().to_vec();
            let selection = held.parts.select(&claims)?; // [WAL-08]
            let key = held.key.public();
            let elsewhere = matches!(held.key.custody, Custody::Elsewhere(_)).then(|| key.to_jwk());
            let token = selection.prepare_binding(&audience, &request.nonce, now, key);
            parts.push(Part { query: answer.query, held: held.id, token, elsewhere });
            let copy = held.use_for(&request.verifier);
            shown.push(ShownCredential { held: held.id, kind: answer.chosen.kind, claims, copy });
        }
        for part in &parts {
            self.reserve(part.held, &request.verifier);
        }
        let (verifier, service) = (request.verifier, request.service);
        Ok(Prepared { parts, record: PresentationRecord { at: now, verifier, name, service, shown } })
    }

    /// Makes the answer, with one signature for each of [`Prepared::signing_requests`], and enters it into the
    /// history.
    ///
    /// # Errors
    /// There are more or fewer signatures, one was made with another key, a key refused, or the credential has left
    /// the wallet.
    pub fn attach(
        &mut self,
        prepared: Prepared,
        signatures: &[Box<[u8]>],
    ) -> Result<Box<[u8]>, PresentError> {
        let Prepared { parts, record } = prepared;
        let mut signatures = signatures.iter();
        let mut tokens = Map::new();
        for part in parts {
            let signature = if part.elsewhere.is_some() {
                signatures.next().ok_or(PresentError::SignatureCount)?.clone()
            } else {
                self.sign_here(part.held, part.token.signing_input())?
            };
            tokens.insert(part.query, json!([part.token.attach(&signature)?]));
        }
        if signatures.next().is_some() {
            return Err(PresentError::SignatureCount);
        }
        self.history.push(record);
        let answer = json!({ "vp_token": Value::Object(tokens) });
        Ok(answer.to_string().into_bytes().into_boxed_slice())
    }

    /// Of the copies that say the same as `held`, the one that gives the least away to `verifier`.
    fn best_copy(&self, held: HeldId, verifier: &Did, now: Timestamp) -> Option<&HeldCredential> {
        let wanted = self.held(held)?;
        let copies = self.credentials().filter(|copy| copy.in_force(now) && copy.is_copy_of(wanted));
        copies.min_by_key(|copy| (copy.use_for(verifier), copy.id)) // [WAL-09]
    }

    fn reserve(&mut self, held: HeldId, verifier: &Did) {
        if let Some(held) = self.held.iter_mut().find(|copy| copy.id == held) {
            held.shown_to.insert(verifier.clone());
        }
    }

    fn sign_here(&self, held: HeldId, message: &[u8]) -> Result<Box<[u8]>, PresentError> {
        match &self.held(held).ok_or(PresentError::Gone)?.key.custody {
            Custody::Wallet(key) => Ok(key.sign(message).map_err(SignError::from)?),
            Custody::Elsewhere(_) => Err(PresentError::SignatureCount),
        }
    }
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// WAL-07: the consent outlived the request.
    #[error("the verifier no longer accepts an answer")]
    TooLate,
    /// WAL-21: the credential was removed or expired after the consent.
    #[error("the credential is no longer in the wallet or no longer valid")]
    Gone,
    /// A claim has no place in the SD-JWT.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// WAL-22: a key elsewhere must sign and did not, or signatures came that nobody asked for.
    #[error("not one signature for each signing request")]
    SignatureCount,
    /// The key to which the credential is bound did not sign.
    #[error(transparent)]
    Signature(#[from] SignError),
}

impl PresentError {
    /// The rule that was broken, as in `spec/checks/wal.toml` or that of the token.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLate => "WAL-07",
            Self::Gone => "WAL-21", // [WAL-21]
            Self::Select(error) => error.code(),
            Self::SignatureCount => "WAL-22", // [WAL-22]
            Self::Signature(error) => error.code(),
        }
    }
}
