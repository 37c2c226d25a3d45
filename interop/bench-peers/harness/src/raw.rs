//! The raw primitive over messages of its own, for rows whose inputs are not signed here.

use anyhow::Context as _;

use crate::clock::measure;
use crate::key::{Alg, Key, Verifier};

/// Signed messages of 64 bytes and the parsed key that verifies them.
pub(crate) struct Raw {
    verifier: Verifier,
    signed: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Raw {
    pub(crate) fn new(alg: Alg, count: usize) -> anyhow::Result<Self> {
        let key = Key::generate(alg)?;
        let signed = (0..count).map(|index| {
            let message = format!("{index:064}").into_bytes();
            let signature = key.sign(&message)?;
            Ok((message, signature))
        });
        Ok(Self { verifier: key.verifier()?, signed: signed.collect::<anyhow::Result<_>>()? })
    }

    pub(crate) fn verify(&self, index: usize) -> anyhow::Result<()> {
        let (message, signature) = self.signed.get(index).context("no such message")?;
        self.verifier.verify(message, signature)
    }
}

/// CPU time of one raw verification, in microseconds; for peers that are measured by another program.
///
/// # Errors
///
/// When a signature does not verify.
pub fn raw_verify(alg: Alg) -> anyhow::Result<f64> {
    const MESSAGES: usize = 1_000;
    let raw = Raw::new(alg, MESSAGES)?;
    Ok(measure(MESSAGES, |_| Ok(()), |index| raw.verify(index))?.baseline)
}
