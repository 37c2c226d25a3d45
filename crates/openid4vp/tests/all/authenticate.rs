//! Who asks: each prefix with its proof, and without.

use crate::world::{DID, World, attestation, certified, document, later, members, now, query, signer};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    document::{DidDocument, PublicKeyMaterial, Service, VerificationMethod, VerificationRelationship},
    resolved::Resolved,
};
use sinpyo_crypto::KeySigner;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vp::{
    Transport,
    wallet::{Asked, Invitation, RequestRefused, RequestedBy, Trust},
};
use sinpyo_x509::{Roots, SigningChain};

const TO: &str = "https://verifier.example/response/1";

fn claims(client_id: &str) -> Map<String, Value> {
    members(json!({
        "client_id": client_id,
        "aud": "https://self-issued.me/v2",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": TO,
        "nonce": "n-0S6_WzA2Mj",
        "dcql_query": query().to_json(),
        "iat": now().unix(),
    }))
}

struct Case<'a> {
    trust: Trust<'a>,
    signer: &'a KeySigner,
    hint: KeyHint<'a>,
    jwt: Option<&'a str>,
    /// In the link.
    client_id: &'a str,
    claims: Map<String, Value>,
}

impl<'a> Case<'a> {
    fn new(world: &'a World, client_id: &'a str, hint: KeyHint<'a>) -> Self {
        let (trust, signer) = (world.trust(), &world.signer);
        Self { trust, signer, hint, jwt: None, client_id, claims: claims(client_id) }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    fn run(self) -> Result<Asked, RequestRefused> {
        let mut header = JwtHeader::new(Typ::REQUEST, self.hint);
        header.members.extend(self.jwt.map(|jwt| ("jwt".to_owned(), jwt.into())));
        let token = sign(header, &self.claims, (self.signer, self.signer.key().verifying_key())).unwrap();
        let link = format!("openid4vp://?client_id={}&request={token}", self.client_id);
        match Invitation::parse(&link, Transport::Https).unwrap() {
            Invitation::Signed(signed) => signed.authenticate(&self.trust, now()),
            other => panic!("{other:?}"),
        }
    }

    fn code(self) -> &'static str {
        self.run().unwrap_err().code()
    }
}

fn did_id() -> String {
    format!("decentralized_identifier:{DID}")
}

fn did_case<'a>(world: &'a World, id: &'a str) -> Case<'a> {
    Case::new(world, id, KeyHint::Kid("did:web:verifier.example#key-1"))
}

#[test]
fn a_did_is_proven_by_its_document() {
    let (world, id) = (World::new(), did_id());
    let asked = did_case(&world, &id).run().unwrap();
    let RequestedBy::Did { did, hosts } = asked.by() else { panic!("a DID") };
    assert_eq!((did.as_str(), hosts.as_slice()), (DID, ["verifier.example".to_owned()].as_slice()));
    assert_eq!(asked.expectation().audience, id);

    let other = signer(9, &format!("{DID}#key-1"));
    assert_eq!(Case { signer: &other, ..did_case(&world, &id) }.code(), "JWS-11");
    assert_eq!(
        Case { hint: KeyHint::Kid("did:web:other.example#key-1"), ..did_case(&world, &id) }.code(),
        "VP-CID-05"
    );
    assert_eq!(Case { hint: KeyHint::None, ..did_case(&world, &id) }.code(), "JWS-09");
    let unknown = format!("{DID}#key-2");
    assert_eq!(Case { hint: KeyHint::Kid(&unknown), ..did_case(&world, &id) }.code(), "VP-CID-05d");
    let mut case = did_case(&world, &id);
    case.trust.documents = &[];
    assert_eq!(case.code(), "VP-CID-05d");
}

#[test]
fn a_key_that_the_document_has_for_other_uses_proves_nothing() {
    let (world, id) = (World::new(), did_id());
    let did: sinpyo_core::did::Did = DID.parse().unwrap();
    let method = VerificationMethod {
        id: did.key("key-1").unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(world.signer.key().verifying_key().to_multikey()),
        revoked: None,
    };
    let assertion = [VerificationRelationship::AssertionMethod];
    let documents = [Resolved::immutable(DidDocument::new(did).with_key(method, &assertion))];
    let mut case = did_case(&world, &id);
    case.trust.documents = &documents;
    assert_eq!(case.code(), "VP-CID-05d");
    let mut deactivated = world.documents.clone();
    deactivated[0].metadata.deactivated = true;
    let mut case = did_case(&world, &id);
    case.trust.documents = &deactivated;
    assert_eq!(case.code(), "VP-CID-05d");
}

