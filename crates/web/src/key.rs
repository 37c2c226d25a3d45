//! The one secret of a service, and the keys that every node of it makes alike of it.

use sinpyo_core::{Secret, key::Entropy};
use sinpyo_crypto::{
    Algorithm, KeySigner, SigningKey,
    hash::Sha256,
    mac::{HkdfContext, hkdf_sha256},
};
use std::fmt;

/// 32 random bytes that the nodes of a service share. No key that is made of them serves two purposes.
pub struct MasterKey(Secret<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

impl MasterKey {
    /// Takes the bytes.
    pub const fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The secret of one purpose [RFC 5869], named by the service and what it is for.
    pub fn derived(&self, purpose: &str) -> Secret<[u8; 32]> {
        hkdf_sha256(&self.0, HkdfContext { salt: b"", info: purpose.as_bytes() })
    }

    /// The Ed25519 key of one purpose.
    pub fn signing(&self, purpose: &str) -> SigningKey {
        SigningKey::generate(Algorithm::Ed25519, &mut Stretched { seed: self.derived(purpose), count: 0 })
    }

    /// [`MasterKey::signing`] for those who sign by a name: its `did:key`.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a multikey is a fragment that every DID may have"
    )]
    pub fn signer(&self, purpose: &str) -> KeySigner {
        let key = self.signing(purpose);
        let multikey = key.verifying_key().to_multikey().to_string();
        let id = format!("did:key:{multikey}#{multikey}").parse().expect("a DID with a fragment");
        KeySigner::new(id, key)
    }
}

/// The bytes that a key is made of which every node makes alike.
struct Stretched {
    seed: Secret<[u8; 32]>,
    count: u64,
}

impl Entropy for Stretched {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.expose());
            hash.update(&self.count.to_be_bytes());
            self.count = self.count.wrapping_add(1);
            let block = hash.finish();
            chunk.iter_mut().zip(block).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}
