//! jsonwebtoken with its aws-lc-rs backend.

use std::process::ExitCode;

use bench_harness::{Alg, Kind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, from_value};

fn main() -> ExitCode {
    bench_harness::main("jsonwebtoken", |bench| {
        for alg in [Alg::Es256, Alg::Ed25519] {
            let note = "knows JWTs, not credentials; parses the key on every call";
            bench.verify((Kind::VcJwt, alg), note, |key| {
                let decoding_key = DecodingKey::from_jwk(&from_value(key.jwk()?)?)?;
                let mut validation = Validation::new(match alg {
                    Alg::Es256 => Algorithm::ES256,
                    Alg::Ed25519 => Algorithm::EdDSA,
                    Alg::MlDsa44 => anyhow::bail!("no row of ML-DSA"),
                });
                validation.validate_nbf = true;
                validation.set_issuer(&[bench_harness::ISSUER]);
                Ok(move |wire: &str| {
                    decode::<Value>(wire, &decoding_key, &validation)?;
                    Ok(())
                })
            });
        }
    })
}
