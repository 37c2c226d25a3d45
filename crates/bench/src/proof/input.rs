//! Inputs of a verification, and the loop that measures it.

use crate::{clock::measure_cpu, row::Row};
use anyhow::{Context as _, bail, ensure};
use sinpyo_core::{encoding::from_base64url, key::Verifier};
use sinpyo_crypto::{Algorithm, VerifyingKey};

/// One input, and what the issuer signed in it.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) wire: String,
    pub(super) message: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// How the signature stands in `wire`.
    pub(super) signature_text: String,
}

impl Input {
    /// The input `wire` in which `token` was signed.
    pub(super) fn with_token(wire: String, token: &str) -> anyhow::Result<Self> {
        let (message, signature) = token.rsplit_once('.').context("not a token")?;
        Ok(Self {
            message: message.as_bytes().to_vec(),
            signature: from_base64url(signature)?,
            signature_text: signature.to_owned(),
            wire,
        })
    }
}

/// The issuer's token of an SD-JWT.
pub(super) fn issuer_token(sd_jwt: &str) -> &str {
    sd_jwt.split_once('~').map_or(sd_jwt, |(token, _)| token)
}

/// The row `name`: `accept` over all inputs, beside the raw check of what the issuer signed in them with `key`.
pub(super) fn verification(
    name: &'static str,
    inputs: &[Input],
    key: &VerifyingKey,
    accept: impl Fn(usize, &str) -> anyhow::Result<()>,
) -> anyhow::Result<Row> {
    ensure_checked(inputs, &accept)?;
    let input = |index: usize| inputs.get(index).context("no such input");
    let figures = measure_cpu(
        inputs.len(),
        |index| accept(index, &input(index)?.wire),
        |index| {
            let Input { message, signature, .. } = input(index)?;
            let _ = key.verify(message, signature)?;
            Ok(())
        },
    )?;
    let baseline_name = match key.algorithm() {
        Algorithm::Ed25519 => "raw ed25519 verify",
        Algorithm::Es256 => "raw es256 verify",
        Algorithm::MlDsa44 => "raw ml-dsa-44 verify",
        other => bail!("no row is signed with {other}"),
    };
    Ok(Row::of_cpu_time(name, figures, baseline_name, inputs.len()))
}

/// A verification that takes another message's signature would be measured for nothing.
fn ensure_checked(
    inputs: &[Input],
    accept: &impl Fn(usize, &str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let [first, second, ..] = inputs else { bail!("too few inputs") };
    let forged = first.wire.replace(&first.signature_text, &second.signature_text);
    ensure!(forged != first.wire, "the signature is not in the input");
    ensure!(accept(0, &forged).is_err(), "a forged input is accepted");
    Ok(())
}
