//! Ed25519 signatures proven together, without widening the acceptance rule of [`crate::ed25519`].
//!
//! This module only ever says yes. A signature for which it does not is checked by itself, so the verdicts
//! equal those of one by one exactly if no yes is wrong; the rest of this text shows that.
//!
//! **What must hold.** With A parsed, S < L, R canonical, decodable and not of small order, single
//! verification accepts exactly if D = S·B − k·A − R is the neutral element; `encode(S·B − k·A)` equals the
//! bytes of R then and only then, as the canonical encoding of a point is unique. B has prime order L, but A
//! and R may have a component of order 2, 4 or 8 (torsion), and D = 0 includes that component. The usual
//! batch equation Σ zᵢ·Dᵢ = 0 sees the component only modulo 8, so that pairs cancel.
//!
//! **What is checked**, with a weight of 128 uniform bits for each signature (zᵢ) and each key (yⱼ):
//!
//! 1. *No torsion.* For each bit b, the sum H(b) of those Rᵢ and Aⱼ whose weight has bit b must satisfy
//!    L·H(b) = 0. If some point P has torsion t ≠ 0, then whatever the other weights are, the torsion of
//!    H(b) is `c` or `c + t` depending on one fair bit, and at most one of the two is 0: all 128 sums pass
//!    with probability at most 2^-128.
//! 2. *The equation* Σ 2^b·H(b) = Σ zᵢRᵢ + Σ yⱼAⱼ = (Σ zᵢSᵢ)·B − Σⱼ (Σ zᵢkᵢ − yⱼ)·Aⱼ, that is
//!    Σ zᵢ·Dᵢ = 0. If no point has torsion, the Dᵢ lie in the group of prime order L > 2^252; given one
//!    Dᵢ ≠ 0 and the other weights, one value of zᵢ modulo L satisfies it: probability at most 2^-128.
//!
//! Together a wrong yes has probability at most 2^-127. The weights are the output of SHA-512 over all the
//! kᵢ (512 bits each, which bind R, A and the message) and Sᵢ, so that they are fixed after the input and need
//! no randomness; with a random oracle, h hash computations give an attacker at most h·2^-127. And what such
//! an attacker would gain is no forgery: the equation without torsion still holds, so that only the owner of
//! the key can try, for a signature on which two verifiers differ.
//!
//! **Cost.** The sums that prove the absence of torsion are those that the equation needs: per window of
//! eight bits each point is added to one of 256 buckets, and halving the buckets eight times gives eight
//! sums. That is 16 additions a point and 8,160 for the halving; the 128 multiplications by L are the price
//! of exactness. Measured for 1,024 signatures of one key, in microseconds a signature: 9.3,
//! against 27.8 one by one (0.33); 4,096 of one key 6.7 (0.24); 1,024 of 256 keys 11.1 (0.40).

use crate::{BatchItem, ed25519, hash::sha512};
use curve25519_dalek::{
    EdwardsPoint, Scalar,
    constants::ED25519_BASEPOINT_POINT,
    edwards::CompressedEdwardsY,
    traits::{Identity, VartimeMultiscalarMul},
};

/// Below this number the 128 multiplications by L cost more than is worth their text: at 256 a batch takes
/// 0.72 of the time of one by one, at 128 more than all of it.
const FEWEST: usize = 256;

/// Above this number a group saves little more, and its points leave the second-level cache.
const MOST: usize = 4096;

/// A larger group without a proof is tried again in parts of this size; a part without one is not split:
/// each further level would cost about a third of one by one where bad signatures are spread out.
const PART: usize = 1024;

/// A signature about which only the shared check is left to make.
struct Candidate {
    /// Its place among the items.
    place: usize,
    key: [u8; 32],
    a: EdwardsPoint,
    r: EdwardsPoint,
    s: Scalar,
    /// H(R ‖ A ‖ message), before it is reduced to k.
    challenge: [u8; 64],
}

type Weight = [u8; 16];

