//! Data Integrity proofs over the statements of a credential of 27 quads: JSON-LD, RDFC-1.0, one signature.

use super::{
    INPUTS,
    input::{Input, verification},
    resident::{self, Issuer},
};
use crate::row::Row;
use anyhow::{Context as _, ensure};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::Credential,
    document::VerificationRelationship::AssertionMethod,
    encoding::{Base, from_multibase},
    key::Signer,
};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::{Contexts, to_rdf};
use sinpyo_proof::{
    Signatory, Unverified,
    data_integrity::{self, Cryptosuite, Earlier, ProofOptions, Securing},
};
use std::hint::black_box;

const QUADS: usize = 27;

/// The row of `suite`, signed with a key of `algorithm`.
pub(super) fn verify(name: &'static str, suite: Cryptosuite, algorithm: Algorithm) -> anyhow::Result<Row> {
    let issuer = Issuer::new(algorithm)?;
    let inputs: Vec<Input> =
        (0..INPUTS).map(|index| secured(index, suite, &issuer)).collect::<anyhow::Result<_>>()?;
    let now = resident::now()?;
    verification(name, &inputs, issuer.key(), |_, wire| {
        let credential = Unverified::<Credential>::parse(wire.as_bytes())?.verify(&issuer.keys, now)?;
        ensure!(credential.get().issuer() == resident::ISSUER, "another issuer");
        black_box(credential);
        Ok(())
    })
}

/// A credential of 27 quads about resident `index`: the members of the others, and five more.
pub(super) fn document(index: usize) -> anyhow::Result<Map<String, Value>> {
    let mut document = resident::document(index)?;
    let contexts =
        ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"];
    document.insert("@context".to_owned(), json!(contexts));
    let subject =
        document.get_mut("credentialSubject").and_then(Value::as_object_mut).context("no subject")?;
    for name in ["nationality", "household", "registered_since", "office", "language"] {
        subject.insert(name.to_owned(), json!(format!("{name} {index}")));
    }
    let quads = to_rdf(&document, &Contexts::bundled())?.len();
    ensure!(quads == QUADS, "{quads} quads, not {QUADS}");
    Ok(document)
}

fn secured(index: usize, suite: Cryptosuite, issuer: &Issuer) -> anyhow::Result<Input> {
    let document = document(index)?;
    let created = document.get("validFrom").and_then(Value::as_str).context("no date")?.parse()?;
    let options = ProofOptions { created: Some(created), ..ProofOptions::new(AssertionMethod) };
    let contexts = Contexts::bundled();
    let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
    let signatory = Signatory { key_id: issuer.signer.key_id(), key: issuer.key() };
    let prepared = data_integrity::secure(document, &how, signatory)?;
    let message = prepared.signing_input().to_vec();
    let signature = issuer.signer.sign(&message)?;
    let secured = Value::Object(prepared.attach(&signature)?);
    let text = secured.pointer("/proof/proofValue").and_then(Value::as_str).context("no proof value")?;
    ensure!(*from_multibase(Base::Base58Btc, text)? == *signature, "another signature");
    let signature_text = text.to_owned();
    Ok(Input { wire: secured.to_string(), message, signature: signature.into(), signature_text })
}
