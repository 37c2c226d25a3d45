//! Mobile documents: bound to the session by the device's signature.

use crate::{
    certificates::{Certified, certify},
    fixture::*,
};
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    encoding::to_base64url,
    status::{BitOrder, StatusList},
};
use sinpyo_cose::{cbor, cwt::StatusReference};
use sinpyo_mdoc::{
    Disclosure, Draft, ElementName, Elements, Handover, IssuerTrust, KeyAuthorizations, MdocSigner,
    Selection, SessionTranscript, Validity,
};
use sinpyo_proof::{
    KeyRing, Unverified,
    issuer_key::CertifiedSignatory,
    status_token::{Publication, prepare_cwt_certified},
};
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::{Session, Trust, WithoutStatus};
use std::{sync::Arc, time::Duration};

const MDL: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";
const URL: &str = "https://issuer.example";
const STATUS: &str = "https://status.example/1";

const fn name(identifier: &str) -> ElementName<'_> {
    ElementName { namespace: NAMESPACE, identifier }
}

/// What the holder's device sends to `handover` in base64url.
fn response(certified: &Certified, shown: &[&str], handover: &Handover<'_>, listed: bool) -> String {
    let (issuer, device) = (Party::issuer(), Party::holder());
    let elements = Elements::default()
        .with(name("family_name"), cbor::Value::from("김"))
        .with(name("age_over_18"), cbor::Value::Bool(true));
    let draft = Draft {
        doc_type: MDL,
        elements: &elements,
        validity: Validity {
            signed: start(),
            from: start(),
            until: start().plus(Duration::from_hours(1000)),
            expected_update: None,
        },
        device_key: device.key(),
        authorizations: KeyAuthorizations::default(),
        status: listed.then(|| StatusReference { list: STATUS.into(), index: 7 }),
    };
    let signer = MdocSigner { key: issuer.key(), x5chain: certified.chain.ders() };
    let issued = draft.prepare(signer, &mut TestEntropy::new(7)).unwrap().sign(&issuer.0).unwrap();
    let held = issued.verify(IssuerTrust::Roots(&certified.roots), now()).unwrap();
    let elements = shown.iter().fold(Selection::default(), |all, one| all.with(name(one)));
    let disclosure = Disclosure { elements, ..Disclosure::default() };
    let prepared = held.present(&disclosure, &SessionTranscript::new(handover)).unwrap();
    to_base64url(&prepared.sign(&device.0).unwrap())
}

const HANDOVER: Handover<'_> =
    Handover::OpenId4Vp { client_id: CLIENT, nonce: NONCE, response_uri: RESPONSE_URI, jwk_thumbprint: None };

fn scene(certified: &Certified) -> Scene {
    Scene {
        trust: Trust::in_roots(Arc::clone(&certified.roots)),
        without_status: WithoutStatus::AcceptUntilExpiry,
        ..Scene::asking(json!({"credentials": [{
            "id": "mdl", "format": "mso_mdoc", "meta": {"doctype_value": MDL},
            "claims": [{"path": [NAMESPACE, "family_name"]}],
        }]}))
    }
}

fn answer(response: &str) -> Value {
    json!({"mdl": [response]})
}

#[test]
fn a_mobile_document_is_accepted_in_its_session() {
    let certified = certify(URL);
    let wire = response(&certified, &["family_name"], &HANDOVER, false);
    let accepted = scene(&certified).verdict(&answer(&wire)).unwrap().into_result().unwrap();
    let claims = Value::Object(accepted.credential("mdl").unwrap().claims().clone());
    assert_eq!(claims, json!({NAMESPACE: {"family_name": "김"}}));
    // Its signer's certificate is replaced from time to time: no name for a user.
    let path = ClaimPath::from_json(&json!([NAMESPACE, "family_name"])).unwrap();
    assert!(accepted.shown("mdl").first().unwrap().identity(&path).is_none());
}

