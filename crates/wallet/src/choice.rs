//! What is asked for, put before the holder; and what the holder agreed to.

use crate::{
    asked::{Accredited, Asked, Transaction},
    asker::Asker,
    display::Display,
    held::{CopyUse, HeldCredential, HeldId},
};
use sinpyo_core::{claims::ClaimPath, credential::CredentialType, time::Timestamp};
use sinpyo_dcql::{Binding, CredentialQuery, Fit, Format, QueryId, SetMatches};
use std::collections::BTreeSet;

/// A question that can be answered and may be: what the holder is asked to decide.
#[derive(Debug)]
#[must_use]
pub struct Choice {
    asker: Asker,
    accredited: Option<Accredited>,
    transactions: Vec<Transaction>,
    expires_at: Option<Timestamp>,
    origin: Option<String>,
    answers: Vec<Answer>,
    sets: Vec<SetChoice>,
}

/// What would be shown for one query.
#[derive(Debug)]
pub struct Answer {
    pub(crate) query: QueryId,
    pub(crate) binding: Binding,
    pub(crate) chosen: Candidate,
    others: Vec<Candidate>,
}

/// Combinations of queries of which one may be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetChoice {
    /// Whether one must be; otherwise it is the holder's to offer.
    pub required: bool,
    /// Those that can be, the asker's favourite first.
    pub options: Vec<Vec<QueryId>>,
    /// The one that is taken.
    pub taken: Option<usize>,
}

/// A credential that answers a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The copy of it that would be shown.
    pub held: HeldId,
    /// Its format.
    pub format: Format,
    /// Its type.
    pub kind: CredentialType,
    /// Who states it.
    pub issuer: String,
    /// The names that its issuer published.
    pub display: Option<Display>,
    /// The claims that are asked for, and would be shown.
    pub asked: Vec<ClaimPath>,
    /// The claims that every verifier sees, asked for or not: those at the top level, or of the subject.
    pub visible: Vec<ClaimPath>,
    /// The claims that stay hidden.
    pub hidden: Vec<ClaimPath>,
    /// What showing it gives away beside the claims.
    pub copy: CopyUse,
}

impl Candidate {
    pub(crate) fn new(held: &HeldCredential, fit: &Fit, asker: &Asker) -> Option<Self> {
        Some(Self {
            held: held.id(),
            format: held.format(),
            kind: held.kind()?.clone(),
            issuer: held.credential().issuer().to_owned(),
            display: held.display().cloned(),
            asked: fit.claims.clone(),
            visible: held.content.visible(held.credential()),
            hidden: held.hidden_beside(&fit.claims),
            copy: held.use_for(asker),
        })
    }
}

impl Answer {
    pub(crate) fn new(query: &CredentialQuery, chosen: Candidate, others: Vec<Candidate>) -> Self {
        Self { query: query.id.clone(), binding: query.binding, chosen, others }
    }

    /// The query that it answers.
    pub const fn query(&self) -> &QueryId {
        &self.query
    }

    /// The claims that are asked for, and would be shown.
    pub fn asked(&self) -> &[ClaimPath] {
        &self.chosen.asked
    }

    /// The credential that would be shown.
    pub const fn chosen(&self) -> &Candidate {
        &self.chosen
    }

    /// Other credentials that would do.
    pub fn others(&self) -> &[Candidate] {
        &self.others
    }
}

impl Choice {
    /// Puts `answers`, one for each query that can be answered, before the holder.
    pub(crate) fn new(asked: Asked, answers: Vec<Answer>, sets: Vec<SetMatches>) -> Self {
        let set =
            |SetMatches { required, options }| SetChoice { required, options, taken: required.then_some(0) };
        Self {
            asker: asked.asker,
            accredited: asked.accredited,
            transactions: asked.transactions,
            expires_at: asked.expires_at,
            origin: asked.origin,
            answers,
            sets: sets.into_iter().map(set).collect(), // [VP-DCQ-06b]
        }
    }

    /// Who asks.
    pub const fn asker(&self) -> &Asker {
        &self.asker
    }

    /// What a registry says about the asker; nothing, if nobody vouches for it.
    pub const fn accredited(&self) -> Option<&Accredited> {
        self.accredited.as_ref()
    }

