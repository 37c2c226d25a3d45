//! The steps that the host takes.

use crate::{call::Call, problem::absent};
use sinpyo_core::key::Entropy;
use sinpyo_voting::phase::Step as Ceremony;
use sinpyo_web::{
    lang::{Say, say},
    problem::Refusal,
};
use std::time::Duration;

/// How long a record is kept after its election, if nobody says otherwise: a year.
const KEPT: Duration = Duration::from_hours(24 * 365);

/// What a step is called.
pub(crate) fn step_name(step: &str) -> Option<Say> {
    Some(match step {
        "call" => say("선거 공고", "Election called"),
        "next-reveal" => say("열쇠 만들기의 공개 단계", "Key ceremony: reveal"),
        "next-shares" => say("열쇠 만들기의 나눔 단계", "Key ceremony: shares"),
        "next-complaints" => say("열쇠 만들기의 이의 단계", "Key ceremony: complaints"),
        "next-answers" => say("열쇠 만들기의 답변 단계", "Key ceremony: answers"),
        "done" => say("열쇠 만들기 마침", "Key ceremony ended"),
        "freeze" => say("명부 확정", "Roll frozen"),
        "rings" => say("링 만들기", "Rings made"),
        "open" => say("투표 시작", "Opened"),
        "close" => say("투표 마감", "Closed"),
        "result" => say("결과 공고", "Result announced"),
        "archive" => say("기록 보존", "Archived"),
        _ => return None,
    })
}

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
