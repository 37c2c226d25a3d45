//! Credentials of every format: held, kept and shown.

use crate::scene::*;
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Presentation, Validity},
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::Authentication,
    },
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
    key::Signer,
    resolved::Resolved,
};
use sinpyo_cose::cbor;
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_dcql::{Format, Query};
use sinpyo_mdoc::{
    DeviceResponse, Draft, ElementName, Elements, Handover, IssuerTrust, KeyAuthorizations, MdocSigner,
    Request, Selection, Session, SessionTranscript,
};
use sinpyo_proof::{HolderBinding, KeyRing, Occasion, Profile, Unverified, vc_di, vc_jwt};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{
    Asked, Asker, Choice, Generation, HeldId, HoldError, PresentError, Presentations, Received, Wallet,
};
use std::time::Duration;

const AUDIENCE: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
const NONCE: &str = "a nonce of the verifier";
const DOCTYPE: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";

const HANDOVER: Handover<'static> = Handover::OpenId4Vp {
    client_id: AUDIENCE,
    nonce: NONCE,
    response_uri: "https://post.example/response",
    jwk_thumbprint: None,
};

fn asked(query: &Value) -> Asked {
    let query = Query::from_json(query).unwrap();
    Asked::new(AUDIENCE.parse().unwrap(), None, query, at(0)).unwrap()
}

fn choice(wallet: &Wallet, query: &Value) -> Choice {
    wallet.review(asked(query), at(0)).unwrap()
}

fn shown(wallet: &mut Wallet, query: &Value) -> Result<Presentations, PresentError> {
    let consent = choice(wallet, query).disclose_requested();
    let occasion = sinpyo_wallet::Occasion { audience: AUDIENCE, nonce: NONCE, handover: Some(&HANDOVER) };
    wallet.present(consent, &occasion, at(1))
}

/// The one presentation for the query `q`.
fn one(presentations: Presentations) -> Value {
    let tokens = presentations.into_vp_token();
    assert_eq!(tokens.keys().collect::<Vec<_>>(), ["q"]);
    let [presentation] = tokens["q"].as_array().unwrap().as_slice() else { panic!("one presentation") };
    presentation.clone()
}

fn reopened(wallet: &mut Wallet) -> Wallet {
    let file = wallet.seal(&password(), &mut TestEntropy::new(8)).unwrap();
    Wallet::open(&file, &password(), Generation::default()).unwrap()
}

fn name(identifier: &str) -> ElementName<'_> {
    ElementName { namespace: NAMESPACE, identifier }
}

/// An mdoc for `device`, as its issuer sends it.
fn mdoc(device: &PublicJwk, seed: u64) -> Vec<u8> {
    let elements = Elements::default().with(name("family_name"), cbor::Value::from("김"));
    let elements = elements
        .with(name("given_name"), cbor::Value::from("한별"))
        .with(name("age_over_18"), cbor::Value::Bool(true));
    let draft = Draft {
        doc_type: DOCTYPE,
        elements: &elements,
        validity: sinpyo_mdoc::Validity {
            signed: at(-10),
            from: at(-10),
            until: at(86_400),
            expected_update: None,
        },
        device_key: &VerifyingKey::from_jwk(device).unwrap(),
        authorizations: KeyAuthorizations::default(),
        status: None,
    };
    let issuer = key(Algorithm::Es256, 60);
    let prepared = draft
        .prepare(MdocSigner { key: issuer.verifying_key(), x5chain: &[] }, &mut TestEntropy::new(seed))
        .unwrap();
    let signature = issuer.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap().to_bytes()
}

fn hold_mdoc(wallet: &mut Wallet, seed: u64, withheld: &[Value]) -> Result<HeldId, HoldError> {
    let device = wallet.new_key(DOCTYPE.parse().unwrap(), &mut TestEntropy::new(seed));
    let issuer = key(Algorithm::Es256, 60);
    let received =
        Received::verify_mdoc(&mdoc(&device, seed), IssuerTrust::Key(issuer.verifying_key()), at(0)).unwrap();
    wallet.hold(received, withheld.iter().map(path).collect())
}

