//! Proofs that a wallet holds the keys to which credentials are to be bound [VCI 1.0 §F].

mod attestation;
mod di_vp;
mod jwt;
mod making;

pub use attestation::{AttestationError, Attesters, KeyAttestation};
pub use making::{ProofKey, attestation_claims, jwt_claims, prepare_jwt, sign_di_vp, sign_jwt};

use crate::{
    address::CredentialIssuerId,
    configuration::{Binding, ProofDemand},
    refusal::ErrorCode,
    request::Proofs,
};
use serde_json::{Value, json};
use sinpyo_core::{
    did::{Did, KeyId},
    jwk::PublicJwk,
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_jose::{JwsError, TimeError, key_thumbprint};
use sinpyo_oauth::nonce::{Fresh, NonceError, Nonces};
use sinpyo_proof::PresentationError;
use std::{collections::BTreeSet, fmt, time::Duration};

/// How long ago a proof may have been made.
const WINDOW: Duration = Duration::from_mins(5);

/// What an issuer is told about the outside world when it checks proofs. Everything is refused by default.
pub trait Lookup: fmt::Debug + Sync {
    /// The document of a holder's DID, for proofs that name their key by a DID URL. Nothing is fetched here: only
    /// methods that need nothing fetched (did:key, did:jwk), or documents that are at hand.
    fn holder(&self, did: &Did) -> Option<Resolved> {
        let _ = did;
        None
    }

    /// Whether the entry `status` of a key attestation says that it still holds.
    fn stands(&self, status: &Value, now: Timestamp) -> bool {
        let _ = (status, now);
        false
    }
}

/// Knows nobody: keys come with the proof, and attestations without a status.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLookup;

impl Lookup for NoLookup {}

/// A key that its holder proved to hold.
#[derive(Debug, Clone)]
pub struct HolderKey {
    /// The key.
    pub key: VerifyingKey,
    /// By what name the proof called it, if by a verification method of a DID.
    pub id: Option<KeyId>,
    /// What is known about where it is kept.
    pub attestation: Option<KeyAttestation>,
}

impl HolderKey {
    /// The key as credentials carry it in `cnf`.
    pub fn jwk(&self) -> PublicJwk {
        self.key.to_jwk()
    }

    /// As it is kept while its credential is not ready.
    pub(crate) fn to_json(&self) -> Value {
        let attestation = self.attestation.as_ref().map(|says| {
            json!({
                "key_storage": says.key_storage,
                "user_authentication": says.user_authentication,
                "attester": says.attester,
            })
        });
        json!({
            "jwk": self.jwk().members(),
            "id": self.id.as_ref().map(KeyId::as_str),
            "attestation": attestation,
        })
    }

    /// The reverse.
    pub(crate) fn from_json(kept: &Value) -> Option<Self> {
        let jwk = PublicJwk::from_members(kept.get("jwk")?.as_object()?.clone()).ok()?;
        let id = kept.get("id").and_then(Value::as_str).map(str::parse).transpose().ok()?;
        let attestation = match kept.get("attestation").and_then(Value::as_object) {
            None => None,
            Some(says) => Some(KeyAttestation {
                key_storage: texts(says.get("key_storage")?)?,
                user_authentication: texts(says.get("user_authentication")?)?,
                attester: says.get("attester")?.as_str()?.to_owned(),
            }),
        };
        Some(Self { key: VerifyingKey::from_jwk(&jwk).ok()?, id, attestation })
    }

    /// RFC 7638.
    pub fn thumbprint(&self) -> [u8; 32] {
        key_thumbprint(&self.key)
    }
}

/// What the proofs of one request are checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProofCheck<'a> {
    pub(crate) issuer: &'a CredentialIssuerId,
    pub(crate) binding: &'a Binding,
    /// Who asks; none if nobody knows.
    pub(crate) client: Option<&'a str>,
    pub(crate) nonces: &'a Nonces,
    pub(crate) batch_size: usize,
    pub(crate) attesters: &'a Attesters,
    pub(crate) lookup: &'a dyn Lookup,
    pub(crate) now: Timestamp,
}

/// Keys that are proved to be the wallet's, and the nonces that must be spent when this is acted on.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) keys: Vec<HolderKey>,
    pub(crate) nonces: Vec<Fresh>,
}

/// What one proof proves.
struct OneProof {
    /// The key that made it comes first.
    keys: Vec<HolderKey>,
    nonce: String,
}

