//! Refusals in our words.

use http::{HeaderValue, StatusCode, header};
use sinpyo_oauth::access::AccessError;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer::header_value,
    problem::{Problem, Refusal, Words, usual},
};

/// The words of a request that is not acceptable.
pub(crate) fn words() -> &'static Words {
    usual(StatusCode::BAD_REQUEST)
}

/// The breach of one of our rules by what was sent.
pub(crate) fn fault(rule: &'static str, detail: &'static str) -> Problem {
    Problem::new(words(), rule, &detail)
}

/// There is no such thing, or none for this caller.
pub(crate) fn absent(rule: &'static str, detail: &'static str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, rule, &detail)
}

/// The memory cannot be reached.
pub(crate) fn unavailable(error: Unavailable) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), &error)
        .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

/// No token, or none that permits this.
pub(crate) fn not_admitted(error: &AccessError) -> Refusal {
    let (status, challenge) = error.challenge();
    let refusal = Refusal::new(status, error.code(), error);
    match header_value(&challenge) {
        Ok(value) => refusal.with(header::WWW_AUTHENTICATE, value),
        Err(_) => refusal,
    }
}
