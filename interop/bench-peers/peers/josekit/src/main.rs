//! josekit: JWS and JWT with OpenSSL.

use std::process::ExitCode;

use bench_harness::{Alg, Kind};
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, JwsVerifier};
use josekit::jwt::{self, JwtPayloadValidator};
use serde_json::from_value;

fn main() -> ExitCode {
    bench_harness::main("josekit", |bench| {
        for alg in [Alg::Es256, Alg::Ed25519] {
            bench.verify((Kind::VcJwt, alg), "knows JWTs, not credentials", |key| {
                let jwk = Jwk::from_map(from_value::<serde_json::Map<_, _>>(key.jwk()?)?)?;
                let verifier: Box<dyn JwsVerifier> = match alg {
                    Alg::Es256 => Box::new(ES256.verifier_from_jwk(&jwk)?),
                    Alg::Ed25519 => Box::new(EdDSA.verifier_from_jwk(&jwk)?),
                    Alg::MlDsa44 => anyhow::bail!("josekit has no ML-DSA"),
                };
                let mut validator = JwtPayloadValidator::new();
                validator.set_issuer(bench_harness::ISSUER);
                Ok(move |wire: &str| {
                    let (payload, _) = jwt::decode_with_verifier(wire, verifier.as_ref())?;
                    Ok(validator.validate(&payload)?)
                })
            });
        }
    })
}
