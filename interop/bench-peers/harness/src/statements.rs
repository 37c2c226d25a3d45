//! A credential of 27 statements, and proofs over its canonical dataset.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use sinpyo_jsonld::{Contexts, to_rdf};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize};

use crate::data_integrity::Family;
use crate::key::Alg;

/// The credential of input `index`: 27 statements, as in our own rows.
///
/// Its vocabulary is that of the examples, not that of undefined terms, because every peer has that context.
#[must_use]
pub fn credential(index: usize) -> Value {
    let mut credential = crate::vc_jwt::credential(index);
    if let Some(contexts) = credential.get_mut("@context").and_then(Value::as_array_mut) {
        contexts.push(json!("https://www.w3.org/ns/credentials/examples/v2"));
    }
    if let Some(subject) = credential.get_mut("credentialSubject").and_then(Value::as_object_mut) {
        for name in ["nationality", "household", "registered_since", "office", "language"] {
            subject.insert(name.to_owned(), json!(format!("{name} {index}")));
        }
    }
    credential
}

/// Statements in [`credential`].
const QUADS: usize = 27;

/// The suites over the statements.
pub(crate) const RDFC: Family = Family {
    suite: |alg| match alg {
        Alg::Ed25519 => "eddsa-rdfc-2022",
        Alg::Es256 => "ecdsa-rdfc-2019",
        Alg::MlDsa44 => "mldsa44-rdfc-2024",
    },
    credential,
    canonical,
    proof_has_context: false,
    other_suite: "eddsa-jcs-2022",
};

/// Our own canonical form: a peer that computes another one refuses the inputs, and its row does not run.
fn canonical(document: &Value) -> anyhow::Result<String> {
    let document = document.as_object().context("not an object")?;
    let dataset = to_rdf(document, &Contexts::bundled())?;
    let is_credential = document.contains_key("credentialSubject");
    ensure!(!is_credential || dataset.len() == QUADS, "{} statements", dataset.len());
    Ok(canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default())?.into_nquads())
}