/// OVP-20 of the catalogue of attacks.
#[test]
fn a_response_stays_with_the_did_that_asks() {
    let (world, id) = (World::new(), did_id());
    let elsewhere = json!("https://other.example/response/1");
    assert_eq!(did_case(&world, &id).with("response_uri", elsewhere.clone()).code(), "VP-CID-05g");
    // Its document says that the other host is its own, too.
    let linked = Service {
        id: format!("{DID}#domains"),
        kind: "LinkedDomains".to_owned(),
        endpoint: json!({"origins": ["https://other.example/"]}),
    };
    let documents = [world.documents[0].clone()].map(|mut resolved| {
        resolved.document = resolved.document.with_service(linked.clone());
        resolved
    });
    let mut case = did_case(&world, &id).with("response_uri", elsewhere.clone());
    case.trust.documents = &documents;
    assert!(case.run().is_ok());
    // A DID that names no host is authentic by its signature alone.
    let key = "did:tlog:abc";
    let documents = [document(key, world.signer.key().verifying_key())];
    let id = format!("decentralized_identifier:{key}");
    let hint = format!("{key}#key-1");
    let mut case = Case::new(&world, &id, KeyHint::Kid(&hint)).with("response_uri", elsewhere);
    case.trust.documents = &documents;
    assert!(case.run().is_ok());
}

#[test]
fn a_host_is_proven_by_its_certificate() {
    let world = World::new();
    let (chain, roots) = certified(world.signer.key().verifying_key(), "verifier.example");
    let id = "x509_san_dns:verifier.example";
    let case = |id: &'static str, chain: &'static SigningChain, roots: &'static Roots| (id, chain, roots);
    let (chain, roots): (&'static _, &'static _) = (Box::leak(Box::new(chain)), Box::leak(Box::new(roots)));
    let run = |(id, chain, roots): (&'static str, &'static SigningChain, &'static Roots), to: &str| {
        let mut case = Case::new(&world, id, KeyHint::X5c(chain.ders())).with("response_uri", to.into());
        case.trust.roots = roots;
        case.run()
    };
    let asked = run(case(id, chain, roots), TO).unwrap();
    assert!(matches!(asked.by(), RequestedBy::Host { name, .. } if name == "verifier.example"));
    let refused = |id, to: &str| run(case(id, chain, roots), to).unwrap_err().code();
    assert_eq!(refused("x509_san_dns:other.example", TO), "VP-CID-05");
    assert_eq!(refused("x509_san_dns:erifier.example", TO), "VP-CID-05");
    assert_eq!(refused(id, "https://other.example/response"), "VP-CID-05g");
    assert_eq!(refused(id, "https://sub.verifier.example/response"), "VP-CID-05g");
    let nobody: &'static Roots = Box::leak(Box::new(Roots::default()));
    assert_eq!(run(case(id, chain, nobody), TO).unwrap_err().code(), "X5C-06");
    let key = "did:web:verifier.example#key-1";
    assert_eq!(
        Case::new(&world, id, KeyHint::Kid(key)).code(),
        "VP-CID-05",
        "a name instead of a certificate"
    );
    // Another key than the certificate's.
    let other = signer(9, key);
    let mut case = Case { signer: &other, ..Case::new(&world, id, KeyHint::X5c(chain.ders())) };
    case.trust.roots = roots;
    assert_eq!(case.code(), "JWS-11");
}

#[test]
fn a_certificate_is_proven_by_its_hash() {
    let world = World::new();
    let (chain, roots) = certified(world.signer.key().verifying_key(), "verifier.example");
    let id = format!("x509_hash:{}", sinpyo_core::encoding::to_base64url(&chain.thumbprint()));
    let run = |id: &str, to: &str| {
        let mut case = Case::new(&world, id, KeyHint::X5c(chain.ders())).with("response_uri", to.into());
        case.trust.roots = &roots;
        case.run()
    };
    let asked = run(&id, TO).unwrap();
    assert!(matches!(asked.by(), RequestedBy::Certificate { .. }));
    assert_eq!(asked.expectation().audience, id);
    // The key has signed the address: hosts in the certificate bind `x509_san_dns` only.
    assert!(
        run(&id, "https://api.verifier.example/r").is_ok() && run(&id, "https://other.example/r").is_ok()
    );
    let (other, _) = certified(world.signer.key().verifying_key(), "verifier.example");
    let other = format!("x509_hash:{}", sinpyo_core::encoding::to_base64url(&other.thumbprint()));
    assert_eq!(run(&other, TO).unwrap_err().code(), "VP-CID-05");
    assert_eq!(run("x509_hash:AAAA", TO).unwrap_err().code(), "VP-CID-05");
}

