//! `sinpyo-mdoc`: what an issuer sends to a wallet, and the form of what a wallet sends.

use super::{OK, fixture, people::Party, people::earlier, people::later, people::now, target};
use crate::{Outcome, Target};
use sinpyo_cose::{cbor::Value, cwt::StatusReference};
use sinpyo_crypto::Algorithm;
use sinpyo_mdoc::{
    DeviceResponse, Draft, ElementName, Elements, IssuerSigned, IssuerTrust, KeyAuthorizations, MdocSigner,
    Validity, VerifiedMdoc,
};
use sinpyo_testkit::TestEntropy;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[target("mdoc/issuer-signed", seeds, verify)];

const NAMESPACE: &str = "org.iso.18013.5.1";

static ELEMENTS: LazyLock<Elements> = LazyLock::new(|| {
    let name = |identifier| ElementName { namespace: NAMESPACE, identifier };
    Elements::default()
        .with(name("family_name"), Value::from("김"))
        .with(name("birth_date"), Value::tag(1004, Value::from("1990-02-28")))
        .with(ElementName { namespace: "kr.example.신분", identifier: "별명" }, Value::Bool(true))
});

fn seeds() -> Vec<Vec<u8>> {
    let (issuer, device) = (fixture::issuer(), Party::holder());
    let draft = Draft {
        doc_type: "org.iso.18013.5.1.mDL",
        elements: &ELEMENTS,
        validity: Validity {
            signed: earlier(10),
            from: earlier(10),
            until: later(1000),
            expected_update: None,
        },
        device_key: device.key(),
        authorizations: KeyAuthorizations { namespaces: [NAMESPACE.to_owned()].into(), ..Default::default() },
        status: Some(StatusReference { list: "https://status.example/1".to_owned(), index: 412 }),
    };
    let signer = MdocSigner { key: issuer.key(), x5chain: &[] };
    let prepared = draft.prepare(signer, &mut TestEntropy::new(7)).expect("an mdoc");
    vec![prepared.sign(&issuer.signer).expect("a signature").to_bytes()]
}

/// What an issuer signed is written as it was read; what verifies says nothing that the issuer did not.
fn verify(input: &[u8]) -> Outcome {
    let _response = DeviceResponse::parse(input).map(|response| response.hint().clone());
    let signed = match IssuerSigned::parse(input) {
        Ok(signed) => signed,
        Err(error) => return error.code(),
    };
    let written = signed.to_bytes();
    assert_eq!(IssuerSigned::parse(&written).expect("what is written is read").to_bytes(), written);
    let key = sinpyo_testkit::key(Algorithm::Es256, 1);
    match signed.verify(IssuerTrust::Key(key.verifying_key()), now()) {
        Ok(mdoc) => {
            check(&mdoc);
            OK
        }
        Err(error) => error.code(),
    }
}

fn check(mdoc: &VerifiedMdoc) {
    for (name, value) in mdoc.elements() {
        assert_eq!(ELEMENTS.get(name), Some(value), "{name:?}");
    }
    assert_eq!(mdoc.device_key(), Party::holder().key());
}
