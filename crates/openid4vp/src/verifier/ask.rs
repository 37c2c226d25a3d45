//! The request that a wallet fetches [OpenID4VP 1.0 §5.10].

use super::{
    Verifier,
    open::{OpenError, decrypter},
    order::Flow,
    record::{KeepError, OpenRequest, OrderRecord, REQUESTS, RequestPhase, RequestRecord},
};
use crate::{
    client_metadata::ClientMetadata,
    handle::Handle,
    location::LocationError,
    request::{Request, SELF_ISSUED},
    response_mode::ResponseMode,
};
use serde_json::{Map, Value};
use sinpyo_core::{json, key::Entropy, time::Timestamp};
use sinpyo_jose::SignError;
use sinpyo_state::{Change, Unavailable, retrying};

/// Every parameter of a request, as a link can hold them.
pub(super) const PARAMETERS: [&str; 10] = [
    "client_id",
    "client_metadata",
    "dcql_query",
    "nonce",
    "response_mode",
    "response_type",
    "response_uri",
    "state",
    "transaction_data",
    "verifier_info",
];

/// Our limits: bytes of `wallet_nonce` and of `wallet_metadata`.
const MAX_NONCE: usize = 512;
const MAX_METADATA: usize = 64 << 10;

/// How a wallet asks for the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    wallet_nonce: Option<String>,
    issuer: Option<String>,
}

impl Fetch {
    /// By `GET`.
    pub fn get() -> Self {
        Self::default()
    }

    /// By `POST`, with these members.
    ///
    /// # Errors
    /// The nonce is empty or too long, or the metadata are no strict JSON object.
    pub fn post(wallet_nonce: Option<&str>, wallet_metadata: Option<&str>) -> Result<Self, AskError> {
        if wallet_nonce.is_some_and(|nonce| nonce.is_empty() || nonce.len() > MAX_NONCE) {
            return Err(AskError::Form);
        }
        let metadata = match wallet_metadata {
            None => Map::new(),
            Some(text) if text.len() > MAX_METADATA => return Err(AskError::Form),
            Some(text) => json::parse_object(text.as_bytes()).map_err(|_| AskError::Form)?, // [VP-REQ-06b]
        };
        let issuer = metadata.get("issuer").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { wallet_nonce: wallet_nonce.map(str::to_owned), issuer })
    }
}

impl Verifier<'_> {
    /// The signed request of `handle`, the last part of the `request_uri`. As often as it is asked for while the
    /// transaction waits, and each time signed anew; the first time it is known to have been scanned.
    ///
    /// # Errors
    /// There is no such request (any more), or it cannot be signed or remembered.
    pub fn request_object(
        &self,
        handle: &str,
        fetch: &Fetch,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<String, AskError> {
        let handle = Handle::parse(handle).ok_or(AskError::Gone)?;
        let key = handle.0.key(REQUESTS);
        let keep = self.keep();
        let identity = self.identities.first().ok_or(AskError::Gone)?;
        retrying(|| {
            let read = keep.read::<RequestRecord>(&key, now)?;
            let (mut record, version) = read.ok_or(AskError::Gone)?; // [VP-REQ-05a]
            let RequestPhase::Open(open) = &mut record.phase else { return Err(AskError::Gone) };
            let transaction = self.transaction(&record.transaction, now)?.ok_or(AskError::Gone)?.0;
            let request = self.request(&transaction.order, open, &handle)?;
            if matches!(transaction.order.flow()?, Flow::Digital { .. }) {
                return Err(AskError::Gone);
            }
            let ends = Timestamp::from_unix(transaction.expires).ok_or(KeepError::Unreadable)?;
            let answer_by = now.plus(self.settings.lifetimes.answer).min(ends);
            let claims = claims(&request, fetch, (now, answer_by));
            let signed = identity.sign(&claims, Map::new())?;
            if open.fetched {
                return Ok(Ok(signed));
            }
            open.fetched = true;
            let data = keep.sealed(&key, &record, entropy)?;
            let change = Change::replace(&key, version, &data, Some(answer_by));
            Ok(self.state.commit(&[change]).map(|()| signed))
        })
    }

    /// What is asked, under the nonce and the key of one request.
    pub(super) fn request(
        &self,
        order: &OrderRecord,
        open: &OpenRequest,
        handle: &Handle,
    ) -> Result<Request, OpenError> {
        let query = order.query()?;
        let key = decrypter(open)?.map(|decrypter| decrypter.public_jwk());
        let client_metadata = ClientMetadata::of(&query, key);
        let digital = matches!(order.flow()?, Flow::Digital { .. });
        let response_uri = self.settings.response_uri(handle)?;
        let client_id = (!digital).then(|| self.client_id(response_uri.as_str()));
        let response_mode = match (digital, order.encrypted) {
            (false, true) => ResponseMode::DirectPostJwt(response_uri),
            (false, false) => ResponseMode::DirectPost(response_uri),
            (true, true) => ResponseMode::DcApiJwt,
            (true, false) => ResponseMode::DcApi,
        };
        Ok(Request {
            client_id,
            response_mode,
            nonce: open.nonce.clone(),
            // Whether or not the query needs it [VP-REQ-08]: it tells our response from anybody's post.
            state: (!digital).then(|| open.state.clone()),
            query,
            client_metadata,
            transaction_data: order.transaction_data.clone(),
            verifier_info: order.verifier_info(),
            expected_origins: Vec::new(),
        })
    }
}

fn claims(request: &Request, fetch: &Fetch, (now, until): (Timestamp, Timestamp)) -> Map<String, Value> {
    let mut claims = request.to_json();
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    put("aud", fetch.issuer.as_deref().unwrap_or(SELF_ISSUED).into()); // [VP-REQ-03b]
    put("iat", now.unix().into());
    put("exp", until.unix().into());
    if let Some(nonce) = &fetch.wallet_nonce {
        put("wallet_nonce", nonce.as_str().into()); // [VP-REQ-06]
    }
    claims
}

/// Why no request is given out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// VP-REQ-05a: unknown, expired, or answered; which, the wallet does not learn.
    #[error("there is no such request")]
    Gone,
    /// VP-REQ-06b: a member of the form is malformed.
    #[error("wallet_nonce or wallet_metadata is malformed")]
    Form,
    /// The request cannot be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for AskError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl From<LocationError> for AskError {
    fn from(error: LocationError) -> Self {
        Self::Open(error.into())
    }
}

impl AskError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Gone => "VP-REQ-05a",
            Self::Form => "VP-REQ-06b",
            Self::Open(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::Keep(error) => error.code(),
        }
    }
}
