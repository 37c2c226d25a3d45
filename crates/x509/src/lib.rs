//! Certificate chains to configured roots [RFC 5280, ISO/IEC 18013-5 Annex B].
//!
//! What it promises: a [`VerifiedLeaf`] exists only if its chain, in the order in which it was sent, leads
//! to one of the caller's [`Roots`] at the caller's time and may be used for the caller's [`Purpose`]. Names
//! are those of the subject alternative name extension, never the common name, and never a wildcard.
//!
//! What it refuses to do: fetch certificates or revocation lists, trust what a chain brings along, sort a
//! chain, take a self-signed leaf for an issuer, or let a certificate through that says something critical
//! that nobody here understands.
//!
//! ```
//! use sinpyo_core::time::Timestamp;
//! use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};
//!
//! /// The signer named by the `x5c` header of a token.
//! fn signer(x5c: &[String], roots: &Roots, now: Timestamp) -> Result<VerifiedLeaf, ChainError> {
//!     Chain::from_x5c(x5c)?.verify(roots, now, &Purpose::Signer)
//! }
//!
//! let nobody = Roots::default();
//! let now = "2026-11-22T00:00:00Z".parse().unwrap();
//! assert_eq!(signer(&[], &nobody, now).unwrap_err().code(), "X5C-01");
//! ```

mod chain;
mod leaf;
mod purpose;
mod roots;
mod signing;

mod certificate;
mod signatures;

pub use chain::{Chain, ChainError};
pub use leaf::VerifiedLeaf;
pub use purpose::{ExtendedUsage, Purpose};
pub use roots::{RootError, Roots};
pub use signing::SigningChain;
