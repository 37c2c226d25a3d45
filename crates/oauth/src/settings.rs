//! How an authorization server is configured.

use crate::{
    attestation::Attesters,
    nonce::{Context, Nonces},
    registered::RegisteredClient,
    url::IssuerId,
};
use sinpyo_core::Secret;
use sinpyo_crypto::{
    aead::SealingKey,
    mac::{self, HkdfContext},
};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Longest life of an access token that anybody can use who gets hold of it [OpenID4VCI 1.0 §13.10].
pub const MAX_BEARER: Duration = Duration::from_mins(5);

/// Life of nonces and challenges.
const NONCE: Duration = Duration::from_mins(5);

/// Longest life of a pushed request.
pub const MAX_PUSHED: Duration = Duration::from_secs(90);

/// Longest life of an authorization code.
pub const MAX_CODE: Duration = Duration::from_mins(1);

/// Longest life of a pre-authorized code that nobody has redeemed.
pub const MAX_PRE_AUTHORIZED: Duration = Duration::from_hours(24);

/// Longest time over which a grant is refreshed [HAIP 1.0 §4.4].
pub const MAX_REFRESH: Duration = Duration::from_hours(24 * 366);

/// An authorization server, that is one tenant's. The same settings on every node make the nodes one server.
pub struct ServerSettings {
    /// Its name, and the address that its endpoints stand under.
    pub issuer: IssuerId,
    /// The credential issuer that it works for, as `locations` names it; the same identifier by default.
    pub credential_issuer: String,
    /// Whether `authorization_details` must say so: if that issuer's metadata has `authorization_servers`.
    pub locations: Locations,
    /// The credential configurations, and the scope that stands for each.
    pub configurations: BTreeMap<String, Option<String>>,
    /// The clients that are known by name.
    pub clients: BTreeMap<String, RegisteredClient>,
    /// Who may vouch for wallets.
    pub attesters: Attesters,
    /// Whether a wallet that is vouched for is welcome without being known by name.
    pub unregistered: Unregistered,
    /// Whether proofs of attested wallets answer a challenge.
    pub challenges: Challenges,
    /// Whether wallets may redeem pre-authorized codes without saying who they are.
    pub anonymous: Anonymous,
    /// Whether every token is bound to a key.
    pub dpop: Dpop,
    /// Whether proofs of possession carry a nonce of this server.
    pub dpop_nonces: DpopNonces,
    /// How long everything lives.
    pub lifetimes: Lifetimes,
    keys: Keys,
}

/// What is made of the service's master key.
struct Keys {
    dpop: Nonces,
    challenges: Nonces,
    tx_code: Secret<[u8; 32]>,
    sealing: SealingKey,
}

/// Whether `authorization_details` must have `locations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Locations {
    /// They may, and then name the credential issuer.
    #[default]
    Optional,
    /// They must [OpenID4VCI 1.0 §5.1.1].
    Required,
}

/// What becomes of attested wallets that nobody entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Unregistered {
    /// They are refused.
    #[default]
    Refused,
    /// They are served, and may name any redirect URI in their pushed request, which is authenticated [RFC 9126 §2.4].
    Attested,
}

/// Whether proofs of attested wallets answer a challenge of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Challenges {
    /// They may.
    #[default]
    Offered,
    /// They must.
    Required,
}

/// Whether pre-authorized codes are redeemed for whoever brings them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Anonymous {
    /// No: a client says who it is.
    #[default]
    Refused, // [VCI-TOK-04]
    /// Yes.
    Allowed,
}

/// Whether every token is bound to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dpop {
    /// Yes [HAIP 1.0 §4].
    #[default]
    Required,
    /// If the client wishes; other tokens live five minutes at most.
    Offered,
}

/// Whether proofs of possession carry a nonce of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DpopNonces {
    /// Yes: a proof cannot be made in advance.
    #[default]
    Required,
    /// They are given out and checked by nobody.
    Offered,
}

/// How long everything lives. What is longer than its limit counts as the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A pushed request, at most 90 seconds.
    pub pushed: Duration,
    /// The user's decision.
    pub interaction: Duration,
    /// An authorization code, at most 60 seconds.
    pub code: Duration,
    /// An access token; at most five minutes unless it is bound to a key.
    pub access: Duration,
    /// From the grant to the last refresh, at most a year; none: nothing is refreshed.
    pub refresh: Option<Duration>,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            pushed: MAX_PUSHED,
            interaction: Duration::from_mins(15),
            code: MAX_CODE,
            access: MAX_BEARER,
            refresh: None,
        }
    }
}

impl ServerSettings {
    /// The strictest settings of a server that knows nobody and issues nothing yet. `master` is the service's key, the
    /// same on every node.
    pub fn new(issuer: IssuerId, master: &Secret<[u8; 32]>) -> Self {
        let nonces = |purpose| {
            let context = Context { purpose, server: issuer.as_str() };
            Nonces::new(master, context, NONCE)
        };
        let derived = |purpose: &str| {
            let info = format!("sinpyo {purpose}\0{issuer}");
            mac::hkdf_sha256(master, HkdfContext { salt: &[], info: info.as_bytes() })
        };
        let keys = Keys {
            dpop: nonces("dpop"),
            challenges: nonces("attestation"),
            tx_code: derived("tx_code"),
            sealing: SealingKey::new(&derived("oauth records")),
        };
        Self {
            credential_issuer: issuer.as_str().to_owned(),
            locations: Locations::default(),
            configurations: BTreeMap::new(),
            clients: BTreeMap::new(),
            attesters: Attesters::default(),
            unregistered: Unregistered::default(),
            challenges: Challenges::default(),
            anonymous: Anonymous::default(),
            dpop: Dpop::default(),
            dpop_nonces: DpopNonces::default(),
            lifetimes: Lifetimes::default(),
            keys,
            issuer,
        }
    }

    /// For proofs of possession.
    pub(crate) const fn nonces(&self) -> &Nonces {
        &self.keys.dpop
    }

    /// [`Self::nonces`], if proofs must have one.
    pub(crate) fn demanded_nonces(&self) -> Option<&Nonces> {
        (self.dpop_nonces == DpopNonces::Required).then_some(&self.keys.dpop)
    }

    /// For proofs of attested wallets.
    pub(crate) const fn attestation_challenges(&self) -> &Nonces {
        &self.keys.challenges
    }

    /// For all that the server remembers.
    pub(crate) const fn sealing(&self) -> &SealingKey {
        &self.keys.sealing
    }

    /// What is kept of a transaction code.
    pub(crate) fn tx_code_tag(&self, code: &str, tx_code: &str) -> [u8; 32] {
        mac::hmac_sha256(&self.keys.tx_code, format!("{code}\0{tx_code}").as_bytes())
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
