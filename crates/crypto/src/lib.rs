//! Every algorithm and key type, behind the traits of `sinpyo-core`.
//!
//! What it promises: a [`VerifyingKey`] that exists is a sound point of its curve, parsed once; one
//! acceptance rule per algorithm, the same everywhere; a [`SigningKey`] holds both halves and shows
//! neither the private one nor an operation that takes somebody else's public half.
//!
//! What it refuses to do: sign with a public key given by the caller (RUSTSEC-2022-0093), read DER where
//! JOSE has fixed-length signatures, ask for randomness behind the caller's back except where ECDSA in
//! AWS-LC draws its own nonce, and accept in a batch what it refuses one by one.
//!
//! ```
//! use sinpyo_core::key::{Entropy, Verifier};
//! use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
//!
//! # fn run(entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256, entropy);
//! let signature = key.sign(b"a message")?;
//!
//! let published = key.verifying_key().to_multikey();
//! let parsed = VerifyingKey::from_multikey(&published)?;
//! assert_eq!(parsed.verify(b"a message", &signature)?.bytes(), b"a message");
//! assert!(parsed.verify(b"another", &signature).is_err());
//! # Ok(())
//! # }
//! # run(&mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

mod algorithm;
mod batch;
mod signing;
mod verifying;

pub mod aead;
pub mod agreement;
pub mod hash;
pub mod mac;
pub mod multicodec;
pub mod password;

mod ecdsa;
mod ed25519;
mod ed25519_batch;
mod mldsa;
mod private_jwk;
mod spki;

pub use algorithm::Algorithm;
pub use batch::{BatchItem, verify_batch};
pub use private_jwk::ImportKeyError;
pub use signing::{KeySigner, SigningKey};
pub use verifying::{ParseKeyError, VerifyingKey};
