//! One good input of each form.

use super::super::{
    fixture::{self, issuer, options, selectable},
    people::{self, AUDIENCE, BBS, KIND, LIST, NONCE, Party, earlier, later, now},
    texts,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::Credential,
    document::VerificationRelationship::Authentication,
    key::Signer,
    status::{BitOrder, StatusList, StatusPurpose},
    vcdm::CONTEXT_V2,
};
use sinpyo_cose::{cbor, cwt::StatusReference};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::Contexts;
use sinpyo_mdoc::{
    Disclosure, Draft, ElementName, Elements, Handover, IssuerTrust, KeyAuthorizations, MdocSigner,
    Selection, SessionTranscript, Validity,
};
use sinpyo_proof::{
    data_integrity::{
        Cryptosuite, Earlier, ProofOptions, Securing,
        disclosure::{Base, derive, prepare, sign_bbs},
        hybrid, secure as prepare_proof,
    },
    jws::Typ,
    request_object,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding},
    sd_jwt_vc,
    status_token::{self, Publication, bitstring_credential},
    vc_cose, vc_di, vc_jwt, vc_sd_jwt, vp,
};
use sinpyo_selective::Pointer;
use sinpyo_testkit::TestEntropy;
use std::time::Duration;

fn bytes(members: Map<String, Value>) -> Vec<u8> {
    Value::Object(members).to_string().into_bytes()
}

fn paths() -> Vec<ClaimPath> {
    let path = |value: Value| ClaimPath::from_json(&value).expect("a path");
    [json!(["family_name"]), json!(["address"]), json!(["address", "street"]), json!(["nationalities", null])]
        .map(path)
        .to_vec()
}

/// `credential` as an SD-JWT VC of the issuer.
pub(in super::super) fn sd_jwt(credential: &Credential) -> String {
    let concealment =
        Concealment { selective: &paths(), decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    sd_jwt_vc::issue(credential, &concealment, issuer().pair(), &mut TestEntropy::new(1)).expect("an SD-JWT")
}

pub(super) fn sd_jwts() -> Vec<Vec<u8>> {
    texts(&[&sd_jwt(&people::for_key())])
}

/// The document under each suite of one signature.
fn secured() -> Vec<Map<String, Value>> {
    [
        (Cryptosuite::EcdsaJcs2019, Algorithm::Es256),
        (Cryptosuite::EcdsaJcs2019, Algorithm::Es384),
        (Cryptosuite::EddsaJcs2022, Algorithm::Ed25519),
        (Cryptosuite::MlDsa44Jcs2024, Algorithm::MlDsa44),
        (Cryptosuite::EcdsaRdfc2019, Algorithm::Es256),
        (Cryptosuite::EcdsaRdfc2019, Algorithm::Es384),
        (Cryptosuite::EddsaRdfc2022, Algorithm::Ed25519),
    ]
    .map(|(suite, algorithm)| {
        let party = Party::issuer(algorithm);
        let (options, contexts) = (options(), Contexts::bundled());
        let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
        let prepared =
            prepare_proof(selectable(), &how, party.signatory()).expect("a document that can be signed");
        let signature = party.signer.sign(prepared.signing_input()).expect("a signature");
        prepared.attach(&signature).expect("our own signature")
    })
    .to_vec()
}

fn by_two_keys() -> Map<String, Value> {
    let (classical, post_quantum) = (Party::issuer(Algorithm::Ed25519), Party::issuer(Algorithm::MlDsa44));
    let prepared = hybrid::prepare(selectable(), &options(), classical.signatory(), post_quantum.signatory());
    let prepared = prepared.expect("a document that can be signed");
    let [one, two] = [&classical, &post_quantum].map(|party| party.signer.sign(prepared.signing_input()));
    prepared.attach(&one.expect("a signature"), &two.expect("a signature")).expect("our own signatures")
}

/// Base proofs of both suites, and what is derived from them.
fn selective() -> Vec<Map<String, Value>> {
    let pointers = |texts: &[&str]| -> Vec<Pointer> {
        texts.iter().map(|text| Pointer::parse(text).expect("a pointer")).collect()
    };
    let (options, mandatory, contexts) =
        (options(), pointers(&["/issuer", "/validFrom"]), Contexts::bundled());
    let base = Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    let issuer = issuer();
    let prepared =
        prepare(selectable(), &base, issuer.signatory(), &mut TestEntropy::new(5)).expect("a base proof");
    let signature = issuer.signer.sign(prepared.signing_input()).expect("a signature");
    let by_ecdsa = prepared.attach(&signature).expect("our own signature");
    let key_id = issuer.did.key("bbs").expect("a key id");
    let by_bbs =
        sign_bbs(selectable(), &base, (&key_id, &BBS), &mut TestEntropy::new(7)).expect("a base proof");
    let shown = |base: &Map<String, Value>| {
        let selective = pointers(&["/credentialSubject/degree/name", "/credentialSubject/id"]);
        derive(base.clone(), &selective, b"nonce", &contexts, &mut TestEntropy::new(8))
            .expect("a derived proof")
    };
    vec![shown(&by_ecdsa), shown(&by_bbs), by_ecdsa, by_bbs]
}

/// The rule by which the issuer refuses to sign `document`.
pub(crate) fn secure(document: Map<String, Value>) -> &'static str {
    let (options, contexts, issuer) = (options(), Contexts::bundled(), issuer());
    let suite = Cryptosuite::EcdsaRdfc2019;
    let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
    prepare_proof(document, &how, issuer.signatory()).map_or_else(|error| error.code(), |_| "ok")
}