    /// What the holder would authorise along with the presentation.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// From when on no answer is accepted, if that was said.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// What would be shown, one entry for each query that would be answered.
    pub fn answers(&self) -> Vec<&Answer> {
        let taken = self.taken();
        self.answers.iter().filter(|answer| taken.contains(&answer.query)).collect()
    }

    /// What could be shown, one entry for each query that can be answered, taken or not.
    pub fn possible(&self) -> &[Answer] {
        &self.answers
    }

    /// The combinations that the asker leaves to choose from.
    pub fn sets(&self) -> &[SetChoice] {
        &self.sets
    }

    fn taken(&self) -> BTreeSet<QueryId> {
        let options = self.sets.iter().filter_map(|set| set.options.get(set.taken?));
        options.flatten().cloned().collect()
    }

    /// Takes another option of the set at position `set`; none, to leave out what is not required.
    ///
    /// # Errors
    /// There is no such set or option, or one must be taken.
    pub fn take(mut self, set: usize, option: Option<usize>) -> Result<Self, ConsentError> {
        let chosen = self.sets.get_mut(set).ok_or(ConsentError::NotAnOption)?;
        let fine = option.map_or(!chosen.required, |option| option < chosen.options.len());
        if !fine {
            return Err(ConsentError::NotAnOption); // [WAL-06]
        }
        chosen.taken = option;
        Ok(self)
    }

    /// Shows `held` instead of another credential wherever both would do.
    ///
    /// # Errors
    /// It answers no query.
    pub fn prefer(mut self, held: HeldId) -> Result<Self, ConsentError> {
        let mut found = false;
        for answer in &mut self.answers {
            if let Some(other) = answer.others.iter_mut().find(|other| other.held == held) {
                std::mem::swap(other, &mut answer.chosen);
            }
            found |= answer.chosen.held == held;
        }
        if found { Ok(self) } else { Err(ConsentError::NotACandidate(held)) }
    }

    /// Agrees to show everything that is asked for.
    pub fn disclose_requested(self) -> Consent {
        let taken = self.taken();
        let Self { asker, accredited, transactions, expires_at, origin, mut answers, .. } = self;
        answers.retain(|answer| taken.contains(&answer.query));
        Consent { asker, accredited, transactions, expires_at, origin, answers }
    }

    /// Agrees to show `claims`, which must be what is asked for: nothing more is ever shown, and a verifier takes
    /// no part of an answer for the whole [OpenID4VP 1.0 §6.4].
    ///
    /// # Errors
    /// A claim is not asked for, or one that is asked for is left out.
    pub fn disclose(self, claims: impl IntoIterator<Item = ClaimPath>) -> Result<Consent, ConsentError> {
        let agreed: Vec<ClaimPath> = claims.into_iter().collect();
        let answers = self.answers();
        let asked = || answers.iter().flat_map(|answer| answer.asked());
        if let Some(claim) = agreed.iter().find(|claim| asked().all(|asked| asked != *claim)) {
            return Err(ConsentError::NotAsked(claim.clone())); // [WAL-06]
        }
        if let Some(claim) = asked().find(|asked| !agreed.contains(asked)) {
            return Err(ConsentError::LeftOut(claim.clone())); // [WAL-06]
        }
        Ok(self.disclose_requested())
    }
}

/// The holder's agreement to show certain claims to one verifier, once.
///
/// Nothing is presented without one. It cannot be copied, and presenting consumes it.
#[derive(Debug)]
#[must_use]
pub struct Consent {
    pub(crate) asker: Asker,
    pub(crate) accredited: Option<Accredited>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) origin: Option<String>,
    pub(crate) answers: Vec<Answer>,
}

/// Why an agreement does not fit the question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// WAL-06: more than what is asked for.
    #[error("claim {0} is not asked for")]
    NotAsked(ClaimPath),
    /// WAL-06: less than what is asked for.
    #[error("claim {0} is asked for and left out")]
    LeftOut(ClaimPath),
    /// WAL-06: what cannot be answered, or not answering what must be.
    #[error("the request leaves no such option")]
    NotAnOption,
    /// The copy answers no query of this request.
    #[error("credential {0} does not answer the request")]
    NotACandidate(HeldId),
}

impl ConsentError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        "WAL-06"
    }
}
