//! The driver's wallet and programs against both services, in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test")]

use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    accreditation::LocalizedName,
    document::{DidDocument, VerificationMethod, VerificationRelationship::*},
    key::Signer as _,
    resolved::Resolved,
    status::StatusList,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_issuer_api as issuer;
use sinpyo_load::{
    flow::{FlowError, PageBrowser, Phone, Pocket, Trust, WalletName},
    manage::{ManageError, Program, Tenant},
    os::{OsEntropy, now},
    web::{Leg, SendError, Web},
};
use sinpyo_openid4vp::{
    TransactionTypes,
    verifier::{Lifetimes, Name},
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::key;
use sinpyo_verifier::{Fact, Known, Need};
use sinpyo_verifier_api as verifier;
use sinpyo_web::site::Site;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

const ISSUER: &str = "https://issuer.example";
const VERIFIER: &str = "https://verifier.example";
const REDIRECT: &str = "https://wallet.example/back";
const RETURN: &str = "https://shop.example/done";
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn organisation(did: &str, seed: u8) -> (KeySigner, Resolved) {
    let signer = KeySigner::new(format!("{did}#0").parse().unwrap(), key(Algorithm::Es256, seed));
    let public =
        sinpyo_core::document::PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey());
    let (id, controller) = (signer.key_id().clone(), signer.key_id().did());
    let method = VerificationMethod { id, controller: controller.clone(), key: public, revoked: None };
    let document = DidDocument::new(controller).with_key(method, &[AssertionMethod, Authentication]);
    (signer, Resolved::immutable(document))
}

#[derive(Debug)]
struct Issuing(Arc<issuer::Identity>);

impl issuer::Identities for Issuing {
    fn identity(&self, _: &str) -> Option<Arc<issuer::Identity>> {
        Some(Arc::clone(&self.0))
    }
}

/// Both services, and what they look up of each other.
struct Town {
    issuer: issuer::Service,
    verifier: verifier::Service,
    memory: MemoryState,
    documents: Vec<Resolved>,
    /// What was asked for, in order.
    legs: Vec<(Leg, u16)>,
}

#[derive(Debug)]
struct Found(Vec<(Need, Known)>);

impl verifier::Facts for Found {
    fn known(&self, wanted: &verifier::Wanted) -> Option<Known> {
        self.0.iter().find(|(need, _)| *need == wanted.need).map(|(_, known)| known.clone())
    }
}

impl Town {
    fn look_up(&self, need: &Need) -> Fact {
        match need {
            Need::Document { did, .. } => {
                let document = self.documents.iter().find(|known| known.did() == did);
                document.map_or(Fact::Unavailable, |known| Fact::Document(Arc::new(KeyRing::of(known))))
            }
            Need::StatusList { entry, issuer } => {
                let request = Request::get(entry.list()).header("host", "issuer.example");
                let list = self.issue(&request.body(Vec::new()).unwrap());
                let keys = KeyRing::of(self.documents.iter().find(|known| known.did() == issuer).unwrap());
                let list = Unverified::<StatusList>::parse(list.body()).unwrap().verify(entry, &keys, now());
                Fact::StatusList(Arc::new(list.unwrap()))
            }
            other => panic!("{other:?}"),
        }
    }

    fn issue(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        match self.issuer.answer(request, PEER, now(), &mut OsEntropy) {
            issuer::Reply::Response(response) => response,
            issuer::Reply::Feed(_) => panic!("a feed"),
        }
    }

    fn verify(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let mut found = Found(Vec::new());
        let mut incoming = verifier::Incoming::new(request, PEER);
        loop {
            let world = verifier::World { state: &self.memory, facts: &found, now: now() };
            match self.verifier.answer(&mut incoming, &world, &mut OsEntropy) {
                verifier::Step::Answer(response) => return response,
                verifier::Step::Follow(_) => panic!("a feed"),
                verifier::Step::Need(wanted) => {
                    for one in wanted {
                        let known = Known { fact: self.look_up(&one.need), as_of: now() };
                        found.0.push((one.need, known));
                    }
                }
            }
        }
    }
}

