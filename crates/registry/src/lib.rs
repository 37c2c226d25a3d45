//! The ledger registry: a Merkle log, the DID method did:tlog, and accreditations.
//!
//! What it promises: whatever a [`Ledger`] answers can be checked without it, by whoever has the log's key
//! ([`did_tlog::ResolutionProof`], [`accreditation::AccreditationProof`], [`EntryProof`], [`audit`]); the state is a
//! deterministic [`Fold`] over the entries, the same for the log, its auditors and those who verify a proof.
//!
//! What it refuses to do: store anything (that is an engine's work, see [`engine`]), ask the clock, decide who may
//! submit, or keep anything about a person.
//!
//! ```
//! use sinpyo_core::{document::DidDocument, resolved::VersionSelector, time::Timestamp};
//! use sinpyo_crypto::{Algorithm, KeySigner};
//! use sinpyo_registry::{Fold, Ledger, did_tlog::{self, Control}};
//! use sinpyo_tlog::note::LogKey;
//! use sinpyo_store::MemoryLog;
//! use sinpyo_testkit::{FixedClock, key};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // An organisation makes its DID ...
//! let log = "ledger.example/2026".parse()?;
//! let update_key = key(Algorithm::Es256, 1);
//! let public = update_key.verifying_key().clone();
//! let draft = did_tlog::create(&log, Control::by(&public), |did| DidDocument::new(did.clone()))?;
//! let operation = draft.sign(&KeySigner::new("did:example:a#key".parse()?, update_key), &public)?;
//! let did = operation.fact().did.clone();
//!
//! // ... the operator of the log takes it in ...
//! let log_key = key(Algorithm::Ed25519, 2);
//! let public_log_key = LogKey::new(log.clone(), log_key.verifying_key().clone())?;
//! let signer = KeySigner::new("did:example:log#key".parse()?, log_key);
//! let clock = FixedClock(Timestamp::from_unix(1_800_000_000).ok_or("time")?);
//! let engine = MemoryLog::new(Fold::new(log), clock);
//! let ledger = Ledger::open(&engine, public_log_key.clone(), &signer, &did)?;
//! let sequenced = ledger.submit(operation)?;
//! ledger.checkpoint()?;
//! let anchored = ledger.anchored(sequenced).map_err(|_| "not anchored")?;
//!
//! // ... and anybody checks the answer with the log's key alone.
//! let proof = ledger.prove(&anchored.get().did, &VersionSelector::Latest)?;
//! let proven = proof.verify(&public_log_key, &did, &VersionSelector::Latest)?;
//! assert_eq!(proven.resolved().did(), &did);
//! # Ok(())
//! # }
//! ```

pub mod accreditation;
pub mod audit;
mod bundle;
pub mod did_tlog;
pub mod engine;
pub mod engine_suite;
mod fold;
mod form;
pub mod heads;
mod ledger;
pub mod log_keys;
mod operation;
pub mod person;
pub mod status_digest;
mod trust;

pub use bundle::{BundleError, EntryProof, ProvenEntry, ProvenState};
pub use fold::{Fold, LogError};
pub use form::FormError;
pub use ledger::{
    AnchorError, Anchored, CheckpointFailed, Ledger, LedgerKeys, OpenLedgerError, ProveLatestError, Sequenced,
};
pub use operation::{Draft, Operation, PreparedOperation, SignOperationError};
pub use trust::{TrustError, TrustedLog};
