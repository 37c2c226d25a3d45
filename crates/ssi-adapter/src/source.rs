//! Where answers come from.

use sinpyo_core::time::Timestamp;
use sinpyo_registry::did_tlog::ResolutionProof;
use sinpyo_tlog::note::LogKey;
use sinpyo_resolver::{FetchRequest, LogQuery};

/// The connections and the clock of an application, as far as resolving a DID needs them.
///
/// Whatever it answers is checked: a proof against [`Source::log_key`], a history against its identifier.
#[expect(
    async_fn_in_trait,
    reason = "as in the traits of `ssi`, whose futures nobody sends to other threads"
)]
pub trait Source {
    /// The present.
    fn now(&self) -> Timestamp;

    /// The public key of the log on which every did:tlog stands.
    fn log_key(&self) -> &LogKey;

    /// Asks the log.
    ///
    /// # Errors
    /// The log knows no such version, or does not answer.
    async fn prove(&self, query: &LogQuery) -> Result<ResolutionProof, SourceError>;

    /// Makes the request, under the conditions that [`FetchRequest`] names, and reads at most
    /// [`sinpyo_resolver::MAX_ANSWER`] bytes and one.
    ///
    /// # Errors
    /// There is no such file, or the server does not answer.
    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<u8>, SourceError>;
}

impl<S: Source> Source for &S {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn log_key(&self) -> &LogKey {
        (**self).log_key()
    }

    async fn prove(&self, query: &LogQuery) -> Result<ResolutionProof, SourceError> {
        (**self).prove(query).await
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<u8>, SourceError> {
        (**self).fetch(request).await
    }
}

/// Why a [`Source`] has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It knows that there is nothing.
    #[error("there is no such thing")]
    Absent,
    /// It cannot be asked at the moment.
    #[error("the source does not answer")]
    Unavailable,
}
