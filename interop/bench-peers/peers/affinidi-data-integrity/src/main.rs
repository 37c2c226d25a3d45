//! affinidi-data-integrity: Data Integrity proofs with JCS.

use std::process::ExitCode;

use affinidi_data_integrity::crypto_suites::CryptoSuite;
use affinidi_data_integrity::{DataIntegrityProof, VerifyOptions, verify_conformance};
use anyhow::{Context as _, ensure};
use bench_harness::{Alg, KID, Kind};
use serde_json::{Value, from_str, from_value};

fn main() -> ExitCode {
    bench_harness::main("affinidi-data-integrity", |bench| {
        for alg in [Alg::Ed25519, Alg::Es256] {
            let suite = match alg {
                Alg::Ed25519 => CryptoSuite::EddsaJcs2022,
                Alg::Es256 => CryptoSuite::EcdsaJcs2019,
            };
            let note = "knows proofs, not credentials; parses the key on every call; \
                        the proof is taken out of the document, and its verificationMethod compared, \
                        by the caller's code";
            bench.verify((Kind::DataIntegrity, alg), note, |key| {
                let public = key.public().to_vec();
                let options = VerifyOptions::new()
                    .with_allowed_suites(vec![suite])
                    .with_expected_context(vec!["https://www.w3.org/ns/credentials/v2".to_owned()]);
                Ok(move |wire: &str| verify(wire, suite, &public, options.clone()))
            });
        }
    })
}

fn verify(wire: &str, suite: CryptoSuite, public: &[u8], options: VerifyOptions) -> anyhow::Result<()> {
    let mut document: Value = from_str(wire)?;
    let proof = document.as_object_mut().and_then(|object| object.remove("proof")).context("no proof")?;
    let proof: DataIntegrityProof = from_value(proof)?;
    ensure!(proof.verification_method == KID, "another key");
    verify_conformance(&proof, suite)?;
    Ok(proof.verify_with_public_key(&document, public, options)?)
}
