//! `did-jwk`: the examples of the method. A case is a DID and its JSON Web Key, taken both ways.
//!
//! The method does not say in which order a key's members are written, so one key has many DIDs [did:jwk, Create].
//! Ours is that of the canonical form. It must be the example's where the example is canonical, and otherwise name the
//! same key.

use crate::{expect, given, report::Report};
use anyhow::{Result, bail};
use serde_json::Value;
use sinpyo_core::{
    did::Did,
    document::{PublicKeyMaterial, VerificationRelationship as Relationship},
    encoding::from_base64url,
    jcs,
    jwk::PublicJwk,
};
use sinpyo_resolver::did_jwk;
use std::path::Path;

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let examples = given::json(&folder.join("spec-examples.json"))?;
    let examples = given::array(&examples)?;
    let mut report = Report::new(examples.len());
    for example in examples {
        report.record(given::text_member(example, "did")?, check(example));
    }
    Ok(report)
}

fn check(example: &Value) -> Result<()> {
    let did: Did = given::text_member(example, "did")?.parse()?;
    let members = given::object(given::member(example, "publicKeyJwk")?)?;
    names_the_key(&did, members)?;

    let ours = did_jwk::did_of(&PublicJwk::from_members(members.clone())?);
    names_the_key(&ours, members)?;
    let canonical = jcs::canonicalize_object(members);
    if from_base64url(did.method_specific_id())? == canonical {
        return expect::same("DID of the key", &ours, &did);
    }
    expect::same_bytes("key in our DID", &from_base64url(ours.method_specific_id())?, &canonical)
}

/// The document of `did` holds the key `members` as `#0`, for what the key is for.
fn names_the_key(did: &Did, members: &serde_json::Map<String, Value>) -> Result<()> {
    let document = did_jwk::resolve(did)?;
    expect::same("id of the document", document.id(), did)?;
    let [method] = document.methods() else { bail!("expected one verification method") };
    expect::same("id of the method", method.id.as_str(), &format!("{did}#0"))?;
    expect::same("controller", &method.controller, did)?;
    let PublicKeyMaterial::Jwk(jwk) = &method.key else { bail!("expected a JSON Web Key") };
    expect::same("key", jwk.members(), members)?;
    let encrypts = members.get("use").is_some_and(|usage| usage == "enc");
    for relationship in Relationship::ALL {
        let there = document.keys_for(relationship).count() == 1;
        expect::same(
            relationship.name(),
            &there,
            &(!encrypts || relationship == Relationship::KeyAgreement),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sinpyo_core::encoding::to_base64url;

    fn example(text: &str, key: &Value) -> Value {
        json!({"did": format!("did:jwk:{}", to_base64url(text.as_bytes())), "publicKeyJwk": key})
    }

    #[test]
    fn another_key_fails() {
        let text = r#"{"crv":"P-256","kty":"EC","x":"AA","y":"AA"}"#;
        let mut key: Value = serde_json::from_str(text).unwrap();
        assert!(check(&example(text, &key)).is_ok());
        assert!(check(&example(&text.replace(":\"AA\"", ": \"AA\""), &key)).is_ok());
        key["x"] = json!("AQ");
        assert!(check(&example(text, &key)).is_err());
        assert!(check(&example("[]", &key)).is_err());
    }
}
