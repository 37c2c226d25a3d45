//! The statements of a proof's usual options, written directly.
//!
//! Options come in few shapes and always mean the same under the contexts that every credential begins with, whose
//! terms are protected. Expanding and canonicalising them as a document costs as much as the credential itself; a
//! test compares each shape with that way.

use serde_json::{Map, Value};
use sinpyo_core::vcdm::{CONTEXT_V1, CONTEXT_V2};

/// Further contexts that define no default language, and so leave plain texts what they are.
const HARMLESS: [&str; 10] = [
    "https://www.w3.org/ns/credentials/examples/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
    DATA_INTEGRITY,
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/citizenship/v2",
    "https://w3id.org/citizenship/v3",
    "https://w3id.org/citizenship/v4rc1",
    "https://w3id.org/vdl/v1",
    "https://w3id.org/vdl/aamva/v1",
    "https://w3id.org/vc/status-list/2021/v1",
];

const DATA_INTEGRITY: &str = "https://w3id.org/security/data-integrity/v2";

/// How the object of a statement is written.
#[derive(Clone, Copy)]
enum Object {
    Iri,
    Text,
    Typed(&'static str),
}

const DATE_TIME: Object = Object::Typed("http://www.w3.org/2001/XMLSchema#dateTime");
const SUITE: Object = Object::Typed("https://w3id.org/security#cryptosuiteString");

/// The members in the order of their statements. `type` and `proofPurpose` have few values and stand below.
const MEMBERS: [(&str, &str, Object); 9] = [
    ("created", "http://purl.org/dc/terms/created", DATE_TIME),
    ("type", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", Object::Iri),
    ("challenge", "https://w3id.org/security#challenge", Object::Text),
    ("cryptosuite", "https://w3id.org/security#cryptosuite", SUITE),
    ("domain", "https://w3id.org/security#domain", Object::Text),
    ("expires", "https://w3id.org/security#expiration", DATE_TIME),
    ("nonce", "https://w3id.org/security#nonce", Object::Text),
    ("proofPurpose", "https://w3id.org/security#proofPurpose", Object::Iri),
    ("verificationMethod", "https://w3id.org/security#verificationMethod", Object::Iri),
];

/// The canonical statements of `proof` under `context`; none where only the general way knows.
pub(super) fn statements(proof: &Map<String, Value>, context: Option<&Value>) -> Option<String> {
    if !is_known(context?) {
        return None;
    }
    let own_context = usize::from(proof.contains_key("@context"));
    let mut known = own_context;
    let mut out = String::with_capacity(1024);
    for (name, predicate, object) in MEMBERS {
        let Some(value) = proof.get(name) else { continue };
        known += 1;
        let value = match (name, value.as_str()?) {
            ("type", "DataIntegrityProof") => "https://w3id.org/security#DataIntegrityProof",
            ("type", _) => return None,
            ("proofPurpose", purpose) => purpose_iri(purpose)?,
            ("verificationMethod", method) if !method.starts_with("did:") => return None,
            (_, value) => value,
        };
        if !is_plain(value, object) {
            return None;
        }
        out.push_str("_:c14n0 <");
        out.push_str(predicate);
        match object {
            Object::Iri => out.extend(["> <", value, "> .\n"]),
            Object::Text => out.extend(["> \"", value, "\" .\n"]),
            Object::Typed(datatype) => out.extend(["> \"", value, "\"^^<", datatype, "> .\n"]),
        }
    }
    (known == proof.len() && proof.contains_key("type")).then_some(out)
}

fn is_known(context: &Value) -> bool {
    let Value::Array(contexts) = context else { return context == CONTEXT_V2 };
    let mut names = contexts.iter().map(Value::as_str);
    let defines_proofs = match names.next().flatten() {
        Some(CONTEXT_V2) => true,
        Some(CONTEXT_V1) => names.next().flatten() == Some(DATA_INTEGRITY),
        _ => false,
    };
    defines_proofs && names.all(|name| name.is_some_and(|name| HARMLESS.contains(&name)))
}

fn purpose_iri(purpose: &str) -> Option<&'static str> {
    Some(match purpose {
        "assertionMethod" => "https://w3id.org/security#assertionMethod",
        "authentication" => "https://w3id.org/security#authenticationMethod",
        "capabilityDelegation" => "https://w3id.org/security#capabilityDelegationMethod",
        "capabilityInvocation" => "https://w3id.org/security#capabilityInvocationMethod",
        "keyAgreement" => "https://w3id.org/security#keyAgreementMethod",
        _ => return None,
    })
}

/// Whether `value` is written as it is: nothing to escape, nothing that is no IRI.
fn is_plain(value: &str, object: Object) -> bool {
    match object {
        Object::Iri => value.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|^`\\".contains(&byte)),
        Object::Text | Object::Typed(_) => {
            value.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_integrity::{rdf, suite::Digest};
    use serde_json::json;
    use sinpyo_jsonld::Contexts;

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn general(proof: &Map<String, Value>, context: &Value) -> String {
        let mut options = proof.clone();
        options.insert("@context".to_owned(), context.clone());
        rdf::statements(&options, Digest::Sha256, &Contexts::bundled())
            .unwrap_or_else(|e| panic!("{context}: {e:?}"))
    }

    fn usual() -> Map<String, Value> {
        object(json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022",
            "verificationMethod": "did:key:z6Mk#z6Mk", "proofPurpose": "assertionMethod"}))
    }

    /// Every context of the list, every subset of the optional members, every purpose.
    #[test]
    fn the_direct_way_says_what_the_general_one_says() {
        let optional = [
            ("created", "2023-02-24T23:36:38.123+09:00"),
            ("expires", "2030-01-01T00:00:00Z"),
            ("domain", "우정사업본부 <a> & 'b'"),
            ("challenge", "c/=+"),
            ("nonce", "1"),
        ];
        let contexts = HARMLESS.map(|name| json!([CONTEXT_V2, name]));
        let more = [json!(CONTEXT_V2), json!([CONTEXT_V2]), json!([CONTEXT_V1, DATA_INTEGRITY])];
        for context in contexts.iter().chain(&more) {
            for subset in 0..1 << optional.len() {
                let mut proof = usual();
                for (bit, (name, value)) in optional.iter().enumerate() {
                    if subset >> bit & 1 == 1 {
                        proof.insert((*name).to_owned(), json!(value));
                    }
                }
                assert_eq!(statements(&proof, Some(context)).unwrap(), general(&proof, context), "{context}");
            }
        }
        for purpose in sinpyo_core::document::VerificationRelationship::ALL {
            let mut proof = usual();
            proof.insert("proofPurpose".into(), json!(purpose.name()));
            let context = json!([CONTEXT_V2]);
            assert_eq!(statements(&proof, Some(&context)).unwrap(), general(&proof, &context), "{purpose}");
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_general_way() {
        let context = json!([CONTEXT_V2]);
        for (name, value) in [
            ("id", json!("urn:uuid:1")),
            ("previousProof", json!("urn:uuid:1")),
            ("domain", json!(["a", "b"])),
            ("challenge", json!("a\nb")),
            ("nonce", json!("\"")),
            ("nonce", json!(1)),
            ("type", json!("Ed25519Signature2020")),
            ("type", json!(["DataIntegrityProof"])),
            ("proofPurpose", json!("other")),
            ("verificationMethod", json!("did:x:<a>#b")),
            ("verificationMethod", json!("key-1")),
            ("unheard", json!("a")),
        ] {
            let mut proof = usual();
            proof.insert(name.to_owned(), value);
            assert_eq!(statements(&proof, Some(&context)), None, "{name}");
        }
        for context in [
            json!([CONTEXT_V1]),
            json!([CONTEXT_V2, "https://unheard.example"]),
            json!([CONTEXT_V2, {"@language": "ko"}]),
            json!({"@language": "ko"}),
            json!([DATA_INTEGRITY, CONTEXT_V2]),
            json!([]),
        ] {
            assert_eq!(statements(&usual(), Some(&context)), None, "{context}");
        }
        assert_eq!(statements(&usual(), None), None);
    }
}
