//! The steps that the host takes.

use crate::{call::Call, problem::absent};
use sinpyo_core::key::Entropy;
use sinpyo_voting::phase::Step as Ceremony;
use sinpyo_web::problem::Refusal;
use std::time::Duration;

/// How long a record is kept after its election, if nobody says otherwise: a year.
const KEPT: Duration = Duration::from_hours(24 * 365);

/// Takes the step of this name.
pub(crate) fn take(call: &Call<'_>, step: &str, entropy: &mut dyn Entropy) -> Result<(), Refusal> {
    match step {
        "call" => call.service.call_election(&call.election()?, call.now, entropy),
        "done" => call.course(|course| course.done()),
        "freeze" => call.course(|course| course.freeze()),
        "rings" => call.course(|course| course.rings()),
        "open" => call.course(|course| course.open()),
        "close" => call.course(|course| course.close()),
        "result" => call.course(|course| course.result(entropy)),
        "archive" => call.course(|course| course.archive(call.now.plus(KEPT))),
        _ => {
            let next = step.strip_prefix("next-").and_then(Ceremony::from_name);
            let next = next.ok_or_else(|| absent("HTTP-21", "there is no such step"))?;
            call.course(|course| course.next(next))
        }
    }
}
