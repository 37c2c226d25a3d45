//! Issuing, and what a holder checks on receipt.

use crate::fixture::*;
use rstest::rstest;
use sinpyo_cose::{Header, Payload, cbor::Value};
use sinpyo_crypto::{Algorithm, hash};
use sinpyo_mdoc::{ElementName, Elements, IssueError, IssuerSigned, IssuerTrust, MdocSigner, Validity};
use sinpyo_testkit::TestEntropy;
use std::collections::BTreeSet;

fn receive(bytes: &[u8]) -> Result<sinpyo_mdoc::VerifiedMdoc, &'static str> {
    let mdoc = IssuerSigned::parse(bytes).map_err(|error| error.code())?;
    mdoc.verify(IssuerTrust::Key(issuer().verifying_key()), now()).map_err(|error| error.code())
}

#[test]
fn an_issued_mdoc_holds_what_was_put_in() {
    let mdoc = receive(&issue().to_bytes()).unwrap();
    let (mut found, mut given): (Vec<_>, Vec<_>) = (mdoc.elements().collect(), Vec::new());
    let elements = elements();
    given.extend(elements.iter());
    found.sort_by_key(|(name, _)| *name);
    assert_eq!(found, given);
    assert_eq!((mdoc.doc_type(), mdoc.validity(), mdoc.status()), (MDL, &validity(), Some(&status())));
    assert_eq!(mdoc.device_key(), device().verifying_key());
    assert_eq!(mdoc.issuer().key(), issuer().verifying_key());
    assert_eq!(mdoc.verified_at(), now());
    assert_eq!(mdoc.get(name("portrait")), Some(&Value::Bytes(vec![0xff, 0xd8, 0xff])));
    assert_eq!(mdoc.get(name("birth_date")), Some(&Value::tag(1004, Value::from("1990-02-28"))));
    assert_eq!(mdoc.get(ElementName { namespace: KOREAN, identifier: "portrait" }), None);
}

/// The members of ISO 18013-5 §9.1.2.4 and §8.3.2.1.2.2, found in the bytes without the crate's reader.
#[test]
fn an_issued_mdoc_has_the_structure_of_the_standard() {
    let whole = tree(&issue().to_bytes());
    let whole = whole.as_map().unwrap();
    let auth = whole.get_text("issuerAuth").unwrap().as_array().unwrap();
    let object = tree(tree(auth[2].as_bytes().unwrap()).as_encoded().unwrap());
    let object = object.as_map().unwrap();
    let keys: BTreeSet<_> = object.iter().map(|(key, _)| key.as_text().unwrap().to_owned()).collect();
    let expected =
        ["version", "digestAlgorithm", "valueDigests", "deviceKeyInfo", "docType", "validityInfo", "status"];
    assert_eq!(keys, expected.map(str::to_owned).into());
    assert_eq!(object.get_text("version"), Some(&Value::from("1.0")));
    assert_eq!(object.get_text("digestAlgorithm"), Some(&Value::from("SHA-256")));
    let times = object.get_text("validityInfo").unwrap().as_map().unwrap();
    let until = Value::tag(0, Value::from("2027-11-01T00:00:00Z"));
    assert_eq!((times.len(), times.get_text("validUntil")), (4, Some(&until)));

    let digests = object.get_text("valueDigests").unwrap().as_map().unwrap();
    let mut randoms = BTreeSet::new();
    for (namespace, items) in whole.get_text("nameSpaces").unwrap().as_map().unwrap() {
        let of_namespace = digests.get(namespace).unwrap().as_map().unwrap();
        let items = items.as_array().unwrap();
        assert_eq!(of_namespace.len(), items.len());
        for item in items {
            let content = tree(item.as_encoded().unwrap());
            let content = content.as_map().unwrap();
            let random = content.get_text("random").unwrap().as_bytes().unwrap();
            assert_eq!((content.len(), random.len()), (4, 32));
            assert!(randoms.insert(random.to_vec()), "a random part twice");
            let id = content.get_text("digestID").unwrap().as_u64().unwrap();
            let digest = of_namespace.get(&id.into()).unwrap();
            assert_eq!(digest.as_bytes(), Some(&hash::sha256(&item.to_bytes())[..]));
        }
    }
}

#[test]
fn text_is_issued_in_normal_form() {
    // "각" in three letters and the precomposed one.
    let decomposed = "\u{1100}\u{1161}\u{11a8}";
    let elements = Elements::default()
        .with(name(decomposed), Value::Array(vec![Value::from(decomposed)]))
        .with(name("plain"), Value::from("plain"));
    let (issuer, device) = (issuer(), device());
    let key = MdocSigner { key: issuer.verifying_key(), x5chain: &[] };
    let prepared = draft(&elements, &device).prepare(key, &mut TestEntropy::new(1)).unwrap();
    let signature = issuer.sign(prepared.signing_input()).unwrap();
    let mdoc = receive(&prepared.attach(&signature).unwrap().to_bytes()).unwrap();
    assert_eq!(mdoc.get(name("각")), Some(&Value::Array(vec![Value::from("각")])));
    assert_eq!(mdoc.get(name(decomposed)), None);
}

