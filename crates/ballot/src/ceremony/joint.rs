//! What a ceremony leaves: the joint keys for everybody, and each trustee's part of their secrets.

use super::message::{Commit, beacon_commitment};
use super::polynomial::{Commitments, decode_scalars};
use super::{CeremonyError, Parameters, Size, TrusteeNumber};
use crate::generators::ElectionId;
use crate::group::{Element, Encoding, Group};
use crate::hash::Transcript;
use sinpyo_core::Secret;
use std::fmt;

/// The option keys of an election, and the share keys that trustees' decryptions are checked with.
#[derive(Clone, Debug)]
pub struct JointKeys<G: Group> {
    election: ElectionId,
    size: Size,
    qualified: Vec<(TrusteeNumber, Commit)>,
    /// `K_m`.
    keys: Vec<G::Point>,
    /// `PK_{j,m}`: trustees outer, keys inner.
    share_keys: Vec<Vec<G::Point>>,
    hash: [u8; 64],
}

impl<G: Group> JointKeys<G> {
    pub(super) fn new<'c>(
        parameters: &Parameters,
        qualified: impl Iterator<Item = (TrusteeNumber, Commit, &'c Commitments<G>)>,
    ) -> Result<Self, CeremonyError> {
        let (size, mut numbers, mut total) = (parameters.size(), Vec::new(), None::<Commitments<G>>);
        for (number, commit, commitments) in qualified {
            numbers.push((number, commit));
            match &mut total {
                None => total = Some(commitments.clone()),
                Some(total) => total.add(commitments),
            }
        }
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let Some(total) = total.filter(|_| count >= size.threshold) else {
            return Err(CeremonyError::TooFew { qualified: count }); // [BAL-58]
        };
        let keys: Vec<_> = total.constants().collect();
        for (key, point) in (1_u32..).zip(&keys) {
            if *point == G::Point::identity() {
                return Err(CeremonyError::Identity { key }); // [BAL-59]
            }
        }
        let share_keys: Vec<Vec<_>> = TrusteeNumber::all(parameters.trustees())
            .map(|trustee| total.expected(trustee).collect())
            .collect();
        let hash = ceremony_hash::<G>(parameters, &numbers, &keys, &share_keys);
        Ok(Self { election: *parameters.election(), size, qualified: numbers, keys, share_keys, hash })
    }

    /// The election.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// `t`: so many trustees decrypt.
    pub const fn threshold(&self) -> u32 {
        self.size.threshold
    }

    /// Who can decrypt, ascending.
    pub fn qualified(&self) -> impl Iterator<Item = TrusteeNumber> {
        self.qualified.iter().map(|(number, _)| *number)
    }

    /// `K_1 … K_M`.
    pub fn keys(&self) -> &[G::Point] {
        &self.keys
    }

    /// `PK_{j,1} … PK_{j,M}` of a qualified trustee.
    pub fn share_keys(&self, trustee: TrusteeNumber) -> Option<&[G::Point]> {
        self.qualified().find(|qualified| *qualified == trustee)?;
        self.share_keys.get(trustee.place()).map(Vec::as_slice)
    }

    /// `ceremonyHash`.
    pub const fn hash(&self) -> &[u8; 64] {
        &self.hash
    }

    /// Takes a trustee's part of the beacon (§7); `None` unless it is qualified and had fixed this value before the
    /// ceremony began.
    pub fn reveal_beacon(&self, trustee: TrusteeNumber, value: [u8; 32]) -> Option<RevealedBeacon> {
        let (_, commit) = self.qualified.iter().find(|(number, _)| *number == trustee)?;
        let fits = beacon_commitment(&self.election, trustee, &value) == commit.beacon; // [BAL-60]
        fits.then_some(RevealedBeacon { trustee, value })
    }
}

/// `H("ceremony", election, le32(t), le32(n), qualified, K, PK)`; each list is one field.
fn ceremony_hash<G: Group>(
    parameters: &Parameters,
    qualified: &[(TrusteeNumber, Commit)],
    keys: &[G::Point],
    share_keys: &[Vec<G::Point>],
) -> [u8; 64] {
    let qualified: Vec<u8> = qualified.iter().flat_map(|(number, _)| number.number().to_le_bytes()).collect();
    let keys: Vec<_> = keys.iter().map(G::encode).collect();
    let share_keys: Vec<_> = share_keys.iter().flatten().map(G::encode).collect();
    Transcript::new("ceremony")
        .field(&parameters.election().0)
        .number(parameters.size().threshold)
        .number(parameters.trustees())
        .field(&qualified)
        .list(&keys)
        .list(&share_keys)
        .hash()
}

