//! Whose word a verifier takes about a log.

use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    note::LogKey,
    policy::{Policy, PolicyError, Witnessed},
};

/// What a verifier demands of a checkpoint before it believes anything under it: the log's key, or a policy that names
/// witnesses as well.
pub trait TrustedLog {
    /// Checks `checkpoint`.
    ///
    /// # Errors
    /// It is not by the log, or too few witnesses cosigned it.
    fn check(&self, checkpoint: &SignedCheckpoint) -> Result<Witnessed, TrustError>;
}

impl TrustedLog for LogKey {
    fn check(&self, checkpoint: &SignedCheckpoint) -> Result<Witnessed, TrustError> {
        // The key says more exactly what is wrong than a policy of one key can.
        Policy::of_log(self.clone()).verify(checkpoint).map_err(|error| {
            checkpoint.verify(self).map_or_else(TrustError::Checkpoint, |_| TrustError::Policy(error))
        })
    }
}

impl TrustedLog for Policy {
    fn check(&self, checkpoint: &SignedCheckpoint) -> Result<Witnessed, TrustError> {
        self.verify(checkpoint).map_err(TrustError::Policy)
    }
}

/// Why a checkpoint is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It is not by the log's key.
    #[error("the checkpoint is not by the log")]
    Checkpoint(#[source] CheckpointError),
    /// The policy is not met.
    #[error("the checkpoint does not meet the policy")]
    Policy(#[source] PolicyError),
}

impl TrustError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint(error) => error.code(),
            Self::Policy(error) => error.code(),
        }
    }
}
