//! An issuer, a verifier and a registry in memory, and the edge that finds things there.

use http::{Request, Response};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as For},
    encoding::from_base64url,
    jwk::PublicJwk,
    key::{Entropy, Signer},
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    resolved::Resolved,
    status::{BitOrder, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, aead::SealingKey};
use sinpyo_dcql::Query;
use sinpyo_oauth::{
    Anonymous, Authentication, Authorization, AuthorizationServer, Dpop, Granted, PreAuthorized, RedirectUri,
    RegisteredClient, ServerSettings, TxCode,
    url::{IssuerId, Transport},
};
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::Configuration,
    issuer::{Desk, DeskRefusal, Issuance, Issuer, IssuerSettings, Order},
    notification::Notification,
    offer::{AuthorizationCodeGrant, Grants, Offer, PreAuthorizedGrant, Scheme, TxCodePrompt},
    proof::Lookup,
};
use sinpyo_openid4vp::{
    Channel, Location, TransactionType, TransactionTypes, VerifierInfo,
    verifier::{
        Arrived, Asking, Confirmation, Flow, Handled, Identity, Lifetimes, Name, Order as Ask, Profile,
        RequestUriMethod, Settings, Verdict, Verifier,
    },
};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified, VerifiedStatusList, request_object,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
    status_token::{self, Publication},
    vc_di,
};
use sinpyo_state::{MemoryState, OwnedChange, State, Unavailable};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_verifier::{Check, Expectation, Fact, Known, Need as Check_, Presented, Session, Trust};
use sinpyo_wallet_app::{Found, Need, Rules, Standing};
use std::{sync::Arc, time::Duration};

pub(crate) const ISSUER: &str = "https://issuer.example/posts";
pub(crate) const ISSUER_DID: &str = "did:web:issuer.example";
pub(crate) const VERIFIER_DID: &str = "did:web:verifier.example";
pub(crate) const SENIOR: &str = "ExampleDegreeCredential";
pub(crate) const RESIDENT: &str = "urn:sinpyo:credential:ResidentCredential";

pub(crate) fn now() -> Timestamp {
    "2026-11-22T03:45:00Z".parse().unwrap()
}

/// What the desk does with the next order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Ready,
    Deferred,
    /// Of another type than was offered.
    OtherType,
    /// A W3C credential with a Data Integrity proof, for the holder's DID.
    W3c,
}

/// Everything outside of the wallet.
pub(crate) struct World {
    pub(crate) state: MemoryState,
    pub(crate) server: ServerSettings,
    pub(crate) settings: IssuerSettings,
    pub(crate) mode: Mode,
    pub(crate) verifier: Settings,
    pub(crate) asker: KeySigner,
    /// Whether the registry knows the verifier.
    pub(crate) is_registered: bool,
    /// Whether anybody answers.
    pub(crate) is_online: bool,
    /// Whether the registry answers.
    pub(crate) has_registry: bool,
    pub(crate) standing: Standing,
    /// Whose document nobody has.
    pub(crate) unknown: Option<&'static str>,
    /// What `pictures.example` answers with: status, type and body.
    pub(crate) picture: Option<(u16, &'static str, Vec<u8>)>,
    /// Where requests went, in order.
    pub(crate) sent: Vec<String>,
    /// What was decided on each answer: the code of the refusal, if there is one.
    pub(crate) verdicts: Vec<Result<Value, String>>,
    /// What the desk heard of what became of its credentials.
    pub(crate) heard: std::sync::Mutex<Vec<&'static str>>,
    pub(crate) entropy: TestEntropy,
    /// An election, where a test has one.
    pub(crate) polls: Option<crate::polls::Polls>,
    /// Paths of what was sent over a connection of its own.
    pub(crate) apart: Vec<String>,
}

fn signer(did: &str, seed: u8) -> KeySigner {
    KeySigner::new(format!("{did}#key-1").parse().unwrap(), key(Algorithm::Es256, seed))
}

pub(crate) fn document(did: &str, signer: &KeySigner) -> Resolved {
    let did: Did = did.parse().unwrap();
    let key = PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey());
    let method =
        VerificationMethod { id: signer.key_id().clone(), controller: did.clone(), key, revoked: None };
    Resolved::immutable(DidDocument::new(did).with_key(method, &[For::AssertionMethod, For::Authentication]))
}

