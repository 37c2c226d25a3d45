//! The wallet's machines against the issuer's endpoints, and twins of each flow in which something was tampered with.

use crate::world::{ISSUER, Mode, World, at, attested, attester, holder, parsed, proof, sign_attestation};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::Secret;
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_oauth::{
    Anonymous, Authentication, Authorization, Dpop, Granted, PreAuthorized, RedirectUri, RegisteredClient,
    TxCode,
    client::{Client, Identity, Redeem, ReplyError},
    url::Transport,
};
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    issuer::Encryption,
    notification::Event,
    offer::{AuthorizationCodeGrant, Grants, Offer, OfferLink, PreAuthorizedGrant, Scheme, TxCodePrompt},
    proof::jwt_claims,
    request::Proofs,
    response::CredentialResponse,
    wallet::{
        Agreement, Discovery, DiscoveryError, Grant, OwnKeys, ProofOrder, Proposal, ReceiveError, Received,
        Receiving, Step,
    },
};
use sinpyo_state::State;
use sinpyo_testkit::{TestEntropy, key};
use std::{fmt::Write as _, time::Duration};

const REDIRECT: &str = "https://wallet.example/back";
const METADATA: &str = "/.well-known/openid-credential-issuer/tenant";

/// A deployment as HAIP has it, but for attested wallets: those are oauth's to test.
fn world() -> World {
    let mut world = World::new();
    world.server.dpop = Dpop::Required;
    world.server.anonymous = Anonymous::Refused;
    world.server.lifetimes.refresh = Some(Duration::from_hours(24));
    let redirects = vec![RedirectUri::Exact(REDIRECT.to_owned())];
    let client = RegisteredClient { authentication: Authentication::Public, redirects };
    world.server.clients.insert("wallet".to_owned(), client);
    world
}

/// Changes what comes back from a path.
type Tampering = (&'static str, fn(&mut Response<Vec<u8>>));

struct Driver<'w> {
    world: &'w World,
    /// Seconds.
    now: i64,
    /// Which keys to prove.
    seeds: Vec<u8>,
    with_attestation: bool,
    tampering: Option<Tampering>,
    /// Paths and statuses of what was sent.
    sent: Vec<(String, u16)>,
    entropy: TestEntropy,
    /// What the user is granted where the user is asked.
    granted: Vec<&'static str>,
    events: Vec<Event>,
}

impl<'w> Driver<'w> {
    fn new(world: &'w World, seeds: &[u8]) -> Self {
        Self {
            world,
            now: 0,
            seeds: seeds.to_vec(),
            with_attestation: false,
            tampering: None,
            sent: Vec::new(),
            entropy: world.entropy(),
            granted: vec!["resident"],
            events: Vec::new(),
        }
    }

    fn tampering(
        world: &'w World,
        seeds: &[u8],
        path: &'static str,
        how: fn(&mut Response<Vec<u8>>),
    ) -> Self {
        Self { tampering: Some((path, how)), ..Self::new(world, seeds) }
    }

    fn send(&mut self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let path = request.uri().path().to_owned();
        let mut response = self.world.send(request, at(self.now));
        if let Some((tampered, how)) = self.tampering
            && path.ends_with(tampered)
        {
            how(&mut response);
        }
        self.sent.push((path.rsplit('/').next().unwrap().to_owned(), response.status().as_u16()));
        response
    }

    fn discover(&mut self, link: &str) -> Result<Proposal, DiscoveryError> {
        let link = OfferLink::parse(link, Transport::Https).unwrap();
        let mut discovery = Discovery::new(link, Transport::Https).in_languages("ko");
        while let Some(request) = discovery.request() {
            let response = self.send(request);
            discovery.supply(&response, at(self.now))?;
        }
        Ok(discovery.proposal().unwrap())
    }

    fn keys(&self, order: &ProofOrder) -> OwnKeys {
        let nonce = order.nonce.as_deref();
        let id = CredentialIssuerId::parse(ISSUER, Transport::Https).unwrap();
        let claims = jwt_claims(&id, order.client.as_deref(), nonce, at(self.now));
        let keys: Vec<VerifyingKey> =
            self.seeds.iter().map(|seed| holder(*seed).key().verifying_key().clone()).collect();
        let proofs = if self.with_attestation {
            Proofs::Attestation(sign_attestation(&attested(&self.seeds, nonce), &attester()))
        } else {
            Proofs::Jwt(self.seeds.iter().map(|seed| proof(&claims, &holder(*seed), None)).collect())
        };
        OwnKeys { proofs, keys }
    }

