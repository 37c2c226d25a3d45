//! What a verifier asks for, put before the holder; and what the holder agreed to.

use crate::held::{CopyUse, HeldCredential, HeldId};
use sinpyo_core::{
    accreditation::{LocalizedName, ServiceCode},
    claims::ClaimPath,
    credential::CredentialType,
    did::Did,
    request::{CredentialQuery, PresentationRequest},
    time::Timestamp,
};

/// A request that can be answered and may be: what the holder is asked to decide.
#[derive(Debug)]
#[must_use]
pub struct Choice {
    pub(crate) request: PresentationRequest,
    pub(crate) name: LocalizedName,
    pub(crate) answers: Vec<Answer>,
}

/// What would be shown for one query of the request.
#[derive(Debug)]
pub struct Answer {
    pub(crate) query: String,
    asked: Vec<ClaimPath>,
    pub(crate) chosen: Candidate,
    others: Vec<Candidate>,
}

/// A credential that answers a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The copy of it that would be shown.
    pub held: HeldId,
    /// Its type.
    pub kind: CredentialType,
    /// Who states it.
    pub issuer: String,
    /// The top-level claims that every verifier sees, asked for or not.
    pub visible: Vec<ClaimPath>,
    /// The claims that stay hidden.
    pub hidden: Vec<ClaimPath>,
    /// What showing it gives away beside the claims.
    pub copy: CopyUse,
}

impl Candidate {
    pub(crate) fn new(
        held: &HeldCredential,
        kind: &CredentialType,
        asked: &[ClaimPath],
        verifier: &Did,
    ) -> Self {
        Self {
            held: held.id(),
            kind: kind.clone(),
            issuer: held.credential().issuer().to_owned(),
            visible: held.visible(),
            hidden: held.hidden_beside(asked),
            copy: held.use_for(verifier),
        }
    }
}

impl Answer {
    pub(crate) fn new(query: &CredentialQuery, chosen: Candidate, others: Vec<Candidate>) -> Self {
        Self { query: query.id.clone(), asked: asked(query), chosen, others }
    }

    /// The claims that are asked for, and would be shown.
    pub fn asked(&self) -> &[ClaimPath] {
        &self.asked
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

pub(crate) fn asked(query: &CredentialQuery) -> Vec<ClaimPath> {
    query.claims.iter().map(|claim| claim.path.clone()).collect()
}

impl Choice {
    /// Who asks.
    pub const fn verifier(&self) -> &Did {
        &self.request.verifier
    }

    /// The name under which it is accredited; never one that it gave itself.
    pub const fn name(&self) -> &LocalizedName {
        &self.name
    }

    /// The service code under which it asks.
    pub const fn service(&self) -> &ServiceCode {
        &self.request.service
    }

    /// Until when it accepts an answer.
    pub const fn expires_at(&self) -> Timestamp {
        self.request.expires_at
    }

    /// What would be shown, one entry for each query.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
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
        Consent { request: self.request, name: self.name, answers: self.answers }
    }

    /// Agrees to show `claims`, which must be what is asked for: nothing more is ever shown, and a verifier takes
    /// no part of an answer for the whole [OpenID4VP 1.0 §6.4].
    ///
    /// # Errors
    /// A claim is not asked for, or one that is asked for is left out.
    pub fn disclose(self, claims: impl IntoIterator<Item = ClaimPath>) -> Result<Consent, ConsentError> {
        let agreed: Vec<ClaimPath> = claims.into_iter().collect();
        let asked = || self.answers.iter().flat_map(|answer| &answer.asked);
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
    pub(crate) request: PresentationRequest,
    pub(crate) name: LocalizedName,
    pub(crate) answers: Vec<Answer>,
}

/// Why an agreement does not fit the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// WAL-06: more than what is asked for.
    #[error("claim {0} is not asked for")]
    NotAsked(ClaimPath),
    /// WAL-06: less than what is asked for.
    #[error("claim {0} is asked for and left out")]
    LeftOut(ClaimPath),
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
