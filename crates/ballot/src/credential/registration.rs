//! The registration, and how anybody checks it.

use crate::generators::{ElectionId, blinding_base, secret_base};
use crate::group::{Encoding, Group};
use crate::hash::Transcript;
use crate::linear::{BATCH, Equation, failing};
use sinpyo_core::{Secret, key::Entropy};

/// Binds a registration to a request: the slot, the holder's key and the registrar's nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding(pub [u8; 64]);

impl Binding {
    /// `H("registration-binding", election, slot, nonce, holder)`: `nonce` is the registrar's for this request and
    /// stays secret, `holder` the SHA-256 thumbprint [RFC 7638] of the key that the holder authenticated with.
    pub fn new(election: &ElectionId, slot: &[u8; 16], nonce: &Secret<[u8; 32]>, holder: &[u8; 32]) -> Self {
        let fields = Transcript::secret("registration-binding").field(&election.0).field(slot);
        Self(fields.field(nonce.expose()).field(holder).hash())
    }
}

/// A proof that somebody can open a commitment (Okamoto): `R ‖ zs ‖ zr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationProof<G: Group> {
    pub(super) announcement: G::PointBytes,
    pub(super) responses: [G::ScalarBytes; 2],
}

impl<G: Group> RegistrationProof<G> {
    /// Reads `R ‖ zs ‖ zr` of exactly their lengths; whether they encode anything shows when it is verified.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (announcement, rest) = bytes.split_at_checked(G::PointBytes::LENGTH)?;
        let (first, second) = rest.split_at_checked(G::ScalarBytes::LENGTH)?;
        Some(Self {
            announcement: G::PointBytes::from_slice(announcement)?,
            responses: [G::ScalarBytes::from_slice(first)?, G::ScalarBytes::from_slice(second)?],
        })
    }

    /// `R ‖ zs ‖ zr`: 96 bytes for ristretto255.
    pub fn to_bytes(&self) -> Vec<u8> {
        let [first, second] = &self.responses;
        [self.announcement.as_ref(), first.as_ref(), second.as_ref()].concat()
    }
}

/// A registration as it arrived: nothing of it is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration<G: Group> {
    /// What the proof is bound to.
    pub binding: Binding,
    /// The district's index in the manifest.
    pub district: u32,
    /// `C`.
    pub commitment: G::PointBytes,
    /// That somebody can open it.
    pub proof: RegistrationProof<G>,
}

/// A commitment that somebody has proven to be able to open, for one district of one election.
///
/// That it was never registered before is for the keeper of the roll to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredCommitment<G: Group> {
    election: ElectionId,
    district: u32,
    bytes: G::PointBytes,
}

impl<G: Group> RegisteredCommitment<G> {
    /// The election it was registered for.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// The district's index in the manifest.
    pub const fn district(&self) -> u32 {
        self.district
    }

    /// The encoding of `C`.
    pub const fn bytes(&self) -> &G::PointBytes {
        &self.bytes
    }
}

/// Why a registration was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// BAL-40: a point or scalar is not in its canonical form.
    #[error("the registration holds an encoding that is not canonical")]
    Encoding,
    /// BAL-41: the commitment, or the first part of the proof, is the neutral element.
    #[error("the registration holds the neutral element")]
    Identity,
    /// BAL-42: the proof does not hold for this commitment, binding, district and election.
    #[error("the proof of opening does not hold")]
    Proof,
}

impl RegistrationError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "BAL-40",
            Self::Identity => "BAL-41",
            Self::Proof => "BAL-42",
        }
    }
}

/// Checks registrations of one election.
#[derive(Clone, Debug)]
pub struct RegistrationVerifier<G: Group> {
    election: ElectionId,
    /// `Gs`, `H`.
    bases: [G::Public; 2],
}

impl<G: Group> RegistrationVerifier<G> {
    /// For the registrations of `election`.
    pub fn new(election: ElectionId) -> Self {
        Self { election, bases: [secret_base::<G>(), blinding_base::<G>()].map(|base| G::publish(&base)) }
    }

