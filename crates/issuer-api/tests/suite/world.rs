//! Two nodes over one state, two tenants, a wallet and an institution's program.

use http::{Request, Response, request::Builder};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    resolved::Resolved,
    status::{CredentialStatus, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_issuer_api::{
    Feed, Identities, Identity, ManagementClient, Reply, Service, Settings, Standing, Tenant,
};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_oauth::{client::Identity as WalletIdentity, form, url::Transport};
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    notification::Event,
    offer::OfferLink,
    proof::{ProofKey, jwt_claims, sign_jwt},
    request::Proofs,
    wallet::{
        Agreement, Discovery, Grant, OwnKeys, ProofOrder, Proposal, ReceiveError, Received, Receiving, Step,
    },
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_state::MemoryState;
use sinpyo_testkit::{TestEntropy, key};
use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    sync::Arc,
};

pub(crate) const BASE: &str = "https://issuer.example";
pub(crate) const REDIRECT: &str = "https://wallet.example/back";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_319_100 + seconds).unwrap()
}

#[derive(Debug)]
struct Keys(Arc<Identity>);

impl Identities for Keys {
    fn identity(&self, name: &str) -> Option<Arc<Identity>> {
        (name == "org").then(|| Arc::clone(&self.0))
    }
}

fn own_document() -> (KeySigner, Resolved) {
    let id: sinpyo_core::did::KeyId = "did:web:issuer.example#key-1".parse().unwrap();
    let key = key(Algorithm::Es256, 1);
    let method = VerificationMethod {
        id: id.clone(),
        controller: id.did(),
        key: PublicKeyMaterial::Multikey(key.verifying_key().to_multikey()),
        revoked: None,
    };
    let document = DidDocument::new(id.did()).with_key(method, &[AssertionMethod]);
    (KeySigner::new(id, key), Resolved::immutable(document))
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("not an object: {value}") };
    members
}

/// A person whom nobody else is called like.
pub(crate) fn resident() -> Value {
    json!({ "family_name": "남궁", "given_name": "별하나", "birth_date": "2008-03-02", "region_sido": "26",
        "postal_code": "48058", "road_address": "부산광역시 해운대구 센텀중앙로 97" })
}

pub(crate) struct World {
    pub(crate) state: Arc<MemoryState>,
    nodes: [Service; 2],
    turn: Cell<usize>,
    pub(crate) now: Cell<i64>,
    pub(crate) entropy: RefCell<TestEntropy>,
    pub(crate) peer: Cell<IpAddr>,
    /// The refresh token that a wallet got last.
    pub(crate) refresh: RefCell<Option<Secret<String>>>,
}

/// What a test does beside a wallet's machine.
struct Hooks<B, W, L> {
    browse: B,
    waiting: W,
    look: L,
}

impl World {
    pub(crate) fn new() -> Self {
        let (signer, own) = own_document();
        let standing = Standing { document: Some(own), ..Standing::default() };
        let identity = Arc::new(Identity::new(Arc::new(signer), standing).unwrap());
        let state = Arc::new(MemoryState::new());
        let mut entropy = TestEntropy::new(77);
        let nodes = [0, 1].map(|_| {
            let identities = Arc::new(Keys(Arc::clone(&identity)));
            let state: Arc<MemoryState> = Arc::clone(&state);
            let settings =
                Settings::new(BASE.parse().unwrap(), Secret::new([9; 32]), state, identities).unwrap();
            Service::open(settings, at(0), &mut entropy).unwrap()
        });
        let wallet =
            json!({ "client_id": "wallet", "redirect_uris": [REDIRECT], "authentication": "public" });
        for (id, ko) in [("busan", "부산광역시"), ("seoul", "서울특별시")] {
            let tenant =
                json!({ "id": id, "name": { "ko": ko, "en": id }, "identity": "org", "wallets": [wallet] });
            nodes[0].tenants().enter(&Tenant::parse(object(tenant)).unwrap()).unwrap();
        }
        let jwk = Value::Object(key(Algorithm::Es256, 90).verifying_key().to_jwk().members().clone());
        let all = json!({ "id": "portal", "keys": [jwk], "scope": "issue status read admin" });
        let local = json!({ "id": "desk", "keys": [jwk], "scope": "issue read", "tenants": ["busan"] });
        for client in [all, local] {
            nodes[0].clients().enter(&ManagementClient::parse(object(client)).unwrap()).unwrap();
        }
        Self {
            state,
            nodes,
            turn: Cell::new(0),
            now: Cell::new(0),
            entropy: RefCell::new(entropy),
            peer: Cell::new(IpAddr::from([192, 0, 2, 7])),
            refresh: RefCell::default(),
        }
    }

    /// The node whose turn it is.
    pub(crate) fn node(&self) -> &Service {
        self.turn.set(self.turn.get() + 1);
        &self.nodes[self.turn.get() % 2]
    }

    pub(crate) fn reply(&self, mut request: Request<Vec<u8>>) -> Reply {
        let headers = request.headers_mut();
        headers.entry("host").or_insert("issuer.example".parse().unwrap());
        let now = at(self.now.get());
        self.node().answer(&request, self.peer.get(), now, &mut *self.entropy.borrow_mut())
    }

