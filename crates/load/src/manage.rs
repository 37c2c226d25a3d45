//! The institution's side: a client of the management interface of an issuer or a verifier.

use crate::{
    os::{OsEntropy, now},
    web::{Leg, SendError, Web},
};
use http::{
    Method, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url, json as strict, key::Entropy as _};
use sinpyo_crypto::SigningKey;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, prepare};
use sinpyo_oauth::form::encode;
use std::{thread, time::Duration};

/// Who uses a management interface.
#[derive(Debug)]
pub struct Program {
    /// Its name there.
    pub id: String,
    /// Its key.
    pub key: SigningKey,
}

/// A tenant of a service, with a token for its management interface.
#[derive(Debug)]
pub struct Tenant {
    base: String,
    id: String,
    token: Secret<String>,
}

/// An offer that was made.
#[derive(Debug)]
pub struct Offered {
    /// Its name in the management interface.
    pub id: String,
    /// What the wallet is given.
    pub link: String,
    /// What the holder is told on another way.
    pub code: Option<String>,
}

/// A request that was opened.
#[derive(Debug)]
pub struct Opened {
    /// Its name in the management interface.
    pub id: String,
    /// What the wallet is given.
    pub link: String,
    /// The page for the holder's browser.
    pub page: String,
}

/// Between two attempts with the same idempotency key, and how many there are.
const RETRY: Duration = Duration::from_millis(100);
const ATTEMPTS: u32 = 300;

impl Tenant {
    /// Gets a token from the service at `base` for `program` and all that it may do.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub fn log_in(base: &str, id: &str, program: &Program, web: &mut dyn Web) -> Result<Self, ManageError> {
        let endpoint = format!("{base}/manage/token");
        let form = encode([
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &program.assertion(&endpoint)?),
        ]);
        let request = Request::post(endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(form.into_bytes()).map_err(|_| ManageError::Form)?;
        let answer = answer(&web.send(Leg::Manage, request)?, StatusCode::OK)?;
        let token = Secret::new(text(&answer, "access_token")?);
        Ok(Self { base: base.to_owned(), id: id.to_owned(), token })
    }

    /// Makes the offer that `order` describes.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub fn offer(&self, order: &Value, web: &mut dyn Web) -> Result<Offered, ManageError> {
        let answer = self.post(Leg::Offer, "offers", order, web)?;
        let code = answer.get("tx_code").or_else(|| answer.get("access_code"));
        let code = code.and_then(Value::as_str).map(str::to_owned);
        Ok(Offered { id: text(&answer, "id")?, link: text(&answer, "link")?, code })
    }

    /// Opens the request that `order` describes.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub fn open(&self, order: &Value, web: &mut dyn Web) -> Result<Opened, ManageError> {
        let answer = self.post(Leg::Open, "requests", order, web)?;
        let link = text(&answer, "link").unwrap_or_default();
        Ok(Opened { id: text(&answer, "id")?, link, page: text(&answer, "page")? })
    }

    /// Takes the result of the request `id`, which there is once.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub fn result(
        &self,
        id: &str,
        response_code: Option<&str>,
        web: &mut dyn Web,
    ) -> Result<Map<String, Value>, ManageError> {
        answer(&web.send(Leg::Result, self.claim(id, response_code)?)?, StatusCode::OK)
    }

    /// What [`Tenant::result`] sends.
    ///
    /// # Errors
    /// The identifier makes no address.
    pub fn claim(&self, id: &str, response_code: Option<&str>) -> Result<Request<Vec<u8>>, ManageError> {
        let body = response_code.map_or_else(|| json!({}), |code| json!({ "response_code": code }));
        self.request(&Method::POST, &format!("requests/{id}/result"), Some(&body), None)
    }

    /// Reads what is at `path` below the tenant.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub fn read(&self, path: &str, web: &mut dyn Web) -> Result<Map<String, Value>, ManageError> {
        answer(&web.send(Leg::Manage, self.request(&Method::GET, path, None, None)?)?, StatusCode::OK)
    }

    /// Posts until an answer comes that decides something: an idempotency key makes all attempts one.
    fn post(
        &self,
        leg: Leg,
        path: &str,
        body: &Value,
        web: &mut dyn Web,
    ) -> Result<Map<String, Value>, ManageError> {
        let mut key = [0; 16];
        OsEntropy.fill(&mut key);
        let request = self.request(&Method::POST, path, Some(body), Some(&to_base64url(&key)))?;
        answer(&web.send(leg, request)?, StatusCode::CREATED)
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        once: Option<&str>,
    ) -> Result<Request<Vec<u8>>, ManageError> {
        let Self { base, id, token } = self;
        let mut request = Request::builder().method(method).uri(format!("{base}/manage/{id}/{path}"));
        request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        if let Some(once) = once {
            request = request.header("idempotency-key", format!("\"{once}\""));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        request.body(body).map_err(|_| ManageError::Form)
    }
}

/// A [`Web`] for clients that must not lose their way when a server is away: it sends again what is safe to send again.
#[derive(Debug)]
pub struct Persistent<'w, W>(pub &'w mut W);

impl<W: Web> Web for Persistent<'_, W> {
    fn send(&mut self, leg: Leg, request: Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, SendError> {
        let mut sent = self.0.send(leg, request.clone());
        for _ in 0..ATTEMPTS {
            match &sent {
                Ok(response) if !matches!(response.status().as_u16(), 429 | 500..) => break,
                _ => thread::sleep(RETRY),
            }
            sent = self.0.send(leg, request.clone());
        }
        sent
    }
}

impl Program {
    /// What it says about itself to the token endpoint `audience` [RFC 7523 §3].
    fn assertion(&self, audience: &str) -> Result<String, ManageError> {
        let (mut jti, now) = ([0; 16], now());
        OsEntropy.fill(&mut jti);
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
        put("iss", json!(self.id));
        put("sub", json!(self.id));
        put("aud", json!(audience));
        put("jti", json!(to_base64url(&jti)));
        put("iat", json!(now.unix()));
        put("exp", json!(now.plus(Duration::from_mins(1)).unix()));
        let token = prepare(JwtHeader::new(Typ::JWT, KeyHint::None), &claims, self.key.verifying_key());
        let signature = self.key.sign(token.signing_input()).map_err(|_| ManageError::Form)?;
        token.attach(&signature).map_err(|_| ManageError::Form)
    }
}

fn answer(
    response: &http::Response<Vec<u8>>,
    expected: StatusCode,
) -> Result<Map<String, Value>, ManageError> {
    let members = strict::parse_object(response.body()).ok();
    if response.status() != expected {
        let named = |name: &str| members.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let rule = named("rule").or_else(|| named("error")).unwrap_or_default();
        return Err(ManageError::Refused { status: response.status().as_u16(), rule });
    }
    members.ok_or(ManageError::Form)
}

fn text(members: &Map<String, Value>, name: &str) -> Result<String, ManageError> {
    members.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(ManageError::Form)
}

/// Why the service does not do what it is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManageError {
    /// No answer came.
    #[error(transparent)]
    Send(#[from] SendError),
    /// It refuses.
    #[error("the service answered {status} ({rule})")]
    Refused {
        /// The status.
        status: u16,
        /// The rule, if it names one.
        rule: String,
    },
    /// The answer is not as it is described, or the request cannot be written.
    #[error("the service answered in another form")]
    Form,
}
