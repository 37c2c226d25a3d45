//! What a server's answers mean.

use super::{Client, ServerMetadata};
use crate::{description::Description, form::Form};
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use sinpyo_core::{Secret, json, time::Timestamp};
use sinpyo_crypto::mac;
use std::time::Duration;

/// Longest answer that is read, in bytes.
const MAX_LENGTH: usize = 256 << 10;

/// A request that the server keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Its name, for the browser.
    pub request_uri: String,
    /// Until when it is kept.
    pub expires: Timestamp,
}

/// What a code bought.
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access: Secret<String>,
    /// Whether it is bound to the wallet's key.
    pub is_bound: bool,
    /// Until when it is good, if the server says.
    pub expires: Option<Timestamp>,
    /// The refresh token.
    pub refresh: Option<Secret<String>>,
    /// What is granted by name. If there is any, credentials are asked for by its identifiers and in no other way
    /// [OpenID4VCI 1.0 §8.2].
    pub details: Vec<GrantedDetails>,
}

/// One granted credential configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedDetails {
    /// The configuration.
    pub configuration_id: String,
    /// The datasets, at least one.
    pub identifiers: Vec<String>,
}

impl Client<'_> {
    /// Reads the answer to [`Client::challenge`].
    ///
    /// # Errors
    /// It brings no challenge.
    pub fn read_challenge(&mut self, answer: &Response<Vec<u8>>) -> Result<(), ReplyError> {
        let url = self.server.challenge_endpoint.clone().unwrap_or_default();
        let members = self.read(&url, answer)?;
        self.learnt.challenge = Some(text(&members, "attestation_challenge")?.to_owned());
        Ok(())
    }

    /// Reads the answer to [`Client::push`].
    ///
    /// # Errors
    /// The server refuses, or answers something else.
    pub fn read_pushed(&mut self, answer: &Response<Vec<u8>>, now: Timestamp) -> Result<Pushed, ReplyError> {
        let url = self.server.pushed_authorization_request_endpoint.clone().unwrap_or_default();
        let members = self.read(&url, answer)?;
        let request_uri = text(&members, "request_uri")?.to_owned();
        let expires = lifetime(&members)?.ok_or(ReplyError::Form)?;
        Ok(Pushed { request_uri, expires: now.plus(expires) })
    }

    /// Reads the answer to [`Client::token`].
    ///
    /// # Errors
    /// The server refuses, answers something else, or gives a token that is not bound to the key that was proven.
    pub fn read_tokens(&mut self, answer: &Response<Vec<u8>>, now: Timestamp) -> Result<Tokens, ReplyError> {
        let url = self.server.token_endpoint.clone();
        let members = self.read(&url, answer)?;
        let kind = text(&members, "token_type")?;
        let is_bound = kind.eq_ignore_ascii_case("DPoP");
        let is_bearer = kind.eq_ignore_ascii_case("Bearer");
        // A server that has proofs of possession and hands out a token for anybody has been tampered with, or the answer.
        let downgraded = is_bearer && self.dpop.is_some() && !self.server.dpop_algorithms.is_empty();
        if downgraded || !(is_bound || is_bearer) || (is_bound && self.dpop.is_none()) {
            return Err(ReplyError::TokenType); // [OAU-39]
        }
        let refresh = members.get("refresh_token").map(|_| text(&members, "refresh_token")).transpose()?;
        Ok(Tokens {
            access: Secret::new(text(&members, "access_token")?.to_owned()),
            is_bound,
            expires: lifetime(&members)?.map(|lifetime| now.plus(lifetime)),
            refresh: refresh.map(|refresh| Secret::new(refresh.to_owned())),
            details: details(&members)?,
        })
    }

    /// The members of a good answer from `url`.
    fn read(&mut self, url: &str, answer: &Response<Vec<u8>>) -> Result<Map<String, Value>, ReplyError> {
        self.learn(url, answer.headers());
        if answer.body().len() > MAX_LENGTH {
            return Err(ReplyError::Form); // [OAU-38]
        }
        let members = json::parse_object(answer.body()).map_err(|_| ReplyError::Form); // [OAU-38]
        if matches!(answer.status(), StatusCode::OK | StatusCode::CREATED) {
            self.learnt.asked.clear();
            return members;
        }
        let members = members?;
        let error = text(&members, "error")?;
        let is_asking = ["use_dpop_nonce", "use_attestation_challenge"].contains(&error);
        if is_asking && self.learnt.asked.insert(error.to_owned()) {
            return Err(ReplyError::Again);
        }
        self.learnt.asked.clear();
        let detail = members.get("error_description").and_then(Value::as_str).unwrap_or_default();
        Err(ReplyError::Refused { error: Description::new(&error), detail: Description::new(&detail) }) // [OAU-37]
    }
}