/// The same for a base proof.
pub(crate) fn secure_selectively(document: Map<String, Value>) -> &'static str {
    let (options, contexts, issuer) = (options(), Contexts::bundled(), issuer());
    let base = Base { options: &options, mandatory: &[], contexts: &contexts };
    prepare(document, &base, issuer.signatory(), &mut TestEntropy::new(5))
        .map_or_else(|error| error.code(), |_| "ok")
}

fn enveloped(media: &str, content: &str) -> Vec<u8> {
    let id = format!("data:{media},{content}");
    json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": id})
        .to_string()
        .into_bytes()
}

pub(super) fn credentials() -> Vec<Vec<u8>> {
    let (credential, issuer) = (people::for_did(), issuer());
    let token = vc_jwt::issue(&credential, &[], issuer.pair()).expect("a token");
    let hidden = ["credentialSubject.family_name", "credentialSubject.address"];
    let hidden = hidden.map(|path| path.parse().expect("a path"));
    let concealment =
        Concealment { selective: &hidden, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let w3c_sd_jwt =
        vc_sd_jwt::issue(&credential, &[], &concealment, issuer.pair(), &mut TestEntropy::new(1));
    let mut all = vec![
        sd_jwt(&people::for_key()).into_bytes(),
        token.clone().into_bytes(),
        w3c_sd_jwt.expect("an SD-JWT").into_bytes(),
        vc_cose::issue(&credential, &[], issuer.pair()).expect("a message"),
        enveloped("application/vc+jwt", &token),
        bytes(vc_di::issue(&credential, &[], issuer.pair()).expect("a credential")),
        bytes(by_two_keys()),
    ];
    all.extend(secured().into_iter().chain(selective()).map(bytes));
    all
}

pub(super) fn presentations() -> Vec<Vec<u8>> {
    let (holder, issuer) = (Party::holder(), issuer());
    let holding = Holding::parse(&sd_jwt(&people::for_key()), &[Typ::SD_JWT_VC]).expect("an SD-JWT");
    let chosen = paths().get(..1).unwrap_or_default().to_vec();
    let selection = holding.select(&chosen).expect("claims that are there");
    let bound = selection.bind(AUDIENCE, NONCE, now(), holder.pair()).expect("a signature");
    let credential = people::for_did();
    let token = vc_jwt::issue(&credential, &[], issuer.pair()).expect("a token").into_bytes();
    let object = bytes(vc_di::issue(&credential, &[], issuer.pair()).expect("a credential"));
    let plain = vp::presentation(&holder.did, &[token, object]);
    let as_token = vp::prepare(plain.clone(), AUDIENCE, NONCE, now(), holder.signatory());
    let signature = holder.signer.sign(as_token.signing_input()).expect("a signature");
    let as_cose = vp::prepare_cose(plain.clone(), AUDIENCE, NONCE, now(), holder.signatory());
    vec![
        bound.into_bytes(),
        as_token.attach(&signature).expect("our own signature").into_bytes(),
        as_cose.sign(&holder.signer).expect("a signature").to_bytes(),
        bytes(signed_by_holder(plain, Cryptosuite::EcdsaJcs2019)),
        bytes(signed_by_holder(
            vp::presentation(&holder.did, &secured().into_iter().map(bytes).collect::<Vec<_>>()),
            Cryptosuite::EcdsaRdfc2019,
        )),
    ]
}

fn signed_by_holder(presentation: Map<String, Value>, suite: Cryptosuite) -> Map<String, Value> {
    let (holder, contexts) = (Party::holder(), Contexts::bundled());
    let options = ProofOptions {
        created: Some(now()),
        domains: vec![AUDIENCE.to_owned()],
        challenge: Some(NONCE.to_owned()),
        ..ProofOptions::new(Authentication)
    };
    let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
    let prepared =
        prepare_proof(presentation, &how, holder.signatory()).expect("a presentation that can be signed");
    let signature = holder.signer.sign(prepared.signing_input()).expect("a signature");
    prepared.attach(&signature).expect("our own signature")
}

fn publication() -> Publication {
    Publication {
        uri: LIST.to_owned(),
        issued_at: earlier(10),
        expires: Some(later(100)),
        ttl: Some(Duration::from_hours(12)),
    }
}

pub(super) fn status_lists() -> Vec<Vec<u8>> {
    let issuer = issuer();
    let mut tokens = StatusList::new(2, BitOrder::LeastFirst, 100).expect("a list");
    tokens.set(7, 1).expect("an entry");
    let token = status_token::prepare(&tokens, &publication(), issuer.signatory());
    let signature = issuer.signer.sign(token.signing_input()).expect("a signature");
    let message = status_token::prepare_cwt(&tokens, &publication(), issuer.signatory());
    let mut bits = StatusList::new(1, BitOrder::MostFirst, 131_072).expect("a list");
    bits.set(7, 1).expect("an entry");
    let credential = bitstring_credential(&bits, StatusPurpose::Revocation, &publication(), &issuer.did);
    let credential = credential.expect("a list that is long enough");
    vec![
        token.attach(&signature).expect("our own signature").into_bytes(),
        message.sign(&issuer.signer).expect("a signature").to_bytes(),
        vc_jwt::issue(&credential, &[], issuer.pair()).expect("a token").into_bytes(),
        bytes(vc_di::issue(&credential, &[], issuer.pair()).expect("a credential")),
    ]
}

pub(super) const MDL: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";
const ELEMENTS: [&str; 4] = ["family_name", "birth_date", "portrait", "nickname"];

const fn name(identifier: &str) -> ElementName<'_> {
    ElementName { namespace: NAMESPACE, identifier }
}

