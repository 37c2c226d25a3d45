//! Presenting, and everything for which a verifier must refuse a response.

use crate::fixture::*;
use proptest::prelude::*;
use rstest::rstest;
use sinpyo_cose::{
    Header, Payload,
    cbor::{Map, Value},
};
use sinpyo_crypto::{Algorithm, agreement::AgreementKey};
use sinpyo_mdoc::{
    DeviceResponse, Disclosure, ElementName, Elements, IssuerTrust, PresentError, Request, Selection, Session,
};

#[test]
fn what_was_requested_is_shown_and_nothing_else() {
    let bytes = response();
    let document = verify(&bytes).unwrap();
    let shown: Selection =
        document.mdoc().elements().fold(Selection::default(), |shown, (name, _)| shown.with(name));
    assert_eq!(shown, requested());
    assert_eq!(document.mdoc().get(NICKNAME), Some(&Value::from("하늘")));
    assert_eq!(document.mdoc().status(), Some(&status()));
    assert!(document.device_elements().is_empty());
    let hidden = b"1990-02-28";
    assert!(!bytes.windows(hidden.len()).any(|window| window == hidden));
}

#[test]
fn a_response_made_by_hand_from_the_standard_is_accepted() {
    let forged = Forgery::of(tree(&issue().to_bytes())).to_bytes();
    assert!(verify(&forged).is_ok());
    // The same but for the signature, which is randomised.
    let strip = |bytes: &[u8]| {
        let mut value = tree(bytes);
        let path = ["documents", "0", "deviceSigned", "deviceAuth", "deviceSignature", "3"];
        edit(&mut value, &path, &set(Value::Null));
        let path = ["documents", "0", "issuerSigned", "issuerAuth", "3"];
        edit(&mut value, &path, &set(Value::Null));
        value
    };
    assert_eq!(strip(&forged), strip(&response()));
}

/// Several reference verifiers did not check this at all.
#[test]
fn a_device_signature_by_another_key_is_refused() {
    let mut forgery = Forgery::of(tree(&issue().to_bytes()));
    forgery.key = sinpyo_testkit::key(Algorithm::Es256, 50);
    assert_eq!(refused(&forgery.to_bytes()), "MDC-14");
    forgery.key = issuer();
    assert_eq!(refused(&forgery.to_bytes()), "MDC-14");
    forgery.key = sinpyo_testkit::key(Algorithm::Ed25519, 50);
    assert_eq!(refused(&forgery.to_bytes()), "MDC-14");
}

#[rstest]
#[case::nonce(0)]
#[case::client(1)]
#[case::response_uri(2)]
#[case::encryption(3)]
#[case::channel(4)]
fn a_response_for_another_session_is_refused(#[case] which: usize) {
    use sinpyo_mdoc::{Handover, SessionTranscript};
    let mut fields = ["n-0S6_WzA2Mj", "x509_san_dns:verifier.example", "https://verifier.example/response"];
    if let Some(field) = fields.get_mut(which) {
        *field = "another";
    }
    let [nonce, client_id, response_uri] = fields;
    let jwk_thumbprint = (which == 3).then_some(&[0; 32]);
    let other = if which == 4 {
        Handover::DigitalCredentials { origin: "https://verifier.example", nonce, jwk_thumbprint: None }
    } else {
        Handover::OpenId4Vp { client_id, nonce, response_uri, jwk_thumbprint }
    };
    let other = SessionTranscript::new(&other);
    let bytes = held().present(&disclosure(), &other).unwrap().sign(&signer(device())).unwrap();
    assert_eq!(refused(&bytes), "MDC-14");
}

#[test]
fn a_device_signature_of_another_form_is_refused() {
    let path = |last| ["documents", "0", "deviceSigned", "deviceAuth", last];
    let auth = ["documents", "0", "deviceSigned", "deviceAuth"];
    assert_eq!(refused(&changed(&auth, &without("deviceSignature"))), "MDC-01");
    let both = changed(&auth, &|auth| {
        let Value::Map(map) = auth else { panic!() };
        let signature = map.get_text("deviceSignature").unwrap().clone();
        map.insert("deviceMac", signature);
    });
    assert_eq!(refused(&both), "MDC-01");
    assert_eq!(refused(&changed(&path("deviceSignature"), &set(Value::Null))), "COS-11");
    // A payload of its own.
    let attached = sign(&device(), &Header::default(), Payload::Attached(b"anything"));
    assert_eq!(refused(&changed(&path("deviceSignature"), &set(attached))), "MDC-14");
}

