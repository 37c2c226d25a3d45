//! Entries under a checkpoint that log and witnesses signed.

use sinpyo_core::{did::KeyId, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Frontier, Hash, TreeHead},
    note::LogKey,
};
use sinpyo_voting::record::MemoryRecord;

use crate::world::START;

const LOG: u8 = 4;

/// How heads are made.
#[derive(Clone)]
pub(crate) struct Heads {
    /// Which key signs as the log.
    pub(crate) signer: u8,
    /// Under which name.
    pub(crate) origin: &'static str,
    /// The witnesses that cosign.
    pub(crate) cosigners: Vec<u8>,
    /// Whether the root is that of the entries.
    pub(crate) other_root: bool,
}

impl Default for Heads {
    fn default() -> Self {
        Self { signer: LOG, origin: ORIGIN, cosigners: vec![5, 6], other_root: false }
    }
}

pub(crate) const ORIGIN: &str = "vote.example.kr/2026/1";

fn signer(seed: u8) -> KeySigner {
    let id: KeyId = "did:example:log#key".parse().unwrap();
    KeySigner::new(id, key(Algorithm::Ed25519, seed))
}

fn witness(seed: u8) -> CosignerKey {
    let name = format!("witness.example/{seed}").parse().unwrap();
    CosignerKey::new(name, key(Algorithm::Ed25519, seed).verifying_key().clone()).unwrap()
}

impl Heads {
    pub(crate) fn log_key(&self) -> LogKey {
        let public = key(Algorithm::Ed25519, self.signer).verifying_key().clone();
        LogKey::new(self.origin.parse().unwrap(), public).unwrap()
    }

    pub(crate) fn witness_keys() -> Vec<String> {
        [5, 6, 7].map(|seed| witness(seed).to_string()).to_vec()
    }

    pub(crate) fn record(&self, entries: Vec<Vec<u8>>) -> MemoryRecord {
        let mut tree = Frontier::new();
        for entry in &entries {
            tree.append(Hash::leaf(entry));
        }
        let mut head = tree.head();
        if self.other_root {
            head.root = Hash::leaf(b"another");
        }
        MemoryRecord::new(self.sign(head).to_string(), entries)
    }

    /// A checkpoint of `head`, cosigned.
    pub(crate) fn sign(&self, head: TreeHead) -> SignedCheckpoint {
        let checkpoint = SignedCheckpoint::sign(head, &self.log_key(), &signer(self.signer)).unwrap();
        let at = Timestamp::from_unix(START + 2_000).unwrap();
        let cosign = |seed: &u8| witness(*seed).cosign(&checkpoint, at, &signer(*seed)).unwrap();
        let lines: Vec<_> = self.cosigners.iter().map(cosign).collect();
        checkpoint.clone().with_signatures(lines).unwrap()
    }
}
