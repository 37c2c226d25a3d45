//! The contract: its code, its calls, its slots and the reasons for which it refuses.

use crate::plan::Grown;
use alloy::{
    primitives::{B256, Bytes, U256, keccak256},
    sol_types::{SolCall as _, SolConstructor as _, SolInterface as _},
    transports::TransportError,
};
use sinpyo_crypto::hash::sha256;
use sinpyo_tlog::{
    merkle::{Hash, TreeHead},
    note::Origin,
};

mod abi {
    alloy::sol!(AnchorRegistry, "../../contracts/AnchorRegistry.json");
}

use abi::AnchorRegistry::{self, AnchorRegistryErrors as Errors};
pub use alloy::primitives::Address;

/// Slots of the contract's storage that an evidence shows, in the order in which they are asked for.
pub const SLOTS: [B256; 3] = [slot(0), slot(1), slot(2)];

const fn slot(place: u8) -> B256 {
    B256::with_last_byte(place)
}

/// Where a log is anchored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The chain [EIP-155].
    pub chain_id: u64,
    /// The contract on it.
    pub contract: Address,
    /// The log whose contract it is.
    pub origin: Origin,
}

/// The head that a contract holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchoredHead {
    /// Size and root; the empty tree before the first anchor.
    pub head: TreeHead,
    /// The block that anchored it; 0 before the first anchor.
    pub block: u64,
}

impl AnchoredHead {
    /// The head in the values of the slots 0 and 1.
    pub(crate) fn from_slots(root: U256, packed: U256) -> Self {
        let low = |value: U256| value.wrapping_to::<u64>();
        let head = TreeHead { size: low(packed), root: Hash::from(root.to_be_bytes::<32>()) };
        Self { head, block: low(packed >> 64) }
    }
}

/// The hash under which a contract holds its log's name.
pub fn origin_hash(origin: &Origin) -> B256 {
    sha256(origin.as_str().as_bytes()).into()
}

/// Keccak-256 of the contract's runtime code: the same for every deployment.
pub fn code_hash() -> B256 {
    keccak256(&AnchorRegistry::DEPLOYED_BYTECODE)
}

/// What a creation transaction carries.
pub fn creation_code(origin: &Origin, anchorer: Address) -> Bytes {
    let arguments =
        AnchorRegistry::constructorCall { originHash: origin_hash(origin), firstAnchorer: anchorer };
    [AnchorRegistry::BYTECODE.as_ref(), &arguments.abi_encode()].concat().into()
}

/// The call that anchors a head: only one that was shown to have grown from the one before.
pub fn anchor_call(step: &Grown) -> Bytes {
    let word = |head: TreeHead| B256::from(*head.root.as_bytes());
    let (size, root, prev) = (step.later().size, word(step.later()), word(step.earlier()));
    AnchorRegistry::anchorCall { size, root, prevRoot: prev }.abi_encode().into()
}

/// The call that offers the anchorer's role to `account`.
pub fn offer_call(account: Address) -> Bytes {
    AnchorRegistry::offerAnchorerCall { account }.abi_encode().into()
}

/// The call that accepts the anchorer's role.
pub fn accept_call() -> Bytes {
    AnchorRegistry::acceptAnchorerCall {}.abi_encode().into()
}

/// The call that asks who may anchor, and its answer.
pub(crate) fn anchorer_call() -> Bytes {
    AnchorRegistry::anchorerCall {}.abi_encode().into()
}

pub(crate) fn anchorer_answer(bytes: &[u8]) -> Option<Address> {
    AnchorRegistry::anchorerCall::abi_decode_returns(bytes).ok()
}

pub(crate) fn origin_call() -> Bytes {
    AnchorRegistry::originCall {}.abi_encode().into()
}

pub(crate) fn origin_answer(bytes: &[u8]) -> Option<B256> {
    AnchorRegistry::originCall::abi_decode_returns(bytes).ok()
}

/// Why the contract refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// EVM-01: somebody else than the anchorer's account called.
    #[error("the account may not anchor")]
    NotAnchorer,
    /// EVM-02: the size does not exceed the anchored one.
    #[error("the chain holds a tree of {latest} entries, which {size} do not exceed")]
    NotLarger {
        /// The size that was to be anchored.
        size: u64,
        /// The size that is.
        latest: u64,
    },
    /// EVM-03: the head was made to follow another root than the anchored one.
    #[error("the head does not follow the anchored root")]
    Forked,
    /// EVM-04: somebody else than the owner called.
    #[error("the account does not own the contract")]
    NotOwner,
    /// EVM-04: the role was not offered to the caller.
    #[error("the anchorer's role was not offered to the account")]
    NotOffered,
    /// EVM-05: a contract without a log or an anchorer.
    #[error("a contract needs a log and an anchorer")]
    Nobody,
}

impl Refusal {
    /// The rule that was broken, as in `spec/checks/evm.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAnchorer => "EVM-01",
            Self::NotLarger { .. } => "EVM-02",
            Self::Forked => "EVM-03",
            Self::NotOwner | Self::NotOffered => "EVM-04",
            Self::Nobody => "EVM-05",
        }
    }

    /// The contract's own reason in a node's answer; `None` if the answer is about something else.
    ///
    /// The checks themselves stand in `contracts/AnchorRegistry.sol`: [EVM-01] [EVM-02] [EVM-03] [EVM-04] [EVM-05].
    pub fn of(error: &TransportError) -> Option<Self> {
        let data = error.as_error_resp()?.as_revert_data()?;
        Some(match Errors::abi_decode(&data).ok()? {
            Errors::NotAnchorer(_) => Self::NotAnchorer,
            Errors::NotLarger(sizes) => Self::NotLarger { size: sizes.size, latest: sizes.latest },
            Errors::Forked(_) => Self::Forked,
            Errors::NotOwner(_) => Self::NotOwner,
            Errors::NotOffered(_) => Self::NotOffered,
            Errors::Nobody(_) => Self::Nobody,
        })
    }
}
