//! Key attestations: a wallet's maker says where keys are kept [VCI 1.0 §D].

use super::{HolderKey, OneProof, ProofCheck, ProofError, allowed};
use crate::{
    configuration::{AttestationDemand, ProofDemand},
    member::{self, Object},
};
use serde_json::Value;
use sinpyo_core::jwk::PublicJwk;
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_jose::{HeaderRules, Hint, JwsError, TimeError, Typ, UnverifiedJwt, key_thumbprint};
use sinpyo_x509::{Chain, Purpose, Roots};
use std::{collections::BTreeMap, sync::Arc};

/// Most keys that one attestation may name.
const MAX_KEYS: usize = 100;

/// Who may attest keys, and by whom holders' own certificates are issued. Nobody, unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct Attesters {
    /// By certificate.
    pub roots: Option<Arc<Roots>>,
    /// By the name that `kid` has.
    pub keys: BTreeMap<String, VerifyingKey>,
    /// For proofs whose own key comes with a certificate.
    pub holders: Option<Arc<Roots>>,
}

/// What was attested about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttestation {
    /// Resistance of its storage, such as `iso_18045_high`.
    pub key_storage: Vec<String>,
    /// Resistance of what authenticates its user.
    pub user_authentication: Vec<String>,
    /// Who attested it: the name of the attester's key, or the thumbprint of its certificate.
    pub attester: String,
}

/// An attestation that holds.
struct Attested {
    keys: Vec<VerifyingKey>,
    nonce: Option<String>,
    says: KeyAttestation,
    expires: bool,
}

/// Checks a proof of type `attestation`, whose nonce answers the issuer's.
pub(super) fn check_proof(
    context: &ProofCheck<'_>,
    demand: &ProofDemand,
    text: &str,
) -> Result<OneProof, ProofError> {
    let attested = read(context, demand, text)?;
    let nonce = attested.nonce.ok_or(ProofError::Claim("nonce"))?; // [VCI-PRF-03]
    let says = attested.says;
    let holder = |key| HolderKey { key, id: None, attestation: Some(says.clone()) };
    Ok(OneProof { keys: attested.keys.into_iter().map(holder).collect(), nonce })
}

/// Checks the attestation `text` in the header of a proof that `own` made and that has `nonce`: the key itself, and what
/// else is attested.
pub(super) fn check_beside(
    context: &ProofCheck<'_>,
    demand: &ProofDemand,
    (text, nonce): (&str, &str),
    own: HolderKey,
) -> Result<Vec<HolderKey>, ProofError> {
    let attested = read(context, demand, text)?;
    if attested.nonce.as_deref() != Some(nonce) {
        return Err(AttestationError::Nonce.into()); // [VCI-PRF-02b]
    }
    if !attested.expires {
        return Err(AttestationError::Member("exp").into()); // [VCI-PRF-04]
    }
    let thumbprint = own.thumbprint();
    if attested.keys.iter().all(|key| key_thumbprint(key) != thumbprint) {
        return Err(AttestationError::OtherKeys.into()); // [VCI-PRF-02a]
    }
    let says = attested.says;
    let others = attested.keys.into_iter().filter(|key| key_thumbprint(key) != thumbprint);
    let others: Vec<_> =
        others.map(|key| HolderKey { key, id: None, attestation: Some(says.clone()) }).collect();
    let own = HolderKey { attestation: Some(says), ..own };
    Ok(std::iter::once(own).chain(others).collect())
}

fn read(context: &ProofCheck<'_>, demand: &ProofDemand, text: &str) -> Result<Attested, AttestationError> {
    let token = UnverifiedJwt::parse(text, &[Typ::KEY_ATTESTATION], &HeaderRules::NAMED_OR_CERTIFIED); // [VCI-PRF-03]
    let token = token.map_err(AttestationError::Token)?;
    let (key, attester) = attester(context, token.hint())?;
    let mut algorithms = allowed(demand);
    algorithms.push(Algorithm::Es256);
    let token = token.verify(&key, &algorithms).map_err(AttestationError::Token)?;
    let times = token.times().map_err(AttestationError::Time)?;
    times.check(context.now).map_err(AttestationError::Time)?;
    if times.issued_at.is_none() {
        return Err(AttestationError::Member("iat")); // [VCI-PRF-04]
    }
    let claims = token.claims();
    let says = KeyAttestation {
        key_storage: levels(claims, "key_storage")?,
        user_authentication: levels(claims, "user_authentication")?,
        attester,
    };
    meets(&says, demand.attestation.as_ref())?;
    let stands = |status: &Value| context.lookup.stands(status, context.now);
    if claims.get("status").is_some_and(|status| !stands(status)) {
        return Err(AttestationError::Status); // [VCI-PRF-04c]
    }
    let nonce = token.text("nonce").map(str::to_owned);
    Ok(Attested { keys: keys(claims)?, nonce, says, expires: times.expires.is_some() })
}

