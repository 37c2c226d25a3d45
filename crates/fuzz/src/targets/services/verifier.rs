//! The verifier's service.

use super::{FORM, JSON, OK, SKIPPED, member, now, outcome, token_request, vcapi, written};
use crate::Outcome;
use http::{Request, Response};
use serde_json::json;
use sinpyo_core::{Secret, accreditation::LocalizedName};
use sinpyo_crypto::Algorithm;
use sinpyo_openid4vp::{TransactionTypes, verifier::Lifetimes};
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_verifier::{Fact, Known};
use sinpyo_verifier_api::{
    Facts, Incoming, Names, Retention, Service, ServiceKey, Settings, Step, Wanted, client::Client,
    tenant::Tenant,
};
use sinpyo_web::site::Site;
use std::{cell::RefCell, net::IpAddr};

const BASE: &str = "https://verifier.example";

/// Nobody answers.
#[derive(Debug)]
struct Silence;

impl Facts for Silence {
    fn known(&self, _: &Wanted) -> Option<Known> {
        Some(Known { fact: Fact::Unavailable, as_of: now() })
    }
}

/// A service with a tenant, a client and an open request, the same each time.
struct World {
    service: Service,
    state: MemoryState,
    requests: Vec<Vec<u8>>,
    asked: u32,
}

fn settings() -> Settings {
    Settings {
        site: Site::new(BASE.parse().expect("an origin"), Vec::new()),
        operator: LocalizedName { ko: "검증".into(), en: "Verifier".into() },
        key: ServiceKey::new(Secret::new([9; 32])),
        names: Names::default(),
        lifetimes: Lifetimes::default(),
        retention: Retention::default(),
        transaction_types: TransactionTypes::new(),
        catalogue: |_| None,
    }
}

impl World {
    fn new() -> Self {
        let (service, state) = (Service::new(settings()), MemoryState::new());
        let name = LocalizedName { ko: "우체국".into(), en: "Post office".into() };
        let mut tenant = Tenant::new("posts".parse().expect("a name"), name);
        tenant.return_to = vec!["https://shop.example/back".to_owned()];
        let client = Client {
            id: "client".to_owned(),
            keys: vec![key(Algorithm::Es256, 1).verifying_key().clone()],
            scopes: sinpyo_oauth::access::Scopes::all(),
            tenant: None,
        };
        let changes = [tenant.change(&state, now()), client.change(&state, now())]
            .map(|change| change.expect("a memory"));
        state.commit_owned(&changes).expect("a memory");
        let mut world = Self { service, state, requests: Vec::new(), asked: 0 };
        world.prepare();
        world
    }

    fn send(&mut self, request: &Request<Vec<u8>>, seed: u64) -> Option<Response<Vec<u8>>> {
        self.asked = self.asked.wrapping_add(1);
        let peer = IpAddr::from(self.asked.to_be_bytes());
        let outside = sinpyo_verifier_api::World { state: &self.state, facts: &Silence, now: now() };
        let mut incoming = Incoming::new(request, peer);
        match self.service.answer(&mut incoming, &outside, &mut TestEntropy::new(seed)) {
            Step::Answer(response) => Some(response),
            Step::Follow(_) => None,
            Step::Need(wanted) => panic!("all is known: {wanted:?}"),
        }
    }

    /// Gets a token and opens a request; all that can be asked is kept as requests.
    fn prepare(&mut self) {
        let form = token_request(&format!("{BASE}/manage"), "request result read admin");
        let ask = written("POST", &format!("{BASE}/manage/token"), &[FORM], &form);
        let response = self.send(&vcapi::parse(&ask).expect("a request"), 1).expect("an answer");
        let bearer = format!("authorization: Bearer {}", member(&response, "access_token"));
        let query =
            json!({"credentials": [{"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]});
        let order = json!({"query": query, "trust": {"issuers": ["did:x:issuer"]}, "return_to": "https://shop.example/back"}).to_string();
        let manage = |method: &str, path: &str, body: &str| {
            written(method, &format!("{BASE}/manage/{path}"), &[JSON, &bearer], body)
        };
        let open = manage("POST", "posts/requests", &order);
        let response = self.send(&vcapi::parse(&open).expect("a request"), 2).expect("an answer");
        let id = member(&response, "id");
        let page =
            [member(&response, "page"), member(&response, "url")].into_iter().find(|text| !text.is_empty());
        let page = page.unwrap_or_else(|| format!("{BASE}/posts/r/x"));
        let one = |tail: &str| format!("posts/requests/{id}{tail}");
        let own = ["origin: https://verifier.example", "sec-fetch-site: same-origin", FORM];
        self.requests = vec![
            ask,
            open,
            manage("GET", &one(""), ""),
            manage("POST", &one("/link"), "{}"),
            manage("POST", &one("/result"), r#"{"response_code":"abc"}"#),
            manage("GET", &one("/evidence"), ""),
            manage("GET", "posts/requests?state=open&limit=2", ""),
            manage(
                "PUT",
                "tenants/bank",
                r#"{"name":{"ko":"은행","en":"Bank"},"return_to":["https://b.example/"]}"#,
            ),
            manage("POST", "posts/webhooks", r#"{"url":"https://hooks.example/x"}"#),
            manage("GET", "posts/audit?limit=5", ""),
            written("GET", &page, &["accept-language: ko"], ""),
            written(
                "POST",
                &format!("{page}/digital"),
                &[JSON, "origin: https://verifier.example", "sec-fetch-site: same-origin"],
                r#"{"protocol":"openid4vp-v1-unsigned","data":{"vp_token":{"pid":["x~"]}}}"#,
            ),
            written("POST", &format!("{page}/switch"), &own, "csrf=a"),
            written(
                "POST",
                &format!("{BASE}/posts/vp/{id}/response/abc"),
                &[FORM],
                "vp_token=%7B%22pid%22%3A%5B%22x~%22%5D%7D&state=s",
            ),
            written(
                "POST",
                &format!("{BASE}/posts/vp/{id}/request/abc"),
                &[FORM],
                "wallet_nonce=n&wallet_metadata=%7B%7D",
            ),
            written("GET", &format!("{BASE}/posts/return/{id}?response_code=abc"), &[], ""),
            written("POST", &format!("{BASE}/posts/confirm/{id}"), &own, "csrf=a&number=12"),
            written("POST", &format!("{BASE}/admin/login"), &own, "csrf=a&name=b&password=c"),
            written("GET", &format!("{BASE}/openapi.json"), &[], ""),
            written("GET", &format!("{BASE}/healthz"), &[], ""),
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
        if outcome == OK && !request.method().is_safe() || world.asked > 5_000 {
            *world = World::new();
        }
        outcome
    })
}
