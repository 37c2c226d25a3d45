//! An issuer with a desk, in memory, and what a wallet sends to it.

use http::{Method, Request, Response};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jose::jwe::{ContentEncryption, Decrypter};
use sinpyo_oauth::{
    Anonymous, Authorization, AuthorizationServer, Dpop, Granted, PreAuthorized, ServerSettings, form,
    url::{IssuerId, Transport},
};
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::Configuration,
    issuer::{Desk, DeskRefusal, Issuance, Issuer, IssuerSettings, Lifetimes, Order},
    notification::Notification,
    proof::{Attesters, Lookup, ProofKey, attestation_claims, jwt_claims, sign_jwt},
};
use sinpyo_state::{Key, MemoryState, OwnedChange, Space, State, Unavailable};
use sinpyo_testkit::{TestEntropy, key};
use std::{collections::BTreeMap, sync::Mutex, time::Duration};

pub(crate) const ISSUER: &str = "https://issuer.example/tenant";
const ISSUED: Space = Space::new("desk.issued");
const INDEX: Space = Space::new("desk.index");

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_319_100 + seconds).unwrap()
}

/// What the desk does with the next order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Ready,
    Deferred,
    Denied,
    TooMany,
}

/// Issues texts that say for which key they are, each with the next index of one list.
#[derive(Debug)]
pub(crate) struct TestDesk {
    pub(crate) mode: Mutex<Mode>,
    /// What it heard.
    pub(crate) heard: Mutex<Vec<(String, &'static str)>>,
    /// Called before each issuance has read anything: what another node does meanwhile.
    pub(crate) meanwhile: Mutex<Option<fn(&MemoryState)>>,
    pub(crate) state: &'static MemoryState,
}

impl TestDesk {
    fn ready(&self, order: &Order<'_>, now: Timestamp) -> Result<Issuance, DeskRefusal> {
        let key = Key::named(INDEX, "next");
        let found = self.state.get(&key, now)?;
        let next: u64 = found
            .as_ref()
            .map_or(0, |record| String::from_utf8(record.data.clone()).unwrap().parse().unwrap());
        let count = u64::try_from(order.keys.len().max(1)).unwrap();
        let data = (next + count).to_string();
        let mut changes = vec![match found {
            None => OwnedChange::insert(key, data, None),
            Some(record) => OwnedChange::replace(key, record.version, data, None),
        }];
        let mut credentials: Vec<Value> = Vec::new();
        for place in 0..count {
            let index = next + place;
            let holder = order.keys.get(usize::try_from(place).unwrap());
            let x = holder.map(|holder| holder.jwk().text("x").unwrap_or_default().to_owned());
            changes.push(OwnedChange::insert(Key::named(ISSUED, &index.to_string()), "{}", None));
            credentials.push(json!(format!("{}:{index}:{}", order.configuration_id, x.unwrap_or_default())));
        }
        if let Some(act) = self.meanwhile.lock().unwrap().take() {
            act(self.state);
        }
        Ok(Issuance::Ready { credentials, reference: Some(format!("issuance-{next}")), changes })
    }
}

impl Desk for TestDesk {
    fn issue(
        &self,
        order: &Order<'_>,
        now: Timestamp,
        _: &mut dyn sinpyo_core::key::Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        match *self.mode.lock().unwrap() {
            Mode::Ready => self.ready(order, now),
            Mode::Deferred => {
                Ok(Issuance::Deferred { interval: 10, ticket: "ticket".to_owned(), changes: Vec::new() })
            }
            Mode::Denied => Err(DeskRefusal::Denied),
            Mode::TooMany => {
                let credentials = vec![json!("one"); order.keys.len() + 1];
                Ok(Issuance::Ready { credentials, reference: None, changes: Vec::new() })
            }
        }
    }

    fn collect(
        &self,
        ticket: &str,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn sinpyo_core::key::Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        assert_eq!(ticket, "ticket");
        self.issue(order, now, entropy)
    }

    fn notified(
        &self,
        reference: &str,
        notification: &Notification,
        _: Timestamp,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        self.heard.lock().unwrap().push((reference.to_owned(), notification.event.name()));
        Ok(Vec::new())
    }
}

/// Knows did:key documents of P-256 keys, and believes that status `{"ok":true}` stands.
#[derive(Debug)]
pub(crate) struct TestLookup;

impl Lookup for TestLookup {
    fn holder(&self, did: &sinpyo_core::did::Did) -> Option<sinpyo_core::resolved::Resolved> {
        use sinpyo_core::document::{
            DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship,
        };
        let multikey = sinpyo_core::encoding::Multikey::parse(did.as_str().strip_prefix("did:key:")?).ok()?;
        let id = format!("{did}#{multikey}").parse().ok()?;
        let key = PublicKeyMaterial::Multikey(multikey);
        let method = VerificationMethod { id, controller: did.clone(), key, revoked: None };
        let document = DidDocument::new(did.clone());
        let document = document.with_key(method, &[VerificationRelationship::Authentication]);
        Some(sinpyo_core::resolved::Resolved::immutable(document))
    }