    pub(crate) fn send(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        match self.reply(request) {
            Reply::Response(response) => response,
            Reply::Feed(feed) => panic!("a feed: {feed:?}"),
        }
    }

    pub(crate) fn feed(&self, request: Request<Vec<u8>>) -> Feed {
        match self.reply(request) {
            Reply::Feed(feed) => feed,
            Reply::Response(response) => panic!("{}", text(&response)),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Response<Vec<u8>> {
        self.send(get(path).body(Vec::new()).unwrap())
    }

    /// The answer of the token endpoint to `client`.
    pub(crate) fn ask_token(&self, client: &str, scope: &str) -> Response<Vec<u8>> {
        let signer = key(Algorithm::Es256, 90);
        let (now, mut id) = (at(self.now.get()), [0; 16]);
        sinpyo_core::key::Entropy::fill(&mut *self.entropy.borrow_mut(), &mut id);
        let claims = json!({ "iss": client, "sub": client, "aud": format!("{BASE}/manage/token"),
            "jti": sinpyo_core::encoding::to_base64url(&id), "iat": now.unix(), "exp": now.unix() + 60 });
        let public = signer.verifying_key().clone();
        let signer = KeySigner::new("did:x:y#k".parse().unwrap(), signer);
        let header = JwtHeader::new(Typ::CLIENT_AUTHENTICATION, KeyHint::Kid("k"));
        let assertion = sign(header, &object(claims), (&signer, &public)).unwrap();
        let body = form::encode([
            ("grant_type", "client_credentials"),
            ("client_assertion_type", sinpyo_oauth::ASSERTION_TYPE),
            ("client_assertion", &assertion),
            ("scope", scope),
        ]);
        let request = post("/manage/token").header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.into_bytes()).unwrap())
    }

    pub(crate) fn token(&self, client: &str, scope: &str) -> String {
        let response = self.ask_token(client, scope);
        assert_eq!(response.status(), 200, "{}", text(&response));
        parsed(&response)["access_token"].as_str().unwrap().to_owned()
    }

    /// A management request with all scopes.
    pub(crate) fn manage(&self, method: &str, path: &str, body: Option<Value>) -> Response<Vec<u8>> {
        let token = self.token("portal", "issue status read admin");
        self.manage_as(&token, method, path, body)
    }

    pub(crate) fn manage_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Response<Vec<u8>> {
        self.send(managing(token, method, path, body))
    }

    /// An offer that was made, as the management interface answered it.
    pub(crate) fn offer(&self, members: Value) -> Value {
        let response = self.manage("POST", "/manage/busan/offers", Some(members));
        assert_eq!(response.status(), 201, "{}", text(&response));
        parsed(&response)
    }

    pub(crate) fn offer_resident(&self) -> Value {
        self.offer(json!({ "configurations": ["K01-sd-jwt"], "claims": resident(), "tx_code": false }))
    }

    pub(crate) fn discover(&self, link: &str) -> Proposal {
        let mut discovery =
            Discovery::new(OfferLink::parse(link, Transport::Https).unwrap(), Transport::Https);
        while let Some(request) = discovery.request() {
            discovery.supply(&self.send(request), at(self.now.get())).unwrap();
        }
        discovery.proposal().unwrap()
    }

    /// What a wallet gets for an offer, by the keys of these numbers.
    pub(crate) fn receive(&self, made: &Value, seeds: &[u8]) -> Result<Vec<Received>, ReceiveError> {
        let proposal = self.discover(made["link"].as_str().unwrap());
        let tx_code = made["tx_code"].as_str().map(|code| Secret::new(code.to_owned()));
        self.drive(&proposal, Grant::PreAuthorized { tx_code }, seeds, |url| panic!("{url}"))
    }

    /// [`World::receive`], with a look at each request before it is sent.
    pub(crate) fn receive_by(
        &self,
        made: &Value,
        seeds: &[u8],
        look: impl Fn(&Request<Vec<u8>>),
    ) -> Result<Vec<Received>, ReceiveError> {
        let proposal = self.discover(made["link"].as_str().unwrap());
        let hooks = Hooks { browse: |url: &str| panic!("{url}"), waiting: || (), look };
        self.drive_with(&proposal, Grant::PreAuthorized { tx_code: None }, seeds, &hooks)
    }

    pub(crate) fn drive(
        &self,
        proposal: &Proposal,
        grant: Grant,
        seeds: &[u8],
        browse: impl Fn(&str) -> String,
    ) -> Result<Vec<Received>, ReceiveError> {
        self.drive_with(
            proposal,
            grant,
            seeds,
            &Hooks { browse, waiting: || (), look: |_: &Request<Vec<u8>>| () },
        )
    }

    pub(crate) fn drive_waiting(
        &self,
        proposal: &Proposal,
        grant: Grant,
        seeds: &[u8],
        (browse, waiting): (impl Fn(&str) -> String, impl Fn()),
    ) -> Result<Vec<Received>, ReceiveError> {
        self.drive_with(proposal, grant, seeds, &Hooks { browse, waiting, look: |_: &Request<Vec<u8>>| () })
    }

