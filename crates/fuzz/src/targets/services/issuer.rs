//! The issuer's service.

use super::{FORM, JSON, OK, SKIPPED, member, now, outcome, token_request, vcapi, written};
use crate::Outcome;
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    resolved::Resolved,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_issuer_api::{Identities, Identity, ManagementClient, Reply, Service, Settings, Standing, Tenant};
use sinpyo_state::MemoryState;
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_web::limit::Rate;
use std::{cell::RefCell, net::IpAddr, sync::Arc};

const BASE: &str = "https://issuer.example";

#[derive(Debug)]
struct Keys(Arc<Identity>);

impl Identities for Keys {
    fn identity(&self, name: &str) -> Option<Arc<Identity>> {
        (name == "org").then(|| Arc::clone(&self.0))
    }
}

fn identity() -> Arc<Identity> {
    let id: sinpyo_core::did::KeyId = "did:web:issuer.example#key-1".parse().expect("a key id");
    let key = key(Algorithm::Es256, 1);
    let method = VerificationMethod {
        id: id.clone(),
        controller: id.did(),
        key: PublicKeyMaterial::Multikey(key.verifying_key().to_multikey()),
        revoked: None,
    };
    let document = Resolved::immutable(DidDocument::new(id.did()).with_key(method, &[AssertionMethod]));
    let standing = Standing { document: Some(document), ..Standing::default() };
    Arc::new(Identity::new(Arc::new(KeySigner::new(id, key)), standing).expect("an identity"))
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A service with a tenant, a client and an offer, the same each time.
struct World {
    service: Service,
    requests: Vec<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let state = Arc::new(MemoryState::new());
        let base = BASE.parse().expect("an origin");
        let mut entropy = TestEntropy::new(77);
        let settings = Settings::new(base, Secret::new([9; 32]), state, Arc::new(Keys(identity())));
        let mut settings = settings.expect("settings");
        let rate = Rate { burst: u32::MAX, per_second: u32::MAX };
        settings.rates = (rate, rate);
        let service = Service::open(settings, now(), &mut entropy).expect("a memory");
        let wallet = json!({"client_id": "wallet", "redirect_uris": ["https://wallet.example/back"], "authentication": "public"});
        let tenant = json!({"id": "busan", "name": {"ko": "부산", "en": "Busan"}, "identity": "org", "wallets": [wallet]});
        let tenant = Tenant::parse(object(tenant)).expect("a tenant");
        service.tenants().enter(&tenant).expect("a memory");
        let jwk = Value::Object(key(Algorithm::Es256, 1).verifying_key().to_jwk().members().clone());
        let client = json!({"id": "client", "keys": [jwk], "scope": "issue status read admin"});
        let client = ManagementClient::parse(object(client)).expect("a client");
        service.clients().enter(&client).expect("a memory");
        let mut world = Self { service, requests: Vec::new() };
        world.prepare();
        world
    }

    fn send(&self, request: &Request<Vec<u8>>, seed: u64) -> Option<Response<Vec<u8>>> {
        let peer = IpAddr::from([192, 0, 2, 7]);
        match self.service.answer(request, peer, now(), &mut TestEntropy::new(seed)) {
            Reply::Response(response) => Some(response),
            Reply::Feed(_) => None,
        }
    }

    /// Gets a token and makes an offer; all that can be asked is kept as requests.
    fn prepare(&mut self) {
        let form = token_request(&format!("{BASE}/manage/token"), "issue status read admin");
        let ask = written("POST", &format!("{BASE}/manage/token"), &[FORM], &form);
        let response = self.send(&vcapi::parse(&ask).expect("a request"), 1).expect("an answer");
        let bearer = format!("authorization: Bearer {}", member(&response, "access_token"));
        let claims = json!({"family_name": "남궁", "given_name": "별하나", "birth_date": "2008-03-02", "region_sido": "26",
            "postal_code": "48058", "road_address": "부산광역시 해운대구 센텀중앙로 97"});
        let order = json!({"configurations": ["K01-sd-jwt"], "claims": claims, "tx_code": false}).to_string();
        let manage = |method: &str, path: &str, body: &str| {
            written(method, &format!("{BASE}/manage/{path}"), &[JSON, &bearer], body)
        };
        let offer = manage("POST", "busan/offers", &order);
        let response = self.send(&vcapi::parse(&offer).expect("a request"), 2).expect("an answer");
        let link = member(&response, "link");
        let code = link.split("pre-authorized_code%22%3A%22").nth(1).and_then(|rest| rest.split('%').next());
        let redeem = sinpyo_oauth::form::encode([
            ("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
            ("pre-authorized_code", code.unwrap_or_default()),
            ("client_id", "wallet"),
        ]);
        let at = |path: &str| format!("{BASE}{path}");
        let credential =
            json!({"credential_configuration_id": "K01-sd-jwt", "proofs": {"jwt": ["a.b.c"]}}).to_string();
        let push = "response_type=code&client_id=wallet&redirect_uri=https%3A%2F%2Fwallet.example%2Fback&scope=K01-sd-jwt&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        self.requests = vec![
            ask,
            offer,
            manage("GET", "busan/offers", ""),
            manage("GET", "busan/credentials?limit=3", ""),
            manage("GET", "busan/audit", ""),
            manage("GET", "tenants", ""),
            manage(
                "PUT",
                "tenants/seoul",
                r#"{"id":"seoul","name":{"ko":"서울","en":"Seoul"},"identity":"org","wallets":[]}"#,
            ),
            manage(
                "POST",
                "busan/webhooks",
                r#"{"url":"https://hooks.example/x","events":["credential.issued"]}"#,
            ),
            written(
                "GET",
                &at("/.well-known/openid-credential-issuer/busan"),
                &["accept: application/json", "accept-language: ko"],
                "",
            ),
            written("GET", &at("/.well-known/oauth-authorization-server/busan"), &[], ""),
            written("POST", &at("/busan/token"), &[FORM], &redeem),
            written("POST", &at("/busan/nonce"), &[], ""),
            written(
                "POST",
                &at("/busan/credential"),
                &[JSON, "authorization: DPoP abc", "dpop: a.b.c"],
                &credential,
            ),
            written(
                "POST",
                &at("/busan/deferred_credential"),
                &[JSON, "authorization: Bearer abc"],
                r#"{"transaction_id":"t"}"#,
            ),
            written(
                "POST",
                &at("/busan/notification"),
                &[JSON, "authorization: Bearer abc"],
                r#"{"notification_id":"n","event":"credential_accepted"}"#,
            ),
            written("POST", &at("/busan/par"), &[FORM], push),
            written(
                "GET",
                &at("/busan/authorize?client_id=wallet&request_uri=urn:x"),
                &["accept-language: en"],
                "",
            ),
            written(
                "POST",
                &at("/admin/login"),
                &[FORM, "origin: https://issuer.example", "sec-fetch-site: same-origin"],
                "csrf=a&name=b&password=c",
            ),
            written(
                "GET",
                &at("/admin"),
                &["cookie: __Host-issuer=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
                "",
            ),
            written("GET", &at("/busan/status/1"), &["accept: application/statuslist+jwt"], ""),
            written("GET", &at("/openapi.json"), &[], ""),
        ];
    }
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    WORLD.with_borrow(|world| world.requests.clone())
}

/// Every request is answered, and never with the server's fault.
pub(crate) fn ask(input: &[u8]) -> Outcome {
    let Some(request) = vcapi::parse(input) else { return SKIPPED };
    WORLD.with_borrow_mut(|world| {
        let Some(response) = world.send(&request, 5) else { return "feed" };
        let outcome = outcome(&request, &response);
        if outcome == OK && !request.method().is_safe() {
            *world = World::new();
        }
        outcome
    })
}
