//! What an answer must fit.

use crate::{policy::WithoutStatus, trust::Trust};
use sinpyo_core::{request::PresentationRequest, time::Timestamp};
use sinpyo_dcql::Query;
use sinpyo_mdoc::Handover;
use sinpyo_proof::Profile;
use std::{fmt, time::Duration};

/// What one answer must fit: everything that the verifier sent and that the answer is bound to.
///
/// Not `Clone`: one answer is checked against it. Across restarts and replicas the store guards that.
///
/// Debug output does not show the nonce.
#[must_use]
pub struct Expectation {
    /// What was asked for; the answer is evaluated against the whole of it.
    pub query: Query,
    /// To whom the answer is bound.
    pub session: Session,
    /// The challenge.
    pub nonce: String,
    /// When it was sent: no holder signed before.
    pub issued_at: Timestamp,
    /// Until when an answer is accepted.
    pub expires_at: Timestamp,
    /// What the holder had to authorise: the texts of `transaction_data`, as they were sent.
    pub transaction_data: Vec<String>,
    /// Whose credentials are believed.
    pub trust: Trust,
    /// How strict the verifier is.
    pub rules: Rules,
    /// The request, if it was made under a service code: the verifier must then have been registered for it, or it may
    /// not use the answer.
    pub in_scope: Option<Box<PresentationRequest>>,
}

impl Expectation {
    /// What an answer to `query`, sent at `issued_at`, must fit: within five minutes, from accredited issuers, under the
    /// default rules.
    pub fn new(query: Query, session: Session, nonce: String, issued_at: Timestamp) -> Self {
        Self {
            query,
            session,
            nonce,
            issued_at,
            expires_at: issued_at.plus(Duration::from_mins(5)),
            transaction_data: Vec::new(),
            trust: Trust::in_accreditations(),
            rules: Rules::default(),
            in_scope: None,
        }
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation")
            .field("session", &self.session)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// To whom an answer is bound, and what an mdoc's device signs besides [OpenID4VP 1.0 §B.2.6].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// An answer that is posted or redirected.
    OpenId4Vp {
        /// The `client_id` in full, with its prefix.
        client_id: String,
        /// The `response_uri` or `redirect_uri`.
        response_uri: String,
        /// SHA-256 thumbprint of the JWK that the answer is encrypted to; none if it is not encrypted.
        jwk_thumbprint: Option<[u8; 32]>,
    },
    /// An answer by the Digital Credentials API.
    DigitalCredentials {
        /// The origin of the page that the answer came through, without prefix and without a slash at its end.
        origin: String,
        /// SHA-256 thumbprint of the JWK that the answer is encrypted to; none if it is not encrypted.
        jwk_thumbprint: Option<[u8; 32]>,
    },
}

impl Session {
    /// The audience of what the holder signs.
    pub fn audience(&self) -> String {
        match self {
            Self::OpenId4Vp { client_id, .. } => client_id.clone(),
            Self::DigitalCredentials { origin, .. } => format!("origin:{origin}"), // [VP-VAL-02]
        }
    }

    pub(crate) fn handover<'a>(&'a self, nonce: &'a str) -> Handover<'a> {
        match self {
            Self::OpenId4Vp { client_id, response_uri, jwk_thumbprint } => {
                let jwk_thumbprint = jwk_thumbprint.as_ref();
                Handover::OpenId4Vp { client_id, nonce, response_uri, jwk_thumbprint }
            }
            Self::DigitalCredentials { origin, jwk_thumbprint } => {
                Handover::DigitalCredentials { origin, nonce, jwk_thumbprint: jwk_thumbprint.as_ref() }
            }
        }
    }
}

/// How strict a verifier is.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How old a fact may be; older counts as unreachable.
    pub max_fact_age: Duration,
    /// What to do with a credential whose issuer publishes no status for it.
    pub without_status: WithoutStatus,
    /// How presentations are read, and which Data Integrity proofs must be there.
    pub profile: Profile,
    /// Whether what the holder sent is kept with the result.
    pub evidence: Evidence,
}

impl Default for Rules {
    /// Facts at most a day old, a status required, strict reading, no evidence kept.
    fn default() -> Self {
        Self {
            max_fact_age: Duration::from_hours(24),
            without_status: WithoutStatus::Refuse,
            profile: Profile::default(),
            evidence: Evidence::Dropped,
        }
    }
}

/// Whether what the holder sent is kept with the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is not.
    Dropped,
    /// It is, with the transaction data that it authorises.
    Kept,
}