/// A trustee's part of the beacon that was fixed before the ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevealedBeacon {
    trustee: TrusteeNumber,
    value: [u8; 32],
}

impl RevealedBeacon {
    /// Whose.
    pub const fn trustee(&self) -> TrusteeNumber {
        self.trustee
    }

    /// The value.
    pub const fn value(&self) -> &[u8; 32] {
        &self.value
    }
}

/// A trustee's secrets after the ceremony: `k_{j,m}` for all keys, and its part of the beacon. Erased on drop.
///
/// They are to be deleted when nobody can object to the result any more.
pub struct TrusteeKeys<G: Group> {
    trustee: TrusteeNumber,
    beacon: Secret<[u8; 32]>,
    secrets: Secret<Vec<G::Scalar>>,
}

impl<G: Group> TrusteeKeys<G> {
    /// The keys of `trustee` that were kept as [`TrusteeKeys::to_bytes`] says, if they belong to `joint`.
    ///
    /// # Errors
    /// The trustee is not qualified, or the bytes are not those of its keys in this election.
    pub fn from_bytes(
        joint: &JointKeys<G>,
        trustee: TrusteeNumber,
        bytes: &Secret<Vec<u8>>,
    ) -> Result<Self, TrusteeKeysError> {
        let (beacon, rest) = bytes.expose().split_first_chunk::<32>().ok_or(TrusteeKeysError::Encoding)?;
        let secrets = decode_scalars::<G>(rest).ok_or(TrusteeKeysError::Encoding)?;
        Self::new(joint, trustee, Secret::new(*beacon), secrets)
    }

    pub(super) fn new(
        joint: &JointKeys<G>,
        trustee: TrusteeNumber,
        beacon: Secret<[u8; 32]>,
        secrets: Secret<Vec<G::Scalar>>,
    ) -> Result<Self, TrusteeKeysError> {
        let public = joint.share_keys(trustee).ok_or(TrusteeKeysError::NotQualified { trustee })?;
        let keys = Self { trustee, beacon, secrets };
        if keys.fit(public) { Ok(keys) } else { Err(TrusteeKeysError::Foreign { trustee }) }
    }

    /// Whether these are the secrets of the share keys `public`.
    pub(crate) fn fit(&self, public: &[G::Point]) -> bool {
        self.secrets().iter().map(G::mul_base).eq(public.iter().copied())
    }

    /// The beacon value and all `k_{j,m}`, joined: to be kept where nobody else reads.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let length = self.secrets.expose().len().saturating_mul(G::ScalarBytes::LENGTH).saturating_add(32);
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(self.beacon.expose());
        for secret in self.secrets.expose() {
            bytes.extend_from_slice(G::encode_scalar(secret).as_ref());
        }
        Secret::new(bytes)
    }

    /// Whose they are.
    pub const fn trustee(&self) -> TrusteeNumber {
        self.trustee
    }

    /// The part of the beacon, to be published after `freeze` and not before.
    pub const fn beacon(&self) -> &Secret<[u8; 32]> {
        &self.beacon
    }

    /// `k_{j,m}` for all keys.
    pub(crate) fn secrets(&self) -> &[G::Scalar] {
        self.secrets.expose()
    }
}

impl<G: Group> fmt::Debug for TrusteeKeys<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrusteeKeys").field("trustee", &self.trustee).finish_non_exhaustive()
    }
}

/// The bytes are not a trustee's keys of this election.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrusteeKeysError {
    /// The bytes are too short, or hold a number that is not canonical.
    #[error("the kept keys cannot be read")]
    Encoding,
    /// The trustee has no share keys.
    #[error("{trustee} is not qualified")]
    NotQualified {
        /// Who.
        trustee: TrusteeNumber,
    },
    /// The keys are another trustee's, or another ceremony's.
    #[error("the kept keys do not belong to the share keys of {trustee}")]
    Foreign {
        /// Whose share keys.
        trustee: TrusteeNumber,
    },
}
