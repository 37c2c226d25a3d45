//! Mobile documents [ISO/IEC 18013-5]: issued, presented and verified.
//!
//! What it promises: a [`VerifiedDocument`] exists only where the issuer's signature, the path of its certificate, the
//! digest of every element, the validity **and the device's signature or MAC** over a transcript that the verifier made
//! itself were checked; it holds nothing that was not asked for. What was signed is hashed as it arrived.
//!
//! What it refuses to do: accept an mdoc without device authentication, fetch anything, look up a status (it says
//! where the status stands), or speak the protocols that carry a [`DeviceResponse`].
//!
//! ```
//! use sinpyo_mdoc::{Draft, Elements, ElementName, IssuerTrust, KeyAuthorizations, MdocSigner, Validity};
//! use sinpyo_cose::cbor::Value;
//! # use sinpyo_crypto::SigningKey;
//! # use sinpyo_core::key::Entropy;
//! # fn run(issuer: &SigningKey, device: &SigningKey, entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let name = ElementName { namespace: "org.iso.18013.5.1", identifier: "family_name" };
//! let draft = Draft {
//!     doc_type: "org.iso.18013.5.1.mDL",
//!     elements: &Elements::default().with(name, Value::from("김")),
//!     validity: Validity {
//!         signed: "2026-11-22T00:00:00Z".parse()?,
//!         from: "2026-11-22T00:00:00Z".parse()?,
//!         until: "2027-11-22T00:00:00Z".parse()?,
//!         expected_update: None,
//!     },
//!     device_key: device.verifying_key(),
//!     authorizations: KeyAuthorizations::default(),
//!     status: None,
//! };
//! let signer = MdocSigner { key: issuer.verifying_key(), x5chain: &[] };
//! let prepared = draft.prepare(signer, entropy)?;
//! let signature = issuer.sign(prepared.signing_input())?;
//! let issued = prepared.attach(&signature)?;
//!
//! let now = "2026-12-01T00:00:00Z".parse()?;
//! let mdoc = issued.verify(IssuerTrust::Key(issuer.verifying_key()), now)?;
//! assert_eq!(mdoc.get(name), Some(&Value::from("김")));
//! # Ok(())
//! # }
//! # use sinpyo_testkit::{TestEntropy, key};
//! # use sinpyo_crypto::Algorithm::Es256;
//! # run(&key(Es256, 1), &key(Es256, 2), &mut TestEntropy::new(3)).unwrap();
//! ```

mod issue;
mod issuer_signed;
mod names;
mod present;
mod response;
mod transcript;
mod verified;

mod device_auth;
mod error;
mod members;
mod mso;

pub use error::{IssueError, ParseMdocError, PresentError, VerifyMdocError};
pub use issue::{Draft, MdocSigner, PreparedMdoc};
pub use issuer_signed::IssuerSigned;
pub use mso::{KeyAuthorizations, Validity};
pub use names::{ElementName, Elements, Selection};
pub use present::{Disclosure, PreparedResponse};
pub use response::{DeviceResponse, Request, Session};
pub use transcript::{Handover, SessionTranscript};
pub use verified::{IssuerTrust, MdocIssuer, VerifiedDocument, VerifiedMdoc};

use std::time::Duration;

/// How far the clocks of issuer and verifier may be apart.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);
