//! Two nodes of one service over one memory, a client, a browser and a wallet.

use crate::issuer::{self, Holding, accreditation, certify, document, holding, issuer, roots, signer};
use http::{Method, Request, Response, header};
use rcgen::SanType;
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, accreditation::LocalizedName, key::Signer, time::Timestamp};
use sinpyo_crypto::KeySigner;
use sinpyo_dcql::Query;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vp::{
    TransactionType, TransactionTypes, Transport, VpToken, WalletErrorCode,
    verifier::{Lifetimes, Name, Profile},
    wallet::{self, Asked, Invitation, Posted, Trust},
};
use sinpyo_proof::KeyRing;
use sinpyo_state::{Change, CommitError, Key, MemoryState, Record, Space, State, Unavailable, Version};
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::{Fact, Known, Need};
use sinpyo_verifier_api::{
    Facts, Feed, Incoming, Names, Poll, Retention, Service, ServiceKey, Settings, SigningName, Step, Wanted,
    client::Client, tenant::Tenant,
};
use sinpyo_web::{
    form::percent_encoded,
    problem::{RuleId, RuleText},
    site::{Origin, Site},
};
use sinpyo_x509::Roots;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) const BASE: &str = "https://verifier.example";
pub(crate) const BACK: &str = "https://shop.example/back";
pub(crate) const VERIFIER: &str = "did:x:post";

pub(crate) fn start() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: u64) -> Timestamp {
    start().plus(Duration::from_secs(seconds))
}

/// A memory that shows afterwards what was ever written into it.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    inner: MemoryState,
    written: Mutex<Vec<u8>>,
}

impl Watched {
    /// Whether `text` was ever written, in whatever record.
    pub(crate) fn has_seen(&self, text: &str) -> bool {
        let written = self.written.lock().unwrap();
        written.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

impl State for Watched {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        self.inner.get(key, now)
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        self.inner.page(space, after, limit, now)
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        self.inner.events(stream, after, limit)
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        for change in changes {
            let mut written = self.written.lock().unwrap();
            written.extend_from_slice(change.key().name().as_bytes());
            match change {
                Change::Insert { data, .. }
                | Change::Replace { data, .. }
                | Change::Append { event: data, .. } => {
                    written.extend_from_slice(data);
                }
                Change::Remove { .. } | Change::Keep { .. } => {}
            }
        }
        self.inner.commit(changes)
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.inner.sweep(before)
    }
}

/// What the edge has fetched for one request.
#[derive(Debug, Default)]
pub(crate) struct Fetched(RefCell<Vec<(Need, Known)>>);

impl Facts for Fetched {
    fn known(&self, wanted: &Wanted) -> Option<Known> {
        self.0.borrow().iter().find(|(need, _)| *need == wanted.need).map(|(_, known)| known.clone())
    }
}

/// An answer, and the rule that refused the request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) rule: &'static str,
    pub(crate) response: Response<Vec<u8>>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.response.body()).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.response.body().clone()).unwrap()
    }

    pub(crate) fn location(&self) -> String {
        self.response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    pub(crate) fn ok(self) -> Self {
        assert!(self.status < 400, "{} {} {}", self.status, self.rule, self.text());
        self
    }
}

/// A browser with its cookies.
#[derive(Debug, Default)]
pub(crate) struct Browser(RefCell<BTreeMap<String, String>>);

pub(crate) struct World {
    pub(crate) state: Watched,
    pub(crate) nodes: [Service; 2],
    pub(crate) now: Cell<Timestamp>,
    pub(crate) holding: RefCell<Holding>,
    /// What the status list says of the credentials.
    pub(crate) status: Cell<u8>,
    /// Whether documents can be fetched.
    pub(crate) reachable: Cell<bool>,
    pub(crate) entropy: RefCell<TestEntropy>,
    client_key: KeySigner,
    verifier_authority: String,
    turn: Cell<usize>,
    draws: Cell<u64>,
}

