//! Strict CBOR [RFC 8949], `COSE_Sign1` and `COSE_Mac0` [RFC 9052], COSE keys [RFC 9053] and CWT claims [RFC 8392].
//!
//! What it promises: a [`Sign1`] shows nothing but hints until a key that the caller chose has verified it; the key
//! decides the algorithm, and the protected header must agree; what is written is deterministic; what is read stays
//! within fixed limits of depth, items and bytes.
//!
//! What it refuses to do: take a key out of a header, obey `crit`, encrypt, sign for several recipients, compare times
//! with a clock, or say whether a signer is trusted.
//!
//! ```
//! use sinpyo_cose::{Expected, Header, Payload, Sign1};
//! # use sinpyo_core::key::Verifier;
//! # fn run(key: &sinpyo_crypto::SigningKey) -> Result<(), Box<dyn std::error::Error>> {
//! let header = Header { typ: Some("application/vc+cose".to_owned()), ..Header::default() };
//! let prepared = Sign1::prepare(&header, Payload::Attached(b"{}"), &[], key.verifying_key());
//! let signature = key.sign(prepared.signing_input())?;
//! let wire = prepared.attach(&signature)?.to_bytes();
//!
//! let expected = Expected { typ: Some("application/vc+cose"), ..Expected::default() };
//! let message = Sign1::parse(&wire)?;
//! let signed = message.verify(key.verifying_key(), &expected)?;
//! assert_eq!(signed.payload(), b"{}");
//! # Ok(())
//! # }
//! # run(&sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 1)).unwrap();
//! ```

pub mod cbor;
pub mod cwt;
pub mod key;

mod error;
mod header;
mod mac0;
mod message;
mod sign1;

pub use error::{CoseError, SignError};
pub use header::{Header, algorithm_id, algorithm_of};
pub use mac0::Mac0;
pub use message::{Payload, Signed};
pub use sign1::{Expected, Prepared, Sign1};
