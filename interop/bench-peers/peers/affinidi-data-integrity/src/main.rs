//! affinidi-data-integrity: Data Integrity proofs over JSON, over statements, and with selective disclosure.

mod bbs;

use std::process::ExitCode;

use affinidi_data_integrity::crypto_suites::CryptoSuite;
use affinidi_data_integrity::{DataIntegrityProof, VerifyOptions, verify_conformance};
use anyhow::{Context as _, ensure};
use bench_harness::{Alg, KID, Key, Kind};
use serde_json::{Value, from_str, from_value};

const NOTE: &str = "knows proofs, not credentials; parses the key on every call; \
                    the proof is taken out of the document, and its verificationMethod compared, \
                    by the caller's code";
const NOTE_ON_STATEMENTS: &str = "knows proofs, not credentials; parses the key on every call; the proof is taken out of \
                                  the document and given its context, and its verificationMethod compared, \
                                  by the caller's code";

fn main() -> ExitCode {
    bench_harness::main("affinidi-data-integrity", |bench| {
        let suites = [
            (Kind::DataIntegrity, Alg::Ed25519, CryptoSuite::EddsaJcs2022, NOTE),
            (Kind::DataIntegrity, Alg::Es256, CryptoSuite::EcdsaJcs2019, NOTE),
            (Kind::DataIntegrity, Alg::MlDsa44, CryptoSuite::MlDsa44Jcs2024, NOTE),
            (Kind::Statements, Alg::Ed25519, CryptoSuite::EddsaRdfc2022, NOTE_ON_STATEMENTS),
        ];
        for (kind, alg, suite, note) in suites {
            bench.verify((kind, alg), note, |key| Ok(Verifier::new(kind, suite, key).into_check()));
        }
        bbs::rows(bench);
    })
}

struct Verifier {
    kind: Kind,
    suite: CryptoSuite,
    public: Vec<u8>,
    options: VerifyOptions,
}

impl Verifier {
    fn new(kind: Kind, suite: CryptoSuite, key: &Key) -> Self {
        let options = VerifyOptions::new().with_allowed_suites(vec![suite]);
        let options = match kind {
            Kind::Statements => options,
            _ => options.with_expected_context(vec!["https://www.w3.org/ns/credentials/v2".to_owned()]),
        };
        Self { kind, suite, public: key.public().to_vec(), options }
    }

    fn into_check(self) -> impl Fn(&str) -> anyhow::Result<()> {
        move |wire| self.check(wire)
    }

    fn check(&self, wire: &str) -> anyhow::Result<()> {
        let mut document: Value = from_str(wire)?;
        let proof = document.as_object_mut().and_then(|object| object.remove("proof")).context("no proof")?;
        let mut proof: DataIntegrityProof = from_value(proof)?;
        if self.kind == Kind::Statements {
            proof.context = document.get("@context").cloned().map(from_value).transpose()?;
        }
        ensure!(proof.verification_method == KID, "another key");
        verify_conformance(&proof, self.suite)?;
        Ok(proof.verify_with_public_key(&document, &self.public, self.options.clone())?)
    }
}
