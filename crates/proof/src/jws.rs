//! The tokens in which JOSE proofs travel: those of `sinpyo-jose`.

use crate::check::{Checked, Signature};
use serde_json::{Map, Value};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{HeaderRules, hazmat::Compact};

pub use sinpyo_jose::{JwsError, MAX_LENGTH, PreparedToken, TimeError, Times, Typ};

/// Which hints at their keys tokens of this kind may carry. Certificates prove themselves by their path, where the
/// verifier decided to look for one [SD-JWT VC §3.5].
fn rules(typ: Typ) -> HeaderRules {
    match typ {
        Typ::SD_JWT_VC | Typ::STATUS_LIST => HeaderRules::NAMED_OR_CERTIFIED,
        _ => HeaderRules::NAMED,
    }
}

/// Takes apart a token whose type must be one of `typs`.
pub(crate) fn parse(text: &str, typs: &[Typ]) -> Result<Compact, JwsError> {
    Compact::parse(text, typs, rules)
}

/// The signature over `text`, from which `token` was parsed, to be checked with `key`.
pub(crate) fn signature<'a>(token: &'a Compact, text: &'a str, key: &'a VerifyingKey) -> Signature<'a> {
    Signature { key, message: token.signed(text).as_bytes(), proof: token.signature() }
}

/// The claims of a token whose signature was checked.
pub(crate) fn claims(token: Compact, _: Checked) -> Map<String, Value> {
    token.into_claims()
}

/// The claims of `token`, once the signature over `text`, from which it was parsed, is found to be made with `key`.
pub(crate) fn verify(token: Compact, text: &str, key: &VerifyingKey) -> Result<Map<String, Value>, JwsError> {
    token.header().check_algorithm(key.algorithm())?;
    let checked = crate::check::one(signature(&token, text, key)).map_err(|_| JwsError::Signature)?; // [JWS-11]
    Ok(claims(token, checked))
}
