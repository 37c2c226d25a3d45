//! The names under which requests are signed, by tenant.

use crate::tenant::TenantId;
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
    /// Names that all tenants use. Without any, requests are not signed, and the verifier is known by its address.
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
    pub(crate) fn of(&self, tenant: &TenantId, prefix: Option<Prefix>) -> Option<Vec<Identity<'_>>> {
        let names = self.own.get(tenant).unwrap_or(&self.shared);
        let all = || names.iter().map(SigningName::identity);
        let Some(prefix) = prefix else { return Some(all().collect()) };
        if prefix == Prefix::RedirectUri {
            return Some(Vec::new());
        }
        let is_first = |identity: &Identity<'_>| identity.name.client_id().prefix() == prefix;
        let first = all().find(is_first)?;
        Some(std::iter::once(first).chain(all().filter(|other| !is_first(other))).collect())
    }
}
