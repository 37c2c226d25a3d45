//! How a service is set up.

use crate::outside::{Logs, Registrar, Workers};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{Secret, accreditation::LocalizedName, key::Entropy};
use sinpyo_crypto::{
    Algorithm, KeySigner, SigningKey,
    aead::SealingKey,
    hash::Sha256,
    mac::{HkdfContext, hkdf_sha256},
};
use sinpyo_state::State;
use sinpyo_web::{problem::RuleText, site::Site};
use std::{fmt, sync::Arc};

/// How a service is set up; nodes behind one address are set up alike, over one memory.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is reached. Elections are below the first origin.
    pub site: Site,
    /// Who runs it.
    pub operator: LocalizedName,
    /// The secret that all other secrets of the service come from.
    pub key: ServiceKey,
    /// What is remembered beside the logs: drafts, the lines of rolls, codes, accounts.
    pub state: Arc<dyn State>,
    /// The elections' logs.
    pub logs: Arc<dyn Logs>,
    /// Those who check ballots.
    pub workers: Arc<dyn Workers>,
    /// In whose name credentials are issued and holders are asked; without one there are neither.
    pub registrar: Option<Arc<dyn Registrar>>,
    /// Where wallets are to post ballots instead of here: the address of a relay's `/e`, run by somebody else.
    pub relay: Option<String>,
    /// The words of a rule.
    pub catalogue: fn(&str) -> Option<RuleText>,
}

/// 32 random bytes that the nodes of a service share.
#[derive(Clone)]
pub struct ServiceKey(Arc<Secret<[u8; 32]>>);

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceKey(..)")
    }
}

/// As whom the service signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hat {
    /// Who calls the election.
    Host,
    /// Who keeps the roll.
    Registrar,
    /// The events of the ballot box.
    Board,
    /// The heads of the log.
    Log,
}

impl Hat {
    const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Registrar => "registrar",
            Self::Board => "board",
            Self::Log => "log",
        }
    }
}

impl ServiceKey {
    /// Takes the bytes.
    pub fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(Arc::new(bytes))
    }

    /// The Ed25519 key of one role in one election, the same on every node. No key serves two roles or two elections.
    pub(crate) fn signing(&self, election: &ElectionId, hat: Hat) -> SigningKey {
        let seed = self.derived(
            &["sinpyo voting key ", hat.word(), " ", &sinpyo_voting::form::to_hex(&election.0)].concat(),
        );
        SigningKey::generate(Algorithm::Ed25519, &mut Stretched { seed, count: 0 }) // [VTS-01]
    }

    /// [`ServiceKey::signing`] for those who sign by a name.
    #[expect(clippy::expect_used, reason = "a multikey is a fragment that every DID may have")]
    pub(crate) fn signer(&self, election: &ElectionId, hat: Hat) -> KeySigner {
        let key = self.signing(election, hat);
        let multikey = key.verifying_key().to_multikey().to_string();
        let id = format!("did:key:{multikey}#{multikey}").parse().expect("a DID with a fragment");
        KeySigner::new(id, key)
    }

    /// Seals what is remembered.
    pub(crate) fn sealing(&self) -> SealingKey {
        SealingKey::new(&self.derived("sinpyo voting records"))
    }

    /// Makes the token of the management interface.
    pub(crate) fn management(&self) -> Secret<[u8; 32]> {
        self.derived("sinpyo voting management")
    }

    /// Binds forms to sessions.
    pub(crate) fn forms(&self) -> Secret<[u8; 32]> {
        self.derived("sinpyo voting forms")
    }

    fn derived(&self, purpose: &str) -> Secret<[u8; 32]> {
        hkdf_sha256(&*self.0, HkdfContext { salt: b"", info: purpose.as_bytes() })
    }
}

/// The bytes that a key is made of which every node makes alike.
struct Stretched {
    seed: Secret<[u8; 32]>,
    count: u64,
}

impl Entropy for Stretched {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.expose());
            hash.update(&self.count.to_be_bytes());
            self.count = self.count.wrapping_add(1);
            let block = hash.finish();
            chunk.iter_mut().zip(block).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_differ_by_role_and_election() {
        let key = |secret: u8, election: u8, hat: Hat| {
            let key = ServiceKey::new(Secret::new([secret; 32]));
            key.signing(&ElectionId([election; 32]), hat).verifying_key().to_multikey().to_string()
        };
        let hats = [Hat::Host, Hat::Registrar, Hat::Board, Hat::Log];
        let of = |secret: u8| {
            let all = hats.iter().flat_map(|hat| [1, 2].map(|election| key(secret, election, *hat)));
            all.collect::<BTreeSet<_>>()
        };
        assert_eq!(of(1).len(), 8);
        assert!(of(1).is_disjoint(&of(2)));
        assert_eq!(of(1), of(1), "every node has the same");
    }
}
