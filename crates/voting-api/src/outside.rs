//! What the service needs of the world, and what it does not do itself: files, threads, looking up.

use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{did::Did, key::Signer};
use sinpyo_crypto::VerifyingKey;
use sinpyo_issuer::Issuer;
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::Unavailable;
use sinpyo_verifier::{Known, Need};
use std::{fmt, sync::Arc};

/// The elections' logs: one engine each, which sequences by `sinpyo_voting`.
pub trait Logs: fmt::Debug + Send + Sync {
    /// The log of an election, if it was made. Asked on every request: keep it open.
    ///
    /// # Errors
    /// It cannot be said.
    fn open(&self, election: &ElectionId) -> Result<Option<Arc<dyn LogEngine>>, Unavailable>;

    /// Makes the log of an election, or opens it.
    ///
    /// # Errors
    /// It cannot be made.
    fn create(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable>;

    /// All elections that have a log.
    ///
    /// # Errors
    /// They cannot be listed.
    fn list(&self) -> Result<Vec<ElectionId>, Unavailable>;

    /// Whether whole rings and lists of them may be kept by those in between. Tests say no.
    fn is_public(&self) -> bool {
        true
    }
}

/// Threads that check ballots: each calls [`crate::Service::work`] until it says that there is nothing to do, and
/// sleeps until it is woken.
pub trait Workers: fmt::Debug + Send + Sync {
    /// There is something to do.
    fn wake(&self);
}

/// In whose name voters are registered.
pub trait Registrar: fmt::Debug + Send + Sync {
    /// Issues `VoterEligibilityCredential`s as SD-JWT VC.
    fn issuer(&self) -> &Issuer<SharedSigner>;

    /// Asks holders for claims: a DID that the registry knows.
    fn asks_as(&self) -> Option<(&Did, &(dyn Signer + Send + Sync), &VerifyingKey)> {
        None
    }

    /// Looks up what is needed to judge a presentation. May block.
    fn find(&self, need: &Need) -> Known;
}

/// A signer that many share.
#[derive(Clone)]
pub struct SharedSigner(pub Arc<dyn Signer + Send + Sync>);

impl fmt::Debug for SharedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedSigner").field(self.0.key_id()).finish()
    }
}

impl Signer for SharedSigner {
    fn key_id(&self) -> &sinpyo_core::did::KeyId {
        self.0.key_id()
    }

    fn algorithm(&self) -> sinpyo_core::key::AlgorithmName {
        self.0.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, sinpyo_core::key::SignError> {
        self.0.sign(message)
    }
}