fn mdoc_query(elements: &[&str]) -> Value {
    let claims: Vec<_> = elements.iter().map(|element| json!({"path": [NAMESPACE, element]})).collect();
    json!({"credentials": [{"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": DOCTYPE}, "claims": claims}]})
}

/// The elements that a verifier of `handover` reads in a response.
fn read_mdoc(response: &Value, handover: &Handover<'_>) -> Option<Vec<String>> {
    let all =
        Selection::default().with(name("family_name")).with(name("given_name")).with(name("age_over_18"));
    let response = DeviceResponse::parse(&from_base64url(response.as_str()?).ok()?).ok()?;
    let session = Session { transcript: &SessionTranscript::new(handover), mac_key: None };
    let issuer = key(Algorithm::Es256, 60);
    let request = Request { doc_type: DOCTYPE, elements: &all };
    let verified =
        response.verify(&request, &session, IssuerTrust::Key(issuer.verifying_key()), at(1)).ok()?;
    Some(verified.mdoc().elements().map(|(name, _)| name.identifier.to_owned()).collect())
}

#[test]
fn an_mdoc_is_shown_element_by_element_in_its_session() {
    let mut wallet = Wallet::new();
    hold_mdoc(&mut wallet, 1, &[]).unwrap();
    for mut wallet in [reopened(&mut wallet), wallet] {
        let choice = choice(&wallet, &mdoc_query(&["age_over_18"]));
        let chosen = choice.answers()[0].chosen().clone();
        assert_eq!((chosen.format, chosen.kind.as_str(), chosen.visible.len()), (Format::Mdoc, DOCTYPE, 0));
        assert_eq!(
            chosen.hidden.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [format!("{NAMESPACE}.family_name"), format!("{NAMESPACE}.given_name")]
        );
        let response = one(shown(&mut wallet, &mdoc_query(&["age_over_18"])).unwrap());
        assert_eq!(read_mdoc(&response, &HANDOVER).unwrap(), ["age_over_18"]);
        let other = Handover::OpenId4Vp {
            client_id: AUDIENCE,
            nonce: "another nonce",
            response_uri: "https://post.example/response",
            jwk_thumbprint: None,
        };
        assert_eq!(read_mdoc(&response, &other), None);
    }
}

#[test]
fn an_mdoc_is_not_shown_without_a_session() {
    let mut wallet = Wallet::new();
    hold_mdoc(&mut wallet, 1, &[]).unwrap();
    let consent = choice(&wallet, &mdoc_query(&["age_over_18"])).disclose_requested();
    let occasion = sinpyo_wallet::Occasion { audience: AUDIENCE, nonce: NONCE, handover: None };
    assert_eq!(wallet.present(consent, &occasion, at(1)).unwrap_err().code(), "WAL-28");
    assert!(wallet.history().is_empty());
}

#[test]
fn elements_are_withheld_and_copies_kept_apart() {
    let mut wallet = Wallet::new();
    for seed in 1..=2 {
        hold_mdoc(&mut wallet, seed, &[json!([NAMESPACE, "family_name"])]).unwrap();
    }
    let refused = wallet.review(asked(&mdoc_query(&["given_name", "family_name"])), at(0)).unwrap_err();
    assert_eq!(refused.code(), "WAL-04");
    // Two copies are one candidate; each verifier gets its own.
    let answers = choice(&wallet, &mdoc_query(&["given_name"]));
    assert!(answers.answers()[0].others().is_empty());
    shown(&mut wallet, &mdoc_query(&["given_name"])).unwrap();
    let other = Asked::new(
        "x509_san_dns:bank.example".parse().unwrap(),
        None,
        Query::from_json(&mdoc_query(&["given_name"])).unwrap(),
        at(0),
    )
    .unwrap();
    let other = wallet.review(other, at(0)).unwrap();
    assert_eq!(other.answers()[0].chosen().held, HeldId::new(2));
}

