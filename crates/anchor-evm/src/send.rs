//! Bringing one transaction into a block, whatever is in the way.
//!
//! There is never more than one transaction of ours on its way, and it always takes the lowest number that no block has
//! used. So a gap in the numbers closes itself: whatever was lost is what is sent next.

use crate::contract::Refusal;
use alloy::{
    eips::{BlockId, Encodable2718 as _},
    network::{EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _},
    primitives::{Address, B256, Bytes},
    providers::{
        Provider as _, RootProvider,
        utils::{Eip1559Estimation, Eip1559Estimator, eip1559_default_estimator},
    },
    rpc::types::{TransactionReceipt, TransactionRequest},
    signers::local::PrivateKeySigner,
    transports::TransportError,
};
use std::{fmt, time::Duration};
use tokio::time::{Instant, sleep};

/// Most gas that a call is given. An anchor takes some 40,000 and the contract's creation below a million.
const MAX_GAS: u64 = 5_000_000;

/// How long to wait, and what to pay.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a transaction may stay out of the blocks before its fee is raised.
    pub per_attempt: Duration,
    /// How often to look for it.
    pub poll: Duration,
    /// How often to raise the fee before giving up for this time.
    pub raises: u32,
    /// Most to pay for a unit of gas, in wei.
    pub max_gas_price: u128,
}

/// What to send.
#[derive(Clone, Debug)]
pub enum Call {
    /// A call of a contract.
    To(Address, Bytes),
    /// A creation.
    Create(Bytes),
}

/// A transaction in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mined {
    /// Its hash.
    pub transaction: B256,
    /// The block's number.
    pub block: u64,
    /// Gas used.
    pub gas: u64,
    /// How often the fee was raised.
    pub raised: u32,
    /// The contract that was created.
    pub created: Option<Address>,
}

/// An account that sends.
pub struct Sender {
    account: Address,
    wallet: EthereumWallet,
    chain_id: u64,
    patience: Patience,
    /// The fee of the transaction that may still be waiting at a number.
    pending: Option<(u64, Fee)>,
}

impl Sender {
    /// Sends with the key of `signer` on the chain `chain_id` and on no other [EIP-155].
    pub fn new(signer: PrivateKeySigner, chain_id: u64, patience: Patience) -> Self {
        let account = signer.address();
        Self { account, wallet: signer.into(), chain_id, patience, pending: None }
    }

    /// The account that pays.
    pub const fn account(&self) -> Address {
        self.account
    }

    /// Sends `call` and waits until it is in a block.
    ///
    /// # Errors
    /// The contract refused it, or it did not get into a block in time. Whatever happened, calling again is safe.
    pub async fn send(&mut self, node: &RootProvider, call: &Call) -> Result<Mined, SendError> {
        // Against the blocks, not the waiting transactions: one of ours may be among those.
        let gas = node.estimate_gas(self.request(call)).block(BlockId::latest()).await;
        let gas =
            gas.map_err(|error| Refusal::of(&error).map_or(SendError::Rpc(error), SendError::Refused))?;
        if gas > MAX_GAS {
            return Err(SendError::Gas { gas }); // [EVM-28]
        }
        let nonce = self.numbers(node, BlockId::latest()).await?;
        let mut fee = Fee::current(node).await.map_err(SendError::Rpc)?;
        if let Some((_, waiting)) = self.pending.filter(|(number, _)| *number == nonce) {
            fee = fee.at_least(waiting.raised());
        }
        let mut sent = Vec::new();
        let mut rejected = None;
        for raised in 0..=self.patience.raises {
            fee = fee.at_most(self.patience.max_gas_price);
            let request = fee.apply(self.request(call)).with_gas_limit(gas + gas / 4).with_nonce(nonce);
            match self.offer(node, request).await? {
                Ok(hash) => sent.push(hash),
                // More money helps only against something of ours that waits already.
                Err(error) if self.numbers(node, BlockId::pending()).await? <= nonce => {
                    return Err(SendError::Rejected(error));
                }
                Err(error) => rejected = Some(error),
            }
            self.pending = Some((nonce, fee));
            if let Some(receipt) = self.wait(node, &sent, nonce).await? {
                return mined(&receipt, raised);
            }
            fee = fee.raised();
        }
        match rejected {
            Some(error) if sent.is_empty() => Err(SendError::Rejected(error)),
            _ => Err(SendError::NotMined { nonce }),
        }
    }

