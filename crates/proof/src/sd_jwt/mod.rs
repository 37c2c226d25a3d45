//! Selective disclosure for JWTs [RFC 9901].
//!
//! An issuer hides claims behind salted hashes, a holder shows some of them, a verifier puts them back. Whether the
//! holder must prove possession of its key is the verifier's parameter and never decided by what was sent.

mod digest;
mod disclosure;
mod issue;
mod json_form;
mod key_binding;
mod parts;
mod reveal;
mod select;
mod verify;

pub use digest::DigestAlgorithm;
pub(crate) use issue::prepare_under;
pub use issue::{ConcealError, Concealment, Decoys, issue, prepare};
pub use json_form::from_json_serialization;
pub use parts::MAX_DISCLOSURES;
pub(crate) use parts::Parts;
pub(crate) use reveal::{Subject, Visible};
pub use select::{Holding, SelectError, Selection};
pub use verify::{Expected, Opened, SdJwtError, verify};
pub(crate) use verify::{Kind, Shown, open};
