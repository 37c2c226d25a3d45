//! The names under which requests are signed, by tenant.

use crate::tenant::{Tenant, TenantId};
use sinpyo_core::did::Did;
use sinpyo_crypto::KeySigner;
use sinpyo_openid4vp::{
    Prefix,
    verifier::{Identity, Name},
};
use std::collections::BTreeMap;

/// A name, and the key that proves it.
#[derive(Debug)]
pub struct SigningName {
    /// The name.
    pub name: Name,
    /// Its key.
    pub signer: KeySigner,
}

impl SigningName {
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity { name: &self.name, signer: &self.signer, key: self.signer.key().verifying_key() }
    }
}

/// The names of a service: the first one of a tenant counts if a request asks for no other.
#[derive(Debug, Default)]
pub struct Names {
    shared: Vec<SigningName>,
    own: BTreeMap<TenantId, Vec<SigningName>>,
}

impl Names {
    /// Names of one organisation, for the tenants whose DID is among them, and for the tenant that is the only one. For the
    /// others, and without any, requests are not signed, and the verifier is known by its address.
    pub const fn new(shared: Vec<SigningName>) -> Self {
        Self { shared, own: BTreeMap::new() }
    }

    /// The names of one tenant, instead of the shared ones.
    #[must_use]
    pub fn for_tenant(mut self, tenant: TenantId, names: Vec<SigningName>) -> Self {
        self.own.insert(tenant, names);
        self
    }

    /// The names of `tenant`, that of the kind `prefix` first; none if it has no such name. Under `redirect_uri`, which is
    /// an address and not a name, nothing is signed.
    ///
    /// `is_alone`: whether there is no other tenant.
    pub(crate) fn of(
        &self,
        tenant: &Tenant,
        is_alone: bool,
        prefix: Option<Prefix>,
    ) -> Option<Vec<Identity<'_>>> {
        let is_theirs = || is_alone || tenant.did.as_ref().is_some_and(|did| self.is_shared_by(did));
        let names: &[SigningName] = match self.own.get(&tenant.id) {
            Some(own) => own,
            None if is_theirs() => &self.shared, // [VSV-22]
            None => &[],
        };
        let all = || names.iter().map(SigningName::identity);
        let Some(prefix) = prefix else { return Some(all().collect()) };
        if prefix == Prefix::RedirectUri {
            return Some(Vec::new());
        }
        let is_first = |identity: &Identity<'_>| identity.name.client_id().prefix() == prefix;
        let first = all().find(is_first)?;
        Some(std::iter::once(first).chain(all().filter(|other| !is_first(other))).collect())
    }

    /// Whether `did` is the organisation whose names are shared.
    fn is_shared_by(&self, did: &Did) -> bool {
        self.shared.iter().any(|name| matches!(&name.name, Name::Did { key_id } if key_id.did() == *did))
    }
}
