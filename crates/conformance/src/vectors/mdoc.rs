//! Mobile documents as a device shows them, put together by hand [ISO/IEC 18013-5 §8.3.2.1.2.2 and §9.1]. The input is a
//! `DeviceResponse` in base64url.

use super::{
    case::{Case, NOW_TEXT},
    party::Party,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::encoding::{from_base64url, to_base64url};
use sinpyo_cose::cbor::{Map as CborMap, Value as Cbor};
use sinpyo_crypto::{Algorithm, hash::sha256};

const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";
const NONCE: &str = "bm9uY2Utbm9uY2Utbm9uY2U";
const CLIENT: &str = "x509_san_dns:post.example";
const RESPONSE_URI: &str = "https://post.example/response";

/// What a case may get wrong.
#[derive(Clone)]
struct Draft {
    doc_type: &'static str,
    /// The type that the document says outside what its issuer signed.
    shown_doc_type: &'static str,
    from: &'static str,
    until: &'static str,
    /// Identifier and value of each element shown.
    elements: Vec<(&'static str, Cbor)>,
    /// The value that replaces the first one after its digest was made.
    altered: Option<Cbor>,
    nonce: &'static str,
    issuer_seed: u8,
    device_seed: u8,
    status: u64,
}

impl Default for Draft {
    fn default() -> Self {
        let birth_date = Cbor::tag(1004, Cbor::from("1999-01-31"));
        Self {
            doc_type: DOC_TYPE,
            shown_doc_type: DOC_TYPE,
            from: "2026-11-01T00:00:00Z",
            until: "2027-11-01T00:00:00Z",
            elements: vec![("family_name", Cbor::from("김")), ("birth_date", birth_date)],
            altered: None,
            nonce: NONCE,
            issuer_seed: 1,
            device_seed: 2,
            status: 0,
        }
    }
}

/// What is wrong.
type Change = fn(&mut Draft);

/// Name, rule, section, what is wrong.
const REFUSED: [(&str, &str, &str, Change); 9] = [
    ("signed-by-a-stranger", "MDC-13", "ISO/IEC 18013-5 §9.3.1", |draft| draft.issuer_seed = 66),
    ("shown-by-another-device", "MDC-14", "ISO/IEC 18013-5 §9.1.3.6", |draft| draft.device_seed = 66),
    ("another-session", "MDC-14", "OpenID4VP 1.0 §B.2.6", |draft| draft.nonce = "YW5vdGhlcg"),
    ("element-altered", "MDC-12", "ISO/IEC 18013-5 §9.3.1", |draft| draft.altered = Some("이".into())),
    ("expired", "MDC-11", "ISO/IEC 18013-5 §9.3.1", |draft| draft.until = "2026-11-22T03:43:59Z"),
    ("not-yet-valid", "MDC-10", "ISO/IEC 18013-5 §9.3.1", |draft| draft.from = "2026-11-22T03:46:01Z"),
    ("another-type", "MDC-08", "ISO/IEC 18013-5 §9.3.1", |draft| draft.doc_type = "org.iso.23220.photoID.1"),
    ("element-that-nobody-asked-for", "MDC-16", "ISO/IEC 18013-5 §7.2.1", |draft| {
        draft.elements.push(("portrait", Cbor::Bytes(vec![1])));
    }),
    ("status-of-an-error", "MDC-07", "ISO/IEC 18013-5 §8.3.2.1.2.3", |draft| draft.status = 10),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let draft = Draft::default();
    let facts = json!({
        "docType": DOC_TYPE,
        "elements": {NAMESPACE: {"family_name": "김", "birth_date": "1999-01-31"}},
        "validUntil": draft.until,
    });
    let checks = ["MDC-12", "MDC-13", "MDC-14"];
    let title = ("two-elements", &checks[..], "ISO/IEC 18013-5 §9.3.1");
    let mut cases = vec![Case::accepted(title, given()?, draft.build()?, facts)];
    for (name, rule, source, change) in REFUSED {
        let mut draft = Draft::default();
        change(&mut draft);
        cases.push(Case::refused((name, rule, source), given()?, draft.build()?));
    }
    Ok(cases)
}

fn given() -> Result<Value> {
    Ok(json!({
        "now": NOW_TEXT, "issuerJwk": issuer(1)?.jwk(), "docType": DOC_TYPE,
        "elements": {NAMESPACE: ["birth_date", "family_name"]},
        "transcript": {"clientId": CLIENT, "nonce": NONCE, "responseUri": RESPONSE_URI},
    }))
}

fn issuer(seed: u8) -> Result<Party> {
    Party::new("did:example:issuer", Algorithm::Es256, seed)
}

fn device(seed: u8) -> Result<Party> {
    Party::new("did:example:holder", Algorithm::Es256, seed)
}

impl Draft {
    fn build(&self) -> Result<String> {
        let issuer_auth = sign1(&issuer(self.issuer_seed)?, Some(&self.security_object()?), &[])?;
        let items = self.elements.iter().zip(0_u64..).map(|((identifier, value), index)| {
            let value = self.altered.as_ref().filter(|_| index == 0).unwrap_or(value);
            Cbor::encoded(&item(index, identifier, value))
        });
        let namespaces = map([(NAMESPACE, Cbor::Array(items.collect()))]);
        let issuer_signed = map([("nameSpaces", namespaces), ("issuerAuth", issuer_auth)]);

        let device_namespaces = Cbor::encoded(&Cbor::Map(CborMap::new()));
        let authenticated = Cbor::Array(vec![
            "DeviceAuthentication".into(),
            transcript(self.nonce),
            self.shown_doc_type.into(),
            device_namespaces.clone(),
        ]);
        let authenticated = Cbor::encoded(&authenticated).to_bytes();
        let signature = sign1(&device(self.device_seed)?, None, &authenticated)?;
        let device_auth = map([("deviceSignature", signature)]);
        let device_signed = map([("nameSpaces", device_namespaces), ("deviceAuth", device_auth)]);
        let document = map([
            ("docType", self.shown_doc_type.into()),
            ("issuerSigned", issuer_signed),
            ("deviceSigned", device_signed),
        ]);
        let response = map([
            ("version", "1.0".into()),
            ("documents", Cbor::Array(vec![document])),
            ("status", self.status.into()),
        ]);
        Ok(to_base64url(&response.to_bytes()))
    }

    /// `MobileSecurityObjectBytes`, with the key of the device that the issuer meant.
    fn security_object(&self) -> Result<Vec<u8>> {
        let mut digests = CborMap::new();
        for ((identifier, value), index) in self.elements.iter().zip(0_u64..) {
            let bytes = Cbor::encoded(&item(index, identifier, value)).to_bytes();
            digests.insert(index, sha256(&bytes).as_slice());
        }
        let time = |text: &str| Cbor::tag(0, text.into());
        let validity = map([
            ("signed", time("2026-11-01T00:00:00Z")),
            ("validFrom", time(self.from)),
            ("validUntil", time(self.until)),
        ]);
        let object = map([
            ("version", "1.0".into()),
            ("digestAlgorithm", "SHA-256".into()),
            ("valueDigests", map([(NAMESPACE, Cbor::Map(digests))])),
            ("deviceKeyInfo", map([("deviceKey", cose_key(&device(2)?.jwk())?)])),
            ("docType", self.doc_type.into()),
            ("validityInfo", validity),
        ]);
        Ok(Cbor::encoded(&object).to_bytes())
    }
}

fn map<const N: usize>(members: [(&str, Cbor); N]) -> Cbor {
    let mut map = CborMap::new();
    for (name, value) in members {
        map.insert(name, value);
    }
    Cbor::Map(map)
}

/// `IssuerSignedItem`. What is random in it depends on its number only.
fn item(index: u64, identifier: &str, value: &Cbor) -> Cbor {
    map([
        ("digestID", index.into()),
        ("random", sha256(&index.to_be_bytes()).as_slice().into()),
        ("elementIdentifier", identifier.into()),
        ("elementValue", value.clone()),
    ])
}

/// The session transcript of a response that is posted in clear.
fn transcript(nonce: &str) -> Cbor {
    let info: Vec<Cbor> = vec![CLIENT.into(), nonce.into(), Cbor::Null, RESPONSE_URI.into()];
    let hash = sha256(&Cbor::Array(info).to_bytes());
    let handover: Vec<Cbor> = vec!["OpenID4VPHandover".into(), hash.as_slice().into()];
    Cbor::Array(vec![Cbor::Null, Cbor::Null, Cbor::Array(handover)])
}

/// `COSE_Sign1` by ES256 over `payload`, or over `detached` if it carries none [RFC 9052 §4.4].
fn sign1(by: &Party, payload: Option<&[u8]>, detached: &[u8]) -> Result<Cbor> {
    let mut header = CborMap::new();
    header.insert(1_i64, -7);
    let protected = Cbor::Map(header).to_bytes();
    let signed: Vec<Cbor> = vec![
        "Signature1".into(),
        protected.as_slice().into(),
        Cbor::Bytes(Vec::new()),
        payload.unwrap_or(detached).into(),
    ];
    let signature = by.sign(&Cbor::Array(signed).to_bytes())?;
    let payload = payload.map_or(Cbor::Null, Cbor::from);
    Ok(Cbor::Array(vec![protected.into(), Cbor::Map(CborMap::new()), payload, signature.as_ref().into()]))
}

/// The `COSE_Key` of a P-256 key [RFC 9053 §7.1.1].
fn cose_key(jwk: &Value) -> Result<Cbor> {
    let mut key = CborMap::new();
    key.insert(1_i64, 2_u64);
    key.insert(-1_i64, 1_u64);
    for (label, name) in [(-2_i64, "x"), (-3_i64, "y")] {
        let text = jwk.get(name).and_then(Value::as_str).context("a P-256 key has coordinates")?;
        key.insert(label, from_base64url(text)?);
    }
    Ok(Cbor::Map(key))
}
