//! Deciding again after a conflict.

use crate::{CommitError, Unavailable};

/// Whoever loses this often is one of very many who want the same record.
const ATTEMPTS: usize = 32;

/// Reads, decides and commits by `attempt` until no other change comes between.
///
/// `attempt` is run anew after each conflict and must begin with its reads. An error of its own ends the matter.
///
/// # Errors
/// That of `attempt`; or the engine failed, or others came first thirty-two times in a row.
pub fn retrying<T, E: From<Unavailable>>(
    mut attempt: impl FnMut() -> Result<Result<T, CommitError>, E>,
) -> Result<T, E> {
    for _ in 0..ATTEMPTS {
        match attempt()? {
            Ok(done) => return Ok(done),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Unavailable(error)) => return Err(error.into()),
        }
    }
    Err(Unavailable.into()) // [STA-03]
}
