//! Keys that are the same in every run.

use crate::TestEntropy;
use p256::ecdsa::{Signature, signature::Signer as _};
use sinpyo_core::{
    did::KeyId,
    encoding::from_base64url,
    json,
    key::{AlgorithmName, SignError, Signer},
};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};

/// The signing key number `seed` of `algorithm`.
pub fn key(algorithm: Algorithm, seed: u8) -> SigningKey {
    SigningKey::generate(algorithm, &mut TestEntropy::new(u64::from(seed)))
}

/// Signs `ES256` with nonces derived from key and message [RFC 6979], so that vectors can be made again.
///
/// Its key is `key(Algorithm::Es256, seed)`; only the nonces differ from what that key does.
#[derive(Debug)]
pub struct DeterministicEs256 {
    key_id: KeyId,
    key: p256::ecdsa::SigningKey,
    public: VerifyingKey,
}

impl DeterministicEs256 {
    /// Key number `seed` under the name `key_id`.
    ///
    /// # Panics
    /// Never: the private key of an ES256 key is one of `p256` too.
    #[expect(clippy::expect_used, reason = "test harness")]
    pub fn new(key_id: KeyId, seed: u8) -> Self {
        let key = key(Algorithm::Es256, seed);
        let jwk =
            json::parse_object(key.to_private_jwk().expose().as_bytes()).expect("a private JWK is JSON");
        let d = jwk.get("d").and_then(|d| d.as_str()).expect("an EC key has the member d");
        let d = from_base64url(d).expect("d is base64url");
        let public = key.verifying_key().clone();
        Self { key_id, key: p256::ecdsa::SigningKey::from_slice(&d).expect("d is a P-256 scalar"), public }
    }

    /// The public half.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }
}

impl Signer for DeterministicEs256 {
    fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    fn algorithm(&self) -> AlgorithmName {
        Algorithm::Es256.name()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        let signature: Signature = self.key.try_sign(message).map_err(|_| SignError)?;
        Ok(signature.to_bytes().as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_hex;
    use sinpyo_core::key::Verifier;

    #[test]
    fn both_es256_signers_have_the_same_public_key() {
        let signer = DeterministicEs256::new("did:example:a#k".parse().unwrap(), 7);
        let signature = signer.sign(b"message").unwrap();
        assert_eq!(signer.sign(b"message").unwrap(), signature);
        assert!(key(Algorithm::Es256, 7).verifying_key().verify(b"message", &signature).is_ok());
        assert!(key(Algorithm::Es256, 8).verifying_key().verify(b"message", &signature).is_err());
    }

    #[test]
    fn a_test_key_depends_on_algorithm_and_seed_only() {
        for algorithm in Algorithm::ALL {
            let first = key(algorithm, 1);
            assert_eq!(first.verifying_key(), key(algorithm, 1).verifying_key());
            assert_ne!(first.verifying_key(), key(algorithm, 2).verifying_key());
        }
    }

    /// RFC 6979 §A.2.5, P-256 with SHA-256, message "sample".
    #[test]
    fn the_nonce_is_that_of_rfc_6979() {
        let scalar = from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
        let key = p256::ecdsa::SigningKey::from_slice(&scalar).unwrap();
        let signature: Signature = key.sign(b"sample");
        let expected = from_hex(
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        );
        assert_eq!(signature.to_bytes().as_slice(), expected);
    }
}