#[derive(Debug)]
struct TestDesk<'w> {
    mode: Mode,
    heard: &'w std::sync::Mutex<Vec<&'static str>>,
}

impl TestDesk<'_> {
    fn credential(
        &self,
        holder: &sinpyo_openid4vci::proof::HolderKey,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Value {
        let signer = signer(ISSUER_DID, 1);
        let kind = if self.mode == Mode::OtherType { "urn:sinpyo:credential:Other" } else { RESIDENT };
        let claims = json!({
            "family_name": "김", "given_name": "한별", "birthdate": "2001-03-04", "age_over_18": true,
            "region_sigungu": "서울특별시 종로구",
        });
        let claims: Map<String, Value> = claims.as_object().unwrap().clone();
        let selective: Vec<_> = claims.keys().map(|name| ClaimPath::name(name)).collect();
        let until = Some(now.plus(Duration::from_hours(24 * 365)));
        let credential = Credential::builder(kind.parse().unwrap(), ISSUER_DID)
            .holder(Holder::Key(holder.jwk()))
            .valid(Validity { from: Some(now), until })
            .issued_at(now)
            .status(StatusEntry::Token { list: "https://issuer.example/status/1".into(), index: 7 })
            .claims(claims)
            .build();
        let concealment =
            Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
        let pair: (&dyn Signer, _) = (&signer, signer.key().verifying_key());
        sd_jwt_vc::issue(&credential, &concealment, pair, entropy).unwrap().into()
    }

    fn w3c(holder: &sinpyo_openid4vci::proof::HolderKey, now: Timestamp) -> Value {
        let signer = signer(ISSUER_DID, 1);
        let holder = holder.id.as_ref().unwrap().did();
        let credential = Credential::builder(SENIOR.parse().unwrap(), ISSUER_DID)
            .holder(Holder::Did(holder))
            .valid(Validity { from: Some(now), until: None })
            .issued_at(now)
            .claim("member_since", "2001")
            .build();
        let pair: (&dyn Signer, _) = (&signer, signer.key().verifying_key());
        let contexts = ["https://www.w3.org/ns/credentials/examples/v2"];
        Value::Object(vc_di::issue(&credential, &contexts, pair).unwrap())
    }

    fn ready(&self, order: &Order<'_>, now: Timestamp, entropy: &mut dyn Entropy) -> Issuance {
        let credentials = order.keys.iter().map(|key| match self.mode {
            Mode::W3c => Self::w3c(key, now),
            _ => self.credential(key, now, entropy),
        });
        let credentials = credentials.collect();
        Issuance::Ready { credentials, reference: Some("r".to_owned()), changes: Vec::new() }
    }
}

/// Knows the documents of DIDs that consist of a key.
#[derive(Debug)]
struct OwnKeys;

impl Lookup for OwnKeys {
    fn holder(&self, did: &Did) -> Option<Resolved> {
        let jwk = from_base64url(did.as_str().strip_prefix("did:jwk:")?).ok()?;
        let jwk = PublicJwk::from_members(sinpyo_core::json::parse_object(&jwk).ok()?).ok()?;
        let key = PublicKeyMaterial::Jwk(jwk);
        let method =
            VerificationMethod { id: did.key("0").ok()?, controller: did.clone(), key, revoked: None };
        Some(Resolved::immutable(DidDocument::new(did.clone()).with_key(method, &[For::Authentication])))
    }
}

impl Desk for TestDesk<'_> {
    fn issue(
        &self,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        match self.mode {
            Mode::Deferred => {
                Ok(Issuance::Deferred { interval: 60, ticket: "t".to_owned(), changes: Vec::new() })
            }
            Mode::Ready | Mode::OtherType | Mode::W3c => Ok(self.ready(order, now, entropy)),
        }
    }

    fn collect(
        &self,
        _: &str,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        Ok(self.ready(order, now, entropy))
    }

    fn notified(
        &self,
        _: &str,
        notification: &Notification,
        _: Timestamp,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        self.heard.lock().unwrap().push(notification.event.name());
        Ok(Vec::new())
    }
}

