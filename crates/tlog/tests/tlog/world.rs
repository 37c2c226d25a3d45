//! Logs, witnesses and trees for all tests.

use crate::merkle::{Rows, head, leaves};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Hash, TreeHead, prove_consistency},
    note::LogKey,
    witness::{AddCheckpoint, WitnessKey},
};

pub(crate) const ORIGIN: &str = "ledger.example/2026";

pub(crate) fn log(origin: &str, seed: u8) -> (LogKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, seed);
    let public = LogKey::new(origin.parse().unwrap(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#key".parse().unwrap(), secret))
}

pub(crate) fn cosigner(name: &str, algorithm: Algorithm, seed: u8) -> (CosignerKey, KeySigner) {
    let secret = key(algorithm, seed);
    let public = CosignerKey::new(name.parse().unwrap(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:witness#key".parse().unwrap(), secret))
}

pub(crate) fn ed25519(name: &str, seed: u8) -> (CosignerKey, KeySigner) {
    cosigner(name, Algorithm::Ed25519, seed)
}

pub(crate) fn witness_key((key, signer): (CosignerKey, KeySigner)) -> WitnessKey {
    WitnessKey::new(key, signer)
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// The log's tree of entries `entry 0`, `entry 1`, … at each size up to 100.
pub(crate) struct History(pub(crate) Rows);

impl History {
    pub(crate) fn new() -> Self {
        Self(Rows::of(leaves(100)))
    }

    /// The same up to entry 49; then another one.
    pub(crate) fn rewritten() -> Self {
        let mut leaves = leaves(100);
        leaves[50] = Hash::leaf(b"rewritten");
        Self(Rows::of(leaves))
    }

    pub(crate) fn head(&self, size: u64) -> TreeHead {
        head(&self.0, size)
    }

    pub(crate) fn checkpoint(&self, size: u64) -> SignedCheckpoint {
        let (key, signer) = log(ORIGIN, 1);
        SignedCheckpoint::sign(self.head(size), &key, &signer).unwrap()
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        prove_consistency(&self.0, old, new).unwrap()
    }

    pub(crate) fn offer(&self, old: u64, new: u64) -> AddCheckpoint {
        AddCheckpoint { old, proof: self.consistency(old, new), checkpoint: self.checkpoint(new) }
    }
}
