//! The two endpoints that wallets talk to, as requests and responses.

use super::{
    Verifier,
    ask::{AskError, Fetch},
    conclude::{ConcludeError, WalletReply},
    open::OpenError,
    receive::{Arrived, ReceiveError, Received},
    record::KeepError,
};
use crate::form;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};

/// Our limit: bytes of a posted response.
pub const MAX_BODY: usize = 4 << 20;

const FORM: &str = "application/x-www-form-urlencoded";

/// What to do about a request from a wallet.
#[derive(Debug)]
#[must_use]
pub enum Handled {
    /// Send this.
    Answer(Response<Vec<u8>>),
    /// Verify the presentations, [`Verifier::conclude`], and send [`WalletReply::to_response`].
    Arrived(Box<Arrived>),
    /// Send this; what happened is for the operator's log. Nothing was changed.
    Refused(Response<Vec<u8>>, Refusal),
}

/// Why a request from a wallet was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// VP-RSP-02b: the method is not one of the endpoint's.
    #[error("the method is not allowed")]
    Method,
    /// VP-RSP-02a: the body is no form.
    #[error("the body is not a form")]
    ContentType,
    /// VP-RSP-02c: the body is longer than 4 MiB.
    #[error("the body is too long")]
    TooLong,
    /// No request is given out.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The response is not taken.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
}

impl Refusal {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Method => "VP-RSP-02b",
            Self::ContentType => "VP-RSP-02a",
            Self::TooLong => "VP-RSP-02c",
            Self::Ask(error) => error.code(),
            Self::Receive(error) => error.code(),
        }
    }

    /// Unknown, closed, expired and malformed are one to whoever asks.
    const fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Ask(AskError::Gone) => StatusCode::GONE,
            Self::Ask(
                AskError::Keep(KeepError::Unavailable(_))
                | AskError::Open(OpenError::Keep(KeepError::Unavailable(_))),
            )
            | Self::Receive(
                ReceiveError::Keep(KeepError::Unavailable(_))
                | ReceiveError::Open(OpenError::Keep(KeepError::Unavailable(_)))
                | ReceiveError::Conclude(ConcludeError::Keep(KeepError::Unavailable(_))),
            ) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ask(AskError::Form) => StatusCode::BAD_REQUEST,
            Self::Ask(_)
            | Self::Receive(
                ReceiveError::Keep(_)
                | ReceiveError::Open(_)
                | ReceiveError::Conclude(ConcludeError::Keep(_)),
            ) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Receive(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl Verifier<'_> {
    /// Answers `request`; nothing if its path is none of ours.
    pub fn handle(
        &self,
        request: &Request<Vec<u8>>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Option<Handled> {
        let path = request.uri().path().strip_prefix(self.settings.path())?.strip_prefix('/')?;
        let (endpoint, handle) = path.split_once('/')?;
        let handled = match endpoint {
            "request" => self.ask(request, handle, now, entropy).map_err(|refusal| (refusal, "GET, POST")),
            "response" => self.respond(request, handle, now, entropy).map_err(|refusal| (refusal, "POST")),
            _ => return None,
        };
        Some(handled.unwrap_or_else(|(refusal, allowed)| {
            let mut response = json_response(refusal.status(), &json!({"error": "invalid_request"}));
            if matches!(refusal, Refusal::Method) {
                response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allowed));
            }
            Handled::Refused(response, refusal)
        }))
    }

    fn ask(
        &self,
        request: &Request<Vec<u8>>,
        handle: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Handled, Refusal> {
        let fetch = match *request.method() {
            Method::GET => Fetch::get(),
            Method::POST => {
                check_form(request)?;
                let text = std::str::from_utf8(request.body()).map_err(|_| AskError::Form)?;
                let members = form::parse(text).map_err(|_| AskError::Form)?;
                let member = |name: &str| members.get(name).map(String::as_str);
                Fetch::post(member("wallet_nonce"), member("wallet_metadata"))?
            }
            _ => return Err(Refusal::Method), // [VP-RSP-02b]
        };
        let signed = self.request_object(handle, &fetch, now, entropy)?;
        let media_type = header::HeaderValue::from_static("application/oauth-authz-req+jwt");
        Ok(Handled::Answer(response(StatusCode::OK, media_type, signed.into_bytes())))
    }

    fn respond(
        &self,
        request: &Request<Vec<u8>>,
        handle: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Handled, Refusal> {
        if request.method() != Method::POST {
            return Err(Refusal::Method); // [VP-RSP-02b]
        }
        check_form(request)?;
        Ok(match self.receive(handle, request.body(), now, entropy)? {
            Received::Presented(arrived) => Handled::Arrived(arrived),
            Received::Declined(reply) | Received::Repeated(reply) => Handled::Answer(reply.to_response()),
        })
    }
}

impl WalletReply {
    /// The answer to the wallet's post: 200 with an object, never a redirect [OpenID4VP 1.0 §8.2]; 400 if refused.
    pub fn to_response(&self) -> Response<Vec<u8>> {
        match self {
            Self::Taken { redirect_uri: None } => json_response(StatusCode::OK, &json!({})), // [VP-RSP-02]
            Self::Taken { redirect_uri: Some(to) } => {
                json_response(StatusCode::OK, &json!({"redirect_uri": to}))
            }
            Self::Refused => json_response(StatusCode::BAD_REQUEST, &json!({"error": "invalid_request"})),
        }
    }
}

fn check_form(request: &Request<Vec<u8>>) -> Result<(), Refusal> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case(FORM) {
        return Err(Refusal::ContentType); // [VP-RSP-02a]
    }
    if request.body().len() > MAX_BODY {
        return Err(Refusal::TooLong); // [VP-RSP-02c]
    }
    Ok(())
}

fn json_response(status: StatusCode, value: &Value) -> Response<Vec<u8>> {
    let media_type = header::HeaderValue::from_static("application/json");
    response(status, media_type, value.to_string().into_bytes())
}

fn response(status: StatusCode, media_type: header::HeaderValue, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