#[test]
fn a_name_that_is_not_in_normal_form_is_refused() {
    let mut value = tree(&issue().to_bytes());
    edit(
        &mut value,
        &["nameSpaces", NAMESPACE, "0", "#", "elementIdentifier"],
        &set("\u{1100}\u{1161}".into()),
    );
    assert_eq!(receive(&value.to_bytes()).unwrap_err(), "MDC-04");
    let mut value = tree(&issue().to_bytes());
    edit(&mut value, &["nameSpaces", "\u{1100}\u{1161}"], &set(Value::Array(vec![])));
    assert_eq!(receive(&value.to_bytes()).unwrap_err(), "MDC-04");
}

#[rstest]
#[case::starts_before_it_is_signed("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z")]
#[case::ends_before_it_starts("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z")]
#[case::never("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")]
fn a_validity_that_is_not_in_order_is_not_issued(
    #[case] signed: &str,
    #[case] from: &str,
    #[case] until: &str,
) {
    let (elements, device, issuer) = (elements(), device(), issuer());
    let mut draft = draft(&elements, &device);
    draft.validity =
        Validity { signed: time(signed), from: time(from), until: time(until), expected_update: None };
    let key = MdocSigner { key: issuer.verifying_key(), x5chain: &[] };
    assert_eq!(draft.prepare(key, &mut TestEntropy::new(1)).unwrap_err(), IssueError::Validity);
}

#[test]
fn an_mdoc_without_elements_is_not_issued() {
    let (elements, device, issuer) = (Elements::default(), device(), issuer());
    let key = MdocSigner { key: issuer.verifying_key(), x5chain: &[] };
    let refused = draft(&elements, &device).prepare(key, &mut TestEntropy::new(1)).unwrap_err();
    assert_eq!((refused, refused.code()), (IssueError::Empty, "MDC-20"));
}

#[test]
fn a_signature_by_another_issuer_is_refused() {
    let stranger = sinpyo_testkit::key(Algorithm::Es256, 99);
    let issued = || IssuerSigned::parse(&issue().to_bytes()).unwrap();
    let trust = IssuerTrust::Key(stranger.verifying_key());
    assert_eq!(issued().verify(trust, now()).unwrap_err().code(), "MDC-13");
    let ed25519 = sinpyo_testkit::key(Algorithm::Ed25519, 1);
    let trust = IssuerTrust::Key(ed25519.verifying_key());
    assert_eq!(issued().verify(trust, now()).unwrap_err().code(), "MDC-13");

    let mut value = tree(&issue().to_bytes());
    edit(&mut value, &["issuerAuth", "3"], &|signature| {
        let Value::Bytes(bytes) = signature else { panic!() };
        bytes[40] ^= 1;
    });
    assert_eq!(receive(&value.to_bytes()).unwrap_err(), "MDC-13");
    let mut value = tree(&issue().to_bytes());
    edit(&mut value, &["issuerAuth", "2"], &set(Value::Null));
    assert_eq!(receive(&value.to_bytes()).unwrap_err(), "MDC-13");

    let prepared = draft(&elements(), &device())
        .prepare(MdocSigner { key: issuer().verifying_key(), x5chain: &[] }, &mut TestEntropy::new(1))
        .unwrap();
    let signature = stranger.sign(prepared.signing_input()).unwrap();
    assert_eq!(prepared.attach(&signature).unwrap_err().code(), "COS-20");
}

#[rstest]
#[case::signed(&["validityInfo", "signed"])]
#[case::valid_from(&["validityInfo", "validFrom"])]
fn an_mdoc_that_is_not_valid_yet_is_refused(#[case] path: &[&str]) {
    let at = |text: &str| {
        let forged = resigned(path, &set(Value::tag(0, Value::from(text))));
        receive(&forged.to_bytes()).map(drop)
    };
    assert_eq!(at("2026-11-22T00:01:00Z"), Ok(()));
    assert_eq!(at("2026-11-22T00:01:01Z"), Err("MDC-10"));
}

#[test]
fn an_expired_mdoc_is_refused() {
    let bytes = response();
    assert!(verify_at(&bytes, time("2027-11-01T00:01:00Z")).is_ok());
    assert_eq!(verify_at(&bytes, time("2027-11-01T00:01:01Z")).unwrap_err(), "MDC-11");
    assert_eq!(verify_at(&bytes, time("2026-10-31T23:58:59Z")).unwrap_err(), "MDC-10");
}