impl ProofCheck<'_> {
    /// Checks all proofs; whether their nonces were spent before is for the state to say.
    pub(crate) fn check(&self, proofs: Option<&Proofs>) -> Result<Proven, ProofError> {
        let proofs = proofs.ok_or(ProofError::Missing)?; // [VCI-CRQ-03]
        let demand = self.binding.proofs.get(proofs.kind()).ok_or(ProofError::Kind)?; // [VCI-CRQ-03a]
        if proofs.count() > self.batch_size {
            return Err(ProofError::TooMany); // [VCI-CRQ-02]
        }
        let proven = match proofs {
            Proofs::Jwt(proofs) => Self::each(proofs, |proof| jwt::check(self, demand, proof))?,
            Proofs::Attestation(proof) => vec![attestation::check_proof(self, demand, proof)?],
            Proofs::DiVp(proofs) => Self::each(proofs, |proof| di_vp::check(self, demand, proof))?,
        };
        // Whatever makes a proof wrong is said first: with another nonce it would still be wrong.
        let mut texts: Vec<&str> = proven.iter().map(|proof| proof.nonce.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        let fresh =
            texts.into_iter().map(|text| self.nonces.check(text, self.now).map_err(ProofError::Nonce));
        let nonces = fresh.collect::<Result<_, _>>()?;
        Ok(Proven { keys: self.keys(proven), nonces })
    }

    fn each<P>(
        proofs: &[P],
        check: impl Fn(&P) -> Result<OneProof, ProofError>,
    ) -> Result<Vec<OneProof>, ProofError> {
        let mut proven: Vec<OneProof> = Vec::with_capacity(proofs.len());
        let mut known = BTreeSet::new();
        for proof in proofs {
            let one = check(proof)?;
            if !known.insert(one.keys.first().map(HolderKey::thumbprint)) {
                return Err(ProofError::Repeated); // [VCI-PRF-06]
            }
            proven.push(one);
        }
        Ok(proven)
    }

    /// The keys that made the proofs, then those attested beside them, each once, as far as a batch goes.
    fn keys(&self, proven: Vec<OneProof>) -> Vec<HolderKey> {
        let (mut own, mut beside) = (Vec::new(), Vec::new());
        for proof in proven {
            let mut keys = proof.keys.into_iter();
            own.extend(keys.next());
            beside.extend(keys);
        }
        let mut known: BTreeSet<_> = own.iter().map(HolderKey::thumbprint).collect();
        for key in beside {
            if own.len() >= self.batch_size {
                break; // [VCI-PRF-02]
            }
            if known.insert(key.thumbprint()) {
                own.push(key);
            }
        }
        own.truncate(self.batch_size); // [VCI-PRF-02]
        own
    }
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The signature algorithms that the configuration takes, as far as they are known here.
fn allowed(demand: &ProofDemand) -> Vec<Algorithm> {
    demand.algorithms.iter().filter_map(|name| Algorithm::from_jose_or_fully_specified(name)).collect()
}

/// Why proofs are refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// VCI-CRQ-03: there is none.
    #[error("the configuration needs proofs")]
    Missing,
    /// VCI-CRQ-03a: the configuration does not take proofs of this kind.
    #[error("the configuration does not take proofs of this type")]
    Kind,
    /// VCI-CRQ-02: more than the batch size.
    #[error("there are more proofs than the batch size")]
    TooMany,
    /// VCI-PRF-06: two by one key.
    #[error("two proofs are made with one key")]
    Repeated,
    /// VCI-PRF-01: the token is refused.
    #[error("the proof is refused")]
    Token(#[source] JwsError),
    /// VCI-PRF-01b: not made just now.
    #[error("the proof was not made just now")]
    Time(#[source] TimeError),
    /// VCI-PRF-01a: a claim is missing, or is not what it must be.
    #[error("the proof's {0} is missing or wrong")]
    Claim(&'static str),
    /// VCI-PRF-01c: the key that it names cannot be found or used.
    #[error("the key of the proof cannot be used")]
    Key,
    /// The key attestation is refused, or missing.
    #[error("the key attestation is refused")]
    Attestation(#[from] AttestationError),
    /// VCI-PRF-05a: the configuration does not take the cryptosuite of the presentation.
    #[error("the configuration does not take this cryptosuite")]
    Suite,
    /// VCI-PRF-05: the presentation is refused.
    #[error("the presentation is refused")]
    Presentation(#[source] Box<PresentationError>),
    /// VCI-NON-02: the nonce is not good, or not any more. Another one helps.
    #[error("the nonce is not good")]
    Nonce(#[source] NonceError),
    /// VCI-NON-02a: the nonce was used before. Another one helps.
    #[error("the nonce was used before")]
    Spent,
}

impl ProofError {
    /// The rule in `spec/checks/vci-prf.toml`, `vci-crq.toml` or `vci-non.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "VCI-CRQ-03",
            Self::Kind => "VCI-CRQ-03a",
            Self::TooMany => "VCI-CRQ-02",
            Self::Repeated => "VCI-PRF-06",
            Self::Token(_) => "VCI-PRF-01",
            Self::Claim(_) => "VCI-PRF-01a",
            Self::Time(_) => "VCI-PRF-01b",
            Self::Key => "VCI-PRF-01c",
            Self::Attestation(error) => error.code(),
            Self::Suite => "VCI-PRF-05a",
            Self::Presentation(_) => "VCI-PRF-05",
            Self::Nonce(_) => "VCI-NON-02",
            Self::Spent => "VCI-NON-02a",
        }
    }

    /// What the wallet is told.
    pub const fn error(&self) -> ErrorCode {
        match self {
            Self::Nonce(_) | Self::Spent => ErrorCode::InvalidNonce, // [VCI-ERR-01]
            Self::TooMany => ErrorCode::InvalidCredentialRequest,
            _ => ErrorCode::InvalidProof,
        }
    }
}
