//! The check of an answer. `verify.rs` explains it.

use super::{fetch::fetch, office::Office, world::World};
use sinpyo_core::time::Clock;
use sinpyo_verifier::{Accepted, Answer, Challenge, VerifyError};

/// Accepts `answer`, or says by which rule it is refused.
pub(crate) fn check(
    world: &World<'_>,
    office: &Office,
    challenge: Challenge,
    answer: &[u8],
) -> Result<Accepted, VerifyError> {
    let mut check = challenge.check(Answer::parse(answer)?, world.clock.now())?;
    while let Some(need) = check.need() {
        check.supply(&fetch(world, office, &need))?;
    }
    check.finish()
}