fn configuration() -> Configuration {
    let label = |path: &str, ko: &str, en: &str| json!({"path": [path], "mandatory": true, "display": [{"name": ko, "locale": "ko"}, {"name": en, "locale": "en"}]});
    let value = json!({
        "format": "dc+sd-jwt", "vct": RESIDENT, "scope": "resident",
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        "credential_metadata": {
            "display": [{ "name": "주민 자격증명", "locale": "ko" }, { "name": "Resident credential", "locale": "en" }],
            "claims": [
                label("family_name", "성", "Family name"), label("given_name", "이름", "Given name"),
                label("birthdate", "생년월일", "Date of birth"), label("age_over_18", "성인 여부", "Adult"),
                label("region_sigungu", "사는 곳", "Region"),
            ],
        },
    });
    Configuration::parse(value.as_object().unwrap()).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let master = Secret::new([7; 32]);
        let mut server = ServerSettings::new(IssuerId::parse(ISSUER, Transport::Https).unwrap(), &master);
        server.anonymous = Anonymous::Allowed;
        server.dpop = Dpop::Offered;
        server.configurations = [("resident".to_owned(), Some("resident".to_owned()))].into();
        let redirects = vec![RedirectUri::Exact(format!("{}/callback", crate::browser::ORIGIN))];
        let client = RegisteredClient { authentication: Authentication::Public, redirects };
        server.clients.insert("sinpyo-wallet".to_owned(), client);
        let id = CredentialIssuerId::parse(ISSUER, Transport::Https).unwrap();
        let mut settings = IssuerSettings::new(id, &master);
        settings.configurations = [("resident".to_owned(), configuration())].into();
        settings.displays = sinpyo_openid4vci::display::Displays::parse(&json!([
            {"name": "종로구청", "locale": "ko"}, {"name": "Jongno District Office", "locale": "en"},
        ]))
        .unwrap();
        settings.batch_size = 3;
        Self {
            state: MemoryState::new(),
            server,
            settings,
            mode: Mode::Ready,
            verifier: Settings {
                base: Location::parse("https://verifier.example/vp/", sinpyo_openid4vp::Transport::Https)
                    .unwrap(),
                profile: Profile::Base,
                method: RequestUriMethod::Get,
                lifetimes: Lifetimes::default(),
                sealing: SealingKey::new(&Secret::new([8; 32])),
                transport: sinpyo_openid4vp::Transport::Https,
            },
            asker: signer(VERIFIER_DID, 2),
            is_registered: true,
            is_online: true,
            has_registry: true,
            standing: Standing::Good,
            unknown: None,
            picture: None,
            sent: Vec::new(),
            verdicts: Vec::new(),
            heard: std::sync::Mutex::default(),
            entropy: TestEntropy::new(77),
            polls: None,
            apart: Vec::new(),
        }
    }

    pub(crate) fn rules() -> Rules {
        let kind = json!({
            "type": "urn:example:payment", "label": {"ko": "송금", "en": "Payment"},
            "fields": {"payee": {"label": {"ko": "받는 사람", "en": "Payee"}, "kind": "text"}},
        });
        let kind = TransactionType::from_json(kind.as_object().unwrap()).unwrap();
        Rules {
            transaction_types: TransactionTypes::new().with(kind),
            ..Rules::new(Transport::Https, "sinpyo-wallet")
        }
    }

    fn issuer<T>(
        &self,
        entropy: &mut TestEntropy,
        act: impl FnOnce(&Issuer<'_>, &mut TestEntropy) -> T,
    ) -> T {
        let desk = TestDesk { mode: self.mode, heard: &self.heard };
        let issuer = Issuer {
            settings: &self.settings,
            authorization: AuthorizationServer { settings: &self.server, state: &self.state },
            state: &self.state,
            desk: &desk,
            lookup: &OwnKeys,
            signer: None,
        };
        act(&issuer, entropy)
    }

    /// A link to an offer of the resident credential.
    pub(crate) fn offer(&mut self, tx_code: Option<&str>) -> String {
        let mut entropy = self.draw();
        let typed: Option<TxCode> = tx_code.map(|text| TxCode::new(text.to_owned()));
        let granted =
            Granted { configuration_id: "resident".to_owned(), identifiers: vec!["r-1".to_owned()] };
        let authorization = Authorization { subject: "kim".to_owned(), configurations: vec![granted] };
        let order =
            PreAuthorized { authorization, tx_code: typed.as_ref(), lifetime: Duration::from_mins(10) };
        let (code, changes) = self.issuer(&mut entropy, |issuer, entropy| {
            issuer.authorization.pre_authorize(order, now(), entropy)
        });
        self.state.commit_owned(&changes).unwrap();
        let grant = PreAuthorizedGrant {
            code: Secret::new(code.as_str().to_owned()),
            tx_code: tx_code.map(|_| TxCodePrompt { length: Some(6), ..TxCodePrompt::default() }),
            authorization_server: None,
        };
        let grants = Grants { authorization_code: None, pre_authorized: Some(grant) };
        self.link(grants)
    }

    /// A link to an offer for which the holder goes to the issuer's page.
    pub(crate) fn offer_by_page(&self) -> String {
        let grant = AuthorizationCodeGrant { issuer_state: Some("s".to_owned()), authorization_server: None };
        self.link(Grants { authorization_code: Some(grant), pre_authorized: None })
    }

    fn link(&self, grants: Grants) -> String {
        let configurations = vec!["resident".to_owned()];
        Offer { issuer: self.settings.id.clone(), configurations, grants }.link(Scheme::OpenId)
    }

    /// What the issuer's page sends the browser back to, after its user agreed.
    pub(crate) fn authorize(&mut self, url: &str) -> String {
        let mut entropy = self.draw();
        let (_, query) = url.split_once('?').unwrap();
        self.issuer(&mut entropy, |issuer, entropy| {
            let interaction = issuer.authorization.begin(query, now(), entropy).unwrap();
            let granted =
                Granted { configuration_id: "resident".to_owned(), identifiers: vec!["r-1".to_owned()] };
            let authorization = Authorization { subject: "kim".to_owned(), configurations: vec![granted] };
            issuer.authorization.approve(&interaction.id, &authorization, now(), entropy).unwrap()
        })
    }

    /// The same, after they did not.
    pub(crate) fn refuse(&mut self, url: &str) -> String {
        let mut entropy = self.draw();
        let (_, query) = url.split_once('?').unwrap();
        self.issuer(&mut entropy, |issuer, entropy| {
            let interaction = issuer.authorization.begin(query, now(), entropy).unwrap();
            issuer.authorization.deny(&interaction.id, now()).unwrap()
        })
    }

    /// A link to a request for `query`.
    pub(crate) fn ask(&mut self, query: &Value) -> String {
        self.ask_with(query, |_| {})
    }

    pub(crate) fn ask_with(&mut self, query: &Value, change: impl FnOnce(&mut Ask)) -> String {
        let mut entropy = self.draw();
        let query = Query::from_json(query).unwrap();
        let mut order = Ask::new(query, Flow::CrossDevice { confirmation: Confirmation::None });
        let info =
            |format: &str, data| VerifierInfo { format: format.to_owned(), data, credential_ids: None };
        order.verifier_info = vec![
            info("service_code", json!("post.login")),
            info("purpose", json!({"ko": "우편물 수령인 확인", "en": "To check who receives the mail"})),
        ];
        change(&mut order);
        let name = Name::Did { key_id: self.asker.key_id().clone() };
        let identities =
            [Identity { name: &name, signer: &self.asker, key: self.asker.key().verifying_key() }];
        let verifier = Verifier { settings: &self.verifier, identities: &identities, state: &self.state };
        let opened = verifier.open(&order, now(), &mut entropy).unwrap();
        let Asking::Link(link) = opened.asking else { panic!("a link") };
        link.to_uri("openid4vp://")
    }

    /// A link by somebody who is known by nothing but the address of the answer.
    pub(crate) fn ask_unsigned(&mut self, query: &Value) -> String {
        let mut entropy = self.draw();
        let query = Query::from_json(query).unwrap();
        let order = Ask::new(query, Flow::CrossDevice { confirmation: Confirmation::None });
        let verifier = Verifier { settings: &self.verifier, identities: &[], state: &self.state };
        let Asking::Link(link) = verifier.open(&order, now(), &mut entropy).unwrap().asking else {
            panic!("a link")
        };
        link.to_uri("openid4vp://")
    }

    /// A request of ours, as a file.
    pub(crate) fn carried_request(&self, claims: &[&str]) -> String {
        let claims = claims.iter().map(|name| ClaimQuery { path: ClaimPath::name(name), values: Vec::new() });
        let query = CredentialQuery {
            id: "resident".into(),
            types: vec![RESIDENT.parse().unwrap()],
            claims: claims.collect(),
        };
        let request = PresentationRequest {
            verifier: VERIFIER_DID.parse().unwrap(),
            service: "post.login".parse().unwrap(),
            nonce: "0123456789abcdefghijkl".into(),
            issued_at: now(),
            expires_at: now().plus(Duration::from_mins(5)),
            queries: vec![query],
        };
        request_object::sign(&request, (&self.asker, self.asker.key().verifying_key())).unwrap()
    }

    pub(crate) fn draw(&mut self) -> TestEntropy {
        let mut seed = [0; 8];
        self.entropy.fill(&mut seed);
        TestEntropy::new(u64::from_be_bytes(seed))
    }

    /// As the edge does.
    pub(crate) fn find(&mut self, need: Need, now: Timestamp) -> Found {
        match need {
            _ if !self.is_online => Found::Unreachable,
            Need::Http(request) if request.uri().host() == Some("pictures.example") => {
                self.draw_picture(&request)
            }
            Need::Http(request) => Found::Response(self.send(&request, now)),
            Need::Apart(request) => {
                self.apart.push(request.uri().path().to_owned());
                Found::Response(self.send(&request, now))
            }
            Need::Document { .. } | Need::Accreditation { .. } if !self.has_registry => Found::Unreachable,
            Need::Document { did, .. } => match did.as_str() {
                name if self.unknown == Some(name) => Found::Nothing,
                ISSUER_DID => Found::Document(Box::new(document(ISSUER_DID, &signer(ISSUER_DID, 1)))),
                crate::polls::REGISTRAR_DID => {
                    let signer = crate::polls::office_signer(crate::polls::REGISTRAR_DID, 6);
                    Found::Document(Box::new(document(crate::polls::REGISTRAR_DID, &signer)))
                }
                VERIFIER_DID => Found::Document(Box::new(document(VERIFIER_DID, &signer(VERIFIER_DID, 2)))),
                _ => Found::Nothing,
            },
            Need::Accreditation { subject, right } => match right {
                Right::Request(service) if self.is_registered && subject.as_str() == VERIFIER_DID => {
                    let scope = ["age_over_18", "region_sigungu", "given_name"].map(ClaimPath::name).to_vec();
                    let name = LocalizedName { ko: "우정사업본부".into(), en: "Korea Post".into() };
                    let grant =
                        Grant::Request { service, scope: [(RESIDENT.parse().unwrap(), scope)].into() };
                    let granted_by = "did:web:root.example".parse().unwrap();
                    let validity = Validity::default();
                    Found::Accreditation(Box::new(Accreditation {
                        subject,
                        name,
                        granted_by,
                        grant,
                        validity,
                    }))
                }
                _ => Found::Nothing,
            },
            Need::Standing(_) => Found::Standing(self.standing),
        }
    }

    fn draw_picture(&mut self, request: &Request<Vec<u8>>) -> Found {
        self.sent.push(format!("{} {}", request.method(), request.uri()));
        let Some((status, kind, body)) = self.picture.clone() else { return Found::Unreachable };
        let response = Response::builder().status(status).header("content-type", kind).body(body);
        Found::Response(response.unwrap())
    }

    fn send(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        self.sent.push(format!("{} {}", request.method(), request.uri()));
        let mut entropy = self.draw();
        // What a relay passes on is taken straight.
        if request.uri().host().is_some_and(|host| host == "vote.example" || host.starts_with("relay")) {
            return self.polls.as_mut().unwrap().ask(request, now);
        }
        if request.uri().host() == Some("issuer.example") {
            let (parts, body) = request.clone().into_parts();
            return self
                .issuer(&mut entropy, |issuer, entropy| issuer.answer(&parts, &body, now, entropy))
                .unwrap();
        }
        let name = Name::Did { key_id: self.asker.key_id().clone() };
        let identities =
            [Identity { name: &name, signer: &self.asker, key: self.asker.key().verifying_key() }];
        let verifier = Verifier { settings: &self.verifier, identities: &identities, state: &self.state };
        match verifier.handle(request, now, &mut entropy).unwrap() {
            Handled::Answer(response) => response,
            Handled::Refused(response, refusal) => {
                self.verdicts.push(Err(refusal.code().to_owned()));
                response
            }
            Handled::Arrived(arrived) => {
                let verdict = judged(&arrived, now);
                let told = match &verdict {
                    Ok(claims) => Verdict::Accepted(claims.clone()),
                    Err(code) => Verdict::Refused { rule: code.clone() },
                };
                self.verdicts.push(verdict);
                verifier.conclude(*arrived, told, now, &mut entropy).unwrap().to_response()
            }
        }
    }
}

