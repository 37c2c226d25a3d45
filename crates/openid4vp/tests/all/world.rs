//! One verifier with a name of each kind, a wallet that trusts them, and a memory.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SignatureAlgorithm, date_time_ymd,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey, aead::SealingKey};
use sinpyo_dcql::Query;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vp::{
    Location, Transport, VpToken,
    verifier::{
        Flow, Handled, Identity, Lifetimes, Name, Opened, Order, Profile, RequestUriMethod, Settings,
        Verdict, Verifier, WalletReply,
    },
    wallet::{Asked, Attester, Invitation, Response, SignedRequest, Trust},
};
use sinpyo_state::MemoryState;
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_x509::{Roots, SigningChain};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

pub(crate) const DID: &str = "did:web:verifier.example";

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) state: MemoryState,
    pub(crate) signer: KeySigner,
    pub(crate) certificate: Name,
    pub(crate) host: Name,
    pub(crate) did: Name,
    pub(crate) attested: Name,
    pub(crate) roots: Roots,
    pub(crate) documents: Vec<Resolved>,
    pub(crate) attesters: Vec<Attester>,
    pub(crate) attester: KeySigner,
    draws: AtomicU64,
}

pub(crate) fn now() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: u64) -> Timestamp {
    now().plus(Duration::from_secs(seconds))
}

pub(crate) fn at(text: &str) -> Location {
    Location::parse(text, Transport::Https).unwrap()
}

pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => panic!("an object"),
    }
}

/// A query for a name, and for something that needs no proof of a key.
pub(crate) fn query() -> Query {
    let query = json!({"credentials": [
        {"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://post.example/pid"]},
         "claims": [{"path": ["name"]}]},
        {"id": "ticket", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://post.example/ticket"]},
         "require_cryptographic_holder_binding": false},
    ], "credential_sets": [{"options": [["pid"], ["ticket"]]}]});
    Query::from_json(&query).unwrap()
}

pub(crate) fn token() -> VpToken {
    VpToken::parse(json!({"pid": ["eyJ~WyJ~eyJ"]})).unwrap()
}

pub(crate) fn same_device() -> Flow {
    Flow::SameDevice { return_to: at("https://shop.example/back?lang=ko") }
}

pub(crate) fn signer(seed: u8, name: &str) -> KeySigner {
    KeySigner::new(name.parse().unwrap(), key(Algorithm::Es256, seed))
}

impl World {
    pub(crate) fn new() -> Self {
        let signer = signer(1, &format!("{DID}#key-1"));
        let attester = self::signer(2, "did:web:attester.example#key-1");
        let public = signer.key().verifying_key();
        let (chain, roots) = certified(public, "verifier.example");
        let attestation = attestation(&attester, public, &json!({"sub": "shop"}));
        Self {
            settings: Settings {
                base: at("https://verifier.example/openid4vp/"),
                profile: Profile::Base,
                method: RequestUriMethod::Get,
                lifetimes: Lifetimes::default(),
                sealing: SealingKey::new(&Secret::new([7; 32])),
                transport: Transport::Https,
            },
            state: MemoryState::new(),
            certificate: Name::Certificate { chain: chain.clone() },
            host: Name::Host { host: "verifier.example".to_owned(), chain },
            did: Name::Did { key_id: format!("{DID}#key-1").parse().unwrap() },
            attested: Name::Attested { subject: "shop".to_owned(), attestation },
            documents: vec![document(DID, public)],
            attesters: vec![Attester {
                issuer: "https://attester.example".to_owned(),
                key: attester.key().verifying_key().clone(),
            }],
            roots,
            attester,
            draws: AtomicU64::new(1000),
            signer,
        }
    }

    pub(crate) fn identity<'a>(&'a self, name: &'a Name) -> Identity<'a> {
        Identity { name, signer: &self.signer, key: self.signer.key().verifying_key() }
    }