    fn request(&self, call: &Call) -> TransactionRequest {
        let request = TransactionRequest::default().with_from(self.account).with_chain_id(self.chain_id);
        match call {
            Call::To(contract, input) => request.with_to(*contract).with_input(input.clone()),
            Call::Create(code) => request.with_deploy_code(code.clone()),
        }
    }

    /// How many numbers of the account are used up by the blocks until `until`, which is the first one that is not.
    async fn numbers(&self, node: &RootProvider, until: BlockId) -> Result<u64, SendError> {
        node.get_transaction_count(self.account).block_id(until).await.map_err(SendError::Rpc)
    }

    /// Hands a transaction to the node; the inner error is the node's refusal of it.
    async fn offer(
        &self,
        node: &RootProvider,
        request: TransactionRequest,
    ) -> Result<Result<B256, TransportError>, SendError> {
        let signed = request.build(&self.wallet).await.map_err(|_| SendError::Sign)?;
        match node.send_raw_transaction(&signed.encoded_2718()).await {
            Ok(_) => Ok(Ok(*signed.tx_hash())),
            // Such as: underpriced beside a waiting one.
            Err(error) if error.is_error_resp() => Ok(Err(error)),
            Err(error) => Err(SendError::Rpc(error)),
        }
    }

    /// Waits for one of the transactions `sent`, all of which have the number `nonce`; `None` when patience ends.
    async fn wait(
        &self,
        node: &RootProvider,
        sent: &[B256],
        nonce: u64,
    ) -> Result<Option<TransactionReceipt>, SendError> {
        // Nothing of ours is out: only look whether the number is taken by now, do not wait for it.
        let patience = if sent.is_empty() { Duration::ZERO } else { self.patience.per_attempt };
        let until = Instant::now() + patience;
        loop {
            let taken = self.numbers(node, BlockId::latest()).await? > nonce;
            for hash in sent {
                if let Some(receipt) = node.get_transaction_receipt(*hash).await.map_err(SendError::Rpc)? {
                    return Ok(Some(receipt));
                }
            }
            if taken {
                return Err(SendError::Overtaken);
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            sleep(self.patience.poll).await;
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("account", &self.account).finish_non_exhaustive()
    }
}

fn mined(receipt: &TransactionReceipt, raised: u32) -> Result<Mined, SendError> {
    if !receipt.status() {
        return Err(SendError::Reverted);
    }
    Ok(Mined {
        transaction: receipt.transaction_hash,
        block: receipt.block_number.ok_or(SendError::Reverted)?,
        gas: receipt.gas_used,
        raised,
        created: receipt.contract_address,
    })
}

/// What is paid for a unit of gas, in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fee {
    /// A chain with a base fee [EIP-1559].
    Market { most: u128, tip: u128 },
    /// A chain without, such as a private one that asks for nothing.
    Fixed { price: u128 },
}

impl Fee {
    async fn current(node: &RootProvider) -> Result<Self, TransportError> {
        let newest = node.get_block(BlockId::latest()).await?;
        if newest.is_some_and(|block| block.header.base_fee_per_gas.is_some()) {
            let estimate = node.estimate_eip1559_fees_with(Eip1559Estimator::new(estimate)).await?;
            Ok(Self::Market { most: estimate.max_fee_per_gas, tip: estimate.max_priority_fee_per_gas })
        } else {
            Ok(Self::Fixed { price: node.get_gas_price().await? })
        }
    }

    /// A quarter more: nodes replace a waiting transaction for a tenth more in each part.
    fn raised(self) -> Self {
        let more = |fee: u128| fee.saturating_add(fee / 4).saturating_add(1);
        self.map(more)
    }

