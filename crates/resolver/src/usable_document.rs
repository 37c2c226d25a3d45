//! What of a stranger's document can be used.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, KeyId},
    document::{DidDocument, DocumentError, VerificationRelationship},
};
use std::collections::BTreeMap;

/// Most methods of a document, listed and embedded together.
const MAX_METHODS: usize = 64;
/// Most base58 text in a document, in bytes: 24 of the longest keys. Decoding costs the square of a key's length.
const MAX_KEY_TEXT: usize = 1 << 16;
/// Longest multibase key, in bytes; one for ML-DSA-65 has 2,671.
const MAX_KEY: usize = 2800;

/// The keys and services of a document that others wrote, for `did`.
///
/// One key that is malformed, or of a kind that we do not know, does not spoil the others; it is left out. So are all
/// methods that share a name: nobody could say which is meant.
///
/// # Errors
/// A member has the wrong form altogether, or there are more than 64 of something, or more than 64 KiB of keys.
pub(crate) fn read(members: &Map<String, Value>, did: &Did) -> Result<DidDocument, DocumentError> {
    let methods: Vec<&Value> = methods(members).collect();
    let key_text =
        |method: &&Value| method.get("publicKeyMultibase").and_then(Value::as_str).map_or(0, str::len);
    if methods.len() > MAX_METHODS || methods.iter().map(key_text).sum::<usize>() > MAX_KEY_TEXT {
        return Err(DocumentError::TooMany);
    }
    let mut names = BTreeMap::new();
    for id in methods.iter().filter_map(|method| absolute_id(method, did)) {
        *names.entry(id).or_insert(0) += 1;
    }
    let usable = |method: &Value| {
        if key_text(&method) > MAX_KEY {
            return false;
        }
        let alone = json!({"id": did.as_str(), "verificationMethod": [method]});
        let reads = alone.as_object().is_some_and(|alone| DidDocument::from_json(alone).is_ok());
        reads && absolute_id(method, did).is_some_and(|id| names.get(&id) == Some(&1)) // [RES-07]
    };
    let mut kept = Map::new();
    for (name, value) in members {
        let is_relationship = VerificationRelationship::from_name(name).is_some();
        let value = match value {
            Value::Array(elements) if name == "verificationMethod" => {
                elements.iter().filter(|method| usable(method)).cloned().collect()
            }
            Value::Array(elements) if is_relationship => {
                let keep = |element: &&Value| match element {
                    Value::String(reference) => reference_of(reference, did).is_some(),
                    embedded => usable(embedded),
                };
                elements.iter().filter(keep).cloned().collect()
            }
            Value::Array(elements) if name == "service" => {
                elements.iter().filter(|service| is_service(service)).cloned().collect()
            }
            other => other.clone(),
        };
        kept.insert(name.clone(), value);
    }
    kept.insert("id".to_owned(), Value::from(did.as_str()));
    DidDocument::from_json(&kept)
}

/// The methods of a document, listed and embedded.
fn methods(members: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let places = VerificationRelationship::ALL.map(VerificationRelationship::name);
    places
        .into_iter()
        .chain(["verificationMethod"])
        .filter_map(|place| members.get(place).and_then(Value::as_array))
        .flatten()
        .filter(|element| !element.is_string())
}

/// The `id` of an object of the document of `did`, in full.
pub(crate) fn absolute_id(object: &Value, did: &Did) -> Option<String> {
    let id = object.get("id")?.as_str()?;
    Some(if id.starts_with('#') { format!("{did}{id}") } else { id.to_owned() })
}

fn reference_of(reference: &str, did: &Did) -> Option<KeyId> {
    if reference.starts_with('#') { format!("{did}{reference}").parse().ok() } else { reference.parse().ok() }
}

