//! What a wallet can answer a query with.

use crate::{Candidate, CredentialQuery, Fit, Miss, Query, QueryId};
use sinpyo_core::claims::ClaimPath;
use std::collections::BTreeSet;

/// Everything that would answer a query, and where nothing does, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// For each credential query, in order.
    pub queries: Vec<QueryMatches>,
    /// For each credential set, in order; without credential sets one that asks for all.
    pub sets: Vec<SetMatches>,
}

/// What answers one credential query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryMatches {
    /// Its name.
    pub id: QueryId,
    /// The candidates that do, by position, and how.
    pub fits: Vec<(usize, Fit)>,
    /// Why none does, if so.
    pub miss: Option<Miss>,
}

/// Which options of a credential set can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetMatches {
    /// Whether one of them must be answered.
    pub required: bool,
    /// The names in each option that can be, the most welcome first.
    pub options: Vec<Vec<QueryId>>,
}

impl Query {
    /// What of `held` answers this query.
    pub fn matches(&self, held: &[Candidate]) -> Matches {
        self.matches_showing(held, &|_, _| true)
    }

    /// As [`Self::matches`] for a holder who never shows certain claims: one for which `may_show`, given the position of
    /// the candidate and the path, is false counts as absent.
    pub fn matches_showing(
        &self,
        held: &[Candidate],
        may_show: &dyn Fn(usize, &ClaimPath) -> bool,
    ) -> Matches {
        let one = |query: &CredentialQuery| {
            let (mut fits, mut miss) = (Vec::new(), Miss::Nothing);
            for (position, candidate) in held.iter().enumerate() {
                match query.fit_showing(candidate, &|path| may_show(position, path)) {
                    Ok(fit) => fits.push((position, fit)),
                    Err(other) if other.distance() < miss.distance() => miss = other,
                    Err(_) => {}
                }
            }
            QueryMatches { id: query.id.clone(), miss: fits.is_empty().then_some(miss), fits }
        };
        let queries: Vec<_> = self.credentials().iter().map(one).collect();
        let found: BTreeSet<_> =
            queries.iter().filter(|query| query.miss.is_none()).map(|query| &query.id).collect();
        let options = |options: Vec<Vec<QueryId>>| {
            options.into_iter().filter(|option| option.iter().all(|id| found.contains(id))).collect()
        };
        let sets = self.combinations().into_iter();
        let sets =
            sets.map(|set| SetMatches { required: set.required, options: options(set.options) }).collect();
        Matches { queries, sets }
    }
}

impl Matches {
    /// Whether all that is required can be answered. If not, nothing is to be answered.
    pub fn satisfiable(&self) -> bool {
        self.sets.iter().all(|set| !set.required || !set.options.is_empty()) // [VP-DCQ-06a]
    }

    /// The credential queries to answer when the holder chooses nothing else: of each required set the most welcome
    /// option that can be answered, of the others none. `None` if something required cannot be answered.
    pub fn preferred(&self) -> Option<BTreeSet<&QueryId>> {
        let required = self.sets.iter().filter(|set| set.required);
        let options: Option<Vec<_>> = required.map(|set| set.options.first()).collect();
        Some(options?.into_iter().flatten().collect())
    }

    /// What answers the credential query of this name.
    pub fn query(&self, id: &str) -> Option<&QueryMatches> {
        self.queries.iter().find(|query| query.id.as_str() == id)
    }
}