#[test]
fn an_element_that_was_changed_is_refused() {
    let at = |path: &[&str], change: &dyn Fn(&mut Value)| {
        let whole: Vec<&str> = [&["nameSpaces", NAMESPACE, "0", "#"], path].concat();
        let mut value = tree(&response());
        let whole: Vec<&str> = [&["documents", "0", "issuerSigned"], &whole[..]].concat();
        edit(&mut value, &whole, change);
        refused(&value.to_bytes())
    };
    assert_eq!(at(&["elementValue"], &set("이".into())), "MDC-12");
    assert_eq!(at(&["elementIdentifier"], &set("given_name".into())), "MDC-12");
    assert_eq!(at(&["random"], &set(Value::Bytes(vec![0; 32]))), "MDC-12");
    assert_eq!(at(&["digestID"], &set(Value::from(77))), "MDC-12");
    assert_eq!(at(&["extra"], &set(Value::Null)), "MDC-12");
}

#[test]
fn an_element_at_another_identifier_or_in_another_namespace_is_refused() {
    let elements = ["documents", "0", "issuerSigned", "nameSpaces"];
    // The digests of two elements exchange their identifiers.
    let swapped = Forgery::of(resigned(&["valueDigests", NAMESPACE], &|digests| {
        let Value::Map(map) = digests else { panic!() };
        let values: Vec<Value> = map.iter().map(|(_, value)| value.clone()).rev().collect();
        for (id, value) in (0_u64..).zip(values) {
            map.insert(id, value);
        }
    }));
    assert_eq!(refused(&swapped.to_bytes()), "MDC-12");
    let moved = changed(&elements, &|namespaces| {
        let Value::Map(map) = namespaces else { panic!() };
        let items = map.remove(NAMESPACE).unwrap();
        map.insert("another", items);
    });
    assert_eq!(refused(&moved), "MDC-12");
    let without_digests = Forgery::of(resigned(&["valueDigests"], &|digests| {
        let Value::Map(map) = digests else { panic!() };
        map.remove(KOREAN);
    }));
    assert_eq!(refused(&without_digests.to_bytes()), "MDC-12");
}