    /// Goes on until all is received, or waiting is asked for longer than a minute.
    fn drive(&mut self, receiving: &mut Receiving<'_>) -> Result<Vec<Received>, ReceiveError> {
        let mut all = Vec::new();
        for _ in 0..64 {
            let step = receiving.next(at(self.now), &mut self.entropy)?;
            match step {
                Step::Send(request) => {
                    let response = self.send(request);
                    receiving.supply(&response, at(self.now))?;
                }
                Step::Browse(url) => {
                    let query = self.decide(&url);
                    receiving.redirected(&query)?;
                }
                Step::Prove(order) => receiving.prove(self.keys(&order))?,
                Step::Wait(until) => self.now = until.unix() - at(0).unix(),
                Step::Received(received) => {
                    check(&received);
                    all.push(received);
                    receiving.report(Event::Accepted)?;
                    self.events.push(Event::Accepted);
                }
                Step::Done => return Ok(all),
            }
        }
        panic!("the machine does not end: {:?}", self.sent);
    }

    /// Goes on until the issuer says that it needs time.
    fn until_deferred(&mut self, receiving: &mut Receiving<'_>) {
        while receiving.transaction_id().is_none() {
            match receiving.next(at(self.now), &mut self.entropy).unwrap() {
                Step::Send(request) => {
                    let response = self.send(request);
                    receiving.supply(&response, at(self.now)).unwrap();
                }
                Step::Prove(order) => receiving.prove(self.keys(&order)).unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Goes on until the user has to be asked, and says where.
    fn until_asked(&mut self, receiving: &mut Receiving<'_>) -> String {
        loop {
            match receiving.next(at(self.now), &mut self.entropy).unwrap() {
                Step::Send(request) => {
                    let response = self.send(request);
                    receiving.supply(&response, at(self.now)).unwrap();
                }
                Step::Browse(url) => return url,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The user logs in and agrees.
    fn decide(&mut self, url: &str) -> String {
        let (address, query) = url.split_once('?').unwrap();
        assert_eq!(address, format!("{ISSUER}/authorize"));
        let server = self.world.authorization();
        let interaction = server.begin(query, at(self.now), &mut self.entropy).unwrap();
        let authorization = authorization("kim", &self.granted);
        let target =
            server.approve(&interaction.id, &authorization, at(self.now), &mut self.entropy).unwrap();
        target.strip_prefix(REDIRECT).unwrap().strip_prefix('?').unwrap().to_owned()
    }
}

/// What the caller of the machine has to do: the desk's credentials say for which key they are.
fn check(received: &Received) {
    for (credential, key) in received.credentials.iter().zip(&received.keys) {
        let text = credential.as_str().unwrap();
        assert!(text.starts_with(&received.configuration_id));
        assert!(text.ends_with(key.to_jwk().text("x").unwrap()));
    }
}

fn authorization(subject: &str, ids: &[&str]) -> Authorization {
    let granted = |id: &&str| Granted {
        configuration_id: (*id).to_owned(),
        identifiers: vec![format!("{id}-of-{subject}")],
    };
    Authorization { subject: subject.to_owned(), configurations: ids.iter().map(granted).collect() }
}

/// A link to an offer of `ids`, fetched by reference.
fn offer(world: &World, ids: &[&str], tx_code: Option<&TxCode>) -> String {
    let entropy = &mut world.entropy();
    let authorization = authorization("kim", ids);
    let order = PreAuthorized { authorization, tx_code, lifetime: Duration::from_mins(10) };
    let (code, changes) = world.authorization().pre_authorize(order, at(0), entropy);
    let grant = PreAuthorizedGrant {
        code: Secret::new(code.as_str().to_owned()),
        tx_code: tx_code.map(|_| TxCodePrompt { length: Some(6), ..TxCodePrompt::default() }),
        authorization_server: None,
    };
    let grants = Grants { authorization_code: None, pre_authorized: Some(grant) };
    let offer = Offer {
        issuer: world.settings.id.clone(),
        configurations: ids.iter().map(|id| (*id).to_owned()).collect(),
        grants,
    };
    let published = world.issuer().publish(&offer, Duration::from_mins(10), at(0), entropy).unwrap();
    let all: Vec<_> = changes.into_iter().chain(published.changes).collect();
    world.state.commit_owned(&all).unwrap();
    Scheme::OpenId.link_to(&published.address)
}

fn by_code(ids: &[&str]) -> String {
    let grant = AuthorizationCodeGrant { issuer_state: Some("s".to_owned()), authorization_server: None };
    let offer = Offer {
        issuer: CredentialIssuerId::parse(ISSUER, Transport::Https).unwrap(),
        configurations: ids.iter().map(|id| (*id).to_owned()).collect(),
        grants: Grants { authorization_code: Some(grant), pre_authorized: None },
    };
    offer.link(Scheme::Haip)
}

fn dpop() -> SigningKey {
    key(Algorithm::Es256, 150)
}

fn agreement<'a>(ids: &[&str], grant: Grant, dpop: &'a SigningKey) -> Agreement<'a> {
    Agreement {
        configurations: ids.iter().map(|id| (*id).to_owned()).collect(),
        grant,
        identity: Identity::Public { client_id: "wallet" },
        dpop: Some(dpop),
    }
}

fn pre_authorized(tx_code: Option<&str>) -> Grant {
    Grant::PreAuthorized { tx_code: tx_code.map(|code| Secret::new(code.to_owned())) }
}

fn in_browser() -> Grant {
    Grant::AuthorizationCode { redirect_uri: REDIRECT.to_owned() }
}

/// A pre-authorized flow for one configuration from link to end.
fn receive(driver: &mut Driver<'_>, id: &'static str) -> Result<Vec<Received>, ReceiveError> {
    let link = offer(driver.world, &[id], None);
    let proposal = driver.discover(&link).unwrap();
    let dpop = dpop();
    let agreement = agreement(&[id], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut driver.world.entropy())?;
    driver.drive(&mut receiving)
}

#[test]
fn a_pre_authorized_offer_with_a_transaction_code_is_received() {
    let world = world();
    let tx_code = TxCode::new("493536".to_owned());
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&offer(&world, &["resident"], Some(&tx_code))).unwrap();
    // What the user is shown before anything is spent.
    assert_eq!(proposal.offer.issuer.host(), "issuer.example");
    let (id, configuration) = proposal.configurations().next().unwrap();
    let name = configuration.displays.choose(&sinpyo_openid4vci::display::Languages::accept("ko"));
    assert_eq!((id, name.unwrap().name()), ("resident", Some("주민 증명")));
    assert_eq!(driver.sent.len(), 3);
    let dpop = dpop();
    let wrong = agreement(&["resident"], pre_authorized(Some("000000")), &dpop);
    let mut receiving = Receiving::new(&proposal, wrong, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut receiving).unwrap_err().code(), "OAU-37");
    let right = agreement(&["resident"], pre_authorized(Some("493536")), &dpop);
    let mut receiving = Receiving::new(&proposal, right, &mut world.entropy()).unwrap();
    let received = driver.drive(&mut receiving).unwrap();
    assert_eq!(received[0].credentials.len(), 1);
    assert_eq!(world.desk.heard.lock().unwrap().len(), 1);
    // The code was good once.
    let again = agreement(&["resident"], pre_authorized(Some("493536")), &dpop);
    let mut receiving = Receiving::new(&proposal, again, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut receiving).unwrap_err().code(), "OAU-37");
    assert_eq!(world.issued(), 1);
}

#[test]
fn a_transaction_code_is_given_if_and_only_if_it_is_asked_for() {
    let world = world();
    let tx_code = TxCode::new("493536".to_owned());
    let mut driver = Driver::new(&world, &[1]);
    let with = driver.discover(&offer(&world, &["resident"], Some(&tx_code))).unwrap();
    let dpop = dpop();
    let start = |proposal: &Proposal, grant: Grant, ids: &[&str]| {
        Receiving::new(proposal, agreement(ids, grant, &dpop), &mut world.entropy()).map(drop)
    };
    assert_eq!(start(&with, pre_authorized(None), &["resident"]).unwrap_err().code(), "VCI-OFF-06");
    assert_eq!(start(&with, in_browser(), &["resident"]).unwrap_err().code(), "VCI-OFF-03");
    assert_eq!(start(&with, pre_authorized(Some("1")), &["licence"]).unwrap_err().code(), "VCI-OFF-02a");
    assert_eq!(start(&with, pre_authorized(Some("1")), &[]).unwrap_err().code(), "VCI-OFF-02a");
    let without = driver.discover(&by_code(&["resident"])).unwrap();
    assert_eq!(start(&without, pre_authorized(None), &["resident"]).unwrap_err().code(), "VCI-OFF-03");
    start(&without, in_browser(), &["resident"]).unwrap();
}

#[test]
fn an_offer_without_grants_leaves_them_to_the_server() {
    let world = world();
    let mut driver = Driver::new(&world, &[1]);
    let mut bare: Value =
        json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ["resident"] });
    bare["grants"] = json!({});
    let link = format!(
        "openid-credential-offer://?{}",
        sinpyo_oauth::form::encode([("credential_offer", bare.to_string().as_str())])
    );
    let proposal = driver.discover(&link).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], in_browser(), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
}