/// The DID that the wallet's key is.
fn did_key(jwk: &PublicJwk) -> Did {
    did(&format!("did:key:{}", VerifyingKey::from_jwk(jwk).unwrap().to_multikey()))
}

fn did_jwk(jwk: &PublicJwk) -> Did {
    did(&format!("did:jwk:{}", to_base64url(Value::Object(jwk.members().clone()).to_string().as_bytes())))
}

/// The keys of the issuer and of the holder.
fn keys_with(holder: &Did, jwk: &PublicJwk) -> KeyRing {
    let fragment = if holder.method() == "jwk" { "0" } else { holder.method_specific_id() };
    let method = VerificationMethod {
        id: holder.key(fragment).unwrap(),
        controller: holder.clone(),
        key: PublicKeyMaterial::Multikey(VerifyingKey::from_jwk(jwk).unwrap().to_multikey()),
        revoked: None,
    };
    let document = DidDocument::new(holder.clone()).with_key(method, &[Authentication]);
    let mut keys = Organisation::new(ISSUER).keys();
    keys.add(&Resolved::immutable(document));
    keys
}

#[derive(Clone, Copy, PartialEq)]
enum W3c {
    Token,
    DataIntegrity,
}

fn w3c(form: W3c, holder: &Did) -> Vec<u8> {
    let credential = Credential::builder("ExampleAlumniCredential".parse().unwrap(), ISSUER)
        .holder(Holder::Did(holder.clone()))
        .valid(Validity { from: Some(at(-10)), until: Some(at(86_400)) })
        .claim("degree", json!({"name": "학사"}))
        .build();
    let issuer = Organisation::new(ISSUER);
    let signer: (&dyn Signer, &VerifyingKey) = (&issuer.statements, issuer.statements.key().verifying_key());
    let contexts = ["https://www.w3.org/ns/credentials/examples/v2"];
    match form {
        W3c::Token => vc_jwt::issue(&credential, &contexts, signer).unwrap().into_bytes(),
        W3c::DataIntegrity => {
            Value::Object(vc_di::issue(&credential, &contexts, signer).unwrap()).to_string().into_bytes()
        }
    }
}

fn received_w3c(wire: &[u8]) -> Received {
    Received::verify_w3c(wire, &Organisation::new(ISSUER).keys(), &Profile::default(), at(0)).unwrap()
}

fn w3c_query(form: W3c, binding: bool) -> Value {
    let format = if form == W3c::Token { "jwt_vc_json" } else { "ldp_vc" };
    json!({"credentials": [{"id": "q", "format": format, "require_cryptographic_holder_binding": binding,
        "meta": {"type_values": [["https://www.w3.org/ns/credentials/examples#ExampleAlumniCredential"]]},
        "claims": [{"path": ["credentialSubject", "degree"]}]}]})
}

#[test]
fn a_w3c_credential_is_shown_whole_by_the_key_that_its_holder_is() {
    for (form, jwk_method) in
        [(W3c::Token, false), (W3c::Token, true), (W3c::DataIntegrity, false), (W3c::DataIntegrity, true)]
    {
        let mut wallet = Wallet::new();
        let jwk = wallet.new_key("ExampleAlumniCredential".parse().unwrap(), &mut TestEntropy::new(3));
        let holder = if jwk_method { did_jwk(&jwk) } else { did_key(&jwk) };
        wallet.hold(received_w3c(&w3c(form, &holder)), vec![]).unwrap();
        let mut wallet = reopened(&mut wallet);
        let choice = choice(&wallet, &w3c_query(form, true));
        let chosen = choice.answers()[0].chosen().clone();
        assert_eq!(chosen.kind.as_str(), "ExampleAlumniCredential");
        assert_eq!(chosen.visible, [ClaimPath::name("credentialSubject").member("degree")]);
        assert!(chosen.hidden.is_empty());
        let shown = one(shown(&mut wallet, &w3c_query(form, true)).unwrap());
        let wire = shown.as_str().map_or_else(|| shown.to_string(), str::to_owned);
        let verify = |nonce| {
            let occasion = Occasion { audience: AUDIENCE, nonce, max_age: Duration::from_mins(5) };
            let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
            arrived.verify(&keys_with(&holder, &jwk), HolderBinding::Required(occasion), at(2))
        };
        assert_eq!(verify(NONCE).unwrap().get().credentials[0].claims()["degree"]["name"], "학사");
        assert!(verify("another nonce").is_err());
    }
}

