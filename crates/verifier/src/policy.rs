//! What a service asks for and what it accepts.

use crate::challenge::Challenge;
use sinpyo_core::{
    accreditation::ServiceCode,
    did::Did,
    encoding::to_base64url,
    key::Entropy,
    request::{CredentialQuery, MAX_LIFETIME, PresentationRequest},
    time::Timestamp,
};
use std::time::Duration;

/// How a service verifies: what it asks for, and how strict it is.
///
/// Only the questions are the service's own. Who may issue what is never listed here: that is an accreditation in
/// the registry, looked up for the moment of issuance.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The service, which must be registered for `service`.
    pub verifier: Did,
    /// The registered scope of its requests.
    pub service: ServiceCode,
    /// What it asks for. Every query must be answered.
    pub queries: Vec<CredentialQuery>,
    /// How long a challenge may be answered; at most a day, beyond which no wallet reads the request.
    pub challenge_lifetime: Duration,
    /// How old a fact from the registry may be; older counts as unreachable.
    pub max_fact_age: Duration,
    /// What to do with a credential whose issuer publishes no status for it.
    pub without_status: WithoutStatus,
}

/// What to do with a credential that names no status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutStatus {
    /// Refuse it: it could not be withdrawn.
    Refuse,
    /// Accept it until it expires: for types that live too short to need a status.
    AcceptUntilExpiry,
}

const NONCE_BYTES: usize = 32;

impl Policy {
    /// A policy with the defaults: five minutes to answer, facts at most a day old, a status required.
    pub const fn new(verifier: Did, service: ServiceCode, queries: Vec<CredentialQuery>) -> Self {
        Self {
            verifier,
            service,
            queries,
            challenge_lifetime: Duration::from_mins(5),
            max_fact_age: Duration::from_hours(24),
            without_status: WithoutStatus::Refuse,
        }
    }

    /// A new challenge. Its request goes to the holder, signed; the challenge itself is kept until it is answered.
    pub fn challenge(&self, now: Timestamp, entropy: &mut dyn Entropy) -> Challenge {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        self.challenge_for(PresentationRequest {
            verifier: self.verifier.clone(),
            service: self.service.clone(),
            nonce: to_base64url(&nonce),
            issued_at: now,
            expires_at: now.plus(self.challenge_lifetime.min(MAX_LIFETIME)),
            queries: self.queries.clone(),
        })
    }

    /// The challenge of a request made earlier under this policy: read back from a store, or from evidence.
    pub fn challenge_for(&self, request: PresentationRequest) -> Challenge {
        Challenge::new(request, self.max_fact_age, self.without_status)
    }
}
