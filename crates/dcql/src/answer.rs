//! Whether an answer answers the whole query.

use crate::{Candidate, Count, Fit, Miss, Query, QueryId};
use std::collections::BTreeMap;

/// An answer that meets the whole query: made only by [`Query::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    queries: BTreeMap<QueryId, Vec<Fit>>,
}

impl Answered {
    /// For each credential query that was answered, how each presentation does, in their order. Claims that are not
    /// named there were not asked for.
    pub const fn queries(&self) -> &BTreeMap<QueryId, Vec<Fit>> {
        &self.queries
    }
}

impl Query {
    /// Evaluates the whole query again on what was presented.
    ///
    /// # Errors
    /// The answer has an entry that was not asked for, is empty, is too long or does not fit; or something required is
    /// missing.
    pub fn check(&self, answer: &BTreeMap<QueryId, Vec<Candidate>>) -> Result<Answered, AnswerError> {
        let mut queries = BTreeMap::new();
        for (id, presented) in answer {
            let query = self.credential(id.as_str()).ok_or_else(|| AnswerError::UnknownQuery(id.clone()))?; // [VP-DCQ-11a]
            match (presented.len(), query.count) {
                (0, _) => return Err(AnswerError::Empty(id.clone())),
                (2.., Count::One) => return Err(AnswerError::TooMany(id.clone())), // [VP-DCQ-11b]
                _ => {}
            }
            let fits = presented.iter().enumerate().map(|(position, presented)| {
                let unfit = |miss| AnswerError::Unfit { query: id.clone(), position, miss };
                query.fit_presented(presented).map_err(unfit) // [VP-DCQ-11c]
            });
            queries.insert(id.clone(), fits.collect::<Result<_, _>>()?);
        }
        let answered = |option: &Vec<QueryId>| option.iter().all(|id| queries.contains_key(id));
        for (position, set) in self.combinations().iter().enumerate() {
            if set.required && !set.options.iter().any(answered) {
                return Err(AnswerError::Incomplete { set: position }); // [VP-DCQ-11d]
            }
        }
        Ok(Answered { queries })
    }
}

/// Why an answer does not meet the query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// VP-DCQ-11a: an entry is named like no credential query.
    #[error("the answer names `{0}`, which was not asked for")]
    UnknownQuery(QueryId),
    /// VP-DCQ-11b: an entry holds no presentation.
    #[error("the answer to `{0}` is empty")]
    Empty(QueryId),
    /// VP-DCQ-11b: an entry holds several presentations where one was asked for.
    #[error("several presentations answer `{0}`")]
    TooMany(QueryId),
    /// VP-DCQ-11c: a presentation does not answer its credential query.
    #[error("presentation {position} for `{query}` does not answer it")]
    Unfit {
        /// The credential query.
        query: QueryId,
        /// Which presentation for it, from 0.
        position: usize,
        /// What it lacks.
        miss: Miss,
    },
    /// VP-DCQ-11d: no option of a required credential set is answered whole.
    #[error("required credential set {set} is not answered")]
    Incomplete {
        /// Which set, from 0; 0 also if the query has no sets and so asks for all.
        set: usize,
    },
}

impl AnswerError {
    /// The rule that was broken, as in `spec/checks/vp-dcq.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownQuery(_) => "VP-DCQ-11a",
            Self::Empty(_) | Self::TooMany(_) => "VP-DCQ-11b",
            Self::Unfit { .. } => "VP-DCQ-11c",
            Self::Incomplete { .. } => "VP-DCQ-11d",
        }
    }
}