/// The code that a browser brought back, in the query of the address it was sent to.
///
/// # Errors
/// The answer is not to the request with `state`, not by this server, or the user or the server declined.
pub fn read_redirect(
    query: &str,
    state: &str,
    server: &ServerMetadata,
) -> Result<Secret<String>, RedirectError> {
    let form = Form::parse(query.as_bytes()).map_err(|_| RedirectError::Form)?;
    let sent = form.get("state").unwrap_or_default();
    if !mac::equal(sent.as_bytes(), state.as_bytes()) {
        return Err(RedirectError::State); // [OAU-34]
    }
    match form.get("iss") {
        Some(iss) if iss != server.issuer.as_str() => return Err(RedirectError::Issuer), // [OAU-35]
        None if server.names_itself => return Err(RedirectError::Issuer),                // [OAU-35]
        _ => {}
    }
    if let Some(error) = form.get("error") {
        return Err(RedirectError::Declined(Description::new(&error))); // [OAU-36]
    }
    form.get("code").map(|code| Secret::new(code.to_owned())).ok_or(RedirectError::Form)
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m str, ReplyError> {
    let text = members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or(ReplyError::Form) // [OAU-38]
}

fn lifetime(members: &Map<String, Value>) -> Result<Option<Duration>, ReplyError> {
    let Some(seconds) = members.get("expires_in") else { return Ok(None) };
    seconds.as_u64().map(|seconds| Some(Duration::from_secs(seconds))).ok_or(ReplyError::Form)
}

fn details(members: &Map<String, Value>) -> Result<Vec<GrantedDetails>, ReplyError> {
    let Some(entries) = members.get("authorization_details") else { return Ok(Vec::new()) };
    let entries = entries.as_array().ok_or(ReplyError::Form)?;
    let ours =
        entries.iter().filter(|entry| entry.get("type").is_some_and(|kind| kind == "openid_credential"));
    let granted = ours.map(|entry| {
        let configuration_id = entry.get("credential_configuration_id")?.as_str()?.to_owned();
        let identifiers = entry.get("credential_identifiers")?.as_array()?;
        let identifiers = identifiers.iter().map(|id| id.as_str().map(str::to_owned));
        let identifiers = identifiers.collect::<Option<Vec<_>>>().filter(|ids| !ids.is_empty())?;
        Some(GrantedDetails { configuration_id, identifiers })
    });
    granted.collect::<Option<_>>().ok_or(ReplyError::Form)
}

/// Why an answer brings nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The server wants a nonce or challenge that came with this answer: make the request anew and send it. Said once in
    /// a row for either.
    #[error("the server wants the request again, with a nonce")]
    Again,
    /// OAU-37: the server refuses.
    #[error("the server refuses: {error}")]
    Refused {
        /// Its error code.
        error: Description,
        /// What it says about it; not for users.
        detail: Description,
    },
    /// OAU-38: not such an answer.
    #[error("the answer cannot be read")]
    Form,
    /// OAU-39: a token that is not bound to the wallet's key, or bound to one where it has none.
    #[error("the token is not bound as it should be")]
    TokenType,
}

impl ReplyError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Again | Self::Refused { .. } => "OAU-37",
            Self::Form => "OAU-38",
            Self::TokenType => "OAU-39",
        }
    }
}

/// Why a browser brought back no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// OAU-36: the query is not an answer.
    #[error("the answer of the authorization server cannot be read")]
    Form,
    /// OAU-34: an answer to another request.
    #[error("the answer is to another request")]
    State,
    /// OAU-35: another server's answer, or one that does not say whose it is.
    #[error("the answer is not by this server")]
    Issuer,
    /// OAU-36: the user declined, or the server refused.
    #[error("declined: {0}")]
    Declined(Description),
}

impl RedirectError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::State => "OAU-34",
            Self::Issuer => "OAU-35",
            Self::Form | Self::Declined(_) => "OAU-36",
        }
    }
}