fn is_service(service: &Value) -> bool {
    let kind = match service.get("type") {
        Some(Value::Array(kinds)) => kinds.first().is_some_and(Value::is_string),
        Some(kind) => kind.is_string(),
        None => false,
    };
    kind && service.get("id").is_some_and(Value::is_string) && service.get("serviceEndpoint").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_core::encoding::{Base, to_multibase};

    const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn read_json(value: &Value) -> Result<DidDocument, DocumentError> {
        read(value.as_object().unwrap(), &"did:web:a.example".parse().unwrap())
    }

    fn method(id: &str, name: &str, key: &Value) -> Value {
        json!({"id": id, "type": "Multikey", "controller": "did:web:a.example", name: key})
    }

    #[test]
    fn a_key_that_cannot_be_read_does_not_spoil_the_others() {
        let good = method("#good", "publicKeyMultibase", &json!(KEY));
        let mut both = method("#both", "publicKeyMultibase", &json!(KEY));
        both["publicKeyJwk"] = json!({"kty": "EC", "crv": "P-256", "x": "", "y": ""});
        let mut ownerless = method("#ownerless", "publicKeyMultibase", &json!(KEY));
        ownerless.as_object_mut().unwrap().remove("controller");
        // The code of Ed25519 in a longer form than it needs.
        let overlong = to_multibase(Base::Base58Btc, &[&[0xed, 0x81, 0x00][..], &[1; 32]].concat());
        let document = read_json(&json!({
            "id": "did:web:a.example",
            "verificationMethod": [
                good,
                both,
                ownerless,
                method("#secret", "publicKeyJwk", &json!({"kty": "oct", "k": "AA"})),
                method("#private", "publicKeyJwk", &json!({"kty": "EC", "crv": "P-256", "d": "AA"})),
                method("#overlong", "publicKeyMultibase", &json!(overlong)),
                method("not an id", "publicKeyMultibase", &json!(KEY)),
                "text",
            ],
            "assertionMethod": ["#good", "#both", "https://elsewhere.example/key", "#private"],
            "service": [{"id": "#s", "type": "T", "serviceEndpoint": "https://a.example"}, {"id": 1}, 7],
        }))
        .unwrap();
        let names: Vec<_> = document.methods().iter().map(|method| method.id.fragment().to_owned()).collect();
        assert_eq!(names, ["good"]);
        assert_eq!(document.keys_for(VerificationRelationship::AssertionMethod).count(), 1);
        assert_eq!(document.services().len(), 1);
    }

    #[test]
    fn methods_of_one_name_are_all_left_out() {
        let listed = method("#k", "publicKeyMultibase", &json!(KEY));
        let full = method("did:web:a.example#k", "publicKeyMultibase", &json!(KEY));
        for document in [
            json!({"verificationMethod": [listed, full], "assertionMethod": ["#k"]}),
            json!({"verificationMethod": [listed], "assertionMethod": [full]}),
        ] {
            assert_eq!(read_json(&document).unwrap().methods(), []);
        }
        assert_eq!(read_json(&json!({"verificationMethod": [listed]})).unwrap().methods().len(), 1);
    }

    #[test]
    fn a_member_of_the_wrong_form_is_refused() {
        assert!(read_json(&json!({"verificationMethod": {}})).is_err());
        assert!(read_json(&json!({"alsoKnownAs": [1]})).is_err());
        let many: Vec<Value> =
            (0..65).map(|n| method(&format!("#{n}"), "publicKeyMultibase", &json!(KEY))).collect();
        assert_eq!(read_json(&json!({"verificationMethod": many})), Err(DocumentError::TooMany));
        let embedded = json!({"verificationMethod": many[..33], "authentication": many[33..]});
        assert_eq!(read_json(&embedded), Err(DocumentError::TooMany));
        assert_eq!(read_json(&json!({"verificationMethod": many[..64]})).unwrap().methods().len(), 64);
    }

    #[test]
    fn long_keys_cost_little() {
        let long = |length: usize| json!(format!("z{}", "2".repeat(length)));
        let of = |length: usize, count: usize| -> Vec<Value> {
            (0..count).map(|n| method(&format!("#{n}"), "publicKeyMultibase", &long(length))).collect()
        };
        assert_eq!(read_json(&json!({"verificationMethod": of(2000, 33)})), Err(DocumentError::TooMany));
        assert_eq!(read_json(&json!({"verificationMethod": of(8000, 8)})).unwrap().methods(), []);
    }
}
