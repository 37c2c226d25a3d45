//! The services that every did:webvh has without saying so [did:webvh v1.0 "DID URL Resolution"].

use super::{Version, WebvhDid};
use crate::usable_document::absolute_id;
use serde_json::{Map, Value, json};

/// The document of a version, with `#files` and `#whois` unless it has services of these names.
pub(super) fn with_implicit_services(version: &Version) -> Map<String, Value> {
    let mut document = version.entry().state().clone();
    let did = version.did.did();
    let services = document.entry("service").or_insert_with(|| json!([]));
    if let Value::Array(services) = services {
        for service in implicit_services(&version.did) {
            let same = |other: &Value| {
                absolute_id(other, did).as_deref() == service.get("id").and_then(Value::as_str)
            };
            if !services.iter().any(same) {
                services.push(service);
            }
        }
    }
    document
}

/// `#files` and `#whois` of `did`.
pub(super) fn implicit_services(did: &WebvhDid) -> [Value; 2] {
    let folder = did.location().folder();
    let did = did.did();
    [
        json!({"id": format!("{did}#files"), "type": "relativeRef", "serviceEndpoint": folder}),
        json!({
            "@context": "https://identity.foundation/linked-vp/contexts/v1",
            "id": format!("{did}#whois"),
            "type": "LinkedVerifiablePresentation",
            "serviceEndpoint": format!("{folder}whois.vp"),
        }),
    ]
}
