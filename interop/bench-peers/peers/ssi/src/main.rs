//! ssi (SpruceID): Data Integrity proofs over statements.
//!
//! What it cannot verify has no row: its derived proofs of `ecdsa-sd-2023` and `bbs-2023` fail for every credential
//! with a blank node, as the status entry of this one is.

use std::borrow::Cow;
use std::process::ExitCode;

use anyhow::anyhow;
use bench_harness::{Alg, ISSUER, KID, Key, Kind, now_or_never};
use serde_json::{from_str, from_value, json};
use ssi::claims::VerificationParameters;
use ssi::claims::data_integrity::AnyDataIntegrity;
use ssi::claims::vc::v2::JsonCredential;
use ssi::json_ld::iref::Iri;
use ssi::verification_methods::{
    AnyMethod, ReferenceOrOwnedRef, ResolutionOptions, VerificationMethodResolutionError,
    VerificationMethodResolver,
};

fn main() -> ExitCode {
    bench_harness::main("ssi", |bench| {
        for alg in [Alg::Ed25519, Alg::Es256] {
            let note = "decodes the key on every call";
            bench.verify((Kind::Statements, alg), note, |key| {
                let parameters = VerificationParameters::from_resolver(Issuer::new(key)?);
                Ok(move |wire: &str| {
                    let credential: AnyDataIntegrity<JsonCredential> = from_str(wire)?;
                    now_or_never(credential.verify(&parameters))??
                        .map_err(|invalid| anyhow!("invalid: {invalid}"))
                })
            });
        }
    })
}

/// The one issuer there is.
struct Issuer(AnyMethod);

impl Issuer {
    fn new(key: &Key) -> anyhow::Result<Self> {
        let method = json!({
            "id": KID, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": key.multikey()?,
        });
        Ok(Self(from_value(method)?))
    }
}

impl VerificationMethodResolver for Issuer {
    type Method = AnyMethod;

    async fn resolve_verification_method_with(
        &'_ self,
        _: Option<&Iri>,
        method: Option<ReferenceOrOwnedRef<'_, AnyMethod>>,
        _: ResolutionOptions,
    ) -> Result<Cow<'_, AnyMethod>, VerificationMethodResolutionError> {
        match method {
            Some(ReferenceOrOwnedRef::Reference(id)) if id.as_str() == KID => Ok(Cow::Borrowed(&self.0)),
            _ => Err(VerificationMethodResolutionError::UnknownKey),
        }
    }
}
