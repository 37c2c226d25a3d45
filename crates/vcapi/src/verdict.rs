//! What was asked of a verification, and what came of it.

use crate::{
    Call,
    body::Options,
    need::{Stop, Unresolved, key_ring},
    problem::{self, Kind},
    settings::Mode,
};
use serde_json::{Value, json};
use sinpyo_core::did::Did;
use sinpyo_proof::{
    CredentialError, KeyError, KeyRing, PresentationError,
    data_integrity::{ProofSetError, VerifyProofError},
};
use sinpyo_web::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// The options of both verifications.
pub(crate) const OPTIONS: [&str; 3] = ["checks", "challenge", "domain"];
const CHECKS: [&str; 3] = ["proof", "validity", "status"];

/// What to verify, and for which occasion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) challenge: Option<String>,
    pub(crate) domain: Option<String>,
    /// Whether a validity that does not include now is an error, and not a warning.
    pub(crate) validity: bool,
    /// Whether the status is looked up, and anything but a good one an error.
    pub(crate) status: bool,
}

impl Wanted {
    /// Reads the options. Without a list of checks, production checks everything and conformance the proof.
    pub(crate) fn read(call: &Call<'_>, options: &Options) -> Result<Self, Problem> {
        let checks = options.texts("checks")?;
        for (index, check) in checks.iter().flatten().enumerate() {
            if !CHECKS.contains(check) {
                let problem = Kind::UnknownOption.problem("VCA-02", &"there is no such check"); // [VCA-02]
                return Err(problem.at(format!("/options/checks/{index}")));
            }
        }
        let asked = |name: &str| match &checks {
            Some(checks) => checks.contains(&name),
            None => call.settings.mode == Mode::Production,
        };
        Ok(Self {
            challenge: options.text("challenge")?.map(str::to_owned),
            domain: options.text("domain")?.map(str::to_owned),
            validity: asked("validity"),
            status: asked("status"),
        })
    }
}

/// The keys of everybody who signed, and why some are missing.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) ring: KeyRing,
    failed: BTreeMap<Did, Unresolved>,
}

impl Keys {
    /// The keys of `dids`.
    ///
    /// # Errors
    /// Documents that must be fetched first.
    pub(crate) fn of(call: &Call<'_>, dids: BTreeSet<Did>) -> Result<Self, Stop> {
        let (ring, failed) = key_ring(dids, call.facts, call.now)?;
        Ok(Self { ring, failed })
    }

    /// Why a key is missing, if a document is.
    fn explain(&self, error: KeyError) -> Option<Problem> {
        let why = self.failed.values().next().filter(|_| matches!(error, KeyError::Unresolved))?;
        Some(Kind::Resolution.problem(why.code(), why))
    }

    /// The problem that the proofs of a document have.
    pub(crate) fn proofs(&self, error: &ProofSetError) -> Problem {
        let kind = match error {
            ProofSetError::Key(key) => {
                if let Some(problem) = self.explain(*key) {
                    return problem.at("/proof");
                }
                Kind::Verification
            }
            ProofSetError::Canonical(error) => return crate::secure::uncertain(error),
            ProofSetError::Proof(VerifyProofError::Domain) => Kind::Domain,
            ProofSetError::Proof(VerifyProofError::Challenge) => Kind::Challenge,
            _ => Kind::Verification,
        };
        kind.problem(error.code(), error).at("/proof")
    }

    /// The problem that an enveloped credential has.
    pub(crate) fn credential(&self, error: &CredentialError) -> Problem {
        match error {
            CredentialError::Key(key) => self.explain(*key),
            CredentialError::Proof(error) => Some(self.proofs(error)),
            CredentialError::Time(_) => Some(Kind::Validity.problem(error.code(), error)),
            _ => None,
        }
        .unwrap_or_else(|| Kind::Verification.problem(error.code(), error))
    }

    /// The problem that an enveloped presentation has.
    pub(crate) fn presentation(&self, error: &PresentationError) -> Problem {
        let kind = match error {
            PresentationError::Credential(error) => return self.credential(error),
            PresentationError::Proof(error) => return self.proofs(error),
            PresentationError::Key(key) => match self.explain(*key) {
                Some(problem) => return problem,
                None => Kind::Verification,
            },
            PresentationError::Audience => Kind::Domain,
            PresentationError::Nonce => Kind::Challenge,
            PresentationError::Time(_) | PresentationError::Stale => Kind::Validity,
            _ => Kind::Verification,
        };
        kind.problem(error.code(), error)
    }
}

/// What came of a verification.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) errors: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

impl Verdict {
    /// Takes a problem that is an error or, if nobody asked about it, a warning.
    pub(crate) fn report(&mut self, is_error: bool, problem: Problem) {
        let list = if is_error { &mut self.errors } else { &mut self.warnings };
        list.push(problem); // [VCA-03]
    }

    /// The answer: 200 without errors, else a refusal for all of them.
    pub(crate) fn answer(self, call: &Call<'_>) -> Result<Value, Stop> {
        if let Some(refusal) = problem::all(self.errors) {
            return Err(refusal.into());
        }
        let warnings = self.warnings.iter().map(|warning| warning.to_json(call.settings.catalogue));
        Ok(json!({"verified": true, "errors": [], "warnings": warnings.collect::<Vec<_>>()}))
    }
}