    fn stands(&self, status: &Value, _: Timestamp) -> bool {
        status == &json!({ "ok": true })
    }
}

pub(crate) struct World {
    pub(crate) state: &'static MemoryState,
    pub(crate) server: ServerSettings,
    pub(crate) settings: IssuerSettings,
    pub(crate) desk: TestDesk,
    pub(crate) entropy: Mutex<TestEntropy>,
}

pub(crate) fn configuration(value: &Value) -> Configuration {
    Configuration::parse(value.as_object().unwrap()).unwrap()
}

fn configurations() -> BTreeMap<String, Configuration> {
    let jwt = json!({ "proof_signing_alg_values_supported": ["ES256", "EdDSA"] });
    let suites = json!({ "proof_signing_alg_values_supported": ["ecdsa-jcs-2019"] });
    let resident = json!({
        "format": "dc+sd-jwt", "vct": "urn:example:Resident", "scope": "resident",
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": { "jwt": jwt, "attestation": jwt, "di_vp": suites },
        "credential_metadata": { "display": [
            { "name": "주민 증명", "locale": "ko" }, { "name": "Resident", "locale": "en" } ] },
    });
    let mut attested = resident.clone();
    let demand = json!({ "key_storage": ["iso_18045_high", "iso_18045_moderate"] });
    let jwt = json!({ "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": demand });
    let mut suites = suites;
    suites["key_attestations_required"] = json!({});
    attested["proof_types_supported"] = json!({ "jwt": jwt, "attestation": jwt, "di_vp": suites });
    let mut bearer = resident.clone();
    for member in ["cryptographic_binding_methods_supported", "proof_types_supported"] {
        bearer.as_object_mut().unwrap().remove(member);
    }
    let licence = json!({
        "format": "mso_mdoc", "doctype": "org.iso.18013.5.1.mDL", "scope": "licence",
        "credential_signing_alg_values_supported": [-7],
        "cryptographic_binding_methods_supported": ["cose_key"],
        "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
    });
    [("resident", resident), ("attested", attested), ("bearer", bearer), ("licence", licence)]
        .map(|(id, value)| (id.to_owned(), configuration(&value)))
        .into()
}

/// The key that attests keys.
pub(crate) fn attester() -> KeySigner {
    KeySigner::new("did:x:maker#1".parse().unwrap(), key(Algorithm::Es256, 200))
}

/// The wallet's key number `seed`.
pub(crate) fn holder(seed: u8) -> KeySigner {
    let signing = key(Algorithm::Es256, seed);
    let multikey = signing.verifying_key().to_multikey();
    KeySigner::new(format!("did:key:{multikey}#{multikey}").parse().unwrap(), signing)
}

pub(crate) fn encryption_key() -> SigningKey {
    key(Algorithm::Es256, 201)
}

/// The settings of the issuer at `id`, without anything that it issues.
pub(crate) fn bare_settings(id: &str) -> IssuerSettings {
    let id = CredentialIssuerId::parse(id, Transport::Https).unwrap();
    IssuerSettings::new(id, &Secret::new([7; 32]))
}

impl World {
    pub(crate) fn new() -> Self {
        let master = Secret::new([7; 32]);
        let state: &'static MemoryState = Box::leak(Box::new(MemoryState::new()));
        let mut server = ServerSettings::new(IssuerId::parse(ISSUER, Transport::Https).unwrap(), &master);
        server.anonymous = Anonymous::Allowed;
        server.dpop = Dpop::Offered;
        let mut settings = bare_settings(ISSUER);
        settings.configurations = configurations();
        settings.batch_size = 5;
        settings.lifetimes = Lifetimes { grace: Duration::from_mins(1), ..Lifetimes::default() };
        settings.attesters = Attesters {
            keys: [("did:x:maker#1".to_owned(), attester().key().verifying_key().clone())].into(),
            ..Attesters::default()
        };
        let scopes = settings.configurations.iter().map(|(id, one)| (id.clone(), one.scope.clone()));
        server.configurations = scopes.collect();
        let desk = TestDesk {
            mode: Mutex::new(Mode::Ready),
            heard: Mutex::default(),
            meanwhile: Mutex::default(),
            state,
        };
        Self { state, server, settings, desk, entropy: Mutex::new(TestEntropy::new(9)) }
    }

    /// Randomness that no other part of the test has.
    pub(crate) fn entropy(&self) -> TestEntropy {
        let mut seed = [0; 8];
        sinpyo_core::key::Entropy::fill(&mut *self.entropy.lock().unwrap(), &mut seed);
        TestEntropy::new(u64::from_be_bytes(seed))
    }

    /// Offers encryption.
    pub(crate) fn with_encryption(mut self) -> Self {
        let decrypter = Decrypter::new(&encryption_key(), Some("enc-1"), &ContentEncryption::ALL).unwrap();
        self.settings.decrypters = vec![decrypter];
        self
    }

    pub(crate) fn authorization(&self) -> AuthorizationServer<'_> {
        AuthorizationServer { settings: &self.server, state: self.state }
    }

