//! The metadata endpoint, in clear and signed [VCI 1.0 §12.2].

use super::{Incoming, Issuer, reply};
use crate::{display::Languages, member::Object};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;
use sinpyo_core::{key::Signer, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint, SignError, Typ, sign};

/// Signs an issuer's metadata.
#[derive(Clone, Copy)]
pub struct MetadataSigner<'a> {
    /// Signs.
    pub signer: &'a dyn Signer,
    /// The public half.
    pub key: &'a VerifyingKey,
    /// How wallets find the key; HAIP has certificates.
    pub hint: KeyHint<'a>,
}

impl std::fmt::Debug for MetadataSigner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetadataSigner").field("key", self.key).finish_non_exhaustive()
    }
}

impl Issuer<'_> {
    pub(super) fn metadata(&self, incoming: Incoming<'_>) -> Response<Vec<u8>> {
        let headers = &incoming.parts.headers;
        if !matches!(incoming.parts.method, Method::GET | Method::HEAD) {
            return reply::method_not_allowed("GET, HEAD");
        }
        let Ok(metadata) = self.settings.metadata() else {
            return reply::empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let available = metadata.locales();
        let wanted = Languages::accept(&joined(headers, &header::ACCEPT_LANGUAGE));
        // One language if one of those wanted is there; else all, for the wallet to choose.
        let chosen = wanted.best(&available).map(str::to_owned);
        let languages = if chosen.is_some() { wanted } else { Languages::any() };
        let members = metadata.to_json(&languages);
        let mut response = match &self.signer {
            Some(signer) if wants_signed(headers) => match self.signed(signer, members, incoming.now) {
                Ok(token) => reply::text(StatusCode::OK, "application/jwt", token.into_bytes()), // [VCI-MET-03]
                Err(_) => return reply::retry_after(StatusCode::SERVICE_UNAVAILABLE, 1),
            },
            _ => reply::json(StatusCode::OK, &Value::Object(members)),
        };
        let answered = response.headers_mut();
        let content = chosen.unwrap_or_else(|| available.join(", "));
        if let (false, Ok(content)) = (content.is_empty(), HeaderValue::from_str(&content)) {
            answered.insert(header::CONTENT_LANGUAGE, content); // [VCI-MET-05]
        }
        answered.insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    }

    fn signed(
        &self,
        signer: &MetadataSigner<'_>,
        mut claims: Object,
        now: Timestamp,
    ) -> Result<String, SignError> {
        let expires = now.plus(self.settings.lifetimes.metadata);
        claims.insert("sub".to_owned(), self.settings.id.as_str().into()); // [VCI-MET-04]
        claims.insert("iat".to_owned(), now.unix().into());
        claims.insert("exp".to_owned(), expires.unix().into());
        sign(JwtHeader::new(Typ::ISSUER_METADATA, signer.hint), &claims, (signer.signer, signer.key))
    }
}

/// Whether a JWT is accepted by name. Who accepts everything gets JSON.
fn wants_signed(headers: &HeaderMap) -> bool {
    let accept = joined(headers, &header::ACCEPT);
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_jwt = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/jwt"));
        is_jwt && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}
