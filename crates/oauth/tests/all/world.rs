//! One tenant's server, and wallets that speak to it.

use http::{Method, Request, Response, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, prepare};
use sinpyo_oauth::{
    Admitted, Attesters, Authentication, Authorization, AuthorizationServer, DpopNonces, FamilyId, Granted,
    NotAdmitted, PreAuthorized, RedirectUri, RegisteredClient, Rule, ServerSettings, TxCode,
    client::{
        AuthorizationOrder, Client, Identity, Pkce, Redeem, ReplyError, ServerMetadata, Tokens, read_redirect,
    },
    url::{IssuerId, Transport},
};
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::{TestEntropy, key};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub(crate) const ISSUER: &str = "https://issuer.example/t1";
pub(crate) const CALLBACK: &str = "https://wallet.example/cb";
pub(crate) const CREDENTIAL: &str = "https://issuer.example/t1/credential";

pub(crate) struct World {
    pub(crate) settings: ServerSettings,
    pub(crate) state: MemoryState,
    pub(crate) entropy: TestEntropy,
    pub(crate) now: Timestamp,
    pub(crate) metadata: ServerMetadata,
}

pub(crate) fn instance_key() -> SigningKey {
    key(Algorithm::Es256, 41)
}

pub(crate) fn provider_key() -> SigningKey {
    key(Algorithm::Es256, 42)
}

pub(crate) fn confidential_key() -> SigningKey {
    key(Algorithm::Ed25519, 43)
}

pub(crate) fn dpop_key() -> SigningKey {
    key(Algorithm::Es256, 44)
}

pub(crate) fn provider() -> Attesters {
    Attesters { keys: vec![provider_key().verifying_key().clone()], ..Attesters::default() }
}

pub(crate) fn settings() -> ServerSettings {
    let issuer = IssuerId::parse(ISSUER, Transport::Https).unwrap();
    let mut settings = ServerSettings::new(issuer, &Secret::new([7; 32]));
    let client = |authentication| RegisteredClient {
        authentication,
        redirects: vec![
            RedirectUri::Exact(CALLBACK.to_owned()),
            RedirectUri::Exact("https://wallet.example/cb2?tab=1".to_owned()),
        ],
    };
    let confidential = vec![confidential_key().verifying_key().clone()];
    settings.clients = BTreeMap::from([
        ("wallet".to_owned(), client(Authentication::Public)),
        ("other".to_owned(), client(Authentication::Public)),
        ("confidential".to_owned(), client(Authentication::PrivateKeyJwt(confidential))),
        ("attested".to_owned(), client(Authentication::Attestation(Arc::new(provider())))),
    ]);
    settings.attesters.keys = vec![provider_key().verifying_key().clone()];
    settings.configurations = BTreeMap::from([
        ("pid".to_owned(), Some("identity".to_owned())),
        ("mdl".to_owned(), Some("driving".to_owned())),
        ("plain".to_owned(), None),
    ]);
    settings
}

