//! Our documents as `ssi` reads them.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    document::{PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    resolved::Resolved,
};
use sinpyo_crypto::VerifyingKey;
use ssi::dids::document::representation::MediaType;

/// The document as text, without the keys that nobody may use.
///
/// `ssi` reads neither `deactivated` in the metadata nor `revoked` at a key. Nor does it know `JsonWebKey`: a key that is
/// written so and that we know is written as `Multikey`, another as the older `JsonWebKey2020`.
pub(crate) fn bytes(resolved: &Resolved, media_type: MediaType) -> Vec<u8> {
    let mut members = resolved.document.to_json();
    if media_type == MediaType::Json {
        members.remove("@context");
    }
    let usable = |method: &&VerificationMethod| !resolved.metadata.deactivated && method.revoked.is_none();
    let methods: Vec<&VerificationMethod> = resolved.document.methods().iter().filter(usable).collect();
    let is_usable = |id: &Value| methods.iter().any(|method| id == method.id.as_str());
    for relationship in VerificationRelationship::ALL {
        keep(&mut members, relationship.name(), is_usable);
    }
    members.insert("verificationMethod".to_owned(), methods.iter().map(|method| to_json(method)).collect());
    Value::Object(members).to_string().into_bytes()
}

fn keep(members: &mut Map<String, Value>, name: &str, is_usable: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(ids)) = members.get_mut(name) {
        ids.retain(is_usable);
    }
}

fn to_json(method: &VerificationMethod) -> Value {
    let multikey = match &method.key {
        PublicKeyMaterial::Multikey(key) => Ok(key.clone()),
        PublicKeyMaterial::Jwk(jwk) => {
            VerifyingKey::from_jwk(jwk).map(|key| key.to_multikey()).map_err(|_| jwk)
        }
    };
    let (kind, name, value) = match multikey {
        Ok(key) => ("Multikey", "publicKeyMultibase", json!(key.to_string())),
        Err(jwk) => ("JsonWebKey2020", "publicKeyJwk", json!(jwk.members())),
    };
    json!({"id": method.id.as_str(), "controller": method.controller.as_str(), "type": kind, name: value})
}
