//! A dealer's polynomials, and the commitments to them that everybody sees.

use super::{Fault, Parameters, Reveal, TrusteeNumber};
use crate::group::{Element, Encoding, Field, Group};
use crate::hash::Transcript;
use sinpyo_core::Secret;
use zeroize::Zeroize;

/// The secret side: `a_{m,k}`, keys outer, coefficients inner. Erased on drop.
pub(super) struct Polynomials<G: Group> {
    keys: Vec<Vec<G::Scalar>>,
}

impl<G: Group> Polynomials<G> {
    /// All coefficients from the trustee's seed. They depend on everything that fixes the ceremony, so that one
    /// seed never gives related polynomials to two of them: a host that showed a trustee another list of trustees
    /// would learn from their shares what the trustee deals here.
    pub(super) fn derive(parameters: &Parameters, dealer: TrusteeNumber, seed: &Secret<[u8; 32]>) -> Self {
        let coefficient = |key: u32, k: u32| {
            secret_field("ceremony-coefficient", parameters, dealer, seed).number(key).number(k).scalar::<G>()
        };
        let size = parameters.size();
        let keys =
            (1..=size.keys).map(|key| (0..size.threshold).map(|k| coefficient(key, k)).collect()).collect();
        Self { keys }
    }

    /// Commitments and proofs, as they are revealed.
    pub(super) fn reveal(
        &self,
        parameters: &Parameters,
        dealer: TrusteeNumber,
        seed: &Secret<[u8; 32]>,
    ) -> Reveal {
        let mut reveal = Reveal { commitments: Vec::new(), proofs: Vec::new() };
        for (place, secret) in places(parameters.size()).zip(self.keys.iter().flatten()) {
            let commitment = G::encode(&G::mul_base(secret));
            let mut mask = secret_field("ceremony-mask", parameters, dealer, seed)
                .number(place.key)
                .number(place.coefficient)
                .field(commitment.as_ref())
                .scalar::<G>();
            let announcement = G::encode(&G::mul_base(&mask));
            let challenge = challenge::<G>(parameters, dealer, place, &commitment, &announcement);
            let response = G::encode_scalar(&(mask + challenge * *secret));
            mask.zeroize();
            reveal.commitments.extend_from_slice(commitment.as_ref());
            reveal.proofs.extend_from_slice(announcement.as_ref());
            reveal.proofs.extend_from_slice(response.as_ref());
        }
        reveal
    }

    /// `f_m(j)` for all keys, joined.
    pub(super) fn shares(&self, to: TrusteeNumber) -> Secret<Vec<u8>> {
        let x = G::Scalar::from(u64::from(to.number()));
        // Of its final size at once: a vector that grows leaves copies behind.
        let mut joined = Vec::with_capacity(self.keys.len().saturating_mul(G::ScalarBytes::LENGTH));
        for coefficients in &self.keys {
            let mut share = coefficients.iter().rev().fold(G::Scalar::ZERO, |value, a| value * x + *a);
            joined.extend_from_slice(G::encode_scalar(&share).as_ref());
            share.zeroize();
        }
        Secret::new(joined)
    }
}

impl<G: Group> Drop for Polynomials<G> {
    fn drop(&mut self) {
        self.keys.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// The public side, proven: `A_{m,k}` by key. Somebody knows every logarithm, and fixed them before it saw others'.
#[derive(Clone, Debug)]
pub(super) struct Commitments<G: Group> {
    keys: Vec<Vec<G::Point>>,
}

impl<G: Group> Commitments<G> {
    /// Checks what `dealer` revealed against what it had committed to.
    pub(super) fn verify(
        parameters: &Parameters,
        dealer: TrusteeNumber,
        commit: &[u8; 64],
        reveal: &Reveal,
    ) -> Result<Self, Fault> {
        if commit_hash(parameters, dealer, reveal) != *commit {
            return Err(Fault::Commitment); // [BAL-51] [VOT-17]
        }
        let size = parameters.size();
        let count = usize::try_from(size.keys.saturating_mul(size.threshold)).unwrap_or(usize::MAX);
        let proof_length = G::PointBytes::LENGTH.saturating_add(G::ScalarBytes::LENGTH);
        if reveal.commitments.len() != count.saturating_mul(G::PointBytes::LENGTH)
            || reveal.proofs.len() != count.saturating_mul(proof_length)
        {
            return Err(Fault::Encoding); // [BAL-52]
        }
        let commitments = reveal.commitments.chunks(G::PointBytes::LENGTH);
        let proofs = reveal.proofs.chunks(proof_length);
        let mut points = Vec::with_capacity(count);
        for (place, (commitment, proof)) in places(size).zip(commitments.zip(proofs)) {
            points.push(verify_proof::<G>(parameters, dealer, place, (commitment, proof))?);
        }
        let threshold = usize::try_from(size.threshold).unwrap_or(usize::MAX);
        Ok(Self { keys: points.chunks(threshold.max(1)).map(<[G::Point]>::to_vec).collect() })
    }

    /// `A_{m,0}` for all keys.
    pub(super) fn constants(&self) -> impl Iterator<Item = G::Point> {
        self.keys.iter().filter_map(|points| points.first().copied())
    }

    /// `f_m(j)·G` for all keys, as the commitments have it.
    pub(super) fn expected(&self, to: TrusteeNumber) -> impl Iterator<Item = G::Point> {
        let x = G::Scalar::from(u64::from(to.number()));
        self.keys.iter().map(move |points| {
            let powers: Vec<_> = std::iter::successors(Some(G::Scalar::ONE), |power| Some(*power * x))
                .take(points.len())
                .collect();
            G::public_sum_of_products(&powers, points)
        })
    }

    /// The scalars in `joined`, if they are the shares that these commitments promise `to`.
    pub(super) fn accept(&self, to: TrusteeNumber, joined: &[u8]) -> Option<Secret<Vec<G::Scalar>>> {
        if joined.len() != self.keys.len().saturating_mul(G::ScalarBytes::LENGTH) {
            return None;
        }
        let shares = decode_scalars::<G>(joined)?;
        let right = shares.expose().iter().map(G::mul_base).eq(self.expected(to));
        right.then_some(shares)
    }

    /// Adds another dealer's, place by place.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, point) in self.keys.iter_mut().flatten().zip(other.keys.iter().flatten()) {
            *sum += *point;
        }
    }
}

