//! Shares on their way from one trustee to another: HPKE [RFC 9180] in base mode with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and ChaCha20Poly1305.

use super::TrusteeNumber;
use crate::generators::ElectionId;
use crate::hash::Transcript;
use curve25519_dalek::montgomery::MontgomeryPoint;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use sinpyo_core::{Secret, key::Entropy};
use zeroize::Zeroize;

/// What the tag adds to a sealed share.
const TAG: usize = 16;

/// The X25519 key that shares for a trustee are sealed to. Never a point of low order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BoxKey([u8; 32]);

impl BoxKey {
    /// Takes a public key; `None` for the few whose agreements everybody knows (points of low order) and for
    /// those that are not in their one form.
    pub fn new(bytes: [u8; 32]) -> Option<Self> {
        // A clamped multiple is one of eight, which takes every point of low order to zero.
        let shared = MontgomeryPoint(bytes).mul_clamped([0; 32]);
        (shared != MontgomeryPoint([0; 32]) && is_reduced(&bytes)).then_some(Self(bytes))
    }

    /// The encoding [RFC 7748 §5].
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Whether a little-endian integer is below `2^255 - 19`: other encodings of a key are the same key once more.
fn is_reduced(bytes: &[u8; 32]) -> bool {
    let mut modulus = [0xff; 32];
    if let [first, .., last] = &mut modulus {
        (*first, *last) = (0xed, 0x7f);
    }
    bytes.iter().rev().lt(modulus.iter().rev())
}

/// The private half of a [`BoxKey`].
#[derive(Debug)]
pub struct BoxSecret(Secret<[u8; 32]>);

impl BoxSecret {
    /// Makes a new key.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// The key that was kept as `bytes`.
    pub const fn from_bytes(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The 32 bytes to keep.
    pub const fn as_bytes(&self) -> &Secret<[u8; 32]> {
        &self.0
    }

    /// The public half.
    pub fn public(&self) -> BoxKey {
        BoxKey(MontgomeryPoint::mul_base_clamped(*self.0.expose()).to_bytes())
    }

    /// Opens what a dealer sealed; `None` if it was not sealed to this key, for this place.
    pub(super) fn open(&self, way: &Way, sealed: &Sealed<'_>) -> Option<Secret<Vec<u8>>> {
        let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.0.expose()).ok()?;
        let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(sealed.encapsulated).ok()?;
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key,
            &encapsulated,
            &way.info(),
            sealed.ciphertext,
            &[],
        )
        .ok()
        .map(Secret::new)
    }
}

/// From whom to whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) election: ElectionId,
    pub(super) from: TrusteeNumber,
    pub(super) to: TrusteeNumber,
}

impl Way {
    fn info(&self) -> Vec<u8> {
        let (from, to) = (self.from.number().to_le_bytes(), self.to.number().to_le_bytes());
        [b"sinpyo-vote/1/share".as_slice(), &self.election.0, &from, &to].concat()
    }
}

/// A sealed share as it arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed<'a> {
    pub(super) encapsulated: &'a [u8; 32],
    pub(super) ciphertext: &'a [u8],
}

/// How long the ciphertext of `plaintext` bytes is.
pub(super) const fn sealed_length(plaintext: usize) -> usize {
    plaintext.saturating_add(TAG)
}

/// Seals `plaintext` to `key`: the encapsulated key and the ciphertext.
///
/// The ephemeral key comes from `seed`, which nothing else may use: who seals the same again gets the same bytes,
/// so that a trustee that was interrupted can repeat itself.
pub(super) fn seal(
    key: &BoxKey,
    way: &Way,
    plaintext: &Secret<Vec<u8>>,
    seed: Secret<[u8; 64]>,
) -> Option<([u8; 32], Vec<u8>)> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(key.as_bytes()).ok()?;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &recipient,
        &way.info(),
        plaintext.expose(),
        &[],
        &mut Stream { seed, drawn: 0 },
    )
    .ok()?;
    Some((encapsulated.to_bytes().into(), ciphertext))
}

/// Pseudorandom bytes from a secret seed.
struct Stream {
    seed: Secret<[u8; 64]>,
    drawn: u32,
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(64) {
            let mut block =
                Transcript::new("ceremony-stream").field(self.seed.expose()).number(self.drawn).hash();
            self.drawn = self.drawn.wrapping_add(1);
            chunk.iter_mut().zip(block).for_each(|(byte, random)| *byte = random);
            block.zeroize();
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
