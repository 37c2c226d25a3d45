//! Selective disclosure of RDF credentials: `ecdsa-sd-2023` [VC-DI-ECDSA §3.5–3.7] and `bbs-2023` [VC-DI-BBS §3].
//!
//! Three parties, three steps. An issuer makes a *base proof* over the whole document and says which parts
//! are mandatory. The holder *derives* a smaller document and a proof for it, as often as needed. A verifier
//! sees the derived document only.
//!
//! What it promises: whatever a derived proof hides appears nowhere in it; the mandatory parts are always
//! shown; a base proof is never accepted where a derived one is due; every derived document that leaves
//! [`ecdsa_sd::derive`] or [`bbs2023::derive`] says what the whole one says about the selected parts.
//!
//! What it refuses to do: read the `proof` object (times, purposes and keys are `sinpyo-proof`'s business),
//! fetch contexts, and the feature options of `bbs-2023` (holder binding and pseudonyms).
//!
//! ```
//! use sinpyo_core::json;
//! use sinpyo_crypto::{Algorithm, SigningKey};
//! use sinpyo_jsonld::Contexts;
//! use sinpyo_selective::{Pointer, Unsecured, ecdsa_sd, proof_hash};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! # let entropy = &mut sinpyo_testkit::TestEntropy::new(1);
//! let contexts = Contexts::bundled();
//! let document = json::parse_object(
//!     br#"{"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential",
//!          "issuer": "did:example:post", "validFrom": "2026-01-01T00:00:00Z",
//!          "credentialSubject": {"id": "did:example:minji"}}"#,
//! )?;
//! let options = json::parse_object(
//!     br#"{"@context": "https://www.w3.org/ns/credentials/v2", "type": "DataIntegrityProof",
//!          "cryptosuite": "ecdsa-sd-2023", "proofPurpose": "assertionMethod",
//!          "verificationMethod": "did:example:post#key"}"#,
//! )?;
//! let proof_hash = proof_hash(&options, &contexts)?;
//!
//! // The issuer.
//! let key = SigningKey::generate(Algorithm::Es256, entropy);
//! let whole = Unsecured { document: &document, proof_hash, contexts: &contexts };
//! let base = ecdsa_sd::prepare(&whole, &[Pointer::parse("/issuer")?], entropy)?;
//! let signature = key.sign(base.to_sign())?;
//! let base = base.attach(&signature)?;
//!
//! // The holder.
//! let derived = ecdsa_sd::derive(&document, &contexts, &base, &[Pointer::parse("/validFrom")?])?;
//! assert!(!derived.document.contains_key("credentialSubject"));
//!
//! // The verifier.
//! let shown = Unsecured { document: &derived.document, proof_hash, contexts: &contexts };
//! ecdsa_sd::verify(&shown, &derived.proof_value, key.verifying_key())?;
//! assert!(ecdsa_sd::verify(&whole, &base, key.verifying_key()).is_err());
//! # Ok(())
//! # }
//! # run().unwrap();
//! ```

pub mod bbs2023;
pub mod ecdsa_sd;

mod pointer;
mod selection;

mod indexes;
mod labels;
mod statements;

mod error;
mod proof_value;

#[cfg(test)]
mod vectors;

pub use error::{AttachError, DeriveError, DocumentError, PrepareError, VerifyError};
pub use pointer::{Pointer, PointerError};
pub use proof_value::ProofValueError;

use serde_json::{Map, Value};
use sinpyo_jsonld::Contexts;

/// A document beside its proof: what base proofs are made over, and what derived ones are verified with.
#[derive(Clone, Copy, Debug)]
pub struct Unsecured<'a> {
    /// The document without its `proof` member.
    pub document: &'a Map<String, Value>,
    /// SHA-256 of the canonical N-Quads of the proof options, as [`proof_hash`] makes it.
    pub proof_hash: [u8; 32],
    /// The contexts that the document may name.
    pub contexts: &'a Contexts,
}

/// What a holder shows.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The selected parts of the document, without a `proof`.
    pub document: Map<String, Value>,
    /// The `proofValue` that replaces the base proof's; the other members of the proof stay as they are.
    pub proof_value: String,
}

/// What a proof was found to cover.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Proven {
    /// Statements that the issuer made mandatory.
    pub mandatory: usize,
    /// Statements that the holder chose to show.
    pub selected: usize,
}

/// SHA-256 of the canonical N-Quads of `options`: the proof without `proofValue`, with the document's
/// `@context` [VC-DI-ECDSA §3.6.3].
///
/// # Errors
/// The options are not JSON-LD that we read.
pub fn proof_hash(options: &Map<String, Value>, contexts: &Contexts) -> Result<[u8; 32], DocumentError> {
    statements::hash(options, contexts)
}
