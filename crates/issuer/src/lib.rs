//! Issues credentials from profiles and keeps their status lists.
//!
//! What it promises: a credential states what its [`Profile`] lists, each value of its type and in one written form;
//! its times, hashes and status entry tell no two copies apart; and it is signed only with a key that verifiers will
//! accept. A new kind of credential is one JSON file.
//!
//! What it refuses to do: know a ledger or a protocol, ask a clock or a random generator, keep anything, decide who
//! may have a credential, or write a resident registration number.
//!
//! ```
//! use serde_json::{Value, json};
//! use sinpyo_core::{credential::Holder, document::{DidDocument, PublicKeyMaterial, VerificationMethod}};
//! use sinpyo_core::{document::VerificationRelationship::AssertionMethod, resolved::Resolved};
//! use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
//! use sinpyo_issuer::{Allocated, Catalogue, Issuer, IssuerOptions, ListForm, ListSeries, Order, Recipient};
//! use sinpyo_testkit::TestEntropy;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut entropy = TestEntropy::new(1);
//! let key = SigningKey::generate(Algorithm::Es256, &mut entropy);
//! let id: sinpyo_core::did::KeyId = "did:web:issuer.example#key-1".parse()?;
//! let method = VerificationMethod {
//!     id: id.clone(),
//!     controller: id.did(),
//!     key: PublicKeyMaterial::Multikey(key.verifying_key().to_multikey()),
//!     revoked: None,
//! };
//! let own = Resolved::immutable(DidDocument::new(id.did()).with_key(method, &[AssertionMethod]));
//! let issuer = Issuer::new(KeySigner::new(id, key), &own, IssuerOptions::default())?;
//!
//! let catalogue = Catalogue::bundled()?;
//! let profile = catalogue.by_id("K04").ok_or("no K04")?;
//! let lists = ListSeries::new("https://issuer.example/status", ListForm::Token, profile.status(), 131_072)?;
//! let holder = SigningKey::generate(Algorithm::Es256, &mut entropy);
//! let recipient = Recipient {
//!     holder: Holder::Key(holder.verifying_key().to_jwk()),
//!     status: lists.status(Allocated { list: 0, index: 94_567 }),
//! };
//! let Value::Object(claims) = json!({"grade": "1", "family_name": "김", "holds_valid_licence": true}) else { return Ok(()) };
//! let order = Order { profile, claims: &claims, until: None };
//! let issued = issuer.issue(&order, &recipient, "2026-07-01T00:00:00Z".parse()?, &mut entropy)?;
//! assert!(issued.wire.ends_with('~'));
//! # Ok(())
//! # }
//! ```

mod claim_type;
mod display;
mod issuer;
mod mdoc_form;
mod profile;
mod statement;
mod status;
mod term;

pub use claim_type::{ClaimError, ClaimType, Identifier, ParseClaimTypeError};
pub use display::{ClaimDescription, Description, Kind};
pub use issuer::{
    Cadence, Certified, Format, IssueError, Issued, Issuer, IssuerOptions, NewIssuerError, Order,
    PublishError, PublishedList, Recipient,
};
pub use mdoc_form::MdocForm;
pub use profile::{Catalogue, ClaimSpec, Disclosure, Lifetime, Profile, ProfileError, StatusKind};
pub use statement::StatementError;
pub use status::{
    AllocateError, Allocated, ListForm, ListSeries, ReadEventError, SeriesError, Slot, StatusBook,
    StatusCommand, StatusEvent, StatusRefused,
};
pub use term::{ParseTermError, Term};
