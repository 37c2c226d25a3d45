//! Ciphertexts and proofs.

use anyhow::{Context as _, ensure};
use curve25519_dalek::{
    constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE},
    ristretto::{CompressedRistretto, RistrettoBasepointTable, RistrettoPoint},
    scalar::Scalar,
    traits::VartimeMultiscalarMul as _,
};
use sha2::{Digest as _, Sha512};

/// Options of the one contest.
pub(crate) const OPTIONS: u8 = 5;

/// `α ‖ β`.
const CIPHERTEXT: usize = 64;
/// `c0 ‖ v0 ‖ c1 ‖ v1`.
const PROOF: usize = 128;

/// A key to encrypt to.
pub(crate) struct Poll {
    key: RistrettoPoint,
    table: RistrettoBasepointTable,
    encoded: [u8; 32],
}

#[derive(Clone, Copy)]
struct Ciphertext {
    alpha: RistrettoPoint,
    beta: RistrettoPoint,
}

impl Poll {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let key = &random()? * RISTRETTO_BASEPOINT_TABLE;
        Ok(Self { key, table: RistrettoBasepointTable::create(&key), encoded: key.compress().to_bytes() })
    }

    /// The ballot with these votes, whether or not they are allowed: 5 ciphertexts, 6 proofs.
    pub(crate) fn prove(&self, votes: [u8; 5]) -> anyhow::Result<Vec<u8>> {
        let (mut ciphertexts, mut proofs) = (Vec::new(), Vec::new());
        let (mut nonces, mut sum) = (Scalar::ZERO, identity());
        for vote in votes {
            let nonce = random()?;
            let alpha = &nonce * RISTRETTO_BASEPOINT_TABLE;
            let beta = &nonce * &self.table + &Scalar::from(vote) * RISTRETTO_BASEPOINT_TABLE;
            let ciphertext = Ciphertext { alpha, beta };
            ciphertexts.extend(ciphertext.to_bytes());
            proofs.extend(self.prove_bit(&ciphertext, nonce, vote == 1)?);
            nonces += nonce;
            sum = Ciphertext { alpha: sum.alpha + alpha, beta: sum.beta + beta };
        }
        proofs.extend(self.prove_bit(&sum, nonces, votes.contains(&1))?);
        ciphertexts.extend(proofs);
        Ok(ciphertexts)
    }

    /// Proves "0 or 1": the true branch with a commitment, the other one simulated.
    fn prove_bit(&self, ciphertext: &Ciphertext, nonce: Scalar, bit: bool) -> anyhow::Result<Vec<u8>> {
        let (mask, challenge, response) = (random()?, random()?, random()?);
        let own = [&mask * RISTRETTO_BASEPOINT_TABLE, &mask * &self.table];
        let simulated = self.commitments(ciphertext, !bit, (challenge, response));
        let (zero, one) = if bit { (simulated, own) } else { (own, simulated) };
        let rest = self.challenge(ciphertext, &zero, &one) - challenge;
        let own = (rest, mask - rest * nonce);
        let (zero, one) = if bit { ((challenge, response), own) } else { (own, (challenge, response)) };
        Ok([zero.0, zero.1, one.0, one.1].iter().flat_map(Scalar::to_bytes).collect())
    }

    /// `v·G + c·α` and `v·K + c·(β - bit·G)`.
    fn commitments(
        &self,
        ciphertext: &Ciphertext,
        bit: bool,
        (challenge, response): (Scalar, Scalar),
    ) -> [RistrettoPoint; 2] {
        let beta = if bit { ciphertext.beta - RISTRETTO_BASEPOINT_POINT } else { ciphertext.beta };
        [
            RistrettoPoint::vartime_double_scalar_mul_basepoint(&challenge, &ciphertext.alpha, &response),
            RistrettoPoint::vartime_multiscalar_mul([response, challenge], [self.key, beta]),
        ]
    }

    fn challenge(
        &self,
        ciphertext: &Ciphertext,
        zero: &[RistrettoPoint; 2],
        one: &[RistrettoPoint; 2],
    ) -> Scalar {
        let mut hash = Sha512::new_with_prefix(self.encoded);
        hash.update(ciphertext.to_bytes());
        for point in zero.iter().chain(one) {
            hash.update(point.compress().as_bytes());
        }
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    }

    /// Checks all six proofs.
    pub(crate) fn verify(&self, ballot: &[u8]) -> anyhow::Result<()> {
        let options = usize::from(OPTIONS);
        ensure!(ballot.len() == options * CIPHERTEXT + (options + 1) * PROOF, "another length");
        let (ciphertexts, proofs) = ballot.split_at(options * CIPHERTEXT);
        let mut all =
            ciphertexts.chunks(CIPHERTEXT).map(Ciphertext::parse).collect::<anyhow::Result<Vec<_>>>()?;
        all.push(all.iter().fold(identity(), |sum, one| Ciphertext {
            alpha: sum.alpha + one.alpha,
            beta: sum.beta + one.beta,
        }));
        all.iter()
            .zip(proofs.chunks(PROOF))
            .try_for_each(|(ciphertext, proof)| self.verify_bit(ciphertext, proof))
    }

    fn verify_bit(&self, ciphertext: &Ciphertext, proof: &[u8]) -> anyhow::Result<()> {
        let scalars = proof.chunks(32).map(scalar).collect::<anyhow::Result<Vec<_>>>()?;
        let &[c0, v0, c1, v1] = scalars.as_slice() else { anyhow::bail!("not four scalars") };
        let zero = self.commitments(ciphertext, false, (c0, v0));
        let one = self.commitments(ciphertext, true, (c1, v1));
        ensure!(self.challenge(ciphertext, &zero, &one) == c0 + c1, "neither 0 nor 1");
        Ok(())
    }
}

impl Ciphertext {
    fn to_bytes(self) -> Vec<u8> {
        [self.alpha, self.beta].iter().flat_map(|point| point.compress().to_bytes()).collect()
    }

    fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let (alpha, beta) = bytes.split_at_checked(32).context("too short")?;
        Ok(Self { alpha: point(alpha)?, beta: point(beta)? })
    }
}

fn identity() -> Ciphertext {
    Ciphertext { alpha: RistrettoPoint::default(), beta: RistrettoPoint::default() }
}

fn point(bytes: &[u8]) -> anyhow::Result<RistrettoPoint> {
    CompressedRistretto::from_slice(bytes)?.decompress().context("not a point")
}

fn scalar(bytes: &[u8]) -> anyhow::Result<Scalar> {
    Option::from(Scalar::from_canonical_bytes(bytes.try_into()?)).context("not a scalar")
}

fn random() -> anyhow::Result<Scalar> {
    let mut wide = [0; 64];
    getrandom::fill(&mut wide).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(Scalar::from_bytes_mod_order_wide(&wide))
}
