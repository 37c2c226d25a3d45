//! What follows the question mark.

use crate::problem;
use http::StatusCode;
use sinpyo_resolver::http_binding::Options;
use sinpyo_web::problem::Refusal;
use std::str::FromStr;

/// The parameters of a request, decoded.
#[derive(Debug)]
pub(crate) struct Query(pub(crate) Options);

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = |_| refusal("the parameters are not readable"); // [RGA-05]
        Options::from_query(text).map(Self).map_err(malformed)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// The parameter `name`, if it is there.
    pub(crate) fn optional<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_| malformed(name));
        self.text(name).map(parse).transpose()
    }

    /// The parameter `name`.
    pub(crate) fn required<T: FromStr>(&self, name: &'static str) -> Result<T, Refusal> {
        self.optional(name)?.ok_or_else(|| malformed(name))
    }
}

/// What is wrong with parameter `name`.
pub(crate) fn malformed(name: &'static str) -> Refusal {
    refusal(&format!("parameter \"{name}\" is missing or malformed")) // [RGA-05]
}

fn refusal(detail: &str) -> Refusal {
    problem::refused(StatusCode::BAD_REQUEST, "RGA-05", &detail)
}
