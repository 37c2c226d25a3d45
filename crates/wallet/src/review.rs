//! From a request that arrived to a choice for the holder.

use crate::{
    choice::{Answer, Candidate, Choice, asked},
    held::{HeldCredential, Mismatch},
    wallet::Wallet,
};
use sinpyo_core::{
    accreditation::Accreditation,
    credential::Phase,
    did::Did,
    request::{BeyondScope, CredentialQuery, PresentationRequest},
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_proof::{KeyRing, RequestObjectError, Unverified};

impl Wallet {
    /// Looks at a request, on behalf of a holder who is shown nothing of one that is refused here.
    ///
    /// `verifier` is the document of the DID that the request claims to come from; `accreditation` is the registry's
    /// record of its right to ask under the service code that it names, if there is one.
    ///
    /// # Errors
    /// The request is not the verifier's own, not current, asks beyond the service code, or cannot be answered in
    /// full.
    pub fn review(
        &self,
        request: Unverified<PresentationRequest>,
        verifier: &Resolved,
        accreditation: Option<&Accreditation>,
        now: Timestamp,
    ) -> Result<Choice, ReviewError> {
        let request = request.verify(&KeyRing::of(verifier), now)?.into_inner();
        // Before anything is looked up, let alone shown: a refused verifier learns nothing about the wallet.
        let accreditation = accreditation.ok_or_else(|| BeyondScope::Service(request.service.clone()))?; // [WAL-01]
        let _in_scope = request.within_scope(accreditation)?;
        if accreditation.validity.at(now) != Phase::Within {
            return Err(ReviewError::Lapsed); // [WAL-02]
        }
        let answer = |query| self.answer(query, &request.verifier, now);
        let answers = request.queries.iter().map(answer).collect::<Result<_, _>>()?;
        Ok(Choice { name: accreditation.name.clone(), answers, request })
    }

    /// What would be shown for `query`: of each credential that answers it the best copy, the latest credential
    /// first.
    fn answer(&self, query: &CredentialQuery, verifier: &Did, now: Timestamp) -> Result<Answer, ReviewError> {
        let asked = asked(query);
        let mut nearest = Mismatch::NoCredential;
        let mut found: Vec<(&HeldCredential, Candidate)> = Vec::new();
        for held in self.credentials() {
            match held.answers(query, now) {
                Err(miss) => nearest = nearest.max(miss),
                Ok(kind) => {
                    let candidate = Candidate::new(held, kind, &asked, verifier);
                    match found.iter_mut().find(|(known, _)| known.is_copy_of(held)) {
                        None => found.push((held, candidate)),
                        Some(known) if candidate.copy < known.1.copy => *known = (held, candidate),
                        Some(_) => {}
                    }
                }
            }
        }
        let mut candidates = found.into_iter().rev().map(|(_, candidate)| candidate);
        match candidates.next() {
            Some(chosen) => Ok(Answer::new(query, chosen, candidates.collect())),
            None => Err(ReviewError::Unanswerable { query: query.id.clone(), miss: nearest }), // [WAL-03]
        }
    }
}

/// Why a request is refused. No variant carries a claim's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// It is not signed by the verifier it names, out of date, or malformed.
    #[error(transparent)]
    Request(#[from] RequestObjectError),
    /// WAL-01: it asks for more than the verifier is registered for.
    #[error(transparent)]
    Scope(#[from] BeyondScope),
    /// WAL-02: the verifier's accreditation has ended or not begun.
    #[error("the verifier's accreditation is not in force")]
    Lapsed,
    /// WAL-03, WAL-04: no credential in the wallet gives all that a query asks for.
    #[error("query \"{query}\" cannot be answered")]
    Unanswerable {
        /// The query.
        query: String,
        /// What the nearest credential lacks.
        #[source]
        miss: Mismatch,
    },
}

impl ReviewError {
    /// The rule that was broken, as in `spec/checks/wal.toml` or that of the token.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Scope(error) => error.code(),
            Self::Lapsed => "WAL-02",
            Self::Unanswerable { miss: Mismatch::Withheld(_), .. } => "WAL-04",
            Self::Unanswerable { .. } => "WAL-03",
        }
    }
}
