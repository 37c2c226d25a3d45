//! The IETF BBS signature scheme [draft-irtf-cfrg-bbs-signatures-08], both ciphersuites over BLS12-381.
//!
//! One signature covers a header and up to [`MAX_MESSAGES`] messages; its holder proves possession of it while
//! showing the messages they choose, and two proofs of one signature cannot be linked by what is in them.
//!
//! What it promises: a parsed [`PublicKey`], [`Signature`] or [`Proof`] consists of canonical, non-identity
//! points of the prime-order subgroups and scalars in range; signing and proving take the same steps whatever
//! the key, the messages and the randomness are; a check returns what was proven, never a `bool`; its time is
//! bounded by the number of messages.
//!
//! What it refuses to do: ask for randomness behind the caller's back, reuse a proof's randomness, sign blindly
//! (draft-irtf-cfrg-bbs-blind-signatures) or prove pseudonyms (draft-irtf-cfrg-bbs-per-verifier-linkability).
//!
//! ```
//! use sinpyo_bbs::{Disclosure, SecretKey, Selection, Suite};
//!
//! # fn run(entropy: &mut dyn sinpyo_core::key::Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let key = SecretKey::generate(entropy);
//! let issuer = key.public_key();
//! let messages: [&[u8]; 2] = [b"born 1999", b"lives in Busan"];
//! let signature = key.sign(Suite::Sha256, b"header", &messages)?;
//!
//! let selection =
//!     Selection { header: b"header", presentation_header: b"nonce", messages: &messages, disclosed: &[1] };
//! let proof = issuer.prove(Suite::Sha256, &signature, &selection, entropy)?;
//!
//! let shown: [(usize, &[u8]); 1] = [(1, b"lives in Busan")];
//! let disclosure = Disclosure { header: b"header", presentation_header: b"nonce", messages: &shown };
//! let proven = issuer.verify_proof(Suite::Sha256, &proof, disclosure)?;
//! assert_eq!(proven.messages(), &shown);
//! # Ok(())
//! # }
//! # run(&mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

mod generators;
mod key;
mod proof;
mod prove;
mod signature;
mod suite;
mod transcript;

pub use generators::MAX_MESSAGES;
pub use key::{KeyGenError, ParseKeyError, PublicKey, SecretKey};
pub use proof::{Disclosed, Disclosure, ParseProofError, Proof, VerifyProofError};
pub use prove::{ProveError, Selection};
pub use signature::{ParseSignatureError, SignError, Signature, Signed, VerifySignatureError};
pub use suite::Suite;