pub(super) fn elements() -> Selection {
    ELEMENTS.into_iter().fold(Selection::default(), |all, one| all.with(name(one)))
}

pub(super) const fn handover() -> Handover<'static> {
    let response_uri = "https://post.example/response";
    Handover::OpenId4Vp {
        client_id: "x509_san_dns:post.example",
        nonce: NONCE,
        response_uri,
        jwk_thumbprint: None,
    }
}

pub(super) fn mdocs() -> Vec<Vec<u8>> {
    let (issuer, device) = (issuer(), Party::holder());
    let elements = Elements::default()
        .with(name("family_name"), cbor::Value::from("김"))
        .with(name("birth_date"), cbor::Value::tag(1004, cbor::Value::from("1990-02-28")))
        .with(name("portrait"), cbor::Value::Bytes(vec![0xff, 0xd8, 0xff]));
    let draft = Draft {
        doc_type: MDL,
        elements: &elements,
        validity: Validity {
            signed: earlier(10),
            from: earlier(10),
            until: later(1000),
            expected_update: None,
        },
        device_key: device.key(),
        authorizations: KeyAuthorizations { namespaces: [NAMESPACE.to_owned()].into(), ..Default::default() },
        status: Some(StatusReference { list: LIST.to_owned(), index: 412 }),
    };
    let signer = MdocSigner { key: issuer.key(), x5chain: &[] };
    let signed = draft.prepare(signer, &mut TestEntropy::new(7)).expect("an mdoc").sign(&issuer.signer);
    let held =
        signed.expect("a signature").verify(IssuerTrust::Key(issuer.key()), now()).expect("our own mdoc");
    let transcript = SessionTranscript::new(&handover());
    let present = |device_elements: Elements| {
        let disclosure = Disclosure {
            elements: Selection::default().with(name("family_name")).with(name("birth_date")),
            device_elements,
        };
        held.present(&disclosure, &transcript).expect("a response").sign(&device.signer).expect("a signature")
    };
    vec![
        present(Elements::default()),
        present(Elements::default().with(name("nickname"), cbor::Value::from("별"))),
    ]
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    texts(&[&request_object::sign(&fixture::request(), issuer().pair()).expect("a request object")])
}

pub(super) fn issuer_metadata() -> Vec<Vec<u8>> {
    let keys: Vec<Value> =
        fixture::jwks().iter().filter_map(|jwk| serde_json::from_slice(jwk).ok()).collect();
    texts(&[
        "https://issuer.example/tenant/1",
        &json!({"issuer": "https://issuer.example", "jwks": {"keys": keys}}).to_string(),
        r#"{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/jwks"}"#,
        &json!({"keys": keys}).to_string(),
    ])
}

pub(super) fn type_metadata() -> Vec<Vec<u8>> {
    let display = json!([{"locale": "ko-KR", "name": "주민", "label": "주민", "rendering": {"simple": {"background_color": "#fff"}}}]);
    let claims = json!([
        {"path": ["family_name"], "display": display, "sd": "allowed", "mandatory": true},
        {"path": ["address", "street"], "sd": "always"}, {"path": ["nationalities", null], "sd": "never"},
    ]);
    texts(&[
        &json!({"vct": KIND, "name": "x", "display": display, "claims": claims}).to_string(),
        &json!({"vct": KIND, "extends": "urn:b", "extends#integrity": "sha256-AAAA"}).to_string(),
    ])
}
