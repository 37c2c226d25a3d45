//! Holds credentials and presents no more than the holder agreed to.
//!
//! What it promises: it holds only what was verified and is bound to a key of its own, in any format (SD-JWT VC, mdoc,
//! W3C); a verifier that asks beyond its service code is refused before the holder is asked; what is sent are the
//! disclosures that the query needs and no other, to the one whom the holder agreed to answer; no key is bound to two copies, and no copy is shown to two verifiers while an unused one is left;
//! the file on disk opens with its password, unchanged, or not at all.
//!
//! What it refuses to do: show claims that the issuer's profile withholds, answer a request in part, present
//! without a [`Consent`] or twice with one, read or write files, or ask for the time.
//!
//! ```
//! # use sinpyo_core::{accreditation::*, claims::ClaimPath, credential::*, document::*, key::Signer, request::*,
//! #     resolved::Resolved, time::Timestamp, Secret};
//! # use sinpyo_crypto::{Algorithm, KeySigner};
//! # use sinpyo_proof::{KeyRing, request_object, sd_jwt::*, sd_jwt_vc};
//! use sinpyo_proof::Unverified;
//! use sinpyo_wallet::{Asked, Generation, Occasion, Password, Received, Wallet};
//! # use VerificationRelationship::{AssertionMethod, Authentication};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let entropy = &mut sinpyo_testkit::TestEntropy::new(1);
//! # let now: Timestamp = "2026-11-22T03:45:00Z".parse()?;
//! # let kind: CredentialType = "urn:sinpyo:credential:ResidentCredential".parse()?;
//! # let (paths, validity) = (vec![ClaimPath::name("age_over_18")], Validity::default());
//! # let organisation = |name: &str, seed| -> Result<_, Box<dyn std::error::Error>> {
//! #     let signer = KeySigner::new(format!("{name}#0").parse()?, sinpyo_testkit::key(Algorithm::Es256, seed));
//! #     let key = PublicKeyMaterial::Multikey(signer.key().verifying_key().to_multikey());
//! #     let (id, controller) = (signer.key_id().clone(), signer.key_id().did());
//! #     let method = VerificationMethod { id, controller: controller.clone(), key, revoked: None };
//! #     let document = DidDocument::new(controller).with_key(method, &[AssertionMethod, Authentication]);
//! #     Ok((signer, Resolved::immutable(document)))
//! # };
//! # let ((issuer, issuer_document), (post, verifier)) = (organisation("did:x:a", 1)?, organisation("did:x:b", 2)?);
//! # let issuer_keys = KeyRing::of(&issuer_document);
//! let mut wallet = Wallet::new();
//!
//! // The issuer gets a public key and sends a credential bound to it.
//! let key = wallet.new_key(kind.clone(), entropy);
//! # let credential = Credential::builder(kind.clone(), "did:x:a").holder(Holder::Key(key)).valid(validity)
//! #     .claim("age_over_18", true).claim("given_name", "한별").build();
//! # let selective = ["age_over_18", "given_name"].map(ClaimPath::name);
//! # let concealment = Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
//! # let wire = sd_jwt_vc::issue(&credential, &concealment, (&issuer, issuer.key().verifying_key()), entropy)?;
//! wallet.hold(Received::verify(wire.as_bytes(), &issuer_keys, now)?, Vec::new())?;
//! # let query = CredentialQuery { id: "q".into(), types: vec![kind.clone()],
//! #     claims: vec![ClaimQuery { path: ClaimPath::name("age_over_18"), values: vec![] }] };
//! # let request = PresentationRequest { verifier: verifier.did().clone(), service: "post.login".parse()?,
//! #     nonce: "0123456789abcdefghijkl".into(), issued_at: now, expires_at: now, queries: vec![query] };
//! # let request = request_object::sign(&request, (&post, post.key().verifying_key()))?;
//! # let name = LocalizedName { ko: "우정사업본부".into(), en: "Korea Post".into() };
//! # let grant = Grant::Request { service: "post.login".parse()?, scope: [(kind, paths)].into() };
//! # let accreditation = Accreditation { subject: verifier.did().clone(), name, granted_by: "did:x:root".parse()?,
//! #     grant, validity };
//!
//! // A verifier asks; the holder sees who, for what, and what stays hidden.
//! let request = Unverified::parse(request.as_bytes())?;
//! let (asked, request) = Asked::from_request(request, &verifier, Some(&accreditation), now)?;
//! let choice = wallet.review(asked, now)?;
//! assert_eq!(choice.accredited().map(|asker| asker.name.ko.as_str()), Some("우정사업본부"));
//! assert_eq!(choice.answers()[0].chosen().hidden, [ClaimPath::name("given_name")]);
//! let audience = request.audience();
//! let occasion = Occasion { audience: &audience, nonce: &request.nonce, handover: None };
//! let answer = wallet.present(choice.disclose_requested(), &occasion, now)?.into_answer();
//!
//! // The edge writes these bytes, and the generation elsewhere.
//! let password = Password::new(Secret::new("correct horse".to_owned()))?;
//! let file = wallet.seal(&password, entropy)?;
//! let wallet = Wallet::open(&file, &password, Generation::new(1))?;
//! assert_eq!(wallet.history().len(), 1);
//! # Ok(())
//! # }
//! ```

mod asked;
mod asker;
mod choice;
mod making;
mod present;
mod review;
mod transaction;

mod content;
mod display;
mod held;
mod history;
mod key;
mod logo;
mod note;
mod receive;
mod wallet;

mod body;
mod file;

pub mod hazmat;

pub use asked::{Accredited, AskError, Asked, Transaction, TransactionHash};
pub use asker::{Asker, ParseAskerError};
pub use choice::{Answer, Candidate, Choice, Consent, ConsentError, SetChoice};
pub use display::Display;
pub use file::{OpenError, Password, SealError, UnusablePassword};
pub use held::{CopyUse, HeldCredential, HeldId};
pub use history::{PresentationRecord, ShownCredential};
pub use logo::{Logo, LogoKind};
pub use making::MakeError;
pub use note::NoteError;
pub use present::{Occasion, Prepared, PresentError, Presentations, SigningRequest};
pub use receive::{HoldError, ReceiveError, Received};
pub use review::{Mismatch, Missed, ReviewError};
pub use transaction::TransactionError;
pub use wallet::{Generation, NotHeld, ProveError, Wallet};