    /// Checks one registration.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub fn verify(
        &self,
        registration: &Registration<G>,
    ) -> Result<RegisteredCommitment<G>, RegistrationError> {
        let (commitment, equation) = self.read(registration, &G::decode_public(&points_of(registration)))?;
        if equation.holds(&self.bases) { Ok(commitment) } else { Err(RegistrationError::Proof) } // [BAL-42] [VOT-01]
    }

    /// Checks many registrations at once, for a fraction of the cost. Answers stand in the order of the questions.
    ///
    /// `entropy` is the verifier's own: who made the registrations must not know it.
    pub fn verify_batch(
        &self,
        registrations: &[Registration<G>],
        entropy: &mut dyn Entropy,
    ) -> Vec<Result<RegisteredCommitment<G>, RegistrationError>> {
        registrations.chunks(BATCH).flat_map(|batch| self.verify_some(batch, entropy)).collect()
    }

    fn verify_some(
        &self,
        registrations: &[Registration<G>],
        entropy: &mut dyn Entropy,
    ) -> Vec<Result<RegisteredCommitment<G>, RegistrationError>> {
        let mut places = Vec::with_capacity(registrations.len());
        let mut equations = Vec::with_capacity(registrations.len());
        // All together: decoding is fastest in long rows.
        let encodings: Vec<_> = registrations.iter().flat_map(points_of).collect();
        let decoded = G::decode_public(&encodings);
        let mut results: Vec<_> = registrations
            .iter()
            .zip(decoded.chunks(2))
            .enumerate()
            .map(|(place, (registration, decoded))| {
                let (commitment, equation) = self.read(registration, decoded)?;
                places.push(place);
                equations.push(equation);
                Ok(commitment)
            })
            .collect();
        for culprit in failing(&self.bases, &equations, entropy) {
            if let Some(result) = places.get(culprit).and_then(|place| results.get_mut(*place)) {
                *result = Err(RegistrationError::Proof);
            }
        }
        results
    }

    /// The commitment to be proven, and the equation `zs·Gs + zr·H - R - c·C = 0` that proves it; `decoded` are the
    /// points of [`points_of`].
    fn read(
        &self,
        registration: &Registration<G>,
        decoded: &[Option<G::Public>],
    ) -> Result<(RegisteredCommitment<G>, Equation<G>), RegistrationError> {
        let Registration { binding, district, commitment: bytes, proof } = registration;
        // [BAL-40]
        let &[Some(point), Some(announcement)] = decoded else { return Err(RegistrationError::Encoding) };
        let scalar = |bytes| G::decode_scalar(bytes).ok_or(RegistrationError::Encoding);
        let [zs, zr] = &proof.responses;
        let shared = vec![scalar(zs)?, scalar(zr)?];
        if [*bytes, proof.announcement].contains(&G::IDENTITY) {
            return Err(RegistrationError::Identity); // [BAL-41] [VOT-11]
        }
        let transcript = challenge::<G>(&self.election, binding, *district, bytes, &proof.announcement);
        let own = vec![(-G::Scalar::from(1_u64), announcement), (-transcript.scalar::<G>(), point)];
        let digest = transcript.list(&proof.responses).hash();
        let commitment = RegisteredCommitment { election: self.election, district: *district, bytes: *bytes };
        Ok((commitment, Equation { shared, own, digest }))
    }
}

/// `C` and `R`.
const fn points_of<G: Group>(registration: &Registration<G>) -> [G::PointBytes; 2] {
    [registration.commitment, registration.proof.announcement]
}

/// `c = S("registration", election, binding, le32(district), C, R)`, before it is hashed.
pub(super) fn challenge<G: Group>(
    election: &ElectionId,
    binding: &Binding,
    district: u32,
    commitment: &G::PointBytes,
    announcement: &G::PointBytes,
) -> Transcript {
    Transcript::new("registration")
        .field(&election.0)
        .field(&binding.0)
        .number(district)
        .field(commitment.as_ref())
        .field(announcement.as_ref())
}
