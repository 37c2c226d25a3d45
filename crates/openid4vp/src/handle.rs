//! Secrets that stand for something: whoever has one may do what it is for.

use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
};
use sinpyo_crypto::hash::sha256;
use sinpyo_state::{Key, Space};
use std::fmt;

/// 256 random bits as base64url, 43 characters.
pub(crate) struct Random(Secret<String>);

impl Random {
    pub(crate) fn new(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(Secret::new(to_base64url(&bytes)))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == 43 && from_base64url(text).is_ok();
        is_ours.then(|| Self(Secret::new(text.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn key(&self, space: Space) -> Key {
        Key::secret(space, self.0.expose().as_bytes())
    }
}

/// Names a transaction to whoever opened it, and nobody else: with it the result is fetched. The wallet never sees it.
pub struct TransactionId(pub(crate) Random);

/// Brings the holder's browser back after the response: the `response_code` in a `redirect_uri` [OpenID4VP 1.0 §8.2].
pub struct ResponseCode(pub(crate) Random);

/// Names one request of a transaction to the wallet: the last part of `request_uri` and `response_uri`.
pub(crate) struct Handle(pub(crate) Random);

impl TransactionId {
    /// Reads one; `None` if the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        Random::parse(text).map(Self)
    }

    /// The text, for the one who opened the transaction.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl ResponseCode {
    /// Reads one; `None` if the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        Random::parse(text).map(Self)
    }

    /// The text, as it stands in the `redirect_uri`.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Handle {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Random::parse(text).map(Self)
    }
}

/// A browser session, known by a digest of its cookie: what is started in it ends in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(pub(crate) String);

impl Session {
    /// The session whose identifier (at least 128 random bits) is `id`.
    pub fn of(id: &str) -> Self {
        Self(to_base64url(&sha256(id.as_bytes())))
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransactionId(..)")
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseCode(..)")
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(..)")
    }
}
