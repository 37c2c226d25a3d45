//! identity-kit (impierce), with the verifier and the key store it brings.

use std::process::ExitCode;
use std::time::Duration;

use async_trait::async_trait;
use bench_harness::{AUDIENCE, Alg, CLAIM_NAMES, KID, Key, Kind, NONCE, NOW, now_or_never};
use chrono::DateTime;
use identity_kit::jose::{DefaultVerifier, Jwk, JwsAlgorithm, KeyType};
use identity_kit::keys::{InMemoryKeyStore, KeySigner, KeySpec, KeyStore as _};
use identity_kit::resolver::{KeyReference, KeyResolutionError, KeyResolver, KeyRole};
use identity_kit::sd_jwt_vc::{
    KeyBindingOptions, SdJwt, SdJwtCredentialValidator, SdJwtValidationOptions, SdJwtVcBuilder,
};
use identity_kit::vc::Jwt;
use identity_kit::vc::validation::{
    CredentialValidationOptions, JwtCredentialValidator, StatusPolicy, TimeOptions,
};
use serde_json::{from_str, from_value};

const NOTE: &str = "decodes the key on every call";

fn main() -> ExitCode {
    bench_harness::main("identity-kit", |bench| {
        for alg in [Alg::Ed25519, Alg::Es256] {
            bench.verify((Kind::SdJwtVc, alg), NOTE, |key| {
                let options = SdJwtValidationOptions::new()
                    .with_time(time())
                    .with_status(StatusPolicy::SkipAll)
                    .rejecting_legacy_typ();
                sd_jwt(key, options)
            });
        }
        bench.verify((Kind::Presentation, Alg::Es256), NOTE, |key| {
            let binding = KeyBindingOptions::new(AUDIENCE, NONCE)
                .with_time(time())
                .with_max_age(Duration::from_mins(5));
            let options = SdJwtValidationOptions::new()
                .with_time(time())
                .with_status(StatusPolicy::SkipAll)
                .with_key_binding(binding)
                .rejecting_legacy_typ();
            sd_jwt(key, options)
        });
        for alg in [Alg::Es256, Alg::Ed25519] {
            bench.verify((Kind::VcJwt, alg), NOTE, |key| {
                let validator = JwtCredentialValidator::new(Issuer(from_value(key.jwk()?)?), DefaultVerifier);
                let options =
                    CredentialValidationOptions::new().with_time(time()).with_status(StatusPolicy::SkipAll);
                Ok(move |wire: &str| {
                    now_or_never(validator.validate_v2(&Jwt::new(wire)?, &options))??;
                    Ok(())
                })
            });
        }
        bench.issue("signs with its own key store (p256)", |_| {
            let store = InMemoryKeyStore::new();
            let id = now_or_never(store.generate(KeySpec::new(KeyType::P256, JwsAlgorithm::ES256)))??;
            let signer = now_or_never(KeySigner::new(store, id, JwsAlgorithm::ES256))??.with_kid(KID);
            Ok(move |order: &str| {
                let mut builder = SdJwtVcBuilder::from_claims(from_str(order)?);
                for name in CLAIM_NAMES {
                    builder = builder.conceal([name]);
                }
                Ok(now_or_never(builder.sign(&signer))??.into_sd_jwt().to_string())
            })
        });
    })
}

fn sd_jwt(
    key: &Key,
    options: SdJwtValidationOptions,
) -> anyhow::Result<impl Fn(&str) -> anyhow::Result<()> + use<>> {
    let validator = SdJwtCredentialValidator::new(Issuer(from_value(key.jwk()?)?), DefaultVerifier);
    Ok(move |wire: &str| {
        now_or_never(validator.validate(&SdJwt::parse(wire)?, &options))??;
        Ok(())
    })
}

fn time() -> TimeOptions {
    TimeOptions::at(DateTime::from_timestamp(NOW, 0).unwrap_or_default())
}

/// The one issuer there is.
struct Issuer(Jwk);

#[async_trait]
impl KeyResolver for Issuer {
    async fn resolve_key(&self, key: &KeyReference, _: KeyRole) -> Result<Jwk, KeyResolutionError> {
        match key {
            KeyReference::DidUrl(url) if url.as_str() == KID => Ok(self.0.clone()),
            other => Err(KeyResolutionError::unsupported(other)),
        }
    }
}
