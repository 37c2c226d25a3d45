//! Shares on their way from one trustee to another: HPKE [RFC 9180] in base mode with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and `ChaCha20Poly1305`.

use super::TrusteeNumber;
use crate::generators::ElectionId;
use crate::hash::Transcript;
use curve25519_dalek::montgomery::MontgomeryPoint;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{CryptoRng, Infallible, TryCryptoRng, TryRng};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng,
};
use sinpyo_core::{Secret, key::Entropy};
use zeroize::{Zeroize, Zeroizing};

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
    let [first, .., last] = &mut modulus;
    (*first, *last) = (0xed, 0x7f);
    bytes.iter().rev().lt(modulus.iter().rev())
}

/// The private half of a [`BoxKey`].
#[derive(Debug)]
pub struct BoxSecret(Secret<[u8; 32]>);

impl BoxSecret {
    /// Makes a new key.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice());
        Self(Secret::new(*bytes))
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
        self.open_with(&way.info(), &[], sealed)
    }

    fn open_with(&self, info: &[u8], data: &[u8], sealed: &Sealed<'_>) -> Option<Secret<Vec<u8>>> {
        let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.0.expose()).ok()?;
        let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(sealed.encapsulated).ok()?;
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key,
            &encapsulated,
            info,
            sealed.ciphertext,
            data,
        );
        opened.ok().map(Secret::new)
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
    seal_with(key, (&way.info(), &[]), plaintext, &mut Stream { seed, drawn: 0 })
}

fn seal_with(
    key: &BoxKey,
    (info, data): (&[u8], &[u8]),
    plaintext: &Secret<Vec<u8>>,
    random: &mut impl CryptoRng,
) -> Option<([u8; 32], Vec<u8>)> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(key.as_bytes()).ok()?;
    let sealed = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &recipient,
        info,
        plaintext.expose(),
        data,
        random,
    );
    sealed.ok().map(|(encapsulated, ciphertext)| (encapsulated.to_bytes().into(), ciphertext))
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
                Transcript::secret("ceremony-stream").field(self.seed.expose()).number(self.drawn).hash();
            self.drawn = self.drawn.wrapping_add(1);
            chunk.iter_mut().zip(block).for_each(|(byte, random)| *byte = random);
            block.zeroize();
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::{TestEntropy, from_hex};

    /// Gives the same 32 bytes, once.
    struct Fixed([u8; 32]);

    impl TryRng for Fixed {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("only bytes are drawn")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("only bytes are drawn")
        }

        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }

    impl TryCryptoRng for Fixed {}

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        from_hex(text).try_into().unwrap()
    }

    /// RFC 9180 A.2.1: base mode, sequence number 0.
    #[test]
    fn shares_are_sealed_as_rfc_9180_has_it() {
        let info = from_hex("4f6465206f6e2061204772656369616e2055726e");
        let data = from_hex("436f756e742d30");
        let plaintext = from_hex("4265617574792069732074727574682c20747275746820626561757479");
        let private = bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let public: [u8; 32] = bytes("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        let ephemeral = bytes("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b");
        let encapsulated: [u8; 32] =
            bytes("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        let ciphertext = from_hex(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        );

        let key = BoxSecret::from_bytes(Secret::new(private));
        assert_eq!(key.public().as_bytes(), &public);
        let box_key = BoxKey::new(public).unwrap();
        let sealed =
            seal_with(&box_key, (&info, &data), &Secret::new(plaintext.clone()), &mut Fixed(ephemeral))
                .unwrap();
        assert_eq!(sealed, (encapsulated, ciphertext.clone()));
        let sealed = Sealed { encapsulated: &encapsulated, ciphertext: &ciphertext };
        assert_eq!(key.open_with(&info, &data, &sealed).unwrap().expose(), &plaintext);
    }

    #[test]
    fn a_sealed_share_opens_for_its_way_and_key_only() {
        let number = |number| TrusteeNumber::new(number).unwrap();
        let key = BoxSecret::generate(&mut TestEntropy::new(1));
        let other = BoxSecret::generate(&mut TestEntropy::new(2));
        let way = Way { election: ElectionId([7; 32]), from: number(1), to: number(2) };
        let plaintext = Secret::new(vec![3; 96]);
        let (encapsulated, ciphertext) = seal(&key.public(), &way, &plaintext, Secret::new([9; 64])).unwrap();
        let sealed = Sealed { encapsulated: &encapsulated, ciphertext: &ciphertext };
        assert_eq!(ciphertext.len(), sealed_length(96));
        assert_eq!(key.open(&way, &sealed).unwrap().expose(), plaintext.expose());

        assert!(other.open(&way, &sealed).is_none());
        for wrong in [
            Way { election: ElectionId([8; 32]), ..way },
            Way { from: number(3), ..way },
            Way { to: number(3), ..way },
            Way { from: number(2), to: number(1), ..way },
        ] {
            assert!(key.open(&wrong, &sealed).is_none());
        }
        for place in 0..ciphertext.len() {
            let mut changed = ciphertext.clone();
            changed[place] ^= 1;
            assert!(key.open(&way, &Sealed { ciphertext: &changed, ..sealed }).is_none());
        }
        for place in 0..32 {
            let mut changed = encapsulated;
            changed[place] ^= 1;
            assert!(key.open(&way, &Sealed { encapsulated: &changed, ..sealed }).is_none());
        }
        assert!(key.open(&way, &Sealed { ciphertext: &ciphertext[..15], ..sealed }).is_none());
        assert!(key.open(&way, &Sealed { encapsulated: &[0; 32], ..sealed }).is_none());
    }

    /// The points of low order [RFC 7748 §6.1 and its errata; cr.yp.to/ecdh.html], and encodings from 2^255 - 19 on.
    #[test]
    fn a_box_key_that_everybody_agrees_with_is_refused() {
        for bad in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            // 9 + p, and 9 with the unused bit: other names of the base point.
            "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0900000000000000000000000000000000000000000000000000000000000080",
        ] {
            assert_eq!(BoxKey::new(bytes(bad)), None, "{bad}");
        }
        let base = bytes("0900000000000000000000000000000000000000000000000000000000000000");
        assert!(BoxKey::new(base).is_some());
    }
}