/// The key of the one who attests, if that one is trusted.
fn attester(context: &ProofCheck<'_>, hint: Hint<'_>) -> Result<(VerifyingKey, String), AttestationError> {
    let attesters = context.attesters;
    if let (Some(certificates), Some(roots)) = (hint.x5c(), &attesters.roots) {
        let chain = Chain::from_x5c(certificates).map_err(|_| AttestationError::Untrusted)?;
        let leaf = chain.verify(roots, context.now, &Purpose::Signer);
        let leaf = leaf.map_err(|_| AttestationError::Untrusted)?; // [VCI-PRF-04a]
        return Ok((leaf.key().clone(), sinpyo_core::encoding::to_base64url(leaf.thumbprint())));
    }
    let kid = hint.kid().ok_or(AttestationError::Untrusted)?;
    let key = attesters.keys.get(kid).ok_or(AttestationError::Untrusted)?; // [VCI-PRF-04a]
    Ok((key.clone(), kid.to_owned()))
}

fn levels(claims: &Object, name: &'static str) -> Result<Vec<String>, AttestationError> {
    Ok(member::texts(claims, name).map_err(|_| AttestationError::Member(name))?.unwrap_or_default())
}

fn meets(says: &KeyAttestation, demand: Option<&AttestationDemand>) -> Result<(), AttestationError> {
    let Some(demand) = demand else { return Ok(()) };
    let meets = |wanted: &[String], has: &[String]| {
        wanted.is_empty() || has.iter().any(|level| wanted.contains(level))
    };
    let storage = meets(&demand.key_storage, &says.key_storage);
    if storage && meets(&demand.user_authentication, &says.user_authentication) {
        Ok(())
    } else {
        Err(AttestationError::Level) // [VCI-PRF-04b]
    }
}

fn keys(claims: &Object) -> Result<Vec<VerifyingKey>, AttestationError> {
    let unfit = AttestationError::Member("attested_keys");
    let listed = member::array(claims, "attested_keys").map_err(|_| unfit)?;
    let listed = listed.filter(|keys| (1..=MAX_KEYS).contains(&keys.len())).ok_or(unfit)?; // [VCI-PRF-04]
    let key = |key: &Value| {
        let jwk = PublicJwk::from_members(key.as_object().ok_or(unfit)?.clone()).map_err(|_| unfit)?;
        VerifyingKey::from_jwk(&jwk).map_err(|_| unfit)
    };
    let keys: Vec<VerifyingKey> = listed.iter().map(key).collect::<Result<_, _>>()?;
    let mut names: Vec<_> = keys.iter().map(key_thumbprint).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() == keys.len() { Ok(keys) } else { Err(unfit) }
}

/// Why a key attestation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// VCI-PRF-04: there is none, and keys must be attested.
    #[error("keys must be attested")]
    Missing,
    /// VCI-PRF-04: a claim is missing or malformed.
    #[error("the attestation's {0} is missing or malformed")]
    Member(&'static str),
    /// VCI-PRF-04a: made by nobody who is trusted to.
    #[error("the attester is not trusted")]
    Untrusted,
    /// VCI-PRF-04b: keys are not kept as well as they must be.
    #[error("the keys are not kept as well as the configuration demands")]
    Level,
    /// VCI-PRF-04c: withdrawn, or nobody can say whether it is.
    #[error("the attestation does not stand")]
    Status,
    /// VCI-PRF-02a: the key of the proof is not attested.
    #[error("the key of the proof is not among the attested ones")]
    OtherKeys,
    /// VCI-PRF-02b: made for another occasion.
    #[error("the attestation does not have the nonce of the proof")]
    Nonce,
    /// VCI-PRF-03: the token is refused.
    #[error("the attestation is refused")]
    Token(#[source] JwsError),
    /// Not valid now.
    #[error("the attestation is not valid now")]
    Time(#[source] TimeError),
}

impl AttestationError {
    /// The rule in `spec/checks/vci-prf.toml` or `jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::Member(_) => "VCI-PRF-04",
            Self::Untrusted => "VCI-PRF-04a",
            Self::Level => "VCI-PRF-04b",
            Self::Status => "VCI-PRF-04c",
            Self::OtherKeys => "VCI-PRF-02a",
            Self::Nonce => "VCI-PRF-02b",
            Self::Token(_) => "VCI-PRF-03",
            Self::Time(error) => error.code(),
        }
    }
}
