//! One outstanding request.

use crate::{
    answer::Answer,
    check::Check,
    error::VerifyError,
    expectation::{Expectation, Rules, Session},
    policy::WithoutStatus,
};
use sinpyo_core::{request::PresentationRequest, time::Timestamp};
use sinpyo_dcql::Query;
use std::time::Duration;

/// The right to accept one answer to one request.
///
/// Not `Clone`, and checking an answer consumes it. That guards one process; across restarts and replicas the store
/// guards it: keep [`Challenge::request`] under its nonce when it is sent, take it out in one step when an answer
/// arrives, and make the challenge anew with [`crate::Policy::challenge_for`].
#[derive(Debug)]
#[must_use]
pub struct Challenge {
    pub(crate) request: PresentationRequest,
    pub(crate) max_fact_age: Duration,
    pub(crate) without_status: WithoutStatus,
}

impl Challenge {
    pub(crate) const fn new(
        request: PresentationRequest,
        max_fact_age: Duration,
        without_status: WithoutStatus,
    ) -> Self {
        Self { request, max_fact_age, without_status }
    }

    /// What the holder is asked.
    pub const fn request(&self) -> &PresentationRequest {
        &self.request
    }

    /// Starts the check of `answer` at time `now`.
    ///
    /// # Errors
    /// The challenge has expired, or the answer does not have a presentation for each question.
    pub fn check(self, answer: Answer, now: Timestamp) -> Result<Check, VerifyError> {
        Check::start(self.expectation()?, answer.0, now)
    }

    /// What an answer must fit.
    ///
    /// # Errors
    /// The request cannot be put as a query: its names are no names of queries, or it asks for one claim twice.
    pub fn expectation(self) -> Result<Expectation, VerifyError> {
        let Self { request, max_fact_age, without_status } = self;
        let query = Query::of_request(&request.queries)?;
        // A wallet posts to where the request came from; only mobile documents are bound to that, and this request asks
        // for none.
        let session = Session::OpenId4Vp {
            client_id: request.audience(),
            response_uri: String::new(),
            jwk_thumbprint: None,
        };
        Ok(Expectation {
            expires_at: request.expires_at,
            rules: Rules { max_fact_age, without_status, ..Rules::default() },
            in_scope: Some(Box::new(request.clone())),
            ..Expectation::new(query, session, request.nonce, request.issued_at)
        })
    }
}