#[test]
fn an_element_that_occurs_twice_is_refused() {
    let elements = ["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE];
    let doubled = changed(&elements, &|elements| {
        let Value::Array(items) = elements else { panic!() };
        items.push(items[0].clone());
    });
    assert_eq!(refused(&doubled), "MDC-06");
    // Another element under the digest identifier of the first.
    let same_id = changed(&elements, &|elements| {
        let first = tree(elements.as_array().unwrap()[0].as_encoded().unwrap());
        let id = first.as_map().unwrap().get_text("digestID").unwrap().clone();
        edit(elements, &["1", "#", "digestID"], &set(id));
    });
    assert_eq!(refused(&same_id), "MDC-06");
}

#[test]
fn a_random_part_that_is_too_short_is_refused() {
    let path = ["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE, "0", "#", "random"];
    assert_eq!(refused(&changed(&path, &set(Value::Bytes(vec![1; 15])))), "MDC-05");
    // Long enough, and so refused only for its digest.
    assert_eq!(refused(&changed(&path, &set(Value::Bytes(vec![1; 16])))), "MDC-12");
}

#[test]
fn another_document_type_is_refused() {
    // In the document: the device signs for what it says.
    let mut forgery = Forgery::of(tree(&issue().to_bytes()));
    forgery.doc_type = "org.iso.18013.5.1.other";
    assert_eq!(refused(&forgery.to_bytes()), "MDC-08");
    // In what the issuer signed.
    let resigned = Forgery::of(resigned(&["docType"], &set("eu.europa.ec.eudi.pid.1".into())));
    assert_eq!(refused(&resigned.to_bytes()), "MDC-08");
    // In the request.
    let request = Request { doc_type: "eu.europa.ec.eudi.pid.1", elements: &requested() };
    let session = Session { transcript: &transcript(), mac_key: None };
    let (response, issuer) = (DeviceResponse::parse(&response()).unwrap(), issuer());
    let trust = IssuerTrust::Key(issuer.verifying_key());
    assert_eq!(response.verify(&request, &session, trust, now()).unwrap_err().code(), "MDC-08");
}

#[test]
fn an_element_that_was_not_requested_is_refused() {
    let disclosure = Disclosure { elements: requested().with(name("birth_date")), ..Disclosure::default() };
    let bytes = held().present(&disclosure, &transcript()).unwrap().sign(&signer(device())).unwrap();
    assert_eq!(refused(&bytes), "MDC-16");
    // The same identifier in another namespace is another element.
    let fewer = Disclosure { elements: Selection::default().with(NICKNAME), ..Disclosure::default() };
    let bytes = held().present(&fewer, &transcript()).unwrap().sign(&signer(device())).unwrap();
    assert!(verify(&bytes).is_ok());
}

const NUMBER: ElementName<'_> = name("document_number");
const STEPS: ElementName<'_> = ElementName { namespace: "kr.example.device", identifier: "steps" };

fn device_signed(name: ElementName<'_>) -> Forgery<'static> {
    let mut forgery = Forgery::of(tree(&issue().to_bytes()));
    let mut elements = Map::new();
    elements.insert(name.identifier, "by the device");
    forgery.device_namespaces.insert(name.namespace, elements);
    forgery
}

fn verify_asking_for(name: ElementName<'_>, bytes: &[u8]) -> Result<Option<Value>, &'static str> {
    let request = Request { doc_type: MDL, elements: &requested().with(name) };
    let session = Session { transcript: &transcript(), mac_key: None };
    let (response, issuer) = (DeviceResponse::parse(bytes).unwrap(), issuer());
    let trust = IssuerTrust::Key(issuer.verifying_key());
    let document = response.verify(&request, &session, trust, now()).map_err(|error| error.code())?;
    assert_eq!(document.mdoc().get(name), None);
    Ok(document.device_elements().get(name).cloned())
}

#[test]
fn a_device_signs_only_what_the_issuer_authorized() {
    for allowed in [NUMBER, STEPS] {
        let bytes = device_signed(allowed).to_bytes();
        assert_eq!(verify_asking_for(allowed, &bytes), Ok(Some("by the device".into())));
        // Authorized, and not asked for.
        assert_eq!(refused(&bytes), "MDC-16");
    }
    let given_name = name("given_name");
    assert_eq!(verify_asking_for(given_name, &device_signed(given_name).to_bytes()), Err("MDC-17"));
    let elements = Elements::default().with(STEPS, Value::from(9));
    let disclosure = Disclosure { device_elements: elements, ..disclosure() };
    let bytes = held().present(&disclosure, &transcript()).unwrap().sign(&signer(device())).unwrap();
    assert_eq!(verify_asking_for(STEPS, &bytes), Ok(Some(Value::from(9))));
}

#[test]
fn device_signed_elements_are_covered_by_the_signature() {
    let mut value = tree(&device_signed(STEPS).to_bytes());
    let path = ["documents", "0", "deviceSigned", "nameSpaces", "#", "kr.example.device", "steps"];
    edit(&mut value, &path, &set("another".into()));
    assert_eq!(verify_asking_for(STEPS, &value.to_bytes()), Err("MDC-14"));
}

#[test]
fn a_wallet_shows_only_what_it_holds_and_may() {
    let unknown = Disclosure { elements: Selection::default().with(name("given_name")), ..disclosure() };
    assert!(matches!(held().present(&unknown, &transcript()), Err(PresentError::Unknown)));
    let elements = Elements::default().with(name("given_name"), Value::Null);
    let unauthorized = Disclosure { device_elements: elements, ..disclosure() };
    assert_eq!(held().present(&unauthorized, &transcript()).unwrap_err().code(), "MDC-17");
    let prepared = held().present(&disclosure(), &transcript()).unwrap();
    let wrong = signature(&signer(issuer()), prepared.signing_input());
    assert_eq!(prepared.attach(&wrong).unwrap_err().code(), "COS-20");
}

#[rstest]
#[case::none(vec![])]
#[case::two(vec![(); 2])]
fn a_response_without_exactly_one_document_is_refused(#[case] count: Vec<()>) {
    let bytes = changed(&["documents"], &|documents| {
        let one = documents.as_array().unwrap()[0].clone();
        *documents = Value::Array(count.iter().map(|()| one.clone()).collect());
    });
    assert_eq!(refused(&bytes), "MDC-07");
}

#[test]
fn a_response_that_says_it_failed_is_refused() {
    assert_eq!(refused(&changed(&["status"], &set(Value::from(10)))), "MDC-07");
    assert_eq!(refused(&changed(&["documentErrors"], &set(Value::Array(vec![])))), "MDC-07");
}

#[rstest]
#[case::response(&[], set(Value::Null))]
#[case::version(&[], without("version"))]
#[case::documents(&["documents"], set(Value::Null))]
#[case::document(&["documents", "0"], set(Value::Null))]
#[case::issuer_signed(&["documents", "0"], without("issuerSigned"))]
#[case::issuer_auth(&["documents", "0", "issuerSigned"], without("issuerAuth"))]
#[case::device_signed(&["documents", "0"], without("deviceSigned"))]
#[case::namespaces(&["documents", "0", "issuerSigned", "nameSpaces"], set(Value::Null))]
#[case::elements(&["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE], set(Value::Null))]
#[case::element(&["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE, "0"], set(Value::Bytes(vec![0xa0])))]
#[case::digest_id(&["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE, "0", "#"], without("digestID"))]
#[case::random(&["documents", "0", "issuerSigned", "nameSpaces", NAMESPACE, "0", "#"], without("random"))]
#[case::device_names(&["documents", "0", "deviceSigned", "nameSpaces"], set(Value::Map(Map::new())))]
#[case::device_name(&["documents", "0", "deviceSigned", "nameSpaces", "#", "n"], set(Value::Null))]
fn a_response_of_another_form_is_refused(#[case] path: &[&str], #[case] change: impl Fn(&mut Value)) {
    assert_eq!(refused(&changed(path, &change)), "MDC-01");
}

fn reader() -> AgreementKey {
    AgreementKey::from_signing_key(&sinpyo_testkit::key(Algorithm::Es256, 60)).unwrap()
}

fn agreement(seed: u8) -> AgreementKey {
    AgreementKey::from_signing_key(&sinpyo_testkit::key(Algorithm::Es256, seed)).unwrap()
}

fn with_mac(bytes: &[u8], nonce: &str, mac_key: Option<&AgreementKey>) -> Result<(), &'static str> {
    let request = Request { doc_type: MDL, elements: &requested() };
    let session = Session { transcript: &transcript_for(nonce), mac_key };
    let (response, issuer) = (DeviceResponse::parse(bytes).unwrap(), issuer());
    let trust = IssuerTrust::Key(issuer.verifying_key());
    response.verify(&request, &session, trust, now()).map(drop).map_err(|error| error.code())
}

#[test]
fn a_device_may_authenticate_by_a_mac() {
    let device_key = AgreementKey::from_signing_key(&device()).unwrap();
    let make =
        || held().present_with_mac(&disclosure(), &transcript(), &device_key, reader().public()).unwrap();
    assert_eq!(with_mac(&make(), "n-0S6_WzA2Mj", Some(&reader())), Ok(()));
    assert_eq!(with_mac(&make(), "another", Some(&reader())), Err("MDC-14"));
    assert_eq!(with_mac(&make(), "n-0S6_WzA2Mj", Some(&agreement(61))), Err("MDC-14"));
    let mut value = tree(&make());
    edit(&mut value, &["documents", "0", "deviceSigned", "deviceAuth", "deviceMac", "3"], &|mac| {
        let Value::Bytes(bytes) = mac else { panic!() };
        bytes[31] ^= 1;
    });
    assert_eq!(with_mac(&value.to_bytes(), "n-0S6_WzA2Mj", Some(&reader())), Err("MDC-14"));
}

#[test]
fn a_mac_that_nobody_can_check_is_refused() {
    let device_key = AgreementKey::from_signing_key(&device()).unwrap();
    let bytes =
        held().present_with_mac(&disclosure(), &transcript(), &device_key, reader().public()).unwrap();
    assert_eq!(with_mac(&bytes, "n-0S6_WzA2Mj", None), Err("MDC-15"));
}

#[test]
fn a_mac_is_made_only_with_the_keys_of_the_mdoc_and_of_the_curve() {
    let device_key = AgreementKey::from_signing_key(&device()).unwrap();
    let ed25519 = sinpyo_testkit::key(Algorithm::Ed25519, 1);
    let make = |device: &AgreementKey, reader| {
        held().present_with_mac(&disclosure(), &transcript(), device, reader).unwrap_err().code()
    };
    let reader = reader();
    assert_eq!(make(&agreement(61), reader.public()), "MDC-22");
    assert_eq!(make(&device_key, ed25519.verifying_key()), "MDC-22");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Somebody on the way can hide elements, as the holder can, and do nothing else.
    #[test]
    fn a_flipped_bit_changes_no_element(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let honest = response();
        let mut bytes = honest.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(document) = verify(&bytes) {
            let elements = elements();
            prop_assert!(document.mdoc().elements().all(|(name, value)| elements.get(name) == Some(value)));
            prop_assert_eq!(document.mdoc().elements().count(), 0, "byte {}", at);
        }
    }

    #[test]
    fn whatever_arrives_gets_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&bytes).is_err());
    }
}
