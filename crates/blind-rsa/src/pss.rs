//! The encoding that is signed: EMSA-PSS with SHA-384 and MGF1 [RFC 8017 §9.1.1].
//!
//! AWS-LC has it too, but with a salt of its own drawing.

use sinpyo_crypto::hash::sha384;

/// Bytes of a SHA-384 digest, and of the longer of the two salts.
pub(crate) const DIGEST: usize = 48;

const TRAILER: u8 = 0xbc;

/// The encoded message for a modulus of `length` bytes whose first bit is set.
///
/// `length` is that of a key (256 to 512) and `salt` has at most [`DIGEST`] bytes, so that all always fits.
pub(crate) fn encode(message: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let hash = sha384(&[&[0; 8], &sha384(message)[..], salt].concat());
    let block_length = length.saturating_sub(DIGEST + 1);
    let padding = block_length.saturating_sub(salt.len() + 1);
    let block = [&vec![0; padding][..], &[1], salt].concat();
    let mut encoded: Vec<u8> =
        block.iter().zip(mask(&hash, block_length)).map(|(block, mask)| block ^ mask).collect();
    // One bit less than the modulus has, so that the number is below it.
    if let Some(first) = encoded.first_mut() {
        *first &= 0x7f;
    }
    encoded.extend(hash);
    encoded.push(TRAILER);
    encoded
}

/// `length` bytes of MGF1 [RFC 8017 §B.2.1].
fn mask(seed: &[u8], length: usize) -> impl Iterator<Item = u8> + use<'_> {
    let blocks = (0_u32..).flat_map(move |counter| sha384(&[seed, &counter.to_be_bytes()].concat()));
    blocks.take(length)
}
