//! In whose name voters are registered: an organisation of the installation.

use crate::{home::Home, office::Organisation, service::world::World};
use anyhow::{Context, Result};
use sinpyo_core::{did::Did, key::Signer};
use sinpyo_crypto::VerifyingKey;
use sinpyo_issuer::{Issuer, IssuerOptions};
use sinpyo_verifier::{Known, Need};
use sinpyo_voting_api::{Registrar, SharedSigner};
use std::{fmt, sync::Arc};

/// An organisation that keeps the roll of elections.
pub(crate) struct Office {
    did: Did,
    signer: Arc<dyn Signer + Send + Sync>,
    key: VerifyingKey,
    issuer: Issuer<SharedSigner>,
    world: Arc<World>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").field("did", &self.did).finish_non_exhaustive()
    }
}

impl Office {
    /// The organisation `name` of `home`.
    pub(crate) fn open(home: &Home, name: &str, world: Arc<World>) -> Result<Self> {
        let organisation = Organisation::load(home, name)?;
        let own = organisation.resolve(home)?;
        let (did, key) = (organisation.did(), organisation.signer.key().verifying_key().clone());
        let signer: Arc<dyn Signer + Send + Sync> = Arc::new(organisation.signer);
        let issuer = Issuer::new(SharedSigner(Arc::clone(&signer)), &own, IssuerOptions::default());
        let issuer = issuer.with_context(|| format!("{name} cannot issue credentials"))?;
        Ok(Self { did, signer, key, issuer, world })
    }
}

impl Registrar for Office {
    fn issuer(&self) -> &Issuer<SharedSigner> {
        &self.issuer
    }

    fn asks_as(&self) -> Option<(&Did, &(dyn Signer + Send + Sync), &VerifyingKey)> {
        Some((&self.did, &*self.signer, &self.key))
    }

    fn find(&self, need: &Need) -> Known {
        let known = self.world.find(&[(need, None)]).pop();
        known.unwrap_or_else(|| Known {
            fact: sinpyo_verifier::Fact::Unavailable,
            as_of: sinpyo_core::time::Clock::now(&crate::os::SystemClock),
        })
    }
}