#[test]
fn two_kinds_are_received_after_the_user_was_asked() {
    let world = world();
    let mut driver = Driver { granted: vec!["resident", "licence"], ..Driver::new(&world, &[1]) };
    let proposal = driver.discover(&by_code(&["resident", "licence"])).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident", "licence"], in_browser(), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    let received = driver.drive(&mut receiving).unwrap();
    let kinds: Vec<_> = received.iter().map(|one| one.configuration_id.as_str()).collect();
    assert_eq!(kinds, ["resident", "licence"]);
    assert_eq!(world.issued(), 2);
    assert!(driver.sent.iter().any(|(path, status)| (path.as_str(), *status) == ("par", 201)));
}

#[test]
fn an_answer_of_the_browser_to_another_request_is_refused() {
    let world = world();
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&by_code(&["resident"])).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], in_browser(), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    let url = driver.until_asked(&mut receiving);
    let query = driver.decide(&url);
    for (from, to, code) in
        [("state=", "state=x", "OAU-34"), ("iss=https", "iss=http", "OAU-35"), ("iss=", "is=", "OAU-35")]
    {
        let tampered = query.replace(from, to);
        assert_ne!(tampered, query);
        assert_eq!(receiving.redirected(&tampered).unwrap_err().code(), code);
    }
    receiving.redirected(&query).unwrap();
    assert_eq!(receiving.redirected(&query).unwrap_err().code(), "VCI-ERR-02", "only once");
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
}

