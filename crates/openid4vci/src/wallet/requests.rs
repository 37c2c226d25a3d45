//! The requests of a [`Receiving`].

use super::{
    Proposal, ReceiveError,
    message::Envelope,
    receiving::{OwnKeys, ProofOrder, Proposed, Receiving, Redeemed, Waiting},
};
use crate::{
    address::WebAddress,
    member,
    request::{CredentialRequest, DeferredRequest, Wanted},
};
use http::{HeaderValue, Method, Request, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_oauth::client::{AuthorizationOrder, Redeem, RequestError, Tokens};

/// Whether the user can be asked for authorization: the offer says so, or says nothing and the server can. [VCI-OFF-03]
pub(super) fn may_ask(proposal: &Proposal) -> bool {
    let grants = &proposal.offer.grants;
    let types = proposal.server.grant_types.as_ref();
    let takes_codes = types.is_none_or(|types| types.iter().any(|kind| kind == "authorization_code"));
    let is_offered = grants.authorization_code.is_some() || grants.is_empty();
    is_offered && takes_codes && proposal.server.authorization_endpoint.is_some()
}

impl Receiving<'_> {
    pub(super) fn push(
        &self,
        order: &Proposed,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, ReceiveError> {
        let (scope, details) = (self.scope(), self.details().to_string());
        let grant = self.proposal.offer.grants.authorization_code.as_ref();
        let request = AuthorizationOrder {
            redirect_uri: &order.redirect_uri,
            state: &order.state,
            scope: scope.as_deref(),
            authorization_details: scope.is_none().then_some(details.as_str()),
            issuer_state: grant.and_then(|grant| grant.issuer_state.as_deref()), // [VCI-OFF-04]
        };
        Ok(self.client.push(&request, &order.pkce, now, entropy)?)
    }

    /// The scopes of all that is wanted, if each has one. [VCI-AUT-04]
    fn scope(&self) -> Option<String> {
        let configurations = &self.proposal.metadata.configurations;
        let scope = |(id, _): &(String, Wanted)| configurations.get(id)?.scope.clone();
        let scopes: Option<Vec<String>> = self.wanted.iter().map(scope).collect();
        scopes.map(|scopes| scopes.join(" "))
    }

    /// The `authorization_details` of all that is wanted.
    fn details(&self) -> Value {
        let metadata = &self.proposal.metadata;
        let detail = |(id, _): &(String, Wanted)| {
            let mut detail = Map::new();
            detail.insert("type".to_owned(), "openid_credential".into());
            detail.insert("credential_configuration_id".to_owned(), id.as_str().into());
            let locations = json!([metadata.issuer.as_str()]);
            let several = !metadata.authorization_servers.is_empty();
            member::put(&mut detail, "locations", several.then_some(locations)); // [VCI-AUT-02]
            Value::Object(detail)
        };
        self.wanted.iter().map(detail).collect()
    }

    pub(super) fn redeem(
        &self,
        redeemed: &Redeemed,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, ReceiveError> {
        let redeem = match redeemed {
            Redeemed::Code { code, order } => {
                let Proposed { redirect_uri, pkce, .. } = order;
                Redeem::Code { code: code.expose(), redirect_uri, pkce }
            }
            Redeemed::PreAuthorized { tx_code } => {
                let grant = self.proposal.offer.grants.pre_authorized.as_ref().ok_or(ReceiveError::Grant)?;
                let tx_code = tx_code.as_ref().map(|tx_code| tx_code.expose().as_str());
                Redeem::PreAuthorized { code: grant.code.expose(), tx_code }
            }
            Redeemed::Refresh(token) => Redeem::Refresh(token),
        };
        Ok(self.client.token(redeem, None, now, entropy)?)
    }

    /// A request without token and body.
    pub(super) fn plain_post(url: Option<&WebAddress>) -> Result<Request<Vec<u8>>, ReceiveError> {
        let url = url.ok_or(ReceiveError::OutOfOrder)?;
        Request::post(url.as_str()).body(Vec::new()).map_err(|_| RequestError::Endpoint.into())
    }

    /// A request with the token, and the proof that it is the wallet's own.
    pub(super) fn protected(
        &self,
        url: &str,
        (media, body): (&'static str, Vec<u8>),
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, ReceiveError> {
        let tokens: &Tokens = self.tokens.as_ref().ok_or(ReceiveError::OutOfOrder)?;
        let headers = self.client.authorize((&Method::POST, url), tokens, now, entropy)?;
        let mut request = Request::post(url).body(body).map_err(|_| RequestError::Endpoint)?;
        request.headers_mut().extend(headers);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        let accept = HeaderValue::from_static("application/json, application/jwt");
        request.headers_mut().insert(header::ACCEPT, accept);
        Ok(request)
    }

    pub(super) fn proof_order(&self, nonce: Option<String>) -> Result<ProofOrder, ReceiveError> {
        let (id, _) = self.wanted.front().ok_or(ReceiveError::OutOfOrder)?;
        let configuration = self.proposal.metadata.configurations.get(id);
        let binding = configuration.and_then(|one| one.binding.clone()).ok_or(ReceiveError::Configuration)?;
        Ok(ProofOrder {
            configuration_id: id.clone(),
            binding,
            nonce,
            client: self.client.identity.client_id().map(str::to_owned),
            batch_size: self.proposal.metadata.batch_size,
        })
    }

    pub(super) fn ask(
        &self,
        keys: Option<&OwnKeys>,
        envelope: Option<&Envelope>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, ReceiveError> {
        let envelope = envelope.ok_or(ReceiveError::OutOfOrder)?;
        let (_, wanted) = self.wanted.front().ok_or(ReceiveError::OutOfOrder)?;
        let request = CredentialRequest {
            wanted: wanted.clone(), // [VCI-CRQ-01]
            proofs: keys.map(|keys| keys.proofs.clone()),
            response_encryption: envelope.key.clone(),
        };
        let message = envelope.seal(&request.to_json(), entropy)?;
        self.protected(self.proposal.metadata.credential_endpoint.as_str(), message, now, entropy)
    }

    pub(super) fn collect(
        &self,
        waiting: &Waiting,
        envelope: Option<&Envelope>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Request<Vec<u8>>, ReceiveError> {
        let envelope = envelope.ok_or(ReceiveError::OutOfOrder)?;
        let endpoint = self.proposal.metadata.deferred_endpoint.as_ref().ok_or(ReceiveError::OutOfOrder)?;
        let request = DeferredRequest {
            transaction_id: waiting.transaction_id.clone(),
            response_encryption: envelope.key.clone(), // [VCI-DEF-01]
        };
        let message = envelope.seal(&request.to_json(), entropy)?;
        self.protected(endpoint.as_str(), message, now, entropy)
    }
}
