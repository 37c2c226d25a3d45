//! From a question to a choice for the holder.

use crate::{
    asked::Asked,
    asker::Asker,
    choice::{Answer, Candidate, Choice},
    held::HeldCredential,
    wallet::Wallet,
};
use sinpyo_core::{claims::ClaimPath, time::Timestamp};
use sinpyo_dcql::{CredentialQuery, Matches, Miss, QueryId, QueryMatches};

impl Wallet {
    /// Looks for what answers a question, on behalf of a holder who is shown nothing of one that is refused here.
    ///
    /// # Errors
    /// It cannot be answered in full.
    pub fn review(&self, asked: Asked, now: Timestamp) -> Result<Choice, ReviewError> {
        let current: Vec<_> = self.credentials().filter(|held| held.in_force(now)).collect();
        let candidates: Vec<_> = current.iter().map(|held| held.candidate()).collect();
        let may_show = |position: usize, path: &ClaimPath| {
            current.get(position).is_some_and(|held: &&HeldCredential| held.may_show(path))
        };
        let matches = asked.query.matches_showing(&candidates, &may_show);
        if !matches.satisfiable() {
            return Err(ReviewError::Unanswerable { misses: self.misses(&asked, &matches, &current) }); // [WAL-03]
        }
        let Matches { queries, sets } = matches;
        let answers = asked.query.credentials().iter().zip(&queries);
        let answers: Vec<_> =
            answers.filter_map(|(query, found)| answer(query, found, &current, &asked.asker)).collect();
        Ok(Choice::new(asked, answers, sets))
    }

    /// What the nearest credential lacks, for each query that has no answer.
    fn misses(&self, asked: &Asked, matches: &Matches, current: &[&HeldCredential]) -> Vec<Missed> {
        let queries = asked.query.credentials().iter().zip(&matches.queries);
        let missed = queries.filter_map(|(query, found)| {
            let miss = self.mismatch(query, found.miss.as_ref()?, current);
            Some(Missed { query: found.id.clone(), miss })
        });
        missed.collect()
    }

    fn mismatch(&self, query: &CredentialQuery, miss: &Miss, current: &[&HeldCredential]) -> Mismatch {
        let withheld = |path: &&ClaimPath| {
            let mut answering = current.iter().filter(|held| query.wanted.is_of(&held.candidate().kind));
            answering.any(|held| !held.may_show(path))
        };
        let near = match miss {
            Miss::Authority => Mismatch::NotTrusted,
            Miss::Claims { absent, unequal } => {
                match (absent.iter().find(withheld), absent.first(), unequal.first()) {
                    (Some(path), _, _) => Mismatch::Withheld(path.clone()),
                    (None, Some(path), _) => Mismatch::NoClaim(path.clone()),
                    (None, None, Some(path)) => Mismatch::OtherValue(path.clone()),
                    (None, None, None) => Mismatch::NoCredential,
                }
            }
            _ => Mismatch::NoCredential,
        };
        // A credential that would do if it were in force says more than that there is none.
        let outside =
            self.credentials().filter(|held| !current.iter().any(|current| current.id() == held.id()));
        let mut outside =
            outside.map(|held| query.fit_showing(&held.candidate(), &|path| held.may_show(path)));
        if near < Mismatch::NotInForce && outside.any(|fit| fit.is_ok()) {
            Mismatch::NotInForce
        } else {
            near
        }
    }
}

/// What would be shown for `query`: of each credential that answers it the best copy, the latest credential first.
fn answer(
    query: &CredentialQuery,
    found: &QueryMatches,
    current: &[&HeldCredential],
    asker: &Asker,
) -> Option<Answer> {
    let mut copies: Vec<(&HeldCredential, Candidate)> = Vec::new();
    for (position, fit) in &found.fits {
        let held = *current.get(*position)?;
        let candidate = Candidate::new(held, fit, asker)?;
        match copies.iter_mut().find(|(known, _)| known.is_copy_of(held)) {
            None => copies.push((held, candidate)),
            Some(known) if candidate.copy < known.1.copy => *known = (held, candidate),
            Some(_) => {}
        }
    }
    let mut candidates = copies.into_iter().rev().map(|(_, candidate)| candidate);
    Some(Answer::new(query, candidates.next()?, candidates.collect()))
}

/// Why no credential answers a query; of several reasons the greatest, which is the nearest miss.
///
/// For the holder only: a verifier would learn from it what the holder has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// No credential has a format and a type that would do.
    #[error("the wallet holds no such credential")]
    NoCredential,
    /// A credential that would do is there, but not in force.
    #[error("the credential is not valid at this time")]
    NotInForce,
    /// The issuer stands under no authority that the verifier trusts.
    #[error("the verifier does not trust the credential's issuer")]
    NotTrusted,
    /// The credential has no such claim.
    #[error("the credential has no claim {0}")]
    NoClaim(ClaimPath),
    /// The claim has none of the values that would do.
    #[error("claim {0} has another value than those that would do")]
    OtherValue(ClaimPath),
    /// WAL-04: the claim is for the holder and the issuer only.
    #[error("claim {0} is never shown")]
    Withheld(ClaimPath),
}

/// A query without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{query}: {miss}")]
pub struct Missed {
    /// The query.
    pub query: QueryId,
    /// What the nearest credential lacks.
    pub miss: Mismatch,
}

/// Why a question is not put to the holder. No variant carries a claim's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// WAL-03, WAL-04: the wallet does not have what is required.
    #[error("the wallet cannot answer: {}", listed(misses))]
    Unanswerable {
        /// The queries that have no answer, in order, whether required or not.
        misses: Vec<Missed>,
    },
}

fn listed(misses: &[Missed]) -> String {
    misses.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl ReviewError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub fn code(&self) -> &'static str {
        let Self::Unanswerable { misses } = self;
        if misses.iter().any(|missed| matches!(missed.miss, Mismatch::Withheld(_))) {
            "WAL-04"
        } else {
            "WAL-03"
        }
    }
}