#[test]
fn a_batch_is_received_with_one_credential_for_each_key() {
    let world = world();
    let mut driver = Driver::new(&world, &[1, 2, 3, 4, 5]);
    let received = receive(&mut driver, "resident").unwrap();
    assert_eq!((received[0].credentials.len(), received[0].keys.len()), (5, 5));
    assert_eq!(world.issued(), 5);
    let mut six = Driver::new(&world, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(receive(&mut six, "resident").unwrap_err().code(), "VCI-CRS-01b");
    assert_eq!(world.issued(), 5);
}

#[test]
fn attested_keys_are_received() {
    let world = world();
    let mut driver = Driver { with_attestation: true, ..Driver::new(&world, &[1, 2, 3]) };
    assert_eq!(receive(&mut driver, "attested").unwrap()[0].credentials.len(), 3);
    let mut bare = Driver::new(&world, &[1]);
    let refused = receive(&mut bare, "attested").unwrap_err();
    assert!(matches!(refused, ReceiveError::Refused(code) if code.name() == "invalid_proof"), "{refused}");
}

#[test]
fn a_credential_without_binding_needs_no_proof() {
    let world = world();
    let mut driver = Driver::new(&world, &[]);
    let received = receive(&mut driver, "bearer").unwrap();
    assert_eq!((received[0].credentials.len(), received[0].keys.len()), (1, 0));
    assert!(driver.sent.iter().all(|(path, _)| path != "nonce"));
}

#[test]
fn deferred_credentials_are_received_after_waiting() {
    let world = world();
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    let mut driver = Driver::new(&world, &[1, 2]);
    let proposal = driver.discover(&offer(&world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    driver.until_deferred(&mut receiving);
    let step = receiving.next(at(9), &mut driver.entropy).unwrap();
    assert!(matches!(step, Step::Wait(until) if until == at(10)), "{step:?}");
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    let received = driver.drive(&mut receiving).unwrap();
    assert_eq!((received[0].credentials.len(), driver.now), (2, 10));
    assert_eq!(world.issued(), 2);
}

#[test]
fn a_wallet_that_is_told_to_slow_down_does() {
    let world = world();
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    // The first answer says a shorter interval than the issuer keeps to.
    let mut driver = Driver::tampering(&world, &[1], "/credential", |response| {
        if response.status() == 202 {
            let mut body = parsed(response);
            body["interval"] = json!(1);
            *response.body_mut() = body.to_string().into_bytes();
        }
    });
    let proposal = driver.discover(&offer(&world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    // Ready as soon as it is asked again.
    driver.until_deferred(&mut receiving);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
    let statuses: Vec<u16> = driver
        .sent
        .iter()
        .filter(|(path, _)| path == "deferred_credential")
        .map(|(_, status)| *status)
        .collect();
    assert_eq!((statuses, driver.now), (vec![429, 200], 10));
}

fn encrypting() -> World {
    let mut world = world().with_encryption();
    world.settings.request_encryption = Encryption::Required;
    world.settings.response_encryption = Encryption::Required;
    world
}

#[test]
fn requests_and_responses_are_encrypted_both_ways() {
    let world = encrypting();
    let mut driver = Driver::tampering(&world, &[1], "/credential", |response| {
        assert_eq!(response.headers()["content-type"], "application/jwt");
        assert_eq!(response.body().split(|byte| *byte == b'.').count(), 5);
    });
    assert_eq!(receive(&mut driver, "resident").unwrap().len(), 1);
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&offer(&world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    driver.until_deferred(&mut receiving);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
}

#[test]
fn an_exchange_that_loses_its_encryption_is_given_up() {
    let world = encrypting();
    // The answer comes in clear.
    let mut driver = Driver::tampering(&world, &[1], "/credential", |response| {
        response.headers_mut().insert("content-type", "application/json".parse().unwrap());
        *response.body_mut() = json!({ "credentials": [{ "credential": "x" }] }).to_string().into_bytes();
    });
    assert_eq!(receive(&mut driver, "resident").unwrap_err().code(), "VCI-ENC-04");
    // One byte of it differs.
    let mut driver = Driver::tampering(&world, &[1], "/credential", |response| {
        let body = response.body_mut();
        let place = body.len() - 30;
        body[place] = if body[place] == b'A' { b'B' } else { b'A' };
    });
    assert_eq!(receive(&mut driver, "resident").unwrap_err().code(), "VCI-ENC-04");
    // The issuer's key is unusable, and encryption required.
    let mut driver = Driver::tampering(&world, &[1], METADATA, |response| {
        let mut body = parsed(response);
        body["credential_request_encryption"]["jwks"]["keys"][0]["alg"] = json!("ML-KEM-768");
        *response.body_mut() = body.to_string().into_bytes();
    });
    assert_eq!(receive(&mut driver, "resident").unwrap_err().code(), "VCI-ENC-04");
}

/// Regression 15.
#[test]
fn a_key_that_the_wallet_cannot_use_is_passed_over() {
    let world = encrypting();
    let mut driver = Driver::tampering(&world, &[1], METADATA, |response| {
        let mut body = parsed(response);
        let keys = body["credential_request_encryption"]["jwks"]["keys"].as_array_mut().unwrap();
        let mut without_alg = keys[0].clone();
        without_alg.as_object_mut().unwrap().remove("alg");
        keys.insert(0, json!({ "kty": "AKP", "kid": "pq", "alg": "ML-KEM-768", "pub": "AA" }));
        keys.insert(0, without_alg);
        *response.body_mut() = body.to_string().into_bytes();
    });
    assert_eq!(receive(&mut driver, "resident").unwrap().len(), 1);
}

#[test]
fn a_refresh_token_fetches_new_copies_without_the_user() {
    let world = world();
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&offer(&world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let first = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, first, &mut world.entropy()).unwrap();
    driver.drive(&mut receiving).unwrap();
    let refresh = |receiving: &Receiving<'_>| {
        let token = receiving.tokens().unwrap().refresh.as_ref().unwrap();
        Secret::new(token.expose().clone())
    };
    let token = refresh(&receiving);
    let used = Secret::new(token.expose().clone());
    driver.now = 3600;
    driver.seeds = vec![7, 8];
    let again = agreement(&["resident"], Grant::Refresh(token), &dpop);
    let mut renewing = Receiving::new(&proposal, again, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut renewing).unwrap()[0].credentials.len(), 2);
    assert_eq!(world.issued(), 3);
    // Another key cannot use it, and a token that was used before ends the family.
    let newest = refresh(&renewing);
    let thief = key(Algorithm::Es256, 151);
    let stolen = Secret::new(newest.expose().clone());
    let stolen = agreement(&["resident"], Grant::Refresh(stolen), &thief);
    let mut stealing = Receiving::new(&proposal, stolen, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut stealing).unwrap_err().code(), "OAU-37");
    for token in [used, newest] {
        let replayed = agreement(&["resident"], Grant::Refresh(token), &dpop);
        let mut replaying = Receiving::new(&proposal, replayed, &mut world.entropy()).unwrap();
        assert_eq!(driver.drive(&mut replaying).unwrap_err().code(), "OAU-37");
    }
    assert_eq!(world.issued(), 3);
}

#[test]
fn a_stale_nonce_is_replaced_once() {
    let world = world();
    let stale = |response: &mut Response<Vec<u8>>| {
        *response.body_mut() = json!({ "c_nonce": "stale" }).to_string().into_bytes();
    };
    let mut driver = Driver::tampering(&world, &[1], "/nonce", stale);
    let refused = receive(&mut driver, "resident").unwrap_err();
    assert!(matches!(refused, ReceiveError::Refused(code) if code.name() == "invalid_nonce"), "{refused}");
    let nonces = driver.sent.iter().filter(|(path, _)| path == "nonce").count();
    assert_eq!(nonces, 2);
    assert_eq!(world.issued(), 0);
}

#[test]
fn a_lost_answer_is_asked_for_again_and_nothing_is_issued_twice() {
    let world = world();
    let mut driver = Driver::new(&world, &[1, 2]);
    let proposal = driver.discover(&offer(&world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    let lost = loop {
        match receiving.next(at(0), &mut driver.entropy).unwrap() {
            Step::Send(request) => {
                let is_final = request.uri().path().ends_with("/credential");
                let response = driver.send(request);
                if is_final && response.status() == 200 {
                    let mut gateway = Response::new(Vec::new());
                    *gateway.status_mut() = StatusCode::BAD_GATEWAY;
                    assert_eq!(receiving.supply(&gateway, at(0)).unwrap_err().code(), "VCI-CRQ-06a");
                    break response;
                }
                receiving.supply(&response, at(0)).unwrap();
            }
            Step::Prove(order) => receiving.prove(driver.keys(&order)).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let received = driver.drive(&mut receiving).unwrap();
    let expected: Vec<Value> = parsed(&lost)["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["credential"].clone())
        .collect();
    assert_eq!(received[0].credentials, expected);
    assert_eq!(world.issued(), 2);
}

#[test]
fn a_response_that_is_not_one_is_refused() {
    let world = world();
    let twins = [
        (br#"{"credential":"x"}"#.as_slice(), "VCI-CRS-01"),
        (br#"{"credentials":[]}"#, "VCI-CRS-01"),
        (br#"{"credentials":[{"credential":7}]}"#, "VCI-CRS-01"),
        (br#"{"credentials":[{"credential":"x"}],"transaction_id":"t"}"#, "VCI-CRS-01"),
        (br#"{"credentials":[{"credential":"x"},{"credential":"y"}]}"#, "VCI-CRS-01b"),
        (br#"{"credentials":[{"credential":{"a":1}}]}"#, "VCI-CRS-01b"),
        (b"credentials", "JSON-06"),
    ];
    for (body, code) in twins {
        let error = answered(&world, &mut |response| *response.body_mut() = body.to_vec());
        assert_eq!(error.code(), code);
    }
    let created = answered(&world, &mut |response| *response.status_mut() = StatusCode::CREATED);
    assert_eq!(created.code(), "VCI-CRS-01");
    let strange = answered(&world, &mut |response| *response.status_mut() = StatusCode::CONFLICT);
    assert_eq!(strange.code(), "VCI-CRQ-06a");
}

/// What the wallet makes of a credential response that `change` was done to.
fn answered(world: &World, change: &mut dyn FnMut(&mut Response<Vec<u8>>)) -> ReceiveError {
    let mut driver = Driver::new(world, &[1]);
    let proposal = driver.discover(&offer(world, &["resident"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    loop {
        match receiving.next(at(0), &mut driver.entropy).unwrap() {
            Step::Send(request) => {
                let is_final = request.uri().path().ends_with("/credential");
                let mut response = driver.send(request);
                if is_final {
                    change(&mut response);
                }
                if let Err(error) = receiving.supply(&response, at(0)) {
                    return error;
                }
            }
            Step::Prove(order) => receiving.prove(driver.keys(&order)).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn discovery_stops_at_what_does_not_fit() {
    let world = world();
    let stops = |path: &'static str, how: fn(&mut Response<Vec<u8>>)| {
        let mut driver = Driver::tampering(&world, &[1], path, how);
        let link = offer(&world, &["resident"], None);
        driver.discover(&link).unwrap_err().code()
    };
    let foreign = stops(METADATA, |response| {
        let mut body = parsed(response);
        body["credential_issuer"] = json!("https://issuer.example");
        *response.body_mut() = body.to_string().into_bytes();
    });
    assert_eq!(foreign, "VCI-MET-02");
    let gone = stops(METADATA, |response| {
        let mut body = parsed(response);
        body["credential_configurations_supported"].as_object_mut().unwrap().remove("resident");
        *response.body_mut() = body.to_string().into_bytes();
    });
    assert_eq!(gone, "VCI-OFF-02a");
    let missing = stops(METADATA, |response| *response.status_mut() = StatusCode::NOT_FOUND);
    assert_eq!(missing, "VCI-OFF-07");
    let server = stops("oauth-authorization-server/tenant", |response| {
        let mut body = parsed(response);
        body["issuer"] = json!("https://issuer.example");
        *response.body_mut() = body.to_string().into_bytes();
    });
    assert_eq!(server, "OAU-31");
    // An offer by reference that is a token, as drafts had it.
    let mut driver = Driver::new(&world, &[1]);
    let link = OfferLink::parse(&offer(&world, &["resident"], None), Transport::Https).unwrap();
    let mut discovery = Discovery::new(link, Transport::Https);
    let mut response = driver.send(discovery.request().unwrap());
    response.headers_mut().insert("content-type", "application/jwt".parse().unwrap());
    assert_eq!(discovery.supply(&response, at(0)).unwrap_err().code(), "VCI-OFF-07");
}

/// Where the wallet goes for the metadata of the authorization server, if the issuer lists `servers` and the offer has
/// `named`.
fn chosen(servers: &Value, named: Option<&str>) -> Result<String, &'static str> {
    let world = world();
    let mut offer = json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ["resident"] });
    offer["grants"] = json!({ "authorization_code": {} });
    if let Some(named) = named {
        offer["grants"]["authorization_code"]["authorization_server"] = json!(named);
    }
    let link = Offer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap().link(Scheme::OpenId);
    let mut discovery = Discovery::new(OfferLink::parse(&link, Transport::Https).unwrap(), Transport::Https);
    let mut response = world.send(discovery.request().unwrap(), at(0));
    let mut body = parsed(&response);
    body["authorization_servers"] = servers.clone();
    if body["authorization_servers"].is_null() {
        body.as_object_mut().unwrap().remove("authorization_servers");
    }
    *response.body_mut() = body.to_string().into_bytes();
    discovery.supply(&response, at(0)).map_err(|error| error.code())?;
    Ok(discovery.request().unwrap().uri().to_string())
}

const SERVERS: [&str; 2] = ["https://as.example/1", "https://as.example/2"];

#[test]
fn the_offer_chooses_among_several_servers() {
    let well_known = |n: u8| Ok(format!("https://as.example/.well-known/oauth-authorization-server/{n}"));
    assert_eq!(chosen(&json!(SERVERS), Some(SERVERS[1])), well_known(2));
    assert_eq!(chosen(&json!(SERVERS), None), well_known(1));
    assert_eq!(chosen(&json!([SERVERS[0]]), None), well_known(1));
    let own = "https://issuer.example/.well-known/oauth-authorization-server/tenant".to_owned();
    assert_eq!(chosen(&Value::Null, None), Ok(own));
}

#[test]
fn an_offer_does_not_choose_where_there_is_no_choice() {
    for (servers, named) in
        [(json!(SERVERS), "https://as.example/3"), (json!([SERVERS[0]]), SERVERS[0]), (Value::Null, ISSUER)]
    {
        assert_eq!(chosen(&servers, Some(named)), Err("VCI-OFF-05"));
    }
}

/// A world whose configurations have no scope, so that they are asked for by `authorization_details`.
fn without_scopes() -> World {
    let mut world = world();
    for configuration in world.settings.configurations.values_mut() {
        configuration.scope = None;
    }
    for scope in world.server.configurations.values_mut() {
        *scope = None;
    }
    world
}

#[test]
fn identifiers_of_the_token_response_are_used() {
    let world = without_scopes();
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&by_code(&["resident"])).unwrap();
    let dpop = dpop();
    let first = agreement(&["resident"], in_browser(), &dpop);
    let mut receiving = Receiving::new(&proposal, first, &mut world.entropy()).unwrap();
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
    assert_eq!(receiving.tokens().unwrap().details[0].identifiers, ["resident-of-kim"]);
    // Another person's identifier in the token response: the issuer does not know it for this token.
    let mut driver = Driver::tampering(&world, &[1], "/token", |response| {
        let text = String::from_utf8_lossy(response.body()).replace("resident-of-kim", "resident-of-lee");
        *response.body_mut() = text.into_bytes();
    });
    let second = agreement(&["resident"], in_browser(), &dpop);
    let mut receiving = Receiving::new(&proposal, second, &mut world.entropy()).unwrap();
    let refused = driver.drive(&mut receiving).unwrap_err();
    let unknown = "unknown_credential_identifier";
    assert!(matches!(refused, ReceiveError::Refused(code) if code.name() == unknown), "{refused}");
    assert_eq!(world.issued(), 1);
}

#[test]
fn issuer_state_comes_back_in_the_pushed_request() {
    let world = world();
    let mut driver = Driver::new(&world, &[1]);
    let mut said = |link: &str| {
        let proposal = driver.discover(link).unwrap();
        let dpop = dpop();
        let agreement = agreement(&["resident"], in_browser(), &dpop);
        let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
        let url = driver.until_asked(&mut receiving);
        let (_, query) = url.split_once('?').unwrap();
        assert!(!query.contains("issuer_state"), "only the pushed request says it");
        let interaction = world.authorization().begin(query, at(0), &mut driver.entropy).unwrap();
        interaction.issuer_state
    };
    let link = by_code(&["resident"]);
    assert_eq!(said(&link).as_deref(), Some("s"));
    let without = link.replace("%22issuer_state%22%3A%22s%22", "");
    assert_ne!(without, link);
    assert_eq!(said(&without), None);
}

#[test]
fn a_token_for_less_does_not_fetch_what_was_deferred() {
    let world = world();
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    let mut driver = Driver::new(&world, &[1]);
    let proposal = driver.discover(&offer(&world, &["resident", "licence"], None)).unwrap();
    let dpop = dpop();
    let agreement = agreement(&["resident"], pre_authorized(None), &dpop);
    let mut receiving = Receiving::new(&proposal, agreement, &mut world.entropy()).unwrap();
    driver.until_deferred(&mut receiving);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    // A second token of the same grant, for the other configuration alone.
    let identity = Identity::Public { client_id: "wallet" };
    let mut client = Client::new(&proposal.server, identity, Some(&dpop));
    let details = json!([{ "type": "openid_credential", "credential_configuration_id": "licence" }]);
    let refresh = Redeem::Refresh(receiving.tokens().unwrap().refresh.as_ref().unwrap());
    let tokens = loop {
        let request = client.token(refresh, Some(&details.to_string()), at(1), &mut driver.entropy);
        match client.read_tokens(&driver.send(request.unwrap()), at(1)) {
            Err(ReplyError::Again) => {}
            tokens => break tokens.unwrap(),
        }
    };
    let url = format!("{ISSUER}/deferred_credential");
    let target = (&http::Method::POST, url.as_str());
    let headers = client.authorize(target, &tokens, at(10), &mut driver.entropy).unwrap();
    let body = json!({ "transaction_id": receiving.transaction_id() }).to_string().into_bytes();
    let mut request = Request::post(&url).header("content-type", "application/json").body(body).unwrap();
    request.headers_mut().extend(headers);
    let refused = world.send(request, at(10));
    assert_eq!(refused.status(), 403, "{}", String::from_utf8_lossy(refused.body()));
    assert_eq!(world.issued(), 0);
    assert_eq!(driver.drive(&mut receiving).unwrap().len(), 1);
}

/// An issuer that names somebody else's authorization server as its own.
#[test]
fn a_foreign_issuer_gets_no_token_of_a_good_server() {
    let fetch = |named: &str, for_whom: Option<&str>| {
        let mut world = World::new();
        if let Some(for_whom) = for_whom {
            world.server.credential_issuer = for_whom.to_owned();
        }
        let link = offer(&world, &["resident"], None);
        let mut driver = Driver::new(&world, &[1]);
        let mut proposal = driver.discover(&link).unwrap();
        proposal.metadata.issuer = CredentialIssuerId::parse(named, Transport::Https).unwrap();
        let agreement = Agreement {
            configurations: vec!["resident".to_owned()],
            grant: pre_authorized(None),
            identity: Identity::Anonymous,
            dpop: None,
        };
        let mut receiving = Receiving::new(&proposal, agreement, &mut driver.entropy).unwrap();
        let outcome = driver.drive(&mut receiving).map(|all| all.len()).map_err(|error| error.code());
        (outcome, driver.sent.iter().filter(|(path, _)| path == "credential").count())
    };
    assert_eq!(fetch(ISSUER, None), (Ok(1), 1));
    let evil = "https://evil.example/tenant";
    assert_eq!(fetch(evil, None), (Err("OAU-37"), 0), "the server refuses");
    assert_eq!(fetch(evil, Some(evil)), (Err("VCI-TOK-10"), 0), "a server that does not look");
}

#[test]
fn debug_output_shows_no_credential_and_no_token() {
    let world = world();
    let tx_code = TxCode::new("493536".to_owned());
    let link = offer(&world, &["resident"], Some(&tx_code));
    let mut driver = Driver::new(&world, &[1]);
    let (key, proposal) = (dpop(), driver.discover(&link).unwrap());
    let agreement = agreement(&["resident"], pre_authorized(Some("493536")), &key);
    let mut receiving = Receiving::new(&proposal, agreement, &mut driver.entropy).unwrap();
    let mut shown = String::new();
    loop {
        write!(shown, "{receiving:?}").unwrap();
        let step = receiving.next(at(0), &mut driver.entropy).unwrap();
        write!(shown, "{step:?}").unwrap();
        match step {
            Step::Send(request) => {
                write!(shown, "{:?}", request.headers()).unwrap();
                let response = driver.send(request);
                receiving.supply(&response, at(0)).unwrap();
            }
            Step::Prove(order) => {
                let keys = driver.keys(&order);
                write!(shown, "{keys:?}").unwrap();
                receiving.prove(keys).unwrap();
            }
            Step::Received(received) => {
                write!(shown, "{received:?}").unwrap();
                receiving.report(Event::Accepted).unwrap();
            }
            Step::Done => break,
            other => panic!("{other:?}"),
        }
    }
    let token = receiving.tokens().unwrap().access.expose().clone();
    for told in [token.as_str(), "resident:0", "493536", "eyJ"] {
        assert!(!shown.contains(told), "{told} in {shown}");
    }
    let credentials = vec![json!("a credential")];
    let response = CredentialResponse::Ready { credentials, notification_id: Some("n-1".to_owned()) };
    let later = CredentialResponse::Deferred { transaction_id: "t-1".to_owned(), interval: 5 };
    let shown = format!("{response:?} {later:?}");
    assert!(!["a credential", "n-1", "t-1"].iter().any(|told| shown.contains(told)), "{shown}");
}
