//! The issuer's side.
//!
//! An [`Issuer`] answers requests for one tenant: bytes in, bytes out. What a request changes (the nonce that it spends,
//! the proof of possession that it shows, the desk's records, what may have to be delivered again) is committed at once
//! and before the answer exists; so a request that is cut off anywhere has happened wholly or not at all.

mod credential;
mod deferred;
mod desk;
mod encryption;
mod metadata;
mod notification;
mod offers;
mod records;
mod refused;
mod reply;
mod settings;
pub mod standing;

pub use desk::{Desk, DeskRefusal, Issuance, Order};
pub use metadata::MetadataSigner;
pub use offers::Published;
pub use refused::{EncryptionError, IssuerRefusal, TransactionError, WantedError};
pub use settings::{Encryption, HaipGap, IssuerSettings, Lifetimes};

use crate::proof::Lookup;
use http::{Method, Response, StatusCode, request::Parts};
use serde_json::json;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_oauth::AuthorizationServer;
use sinpyo_state::State;

/// A credential issuer with its own authorization server.
#[derive(Debug)]
pub struct Issuer<'a> {
    /// How it is configured.
    pub settings: &'a IssuerSettings,
    /// Gives tokens and knows them again.
    pub authorization: AuthorizationServer<'a>,
    /// Remembers.
    pub state: &'a dyn State,
    /// Decides what is issued.
    pub desk: &'a dyn Desk,
    /// Knows holders' DIDs.
    pub lookup: &'a dyn Lookup,
    /// Signs metadata, if they are to be had signed.
    pub signer: Option<MetadataSigner<'a>>,
}

/// The endpoints that are posted to.
const ENDPOINTS: [&str; 4] = ["nonce", "credential", "deferred_credential", "notification"];

/// What an endpoint is given.
#[derive(Clone, Copy)]
struct Incoming<'a> {
    parts: &'a Parts,
    body: &'a [u8],
    now: Timestamp,
}

impl Issuer<'_> {
    /// Answers a request to one of its endpoints or those of its authorization server; none if the path is nobody's.
    ///
    /// A refusal is a response too; the rule that refused stands among its extensions, as [`sinpyo_oauth::Rule`].
    pub fn answer(
        &self,
        parts: &Parts,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Option<Response<Vec<u8>>> {
        let path = parts.uri.path();
        let incoming = Incoming { parts, body, now };
        if path == self.settings.id.metadata_path() {
            return Some(self.metadata(incoming));
        }
        let endpoint = path.strip_prefix(&self.settings.id.endpoint_path("")).unwrap_or_default();
        let is_post = parts.method == Method::POST;
        let answered = match endpoint.split_once('/') {
            Some(("credential-offer", secret)) => self.offer(secret, incoming),
            None if ENDPOINTS.contains(&endpoint) && !is_post => {
                return Some(reply::method_not_allowed("POST")); // [VCI-NON-01]
            }
            None => match endpoint {
                "nonce" => Ok(self.nonce(now, entropy)),
                "credential" => self.credential(incoming, entropy),
                "deferred_credential" => self.deferred(incoming, entropy),
                "notification" => self.notification(incoming, entropy),
                _ => return self.authorization.answer(parts, body, now, entropy),
            },
            Some(_) => return self.authorization.answer(parts, body, now, entropy),
        };
        Some(answered.unwrap_or_else(|refusal| refusal.response()))
    }

    /// A nonce for proofs. Nothing is remembered until it is spent.
    fn nonce(&self, now: Timestamp, entropy: &mut dyn Entropy) -> Response<Vec<u8>> {
        let c_nonce = self.settings.nonces().issue(now, entropy);
        let mut response = reply::json(StatusCode::OK, &json!({ "c_nonce": c_nonce })); // [VCI-NON-01]
        self.offer_dpop_nonce(&mut response, now, entropy);
        response
    }

    /// The next proof of possession can then have a nonce without asking. [VCI-NON-03]
    fn offer_dpop_nonce(&self, response: &mut Response<Vec<u8>>, now: Timestamp, entropy: &mut dyn Entropy) {
        let nonce = self.authorization.dpop_nonce(now, entropy);
        if let Ok(nonce) = nonce.parse() {
            response.headers_mut().insert("dpop-nonce", nonce);
        }
    }
}
