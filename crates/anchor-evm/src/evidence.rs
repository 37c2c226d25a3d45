//! Checking what a contract holds without trusting the node that says so.
//!
//! A block's hash fixes its header, the header's state root fixes the contract's code and storage, and both are shown by
//! Merkle-Patricia proofs [EIP-1186]. The user brings the block hash from a source that he trusts.

use crate::{
    block::Hashing,
    contract::{AnchoredHead, SLOTS, Site, code_hash, origin_hash},
    plan::{Conflict, Grown},
};
use alloy::{
    consensus::{Header, TrieAccount},
    primitives::{B256, Bytes, KECCAK256_EMPTY, U256, keccak256},
    rlp,
    rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof},
};
use alloy_trie::{
    Nibbles,
    proof::{ProofVerificationError, verify_proof},
};

use sinpyo_tlog::merkle::{Hash, TreeHead};

/// Longest proof that is read, in nodes: a path has at most one node a nibble.
const MAX_NODES: usize = 65;

/// What a node answered. Nothing of it has been checked.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The header of the block.
    pub header: Header,
    /// The contract's account and slots in the block's state.
    pub proof: EIP1186AccountProofResponse,
}

impl Evidence {
    /// Checks that the contract of `site` held a head in the block whose hash is `block`.
    ///
    /// The chain's id is not in a header: it is the block hash that names the chain.
    ///
    /// # Errors
    /// The header is not the block's, the proofs do not lead to its state, the code is not the contract's, or the
    /// contract is another log's.
    pub fn verify(&self, site: &Site, block: B256, hashing: Hashing) -> Result<Proven, EvidenceError> {
        self.find(site, block, hashing)?.ok_or(EvidenceError::Code) // [EVM-22]
    }

    /// The same where the contract need not exist yet: `None` if the block's state is shown to hold no code at its address.
    ///
    /// # Errors
    /// As [`Evidence::verify`].
    pub fn find(&self, site: &Site, block: B256, hashing: Hashing) -> Result<Option<Proven>, EvidenceError> {
        if hashing.hash(&self.header) != Some(block) {
            return Err(EvidenceError::Header); // [EVM-20]
        }
        let account = TrieAccount {
            nonce: self.proof.nonce,
            balance: self.proof.balance,
            storage_root: self.proof.storage_hash,
            code_hash: self.proof.code_hash,
        };
        let key = keccak256(site.contract);
        if check_path(self.header.state_root, key, None, &self.proof.account_proof).is_ok() {
            return Ok(None);
        }
        check_path(self.header.state_root, key, Some(rlp::encode(account)), &self.proof.account_proof)
            .map_err(EvidenceError::Account)?; // [EVM-21]
        if account.code_hash == KECCAK256_EMPTY {
            return Ok(None);
        }
        if account.code_hash != code_hash() {
            return Err(EvidenceError::Code); // [EVM-22]
        }
        let [root, packed, origin] = SLOTS.map(|slot| self.slot(account.storage_root, slot));
        if B256::from(origin?) != origin_hash(&site.origin) {
            return Err(EvidenceError::Origin); // [EVM-24]
        }
        Ok(Some(Proven { anchored: AnchoredHead::from_slots(root?, packed?), block: self.header.number }))
    }

    /// The value of `slot`, as the storage root fixes it.
    fn slot(&self, storage_root: B256, slot: B256) -> Result<U256, EvidenceError> {
        let shown = self.proof.storage_proof.iter().find(|shown| shown.key.as_b256() == slot);
        let EIP1186StorageProof { value, proof, .. } = shown.ok_or(EvidenceError::NoSlot)?;
        let leaf = (!value.is_zero()).then(|| rlp::encode(value));
        check_path(storage_root, keccak256(slot), leaf, proof).map_err(EvidenceError::Storage)?; // [EVM-23]
        Ok(*value)
    }
}

fn check_path(
    root: B256,
    key: B256,
    value: Option<Vec<u8>>,
    path: &[Bytes],
) -> Result<(), ProofVerificationError> {
    let path = path.iter().take(MAX_NODES);
    verify_proof(root, Nibbles::unpack(key), value, path)
}

/// What a contract held in a block. Made by [`Evidence::verify`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Proven {
    anchored: AnchoredHead,
    block: u64,
}

impl Proven {
    /// The head, and the block that anchored it.
    pub const fn anchored(&self) -> AnchoredHead {
        self.anchored
    }

    /// The number of the block in which the contract held it.
    pub const fn block(&self) -> u64 {
        self.block
    }
}

/// A checkpoint lies within what a contract held. Made by [`Proven::covers`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Covered(Grown);

impl Covered {
    /// The checkpoint and the anchored head that begins with it.
    pub const fn growth(&self) -> Grown {
        self.0
    }
}

impl Proven {
    /// Checks that the anchored tree begins with the tree of `checkpoint`, as `path` shows.
    ///
    /// # Errors
    /// The contract held less, or something that contradicts the checkpoint.
    pub fn covers(&self, checkpoint: TreeHead, path: &[Hash]) -> Result<Covered, CoverError> {
        if checkpoint.size > self.anchored.head.size {
            return Err(CoverError::NotYet { held: self.anchored.head.size }); // [EVM-25]
        }
        Grown::check(checkpoint, self.anchored.head, path).map(Covered).map_err(CoverError::Conflict)
    }
}

/// Why a checkpoint is not anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoverError {
    /// EVM-25: the contract held fewer entries in that block.
    #[error("the contract held {held} entries only")]
    NotYet {
        /// So many.
        held: u64,
    },
    /// The checkpoint and the anchor cannot both be true.
    #[error(transparent)]
    Conflict(Conflict),
}

impl CoverError {
    /// The rule that was broken, as in `spec/checks/evm.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotYet { .. } => "EVM-25",
            Self::Conflict(conflict) => conflict.code(),
        }
    }
}

/// Why an evidence shows nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// EVM-20: the header has another hash than the trusted one.
    #[error("the header is not the one of the block")]
    Header,
    /// EVM-21: the account's proof does not lead to the state root.
    #[error("the state of the block does not hold the account as claimed")]
    Account(#[source] ProofVerificationError),
    /// EVM-22: the account has another code, or none.
    #[error("the account's code is not the contract's")]
    Code,
    /// EVM-23: a slot's proof does not lead to the storage root.
    #[error("the contract's storage does not hold the value as claimed")]
    Storage(#[source] ProofVerificationError),
    /// EVM-23: the answer lacks a slot.
    #[error("the answer lacks a slot of the contract")]
    NoSlot,
    /// EVM-24: the contract is another log's.
    #[error("the contract anchors another log")]
    Origin,
}

impl EvidenceError {
    /// The rule that was broken, as in `spec/checks/evm.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header => "EVM-20",
            Self::Account(_) => "EVM-21",
            Self::Code => "EVM-22",
            Self::Storage(_) | Self::NoSlot => "EVM-23",
            Self::Origin => "EVM-24",
        }
    }
}
