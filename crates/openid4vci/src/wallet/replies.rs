//! What the responses to a [`Receiving`] mean.

use super::{
    Proposal, ReceiveError, Received,
    message::Envelope,
    receiving::{At, Receiving, Waiting},
};
use crate::{
    configuration::Format,
    refusal::ErrorCode,
    request::Wanted,
    response::{self, CredentialResponse},
};
use http::{Response, StatusCode, header};
use serde_json::Value;
use sinpyo_core::{json, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_oauth::client::{ReplyError, Tokens};
use std::time::Duration;

/// How long to wait if an issuer says "too soon" and not how long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest wait that is believed.
const MAX_WAIT: u64 = 30 * 86_400;

impl Receiving<'_> {
    /// Takes the response to the request that [`Receiving::next`] made.
    ///
    /// # Errors
    /// The server or the issuer refuses, or answers something else. After a status of 429 or 5xx, [`Receiving::next`]
    /// makes the request anew: an issuer of this library does not issue twice for it.
    pub fn supply(&mut self, response: &Response<Vec<u8>>, now: Timestamp) -> Result<(), ReceiveError> {
        match std::mem::replace(&mut self.at, At::Failed) {
            At::Push(order) => match self.client.read_pushed(response, now) {
                Ok(pushed) => self.at = At::Browse(order, pushed),
                Err(ReplyError::Again) => self.at = At::Push(order),
                Err(error) => return Err(ReceiveError::Reply(error)),
            },
            At::Redeem(redeemed) => match self.client.read_tokens(response, now) {
                Ok(tokens) => self.begin_with(tokens)?,
                Err(ReplyError::Again) => self.at = At::Redeem(redeemed),
                Err(error) => return Err(ReceiveError::Reply(error)),
            },
            At::Nonce => {
                self.learn(response);
                if response.status() != StatusCode::OK {
                    self.at = At::Nonce;
                    return Err(ReceiveError::Status(response.status().as_u16()));
                }
                self.at = At::Prove(Some(response::c_nonce(response.body())?));
            }
            At::Ask(keys, envelope) => {
                if self.is_asked_again(response) || is_passing(response.status()) {
                    self.at = At::Ask(keys, None);
                    return self.passing(response);
                }
                let bound = keys.map(|keys| keys.keys).unwrap_or_default();
                self.answered(response, envelope.as_ref(), bound, now)?;
            }
            At::Collect(waiting, envelope) => {
                if response.status() == StatusCode::TOO_MANY_REQUESTS {
                    let until = now.plus(retry_after(response));
                    self.at = At::Wait { waiting, until }; // [VCI-DEF-03]
                    return Ok(());
                }
                if self.is_asked_again(response) || is_passing(response.status()) {
                    self.at = At::Collect(waiting, None);
                    return self.passing(response);
                }
                self.answered(response, envelope.as_ref(), waiting.keys, now)?;
            }
            At::Notify(notification) => {
                // Whether the issuer has heard does not change what the wallet has.
                let again = self.is_asked_again(response);
                self.at = if again { At::Notify(notification) } else { At::Begin };
            }
            other => {
                self.at = other;
                return Err(ReceiveError::OutOfOrder); // [VCI-ERR-02]
            }
        }
        Ok(())
    }

    /// With identifiers if the token response has any, then by them and in no other way. [VCI-CRQ-01]
    fn begin_with(&mut self, tokens: Tokens) -> Result<(), ReceiveError> {
        let Proposal { metadata, server, .. } = self.proposal;
        // An issuer may name any server as its own: what is issued for a good one would be the bad one's to use.
        if !tokens.is_bound && server.issuer.as_str() != metadata.issuer.as_str() {
            return Err(ReceiveError::Bearer); // [VCI-TOK-10]
        }
        if !tokens.details.is_empty() {
            let configurations = std::mem::take(&mut self.wanted);
            for (id, _) in configurations {
                let granted = tokens.details.iter().find(|granted| granted.configuration_id == id);
                let identifiers = &granted.ok_or(ReceiveError::Configuration)?.identifiers;
                self.wanted
                    .extend(identifiers.iter().map(|own| (id.clone(), Wanted::Identifier(own.clone()))));
            }
        }
        self.tokens = Some(tokens);
        self.at = At::Begin;
        Ok(())
    }

    /// A final answer of the credential or deferred endpoint.
    fn answered(
        &mut self,
        response: &Response<Vec<u8>>,
        envelope: Option<&Envelope>,
        keys: Vec<VerifyingKey>,
        now: Timestamp,
    ) -> Result<(), ReceiveError> {
        if !response.status().is_success() {
            return self.refused(response);
        }
        let envelope = envelope.ok_or(ReceiveError::OutOfOrder)?;
        let text = envelope.open(response.headers(), response.body())?;
        match CredentialResponse::parse(response.status().as_u16(), &text)? {
            CredentialResponse::Ready { credentials, notification_id } => {
                let (configuration_id, _) = self.wanted.pop_front().ok_or(ReceiveError::OutOfOrder)?;
                self.renewed = false;
                self.check_shape(&configuration_id, &credentials, keys.len())?;
                let received = Received { configuration_id, credentials, keys, notification_id };
                self.at = At::Report(received); // [VCI-CRS-06]
            }
            CredentialResponse::Deferred { transaction_id, interval } => {
                let until = now.plus(Duration::from_secs(interval));
                self.at = At::Wait { waiting: Waiting { transaction_id, keys }, until };
            }
        }
        Ok(())
    }

    /// No more than keys, and each in the JSON form of its format.
    fn check_shape(&self, id: &str, credentials: &[Value], keys: usize) -> Result<(), ReceiveError> {
        let format = self.proposal.metadata.configurations.get(id).map(|one| &one.format);
        let fits = |credential: &Value| match format {
            Some(Format::DataIntegrity { .. }) => credential.is_object(),
            Some(Format::Other(_)) => true,
            _ => credential.is_string(),
        };
        if credentials.len() > keys.max(1) || !credentials.iter().all(fits) {
            return Err(ReceiveError::Credentials); // [VCI-CRS-01b]
        }
        Ok(())
    }

    fn refused(&mut self, response: &Response<Vec<u8>>) -> Result<(), ReceiveError> {
        let error = json::parse_object(response.body()).ok();
        let error = error.as_ref().and_then(|members| members.get("error")?.as_str());
        match error.and_then(ErrorCode::parse) {
            Some(ErrorCode::InvalidNonce) if !self.renewed => {
                self.renewed = true;
                self.at = At::Nonce; // [VCI-ERR-01e]
                Ok(())
            }
            Some(code) => Err(ReceiveError::Refused(code)),
            None => Err(ReceiveError::Status(response.status().as_u16())), // [VCI-CRQ-06a]
        }
    }

    /// Whether the token was refused only because its proof needs a nonce that came with the response; once.
    fn is_asked_again(&mut self, response: &Response<Vec<u8>>) -> bool {
        self.learn(response);
        let challenges = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let mut texts = challenges.filter_map(|value| value.to_str().ok());
        let wants_nonce = texts.any(|text| text.contains("use_dpop_nonce"));
        let again = response.status() == StatusCode::UNAUTHORIZED && wants_nonce && !self.is_second;
        self.is_second = again;
        again
    }

    /// Nothing was decided: the request is made anew, now or later.
    fn passing(&self, response: &Response<Vec<u8>>) -> Result<(), ReceiveError> {
        if self.is_second { Ok(()) } else { Err(ReceiveError::Status(response.status().as_u16())) }
    }

    fn learn(&mut self, response: &Response<Vec<u8>>) {
        let url = self.proposal.metadata.credential_endpoint.as_str();
        self.client.learn(url, response.headers());
    }
}

/// Whether a later attempt may fare better.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

fn retry_after(response: &Response<Vec<u8>>) -> Duration {
    let header = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.parse().ok()).filter(|seconds| *seconds <= MAX_WAIT);
    seconds.map_or(PATIENCE, Duration::from_secs)
}
