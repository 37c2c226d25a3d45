//! Why the registry refuses.

use http::StatusCode;
use sinpyo_registry::engine::EngineError;
use sinpyo_web::{
    lang::{Say, say},
    problem::{Problem, Refusal, Words, usual},
};
use std::{error::Error, fmt::Display, time::Duration};

/// The breach of `rule`; `detail` repeats nothing of what was sent.
pub(crate) fn refused(status: StatusCode, rule: &'static str, detail: &dyn Display) -> Refusal {
    Problem::new(words(status), rule, detail).refuse(status)
}

/// The breach of `rule` that `error` found, with its causes.
pub(crate) fn because(status: StatusCode, rule: &'static str, error: &dyn Error) -> Refusal {
    Problem::because(words(status), rule, error).refuse(status)
}

/// Nothing is here.
pub(crate) fn absent(rule: &'static str, detail: &dyn Display) -> Refusal {
    refused(StatusCode::NOT_FOUND, rule, detail)
}

/// A body in a form that is not read.
pub(crate) fn media(detail: &'static str) -> Refusal {
    refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "RGA-04", &detail)
}

/// More than one answer may hold.
pub(crate) fn too_much() -> Refusal {
    let detail = "the answer would be longer than 16 MiB";
    refused(StatusCode::UNPROCESSABLE_ENTITY, "RGA-20", &detail) // [RGA-20]
}

/// No proof was collected.
pub(crate) fn unproven(error: &EngineError) -> Refusal {
    match error {
        EngineError::TooMuch => too_much(),
        other => failed(other),
    }
}

/// The engine failed. Why, stays with the operator.
pub(crate) fn failed(error: &dyn Error) -> Refusal {
    // The first text says what failed and nothing about where: no path, no address, no statement.
    refused(StatusCode::SERVICE_UNAVAILABLE, "RGA-11", &error).retry_after(Duration::from_secs(5)) // [RGA-11]
}

const fn about(title: Say, mend: Say) -> Words {
    Words { url: "about:blank", title, mend }
}

/// What a ledger says differently from others.
static OWN: [(u16, Words); 6] = [
    (
        403,
        about(
            say("허용되지 않음", "not admitted"),
            say("원장 운영자에게 문의한다", "ask the operator of the ledger"),
        ),
    ),
    (
        409,
        about(
            say("먼저 처리된 작업이 있음", "something came before"),
            say(
                "최신 버전을 다시 읽고 그 위에 작업을 서명한다",
                "read the newest version and sign an operation on top of it",
            ),
        ),
    ),
    (410, about(say("영구히 폐기됨", "out of use for good"), say("다른 DID를 쓴다", "use another DID"))),
    (
        413,
        about(say("너무 긺", "too long"), say("한 작업에 담는 내용을 줄인다", "send less in one operation")),
    ),
    (
        422,
        about(
            say("원장의 규칙에 어긋남", "a rule of the ledger forbids it"),
            say(
                "규칙에 맞게 작업을 고쳐 다시 서명한다",
                "correct the operation by the rule and sign it anew",
            ),
        ),
    ),
    (
        503,
        about(
            say("원장이 응답할 수 없음", "the ledger cannot answer"),
            say("나중에 같은 내용으로 다시 시도한다", "try again later, with the same bytes"),
        ),
    ),
];

fn words(status: StatusCode) -> &'static Words {
    let own = OWN.iter().find(|(code, _)| *code == status.as_u16());
    own.map_or_else(|| usual(status), |(_, words)| words)
}
