//! How a service is set up.

use crate::outside::{Logs, Registrar, Workers};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{Secret, accreditation::LocalizedName};
use sinpyo_crypto::{KeySigner, SigningKey, aead::SealingKey};
use sinpyo_state::State;
use sinpyo_voting::form::to_hex;
use sinpyo_web::{key::MasterKey, problem::RuleText, site::Site};
use std::sync::Arc;

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
#[derive(Clone, Debug)]
pub struct ServiceKey(Arc<MasterKey>);

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
        Self(Arc::new(MasterKey::new(bytes)))
    }

    /// The Ed25519 key of one role in one election, the same on every node. No key serves two roles or two elections.
    pub(crate) fn signing(&self, election: &ElectionId, hat: Hat) -> SigningKey {
        self.0.signing(&purpose(election, hat)) // [VTS-01]
    }

    /// [`ServiceKey::signing`] for those who sign by a name.
    pub(crate) fn signer(&self, election: &ElectionId, hat: Hat) -> KeySigner {
        self.0.signer(&purpose(election, hat))
    }

    /// Seals what is remembered.
    pub(crate) fn sealing(&self) -> SealingKey {
        SealingKey::new(&self.0.derived("sinpyo voting records"))
    }

    /// Makes the token of the management interface.
    pub(crate) fn management(&self) -> Secret<[u8; 32]> {
        self.0.derived("sinpyo voting management")
    }

    /// Binds forms to sessions.
    pub(crate) fn forms(&self) -> Secret<[u8; 32]> {
        self.0.derived("sinpyo voting forms")
    }
}

fn purpose(election: &ElectionId, hat: Hat) -> String {
    ["sinpyo voting key ", hat.word(), " ", &to_hex(&election.0)].concat()
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