    pub(crate) fn issuer(&self) -> Issuer<'_> {
        Issuer {
            settings: &self.settings,
            authorization: self.authorization(),
            state: self.state,
            desk: &self.desk,
            lookup: &TestLookup,
            signer: None,
        }
    }

    pub(crate) fn send(&self, request: Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        let (parts, body) = request.into_parts();
        let entropy = &mut *self.entropy.lock().unwrap();
        self.issuer().answer(&parts, &body, now, entropy).expect("an endpoint")
    }

    /// How many credentials the desk issued for good.
    pub(crate) fn issued(&self) -> usize {
        self.state.page(ISSUED, None, 1000, at(0)).unwrap().len()
    }

    /// A token of `subject` for `ids`, got by a pre-authorized code.
    pub(crate) fn token(&self, subject: &str, ids: &[&str]) -> Token {
        let configurations = ids.iter().map(|id| Granted {
            configuration_id: (*id).to_owned(),
            identifiers: vec![format!("{id}-of-{subject}")],
        });
        let authorization =
            Authorization { subject: subject.to_owned(), configurations: configurations.collect() };
        let order = PreAuthorized { authorization, tx_code: None, lifetime: Duration::from_mins(5) };
        let (code, changes) =
            self.authorization().pre_authorize(order, at(0), &mut *self.entropy.lock().unwrap());
        self.state.commit_owned(&changes).unwrap();
        let body = form::encode([
            ("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
            ("pre-authorized_code", code.as_str()),
        ]);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{ISSUER}/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into_bytes())
            .unwrap();
        let response = self.send(request, at(0));
        assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(response.body()));
        Token(parsed(&response)["access_token"].as_str().unwrap().to_owned())
    }

    pub(crate) fn c_nonce(&self, now: Timestamp) -> String {
        let request =
            Request::builder().method("POST").uri(format!("{ISSUER}/nonce")).body(Vec::new()).unwrap();
        parsed(&self.send(request, now))["c_nonce"].as_str().unwrap().to_owned()
    }

    /// A credential request as JSON.
    pub(crate) fn ask(&self, token: &Token, body: &Value) -> Response<Vec<u8>> {
        self.send(token.post("credential", body), at(0))
    }

    /// The claims of an anonymous wallet's proof with a new nonce.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        jwt_claims(&self.settings.id, None, Some(&self.c_nonce(at(0))), at(0))
    }

    /// Proofs by the keys `seeds` with one new nonce.
    pub(crate) fn jwt_proofs(&self, seeds: &[u8]) -> Value {
        let claims = self.claims();
        let proofs: Vec<_> = seeds.iter().map(|seed| proof(&claims, &holder(*seed), None)).collect();
        json!({ "jwt": proofs })
    }
}

/// A bearer token.
pub(crate) struct Token(pub(crate) String);

impl Token {
    pub(crate) fn post(&self, endpoint: &str, body: &Value) -> Request<Vec<u8>> {
        self.post_as(endpoint, "application/json", body.to_string().into_bytes())
    }

    pub(crate) fn post_as(&self, endpoint: &str, media: &str, body: Vec<u8>) -> Request<Vec<u8>> {
        Request::builder()
            .method("POST")
            .uri(format!("{ISSUER}/{endpoint}"))
            .header("authorization", format!("Bearer {}", self.0))
            .header("content-type", media)
            .body(body)
            .unwrap()
    }
}

pub(crate) fn proof(claims: &Map<String, Value>, holder: &KeySigner, attestation: Option<&str>) -> String {
    let key = ProofKey { signer: holder, key: holder.key().verifying_key() };
    sign_jwt(claims, key, attestation).unwrap()
}

/// The claims of an attestation of the keys `seeds`.
pub(crate) fn attested(seeds: &[u8], nonce: Option<&str>) -> Map<String, Value> {
    let keys: Vec<_> = seeds.iter().map(|seed| holder(*seed).key().verifying_key().clone()).collect();
    let mut claims = attestation_claims(&keys, nonce, (at(0), at(600)));
    claims.insert("key_storage".to_owned(), json!(["iso_18045_high"]));
    claims
}

pub(crate) fn sign_attestation(claims: &Map<String, Value>, by: &KeySigner) -> String {
    use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
    let header = JwtHeader::new(Typ::KEY_ATTESTATION, KeyHint::Kid("did:x:maker#1"));
    sign(header, claims, (by, by.key().verifying_key())).unwrap()
}

pub(crate) fn parsed(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// Asserts that a response is the refusal `error` of the rule `code`, in the form that all have.
pub(crate) fn assert_refused(response: &Response<Vec<u8>>, error: &str, code: &str) {
    let body = parsed(response);
    let rule = response.extensions().get::<sinpyo_oauth::Rule>().map(|rule| rule.0);
    assert_eq!((response.status().as_u16(), body["error"].as_str()), (400, Some(error)), "{rule:?} {body}");
    assert_eq!(rule, Some(code));
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let description = body["error_description"].as_str().unwrap();
    assert!(description.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\'));
}

pub(crate) fn assert_issued(response: &Response<Vec<u8>>, count: usize) {
    assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(response.body()));
    assert_eq!(parsed(response)["credentials"].as_array().unwrap().len(), count);
}
