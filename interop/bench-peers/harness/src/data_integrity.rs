//! A VC 2.0 credential with an `eddsa-jcs-2022` or `ecdsa-jcs-2019` proof [vc-di-eddsa §3.3, vc-di-ecdsa §3.3].

use aws_lc_rs::digest::{SHA256, digest};
use multibase::Base;
use serde_json::{Value, json};

use crate::k01::{EXPIRES_TEXT, ISSUED_TEXT, KID, LONG_AGO_TEXT};
use crate::key::{Alg, Key};
use crate::sample::{Hostile, INPUTS, Material, Sample, prepend_member};
use crate::vc_jwt::credential;

/// The inputs of `eddsa-jcs-2022 verify` or `ecdsa-jcs-2019 verify`, after the key's algorithm.
pub(crate) fn material(key: &Key) -> anyhow::Result<Material> {
    let samples = (0..INPUTS)
        .map(|index| {
            let signed = secure(credential(index), proof(key), key)?;
            Ok(Sample {
                wire: signed.document.to_string(),
                message: signed.message,
                signature: signed.signature,
            })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Material { samples, hostile: hostile(key)? })
}

/// The proof options.
fn proof(key: &Key) -> Value {
    let suite = match key.alg() {
        Alg::Ed25519 => "eddsa-jcs-2022",
        Alg::Es256 => "ecdsa-jcs-2019",
    };
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": ISSUED_TEXT,
        "verificationMethod": KID,
        "proofPurpose": "assertionMethod",
    })
}

struct Signed {
    document: Value,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn secure(mut document: Value, mut proof: Value, key: &Key) -> anyhow::Result<Signed> {
    let hash = |value: &Value| digest(&SHA256, canonical(value).to_string().as_bytes());
    let message = [hash(&proof).as_ref(), hash(&document).as_ref()].concat();
    let signature = key.sign(&message)?;
    insert(&mut proof, "proofValue", json!(multibase::encode(Base::Base58Btc, &signature)));
    insert(&mut document, "proof", proof);
    Ok(Signed { document, message, signature })
}

/// Members in order. With ASCII names and no fractions, which is all there is here, that is RFC 8785.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            members.into_iter().map(|(name, value)| (name.clone(), canonical(value))).collect()
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

fn hostile(key: &Key) -> anyhow::Result<Vec<Hostile>> {
    let mut damaged = secure(credential(0), proof(key), key)?.document;
    insert(&mut damaged, "validUntil", json!("2100-01-02T00:00:00Z"));
    let mut hostile = vec![Hostile { check: "signature", wire: damaged.to_string() }];

    let mut add = |check, in_proof: &[(&str, Value)], in_document: &[(&str, Value)]| {
        let (mut document, mut proof) = (credential(0), proof(key));
        for (object, members) in [(&mut proof, in_proof), (&mut document, in_document)] {
            for (name, value) in members {
                insert(object, name, value.clone());
            }
        }
        hostile.push(Hostile { check, wire: secure(document, proof, key)?.document.to_string() });
        anyhow::Ok(())
    };
    add("proof type", &[("type", json!("DataIntegrity"))], &[])?;
    add("cryptosuite", &[("cryptosuite", json!("eddsa-rdfc-2022"))], &[])?;
    add("proofPurpose", &[("proofPurpose", json!("authentication"))], &[])?;
    add("verificationMethod", &[("verificationMethod", json!("did:web:other.example#key-1"))], &[])?;
    add("proof @context", &[("@context", json!(["https://other.example/context"]))], &[])?;
    add("proof created", &[("created", json!(EXPIRES_TEXT))], &[])?;
    add("proof expires", &[("expires", json!(LONG_AGO_TEXT))], &[])?;
    add("validFrom", &[], &[("validFrom", json!(EXPIRES_TEXT))])?;
    add("validUntil", &[], &[("validUntil", json!(LONG_AGO_TEXT))])?;
    add("document @context", &[], &[("@context", json!(["https://other.example/context"]))])?;

    let mut text = secure(credential(0), proof(key), key)?.document.to_string();
    prepend_member(&mut text, r#""issuer":"did:web:other.example""#)?;
    hostile.push(Hostile { check: "duplicate JSON members", wire: text });
    Ok(hostile)
}
