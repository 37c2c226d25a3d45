//! `did-key`: Transmute's vectors and the examples of the method. A case is a file.
//!
//! Of each document its DID, its verification method, the key's bytes and the relationships are compared. The type of
//! the method is not: the files are older than `Multikey`. The key agreement that they derive from a signing key is an
//! option of the method [did:key v0.9, `enableEncryptionKeyDerivation`] that we do not take: a key serves one purpose.
//! A BLS12-381 pair is one key in its DID and two methods in the file; their bytes, joined, are compared.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sinpyo_core::{
    Secret,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationRelationship as Relationship},
    encoding::{Base, Multikey, from_base64url, from_multibase},
};
use sinpyo_crypto::{SigningKey, VerifyingKey};
use sinpyo_resolver::did_key;
use std::path::Path;

const REPRESENTATIONS: [&str; 2] = ["application/did+json", "application/did+ld+json"];
/// The curves whose private keys we import.
const OUR_CURVES: [&str; 3] = ["Ed25519", "P-256", "P-384"];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let files = given::json_files(folder)?;
    let mut report = Report::new(files.len());
    for file in files {
        let value = given::json(&file)?;
        let outcome = if value.is_array() { examples(&value) } else { vector(&value) };
        report.record(given::name(folder, &file), outcome);
    }
    Ok(report)
}

/// The examples of the specification: DIDs, and documents.
fn examples(values: &Value) -> Result<()> {
    for value in given::array(values)? {
        match value.as_str() {
            // The first text is the grammar.
            Some(text) => {
                for did in text.split_whitespace().filter(|word| word.starts_with("did:key:z")) {
                    resolve(did).with_context(|| did.to_owned())?;
                }
            }
            None => document(value)?,
        }
    }
    Ok(())
}

fn vector(vector: &Value) -> Result<()> {
    let seed = given::text_member(vector, "seed")?;
    for representation in REPRESENTATIONS {
        document(given::member(given::member(vector, representation)?, "didDocument")?)?;
    }
    // Of the two lists of keys this one holds JSON Web Keys.
    let stated = given::member(vector, "application/did+json")?;
    let did = given::text_member(given::member(stated, "didDocument")?, "id")?;
    for pair in given::array(given::member(stated, "keys")?)? {
        private_key(given::member(pair, "privateKeyJwk")?, did, seed)?;
    }
    Ok(())
}

/// The document that `did` stands for, which has its key as its only method.
fn resolve(did: &str) -> Result<(DidDocument, Multikey)> {
    let did: Did = did.parse()?;
    let document = did_key::resolve(&did)?;
    expect::same("id of the document", document.id(), &did)?;
    let [method] = document.methods() else { bail!("expected one verification method") };
    expect::same("id of the method", method.id.fragment(), did.method_specific_id())?;
    expect::same("controller", &method.controller, &did)?;
    let PublicKeyMaterial::Multikey(key) = &method.key else { bail!("expected a Multikey") };
    let key = key.clone();
    expect::same("key", key.to_string().as_str(), did.method_specific_id())?;
    Ok((document, key))
}

fn document(stated: &Value) -> Result<()> {
    let did = given::text_member(stated, "id")?;
    let (document, key) = resolve(did)?;
    let methods = given::array(given::member(stated, "verificationMethod")?)?;
    let own = format!("{did}#{key}");
    let is_own = |method: &&Value| method.get("id").is_some_and(|id| *id == own);
    let ids: Vec<&str> = if let Some(method) = methods.iter().find(is_own) {
        public_key(&key, method)?;
        vec![&own]
    } else {
        let parts = methods.iter().map(key_bytes).collect::<Result<Vec<_>>>()?;
        expect::same_bytes("joined keys", key.key(), &parts.concat())?;
        methods.iter().map(|method| given::text_member(method, "id")).collect::<Result<_>>()?
    };
    let has = |relationship| document.keys_for(relationship).count() == 1;
    for relationship in Relationship::ALL {
        if relationship == Relationship::KeyAgreement && has(Relationship::AssertionMethod) {
            // What the file lists is the derived key.
            expect::same("key agreement by a signing key", &has(relationship), &false)?;
            continue;
        }
        let listed = stated.get(relationship.name()).and_then(Value::as_array);
        let listed = listed.map(Vec::as_slice).unwrap_or_default();
        let theirs = ids.iter().all(|id| listed.iter().any(|entry| entry == id));
        expect::same(relationship.name(), &has(relationship), &theirs)?;
    }
    Ok(())
}

