//! What an application built on `ssi` does.

use crate::{tally::Verdict, world::World};
use futures_executor::block_on;
use sinpyo_ssi_adapter::Resolver;
use ssi::{
    JWK,
    claims::{
        JwsBuf, JwsPayload, SignatureEnvironment, VerificationParameters,
        data_integrity::{
            AnyDataIntegrity, AnyInputSuiteOptions, AnySelectionOptions, AnySignatureOptions, AnySuite,
            CryptographicSuite, ProofOptions,
        },
        sd_jwt::SdJwtBuf,
        vc::v2::JsonCredential,
        vc_jose_cose::{JoseVc, SdJwtVc},
    },
    dids::{DIDResolver, VerificationMethodDIDResolver},
    json_ld::iref::IriBuf,
    verification_methods::{AnyMethod, SingleSecretSigner},
    xsd::DateTimeStamp,
};
use std::borrow::Cow;

type Methods<'w, 'a> = VerificationMethodDIDResolver<Resolver<&'w World<'a>>, AnyMethod>;

fn methods<'w, 'a>(world: &'w World<'a>) -> Methods<'w, 'a> {
    Resolver::new(world).into_vm_resolver()
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn text(error: impl ToString) -> String {
    error.to_string()
}

/// Signs with a Data Integrity proof.
pub(crate) fn sign(
    world: &World<'_>,
    suite: &AnySuite,
    credential: &str,
    (jwk, method): (&JWK, &str),
) -> Result<String, String> {
    let credential: JsonCredential = serde_json::from_str(credential).map_err(text)?;
    let options = options(method)?;
    let signer = SingleSecretSigner::new(jwk.clone()).into_local();
    let signed = block_on(suite.sign(credential, methods(world), signer, options)).map_err(text)?;
    serde_json::to_string(&signed).map_err(text)
}

/// Made by a method a minute before the present of the tests.
fn options(method: &str) -> Result<ProofOptions<AnyMethod, AnyInputSuiteOptions>, String> {
    let method: IriBuf = method.parse().map_err(text)?;
    let mut options = ProofOptions::from_method(method.into());
    options.created =
        Some("2026-11-21T23:59:00.123Z".parse::<DateTimeStamp>().map_err(|_| "no time")?.into());
    Ok(options)
}

/// Signs with a base proof of `ecdsa-sd-2023`.
pub(crate) fn sign_selective(
    world: &World<'_>,
    credential: &str,
    (jwk, method): (&JWK, &str),
) -> Result<String, String> {
    let credential: JsonCredential = serde_json::from_str(credential).map_err(text)?;
    let mut selection = AnySignatureOptions::default();
    selection.mandatory_pointers = vec!["/issuer".parse().map_err(text)?];
    let signer = SingleSecretSigner::new(jwk.clone()).into_local();
    let environment = SignatureEnvironment::default();
    let signing = AnySuite::EcdsaSd2023.sign_with(
        environment,
        credential,
        methods(world),
        signer,
        options(method)?,
        selection,
    );
    serde_json::to_string(&block_on(signing).map_err(text)?).map_err(text)
}

/// Derives a proof that shows what `pointers` point at.
pub(crate) fn derive(world: &World<'_>, secured: &str, pointers: &[&str]) -> Result<String, String> {
    let secured: AnyDataIntegrity<JsonCredential> = serde_json::from_str(secured).map_err(text)?;
    let parameters = VerificationParameters::from_resolver(methods(world));
    let mut selection = AnySelectionOptions::default();
    selection.selective_pointers =
        pointers.iter().map(|pointer| pointer.parse()).collect::<Result<_, _>>().map_err(text)?;
    let derived = block_on(secured.select(&parameters, selection)).map_err(text)?;
    serde_json::to_string(&derived).map_err(text)
}

/// Verifies Data Integrity proofs.
pub(crate) fn verify(world: &World<'_>, secured: &str) -> Verdict {
    let secured: AnyDataIntegrity<JsonCredential> = serde_json::from_str(secured).map_err(text)?;
    let parameters = VerificationParameters::from_resolver(methods(world));
    block_on(secured.verify(parameters)).map_err(text)?.map_err(text)
}

/// A credential under the final media type, which [`JoseVc`] does not write.
struct Final(JsonCredential);

impl JwsPayload for Final {
    fn typ(&self) -> Option<&str> {
        Some("vc+jwt")
    }

    fn cty(&self) -> Option<&str> {
        Some("vc")
    }

    fn payload_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(serde_json::to_vec(&self.0).unwrap())
    }
}

/// Signs as `vc+jwt`, by a payload of the application's own.
pub(crate) fn sign_jwt(credential: &str, jwk: &JWK) -> Result<String, String> {
    let credential: JsonCredential = serde_json::from_str(credential).map_err(text)?;
    block_on(Final(credential).sign(jwk)).map(|jws| jws.to_string()).map_err(text)
}

/// Signs as `ssi` does by itself.
pub(crate) fn sign_jwt_of_old(credential: &str, jwk: &JWK) -> Result<String, String> {
    let credential: JsonCredential = serde_json::from_str(credential).map_err(text)?;
    block_on(JoseVc(credential).sign(jwk)).map(|jws| jws.to_string()).map_err(text)
}

/// Verifies a credential in a token.
pub(crate) fn verify_jwt(world: &World<'_>, token: &str) -> Verdict {
    let token = JwsBuf::new(token.as_bytes().to_vec()).map_err(|_| "no token")?;
    let decoded = JoseVc::decode_any(&token).map_err(text)?;
    let parameters = VerificationParameters::from_resolver(methods(world));
    block_on(decoded.verify(parameters)).map_err(text)?.map_err(text)
}

/// Signs as an SD-JWT that hides the name; `ssi` writes no `typ`.
pub(crate) fn sign_sd_jwt(credential: &str, jwk: &JWK) -> Result<String, String> {
    let credential: JsonCredential = serde_json::from_str(credential).map_err(text)?;
    let hidden = ["/credentialSubject/name".parse::<ssi::JsonPointerBuf>().map_err(text)?];
    let signing = async {
        SdJwtVc(credential).conceal_and_sign(ssi::claims::sd_jwt::SdAlg::Sha256, &hidden, jwk).await
    };
    block_on(signing).map(|signed| signed.to_string()).map_err(text)
}

/// Verifies an SD-JWT whose claims are a W3C credential.
pub(crate) fn verify_sd_jwt(world: &World<'_>, token: &str) -> Verdict {
    let token = SdJwtBuf::new(token.as_bytes().to_vec()).map_err(|_| "no SD-JWT")?;
    let revealed = SdJwtVc::decode_reveal_any(&token).map_err(text)?;
    let parameters = VerificationParameters::from_resolver(methods(world));
    block_on(revealed.verify(parameters)).map_err(text)?.map_err(text)
}
