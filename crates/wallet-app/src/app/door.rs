//! Who is let in: the one browser that was started with the address the edge printed.

use super::{Call, MAX_BODY, WalletApp, see};
use crate::page;
use http::{Method, Response, StatusCode, header, request::Parts};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::mac::equal;
use sinpyo_web::{
    answer,
    form::{Fields, FormLimits},
    session::{FormTokens, Session},
};

/// The cookie's name; other services on this machine share the cookie jar.
const COOKIE: &str = "wallet";

/// The start token, the browser that had it, and the key of its forms.
#[derive(Debug)]
pub(super) struct Door {
    start: Option<Secret<String>>,
    tokens: FormTokens,
    /// The form token of the one session there is: it says which, and does not give it away.
    inside: Option<String>,
}

impl Door {
    pub(super) fn new(entropy: &mut dyn Entropy) -> Self {
        let (mut start, mut key) = ([0; 32], [0; 32]);
        entropy.fill(&mut start);
        entropy.fill(&mut key);
        Self {
            start: Some(Secret::new(to_base64url(&start))),
            tokens: FormTokens::new(Secret::new(key)),
            inside: None,
        }
    }

    pub(super) fn start_path(&self) -> Option<String> {
        Some(format!("/start?token={}", self.start.as_ref()?.expose()))
    }

    /// Lets in who has the start token, and nobody after. [WAP-12]
    fn enter(&mut self, query: &Fields, entropy: &mut dyn Entropy) -> Option<Session> {
        let sent = query.text("token")?;
        if !equal(sent.as_bytes(), self.start.as_ref()?.expose().as_bytes()) {
            return None;
        }
        self.start = None;
        let session = Session::begin(entropy);
        self.inside = Some(self.tokens.token(&session));
        Some(session)
    }

    /// The form token of the session of a request, if it is the one. [WAP-13]
    fn token(&self, session: Option<Session>) -> Option<(Session, String)> {
        let session = session?;
        let token = self.tokens.token(&session);
        let is_inside = equal(token.as_bytes(), self.inside.as_ref()?.as_bytes());
        is_inside.then_some((session, token))
    }
}

impl WalletApp {
    /// The request, if it comes from the browser that was let in; else what it is answered.
    pub(super) fn admitted(
        &mut self,
        parts: &Parts,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Call, Box<Response<Vec<u8>>>> {
        let refuse = |status| Box::new(answer::secured(answer::empty(status)));
        if let Err(error) = self.site.own_page(parts) {
            return Err(refuse(match error {
                sinpyo_web::site::SiteError::Host => StatusCode::MISDIRECTED_REQUEST, // [HTTP-01]
                _ => StatusCode::FORBIDDEN,                                           // [HTTP-02]
            }));
        }
        if let Some((digest, file)) =
            parts.uri.path().strip_prefix("/assets/").and_then(|rest| rest.split_once('/'))
        {
            let found = self.assets.answer(digest, file).map(answer::secured);
            return Err(found.map_or_else(|| refuse(StatusCode::NOT_FOUND), Box::new));
        }
        if !matches!(parts.method, Method::GET | Method::HEAD | Method::POST) {
            return Err(refuse(StatusCode::METHOD_NOT_ALLOWED));
        }
        if is_embedded(parts) {
            return Err(refuse(StatusCode::FORBIDDEN)); // [WAP-14]
        }
        let query = parts.uri.query().unwrap_or_default();
        let query = Fields::of_query(query).map_err(|error| refuse(error.status()))?;
        let transport = self.site.main().transport();
        let Some((session, token)) = self.door.token(Session::of(&parts.headers, COOKIE, transport)) else {
            return Err(Box::new(self.stranger(parts, query, entropy)));
        };
        let form = if parts.method == Method::POST {
            let limits = FormLimits { bytes: MAX_BODY, ..FormLimits::default() };
            let form =
                Fields::of_body(&parts.headers, body, limits).map_err(|error| refuse(error.status()))?;
            self.door.tokens.check(&session, &form).map_err(|_| refuse(StatusCode::FORBIDDEN))?; // [HTTP-03]
            form
        } else {
            Fields::none()
        };
        if now > self.seen.plus(self.idle) {
            self.lock();
        }
        self.seen = now;
        Ok(Call::new(parts, query, form, token))
    }

    /// Somebody without a session: with the start token, or sent away.
    fn stranger(&mut self, parts: &Parts, query: Fields, entropy: &mut dyn Entropy) -> Response<Vec<u8>> {
        if parts.uri.path() == "/start"
            && parts.method == Method::GET
            && let Some(session) = self.door.enter(&query, entropy)
            && let Some(cookie) = session.cookie(COOKIE, None, self.site.main().transport())
        {
            let mut response = see("/");
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            return response;
        }
        let call = Call::new(parts, query, Fields::none(), String::new());
        self.page(&call, StatusCode::UNAUTHORIZED, page::lock::stranger(call.lang))
    }
}

/// Whether a page of another origin, be it another port of this machine, asks for something in the background.
/// Following a link is no such thing.
fn is_embedded(parts: &Parts) -> bool {
    let text = |name| parts.headers.get(name).map(http::HeaderValue::as_bytes);
    let is_foreign = matches!(text("sec-fetch-site"), Some(b"cross-site" | b"same-site"));
    let is_link = parts.method == Method::GET && text("sec-fetch-mode") == Some(b"navigate");
    is_foreign && !is_link
}