/// `method` holds the key of the DID, in whichever form.
fn public_key(key: &Multikey, method: &Value) -> Result<()> {
    expect::same_bytes("key", key.key(), &key_bytes(method)?)?;
    if let (Ok(parsed), Some(jwk)) = (VerifyingKey::from_multikey(key), method.get("publicKeyJwk")) {
        expect::same("publicKeyJwk", parsed.to_jwk().members(), given::object(jwk)?)?;
    }
    Ok(())
}

/// The bytes of a method's key as a Multikey has them after the code.
fn key_bytes(method: &Value) -> Result<Vec<u8>> {
    if let Some(text) = method.get("publicKeyMultibase") {
        return Ok(Multikey::parse(text.as_str().context("a key is text")?)?.key().to_vec());
    }
    if let Some(text) = method.get("publicKeyBase58") {
        return Ok(from_multibase(
            Base::Base58Btc,
            &format!("z{}", text.as_str().context("a key is text")?),
        )?);
    }
    let jwk = given::member(method, "publicKeyJwk")?;
    let x = from_base64url(given::text_member(jwk, "x")?)?;
    let Some(y) = jwk.get("y") else { return Ok(x) };
    let y = from_base64url(y.as_str().context("a coordinate is text")?)?;
    let sign = 2 + y.last().map_or(0, |byte| byte & 1); // SEC 1 §2.3.3
    Ok([&[sign], &x[..]].concat())
}

/// The private key of a vector gives its DID.
fn private_key(jwk: &Value, did: &str, seed: &str) -> Result<()> {
    let curve = given::text_member(jwk, "crv")?;
    if !OUR_CURVES.contains(&curve) {
        return Ok(());
    }
    let key = SigningKey::from_private_jwk(&Secret::new(jwk.to_string()))?;
    expect::same("DID of the private key", did_key::did_of(key.verifying_key()).as_str(), did)?;
    if curve == "Ed25519" {
        // Here the seed is the private key itself; for the others it feeds Transmute's generator.
        expect::same_bytes("seed", &from_base64url(given::text_member(jwk, "d")?)?, &given::hex(seed)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    const OTHER: &str = "z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP";

    fn stated() -> Value {
        let id = format!("{DID}#{}", DID.trim_start_matches("did:key:"));
        json!({
            "id": DID,
            "verificationMethod": [{"id": id, "publicKeyMultibase": DID.trim_start_matches("did:key:")}],
            "authentication": [id], "assertionMethod": [id], "capabilityInvocation": [id], "capabilityDelegation": [id],
        })
    }

    #[test]
    fn another_document_fails() {
        assert!(document(&stated()).is_ok());
        let mut other_key = stated();
        other_key["verificationMethod"][0]["publicKeyMultibase"] = json!(OTHER);
        let mut other_name = stated();
        other_name["verificationMethod"][0]["id"] = json!(format!("{DID}#key-1"));
        let mut less = stated();
        less["authentication"] = json!([]);
        let mut other_did = stated();
        other_did["id"] = json!(format!("did:key:{OTHER}"));
        for document_ in [other_key, other_name, less, other_did] {
            assert!(document(&document_).is_err(), "{document_}");
        }
        assert!(examples(&json!(["did:key:z6Mk"])).is_err());
    }

    #[test]
    fn a_private_key_of_another_did_fails() {
        // RFC 8037 §A.1.
        let d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "d": d, "x": x});
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = given::hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
        let did = format!("did:key:{}", Multikey::new(0xed, &public));
        assert!(private_key(&jwk, &did, seed).is_ok());
        assert!(private_key(&jwk, DID, seed).is_err());
        assert!(private_key(&jwk, &did, "00").is_err());
    }
}