pub(crate) fn authorization() -> Authorization {
    let granted = |id: &str, identifiers: &[&str]| Granted {
        configuration_id: id.to_owned(),
        identifiers: identifiers.iter().map(|id| (*id).to_owned()).collect(),
    };
    Authorization {
        subject: "row-17".to_owned(),
        configurations: vec![granted("pid", &["pid-17"]), granted("mdl", &["mdl-17a", "mdl-17b"])],
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    /// A world whose proofs of possession need no nonce.
    pub(crate) fn without_nonces() -> Self {
        let mut settings = settings();
        settings.dpop_nonces = DpopNonces::Offered;
        Self::with(settings)
    }

    pub(crate) fn with(settings: ServerSettings) -> Self {
        let state = MemoryState::new();
        let document = AuthorizationServer { settings: &settings, state: &state }.metadata().to_string();
        let metadata =
            ServerMetadata::parse(document.as_bytes(), &settings.issuer, Transport::Https).unwrap();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        Self { settings, state, entropy: TestEntropy::new(9), now, metadata }
    }

    pub(crate) fn server(&self) -> AuthorizationServer<'_> {
        AuthorizationServer { settings: &self.settings, state: &self.state }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = self.now.plus(time);
    }

    pub(crate) fn send(&mut self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let (parts, body) = request.into_parts();
        let server = AuthorizationServer { settings: &self.settings, state: &self.state };
        server.answer(&parts, &body, self.now, &mut self.entropy).expect("an endpoint of the server")
    }

    /// Sends a form to `{issuer}/{name}`.
    pub(crate) fn form(
        &mut self,
        name: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Response<Vec<u8>> {
        self.send(form(name, fields, headers))
    }

    pub(crate) fn offer(&mut self, tx_code: Option<&str>) -> String {
        let tx_code = tx_code.map(|text| TxCode::new(text.to_owned()));
        let lifetime = Duration::from_mins(10);
        let order = PreAuthorized { authorization: authorization(), tx_code: tx_code.as_ref(), lifetime };
        let server = AuthorizationServer { settings: &self.settings, state: &self.state };
        let (code, changes) = server.pre_authorize(order, self.now, &mut self.entropy);
        self.state.commit_owned(&changes).unwrap();
        code.as_str().to_owned()
    }

    /// Redeems what a wallet redeems, with as many retries as it makes.
    pub(crate) fn redeem(
        &mut self,
        client: &mut Client<'_>,
        redeem: Redeem<'_>,
    ) -> Result<Tokens, ReplyError> {
        for _ in 0..3 {
            let request = client.token(redeem, None, self.now, &mut self.entropy).unwrap();
            let answer = self.send(request);
            match client.read_tokens(&answer, self.now) {
                Err(ReplyError::Again) => {}
                done => return done,
            }
        }
        panic!("the server wants ever new nonces");
    }

    /// Pushes `order` and begins with it, as the browser does.
    pub(crate) fn begin(
        &mut self,
        client: &mut Client<'_>,
        order: &AuthorizationOrder<'_>,
        pkce: &Pkce,
    ) -> String {
        let pushed = loop {
            let request = client.push(order, pkce, self.now, &mut self.entropy).unwrap();
            let answer = self.send(request);
            match client.read_pushed(&answer, self.now) {
                Err(ReplyError::Again) => {}
                done => break done.unwrap(),
            }
        };
        client.authorization_url(&pushed).unwrap()
    }

    /// An authorization code, got with the user's consent.
    pub(crate) fn code(&mut self, client: &mut Client<'_>, pkce: &Pkce) -> Secret<String> {
        let url = self.begin(client, &order(), pkce);
        let server = AuthorizationServer { settings: &self.settings, state: &self.state };
        let interaction = server.begin(query(&url), self.now, &mut self.entropy).unwrap();
        let target = server.approve(&interaction.id, &authorization(), self.now, &mut self.entropy).unwrap();
        read_redirect(query(&target), "st-1", &self.metadata).unwrap()
    }

    pub(crate) fn pkce(&mut self) -> Pkce {
        Pkce::generate(&mut self.entropy)
    }

    /// Comes to the credential endpoint with `tokens`, as the wallet does that got them.
    pub(crate) fn call(&mut self, client: &Client<'_>, tokens: &Tokens) -> Result<Admitted, NotAdmitted> {
        let headers =
            client.authorize((&Method::POST, CREDENTIAL), tokens, self.now, &mut self.entropy).unwrap();
        let mut request = Request::post(CREDENTIAL).body(()).unwrap();
        *request.headers_mut() = headers;
        self.admit(request)
    }

    pub(crate) fn admit(&mut self, request: Request<()>) -> Result<Admitted, NotAdmitted> {
        let server = AuthorizationServer { settings: &self.settings, state: &self.state };
        server.admit(&request.into_parts().0, CREDENTIAL, self.now, &mut self.entropy)
    }

    pub(crate) fn revoke(&self, family: &FamilyId) {
        let changes = self.server().revoke(family, self.now).unwrap();
        self.state.commit_owned(&changes).unwrap();
    }
}

pub(crate) fn order() -> AuthorizationOrder<'static> {
    AuthorizationOrder {
        redirect_uri: CALLBACK,
        state: "st-1",
        scope: Some("identity driving unheard-of"),
        ..AuthorizationOrder::default()
    }
}

pub(crate) fn query(url: &str) -> &str {
    url.split_once('?').unwrap().1
}

pub(crate) fn form(name: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Request<Vec<u8>> {
    let body = sinpyo_oauth::form::encode(fields.iter().copied()).into_bytes();
    let mut request = Request::post(format!("{ISSUER}/{name}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

pub(crate) fn public() -> Identity<'static> {
    Identity::Public { client_id: "wallet" }
}

/// Status, error and rule of a refusal.
pub(crate) fn refusal(response: &Response<Vec<u8>>) -> (u16, String, &'static str) {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let described = body["error_description"].as_str().unwrap();
    let sendable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    assert!(described.chars().all(sendable), "{described}");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let Rule(rule) = *response.extensions().get::<Rule>().expect("a refusal");
    (response.status().as_u16(), body["error"].as_str().unwrap().to_owned(), rule)
}

pub(crate) fn rule(response: &Response<Vec<u8>>) -> &'static str {
    refusal(response).2
}

pub(crate) fn body(response: &Response<Vec<u8>>) -> Value {
    assert!(response.status().is_success(), "{}", String::from_utf8_lossy(response.body()));
    serde_json::from_slice(response.body()).unwrap()
}

/// A token as a test wants it.
pub(crate) fn token(typ: Typ, hint: KeyHint<'_>, claims: &Value, key: &SigningKey) -> String {
    let claims: Map<String, Value> = claims.as_object().unwrap().clone();
    let prepared = prepare(JwtHeader::new(typ, hint), &claims, key.verifying_key());
    let signature = key.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

/// A proof of possession for `{issuer}/{name}`, as the server wants it if it wants no nonce.
pub(crate) fn proof(name: &str, now: Timestamp, id: u64) -> String {
    let claims = json!({"htm": "POST", "htu": format!("{ISSUER}/{name}"), "iat": now.unix(), "jti": format!("id-{id}")});
    token(Typ::DPOP, KeyHint::Jwk, &claims, &dpop_key())
}

/// The object with `name` set to `value`, or without it.
pub(crate) fn changed(object: &Value, name: &str, value: Value) -> Value {
    let mut members = object.as_object().unwrap().clone();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}

pub(crate) fn fresh(entropy: &mut TestEntropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_be_bytes(bytes)
}