impl Web for Town {
    fn send(&mut self, leg: Leg, mut request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let host = request.uri().host().unwrap().to_owned();
        request.headers_mut().insert("host", host.parse().unwrap());
        let response = if host == "issuer.example" { self.issue(&request) } else { self.verify(&request) };
        self.legs.push((leg, response.status().as_u16()));
        Ok(response)
    }
}

fn program(seed: u8) -> Program {
    Program { id: "load".to_owned(), key: key(Algorithm::Es256, seed) }
}

fn town() -> (Town, Trust) {
    let (signer, issuing) = organisation("did:x:moi", 1);
    let (post, asking) = organisation("did:x:post", 2);
    let standing = issuer::Standing { document: Some(issuing.clone()), ..issuer::Standing::default() };
    let identity = Arc::new(issuer::Identity::new(Arc::new(signer), standing).unwrap());
    let state: Arc<dyn State> = Arc::new(MemoryState::new());
    let secret = |byte| Secret::new([byte; 32]);
    let origin = ISSUER.parse().unwrap();
    let settings = issuer::Settings::new(origin, secret(3), state, Arc::new(Issuing(identity))).unwrap();
    let service = issuer::Service::open(settings, now(), &mut OsEntropy).unwrap();
    let wallet = json!({"client_id": "phone", "redirect_uris": [REDIRECT], "authentication": "public"});
    let tenant = json!({"id": "moi", "name": {"ko": "행정안전부", "en": "MOIS"}, "wallets": [wallet]});
    let members = |value: Value| value.as_object().unwrap().clone();
    service.tenants().enter(&issuer::Tenant::parse(members(tenant)).unwrap()).unwrap();
    let jwk = Value::Object(program(5).key.verifying_key().to_jwk().members().clone());
    let client = json!({"id": "load", "keys": [jwk], "scope": "issue status read"});
    service.clients().enter(&issuer::ManagementClient::parse(members(client)).unwrap()).unwrap();

    let memory = MemoryState::new();
    let name = Name::Did { key_id: post.key_id().clone() };
    let operator = LocalizedName { ko: "우정사업본부".into(), en: "Korea Post".into() };
    let asker = verifier::Service::new(verifier::Settings {
        site: Site::new(VERIFIER.parse().unwrap(), Vec::new()),
        operator: operator.clone(),
        key: verifier::ServiceKey::new(secret(4)),
        names: verifier::Names::new(vec![verifier::SigningName { name, signer: post }]),
        lifetimes: Lifetimes::default(),
        retention: verifier::Retention::default(),
        transaction_types: TransactionTypes::new(),
        catalogue: |_| None,
    });
    let mut tenant = verifier::tenant::Tenant::new("post".parse().unwrap(), operator);
    tenant.return_to = vec![RETURN.to_owned()];
    let client = verifier::client::Client {
        id: "load".to_owned(),
        keys: vec![program(6).key.verifying_key().clone()],
        scopes: "request result read".parse().unwrap(),
        tenant: None,
    };
    let changes = [tenant.change(&memory, now()).unwrap(), client.change(&memory, now()).unwrap()];
    memory.commit_owned(&changes).unwrap();
    let trust = Trust { issuers: KeyRing::of(&issuing), verifiers: vec![asking.clone()], ..Trust::default() };
    let documents = vec![issuing, asking];
    (Town { issuer: service, verifier: asker, memory, documents, legs: Vec::new() }, trust)
}

fn offer(grant: &str) -> Value {
    json!({"configurations": ["K01-sd-jwt"], "grants": [grant], "claims": {
        "family_name": "김", "given_name": "한별", "birth_date": "1990-05-17", "region_sido": "98",
        "region_sigungu": "98130", "region_eupmyeondong": "9813010300", "postal_code": "65342",
        "road_address": "한울도 온새시 꽃내대로 79"}})
}

