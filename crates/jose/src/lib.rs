//! JSON Web Signatures and Encryption, by strict rules [RFC 7515, RFC 7516, RFC 8725].
//!
//! What it promises: a token that arrives is an [`UnverifiedJwt`], of which nothing can be read but hints for finding
//! the key; a [`VerifiedJwt`] exists only where its signature was checked with a key and an algorithm of the caller's.
//! A token's type is compared exactly, before its claims are read. What is encrypted ([`jwe`]) is for one key on P-256
//! with AES-GCM, and for nobody else. Every refusal names its rule through `code()`.
//!
//! What it refuses to do: let a token choose how it is checked (algorithm, extensions, encodings, keys from other
//! places), compress or decompress, and decide who may have signed.
//!
//! ```
//! # use serde_json::json;
//! # use sinpyo_core::key::Entropy;
//! use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
//! use sinpyo_jose::{HeaderRules, JwtHeader, KeyHint, Typ, UnverifiedJwt, sign};
//!
//! # fn run(entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256, entropy);
//! # let signer = KeySigner::new("did:x:wallet#key-1".parse()?, key);
//! # let claims = json!({"htm": "POST", "htu": "https://issuer.example/token"});
//! # let claims = claims.as_object().unwrap();
//! let header = JwtHeader::new(Typ::DPOP, KeyHint::Jwk);
//! let text = sign(header, claims, (&signer, signer.key().verifying_key()))?;
//!
//! let arrived = UnverifiedJwt::parse(&text, &[Typ::DPOP], &HeaderRules::OWN_KEY)?;
//! let key = VerifyingKey::from_jwk(arrived.hint().jwk().ok_or("no key")?)?;
//! let verified = arrived.verify(&key, &[Algorithm::Es256])?;
//! assert_eq!(verified.text("htm"), Some("POST"));
//! # Ok(())
//! # }
//! # run(&mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

use std::time::Duration;

mod jwt;

mod header;
mod sign;
mod thumbprint;
mod times;
mod typ;

mod error;

pub mod hazmat;
pub mod jwe;

pub use error::JwsError;
pub use header::{Header, HeaderRules};
pub use jwt::{Hint, UnverifiedJwt, VerifiedJwt};
pub use sign::{JwtHeader, KeyHint, PreparedToken, SignError, Signatory, check_own, prepare, sign};
pub use thumbprint::{key_thumbprint, thumbprint};
pub use times::{Dates, TimeError, Times};
pub use typ::Typ;

/// Longest token that is read, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// How far two clocks may disagree.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);