/// Regressions 5 and 6: the device signs over all of the session.
#[test]
fn a_mobile_document_of_another_session_is_refused() {
    let certified = certify(URL);
    let thumbprint = [7; 32];
    let others = [
        Handover::OpenId4Vp {
            client_id: "x509_san_dns:other.example",
            nonce: NONCE,
            response_uri: RESPONSE_URI,
            jwk_thumbprint: None,
        },
        Handover::OpenId4Vp {
            client_id: CLIENT,
            nonce: "another",
            response_uri: RESPONSE_URI,
            jwk_thumbprint: None,
        },
        Handover::OpenId4Vp {
            client_id: CLIENT,
            nonce: NONCE,
            response_uri: "https://other.example",
            jwk_thumbprint: None,
        },
        Handover::OpenId4Vp {
            client_id: CLIENT,
            nonce: NONCE,
            response_uri: RESPONSE_URI,
            jwk_thumbprint: Some(&thumbprint),
        },
        Handover::DigitalCredentials {
            origin: "https://verifier.example",
            nonce: NONCE,
            jwk_thumbprint: None,
        },
    ];
    for other in others {
        let wire = response(&certified, &["family_name"], &other, false);
        assert_eq!(scene(&certified).code(&answer(&wire)), "MDC-14", "{other:?}");
    }
    let wire = response(&certified, &["family_name"], &HANDOVER, false);
    let encrypted = Session::OpenId4Vp {
        client_id: CLIENT.into(),
        response_uri: RESPONSE_URI.into(),
        jwk_thumbprint: Some(thumbprint),
    };
    assert_eq!(Scene { session: encrypted, ..scene(&certified) }.code(&answer(&wire)), "MDC-14");
}

#[test]
fn a_mobile_document_through_a_page_is_bound_to_the_bare_origin() {
    let certified = certify(URL);
    let origin = "https://verifier.example";
    let session = Session::DigitalCredentials { origin: origin.into(), jwk_thumbprint: None };
    let to = |origin: &str| {
        let handover = Handover::DigitalCredentials { origin, nonce: NONCE, jwk_thumbprint: None };
        let wire = response(&certified, &["family_name"], &handover, false);
        Scene { session: session.clone(), ..scene(&certified) }.code(&answer(&wire))
    };
    assert_eq!(to(origin), "ok");
    for other in ["origin:https://verifier.example", "https://verifier.example/", "https://other.example"] {
        assert_eq!(to(other), "MDC-14", "{other}");
    }
}

#[test]
fn a_mobile_document_is_what_was_asked_for() {
    let certified = certify(URL);
    let with =
        |shown: &[&str]| scene(&certified).code(&answer(&response(&certified, shown, &HANDOVER, false)));
    assert_eq!(with(&["family_name"]), "ok");
    assert_eq!(with(&["family_name", "age_over_18"]), "MDC-16", "more than was asked for");
    assert_eq!(with(&[]), "VP-14");
    let mut other = scene(&certified);
    other.query["credentials"][0]["meta"]["doctype_value"] = json!("org.example.other");
    let wire = response(&certified, &["family_name"], &HANDOVER, false);
    assert_eq!(other.code(&answer(&wire)), "MDC-08");
    for malformed in ["", "AAAA", "no base64url", &shown_name()] {
        let code = scene(&certified).code(&answer(malformed));
        assert!(code == "VP-19" || ["COS", "MDC"].contains(&&code[..3]), "{malformed}: {code}");
    }
    assert_eq!(scene(&certified).code(&json!({"mdl": [{"version": "1.0"}]})), "VP-19");
}

#[test]
fn a_mobile_document_is_of_a_trusted_issuer() {
    let (certified, other) = (certify(URL), certify(URL));
    let wire = response(&certified, &["family_name"], &HANDOVER, false);
    assert!(scene(&other).code(&answer(&wire)).starts_with("X5C"));
    assert_eq!(
        Scene { trust: Trust::in_accreditations(), ..scene(&certified) }.code(&answer(&wire)),
        "VP-20"
    );
    let mut narrow = scene(&certified);
    let hash = format!("x509_hash:{}", to_base64url(&certified.chain.thumbprint()));
    let names = |name: &str| Some([name.to_owned()].into());
    narrow.trust.by_certificate.as_mut().unwrap().names = names("x509_hash:AAAA");
    assert_eq!(narrow.code(&answer(&wire)), "VP-20");
    narrow.trust.by_certificate.as_mut().unwrap().names = names(&hash);
    assert_eq!(narrow.code(&answer(&wire)), "ok");
}