fn question(mode: &str) -> Value {
    let mut question = json!({
        "query": {"credentials": [{"id": "q", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:sinpyo:credential:ResidentCredential"]},
            "claims": [{"path": ["age_over_19"]}]}]},
        "mode": mode, "trust": {"issuers": ["did:x:moi"]}});
    let members = question.as_object_mut().unwrap();
    match mode {
        "same_device" => members.insert("return_to".to_owned(), json!(RETURN)),
        _ => members.insert("number_matching".to_owned(), json!(false)),
    };
    question
}

struct Actors {
    town: Town,
    issuer: Tenant,
    verifier: Tenant,
    phone: Phone,
}

fn actors(name: WalletName) -> Actors {
    let (mut town, trust) = town();
    let issuer = Tenant::log_in(ISSUER, "moi", &program(5), &mut town).unwrap();
    let verifier = Tenant::log_in(VERIFIER, "post", &program(6), &mut town).unwrap();
    town.legs.clear();
    Actors { town, issuer, verifier, phone: Phone::new(Arc::new(trust), name) }
}

impl Actors {
    fn receive(&mut self) -> Pocket {
        let Self { town, issuer, phone, .. } = self;
        let offered = issuer.offer(&offer("pre-authorized_code"), town).unwrap();
        let proposal = phone.discover(&offered.link, town).unwrap();
        let mut pocket = Pocket::new();
        phone.receive(&proposal, offered.code.as_deref(), &mut pocket, town).unwrap();
        pocket
    }
}

#[test]
fn a_flow_goes_from_offer_to_result() {
    let mut actors = actors(WalletName::Anonymous);
    let mut pocket = actors.receive();
    assert_eq!(pocket.wires().len(), 1);
    let Actors { mut town, verifier, phone, .. } = actors;
    let opened = verifier.open(&question("cross_device"), &mut town).unwrap();
    phone.present(&opened.link, &mut pocket, &mut town).unwrap();
    let result = verifier.result(&opened.id, None, &mut town).unwrap();
    assert_eq!(result["state"], "accepted", "{result:?}");
    assert!(json!(result).to_string().contains("age_over_19"));
    // Once.
    let again = verifier.result(&opened.id, None, &mut town).unwrap_err();
    assert!(matches!(again, ManageError::Refused { status: 410, .. }), "{again}");
    let own = |leg: Leg| town.legs.iter().filter(|(one, status)| *one == leg && *status < 300).count();
    for leg in [Leg::Offer, Leg::Token, Leg::Nonce, Leg::Credential, Leg::Open, Leg::Request, Leg::Response] {
        assert_eq!(own(leg), 1, "{leg:?} {:?}", town.legs);
    }
}

#[test]
fn a_browser_agrees_and_comes_back() {
    let mut actors = actors(WalletName::Public("phone".to_owned()));
    let Actors { town, issuer, verifier, phone } = &mut actors;
    let offered = issuer.offer(&offer("authorization_code"), town).unwrap();
    let proposal = phone.discover(&offered.link, town).unwrap();
    let mut stranger = PageBrowser::new(Some("00000000".to_owned()));
    let refused = phone.receive_by_browser(&proposal, REDIRECT, &mut Pocket::new(), (&mut stranger, town));
    assert!(matches!(refused, Err(FlowError::Page(422))), "{refused:?}");
    let mut pocket = Pocket::new();
    let mut browser = PageBrowser::new(offered.code);
    phone.receive_by_browser(&proposal, REDIRECT, &mut pocket, (&mut browser, town)).unwrap();

    let opened = verifier.open(&question("same_device"), town).unwrap();
    let mut browser = PageBrowser::new(None);
    let link = browser.wallet_link(&opened.page, town).unwrap();
    let posted = phone.present(&link, &mut pocket, town).unwrap();
    let back = browser.come_back(posted.redirect_uri.unwrap().as_str(), town).unwrap();
    assert!(back.starts_with(RETURN), "{back}");
    let code = back.split_once("response_code=").unwrap().1.split('&').next().unwrap();
    assert!(verifier.result(&opened.id, Some("another"), town).is_err());
    assert_eq!(verifier.result(&opened.id, Some(code), town).unwrap()["state"], "accepted");
}