#[rstest]
#[case::object(&[], set(Value::Null))]
#[case::device_key_info(&[], without("deviceKeyInfo"))]
#[case::device_key(&["deviceKeyInfo"], without("deviceKey"))]
#[case::doc_type(&[], without("docType"))]
#[case::digests(&["valueDigests"], set(Value::Array(vec![])))]
#[case::validity(&["validityInfo"], without("validUntil"))]
#[case::time_without_tag(&["validityInfo", "signed"], set(Value::from("2026-11-01T00:00:00Z")))]
#[case::no_time(&["validityInfo", "signed"], set(Value::tag(0, Value::from("yesterday"))))]
#[case::status(&["status"], set(Value::from("good")))]
#[case::authorizations(&["deviceKeyInfo", "keyAuthorizations"], set(Value::from("all")))]
#[case::authorized_namespaces(&["deviceKeyInfo", "keyAuthorizations", "nameSpaces"], set(Value::from("all")))]
#[case::authorized_elements(&["deviceKeyInfo", "keyAuthorizations", "dataElements"], set(Value::from("all")))]
fn a_security_object_of_another_form_is_refused(#[case] path: &[&str], #[case] change: impl Fn(&mut Value)) {
    assert_eq!(receive(&resigned(path, &change).to_bytes()).unwrap_err(), "MDC-01");
}

#[test]
fn a_device_key_that_is_unsound_or_private_is_refused() {
    let with = |label: i64, value: Value| {
        let forged = resigned(&["deviceKeyInfo", "deviceKey"], &|key| {
            let Value::Map(map) = key else { panic!() };
            map.insert(label, value.clone());
        });
        receive(&forged.to_bytes()).unwrap_err()
    };
    assert_eq!(with(-2, Value::Bytes(vec![1; 32])), "KEY-03");
    assert_eq!(with(-4, Value::Bytes(vec![1; 32])), "COS-23");
}

#[test]
fn another_version_is_refused() {
    assert_eq!(receive(&resigned(&["version"], &set("2.0".into())).to_bytes()).unwrap_err(), "MDC-02");
    assert_eq!(refused(&changed(&["version"], &set("1.1".into()))), "MDC-02");
}

#[test]
fn a_digest_algorithm_that_is_not_known_is_refused() {
    let with =
        |name: &str| receive(&resigned(&["digestAlgorithm"], &set(name.into())).to_bytes()).unwrap_err();
    assert_eq!(with("SHA-1"), "MDC-03");
    assert_eq!(with("sha-256"), "MDC-03");
    // A known one, under which the digests are others.
    assert_eq!(with("SHA-512"), "MDC-12");
}

#[test]
fn digests_by_sha_384_and_sha_512_are_read() {
    let issued = tree(&issue().to_bytes());
    let namespaces = issued.as_map().unwrap().get_text("nameSpaces").unwrap().as_map().unwrap().clone();
    for algorithm in ["SHA-384", "SHA-512"] {
        let forged = resigned(&[], &|object| {
            edit(object, &["digestAlgorithm"], &set(algorithm.into()));
            for (namespace, items) in &namespaces {
                edit(object, &["valueDigests", namespace.as_text().unwrap()], &|digests| {
                    let Value::Map(digests) = digests else { panic!() };
                    for item in items.as_array().unwrap() {
                        let content = tree(item.as_encoded().unwrap());
                        let id = content.as_map().unwrap().get_text("digestID").unwrap().as_u64().unwrap();
                        let bytes = item.to_bytes();
                        let digest = match algorithm {
                            "SHA-384" => hash::sha384(&bytes).to_vec(),
                            _ => hash::sha512(&bytes).to_vec(),
                        };
                        digests.insert(id, digest);
                    }
                });
            }
        });
        assert!(receive(&forged.to_bytes()).is_ok(), "{algorithm}");
    }
}

#[test]
fn indefinite_lengths_and_doubled_keys_are_refused() {
    let bytes = issue().to_bytes();
    assert_eq!(bytes[0], 0xa2);
    let indefinite = [&[0xbf], &bytes[1..], &[0xff]].concat();
    assert_eq!(receive(&indefinite).unwrap_err(), "COS-03");
    // {"nameSpaces": …, "issuerAuth": …} with one member more that has a name again.
    let doubled = [&[0xa3], &bytes[1..], b"\x6aissuerAuth\x00"].concat();
    assert_eq!(receive(&doubled).unwrap_err(), "COS-05");
    assert_eq!(receive(&bytes[..bytes.len() - 1]).unwrap_err(), "COS-01");
    assert_eq!(receive(&[&bytes[..], &[0]].concat()).unwrap_err(), "COS-02");

    // Within what the issuer signed.
    let payload = [&[0xd8, 0x18, 0x42, 0xbf, 0xff][..]].concat();
    let mut value = tree(&bytes);
    edit(&mut value, &["issuerAuth"], &set(sign(&issuer(), &Header::default(), Payload::Attached(&payload))));
    assert_eq!(receive(&value.to_bytes()).unwrap_err(), "COS-03");
}

#[test]
fn debug_output_shows_no_value() {
    let mdoc = held();
    let text = format!("{mdoc:?} {:?} {:?} {:?}", issue(), elements(), verify(&response()).unwrap());
    assert!(!text.contains("하늘") && !text.contains("1990"), "{text}");
}
