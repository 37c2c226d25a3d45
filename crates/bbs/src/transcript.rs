//! What the signer and the prover commit to by hashing.

use crate::{generators::Generator, key::PublicKey, suite::Suite};
use sinpyo_bls12381::{G1, Scalar};

/// `calculate_domain` [§4.2.3]: the key, the generators, the interface and the header in one scalar.
pub(crate) fn domain(suite: Suite, key: &PublicKey, generators: &[&Generator], header: &[u8]) -> Scalar {
    let mut input = Vec::with_capacity(256 + generators.len() * G1::BYTES + header.len());
    input.extend_from_slice(key.to_octets());
    // The first generator is the domain's own.
    put_length(&mut input, generators.len().saturating_sub(1));
    for generator in generators {
        input.extend_from_slice(&generator.octets);
    }
    input.extend_from_slice(suite.api_id().as_bytes());
    put_length(&mut input, header.len());
    input.extend_from_slice(header);
    suite.hash_to_scalar(&input)
}

/// The prover's commitments, before the challenge [§3.7.1].
pub(crate) struct Commitments {
    pub(crate) a_bar: G1,
    pub(crate) b_bar: G1,
    pub(crate) d: G1,
    pub(crate) t1: G1,
    pub(crate) t2: G1,
    pub(crate) domain: Scalar,
}

/// `ProofChallengeCalculate` [§3.7.4].
pub(crate) fn challenge(
    suite: Suite,
    commitments: &Commitments,
    disclosed: &[(usize, &Scalar)],
    presentation_header: &[u8],
) -> Scalar {
    let mut input = Vec::with_capacity(512 + disclosed.len() * 40 + presentation_header.len());
    put_length(&mut input, disclosed.len());
    for (index, message) in disclosed {
        put_length(&mut input, *index);
        input.extend_from_slice(&message.to_be_bytes());
    }
    let Commitments { a_bar, b_bar, d, t1, t2, domain } = commitments;
    for point in [a_bar, b_bar, d, t1, t2] {
        input.extend_from_slice(&point.to_compressed());
    }
    input.extend_from_slice(&domain.to_be_bytes());
    put_length(&mut input, presentation_header.len());
    input.extend_from_slice(presentation_header);
    suite.hash_to_scalar(&input)
}

/// `I2OSP(length, 8)`.
fn put_length(input: &mut Vec<u8>, length: usize) {
    input.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}
