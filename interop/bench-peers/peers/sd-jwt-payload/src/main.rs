//! sd-jwt-payload (IOTA): the SD-JWT structure without signatures.

use std::process::ExitCode;

use anyhow::Context as _;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_harness::{Alg, CLAIM_NAMES, KID, Key, Kind, Verifier, now_or_never};
use sd_jwt_payload::{JsonObject, JwsSigner, SdJwt, SdJwtBuilder, Sha256Hasher};
use serde_json::{Value, from_str, to_vec};

fn main() -> ExitCode {
    bench_harness::main("sd-jwt-payload", |bench| {
        for alg in [Alg::Ed25519, Alg::Es256] {
            let note = "no signature check in the crate: the raw verify is the caller's";
            bench.verify((Kind::SdJwtVc, alg), note, |key| {
                let verifier = key.verifier()?;
                Ok(move |wire: &str| verify(wire, &verifier))
            });
        }
        bench.issue("no signing in the crate: the raw sign is the caller's", |key| {
            let signer = Signer(key.clone());
            Ok(move |order: &str| issue(order, &signer))
        });
    })
}

fn verify(wire: &str, verifier: &Verifier) -> anyhow::Result<()> {
    let sd_jwt = SdJwt::parse(wire)?;
    let (jws, _) = wire.split_once('~').context("not an SD-JWT")?;
    let (message, signature) = jws.rsplit_once('.').context("not a JWS")?;
    verifier.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature)?)?;
    sd_jwt.into_disclosed_object(&Sha256Hasher::new())?;
    Ok(())
}

fn issue(order: &str, signer: &Signer) -> anyhow::Result<String> {
    let mut builder =
        SdJwtBuilder::new(from_str::<Value>(order)?)?.header("typ", "dc+sd-jwt").header("kid", KID);
    for name in CLAIM_NAMES {
        builder = builder.make_concealable(&format!("/{name}"))?;
    }
    Ok(now_or_never(builder.finish(signer, "ES256"))??.presentation())
}

/// The raw primitive as the crate's signer.
struct Signer(std::sync::Arc<Key>);

#[async_trait]
impl JwsSigner for Signer {
    type Error = anyhow::Error;

    async fn sign(&self, header: &JsonObject, payload: &JsonObject) -> anyhow::Result<Vec<u8>> {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(to_vec(header)?),
            URL_SAFE_NO_PAD.encode(to_vec(payload)?)
        );
        let signature = self.0.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)).into_bytes())
    }
}
