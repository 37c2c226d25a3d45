//! A log with two histories, and witnesses of it.

use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Hash, NodeSource, TreeHead, prove_consistency, root},
    note::LogKey,
    policy::Policy,
};
use std::{convert::Infallible, sync::LazyLock};

pub(super) const ORIGIN: &str = "ledger.example/2026";
/// Entries of both histories, of which the first 50 are the same.
pub(super) const SIZE: u64 = 100;

/// When witnesses cosigned.
pub(super) fn now() -> Timestamp {
    crate::targets::now()
}

fn signer(algorithm: Algorithm, seed: u8) -> KeySigner {
    KeySigner::new("did:example:any#key".parse().expect("a key id"), key(algorithm, seed))
}

pub(super) static LOG: LazyLock<LogKey> = LazyLock::new(|| {
    let public = key(Algorithm::Ed25519, 1).verifying_key().clone();
    LogKey::new(ORIGIN.parse().expect("a name"), public).expect("an Ed25519 key")
});

/// A witness with its key of an algorithm.
pub(super) fn witness(algorithm: Algorithm) -> (CosignerKey, KeySigner) {
    let signer = signer(algorithm, 7);
    let name = "witness.example/w1".parse().expect("a name");
    (CosignerKey::new(name, signer.key().verifying_key().clone()).expect("a key for it"), signer)
}

/// The keys of both witnesses.
pub(super) static WITNESSES: LazyLock<[CosignerKey; 2]> =
    LazyLock::new(|| [Algorithm::Ed25519, Algorithm::MlDsa44].map(|algorithm| witness(algorithm).0));

/// The text of a policy that wants both witnesses.
pub(super) fn policy_text() -> String {
    let [first, second] = &*WITNESSES;
    let witnesses = format!("witness w1 {first} https://w.example/\nwitness w2 {second}\n");
    format!("log {} https://ledger.example/\n{witnesses}group both all w1 w2\nquorum both\n", *LOG)
}

pub(super) static POLICY: LazyLock<Policy> = LazyLock::new(|| policy_text().parse().expect("a policy"));

/// What the log tells.
pub(super) struct History(Vec<Vec<Hash>>);

pub(super) static HONEST: LazyLock<History> = LazyLock::new(|| History::new(b"entry"));
pub(super) static FORKED: LazyLock<History> = LazyLock::new(|| History::new(b"rewritten"));

/// The hash of entry `number` of the honest history.
pub(super) fn leaf(number: u64) -> Hash {
    Hash::leaf(format!("entry {number}").as_bytes())
}

impl History {
    fn new(entry_50: &[u8]) -> Self {
        let entry = |number| if number == 50 { Hash::leaf(entry_50) } else { leaf(number) };
        let mut rows: Vec<Vec<Hash>> = vec![(0..SIZE).map(entry).collect()];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            let pair = |pair: &[Hash]| match *pair {
                [left, right] => Some(Hash::node(left, right)),
                _ => None,
            };
            rows.push(row.chunks_exact(2).filter_map(pair).collect());
        }
        Self(rows)
    }

    pub(super) fn head(&self, size: u64) -> TreeHead {
        let Ok(root) = root(self, size);
        TreeHead { size, root }
    }

    /// Whether the history ever had `head`.
    pub(super) fn had(&self, head: TreeHead) -> bool {
        head.size <= SIZE && self.head(head.size) == head
    }

    pub(super) fn checkpoint(&self, size: u64) -> SignedCheckpoint {
        SignedCheckpoint::sign(self.head(size), &LOG, &signer(Algorithm::Ed25519, 1)).expect("our own key")
    }

    /// The checkpoint with a cosignature by each witness.
    pub(super) fn cosigned(&self, size: u64) -> SignedCheckpoint {
        let checkpoint = self.checkpoint(size);
        let line = |algorithm| {
            let (key, signer) = witness(algorithm);
            key.cosign(&checkpoint, now(), &signer).expect("our own key")
        };
        let lines = [Algorithm::Ed25519, Algorithm::MlDsa44].map(line);
        checkpoint.clone().with_signatures(lines).expect("a short note")
    }

    pub(super) fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        prove_consistency(self, old, new).expect("within the tree")
    }
}

impl NodeSource for History {
    type Error = Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Infallible> {
        let row = self.0.get(usize::try_from(level).expect("a level")).expect("a row of the tree");
        Ok(*row.get(usize::try_from(index).expect("a place")).expect("a node of the tree"))
    }
}
