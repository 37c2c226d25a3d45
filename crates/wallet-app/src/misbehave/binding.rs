//! Presentations of SD-JWTs that are wrong.

use super::Misbehaviour;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey, hash::sha256};
use sinpyo_wallet::{HeldId, PresentError, Wallet, hazmat};

const DAY: i64 = 86_400;

/// Who signs for a holder.
pub(super) struct Hand<'w> {
    pub(super) wallet: &'w Wallet,
    pub(super) held: HeldId,
    pub(super) now: Timestamp,
}

/// Why an answer cannot be wrong in this way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MisbehaveError {
    /// WAP-11: this format, or this request, leaves no room for the fault.
    #[error("the answer to this request cannot be wrong in this way")]
    NoSuchFault,
    /// The holder's key did not sign.
    #[error(transparent)]
    Sign(#[from] PresentError),
}

impl MisbehaveError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchFault => "WAP-11",
            Self::Sign(error) => error.code(),
        }
    }
}

/// An SD-JWT with key binding, taken apart.
struct Bound {
    /// The issuer's token and the disclosures.
    shown: Vec<String>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: String,
}

impl Bound {
    fn parse(text: &str) -> Option<Self> {
        let mut shown: Vec<String> = text.split('~').map(str::to_owned).collect();
        let binding = shown.pop()?;
        let mut parts = binding.split('.');
        let mut part = || json::parse_object(&from_base64url(parts.next()?).ok()?).ok();
        let (header, claims) = (part()?, part()?);
        let signature = parts.next()?.to_owned();
        (!shown.is_empty()).then_some(Self { shown, header, claims, signature })
    }

    /// What stands before the binding, and what it is the hash of.
    fn before(&self) -> String {
        self.shown.iter().flat_map(|part| [part.as_str(), "~"]).collect()
    }

    /// As if the binding had been made for what is shown now.
    fn rehash(&mut self) {
        let hash = to_base64url(&sha256(self.before().as_bytes()));
        self.claims.insert("sd_hash".to_owned(), hash.into());
    }

    fn message(&self) -> String {
        let part = |members: &Map<String, Value>| to_base64url(json!(members).to_string().as_bytes());
        [part(&self.header), part(&self.claims)].join(".")
    }

    fn signed(
        self,
        sign: impl FnOnce(&[u8]) -> Result<Box<[u8]>, MisbehaveError>,
    ) -> Result<String, MisbehaveError> {
        let message = self.message();
        let signature = to_base64url(&sign(message.as_bytes())?);
        Ok([self.before().as_str(), &message, ".", &signature].concat())
    }
}

/// `presentation` with the fault in it; signed again where the fault is not in the signature.
pub(super) fn rebound(
    fault: Misbehaviour,
    presentation: &str,
    hand: &Hand<'_>,
    entropy: &mut dyn Entropy,
) -> Result<String, MisbehaveError> {
    let mut bound = Bound::parse(presentation).ok_or(MisbehaveError::NoSuchFault)?; // [WAP-11]
    let own = |message: &[u8]| Ok(hazmat::sign(hand.wallet, hand.held, message)?);
    match fault {
        Misbehaviour::NoBinding => return Ok(bound.before()),
        Misbehaviour::AlgNone => {
            bound.header.insert("alg".to_owned(), "none".into());
            return bound.signed(|_| Ok(Box::default()));
        }
        Misbehaviour::OtherKey => {
            let key = SigningKey::generate(Algorithm::Es256, entropy);
            return bound.signed(|message| key.sign(message).map_err(|_| MisbehaveError::NoSuchFault));
        }
        Misbehaviour::Audience => {
            bound.claims.insert("aud".to_owned(), super::ELSEWHERE.into());
        }
        Misbehaviour::StrippedPrefix => {
            let audience =
                bound.claims.get("aud").and_then(Value::as_str).and_then(|aud| aud.split_once(':'));
            let stripped = audience.map(|(_, name)| name.to_owned()).ok_or(MisbehaveError::NoSuchFault)?;
            bound.claims.insert("aud".to_owned(), stripped.into());
        }
        Misbehaviour::OldIat | Misbehaviour::FutureIat => {
            let days = if fault == Misbehaviour::OldIat { -DAY } else { DAY };
            bound.claims.insert("iat".to_owned(), (hand.now.unix() + days).into());
        }
        Misbehaviour::WrongSdHash => {
            bound.claims.insert("sd_hash".to_owned(), to_base64url(&sha256(b"something else")).into());
        }
        Misbehaviour::ExtraClaims => {
            let all = everything(hand)?;
            if all.len() == bound.shown.len() {
                return Err(MisbehaveError::NoSuchFault);
            }
            bound.shown = all;
            bound.rehash();
        }
        Misbehaviour::MissingClaim => {
            if bound.shown.len() < 2 {
                return Err(MisbehaveError::NoSuchFault);
            }
            bound.shown.pop();
            bound.rehash();
        }
        Misbehaviour::TamperedCredential => {
            let token = bound.shown.first_mut().ok_or(MisbehaveError::NoSuchFault)?;
            *token = damaged(token).ok_or(MisbehaveError::NoSuchFault)?;
            bound.rehash();
        }
        Misbehaviour::TamperedDisclosure => {
            let disclosure = bound.shown.get_mut(1).ok_or(MisbehaveError::NoSuchFault)?;
            *disclosure = another(disclosure).ok_or(MisbehaveError::NoSuchFault)?;
            bound.rehash();
        }
        _ => {
            let signature = bound.signature.clone();
            return Ok([bound.before().as_str(), &bound.message(), ".", &signature].concat());
        }
    }
    bound.signed(own)
}

/// The issuer's token and every disclosure.
fn everything(hand: &Hand<'_>) -> Result<Vec<String>, MisbehaveError> {
    let held = hand.wallet.held(hand.held).ok_or(MisbehaveError::NoSuchFault)?;
    let text = String::from_utf8_lossy(hazmat::wire(held)).into_owned();
    Ok(text.split('~').filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

/// `token` with one bit of its signature turned.
fn damaged(token: &str) -> Option<String> {
    let (message, signature) = token.rsplit_once('.')?;
    let mut bytes = from_base64url(signature).ok()?;
    let byte = bytes.get_mut(7)?;
    *byte ^= 1;
    Some([message, ".", &to_base64url(&bytes)].concat())
}

/// A disclosure of the same claim with another value.
fn another(disclosure: &str) -> Option<String> {
    let mut parts = json::parse(&from_base64url(disclosure).ok()?).ok()?;
    let value = parts.as_array_mut()?.last_mut()?;
    *value = match value {
        Value::Bool(value) => json!(!*value),
        Value::Number(_) => json!(4_711),
        _ => json!("tampered"),
    };
    Some(to_base64url(parts.to_string().as_bytes()))
}
