//! From a pushed request to a user's decision and an authorization code.

use super::{
    AuthorizationServer, random,
    record::{CODE, CodeRecord, Found, INTERACTION, LiveCode, PUSHED, RequestRecord},
};
use crate::{
    Authorization, MAX_CODE,
    form::{Form, FormError, encode},
};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{CommitError, Unavailable, retrying};
use std::fmt;

/// Finds a request before whose user a page lies. Whoever has it decides: it belongs into a cookie or a hidden field.
#[derive(Clone, PartialEq, Eq)]
pub struct InteractionId(String);

impl InteractionId {
    /// An identifier that came back.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InteractionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InteractionId(..)")
    }
}

/// What a user is to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Finds it again.
    pub id: InteractionId,
    /// Who asks, as it proved.
    pub client: String,
    /// For which credential configurations.
    pub configurations: Vec<String>,
    /// What the offer said, if there was one. Anybody may have put it there: it proves nothing about the user
    /// [OpenID4VCI 1.0 §5.1.3].
    pub issuer_state: Option<String>,
}

impl AuthorizationServer<'_> {
    /// Begins with what the browser brings to `authorize`: the query of its URL. Works once for a pushed request; the page
    /// that follows has an address of its own, with the interaction.
    ///
    /// # Errors
    /// There is no such request. That is told on a page: nobody may be redirected.
    pub fn begin(
        &self,
        query: &str,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Interaction, BeginError> {
        let form = Form::parse(query.as_bytes())?;
        let uri = form.get("request_uri").ok_or(BeginError::NotPushed)?; // [VCI-AUT-04b]
        let client = form.get("client_id").ok_or(BeginError::Unknown)?;
        let id = InteractionId(random(entropy));
        retrying(|| {
            let pushed = self.find::<RequestRecord>(self.key(PUSHED, uri), now)?;
            let pushed = pushed.filter(|pushed| pushed.value.client.id == client);
            let pushed = pushed.ok_or(BeginError::Unknown)?; // [VCI-AUT-05]
            let request = pushed.value.clone();
            let expires = now.plus(self.settings.lifetimes.interaction);
            let place = self.key(INTERACTION, id.as_str());
            let changes = [pushed.remove(), self.insert(place, &request, expires, entropy)];
            Ok(self.state.commit_owned(&changes).map(|()| interaction(&id, request)))
        })
    }

    /// What is to be decided, until it is.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn interaction(
        &self,
        id: &InteractionId,
        now: Timestamp,
    ) -> Result<Option<Interaction>, Unavailable> {
        let found = self.find::<RequestRecord>(self.key(INTERACTION, id.as_str()), now)?;
        Ok(found.map(|found| interaction(id, found.value)))
    }

    /// The user, who proved to be whom `authorization` is about, agrees. The address to which the browser is sent.
    ///
    /// # Errors
    /// It was decided already or took too long; the authorization goes beyond what was asked for, or covers nothing.
    pub fn approve(
        &self,
        id: &InteractionId,
        authorization: &Authorization,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<String, DecideError> {
        let code = random(entropy);
        self.decide(id, now, |found| {
            let asked = &found.value.configurations;
            let granted = &authorization.configurations;
            let within = granted
                .iter()
                .all(|granted| asked.contains(&granted.configuration_id) && !granted.identifiers.is_empty());
            if granted.is_empty() || !within {
                return Err(DecideError::Beyond); // [OAU-24]
            }
            let live = LiveCode { request: found.value.clone(), authorization: authorization.clone().into() };
            let expires = now.plus(self.settings.lifetimes.code.min(MAX_CODE)); // [VCI-AUT-06]
            let live = CodeRecord::Live(Box::new(live));
            let record = self.insert(self.key(CODE, &code), &live, expires, entropy);
            let target = self.back(&found.value, &[("code", &code)]);
            Ok((target, self.state.commit_owned(&[found.remove(), record])))
        })
    }

    /// The user declines. The address to which the browser is sent.
    ///
    /// # Errors
    /// It was decided already or took too long.
    pub fn deny(&self, id: &InteractionId, now: Timestamp) -> Result<String, DecideError> {
        self.decide(id, now, |found| {
            let target = self.back(&found.value, &[("error", "access_denied")]);
            Ok((target, self.state.commit_owned(&[found.remove()])))
        })
    }

    fn decide(
        &self,
        id: &InteractionId,
        now: Timestamp,
        mut decision: impl FnMut(Found<RequestRecord>) -> Result<(String, Result<(), CommitError>), DecideError>,
    ) -> Result<String, DecideError> {
        retrying(|| {
            let found = self.find::<RequestRecord>(self.key(INTERACTION, id.as_str()), now)?;
            let found = found.ok_or(DecideError::Unknown)?; // [OAU-23]
            let (target, committed) = decision(found)?;
            Ok(committed.map(|()| target))
        })
    }

    /// The address that takes the answer `fields` to the client, with `state` and the server's name [RFC 9207].
    fn back(&self, request: &RequestRecord, fields: &[(&str, &str)]) -> String {
        let state = request.state.as_deref().map(|state| ("state", state));
        let issuer = ("iss", self.settings.issuer.as_str()); // [VCI-AUT-04c]
        let query = encode(fields.iter().copied().chain(state).chain([issuer]));
        let uri = &request.redirect_uri;
        let joint = if uri.contains('?') { '&' } else { '?' };
        format!("{uri}{joint}{query}")
    }
}

fn interaction(id: &InteractionId, request: RequestRecord) -> Interaction {
    let RequestRecord { client, configurations, issuer_state, .. } = request;
    Interaction { id: id.clone(), client: client.id, configurations, issuer_state }
}

/// Why no decision is put before the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeginError {
    /// The query cannot be read.
    #[error(transparent)]
    Form(#[from] FormError),
    /// VCI-AUT-04b: the request was not pushed.
    #[error("authorization requests have to be pushed")]
    NotPushed,
    /// VCI-AUT-05: the request URI is unknown, expired, used, or another client's.
    #[error("the request is unknown, expired or used")]
    Unknown,
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl BeginError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::NotPushed => "VCI-AUT-04b",
            Self::Unknown => "VCI-AUT-05",
            Self::Unavailable(error) => error.code(),
        }
    }
}

/// Why a decision has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecideError {
    /// OAU-23: nothing of this name waits for a decision.
    #[error("nothing waits for this decision any more")]
    Unknown,
    /// OAU-24: the authorization covers nothing, or what was not asked for.
    #[error("the authorization goes beyond the request, or covers nothing")]
    Beyond,
    /// The state cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl DecideError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "OAU-23",
            Self::Beyond => "OAU-24",
            Self::Unavailable(error) => error.code(),
        }
    }
}
