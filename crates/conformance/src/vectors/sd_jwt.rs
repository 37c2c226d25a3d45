//! SD-JWT VCs put together by hand [RFC 9901 §4, SD-JWT VC §3].

use super::{
    case::NOW,
    party::{Members, Party, members, set},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, key::Entropy};
use sinpyo_crypto::hash::sha256;
use sinpyo_testkit::TestEntropy;

pub(super) const KIND: &str = "urn:sinpyo:credential:ResidentCredential";

/// A credential that is about to be signed.
pub(super) struct Draft {
    pub(super) header: Members,
    pub(super) payload: Members,
    pub(super) disclosures: Vec<String>,
    entropy: TestEntropy,
}

impl Draft {
    /// A credential of `issuer` without anything to disclose.
    pub(super) fn new(issuer: &Party) -> Self {
        let header = json!({"alg": issuer.algorithm(), "typ": "dc+sd-jwt", "kid": issuer.method()});
        let payload = json!({
            "iss": issuer.did, "vct": KIND,
            "iat": NOW - 1000, "nbf": NOW - 1000, "exp": NOW + 1000,
            "country": "KR", "_sd_alg": "sha-256",
        });
        let (header, payload) = (members(header), members(payload));
        Self { header, payload, disclosures: Vec::new(), entropy: TestEntropy::new(9) }
    }

    /// A credential of `issuer` with a family name and an age statement, both disclosed.
    pub(super) fn usual(issuer: &Party) -> Self {
        let mut draft = Self::new(issuer);
        draft.hide("family_name", json!("김"));
        draft.hide("age_over_18", json!(true));
        draft
    }

    /// Sets a claim that is always visible.
    pub(super) fn claim(&mut self, name: &str, value: impl Into<Value>) {
        set(&mut self.payload, name, value);
    }

    /// Discloses a claim at the top level; its digest.
    pub(super) fn hide(&mut self, name: &str, value: Value) -> String {
        let disclosure = Value::Array(vec![self.salt().into(), name.into(), value]);
        let digest = self.disclose(&disclosure);
        self.refer(&digest);
        digest
    }

    /// Adds a digest at the top level.
    pub(super) fn refer(&mut self, digest: &str) {
        let digests = self.payload.entry("_sd").or_insert_with(|| json!([]));
        if let Value::Array(digests) = digests {
            digests.push(json!(digest));
        }
    }

    /// Adds a disclosure, whatever it says; its digest.
    pub(super) fn disclose(&mut self, disclosure: &Value) -> String {
        self.disclose_text(disclosure.to_string().as_bytes())
    }

    /// Adds a disclosure in these bytes; its digest.
    pub(super) fn disclose_text(&mut self, disclosure: &[u8]) -> String {
        let text = to_base64url(disclosure);
        let digest = digest(&text);
        self.disclosures.push(text);
        digest
    }

    /// The salt of the next disclosure.
    pub(super) fn salt(&mut self) -> String {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        to_base64url(&salt)
    }

    /// The compact form, signed by `issuer`.
    pub(super) fn sign(&self, issuer: &Party) -> Result<String> {
        let token = issuer.token(&json!(self.header).to_string(), &json!(self.payload).to_string())?;
        Ok(self.around(&token))
    }

    /// The compact form with `token` for the issuer's token.
    pub(super) fn around(&self, token: &str) -> String {
        self.disclosures.iter().fold(format!("{token}~"), |wire, disclosure| wire + disclosure + "~")
    }
}

/// The digest of `text` [RFC 9901 §4.2.3].
pub(super) fn digest(text: &str) -> String {
    to_base64url(&sha256(text.as_bytes()))
}
