//! RSA blind signatures [RFC 9474]: somebody signs a message without seeing it, and cannot tell later which of
//! the signatures it was. AWS-LC does the arithmetic; this crate is its foreign interface for that, and is
//! reviewed alone: all its unsafe code is in `raw`.
//!
//! What it promises: keys have 2,048 to 4,096 bits and the public exponent 65537, nothing else is parsed; the
//! private operation takes the same steps whatever key and message are (AWS-LC blinds it once more by itself),
//! and its result leaves only after it was checked with the public key, because one wrong result of the Chinese
//! remainder theorem gives the key away; a [`Signature`] that exists was verified.
//!
//! What it refuses to do: sign a message that is not blinded, hand out the private operation for anything else,
//! accept another encoding of a key than the one that DER has for it.
//!
//! What is not in constant time, and why that is enough: the inverse of the blinding factor comes from Euclid's
//! algorithm, run on the factor times a random number of AWS-LC's, so that its time depends on neither; a draw
//! above the modulus is thrown away and repeated; parsing a private key shows the length of its exponent; all
//! that is done with public keys, signatures and blinded messages. Key generation draws its randomness inside
//! AWS-LC, not from an `Entropy`.
//!
//! What a blind signature does not give: a signer that hands out different keys to different people tells them
//! apart by the key. Take it from where everybody sees the same.
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
//! Measured on one core, 2,048 / 3,072 / 4,096 bits: MEASURED.
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
pub use secret::{BlindSignError, BlindSignature, GenerateError, KeySize, ParseSecretKeyError, SecretKey};
pub use variant::{Prepared, Variant};
