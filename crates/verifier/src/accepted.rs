//! What a check comes to.

use crate::{error::VerifyError, shown::Shown};
use sinpyo_core::{credential::Credential, time::Timestamp};
use sinpyo_dcql::{AnswerError, Answered, QueryId};
use std::collections::BTreeMap;

/// Met our policy: authentic, by trusted issuers, not withdrawn, bound to our challenge, and what we asked for.
#[derive(Debug)]
#[must_use]
pub struct Accepted {
    pub(crate) shown: BTreeMap<QueryId, Vec<Shown>>,
    pub(crate) answered: Answered,
    pub(crate) transaction_data: Vec<String>,
    pub(crate) at: Timestamp,
}

impl Accepted {
    /// The credential shown for `query`; the first of several.
    pub fn credential(&self, query: &str) -> Option<&Credential> {
        self.shown(query).first().map(Shown::credential)
    }

    /// All credentials shown, by query.
    pub fn credentials(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.shown
            .iter()
            .flat_map(|(query, shown)| shown.iter().map(|shown| (query.as_str(), shown.credential())))
    }

    /// Everything shown for `query`; empty for an optional one that was not answered.
    pub fn shown(&self, query: &str) -> &[Shown] {
        self.shown.get(query).map_or(&[], Vec::as_slice)
    }

    /// How the presentations answer the query.
    pub const fn answered(&self) -> &Answered {
        &self.answered
    }

    /// The transaction data that the holder authorised, all that was sent, as it was sent.
    pub fn transaction_data(&self) -> &[String] {
        &self.transaction_data
    }

    /// When it was accepted.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

/// One presentation that was refused, and dropped from the answer.
#[derive(Debug)]
pub struct Refusal {
    /// The query for which it came.
    pub query: String,
    /// Which of the presentations for the query, from 0.
    pub position: usize,
    /// Why.
    pub error: VerifyError,
}

/// What a check came to, with everything that was refused on the way.
#[derive(Debug)]
#[must_use]
pub struct Verdict {
    /// Whether the answer is accepted; if not, why what is left of it does not do.
    pub outcome: Result<Accepted, VerifyError>,
    /// Presentations that were dropped. An answer can be accepted without them.
    pub dropped: Vec<Refusal>,
}

impl Verdict {
    /// The rule that decided against the answer: that of the first presentation dropped, if something is missing for
    /// want of it. None if the answer is accepted.
    pub fn code(&self) -> Option<&'static str> {
        let error = self.outcome.as_ref().err()?;
        let dropped = self.dropped.first().filter(|_| is_incomplete(error));
        Some(dropped.map_or_else(|| error.code(), |refusal| refusal.error.code()))
    }

    /// The result alone.
    ///
    /// # Errors
    /// What [`Verdict::code`] names.
    pub fn into_result(self) -> Result<Accepted, VerifyError> {
        let Self { outcome, dropped } = self;
        outcome.map_err(|error| match dropped.into_iter().next() {
            Some(refusal) if is_incomplete(&error) => refusal.error,
            _ => error,
        })
    }
}

const fn is_incomplete(error: &VerifyError) -> bool {
    matches!(error, VerifyError::Answer(AnswerError::Incomplete { .. }))
}
