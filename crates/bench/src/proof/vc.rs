//! W3C credentials: as `vc+jwt`, and with a Data Integrity proof.

use super::{
    INPUTS,
    input::{Input, verification},
    resident::{self, Issuer},
};
use crate::row::Row;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use sinpyo_core::{
    credential::Credential,
    document::VerificationRelationship::AssertionMethod,
    encoding::{Base, from_multibase, to_base64url},
    key::Signer,
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{
    Signatory, Unverified,
    data_integrity::{self, ProofOptions},
};
use std::hint::black_box;

/// The row `vc+jwt verify`.
pub(super) fn verify_token(name: &'static str, algorithm: Algorithm) -> anyhow::Result<Row> {
    verify(name, algorithm, token)
}

/// The row of the Data Integrity suite for `algorithm`.
pub(super) fn verify_proof(name: &'static str, algorithm: Algorithm) -> anyhow::Result<Row> {
    verify(name, algorithm, proof)
}

fn verify(
    name: &'static str,
    algorithm: Algorithm,
    secured: fn(usize, &Issuer) -> anyhow::Result<Input>,
) -> anyhow::Result<Row> {
    let issuer = Issuer::new(algorithm)?;
    let inputs: Vec<Input> =
        (0..INPUTS).map(|index| secured(index, &issuer)).collect::<anyhow::Result<_>>()?;
    let now = resident::now()?;
    verification(name, &inputs, issuer.key(), |_, wire| {
        let credential = Unverified::<Credential>::parse(wire.as_bytes())?.verify(&issuer.keys, now)?;
        ensure!(credential.get().issuer() == resident::ISSUER, "another issuer");
        black_box(credential);
        Ok(())
    })
}

/// Written by hand: with registered claims beside the credential, which our own issuer leaves out.
fn token(index: usize, issuer: &Issuer) -> anyhow::Result<Input> {
    let header = json!({
        "alg": issuer.key().algorithm().jose(), "typ": "vc+jwt", "kid": issuer.signer.key_id().as_str(),
    });
    let payload = Value::Object(resident::token_claims(index)?);
    let [header, payload] = [header, payload].map(|part| to_base64url(part.to_string().as_bytes()));
    let message = format!("{header}.{payload}");
    let signature = to_base64url(&issuer.signer.sign(message.as_bytes())?);
    let token = format!("{message}.{signature}");
    Input::with_token(token.clone(), &token)
}

fn proof(index: usize, issuer: &Issuer) -> anyhow::Result<Input> {
    let document = resident::document(index)?;
    let created = document.get("validFrom").and_then(Value::as_str).context("no date")?.parse()?;
    let options = ProofOptions { created: Some(created), ..ProofOptions::new(AssertionMethod) };
    let signatory = Signatory { key_id: issuer.signer.key_id(), key: issuer.key() };
    let prepared = data_integrity::prepare(document, &options, signatory)?;
    let message = prepared.signing_input().to_vec();
    let signature = issuer.signer.sign(&message)?;
    let secured = Value::Object(prepared.attach(&signature)?);
    let base = if issuer.key().algorithm() == Algorithm::MlDsa44 { Base::Base64Url } else { Base::Base58Btc };
    let text = secured.pointer("/proof/proofValue").and_then(Value::as_str).context("no proof value")?;
    ensure!(*from_multibase(base, text)? == *signature, "another signature");
    let signature_text = text.to_owned();
    Ok(Input { wire: secured.to_string(), message, signature: signature.into(), signature_text })
}
