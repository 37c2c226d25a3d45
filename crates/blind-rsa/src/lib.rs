//! RSA blind signatures [RFC 9474]: somebody signs a message without seeing it, and cannot tell later which of
//! the signatures it was. AWS-LC does the arithmetic; this crate is its foreign interface for that, and is
//! reviewed alone: all its unsafe code is in `raw`.
//!
//! What it promises: keys have 2,048 to 4,096 bits and the public exponent 65537, nothing else is parsed. The
//! private operation is AWS-LC's, in constant time and blinded once more by AWS-LC itself; its result leaves only
//! after it was checked with the public key, because one wrong result of the Chinese remainder theorem gives the
//! key away. A [`Signature`] that exists was verified.
//!
//! What it refuses to do: offer RSA for anything else, accept another encoding of a key than the one that DER
//! has for it, tell a signer more than that an answer did not fit.
//!
//! What is not in constant time, and why that is enough: the inverse of the blinding factor comes from Euclid's
//! algorithm, run on the factor times a random number of AWS-LC's, so that its time says nothing about the
//! factor; a draw above the modulus is thrown away and repeated; reading and writing a private key shows how long
//! its numbers are; and all that is done with public keys, signatures and blinded messages. Key generation draws
//! its randomness inside AWS-LC, not from an `Entropy`, and takes a time that depends on the primes it throws away.
//!
//! What a blind signature does not give: a signer that hands out different keys to different people tells them
//! apart by the key. Take it from where everybody sees the same. And a signer does not see what it signs: a domain or
//! an election named *in* the message binds nobody who asks. **One key serves one election and one use**; whoever may
//! ask for one thing gets any other that is verified under the same key.
//!
//! ```
//! use sinpyo_blind_rsa::{KeySize, SecretKey, Variant};
//!
//! # fn run(entropy: &mut dyn sinpyo_core::key::Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let registrar = SecretKey::generate(KeySize::Bits2048)?;
//! let published = registrar.public();
//!
//! let prepared = Variant::PssRandomized.prepare(b"a message", entropy);
//! let (blinded, blinding) = published.blind(prepared, entropy)?;
//! let answer = registrar.blind_sign(blinded.as_bytes())?; // sees neither the message nor the signature
//! let signature = blinding.finalize(answer.as_bytes())?;
//!
//! assert!(published.verify(blinding.prepared(), signature.as_bytes()).is_ok());
//! # Ok(())
//! # }
//! # run(&mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```
//!
//! Measured on one core (AVX-512, the fastest of 15 runs; `examples/measure.rs`), in microseconds:
//!
//! | bits | blind | sign | finalize | verify |
//! |---|---|---|---|---|
//! | 2,048 | 500 | 214 | 16 | 13 |
//! | 3,072 | 1,030 | 603 | 33 | 26 |
//! | 4,096 | 1,760 | 1,320 | 57 | 45 |
#![deny(unsafe_code)]

mod blind;
mod public;
mod secret;
mod variant;

pub mod token;

mod der;
mod number;
mod pss;
#[expect(unsafe_code, reason = "the foreign interface, and nothing else")]
mod raw;

pub use blind::{BlindError, BlindedMessage, Blinding, FinalizeError, RestoreError, Signature};
pub use public::{ParseKeyError, PublicKey};
pub use raw::BackendError;
pub use secret::{BlindSignError, BlindSignature, GenerateError, KeySize, ParseSecretKeyError, SecretKey};
pub use variant::{Prepared, Variant};
