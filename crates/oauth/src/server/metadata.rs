//! What the server says about itself [RFC 8414].

use super::{AuthorizationServer, PRE_AUTHORIZED_GRANT};
use crate::{Anonymous, Authentication, Unregistered, proof_key::algorithm_names};
use http::{HeaderValue, Response, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Its document under `/.well-known/`.
pub(super) const NAME: &str = "oauth-authorization-server";

impl AuthorizationServer<'_> {
    /// The metadata document.
    pub fn metadata(&self) -> Value {
        let settings = self.settings;
        let algorithms = algorithm_names();
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("issuer", json!(settings.issuer.as_str()));
        put("authorization_endpoint", json!(settings.issuer.endpoint("authorize")));
        put("token_endpoint", json!(settings.issuer.endpoint("token")));
        put("pushed_authorization_request_endpoint", json!(settings.issuer.endpoint("par")));
        put("require_pushed_authorization_requests", json!(true));
        put("challenge_endpoint", json!(settings.issuer.endpoint("challenge")));
        put("response_types_supported", json!(["code"]));
        put("response_modes_supported", json!(["query"]));
        put("grant_types_supported", json!(self.grant_types()));
        put("code_challenge_methods_supported", json!(["S256"]));
        put("authorization_response_iss_parameter_supported", json!(true));
        put("authorization_details_types_supported", json!(["openid_credential"]));
        let scopes: BTreeSet<_> = settings.configurations.values().flatten().collect();
        put("scopes_supported", json!(scopes));
        put("token_endpoint_auth_methods_supported", json!(self.methods()));
        put("token_endpoint_auth_signing_alg_values_supported", json!(algorithms));
        put("client_attestation_signing_alg_values_supported", json!(algorithms));
        put("client_attestation_pop_signing_alg_values_supported", json!(algorithms));
        put("dpop_signing_alg_values_supported", json!(algorithms));
        let anonymous = settings.anonymous == Anonymous::Allowed;
        put("pre-authorized_grant_anonymous_access_supported", json!(anonymous)); // [VCI-TOK-04]
        Value::Object(members)
    }

    fn grant_types(&self) -> Vec<&'static str> {
        let refresh = self.settings.lifetimes.refresh.map(|_| "refresh_token");
        ["authorization_code", PRE_AUTHORIZED_GRANT].into_iter().chain(refresh).collect()
    }

    /// The ways in which clients that are known here authenticate.
    fn methods(&self) -> Vec<&'static str> {
        let known = || self.settings.clients.values().map(|known| &known.authentication);
        let attested = self.settings.unregistered == Unregistered::Attested
            || known().any(|way| matches!(way, Authentication::Attestation(_)));
        let asserted = known().any(|way| matches!(way, Authentication::PrivateKeyJwt(_)));
        let public = self.settings.anonymous == Anonymous::Allowed
            || known().any(|way| matches!(way, Authentication::Public));
        let ways = [(attested, "attest_jwt_client_auth"), (asserted, "private_key_jwt"), (public, "none")];
        ways.into_iter().filter_map(|(is_used, name)| is_used.then_some(name)).collect()
    }

    pub(super) fn metadata_response(&self) -> Response<Vec<u8>> {
        let mut response = Response::new(self.metadata().to_string().into_bytes());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
