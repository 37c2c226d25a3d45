//! W3C Data Integrity proofs over the JSON Canonicalization Scheme [VC-DI 1.0].
//!
//! Works on any JSON object: credentials, presentations, operations on a registry. One proof per document; proof
//! sets and chains are refused, not ignored.

mod options;
mod sign;
mod suite;
mod verify;

pub use options::ProofOptions;
pub use sign::{PreparedProof, prepare, sign};
pub use suite::Cryptosuite;
pub use verify::{Challenge, Expected, Secured, VerifyProofError, claimed_key, verify};