    pub(crate) fn verifier<'a>(&'a self, identities: &'a [Identity<'a>]) -> Verifier<'a> {
        Verifier { settings: &self.settings, identities, state: &self.state }
    }

    pub(crate) fn trust(&self) -> Trust<'_> {
        Trust {
            roots: &self.roots,
            documents: &self.documents,
            attesters: &self.attesters,
            transport: Transport::Https,
        }
    }

    /// Runs `act` with a verifier that signs by its certificate, and the world's randomness.
    pub(crate) fn run<T>(&self, act: impl FnOnce(&Verifier<'_>, &mut TestEntropy) -> T) -> T {
        self.run_as(&self.certificate, act)
    }

    pub(crate) fn run_as<T>(&self, name: &Name, act: impl FnOnce(&Verifier<'_>, &mut TestEntropy) -> T) -> T {
        let identities = [self.identity(name)];
        // Every call sees other randomness, as it would from an operating system.
        let mut entropy = TestEntropy::new(self.draw());
        act(&self.verifier(&identities), &mut entropy)
    }

    /// A seed that was not used before.
    pub(crate) fn draw(&self) -> u64 {
        self.draws.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn open(&self, order: &Order) -> Opened {
        self.run(|verifier, entropy| verifier.open(order, now(), entropy)).unwrap()
    }

    /// What a wallet makes of the link of `opened`.
    pub(crate) fn fetched(&self, link: &str) -> SignedRequest {
        let mut entropy = TestEntropy::new(self.draw());
        let Invitation::Fetch(reference) = Invitation::parse(link, Transport::Https).unwrap() else {
            panic!("a request that is fetched")
        };
        let metadata = members(json!({"vp_formats_supported": {}}));
        let (request, fetching) = reference.fetch(&metadata, &mut entropy);
        fetching.read(&self.answered(&request)).unwrap()
    }

    pub(crate) fn asked(&self, link: &str) -> Asked {
        self.fetched(link).authenticate(&self.trust(), now()).unwrap()
    }

    pub(crate) fn handle(&self, request: &http::Request<Vec<u8>>) -> Handled {
        self.run(|verifier, entropy| verifier.handle(request, now(), entropy)).unwrap()
    }

    /// The answer to a request that needs no verification.
    pub(crate) fn answered(&self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        match self.handle(request) {
            Handled::Answer(response) | Handled::Refused(response, _) => response,
            Handled::Arrived(_) => panic!("presentations"),
        }
    }

    /// The code of the rule by which a request is refused, and the status.
    pub(crate) fn refused(&self, request: &http::Request<Vec<u8>>) -> (&'static str, u16) {
        match self.handle(request) {
            Handled::Refused(response, refusal) => (refusal.code(), response.status().as_u16()),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn respond(&self, asked: &Asked) -> http::Request<Vec<u8>> {
        let mut entropy = TestEntropy::new(self.draw());
        match asked.answer(&token(), &mut entropy).unwrap() {
            Response::Post(request) => *request,
            Response::Digital(_) => panic!("a post"),
        }
    }

    /// Posts a response and lets the verdict be that it is good.
    pub(crate) fn accept(&self, response: &http::Request<Vec<u8>>, result: Value) -> WalletReply {
        let Handled::Arrived(arrived) = self.handle(response) else { panic!("presentations") };
        self.run(|verifier, entropy| verifier.conclude(*arrived, Verdict::Accepted(result), now(), entropy))
            .unwrap()
    }
}

pub(crate) fn link(opened: &Opened) -> String {
    match &opened.asking {
        sinpyo_openid4vp::verifier::Asking::Link(link) => link.to_uri("openid4vp://"),
        sinpyo_openid4vp::verifier::Asking::Digital(_) => panic!("a link"),
    }
}

pub(crate) fn document(did: &str, key: &VerifyingKey) -> Resolved {
    let did: Did = did.parse().unwrap();
    let method = VerificationMethod {
        id: did.key("key-1").unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key.to_multikey()),
        revoked: None,
    };
    let relationships = [VerificationRelationship::Authentication];
    Resolved::immutable(DidDocument::new(did).with_key(method, &relationships))
}

pub(crate) fn attestation(attester: &KeySigner, key: &VerifyingKey, more: &Value) -> String {
    let mut claims = members(json!({
        "iss": "https://attester.example",
        "iat": now().unix(),
        "exp": later(3600).unix(),
        "cnf": {"jwk": key.to_jwk().members()},
    }));
    claims.extend(members(more.clone()));
    let header = JwtHeader::new(Typ::VERIFIER_ATTESTATION, KeyHint::None);
    sign(header, &claims, (attester, attester.key().verifying_key())).unwrap()
}

struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A certificate for `key` and `host`, and the root behind it.
pub(crate) fn certified(key: &VerifyingKey, host: &str) -> (SigningChain, Roots) {
    let validity = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
    };
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    validity(&mut root);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "verifier");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.subject_alt_names = vec![SanType::DnsName(host.try_into().unwrap())];
    validity(&mut leaf);
    let leaf = leaf.signed_by(&Point(key.to_sec1().unwrap()), &root).unwrap();
    let chain = SigningChain::new(vec![leaf.der().to_vec()], key).unwrap();
    (chain, Roots::new([root.der()]).unwrap())
}
