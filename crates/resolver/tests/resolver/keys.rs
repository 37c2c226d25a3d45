//! Ed25519 keys from the seeds of the didwebvh test suite.

use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::SigningKey;
use sinpyo_resolver::did_webvh::UpdateKey;

/// The key whose seed is the number `seed`, big-endian, as `script.yaml` writes it.
pub(crate) fn key(seed: u8) -> SigningKey {
    let mut bytes = [0; 32];
    bytes[31] = seed;
    let public = ed25519_dalek::SigningKey::from_bytes(&bytes).verifying_key();
    let jwk = format!(
        r#"{{"kty":"OKP","crv":"Ed25519","d":"{}","x":"{}"}}"#,
        to_base64url(&bytes),
        to_base64url(public.as_bytes())
    );
    SigningKey::from_private_jwk(&Secret::new(jwk)).unwrap()
}

pub(crate) fn update_key(seed: u8) -> UpdateKey {
    UpdateKey::new(key(seed).verifying_key()).unwrap()
}