/// The scalars whose encodings are `joined`; `None` if one is not canonical, or something is left.
pub(super) fn decode_scalars<G: Group>(joined: &[u8]) -> Option<Secret<Vec<G::Scalar>>> {
    let encodings = joined.chunks(G::ScalarBytes::LENGTH);
    // Of its final size at once: a vector that grows leaves copies behind.
    let mut scalars = Vec::with_capacity(encodings.len());
    for bytes in encodings {
        scalars.push(G::decode_scalar(&G::ScalarBytes::from_slice(bytes)?)?);
    }
    Some(Secret::new(scalars))
}

/// `H("ceremony-commit", election, le32(i), commitments, proofs)`.
pub(super) fn commit_hash(parameters: &Parameters, dealer: TrusteeNumber, reveal: &Reveal) -> [u8; 64] {
    Transcript::new("ceremony-commit")
        .field(&parameters.election().0)
        .number(dealer.number())
        .field(&reveal.commitments)
        .field(&reveal.proofs)
        .hash()
}

/// Which coefficient of which key.
#[derive(Clone, Copy)]
struct Place {
    /// From 1.
    key: u32,
    /// From 0.
    coefficient: u32,
}

/// Keys outer, coefficients inner.
fn places(size: super::Size) -> impl Iterator<Item = Place> {
    (1..=size.keys)
        .flat_map(move |key| (0..size.threshold).map(move |coefficient| Place { key, coefficient }))
}

/// `c = S("ceremony-proof", election, le32(i), le32(m), le32(k), A, R)`.
fn challenge<G: Group>(
    parameters: &Parameters,
    dealer: TrusteeNumber,
    place: Place,
    commitment: &G::PointBytes,
    announcement: &G::PointBytes,
) -> G::Scalar {
    Transcript::new("ceremony-proof")
        .field(&parameters.election().0)
        .number(dealer.number())
        .number(place.key)
        .number(place.coefficient)
        .field(commitment.as_ref())
        .field(announcement.as_ref())
        .scalar::<G>()
}

/// The point of a commitment whose logarithm the dealer has proven to know: `z·G = R + c·A`.
fn verify_proof<G: Group>(
    parameters: &Parameters,
    dealer: TrusteeNumber,
    place: Place,
    (commitment, proof): (&[u8], &[u8]),
) -> Result<G::Point, Fault> {
    let point = |bytes| {
        let encoding = G::PointBytes::from_slice(bytes)?;
        Some((encoding, G::decode(&encoding)?))
    };
    let (announcement, response) = proof.split_at_checked(G::PointBytes::LENGTH).ok_or(Fault::Encoding)?;
    let (commitment_bytes, commitment) = point(commitment).ok_or(Fault::Encoding)?; // [BAL-52]
    let (announcement_bytes, announcement) = point(announcement).ok_or(Fault::Encoding)?;
    let response = G::ScalarBytes::from_slice(response)
        .and_then(|bytes| G::decode_scalar(&bytes))
        .ok_or(Fault::Encoding)?;
    if commitment == G::Point::identity() || announcement == G::Point::identity() {
        return Err(Fault::Identity); // [BAL-53] [VOT-11]
    }
    let challenge = challenge::<G>(parameters, dealer, place, &commitment_bytes, &announcement_bytes);
    if G::mul_base(&response) == announcement + G::public_sum_of_products(&[challenge], &[commitment]) {
        Ok(commitment)
    } else {
        Err(Fault::Proof { key: place.key, coefficient: place.coefficient }) // [BAL-54] [VOT-01]
    }
}

/// Begins the derivation of a dealer's secret, with all parameters in it.
// [BAL-73]
pub(super) fn secret_field(
    domain: &str,
    parameters: &Parameters,
    dealer: TrusteeNumber,
    seed: &Secret<[u8; 32]>,
) -> Transcript {
    let boxes: Vec<[u8; 32]> = parameters.boxes.iter().map(|key| *key.as_bytes()).collect();
    Transcript::secret(domain)
        .field(seed.expose())
        .field(&parameters.election().0)
        .list(&boxes)
        .number(parameters.size().threshold)
        .number(parameters.size().keys)
        .number(dealer.number())
}
