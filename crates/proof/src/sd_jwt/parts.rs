//! An SD-JWT taken apart.

use super::{DigestAlgorithm, SdJwtError, disclosure::ALGORITHM};
use crate::jws::{self, Typ};
use serde_json::{Map, Value};
use sinpyo_jose::hazmat::Compact;

/// Most disclosures that are read.
pub const MAX_DISCLOSURES: usize = 1000;

/// An SD-JWT that was taken apart; nothing of it is proven.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) text: Text,
    /// The issuer's token.
    pub(crate) issuer: Compact,
    /// The holder's token.
    pub(super) key_binding: Option<Compact>,
}

/// The compact form as it came: hashes are computed over the received bytes, never over a second rendering.
#[derive(Debug)]
pub(crate) struct Text {
    whole: String,
    issuer_length: usize,
    bound_length: usize,
}

impl Parts {
    /// Takes apart the compact form `<JWT>~<disclosure>~…~[<KB-JWT>]` [RFC 9901 §4].
    pub(crate) fn parse(whole: String, typs: &[Typ]) -> Result<Self, SdJwtError> {
        if whole.len() > jws::MAX_LENGTH {
            return Err(SdJwtError::TooLong); // [SDJ-21]
        }
        // Without a tilde it is a plain JWT, which has no disclosures to decide about.
        let issuer_length = whole.find('~').ok_or(SdJwtError::Malformed)?; // [SDJ-01]
        let bound_length = whole.rfind('~').ok_or(SdJwtError::Malformed)? + 1;
        let text = Text { whole, issuer_length, bound_length };
        if text.disclosures().count() > MAX_DISCLOSURES {
            return Err(SdJwtError::TooMany); // [SDJ-21]
        }
        let key_binding = match text.key_binding() {
            "" => None,
            token => Some(jws::parse(token, &[Typ::KEY_BINDING]).map_err(SdJwtError::KeyBindingToken)?),
        };
        Ok(Self { issuer: jws::parse(text.issuer(), typs)?, key_binding, text })
    }

    /// Whether a key binding token was sent.
    pub(crate) const fn has_key_binding(&self) -> bool {
        self.key_binding.is_some()
    }
}

impl Text {
    /// The issuer's token.
    pub(crate) fn issuer(&self) -> &str {
        self.whole.get(..self.issuer_length).unwrap_or_default()
    }

    /// The disclosures: what stands between the first tilde and the last.
    pub(crate) fn disclosures(&self) -> impl Iterator<Item = &str> {
        let between = self.whole.get(self.issuer_length + 1..self.bound_length - 1);
        between.into_iter().flat_map(|texts| texts.split('~'))
    }

    /// What a key binding token signs the hash of: everything up to and including the last tilde.
    pub(super) fn bound(&self) -> &str {
        self.whole.get(..self.bound_length).unwrap_or_default()
    }

    /// The holder's token; empty if there is none.
    pub(super) fn key_binding(&self) -> &str {
        self.whole.get(self.bound_length..).unwrap_or_default()
    }
}

/// The hash algorithm that the issuer's claims name.
pub(super) fn digest_algorithm(claims: &Map<String, Value>) -> Result<DigestAlgorithm, SdJwtError> {
    match claims.get(ALGORITHM) {
        None => Ok(DigestAlgorithm::Sha256),
        Some(name) => {
            name.as_str().and_then(DigestAlgorithm::from_name).ok_or(SdJwtError::DigestAlgorithm) // [SDJ-09]
        }
    }
}
