//! W3C Data Integrity proofs [VC-DI 1.0] over JSON text, over statements, and for selective disclosure.
//!
//! [`sign`] and [`verify`] work on any JSON object with one proof: operations on a registry, entries of a log.
//! [`secure`] and [`verify_set`] work on JSON-LD documents with every suite, with sets and chains of proofs.
//! Over statements the order of a credential's `type` is not signed: unless its issuer also signed the text, its types
//! are given in bytewise order.
//! [`hybrid`] and [`disclosure`] make what needs more than one signature.

mod config;
mod context;
mod options;
mod policy;
mod proof;
mod rdf;
mod set;
mod sign;
mod suite;
mod verify;
mod wording;
mod work;

pub mod disclosure;
pub mod hybrid;

pub use options::ProofOptions;
pub use rdf::CanonicalError;
pub use set::{MAX_PROOFS, ProofSetError, ProofSigner, SecuredSet, claimed_keys, verify_set};
pub(crate) use set::{Opening, begin, verify_within};
pub use sign::{Earlier, PreparedProof, SecureError, Securing, prepare, secure, sign};
pub use suite::{Cryptosuite, Transformation};
pub use verify::{Challenge, Expected, Secured, VerifyProofError, claimed_key, verify};
pub(crate) use work::Work;