/// For each item, whether it was proven here. One that was not may still be good.
pub(crate) fn proven(items: &[BatchItem<'_>]) -> Vec<bool> {
    let groups = items.len().div_ceil(MOST).max(1);
    let size = items.len().div_ceil(groups).max(1);
    items.chunks(size).flat_map(proven_in_group).collect()
}

fn proven_in_group(items: &[BatchItem<'_>]) -> Vec<bool> {
    let mut proven = vec![false; items.len()];
    if items.len() < FEWEST {
        return proven;
    }
    let mut candidates: Vec<Candidate> =
        items.iter().enumerate().filter_map(|(place, item)| Candidate::read(place, item)).collect();
    // Signatures of one key stand together, so that a key with torsion spoils few parts.
    candidates.sort_by_key(|candidate| candidate.key);
    prove(&candidates, &mut proven);
    proven
}

fn prove(group: &[Candidate], proven: &mut [bool]) {
    if group.len() < FEWEST {
        return;
    }
    if holds(group) {
        for candidate in group {
            if let Some(proven) = proven.get_mut(candidate.place) {
                *proven = true;
            }
        }
    } else if group.len() > PART {
        group.chunks(PART).for_each(|part| prove(part, proven));
    }
}

impl Candidate {
    fn read(place: usize, item: &BatchItem<'_>) -> Option<Self> {
        let key = item.key.ed25519()?;
        let (r, s) = item.signature.split_first_chunk::<32>()?;
        let s: [u8; 32] = s.try_into().ok()?;
        let s = Option::from(Scalar::from_canonical_bytes(s))?; // [KEY-12]
        if !ed25519::is_canonical(r) || ed25519::has_small_order(r) {
            return None; // [KEY-13] [KEY-14]
        }
        let challenge = sha512(&[r, key.as_bytes(), item.message].concat());
        let (a, r) = (key.to_edwards(), CompressedEdwardsY(*r).decompress()?);
        Some(Self { place, key: key.to_bytes(), a, r, s, challenge })
    }

    fn k(&self) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.challenge)
    }
}

/// Both checks of the text above. [KEY-14]
fn holds(group: &[Candidate]) -> bool {
    let keys: Vec<&[Candidate]> = group.chunk_by(|a, b| a.key == b.key).collect();
    let weights = weights(group, group.len() + keys.len());
    let (z, y) = weights.split_at(group.len().min(weights.len()));

    let points = group.iter().map(|candidate| &candidate.r).zip(z);
    let key_points: Vec<EdwardsPoint> =
        keys.iter().filter_map(|same| same.first()).map(|first| first.a).collect();
    let sums = sums_by_bit(&points.chain(key_points.iter().zip(y)).collect::<Vec<_>>());
    let left = sums.iter().rev().fold(EdwardsPoint::identity(), |total, sum| total + total + sum);

    let mut of_base = Scalar::ZERO;
    let mut of_keys = y.iter().map(scalar).collect::<Vec<_>>();
    let mut z = z.iter().map(scalar);
    for (same, of_key) in keys.iter().zip(&mut of_keys) {
        for (candidate, z) in same.iter().zip(&mut z) {
            of_base += z * candidate.s;
            *of_key -= z * candidate.k();
        }
    }
    let right = EdwardsPoint::vartime_multiscalar_mul(
        std::iter::once(of_base).chain(of_keys),
        std::iter::once(ED25519_BASEPOINT_POINT).chain(key_points.iter().copied()),
    );
    // The equation first: it is the cheaper of the two, and what an ordinary bad signature breaks.
    left == right && sums.iter().all(is_torsion_free)
}

/// `count` weights that depend on every bit of the input.
fn weights(group: &[Candidate], count: usize) -> Vec<Weight> {
    let mut transcript = b"sinpyo ed25519 batch v1".to_vec();
    for candidate in group {
        transcript.extend_from_slice(&candidate.challenge);
        transcript.extend_from_slice(candidate.s.as_bytes());
    }
    let seed = sha512(&transcript);
    let blocks = (0_u64..).map(|counter| sha512(&[&seed[..], &counter.to_le_bytes()].concat()));
    blocks.flat_map(|block| block.as_chunks().0.to_vec()).take(count).collect()
}

fn scalar(weight: &Weight) -> Scalar {
    Scalar::from(u128::from_le_bytes(*weight))
}

/// For each of the 128 bits, the sum of the points whose weight has it; the lowest bit first.
fn sums_by_bit(points: &[(&EdwardsPoint, &Weight)]) -> Vec<EdwardsPoint> {
    let mut sums = Vec::with_capacity(128);
    let mut buckets = vec![EdwardsPoint::identity(); 256];
    for window in 0..16 {
        buckets.fill(EdwardsPoint::identity());
        for (point, weight) in points {
            let digit = weight.get(window).copied().unwrap_or_default();
            if let Some(bucket) = buckets.get_mut(usize::from(digit)) {
                *bucket += *point;
            }
        }
        sums.extend(sums_of_digits(&mut buckets));
    }
    sums
}

/// If each of 256 buckets holds the sum of the points with its digit: for each bit, the sum over the digits
/// that have it.
fn sums_of_digits(buckets: &mut [EdwardsPoint]) -> [EdwardsPoint; 8] {
    let mut sums = [EdwardsPoint::identity(); 8];
    let mut rest = buckets;
    for sum in sums.iter_mut().rev() {
        let (without, with) = rest.split_at_mut(rest.len() / 2);
        *sum = with.iter().sum();
        // The highest bit is dealt with: what is left are the lower ones.
        without.iter_mut().zip(with).for_each(|(low, high)| *low += *high);
        rest = without;
    }
    sums
}

/// Whether L·P = 0, computed as (L − 1)·P = −P because L is 0 as a scalar.
fn is_torsion_free(point: &EdwardsPoint) -> bool {
    let product = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-Scalar::ONE, point, &Scalar::ZERO);
    product == -point
}
