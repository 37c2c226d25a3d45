//! affinidi-sd-jwt: SD-JWT over the caller's JWS.

use std::process::ExitCode;
use std::sync::Arc;

use affinidi_sd_jwt::error::SdJwtError;
use affinidi_sd_jwt::verifier::{KbFreshness, verify, verify_with_kb_freshness};
use affinidi_sd_jwt::{JwtSigner, JwtVerifier, SdJwt, Sha256Hasher, VerificationOptions, issuer};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bench_harness::{AUDIENCE, Alg, CLAIM_NAMES, KID, Key, Kind, NONCE, NOW, Verifier};
use serde_json::{Value, from_str, json, to_vec};

fn main() -> ExitCode {
    bench_harness::main("affinidi-sd-jwt", |bench| {
        let note = "no JWS in the crate: signature, alg, typ and crit are checked by the caller's code";
        for alg in [Alg::Ed25519, Alg::Es256] {
            bench.verify((Kind::SdJwtVc, alg), note, |key| {
                let verifier = Jws { verifier: key.verifier()?, typ: "dc+sd-jwt" };
                Ok(move |wire: &str| {
                    let sd_jwt = SdJwt::parse(wire, &Sha256Hasher)?;
                    verify(&sd_jwt, &verifier, &Sha256Hasher, &VerificationOptions::default(), None)?;
                    Ok(())
                })
            });
        }
        bench.verify((Kind::Presentation, Alg::Es256), note, |key| {
            let verifier = Jws { verifier: key.verifier()?, typ: "dc+sd-jwt" };
            Ok(move |wire: &str| verify_presentation(wire, &verifier))
        });
        bench.issue("no JWS in the crate: the raw sign is the caller's; types the token sd+jwt", |key| {
            let signer = Signer(key.clone());
            let frame = json!({"_sd": CLAIM_NAMES});
            Ok(move |order: &str| {
                let sd_jwt = issuer::issue(&from_str(order)?, &frame, &signer, &Sha256Hasher, None)?;
                Ok(sd_jwt.serialize())
            })
        });
    })
}

fn verify_presentation(wire: &str, issuer: &Jws) -> anyhow::Result<()> {
    let sd_jwt = SdJwt::parse(wire, &Sha256Hasher)?;
    // The crate wants the holder's key before it has verified the payload that names it.
    let payload = sd_jwt.payload()?;
    let jwk = payload.pointer("/cnf/jwk").context("no holder key")?;
    let holder = Jws { verifier: Verifier::from_p256_jwk(jwk)?, typ: "kb+jwt" };
    let options = VerificationOptions {
        verify_kb: true,
        expected_audience: Some(AUDIENCE),
        expected_nonce: Some(NONCE),
    };
    let freshness = KbFreshness::new(NOW, 300);
    verify_with_kb_freshness(&sd_jwt, issuer, &Sha256Hasher, &options, Some(&holder), &freshness)?;
    Ok(())
}

/// The raw primitive as the crate's JWS verifier.
struct Jws {
    verifier: Verifier,
    typ: &'static str,
}

impl JwtVerifier for Jws {
    fn verify_jwt(&self, jws: &str) -> Result<Value, SdJwtError> {
        self.verifier.verify_jws(jws, self.typ).map_err(|error| SdJwtError::Verification(error.to_string()))
    }
}

/// The raw primitive as the crate's JWS signer.
struct Signer(Arc<Key>);

impl JwtSigner for Signer {
    fn algorithm(&self) -> &'static str {
        "ES256"
    }

    fn key_id(&self) -> Option<&str> {
        Some(KID)
    }

    fn sign_jwt(&self, header: &Value, payload: &Value) -> Result<String, SdJwtError> {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(to_vec(header)?),
            URL_SAFE_NO_PAD.encode(to_vec(payload)?)
        );
        let signature =
            self.0.sign(message.as_bytes()).map_err(|error| SdJwtError::Verification(error.to_string()))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
