//! Mobile documents as presentations of credentials.

use crate::fixture::*;
use serde_json::json;
use sinpyo_core::{
    credential::{Credential, Holder, Presentation},
    status::StatusEntry,
};
use sinpyo_cose::{cbor::Value, cwt::StatusReference};
use sinpyo_crypto::Algorithm;
use sinpyo_mdoc::{
    Disclosure, Draft, ElementName, Elements, Handover, IssuerTrust, KeyAuthorizations, MdocSigner, Request,
    Selection, Validity, VerifiedMdoc,
};
use sinpyo_proof::{
    Verified,
    mdoc::{self, Opening},
};
use sinpyo_testkit::TestEntropy;

const TYPE: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";
const CLIENT: &str = "x509_san_dns:post.example";

const fn name(identifier: &'static str) -> ElementName<'static> {
    ElementName { namespace: NAMESPACE, identifier }
}

fn issued(extra: Option<(&'static str, Value)>) -> VerifiedMdoc {
    let (issuer, device) = (Party::issuer(), Party::holder());
    let mut elements = Elements::default()
        .with(name("family_name"), Value::from("김"))
        .with(name("birth_date"), Value::tag(1004, Value::from("1990-02-28")))
        .with(name("portrait"), Value::Bytes(vec![0xff, 0xd8, 0xff]))
        .with(name("height"), Value::from(170));
    if let Some((identifier, value)) = extra {
        elements = elements.with(name(identifier), value);
    }
    let draft = Draft {
        doc_type: TYPE,
        elements: &elements,
        validity: Validity {
            signed: earlier(10),
            from: earlier(10),
            until: later(1000),
            expected_update: None,
        },
        device_key: device.key(),
        authorizations: KeyAuthorizations { namespaces: [NAMESPACE.to_owned()].into(), ..Default::default() },
        status: Some(StatusReference { list: "https://status.example/1".into(), index: 412 }),
    };
    let signer = MdocSigner { key: issuer.key(), x5chain: &[] };
    let signed = draft.prepare(signer, &mut TestEntropy::new(7)).unwrap().sign(&issuer.signer).unwrap();
    signed.verify(IssuerTrust::Key(issuer.key()), now()).unwrap()
}

fn handover(nonce: &str) -> Handover<'_> {
    let response_uri = "https://post.example/response";
    Handover::OpenId4Vp { client_id: CLIENT, nonce, response_uri, jwk_thumbprint: None }
}

fn present(mdoc: &VerifiedMdoc, shown: &[&'static str], of_the_device: &[(&'static str, &str)]) -> Vec<u8> {
    let elements = shown.iter().fold(Selection::default(), |all, one| all.with(name(one)));
    let device_elements = of_the_device
        .iter()
        .fold(Elements::default(), |all, (one, value)| all.with(name(one), Value::from(*value)));
    let transcript = sinpyo_mdoc::SessionTranscript::new(&handover(NONCE));
    let prepared = mdoc.present(&Disclosure { elements, device_elements }, &transcript).unwrap();
    prepared.sign(&Party::holder().signer).unwrap()
}

fn verify(wire: &[u8], handover: &Handover<'_>, trusted: &Party) -> Result<Presentation, &'static str> {
    let all = ["family_name", "birth_date", "portrait", "height", "nickname", "weight"];
    let elements = all.iter().fold(Selection::default(), |all, one| all.with(name(one)));
    let request = Request { doc_type: TYPE, elements: &elements };
    let opening = Opening { handover, mac_key: None };
    let trust = IssuerTrust::Key(trusted.key());
    let verified = mdoc::verify_response(wire, &request, &opening, trust, now());
    verified.map(Verified::into_inner).map_err(|error| error.code())
}

fn only(presentation: &Presentation) -> &Credential {
    let [credential] = presentation.credentials.as_slice() else { panic!("not one credential") };
    credential
}

#[test]
fn a_mobile_document_is_presented_as_a_credential() {
    let issuer = Party::issuer();
    let wire =
        present(&issued(None), &["family_name", "birth_date", "portrait", "height"], &[("nickname", "하늘")]);
    let presentation = verify(&wire, &handover(NONCE), &issuer).unwrap();
    let credential = only(&presentation);
    let expected = json!({NAMESPACE: {"family_name": "김", "birth_date": "1990-02-28", "portrait": "_9j_",
        "height": 170, "nickname": "하늘"}});
    assert_eq!(serde_json::Value::Object(credential.claims().clone()), expected);
    assert_eq!(credential.types()[0].as_str(), TYPE);
    assert_eq!(credential.issuer(), format!("did:key:{}", issuer.key().to_multikey()));
    assert_eq!(credential.holder(), &Holder::Key(Party::holder().key().to_jwk()));
    assert_eq!(
        (credential.validity().from, credential.validity().until),
        (Some(earlier(10)), Some(later(1000)))
    );
    assert_eq!(
        credential.status(),
        [StatusEntry::Token { list: "https://status.example/1".into(), index: 412 }]
    );
    let binding = presentation.binding.as_ref().unwrap();
    assert_eq!(
        (binding.audience.as_str(), binding.nonce.as_str(), binding.signed_at),
        (CLIENT, NONCE, now())
    );
    // The holder reads its own by the same rules.
    let held = mdoc::credential_of(&issued(None)).unwrap().into_inner();
    assert_eq!(held.claims()[NAMESPACE]["family_name"], "김");
}

#[test]
fn a_mobile_document_for_another_session_or_of_another_issuer_is_refused() {
    let wire = present(&issued(None), &["family_name"], &[]);
    let good = verify(&wire, &handover(NONCE), &Party::issuer()).unwrap();
    assert_eq!(verify(&wire, &handover("other"), &Party::issuer()), Err("MDC-14"));
    let web =
        Handover::DigitalCredentials { origin: "https://post.example", nonce: NONCE, jwk_thumbprint: None };
    assert_eq!(verify(&wire, &web, &Party::issuer()), Err("MDC-14"));
    assert_eq!(verify(&wire, &handover(NONCE), &Party::impostor()), Err("MDC-13"));
    let p384 = Party::new("did:x:issuer", Algorithm::Es384, 1);
    assert_eq!(verify(&wire, &handover(NONCE), &p384), Err("MDC-13"));
    for position in (0..wire.len()).step_by(7) {
        let mut flipped = wire.clone();
        flipped[position] ^= 1;
        // The names around what is signed are not signed. Through another name nothing is shown.
        let shown = verify(&flipped, &handover(NONCE), &Party::issuer());
        assert!(
            shown.as_ref().map_or(true, |shown| *shown == good || only(shown).claims().is_empty()),
            "{position}"
        );
    }
}

#[test]
fn the_device_does_not_replace_what_the_issuer_states() {
    let mdoc = issued(None);
    let both = present(&mdoc, &["family_name"], &[("family_name", "이")]);
    assert_eq!(verify(&both, &handover(NONCE), &Party::issuer()), Err("VCJ-20"));
}

#[test]
fn an_element_that_json_cannot_say_is_refused() {
    for value in [Value::tag(9, Value::from(1)), Value::Float(f64::INFINITY)] {
        let mdoc = issued(Some(("weight", value)));
        let wire = present(&mdoc, &["weight"], &[]);
        assert_eq!(verify(&wire, &handover(NONCE), &Party::issuer()), Err("VCJ-19"));
        assert_eq!(mdoc::credential_of(&mdoc).unwrap_err().code(), "VCJ-19");
        assert!(verify(&present(&mdoc, &["height"], &[]), &handover(NONCE), &Party::issuer()).is_ok());
    }
}