#[test]
fn where_no_proof_of_the_holder_is_asked_for_none_is_made() {
    for form in [W3c::Token, W3c::DataIntegrity] {
        let mut wallet = Wallet::new();
        let jwk = wallet.new_key("ExampleAlumniCredential".parse().unwrap(), &mut TestEntropy::new(3));
        let wire = w3c(form, &did_key(&jwk));
        wallet.hold(received_w3c(&wire), vec![]).unwrap();
        let shown = one(shown(&mut wallet, &w3c_query(form, false)).unwrap());
        let text = shown.as_str().map_or_else(|| shown.to_string(), str::to_owned);
        assert_eq!(
            serde_json::from_slice::<Value>(text.as_bytes()).ok(),
            serde_json::from_slice::<Value>(&wire).ok()
        );
        assert!(form == W3c::DataIntegrity || text.as_bytes() == wire);
    }
    let mut wallet = wallet(1);
    let query = json!({"credentials": [{"id": "q", "format": "dc+sd-jwt", "require_cryptographic_holder_binding": false,
        "meta": {"vct_values": [KIND]}, "claims": [{"path": ["given_name"]}]}]});
    let sd_jwt = one(shown(&mut wallet, &query).unwrap());
    assert!(sd_jwt.as_str().unwrap().ends_with('~'));
}

#[test]
fn a_w3c_credential_of_another_holder_or_container_is_not_held() {
    let mut wallet = Wallet::new();
    let ours = wallet.new_key("ExampleAlumniCredential".parse().unwrap(), &mut TestEntropy::new(3));
    let foreign = key(Algorithm::Es256, 99).verifying_key().to_jwk();
    for holder in
        [did_key(&foreign), did_jwk(&foreign), did("did:x:somebody"), did("did:key:zzz"), did("did:jwk:e30")]
    {
        let received = received_w3c(&w3c(W3c::Token, &holder));
        assert_eq!(wallet.hold(received, vec![]).unwrap_err(), HoldError::NotOurs, "{holder}");
    }
    // All of it is always visible.
    let degree = ClaimPath::name("credentialSubject").member("degree");
    let received = received_w3c(&w3c(W3c::DataIntegrity, &did_key(&ours)));
    assert_eq!(wallet.hold(received, vec![degree.clone()]).unwrap_err(), HoldError::Visible(degree));
    // An SD-JWT is no W3C container here, and a token no SD-JWT VC.
    let sd_jwt = issued(Holder::Key(ours), claims(), &mut TestEntropy::new(4));
    let keys = Organisation::new(ISSUER).keys();
    let refused = Received::verify_w3c(sd_jwt.as_bytes(), &keys, &Profile::default(), at(0)).unwrap_err();
    assert_eq!(refused.code(), "WAL-26");
    let foreign = Received::verify_mdoc(
        &mdoc(&foreign, 5),
        IssuerTrust::Key(key(Algorithm::Es256, 61).verifying_key()),
        at(0),
    );
    assert_eq!(foreign.unwrap_err().code(), "MDC-13");
}

#[test]
fn an_asker_is_told_apart_by_its_whole_identifier() {
    assert_ne!("x509_hash:a".parse::<Asker>(), "x509_san_dns:a".parse());
}