fn settings(verifier: &KeySigner, chain: &sinpyo_x509::SigningChain) -> Settings {
    let name = |name| SigningName { name, signer: signer(VERIFIER, 12) };
    let certificate = Name::Certificate { chain: chain.clone() };
    let kind = json!({
        "type": "payment",
        "label": {"ko": "결제", "en": "Payment"},
        "fields": {"amount": {"label": {"ko": "금액", "en": "Amount"}, "kind": "text"}},
    });
    let kind = TransactionType::from_json(kind.as_object().unwrap()).unwrap();
    Settings {
        site: Site::new(BASE.parse::<Origin>().unwrap(), vec![]),
        operator: LocalizedName { ko: "신표 검증".into(), en: "Sinpyo verifier".into() },
        key: ServiceKey::new(Secret::new([9; 32])),
        names: Names::new(vec![name(Name::Did { key_id: verifier.key_id().clone() }), name(certificate)]),
        lifetimes: Lifetimes::default(),
        retention: Retention::default(),
        transaction_types: TransactionTypes::new().with(kind),
        catalogue: |rule| {
            (rule == "VP-07").then_some(RuleText { en: "revoked", ko: "폐지됨", mend: None })
        },
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let verifier = signer(VERIFIER, 12);
        let host = SanType::DnsName("verifier.example".try_into().unwrap());
        let (chain, verifier_authority) = certify(verifier.key().verifying_key(), host);
        let world = Self {
            state: Watched::default(),
            nodes: [Service::new(settings(&verifier, &chain)), Service::new(settings(&verifier, &chain))],
            now: Cell::new(later(5)),
            holding: RefCell::new(holding()),
            status: Cell::new(0),
            reachable: Cell::new(true),
            entropy: RefCell::new(TestEntropy::new(77)),
            client_key: signer("did:x:shop", 13),
            verifier_authority,
            turn: Cell::new(0),
            draws: Cell::new(0),
        };
        for id in ["posts", "bank"] {
            let name = LocalizedName { ko: format!("{id} 기관"), en: format!("{id} office") };
            let mut tenant = Tenant::new(id.parse().unwrap(), name);
            tenant.return_to = vec![BACK.to_owned()];
            tenant.did = (id == "posts").then(|| VERIFIER.parse().unwrap());
            world.commit(tenant.change(&world.state, start()).unwrap());
        }
        for (id, tenant) in [("shop", Some("posts")), ("bank-shop", Some("bank")), ("boss", None)] {
            let client = Client {
                id: id.to_owned(),
                keys: vec![world.client_key.key().verifying_key().clone()],
                scopes: sinpyo_oauth::access::Scopes::all(),
                tenant: tenant.map(|tenant| tenant.parse().unwrap()),
            };
            world.commit(client.change(&world.state, start()).unwrap());
        }
        world
    }

    pub(crate) fn commit(&self, change: sinpyo_state::OwnedChange) {
        self.state.commit_owned(&[change]).unwrap();
    }

    /// Makes `tenant` keep HAIP.
    pub(crate) fn haip(&self, id: &str) {
        let tenant = Tenant::find(&id.parse().unwrap(), &self.state, start()).unwrap().unwrap();
        let tenant = Tenant { profile: Profile::Haip, ..tenant };
        self.commit(tenant.change(&self.state, start()).unwrap());
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.now.set(self.now.get().plus(Duration::from_secs(seconds)));
    }

    fn node(&self) -> &Service {
        self.turn.set(self.turn.get() + 1);
        &self.nodes[self.turn.get() % 2]
    }

    fn fact(&self, need: &Need, roots: Option<&Arc<Roots>>) -> Known {
        let parties = [issuer(), signer(VERIFIER, 12)];
        let fact = match need {
            _ if !self.reachable.get() => Fact::Unavailable,
            Need::Document { did, .. } => parties
                .iter()
                .find(|party| party.key_id().did() == *did)
                .map_or(Fact::Unavailable, |party| Fact::Document(Arc::new(KeyRing::of(&document(party))))),
            Need::Accreditation { subject, right, .. } => {
                Fact::Accreditation(accreditation(subject, right).map(Arc::new))
            }
            Need::StatusList { entry, .. } => {
                Fact::StatusList(Arc::new(issuer::list(entry, self.status.get())))
            }
            Need::CertifiedStatusList { entry, .. } => {
                let list = self.holding.borrow().certified_list(entry, self.status.get(), roots.unwrap());
                list.map_or(Fact::Unavailable, |list| Fact::StatusList(Arc::new(list)))
            }
            _ => Fact::Unavailable,
        };
        Known { fact, as_of: self.now.get() }
    }

    /// Sends `request` to the node whose turn it is; what it needs is fetched.
    pub(crate) fn step(&self, request: &Request<Vec<u8>>) -> Step {
        let node = self.node();
        let facts = Fetched::default();
        let mut incoming = Incoming::new(request, "192.0.2.7".parse().unwrap());
        (0..16).find_map(|_| self.advance(node, &mut incoming, &facts)).expect("needs and needs")
    }

    /// Lets `node` answer; if something is needed first, that is fetched into `facts`.
    pub(crate) fn advance(
        &self,
        node: &Service,
        incoming: &mut Incoming<'_>,
        facts: &Fetched,
    ) -> Option<Step> {
        let world = sinpyo_verifier_api::World { state: &self.state, facts, now: self.now.get() };
        match node.answer(incoming, &world, &mut *self.entropy.borrow_mut()) {
            Step::Need(all) => {
                for wanted in all {
                    let known = self.fact(&wanted.need, wanted.roots.as_ref());
                    facts.0.borrow_mut().push((wanted.need, known));
                }
                None
            }
            step => Some(step),
        }
    }

    pub(crate) fn send(&self, request: &Request<Vec<u8>>) -> Answer {
        match self.step(request) {
            Step::Answer(response) => Answer {
                status: response.status().as_u16(),
                rule: response.extensions().get::<RuleId>().map_or("", |rule| rule.0),
                response,
            },
            other => panic!("{other:?}"),
        }
    }

    /// What `feed` tells now.
    pub(crate) fn poll(&self, feed: &mut Feed) -> String {
        match self.node().poll(feed, &self.state, self.now.get()).unwrap() {
            Poll::Frames(frames) | Poll::End(frames) => String::from_utf8(frames).unwrap(),
        }
    }

    /// Whether `feed` ends now.
    pub(crate) fn ends(&self, feed: &mut Feed) -> bool {
        matches!(self.node().poll(feed, &self.state, self.now.get()).unwrap(), Poll::End(_))
    }

    fn draw(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get()
    }

    /// The assertion of `client`.
    pub(crate) fn assertion(&self, client: &str) -> String {
        let now = self.now.get();
        let claims = json!({
            "iss": client, "sub": client, "aud": format!("{BASE}/manage"), "iat": now.unix(),
            "exp": now.unix() + 60, "jti": format!("jti-jti-jti-jti-{}", self.draw()),
        });
        let header = JwtHeader::new(Typ::ABSENT, KeyHint::None);
        let pair: (&dyn Signer, _) = (&self.client_key, self.client_key.key().verifying_key());
        sign(header, claims.as_object().unwrap(), pair).unwrap()
    }

    pub(crate) fn token_request(assertion: &str, scope: &str) -> Request<Vec<u8>> {
        let body = format!(
            "grant_type=client_credentials&client_assertion_type={}&client_assertion={assertion}&scope={}",
            percent_encoded(sinpyo_oauth::ASSERTION_TYPE),
            percent_encoded(scope),
        );
        http_request(Method::POST, "/manage/token", body.into_bytes(), "application/x-www-form-urlencoded")
    }

    pub(crate) fn token(&self, client: &str, scope: &str) -> String {
        let answer = self.send(&Self::token_request(&self.assertion(client), scope)).ok();
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A management request of `client`, with all of its scopes.
    pub(crate) fn manage(&self, client: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let token = self.token(client, "request result read admin");
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let mut request = http_request(method, path, body, "application/json");
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        self.send(&request)
    }

    /// Opens what `order` says for the tenant `posts`.
    pub(crate) fn open(&self, order: &Value) -> Value {
        let answer = self.manage("shop", Method::POST, "/manage/posts/requests", Some(order)).ok();
        assert_eq!(answer.status, 201);
        answer.json()
    }

    pub(crate) fn read(&self, id: &Value) -> Value {
        let path = format!("/manage/posts/requests/{}", id.as_str().unwrap());
        self.manage("shop", Method::GET, &path, None).ok().json()
    }

    pub(crate) fn result(&self, id: &Value, code: Option<&str>) -> Answer {
        let path = format!("/manage/posts/requests/{}/result", id.as_str().unwrap());
        let body = code.map_or_else(|| json!({}), |code| json!({"response_code": code}));
        self.manage("shop", Method::POST, &path, Some(&body))
    }

    /// Opens an address in `browser`.
    pub(crate) fn visit(&self, browser: &Browser, address: &str) -> Answer {
        self.browse(browser, Method::GET, address, Vec::new(), "text/html")
    }

    pub(crate) fn browse(
        &self,
        browser: &Browser,
        method: Method,
        address: &str,
        body: Vec<u8>,
        media: &str,
    ) -> Answer {
        let path = address.strip_prefix(BASE).unwrap_or(address);
        let mut request = http_request(method, path, body, media);
        let cookies: Vec<_> =
            browser.0.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        request.headers_mut().insert(header::ORIGIN, BASE.parse().unwrap());
        request.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
        let answer = self.send(&request);
        for cookie in answer.response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            browser.0.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Sends the form on `page`, with `members` and the token that the page carries.
    pub(crate) fn submit(
        &self,
        browser: &Browser,
        page: &Answer,
        action: &str,
        members: &[(&str, &str)],
    ) -> Answer {
        let text = page.text();
        let token = between(&text, "name=\"csrf\" value=\"", "\"").unwrap_or_default();
        let mut body = format!("csrf={}", percent_encoded(&token));
        for (name, value) in members {
            body.extend(["&", name, "=", &percent_encoded(value)]);
        }
        self.browse(browser, Method::POST, action, body.into_bytes(), "application/x-www-form-urlencoded")
    }

    /// What the wallet makes of `link`.
    pub(crate) fn asked(&self, link: &str) -> Asked {
        let roots = roots(&self.verifier_authority);
        let documents = [document(&signer(VERIFIER, 12))];
        let trust =
            Trust { roots: &roots, documents: &documents, attesters: &[], transport: Transport::Https };
        match Invitation::parse(link, Transport::Https).unwrap() {
            Invitation::Fetch(reference) => {
                let metadata = json!({"vp_formats_supported": {}});
                let (request, fetching) =
                    reference.fetch(metadata.as_object().unwrap(), &mut *self.entropy.borrow_mut());
                let answer = self.send(&request).ok();
                fetching.read(&answer.response).unwrap().authenticate(&trust, self.now.get()).unwrap()
            }
            Invitation::Unsigned(asked) => *asked,
            Invitation::Signed(signed) => signed.authenticate(&trust, self.now.get()).unwrap(),
        }
    }

    /// The presentations that answer `asked`, as the holder agrees to all that is asked.
    pub(crate) fn presented(&self, asked: &Asked) -> Map<String, Value> {
        self.presented_for(asked, &asked.expectation())
    }

    pub(crate) fn presented_for(
        &self,
        asked: &Asked,
        expectation: &sinpyo_openid4vp::Expectation,
    ) -> Map<String, Value> {
        self.presented_as((asked, &asked.request().query), expectation)
    }

    /// The presentations that answer `query` in place of what is asked.
    pub(crate) fn presented_to(&self, asked: &Asked, query: &Query) -> Map<String, Value> {
        self.presented_as((asked, query), &asked.expectation())
    }

    fn presented_as(
        &self,
        (asked, query): (&Asked, &Query),
        expectation: &sinpyo_openid4vp::Expectation,
    ) -> Map<String, Value> {
        let own = asked.expectation();
        let asker = expectation.audience.parse().unwrap();
        let query = query.clone();
        let now = self.now.get();
        let transactions = own.transaction_data.iter().map(|text| sinpyo_wallet::Transaction {
            text: text.clone(),
            queries: asked.request().query.credentials().iter().map(|one| one.id.clone()).collect(),
            hash: sinpyo_wallet::TransactionHash::Default,
        });
        let agreed = sinpyo_wallet::Asked::new(asker, None, query, now).unwrap();
        let agreed = agreed.authorising(transactions.collect());
        let holding = &mut *self.holding.borrow_mut();
        let consent = holding.wallet.review(agreed, now).unwrap().disclose_requested();
        let handover = expectation.handover();
        let occasion = sinpyo_wallet::Occasion {
            audience: &expectation.audience,
            nonce: &expectation.nonce,
            handover: Some(&handover),
        };
        holding.wallet.present(consent, &occasion, now).unwrap().into_vp_token()
    }

    /// The post that carries `token`.
    pub(crate) fn post(&self, asked: &Asked, token: Map<String, Value>) -> Request<Vec<u8>> {
        let token = VpToken::parse(Value::Object(token)).unwrap();
        match asked.answer(&token, &mut *self.entropy.borrow_mut()).unwrap() {
            wallet::Response::Post(request) => *request,
            wallet::Response::Digital(_) => panic!("a post"),
        }
    }

    /// The wallet answers `link`; where it is to send the browser.
    pub(crate) fn present(&self, link: &str) -> Option<String> {
        let asked = self.asked(link);
        let request = self.post(&asked, self.presented(&asked));
        let answer = self.send(&request).ok();
        let posted = Posted::read(&answer.response, Transport::Https).unwrap();
        posted.redirect_uri.map(|to| to.as_str().to_owned())
    }

    pub(crate) fn decline(&self, link: &str) -> Answer {
        let asked = self.asked(link);
        let declined = asked.decline(WalletErrorCode::AccessDenied, &mut *self.entropy.borrow_mut()).unwrap();
        match declined {
            wallet::Response::Post(request) => self.send(&request),
            wallet::Response::Digital(_) => panic!("a post"),
        }
    }
}

pub(crate) fn http_request(method: Method, path: &str, body: Vec<u8>, media: &str) -> Request<Vec<u8>> {
    let path = path.strip_prefix(BASE).unwrap_or(path);
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "verifier.example")
        .header(header::CONTENT_TYPE, media)
        .body(body)
        .unwrap()
}

/// What stands in `text` after `before` and before `after`, as HTML means it.
pub(crate) fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = &text[text.find(before)? + before.len()..];
    let found = &rest[..rest.find(after)?];
    Some(found.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'"))
}

/// The link that a page offers to a wallet.
pub(crate) fn link(page: &Answer) -> String {
    let text = page.text();
    let at = text.find("href=\"openid4vp://").or_else(|| text.find("href=\"haip-vp://")).expect("a link");
    between(&text[at..], "href=\"", "\"").unwrap()
}

pub(crate) fn query_of(address: &str, name: &str) -> String {
    let (_, query) = address.split_once('?').unwrap();
    sinpyo_web::form::Fields::of_query(query).unwrap().text(name).unwrap().to_owned()
}
