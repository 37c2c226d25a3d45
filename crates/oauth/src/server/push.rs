//! Pushed authorization requests [RFC 9126].

use super::{
    AuthorizationServer, Proofs, random,
    record::{ClientName, PUSHED, RequestRecord},
};
use crate::{
    ClientFault, DetailsError, DpopError, Locations, MAX_PUSHED, Naming, Refusal, RequestFault, Unregistered,
    authorization::{Location, requested_details, requested_scopes},
    form::Form,
    registered,
};
use http::HeaderMap;
use serde_json::{Value, json};
use sinpyo_core::{encoding::from_base64url, key::Entropy, time::Timestamp};
use sinpyo_state::retrying;

/// What request URIs begin with [RFC 9126 §2.2].
pub(super) const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// Longest `state`, `issuer_state` and the like, in bytes.
const MAX_PARAMETER: usize = 2048;

impl AuthorizationServer<'_> {
    /// Takes an authorization request from an authenticated client, and gives the body of the answer (201).
    ///
    /// # Errors
    /// The client does not prove who it is, or the request is not one that the server would put before a user.
    pub fn push(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Value, Refusal> {
        let form = Form::from_body(headers, body).map_err(RequestFault::Form)?;
        let mut proofs = Proofs::default();
        let client = self.authenticate((headers, &form), &mut proofs, now, entropy)?; // [VCI-AUT-04d]
        let client = client.ok_or(ClientFault::Missing)?; // [VCI-TOK-02e]
        let proof = self.proof(headers, "par", now, entropy)?;
        let mut request = self.request(&form, client)?;
        if let Some(proof) = proof {
            if request.jkt.is_some_and(|jkt| jkt != proof.jkt) {
                return Err(DpopError::OtherKey.into()); // [VCI-TOK-07i]
            }
            request.jkt = Some(proof.jkt);
            proofs.add(proof.once, || DpopError::Replayed.into());
        }
        let lifetime = self.settings.lifetimes.pushed.min(MAX_PUSHED); // [VCI-AUT-05]
        let uri = format!("{URN}{}", random(entropy));
        let pushed = self.insert(self.key(PUSHED, &uri), &request, now.plus(lifetime), entropy);
        retrying(|| {
            proofs.check(self.state, now)?;
            let changes: Vec<_> = proofs.changes().chain([pushed.clone()]).collect();
            Ok::<_, Refusal>(self.state.commit_owned(&changes))
        })?;
        Ok(json!({ "request_uri": uri, "expires_in": lifetime.as_secs() }))
    }

    /// The request in `form`, by `client`.
    fn request(&self, form: &Form, client: ClientName) -> Result<RequestRecord, Refusal> {
        if form.get("request_uri").is_some() || form.get("request").is_some() {
            return Err(RequestFault::Nested.into()); // [OAU-12]
        }
        let needed = |name| form.get(name).ok_or(RequestFault::Missing(name)); // [OAU-09]
        if needed("response_type")? != "code" {
            return Err(Refusal::ResponseType); // [OAU-11]
        }
        let redirect_uri = needed("redirect_uri")?.to_owned();
        self.check_redirect(&client.id, &redirect_uri)?;
        self.check_resource(form)?;
        let challenge = form.get("code_challenge").filter(|text| is_digest(text));
        let is_s256 = form.get("code_challenge_method") == Some("S256");
        let challenge = challenge.filter(|_| is_s256).ok_or(RequestFault::Challenge)?; // [VCI-AUT-04a]
        let jkt = form.get("dpop_jkt").map(str::to_owned);
        if jkt.as_deref().is_some_and(|jkt| !is_digest(jkt)) {
            return Err(DpopError::OtherKey.into()); // [VCI-TOK-07i]
        }
        let (configurations, naming) = self.asked(form)?;
        let text = |name| match form.get(name) {
            Some(text) if text.len() > MAX_PARAMETER => Err(RequestFault::TooLong), // [OAU-13]
            text => Ok(text.map(str::to_owned)),
        };
        Ok(RequestRecord {
            state: text("state")?,
            issuer_state: text("issuer_state")?,
            challenge: challenge.to_owned(),
            client,
            redirect_uri,
            jkt,
            configurations,
            naming,
        })
    }

    /// What the request asks for. Where both ways speak of a configuration, `authorization_details` decide; their
    /// presence decides for all how datasets are named.
    fn asked(&self, form: &Form) -> Result<(Vec<String>, Naming), Refusal> {
        let known = &self.settings.configurations;
        let scopes = form.get("scope").map(|scope| requested_scopes(scope, known)); // [VCI-AUT-03]
        let Some(details) = form.get("authorization_details") else {
            let ids = scopes.ok_or(RequestFault::Missing("scope"))?;
            return if ids.is_empty() { Err(Refusal::Scope) } else { Ok((ids, Naming::Configurations)) };
        };
        let mut ids = requested_details(details, self.location())?;
        if ids.iter().any(|id| !known.contains_key(id)) {
            return Err(DetailsError::Unknown.into()); // [VCI-AUT-01]
        }
        let others: Vec<_> = scopes.unwrap_or_default().into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(others);
        Ok((ids, Naming::Identifiers))
    }

    /// A token for a resource server that is not the one it works for would be handed to somebody else. [RFC 8707 §2]
    pub(super) fn check_resource(&self, form: &Form) -> Result<(), Refusal> {
        match form.get("resource") {
            Some(resource) if resource != self.settings.credential_issuer => Err(Refusal::Resource), // [OAU-44]
            _ => Ok(()),
        }
    }

    pub(super) fn location(&self) -> Location<'_> {
        Location {
            credential_issuer: &self.settings.credential_issuer,
            required: self.settings.locations == Locations::Required,
        }
    }

    fn check_redirect(&self, client: &str, uri: &str) -> Result<(), RequestFault> {
        let allowed = match self.settings.clients.get(client) {
            Some(known) => known.redirects.iter().any(|redirect| redirect.allows(uri)),
            // Who gets here unregistered is attested, and the request comes from it and not from a browser.
            None => self.settings.unregistered == Unregistered::Attested && !registered::is_open(uri),
        };
        if allowed && registered::is_sound(uri) { Ok(()) } else { Err(RequestFault::RedirectUri) } // [VCI-AUT-06f]
    }
}

/// Whether `text` is SHA-256 as base64url.
fn is_digest(text: &str) -> bool {
    from_base64url(text).is_ok_and(|bytes| bytes.len() == 32)
}
