//! What is common to the tokens by which clients prove something.

use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::sha256};
use sinpyo_jose::{HeaderRules, JwsError, Typ, UnverifiedJwt, VerifiedJwt, key_thumbprint};

/// With what clients may sign.
pub(crate) const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];

/// [`ALGORITHMS`] by their names in metadata.
pub(crate) fn algorithm_names() -> Vec<&'static str> {
    ALGORITHMS.iter().map(|algorithm| algorithm.jose()).collect()
}

/// Longest `jti` and the like, in bytes.
pub(crate) const MAX_ID: usize = 256;

/// The token `text`, if one of `keys` signed it.
pub(crate) fn signed_by_any(
    text: &str,
    (typs, rules): (&[Typ], &HeaderRules),
    keys: &[VerifyingKey],
) -> Result<VerifiedJwt, JwsError> {
    let mut refusal = JwsError::Signature;
    for key in keys {
        match UnverifiedJwt::parse(text, typs, rules)?.verify(key, &ALGORITHMS) {
            Ok(verified) => return Ok(verified),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// The name of a key in `jkt` [RFC 9449 §6.1].
pub(crate) fn jkt(key: &VerifyingKey) -> String {
    to_base64url(&key_thumbprint(key))
}

/// SHA-256 as base64url, as `ath` and code challenges have it.
pub(crate) fn digest(text: &str) -> String {
    to_base64url(&sha256(text.as_bytes()))
}
