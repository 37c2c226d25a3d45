//! The resource side: who comes with a token [RFC 6750, RFC 9449 §7].

use super::{
    AuthorizationServer,
    record::{self, ACCESS, AccessRecord, FAMILY, FamilyRecord},
};
use crate::{
    Authorization, Dpop, DpopError, Naming,
    description::Description,
    dpop::{self, Expected},
    form::Form,
    proof_key::algorithm_names,
    refusal::{DPOP_NONCE, Rule, answer, put},
};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts};
use serde_json::json;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{OwnedChange, Unavailable};

/// Longest token that is looked up, in bytes.
const MAX_TOKEN: usize = 512;

/// Who comes with a token that is good.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// What the token permits.
    pub authorization: Authorization,
    /// How credentials are asked for with it.
    pub naming: Naming,
    /// The client that got it; nobody, if it was got anonymously.
    pub client: Option<String>,
    /// Names the token, without being it.
    pub token: TokenId,
    /// Until when the token is good.
    pub expires: Timestamp,
    /// Names the grant, which a refresh does not change.
    pub family: FamilyId,
    /// What must be committed with the answer: that the proof of possession is spent.
    pub changes: Vec<OwnedChange>,
}

/// Names an access token; its digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(String);

impl TokenId {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names a grant and all the tokens that come from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(String);

impl FamilyId {
    /// A name that was kept.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AuthorizationServer<'_> {
    /// Who sent a request to the protected endpoint whose public address is `endpoint` (from the configuration, never from
    /// the request).
    ///
    /// # Errors
    /// There is no token, it is not good, or it is bound to a key whose holder the request does not prove to come from.
    pub fn admit(
        &self,
        parts: &Parts,
        endpoint: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Admitted, NotAdmitted> {
        self.admitted(parts, endpoint, now, entropy).map_err(|cause| {
            let bearers = self.settings.dpop == Dpop::Offered;
            NotAdmitted { cause, bearers }
        })
    }

    fn admitted(
        &self,
        parts: &Parts,
        endpoint: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Admitted, Cause> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        if Form::parse(query).map_or(true, |query| query.get("access_token").is_some()) {
            return Err(Cause::Query); // [OAU-26]
        }
        let (scheme, token) = credentials(&parts.headers)?;
        let key = self.key(ACCESS, token);
        let id = TokenId(key.name().to_owned());
        let access = self.find::<AccessRecord>(key, now)?.ok_or(Cause::Token)?; // [OAU-28]
        let expires = access.expires;
        let access = access.value;
        let family = self.find::<FamilyRecord>(self.key(FAMILY, &access.family), now)?;
        let family = family.ok_or(Cause::Token)?.value; // [OAU-28]
        let mut changes = Vec::new();
        match (&family.jkt, scheme) {
            (None, Scheme::Bearer) => {}
            (Some(jkt), Scheme::Dpop) => {
                let text = dpop::sent(&parts.headers)?.ok_or(DpopError::Missing)?; // [VCI-TOK-07a]
                let method = parts.method.as_str();
                let expected = Expected { method, address: endpoint, token: Some(token) };
                let proof = dpop::verify(text, expected, self.settings.demanded_nonces(), now, entropy)?;
                if proof.jkt != *jkt {
                    return Err(DpopError::OtherKey.into()); // [VCI-TOK-07i]
                }
                if proof.once.is_spent(self.state, now)? {
                    return Err(DpopError::Replayed.into()); // [VCI-TOK-07g]
                }
                changes.push(proof.once.spend());
            }
            _ => return Err(Cause::Token), // [OAU-28]
        }
        let authorization = Authorization::from(family.authorization);
        Ok(Admitted {
            authorization: match &access.only {
                Some(only) => authorization.only(only),
                None => authorization,
            },
            naming: access.naming,
            client: family.client.map(|client| client.id),
            expires: expires.unwrap_or(family.until),
            token: id,
            family: FamilyId(access.family),
            changes,
        })
    }

    /// What makes every token of a grant worthless at once: for the caller's commit.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn revoke(&self, family: &FamilyId, now: Timestamp) -> Result<Vec<OwnedChange>, Unavailable> {
        let found = self.find::<FamilyRecord>(self.key(FAMILY, &family.0), now)?;
        Ok(found.into_iter().map(record::Found::remove).collect())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// The one token of a request.
fn credentials(headers: &HeaderMap) -> Result<(Scheme, &str), Cause> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let only = values.next().ok_or(Cause::Missing)?; // [OAU-27]
    if values.next().is_some() {
        return Err(Cause::Token); // [OAU-28]
    }
    let (scheme, token) = only.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Cause::Token)?;
    let scheme = if scheme.eq_ignore_ascii_case("DPoP") {
        Scheme::Dpop
    } else if scheme.eq_ignore_ascii_case("Bearer") {
        Scheme::Bearer
    } else {
        return Err(Cause::Missing); // [OAU-27]
    };
    let token = token.trim_start_matches(' ');
    if token.is_empty() || token.len() > MAX_TOKEN { Err(Cause::Token) } else { Ok((scheme, token)) }
}

/// A request without a right to what it asks for.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct NotAdmitted {
    cause: Cause,
    /// Whether tokens without a key are accepted at all.
    bearers: bool,
}

#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("no access token was sent")]
    Missing,
    #[error("an access token belongs into the Authorization header")]
    Query,
    #[error("the access token is unknown, expired, revoked or not used as it must be")]
    Token,
    #[error(transparent)]
    Dpop(#[from] DpopError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl NotAdmitted {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match &self.cause {
            Cause::Query => "OAU-26",
            Cause::Missing => "OAU-27",
            Cause::Token => "OAU-28",
            Cause::Dpop(error) => error.code(),
            Cause::Unavailable(error) => error.code(),
        }
    }

    /// The answer, complete.
    pub fn response(&self) -> Response<Vec<u8>> {
        let (status, error) = match &self.cause {
            Cause::Missing => (StatusCode::UNAUTHORIZED, None),
            Cause::Query => (StatusCode::BAD_REQUEST, Some("invalid_request")),
            Cause::Token => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
            Cause::Dpop(error) => (StatusCode::UNAUTHORIZED, Some(error.error())),
            Cause::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, Some("temporarily_unavailable")),
        };
        let description = Description::new(self);
        let mut response = match error {
            Some(error) => {
                answer(status, &json!({ "error": error, "error_description": description.as_str() }))
            }
            None => answer(status, &json!({})),
        };
        if status == StatusCode::UNAUTHORIZED {
            let detail = error.map(|error| format!("error=\"{error}\", error_description=\"{description}\""));
            self.challenge(&mut response, detail.as_deref());
        }
        if let Cause::Dpop(DpopError::Nonce { next }) = &self.cause {
            put(&mut response, DPOP_NONCE, next);
        }
        response.extensions_mut().insert(Rule(self.code()));
        response
    }

    fn challenge(&self, response: &mut Response<Vec<u8>>, detail: Option<&str>) {
        let comma = |detail: &str| format!(", {detail}");
        let algorithms = algorithm_names().join(" ");
        let dpop = format!("DPoP algs=\"{algorithms}\"{}", detail.map(comma).unwrap_or_default());
        let bearer = self.bearers.then(|| format!("Bearer {}", detail.unwrap_or("realm=\"sinpyo\"")));
        for text in bearer.into_iter().chain([dpop]) {
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().append(header::WWW_AUTHENTICATE, value);
            }
        }
    }
}
