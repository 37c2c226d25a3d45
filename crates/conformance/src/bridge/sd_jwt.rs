//! SD-JWTs.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    keys::{self, Signing},
    os::OsEntropy,
};
use serde_json::json;
use sinpyo_proof::{
    HolderBinding, Occasion,
    jws::Typ,
    sd_jwt::{self, Concealment, Decoys, DigestAlgorithm, Expected, Holding},
};
use std::time::Duration;

/// How long ago a holder may have signed.
pub(super) const MAX_AGE: Duration = Duration::from_mins(10);
/// The type that other libraries' tests use.
const EXAMPLE: Typ = Typ::application("example+sd-jwt");

/// `sdjwt.issue`.
pub(super) fn issue(arguments: &Arguments) -> Answer {
    let mut claims = arguments.object("claims")?.clone();
    if let Some(jwk) = arguments.maybe_object("holderJwk")? {
        let holder = keys::public_key(jwk)?.to_jwk();
        claims.insert("cnf".to_owned(), json!({"jwk": holder.members()}));
    }
    let concealment = Concealment {
        selective: &arguments.paths("disclosable")?,
        decoys: Decoys::None,
        algorithm: DigestAlgorithm::Sha256,
    };
    let key = Signing::read(arguments, "key", "kid")?;
    let prepared = sd_jwt::prepare(typ(arguments)?, claims, &concealment, key.signatory(), &mut OsEntropy)?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(json!({"sdJwt": prepared.attach(&signature)?}))
}

/// `sdjwt.present`.
pub(super) fn present(arguments: &Arguments) -> Answer {
    let holding = Holding::parse(arguments.text("sdJwt")?, &[typ(arguments)?])?;
    let selection = holding.select(&arguments.paths("disclose")?)?;
    let presentation = match arguments.maybe_text("aud")? {
        None => selection.unbound(),
        Some(audience) => {
            let key = Signing::read(arguments, "key", "kid")?;
            let (nonce, signed_at) = (arguments.text("nonce")?, arguments.time("iat")?);
            let prepared = selection.prepare_binding(audience, nonce, signed_at, key.public());
            let signature = key.sign(prepared.signing_input())?;
            prepared.attach(&signature)?
        }
    };
    Ok(json!({"presentation": presentation}))
}

/// `sdjwt.verify`.
pub(super) fn verify(arguments: &Arguments) -> Answer {
    let key = keys::public_key(arguments.object("issuerJwk")?)?;
    let expected =
        Expected { typ: typ(arguments)?, holder_binding: binding(arguments)?, now: arguments.now()? };
    let opened = sd_jwt::verify(arguments.text("presentation")?, &key, &expected)?.into_inner();
    Ok(json!({"claims": opened.claims}))
}

/// The occasion that the arguments `aud` and `nonce` name; none if both are absent.
fn binding(arguments: &Arguments) -> Result<HolderBinding<'_>, Refusal> {
    match (arguments.maybe_text("aud")?, arguments.maybe_text("nonce")?) {
        (None, None) => Ok(HolderBinding::NotWanted),
        (Some(audience), Some(nonce)) => {
            Ok(HolderBinding::Required(Occasion { audience, nonce, max_age: MAX_AGE }))
        }
        (None, Some(_)) => Err(wrong("aud")),
        (Some(_), None) => Err(wrong("nonce")),
    }
}

/// The type of the issuer's token: that of SD-JWT VC unless another is named.
fn typ(arguments: &Arguments) -> Result<Typ, Refusal> {
    match arguments.maybe_text("typ")? {
        None => Ok(Typ::SD_JWT_VC),
        Some(name) => {
            let known = Typ::ALL.into_iter().chain([EXAMPLE]).find(|typ| typ.as_str() == name);
            known.ok_or_else(|| wrong("typ"))
        }
    }
}
