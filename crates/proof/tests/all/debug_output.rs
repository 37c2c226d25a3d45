//! What is printed when somebody logs a value of this crate.

use crate::fixture::*;
use serde_json::json;
use sinpyo_core::document::VerificationRelationship as For;
use sinpyo_proof::{
    HolderBinding,
    data_integrity::{self, Challenge, ProofOptions},
    jws::Typ,
    sd_jwt::{self, Holding},
};
use std::fmt::Debug;

/// Every value of [`claims`] that is not also part of some name, the nonce, and every part of `wire`.
fn unspeakable(wire: &str) -> Vec<String> {
    let values = ["김", "한별", "1990-05-17", "대구광역시", "중구", "공평로", NONCE];
    values
        .into_iter()
        .chain(wire.split(['.', '~']).filter(|part| !part.is_empty()))
        .map(str::to_owned)
        .collect()
}

/// The inside of how bytes are printed.
fn printed(bytes: &[u8]) -> String {
    format!("{bytes:?}").trim_matches(['[', ']']).to_owned()
}

#[test]
fn debug_output_shows_no_value() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let holding = || Holding::parse(&issued_by(&issuer), &[Typ::SD_JWT_VC]).unwrap();
    let select = || holding().select(&[path(json!(["given_name"]))]).unwrap();
    let token = || select().prepare_binding(AUDIENCE, NONCE, now(), holder.key());
    let shown = select().bind(AUDIENCE, NONCE, now(), holder.pair()).unwrap();
    let expected = sd_jwt::Expected {
        typ: Typ::SD_JWT_VC,
        holder_binding: HolderBinding::Required(occasion()),
        now: now(),
    };
    let opened = sd_jwt::verify(&shown, issuer.key(), &expected).unwrap();
    assert_eq!(opened.get().claims["given_name"], "한별");

    let options = ProofOptions {
        domains: vec![AUDIENCE.into()],
        challenge: Some(NONCE.into()),
        ..ProofOptions::new(For::Authentication)
    };
    let proof = data_integrity::prepare(claims(), &options, holder.signatory()).unwrap();
    let challenge = Challenge { domain: Some(AUDIENCE), challenge: Some(NONCE) };
    let expected =
        data_integrity::Expected { purpose: For::Authentication, challenge: Some(challenge), now: now() };
    let signed = data_integrity::sign(claims(), &options, &holder.signer, holder.key()).unwrap();
    let secured = data_integrity::verify(signed, holder.key(), &expected).unwrap();
    assert_eq!(secured.get().document, claims());

    let mut unspeakable = unspeakable(&shown);
    unspeakable
        .extend(issued_by(&issuer).split('~').skip(1).filter(|text| !text.is_empty()).map(str::to_owned));
    unspeakable.extend(std::str::from_utf8(token().signing_input()).unwrap().split('.').map(str::to_owned));
    unspeakable.extend([printed(token().signing_input()), printed(proof.signing_input())]);
    let multikey = holder.key().to_multikey().to_string();
    let shown: [(&str, &dyn Debug, &str); 9] = [
        ("Holding", &holding(), "given_name"),
        ("Selection", &select(), "disclosures: 1"),
        ("PreparedToken", &token(), &multikey),
        ("Opened", opened.get(), "given_name"),
        ("PreparedProof", &proof, "given_name"),
        ("ProofOptions", &options, AUDIENCE),
        ("Challenge", &challenge, AUDIENCE),
        ("Expected", &expected, AUDIENCE),
        ("Secured", secured.get(), "given_name"),
    ];
    for (name, value, told) in shown {
        let debug = format!("{value:?}");
        assert!(debug.starts_with(name) && debug.contains(told), "{debug}");
        for text in &unspeakable {
            assert!(!debug.contains(text), "{text} in {debug}");
        }
    }
}
