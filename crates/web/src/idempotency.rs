//! A request that is sent again because its answer was lost is answered as it was the first time.
//!
//! The answer is a record that is committed together with what the request changed: there is no moment in which one is
//! there without the other.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    encoding::{from_base64, to_base64, to_base64url},
    json::parse_object,
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::{aead::SealingKey, hash::Sha256};
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable, Version};
use std::{fmt, time::Duration};

/// The header that names a request.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// How long an answer is kept.
pub const LIFE: Duration = Duration::from_hours(24);

const SPACE: Space = Space::new("web.answer");
const LONGEST: usize = 255;

/// Why a request is not taken under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdempotencyError {
    /// HTTP-17: the name is no printable text of at most 255 characters, or there are several.
    #[error("the idempotency key is not readable")]
    Malformed,
    /// HTTP-18: another request was answered under this name.
    #[error("another request was sent under this idempotency key")]
    Another,
    /// The memory cannot be reached, or what it holds was not ours.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl IdempotencyError {
    /// The rule in `spec/checks/http.toml` or `spec/checks/sta.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "HTTP-17",
            Self::Another => "HTTP-18",
            Self::Unavailable(error) => error.code(),
        }
    }

    /// The status to answer with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Another => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A request by its name and its content.
pub struct Named {
    key: Key,
    digest: String,
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").finish_non_exhaustive()
    }
}

/// What is known of a request.
#[derive(Debug)]
pub enum Before {
    /// It was answered: with this.
    Answered(Response<Vec<u8>>),
    /// It is new. Its answer is committed with what it changes.
    New(Place),
}

/// Where an answer is kept.
#[derive(Debug)]
pub struct Place {
    named: Named,
    /// The record of a name whose answer was forgotten in the meantime.
    over: Option<Version>,
}

impl Named {
    /// The request by its `Idempotency-Key`, which is `client`'s alone; none if it has no name.
    ///
    /// # Errors
    /// The name is not readable.
    pub fn of<B: AsRef<[u8]>>(request: &Request<B>, client: &str) -> Result<Option<Self>, IdempotencyError> {
        let Some(name) = name(request.headers())? else { return Ok(None) };
        let key = Key::named(SPACE, &digest(&[client.as_bytes(), name.as_bytes()]));
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let parts = [request.method().as_str().as_bytes(), target.as_bytes(), request.body().as_ref()];
        Ok(Some(Self { key, digest: digest(&parts) }))
    }

    /// What became of it before.
    ///
    /// # Errors
    /// The name was another request's; or the memory cannot be reached.
    pub fn before(
        self,
        state: &dyn State,
        sealing: &SealingKey,
        now: Timestamp,
    ) -> Result<Before, IdempotencyError> {
        // At a time before all records, so that one which has expired and still holds the name is found too.
        let Some(record) = state.get(&self.key, now.minus(LIFE * 366))? else {
            return Ok(Before::New(Place { named: self, over: None }));
        };
        if record.expires.is_some_and(|expires| expires <= now) {
            return Ok(Before::New(Place { named: self, over: Some(record.version) }));
        }
        let opened = sealing.open(self.key.name().as_bytes(), &record.data).map_err(|_| Unavailable)?;
        let kept = parse_object(opened.expose()).map_err(|_| Unavailable)?;
        if kept.get("request").and_then(Value::as_str) != Some(&self.digest) {
            return Err(IdempotencyError::Another); // [HTTP-18]
        }
        Ok(Before::Answered(read(&Value::Object(kept)).ok_or(Unavailable)?)) // [HTTP-19]
    }
}

impl Place {
    /// The change that keeps `response` for a day. It is committed with what the request changes, or not at all: then
    /// another attempt came first, and the request is decided again from [`Named::before`].
    ///
    /// # Errors
    /// The answer is longer than can be sealed.
    pub fn keep(
        &self,
        response: &Response<Vec<u8>>,
        sealing: &SealingKey,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<OwnedChange, IdempotencyError> {
        let headers = [header::CONTENT_TYPE, header::LOCATION, header::CACHE_CONTROL];
        let text = |name: &HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let headers = headers.iter().filter_map(|name| Some((name.as_str(), text(name)?)));
        let kept = json!({
            "request": self.named.digest,
            "status": response.status().as_u16(),
            "headers": headers.collect::<std::collections::BTreeMap<_, _>>(),
            "body": to_base64(response.body()),
        });
        let plain = Secret::new(kept.to_string().into_bytes());
        let sealed = sealing.seal(entropy, self.named.key.name().as_bytes(), &plain);
        let (sealed, expires) = (sealed.map_err(|_| Unavailable)?, Some(now.plus(LIFE)));
        let key = self.named.key.clone();
        Ok(match self.over {
            None => OwnedChange::insert(key, sealed, expires),
            Some(version) => OwnedChange::replace(key, version, sealed, expires),
        })
    }
}

fn name(headers: &HeaderMap) -> Result<Option<&str>, IdempotencyError> {
    let mut names = headers.get_all(&HEADER).iter();
    let Some(name) = names.next() else { return Ok(None) };
    let name = name.to_str().ok().filter(|name| !name.trim().is_empty() && name.len() <= LONGEST);
    match (name, names.next()) {
        (Some(name), None) => Ok(Some(name)),
        _ => Err(IdempotencyError::Malformed), // [HTTP-17]
    }
}

fn read(kept: &Value) -> Option<Response<Vec<u8>>> {
    let mut response = Response::new(from_base64(kept.get("body")?.as_str()?).ok()?);
    let status = u16::try_from(kept.get("status")?.as_u64()?).ok()?;
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in kept.get("headers")?.as_object()? {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        response.headers_mut().insert(name, HeaderValue::from_str(value.as_str()?).ok()?);
    }
    Some(response)
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(&u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hash.update(part);
    }
    to_base64url(&hash.finish())
}