    fn drive_with(
        &self,
        proposal: &Proposal,
        grant: Grant,
        seeds: &[u8],
        hooks: &Hooks<impl Fn(&str) -> String, impl Fn(), impl Fn(&Request<Vec<u8>>)>,
    ) -> Result<Vec<Received>, ReceiveError> {
        let dpop = key(Algorithm::Es256, 150);
        let agreement = Agreement {
            configurations: proposal.configurations().map(|(id, _)| id.to_owned()).collect(),
            grant,
            identity: WalletIdentity::Public { client_id: "wallet" },
            dpop: Some(&dpop),
        };
        let mut entropy = self.fork();
        let mut receiving = Receiving::new(proposal, agreement, &mut entropy)?;
        let mut all = Vec::new();
        for _ in 0..64 {
            let step = receiving.next(at(self.now.get()), &mut entropy)?;
            let refresh = receiving.tokens().and_then(|tokens| tokens.refresh.as_ref());
            if let Some(refresh) = refresh {
                *self.refresh.borrow_mut() = Some(Secret::new(refresh.expose().clone()));
            }
            match step {
                Step::Send(request) => {
                    (hooks.look)(&request);
                    let response = self.send(request);
                    receiving.supply(&response, at(self.now.get()))?;
                }
                Step::Browse(url) => receiving.redirected(&(hooks.browse)(&url))?,
                Step::Prove(order) => receiving.prove(self.prove(&order, seeds))?,
                Step::Wait(until) => {
                    self.now.set(until.unix() - at(0).unix());
                    (hooks.waiting)();
                }
                Step::Received(received) => {
                    all.push(received);
                    receiving.report(Event::Accepted)?;
                }
                Step::Done => return Ok(all),
            }
        }
        panic!("the machine does not end");
    }

    pub(crate) fn fork(&self) -> TestEntropy {
        let mut seed = [0; 8];
        sinpyo_core::key::Entropy::fill(&mut *self.entropy.borrow_mut(), &mut seed);
        TestEntropy::new(u64::from_be_bytes(seed))
    }

    pub(crate) fn prove(&self, order: &ProofOrder, seeds: &[u8]) -> OwnKeys {
        let id = CredentialIssuerId::parse(&format!("{BASE}/busan"), Transport::Https).unwrap();
        let claims = jwt_claims(&id, order.client.as_deref(), order.nonce.as_deref(), at(self.now.get()));
        let holder = |seed: &u8| KeySigner::new("did:x:y#k".parse().unwrap(), key(Algorithm::Es256, *seed));
        let keys: Vec<VerifyingKey> =
            seeds.iter().map(|seed| holder(seed).key().verifying_key().clone()).collect();
        let proof = |seed: &u8| {
            let holder = holder(seed);
            sign_jwt(&claims, ProofKey { signer: &holder, key: holder.key().verifying_key() }, None).unwrap()
        };
        OwnKeys { proofs: Proofs::Jwt(seeds.iter().map(proof).collect()), keys }
    }

    /// What the published lists say of a credential that came as text.
    pub(crate) fn status(&self, wire: &str) -> CredentialStatus {
        let (_, own) = own_document();
        let ring = KeyRing::of(&own);
        let now = at(self.now.get());
        let arrived = Unverified::<sinpyo_core::credential::Credential>::parse(wire.as_bytes()).unwrap();
        let credential = arrived.verify(&ring, now).unwrap().into_inner();
        let [entry @ StatusEntry::Token { list, index }] = credential.status() else { panic!("one entry") };
        let response = self.get(list.strip_prefix(BASE).unwrap());
        assert_eq!(response.headers()["content-type"], "application/statuslist+jwt");
        let arrived = Unverified::<StatusList>::parse(response.body()).unwrap();
        arrived.verify(entry, &ring, now).unwrap().status(*index).unwrap()
    }
}

pub(crate) fn managing(token: &str, method: &str, path: &str, body: Option<Value>) -> Request<Vec<u8>> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{BASE}{path}"))
        .header("authorization", format!("Bearer {token}"));
    match body {
        None => request.body(Vec::new()).unwrap(),
        Some(body) => {
            request.header("content-type", "application/json").body(body.to_string().into_bytes()).unwrap()
        }
    }
}

pub(crate) fn get(path: &str) -> Builder {
    Request::get(format!("{BASE}{path}"))
}

pub(crate) fn post(path: &str) -> Builder {
    Request::post(format!("{BASE}{path}"))
}

pub(crate) fn parsed(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

pub(crate) fn text(response: &Response<Vec<u8>>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The text credential that came.
pub(crate) fn wire(received: &[Received], at: usize) -> String {
    received[0].credentials[at].as_str().unwrap().to_owned()
}

pub(crate) fn assert_refused(response: &Response<Vec<u8>>, status: u16, rule: &str) {
    let body = parsed(response);
    assert_eq!(
        (response.status().as_u16(), body["rule"].as_str()),
        (status, Some(rule)),
        "{}",
        text(response)
    );
}
