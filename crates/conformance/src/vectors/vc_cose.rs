//! Credentials as `COSE_Sign1` messages [VC-JOSE-COSE §3.3, RFC 9052 §4.2]. The input is the message in base64url.

use super::{
    case::{Case, NOW_TEXT},
    party::Party,
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_core::encoding::to_base64url;
use sinpyo_cose::cbor::{Map as CborMap, Value as Cbor};
use sinpyo_crypto::Algorithm;

/// Labels of header parameters [RFC 9052 §3.1, RFC 9596].
const ALG: i64 = 1;
const CRIT: i64 = 2;
const CONTENT_TYPE: i64 = 3;
const KID: i64 = 4;
const TYP: i64 = 16;

/// What is wrong with the protected header.
type Change = fn(&mut CborMap);

/// Name, rule, section, and what is wrong.
const REFUSED: [(&str, &str, &str, Change); 6] = [
    ("no-type", "COS-16", "VC-JOSE-COSE §3.3.1", |header| drop(header.remove(TYP))),
    ("type-of-a-presentation", "COS-16", "VC-JOSE-COSE §3.3.1", |header| {
        header.insert(TYP, "application/vp+cose");
    }),
    ("another-content-type", "COS-16", "VC-JOSE-COSE §3.3.1", |header| {
        header.insert(CONTENT_TYPE, "application/vp");
    }),
    ("another-algorithm", "COS-15", "RFC 9053 §2.1", |header| {
        header.insert(ALG, -35);
    }),
    ("critical-header", "COS-14", "RFC 9052 §3.1", |header| {
        header.insert(CRIT, vec![Cbor::from(99)]);
    }),
    ("no-key", "JWS-09", "VC-JOSE-COSE §4.1.3", |header| drop(header.remove(KID))),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, algorithm, id) in [("es256", Algorithm::Es256, -7), ("ed25519", Algorithm::Ed25519, -8)] {
        let issuer = Party::new("did:example:issuer", algorithm, 1)?;
        let input = message(&issuer, &header(&issuer, id), &credential().to_string())?;
        let facts = json!({"issuer": issuer.did, "type": "NameCredential", "claims": {"name": "김"}});
        let title = (name, &["COS-16", "COS-18"][..], "VC-JOSE-COSE §3.3.1");
        cases.push(Case::accepted(title, given(&issuer), input, facts));
    }
    let issuer = Party::issuer()?;
    for (name, rule, source, change) in REFUSED {
        let mut header = header(&issuer, -7);
        change(&mut header);
        let input = message(&issuer, &header, &credential().to_string())?;
        cases.push(Case::refused((name, rule, source), given(&issuer), input));
    }
    let impostor = Party::impostor()?;
    let text = credential().to_string();
    let stranger = text.replace("did:example:issuer", "did:example:ministry");
    let twice = text.replacen('{', r#"{"id":"urn:uuid:1","id":"urn:uuid:2","#, 1);
    for (title, by, payload) in [
        (("signature-by-another-key", "COS-18", "RFC 9052 §4.4"), &impostor, text),
        (("issuer-is-another", "VCJ-06", "VC-JOSE-COSE §4"), &issuer, stranger),
        (("payload-member-twice", "JSON-01", "RFC 7493 §2.3"), &issuer, twice),
    ] {
        let input = message(by, &header(by, -7), &payload)?;
        cases.push(Case::refused(title, given(&issuer), input));
    }
    Ok(cases)
}

fn credential() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "NameCredential"],
        "issuer": "did:example:issuer", "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"name": "김"},
    })
}

fn header(issuer: &Party, algorithm: i64) -> CborMap {
    let mut header = CborMap::new();
    header.insert(ALG, algorithm);
    header.insert(TYP, "application/vc+cose");
    header.insert(CONTENT_TYPE, "application/vc");
    header.insert(KID, issuer.method().as_bytes());
    header
}

fn message(by: &Party, header: &CborMap, payload: &str) -> Result<String> {
    let protected = Cbor::Map(header.clone()).to_bytes();
    let payload = payload.as_bytes();
    let signed: Vec<Cbor> =
        vec!["Signature1".into(), Cbor::from(protected.as_slice()), Cbor::Bytes(Vec::new()), payload.into()];
    let signature = by.sign(&Cbor::Array(signed).to_bytes())?;
    let parts: Vec<Cbor> = vec![
        Cbor::from(protected),
        Cbor::Map(CborMap::new()),
        payload.into(),
        Cbor::from(signature.as_ref()),
    ];
    Ok(to_base64url(&Cbor::tag(18, Cbor::Array(parts)).to_bytes()))
}

fn given(known: &Party) -> Value {
    json!({"now": NOW_TEXT, "documents": [known.document()]})
}
