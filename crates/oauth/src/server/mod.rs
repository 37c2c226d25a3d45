//! The authorization server.

mod admit;
mod authenticate;
mod authorize;
mod metadata;
mod pre_authorized;
mod push;
mod record;
mod token;

pub use admit::{Admitted, FamilyId, NotAdmitted, TokenId};
pub use authorize::{BeginError, DecideError, Interaction, InteractionId};
pub use pre_authorized::{PRE_AUTHORIZED_GRANT, PreAuthorized, PreAuthorizedCode, TxCode};

use crate::{
    Dpop, DpopError, Refusal, ServerSettings,
    dpop::{self, Expected, Proof},
    nonce::Fresh,
    refusal::{DPOP_NONCE, answer, put},
};
use http::{HeaderMap, Method, Response, StatusCode, header, request::Parts};
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_state::{OwnedChange, State};

/// One tenant's authorization server, for one request or many: all that it remembers is in `state`.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationServer<'a> {
    /// How it is configured.
    pub settings: &'a ServerSettings,
    /// What it remembers.
    pub state: &'a dyn State,
}

impl AuthorizationServer<'_> {
    /// Answers what is sent to its metadata document and to its endpoints `par`, `token` and `challenge`; nothing, if the
    /// request is for none of them. `authorize` is a page: [`AuthorizationServer::begin`].
    ///
    /// Which host the request names makes no difference. A refusal carries its [`crate::Rule`] among the extensions.
    pub fn answer(
        &self,
        parts: &Parts,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Option<Response<Vec<u8>>> {
        let (issuer, path) = (&self.settings.issuer, parts.uri.path());
        if issuer.well_known(metadata::NAME).strip_prefix(issuer.origin()) == Some(path) {
            return Some(match parts.method {
                Method::GET | Method::HEAD => self.metadata_response(),
                _ => not_allowed("GET, HEAD"),
            });
        }
        let base = issuer.path();
        let name = path.strip_prefix(base.strip_suffix('/').unwrap_or(base))?.strip_prefix('/')?;
        if !["par", "token", "challenge"].contains(&name) {
            return None;
        }
        if parts.method != Method::POST {
            return Some(not_allowed("POST"));
        }
        let (status, done) = match name {
            "par" => (StatusCode::CREATED, self.push(&parts.headers, body, now, entropy)),
            "token" => (StatusCode::OK, self.token(&parts.headers, body, now, entropy)),
            _ => {
                let challenge = self.settings.attestation_challenges().issue(now, entropy);
                (StatusCode::OK, Ok(json!({ "attestation_challenge": challenge })))
            }
        };
        let mut response = match done {
            Ok(body) => answer(status, &body),
            Err(refusal) => refusal.response(),
        };
        if !response.headers().contains_key(DPOP_NONCE) {
            put(&mut response, DPOP_NONCE, &self.dpop_nonce(now, entropy));
        }
        Some(response)
    }

    /// A nonce for the `DPoP-Nonce` header of an answer [RFC 9449 §8].
    pub fn dpop_nonce(&self, now: Timestamp, entropy: &mut dyn Entropy) -> String {
        self.settings.nonces().issue(now, entropy)
    }

    /// The proof of possession that came with a request to the endpoint `name`.
    fn proof(
        &self,
        headers: &HeaderMap,
        name: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Proof>, DpopError> {
        let Some(text) = dpop::sent(headers)? else { return Ok(None) };
        let address = self.settings.issuer.endpoint(name);
        let expected = Expected { method: "POST", address: &address, token: None };
        dpop::verify(text, expected, self.settings.demanded_nonces(), now, entropy).map(Some)
    }

    fn demands_keys(&self) -> bool {
        self.settings.dpop == Dpop::Required
    }
}

/// What a request proved by things that may be used once, and how it is refused if one was used before.
#[derive(Default)]
struct Proofs(Vec<(Fresh, fn() -> Refusal)>);

impl Proofs {
    fn add(&mut self, once: Fresh, replayed: fn() -> Refusal) {
        self.0.push((once, replayed));
    }

    fn check(&self, state: &dyn State, now: Timestamp) -> Result<(), Refusal> {
        for (once, replayed) in &self.0 {
            if once.is_spent(state, now)? {
                return Err(replayed()); // [VCI-TOK-07g] [VCI-WAT-01j] [OAU-22]
            }
        }
        Ok(())
    }

    /// To be committed with what the request achieves.
    fn changes(&self) -> impl Iterator<Item = OwnedChange> {
        self.0.iter().map(|(once, _)| once.clone().spend())
    }
}

/// A secret of 256 bits, as text that fits into URLs and headers.
fn random(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    to_base64url(&bytes)
}

fn not_allowed(allow: &'static str) -> Response<Vec<u8>> {
    let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, &Value::Object(serde_json::Map::new()));
    response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static(allow));
    response
}