/// The verifier's whole check of an answer: the shown claims by query, or the code of the rule that it breaks.
fn judged(arrived: &Arrived, now: Timestamp) -> Result<Value, String> {
    let made_for = &arrived.expectation;
    let Channel::Posted { response_uri } = &made_for.channel else { panic!("posted") };
    let session = Session::OpenId4Vp {
        client_id: made_for.audience.clone(),
        response_uri: response_uri.clone(),
        jwk_thumbprint: made_for.jwk_thumbprint,
    };
    let mut expectation = Expectation::new(arrived.query.clone(), session, made_for.nonce.clone(), now);
    expectation.transaction_data = made_for.transaction_data.clone();
    expectation.trust = Trust::in_issuers([ISSUER_DID.parse().unwrap()]);
    let presented =
        Presented::parse(&arrived.presentations.to_json()).map_err(|error| error.code().to_owned())?;
    let mut check = Check::start(expectation, presented, now).map_err(|error| error.code().to_owned())?;
    while let Some(need) = check.need() {
        let fact = match need {
            Check_::Document { .. } => {
                Fact::Document(Arc::new(KeyRing::of(&document(ISSUER_DID, &signer(ISSUER_DID, 1)))))
            }
            Check_::StatusList { entry, issuer } => {
                Fact::StatusList(Arc::new(status_list(&entry, &issuer, now)))
            }
            other => panic!("{other:?}"),
        };
        check.supply(&Known { fact, as_of: now }).unwrap();
    }
    let verdict = check.conclude();
    match (&verdict.outcome, verdict.code()) {
        (Ok(accepted), None) => {
            let shown = accepted
                .credentials()
                .map(|(query, credential)| (query.to_string(), Value::Object(credential.claims().clone())));
            Ok(Value::Object(shown.collect()))
        }
        (_, Some(code)) => Err(code.to_owned()),
        (Err(error), None) => Err(error.code().to_owned()),
    }
}

/// A list on which everything stands.
pub(crate) fn status_list(entry: &StatusEntry, issuer: &Did, now: Timestamp) -> VerifiedStatusList {
    let list = StatusList::new(4, BitOrder::LeastFirst, 100).unwrap();
    let signer = signer(issuer.as_str(), 1);
    let uri = "https://issuer.example/status/1".to_owned();
    let publication = Publication { uri, issued_at: now, expires: None, ttl: None };
    let signatory = Signatory { key_id: signer.key_id(), key: signer.key().verifying_key() };
    let prepared = status_token::prepare(&list, &publication, signatory);
    let signature = signer.sign(prepared.signing_input()).unwrap();
    let token = prepared.attach(&signature).unwrap();
    let ring = KeyRing::of(&document(issuer.as_str(), &signer));
    Unverified::<StatusList>::parse(token.as_bytes()).unwrap().verify(entry, &ring, now).unwrap()
}