#[test]
fn an_attested_verifier_is_proven_by_its_attestation() {
    let world = World::new();
    let public = world.signer.key().verifying_key();
    let run = |more: Value, by: &KeySigner| {
        let attestation = attestation(by, public, &more);
        let case = Case::new(&world, "verifier_attestation:shop", KeyHint::None);
        Case { jwt: Some(&attestation), ..case }.run().map(drop).map_err(|error| error.code())
    };
    let by = &world.attester;
    assert_eq!(run(json!({"sub": "shop"}), by), Ok(()));
    assert_eq!(run(json!({"sub": "shop", "redirect_uris": [TO]}), by), Ok(()));
    for (more, code) in [
        (json!({"sub": "other"}), "VP-CID-05e"),
        (json!({}), "VP-CID-05e"),
        (json!({"sub": "shop", "exp": now().unix() - 3600}), "JWS-14"),
        (json!({"sub": "shop", "iat": later(3600).unix()}), "JWS-15"),
        (json!({"sub": "shop", "iss": "https://other.example"}), "VP-CID-05f"),
        (json!({"sub": "shop", "cnf": {}}), "VP-CID-05e"),
        (
            json!({"sub": "shop", "cnf": {"jwk": signer(9, "did:x:y#z").key().verifying_key().to_jwk().members()}}),
            "JWS-11",
        ),
        (json!({"sub": "shop", "redirect_uris": ["https://verifier.example/response/2"]}), "VP-CID-05g"),
        (json!({"sub": "shop", "redirect_uris": []}), "VP-CID-05e"),
    ] {
        assert_eq!(run(more.clone(), by), Err(code), "{more}");
    }
    assert_eq!(run(json!({"sub": "shop"}), &signer(9, "did:x:y#z")), Err("JWS-11"));
    let bare = Case::new(&world, "verifier_attestation:shop", KeyHint::None);
    assert_eq!(bare.code(), "VP-CID-05e");
}

/// OVP-22 of the catalogue of attacks.
#[test]
fn a_key_in_the_requests_own_metadata_proves_nothing() {
    let (world, id) = (World::new(), did_id());
    let attacker = signer(9, &format!("{DID}#key-1"));
    let mut jwk = attacker.key().verifying_key().to_jwk().members().clone();
    jwk.insert("kid".to_owned(), "key-1".into());
    let metadata = json!({"jwks": {"keys": [jwk]}, "vp_formats_supported": {}});
    let case = did_case(&world, &id).with("client_metadata", metadata);
    assert_eq!(Case { signer: &attacker, ..case }.code(), "JWS-11");
}

#[test]
fn a_name_that_proves_nothing_signs_nothing() {
    let world = World::new();
    let id = format!("redirect_uri:{TO}");
    assert_eq!(Case::new(&world, &id, KeyHint::None).code(), "VP-CID-04b");
}

#[test]
fn the_request_is_for_this_wallet_and_of_this_client() {
    let (world, id) = (World::new(), did_id());
    assert_eq!(did_case(&world, &id).with("client_id", DID.into()).code(), "VP-REQ-04", "without its prefix");
    assert_eq!(did_case(&world, &id).with("client_id", Value::Null).code(), "VP-REQ-04");
    assert_eq!(did_case(&world, &id).with("aud", "https://other.example".into()).code(), "VP-REQ-03b");
    assert_eq!(did_case(&world, &id).with("aud", Value::Null).code(), "VP-REQ-03b");
    assert!(did_case(&world, &id).with("iss", "anybody".into()).run().is_ok(), "iss says nothing");
    assert_eq!(did_case(&world, &id).with("exp", (now().unix() - 61).into()).code(), "JWS-14");
    assert_eq!(did_case(&world, &id).with("iat", later(120).unix().into()).code(), "JWS-15");
    assert_eq!(did_case(&world, &id).with("response_mode", "dc_api".into()).code(), "VP-REQ-01f");
    let encrypted = did_case(&world, &id).with("response_mode", "direct_post.jwt".into());
    assert_eq!(encrypted.code(), "VP-RSP-08a", "and no key for it");
}
