//! VC 2.0 credentials with Data Integrity proofs over their JSON [vc-di-eddsa §3.3, vc-di-ecdsa §3.3,
//! vc-di-quantum-resistant §3.3] or over their statements [vc-di-eddsa §3.2, vc-di-ecdsa §3.2].

use aws_lc_rs::digest::{SHA256, digest};
use multibase::Base;
use serde_json::{Value, json};

use crate::k01::{EXPIRES_TEXT, ISSUED_TEXT, KID, LONG_AGO_TEXT};
use crate::key::{Alg, Key};
use crate::sample::{Hostile, INPUTS, Material, Sample, prepend_member};

/// How a family of suites makes bytes of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) suite: fn(Alg) -> &'static str,
    /// The credential of an input, without proof.
    pub(crate) credential: fn(usize) -> Value,
    pub(crate) canonical: fn(&Value) -> anyhow::Result<String>,
    /// Whether the attached proof repeats the context of the document; it is hashed with it in any case.
    pub(crate) proof_has_context: bool,
    /// A suite of another family.
    pub(crate) other_suite: &'static str,
}

/// The suites over the JSON.
pub(crate) const JCS: Family = Family {
    suite: |alg| match alg {
        Alg::Ed25519 => "eddsa-jcs-2022",
        Alg::Es256 => "ecdsa-jcs-2019",
        Alg::MlDsa44 => "mldsa44-jcs-2024",
    },
    credential: crate::vc_jwt::credential,
    canonical: |value| Ok(sorted(value).to_string()),
    proof_has_context: true,
    other_suite: "eddsa-rdfc-2022",
};

/// The inputs of `… verify`.
pub(crate) fn material(family: &Family, key: &Key) -> anyhow::Result<Material> {
    let samples = (0..INPUTS)
        .map(|index| {
            let signed = family.secure((family.credential)(index), family.proof(key.alg()), key)?;
            Ok(Sample {
                wire: signed.document.to_string(),
                message: signed.message,
                signature: signed.signature,
            })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Material { samples, hostile: hostile(family, key)? })
}

struct Signed {
    document: Value,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Family {
    /// The proof options.
    fn proof(&self, alg: Alg) -> Value {
        json!({
            "@context": (self.credential)(0).get("@context"),
            "type": "DataIntegrityProof",
            "cryptosuite": (self.suite)(alg),
            "created": ISSUED_TEXT,
            "verificationMethod": KID,
            "proofPurpose": "assertionMethod",
        })
    }

    fn secure(&self, mut document: Value, mut proof: Value, key: &Key) -> anyhow::Result<Signed> {
        let hash = |value: &Value| anyhow::Ok(digest(&SHA256, (self.canonical)(value)?.as_bytes()));
        let message = [hash(&proof)?.as_ref(), hash(&document)?.as_ref()].concat();
        let signature = key.sign(&message)?;
        let base = if key.alg() == Alg::MlDsa44 { Base::Base64Url } else { Base::Base58Btc };
        insert(&mut proof, "proofValue", json!(multibase::encode(base, &signature)));
        if !self.proof_has_context
            && let Some(proof) = proof.as_object_mut()
        {
            proof.remove("@context");
        }
        insert(&mut document, "proof", proof);
        Ok(Signed { document, message, signature })
    }
}

/// Members in order. With ASCII names and no fractions, which is all there is here, that is RFC 8785.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

fn hostile(family: &Family, key: &Key) -> anyhow::Result<Vec<Hostile>> {
    let proof = || family.proof(key.alg());
    let genuine = family.secure((family.credential)(0), proof(), key)?.document;
    let mut damaged = genuine.clone();
    insert(&mut damaged, "validUntil", json!("2100-01-02T00:00:00Z"));
    let mut hostile = vec![Hostile { check: "signature", wire: damaged.to_string() }];

    let mut add = |check, in_proof: &[(&str, Value)], in_document: &[(&str, Value)]| {
        let (mut document, mut proof) = ((family.credential)(0), proof());
        for (object, members) in [(&mut proof, in_proof), (&mut document, in_document)] {
            for (name, value) in members {
                insert(object, name, value.clone());
            }
        }
        hostile.push(Hostile { check, wire: family.secure(document, proof, key)?.document.to_string() });
        anyhow::Ok(())
    };
    add("proof type", &[("type", json!("DataIntegrity"))], &[])?;
    add("cryptosuite", &[("cryptosuite", json!(family.other_suite))], &[])?;
    add("proofPurpose", &[("proofPurpose", json!("authentication"))], &[])?;
    add("verificationMethod", &[("verificationMethod", json!("did:web:other.example#key-1"))], &[])?;
    add("proof created", &[("created", json!(EXPIRES_TEXT))], &[])?;
    add("proof expires", &[("expires", json!(LONG_AGO_TEXT))], &[])?;
    add("issuer = controller", &[], &[("issuer", json!("did:web:other.example"))])?;
    add("validFrom", &[], &[("validFrom", json!(EXPIRES_TEXT))])?;
    add("validUntil", &[], &[("validUntil", json!(LONG_AGO_TEXT))])?;
    if family.proof_has_context {
        let other = || json!(["https://other.example/context"]);
        add("proof @context", &[("@context", other())], &[])?;
        add("document @context", &[], &[("@context", other())])?;
    }

    let mut text = genuine.to_string();
    prepend_member(&mut text, r#""issuer":"did:web:other.example""#)?;
    hostile.push(Hostile { check: "duplicate JSON members", wire: text });
    Ok(hostile)
}
