//! Proofs over credentials and presentations: SD-JWT, JOSE, COSE, Data Integrity and mobile documents.
//!
//! What it promises: what arrives is an [`Unverified`], of which nothing can be read but a [`Hint`] for finding the
//! key; a [`Verified`] exists only where this crate checked a signature with a key that its controller's document
//! authorises for the use ([`KeyRing`]). Every refusal names its rule through `code()`; the rules are listed in
//! `spec/checks/`. Every signature that is made here is checked with the public key before it is handed out, and can
//! be made in two steps by a key that lives elsewhere (`prepare`, `attach`).
//!
//! What it refuses to do: decide trust, status or policy; take a key or an algorithm from the token that it checks;
//! resolve documents; fetch contexts, keys or types; ignore what it does not understand (critical headers, terms
//! without definition, proofs of unknown suites, unknown status mechanisms).
//!
//! How strictly things are read is a [`Profile`]. The default takes final versions under bundled contexts, signed by
//! whom they name.
//!
//! ```
//! use serde_json::Value;
//! use sinpyo_core::claims::ClaimPath;
//! use sinpyo_core::credential::{Credential, Holder, Presentation, Validity};
//! # use sinpyo_core::{document::*, key::Entropy, resolved::Resolved, time::Timestamp};
//! # use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
//! use sinpyo_proof::sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding};
//! use sinpyo_proof::{HolderBinding, KeyRing, Occasion, Unverified, jws::Typ, sd_jwt_vc};
//!
//! # fn run(now: Timestamp, entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! # let issuer = KeySigner::new("did:x:issuer#key-1".parse()?, SigningKey::generate(Algorithm::Es256, entropy));
//! # let holder = KeySigner::new("did:x:holder#key-1".parse()?, SigningKey::generate(Algorithm::Es256, entropy));
//! # let method = VerificationMethod {
//! #     id: "did:x:issuer#key-1".parse()?,
//! #     controller: "did:x:issuer".parse()?,
//! #     key: PublicKeyMaterial::Multikey(issuer.key().verifying_key().to_multikey()),
//! #     revoked: None,
//! # };
//! # let document = DidDocument::new("did:x:issuer".parse()?);
//! # let document = document.with_key(method, &[VerificationRelationship::AssertionMethod]);
//! # let resolved = Resolved::immutable(document);
//! // The issuer states two claims of which the holder may withhold each.
//! let credential = Credential::builder("urn:example:Resident".parse()?, "did:x:issuer")
//!     .holder(Holder::Key(holder.key().verifying_key().to_jwk()))
//!     .valid(Validity { from: Some(now), until: None })
//!     .claim("family_name", "김")
//!     .claim("age_over_18", true)
//!     .build();
//! let concealment = Concealment {
//!     selective: &["family_name", "age_over_18"].map(ClaimPath::name),
//!     decoys: Decoys::None,
//!     algorithm: DigestAlgorithm::Sha256,
//! };
//! let pair = (&issuer as _, issuer.key().verifying_key());
//! let wire = sd_jwt_vc::issue(&credential, &concealment, pair, entropy)?;
//!
//! // The holder shows one of them to one verifier.
//! let selection = Holding::parse(&wire, &[Typ::SD_JWT_VC])?.select(&[ClaimPath::name("age_over_18")])?;
//! let pair = (&holder as _, holder.key().verifying_key());
//! let shown = selection.bind("did:x:post", "a challenge", now, pair)?;
//!
//! // The verifier checks both signatures with the issuer's resolved document.
//! let occasion = Occasion { audience: "did:x:post", nonce: "a challenge", max_age: Default::default() };
//! let arrived = Unverified::<Presentation>::parse(shown.as_bytes())?;
//! let verified = arrived.verify(&KeyRing::of(&resolved), HolderBinding::Required(occasion), now)?;
//! let claims = verified.get().credentials[0].claims();
//! assert_eq!(claims.get("age_over_18"), Some(&Value::Bool(true)));
//! assert_eq!(claims.get("family_name"), None);
//! # Ok(())
//! # }
//! # run(Timestamp::from_unix(1_795_319_100).unwrap(), &mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

mod profile;
mod unverified;
mod verified;

pub mod data_integrity;
pub mod document;
pub mod jws;
pub mod sd_jwt;
pub mod sd_jwt_vc;
pub mod vc_cose;
pub mod vc_di;
pub mod vc_jwt;
pub mod vc_sd_jwt;
pub mod vp;

pub mod batch;
pub mod issuer_key;
pub mod mdoc;
pub mod request_object;
pub mod status_token;
pub mod type_metadata;

mod binding;
mod check;
mod credential;
mod envelope;
mod keys;

pub use binding::{HolderBinding, Occasion};
pub use credential::{CredentialError, IssueError};
pub use keys::{KeyError, KeyRing};
pub use profile::{Disclosure, Generation, InlineContexts, Profile, ProofPolicy, SignedBy, UnknownProofs};
pub use request_object::RequestObjectError;
pub use sinpyo_jose::{CLOCK_SKEW, SignError, Signatory};
pub use status_token::{StatusError, VerifiedStatusList};
pub use unverified::{Arrives, Hint, ParseWireError, Unverified};
pub use verified::Verified;
pub use vp::PresentationError;
