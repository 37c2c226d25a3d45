//! How a service is set up.

use crate::{names::Names, record::RequestId, tenant::TenantId};
use sinpyo_core::{Secret, accreditation::LocalizedName};
use sinpyo_crypto::{KeySigner, aead::SealingKey};
use sinpyo_openid4vp::{TransactionTypes, verifier::Lifetimes};
use sinpyo_web::{key::MasterKey, problem::RuleText, site::Site};
use std::time::Duration;

/// How a service is set up; nodes behind one address are set up alike.
#[derive(Debug)]
pub struct Settings {
    /// Where it is reached. Everything that it gives to others is below the first origin.
    pub site: Site,
    /// Who runs it: shown where no tenant is.
    pub operator: LocalizedName,
    /// The secret that all other secrets of the service come from.
    pub key: ServiceKey,
    /// The names under which requests are signed.
    pub names: Names,
    /// How long requests and results last.
    pub lifetimes: Lifetimes,
    /// How long what happened is remembered.
    pub retention: Retention,
    /// The kinds of transactions that holders can be asked to agree to.
    pub transaction_types: TransactionTypes,
    /// The words of a rule.
    pub catalogue: fn(&str) -> Option<RuleText>,
}

/// How long what happened is remembered. Nothing of it holds a claim; evidence has a time of its own in each request.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// How requests ended.
    pub requests: Duration,
    /// The audit log.
    pub audit: Duration,
}

impl Default for Retention {
    /// A month, and 400 days.
    fn default() -> Self {
        Self { requests: Duration::from_hours(24 * 30), audit: Duration::from_hours(24 * 400) }
    }
}

/// 32 random bytes that the nodes of a service share.
#[derive(Debug)]
pub struct ServiceKey(MasterKey);

impl ServiceKey {
    /// Takes the bytes.
    pub const fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(MasterKey::new(bytes))
    }

    /// Seals what belongs to `tenant`: another tenant's cannot be opened with it.
    pub(crate) fn sealing(&self, tenant: &TenantId) -> SealingKey {
        SealingKey::new(&self.0.derived(&format!("sinpyo verifier tenant {tenant}")))
    }

    /// Seals the protocol's records of one request: what belongs to another one, a handle or a code, cannot even be read
    /// under its address.
    pub(crate) fn sealing_of(&self, tenant: &TenantId, request: &RequestId) -> SealingKey {
        SealingKey::new(&self.0.derived(&format!("sinpyo verifier request {tenant} {request}"))) // [VSV-15]
    }

    /// Seals what belongs to no tenant.
    pub(crate) fn own_sealing(&self) -> SealingKey {
        SealingKey::new(&self.0.derived("sinpyo verifier service"))
    }

    /// Binds forms to sessions.
    pub(crate) fn forms(&self) -> Secret<[u8; 32]> {
        self.0.derived("sinpyo verifier forms")
    }

    /// Signs the tokens of the management interface.
    pub(crate) fn token_signer(&self) -> KeySigner {
        self.0.signer("sinpyo verifier tokens")
    }
}