#[test]
fn the_authority_of_a_mobile_document_can_be_asked_for() {
    let certified = certify(URL);
    let wire = response(&certified, &["family_name"], &HANDOVER, false);
    let asking = |value: &str| {
        let mut scene = scene(&certified);
        scene.query["credentials"][0]["trusted_authorities"] = json!([{"type": "aki", "values": [value]}]);
        scene.code(&answer(&wire))
    };
    assert_eq!(asking(&to_base64url(&certified.key_identifier)), "ok");
    assert_eq!(asking("AAAA"), "VP-23");
}

/// A status list in CWT form, signed by the same authority's signer.
fn certified_list(certified: &Certified, trusted: &Certified, revoked: u8) -> Scene {
    let signatory = CertifiedSignatory { chain: &certified.chain, key_id: None };
    list_by((signatory, URL), certified, trusted, revoked)
}

fn list_by(
    (signatory, publisher): (CertifiedSignatory<'_>, &str),
    certified: &Certified,
    trusted: &Certified,
    revoked: u8,
) -> Scene {
    let mut list = StatusList::new(1, BitOrder::LeastFirst, 100).unwrap();
    list.set(7, revoked).unwrap();
    let publication = Publication { uri: STATUS.into(), issued_at: now(), expires: None, ttl: None };
    let wire = prepare_cwt_certified(&list, &publication, publisher, signatory).unwrap();
    let wire = wire.sign(&Party::issuer().0).unwrap().to_bytes();
    let mut ring = KeyRing::new();
    ring.trust_certificates(Arc::clone(&trusted.roots));
    let entry = sinpyo_core::status::StatusEntry::Token { list: STATUS.into(), index: 7 };
    let list = Unverified::<StatusList>::parse(&wire).unwrap().verify(&entry, &ring, now()).ok();
    Scene { certified_list: list.map(Arc::new), ..scene(certified) }
}

#[test]
fn a_mobile_document_that_was_withdrawn_is_refused() {
    let certified = certify(URL);
    let wire = response(&certified, &["family_name"], &HANDOVER, true);
    assert_eq!(certified_list(&certified, &certified, 0).code(&answer(&wire)), "ok");
    assert_eq!(certified_list(&certified, &certified, 1).code(&answer(&wire)), "VP-07");
    // A list that nobody could verify is none.
    assert_eq!(certified_list(&certified, &certify(URL), 0).code(&answer(&wire)), "VP-12");
    // The list of somebody with a DID does not speak for a certified issuer.
    let by_did = Scene { without_status: WithoutStatus::Refuse, ..scene(&certified) };
    let unlisted = response(&certified, &["family_name"], &HANDOVER, false);
    assert_eq!(by_did.code(&answer(&unlisted)), "VP-10");
}

/// The same certificate signs document and list, and names a DID, whose method the list names beside it.
#[test]
fn the_status_list_of_a_certified_issuer_with_a_did_speaks_for_its_mobile_documents() {
    let did = Party::issuer().did();
    let (certified, other) = (certify(did.as_str()), certify(did.as_str()));
    let issuer = Party::issuer();
    let wire = response(&certified, &["family_name"], &HANDOVER, true);
    let code = |trusted: &Certified, key_id, revoked| {
        let signatory = CertifiedSignatory { chain: &certified.chain, key_id };
        let scene = list_by((signatory, did.as_str()), &certified, trusted, revoked);
        Scene { without_status: WithoutStatus::Refuse, ..scene }.code(&answer(&wire))
    };
    for key_id in [Some(issuer.signatory().key_id), None] {
        assert_eq!(code(&certified, key_id, 0), "ok");
        assert_eq!(code(&certified, key_id, 1), "VP-07");
        assert_eq!(code(&other, key_id, 0), "VP-12");
    }
}