    fn at_most(self, limit: u128) -> Self {
        self.map(|fee| fee.min(limit))
    }

    fn at_least(self, other: Self) -> Self {
        match (self, other) {
            (Self::Market { most, tip }, Self::Market { most: m, tip: t }) => {
                Self::Market { most: most.max(m), tip: tip.max(t) }
            }
            (Self::Fixed { price }, Self::Fixed { price: p }) => Self::Fixed { price: price.max(p) },
            (now, _) => now, // the chain changed its rule in between
        }
    }

    fn map(self, change: impl Fn(u128) -> u128) -> Self {
        match self {
            Self::Market { most, tip } => Self::Market { most: change(most), tip: change(tip) },
            Self::Fixed { price } => Self::Fixed { price: change(price) },
        }
    }

    fn apply(self, request: TransactionRequest) -> TransactionRequest {
        match self {
            Self::Market { most, tip } => {
                request.with_max_fee_per_gas(most).with_max_priority_fee_per_gas(tip.min(most))
            }
            Self::Fixed { price } => request.with_gas_price(price),
        }
    }
}

/// The usual estimate, from figures cut to where its sums cannot overflow.
fn estimate(base: u128, rewards: &[Vec<u128>]) -> Eip1559Estimation {
    let cut = |fee: u128| fee.min(u64::MAX.into());
    let rewards: Vec<Vec<u128>> =
        rewards.iter().map(|block| block.iter().copied().map(cut).collect()).collect();
    eip1559_default_estimator(cut(base), &rewards)
}

/// Why a transaction did not get into a block.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The contract would refuse it, so nothing was sent.
    #[error("the contract refuses: {0}")]
    Refused(Refusal),
    /// EVM-28: the node wants more gas than any call of ours can need.
    #[error("the node estimates {gas} gas, which no call of ours needs")]
    Gas {
        /// Its estimate.
        gas: u64,
    },
    /// The node did not answer.
    #[error("the node did not answer")]
    Rpc(#[source] TransportError),
    /// The node took none of the attempts, for a reason of its own such as an empty account.
    #[error("the node did not take the transaction")]
    Rejected(#[source] TransportError),
    /// It still waits at this number; the next attempt replaces it.
    #[error("the transaction with number {nonce} is in no block yet")]
    NotMined {
        /// The number.
        nonce: u64,
    },
    /// Another transaction of the account took the number.
    #[error("another transaction of the account was faster")]
    Overtaken,
    /// It is in a block and failed there, because something else was faster.
    #[error("the transaction failed in its block")]
    Reverted,
    /// The key did not sign.
    #[error("the transaction was not signed")]
    Sign,
}

impl SendError {
    /// The rule that was broken, as in `spec/checks/evm.toml`; `None` if something failed and nobody broke a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.code()),
            Self::Gas { .. } => Some("EVM-28"),
            Self::Rpc(_)
            | Self::Rejected(_)
            | Self::NotMined { .. }
            | Self::Overtaken
            | Self::Reverted
            | Self::Sign => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raised_fee_replaces_a_waiting_one() {
        for fee in [0, 1, 7, 10, 1_000_000_007, u128::MAX] {
            let Fee::Market { most, tip } = Fee::Market { most: fee, tip: fee / 2 }.raised() else {
                unreachable!()
            };
            // Nodes ask for a tenth more, rounded in any way.
            assert!(most == u128::MAX || most > fee + fee / 10);
            assert!(tip == u128::MAX || tip > fee / 2 + fee / 20);
        }
        assert_eq!(Fee::Fixed { price: 100 }.raised(), Fee::Fixed { price: 126 });
    }

    #[test]
    fn a_fee_stays_below_its_limit_and_the_tip_below_the_fee() {
        let fee = Fee::Market { most: 500, tip: 400 }.at_most(300);
        assert_eq!(fee, Fee::Market { most: 300, tip: 300 });
        assert_eq!(fee.at_least(Fee::Market { most: 100, tip: 350 }), Fee::Market { most: 300, tip: 350 });
    }
}
