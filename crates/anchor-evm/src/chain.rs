//! The chain through one node: the contract's state at a finality, and evidence of it.

use crate::{
    contract::{self, AnchoredHead, SLOTS, Site, code_hash, origin_hash},
    evidence::Evidence,
};
use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    network::TransactionBuilder as _,
    primitives::{Address, B256, Bytes, keccak256},
    providers::{Provider as _, RootProvider},
    rpc::{client::ClientBuilder, types::TransactionRequest},
    transports::{
        TransportError,
        http::reqwest::{self, Client},
    },
};
use std::time::Duration;
use url::Url;

/// How far a block is out of reach of a reorganisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finality {
    /// In the newest block.
    Latest,
    /// In a block that honest validators do not leave.
    Safe,
    /// In a block that is not left any more.
    Final,
}

/// How a chain says how final a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalityRule {
    /// By the tags `safe` and `finalized`.
    Tags,
    /// Every block is final at once, as under QBFT.
    Instant,
    /// By depth: a block with so many on top of it is safe and final.
    Depth(u64),
}

/// An HTTP client whose every request ends within `timeout`. Redirects are not followed.
///
/// # Errors
/// The operating system's certificates could not be read.
pub fn http_client(timeout: Duration) -> Result<Client, reqwest::Error> {
    // A second installation fails and changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none()).no_proxy().build()
}

/// One node, asked about one contract.
#[derive(Debug)]
pub struct Chain {
    provider: RootProvider,
    site: Site,
    rule: FinalityRule,
}

impl Chain {
    /// The node at `rpc`. Nothing is asked yet.
    pub fn new(rpc: Url, client: Client, site: Site, rule: FinalityRule) -> Self {
        Self { provider: provider(rpc, client), site, rule }
    }

    /// The node itself.
    pub const fn provider(&self) -> &RootProvider {
        &self.provider
    }

    /// The contract, after checking that the node is on the right chain and that the contract there is ours and the log's.
    ///
    /// # Errors
    /// It is not, or the node did not answer.
    pub async fn contract(&self) -> Result<Contract<'_>, SiteError> {
        let chain_id = self.provider.get_chain_id().await.map_err(SiteError::Rpc)?;
        if chain_id != self.site.chain_id {
            return Err(SiteError::Chain { found: chain_id }); // [EVM-07]
        }
        let code = self.provider.get_code_at(self.site.contract).await.map_err(SiteError::Rpc)?;
        if keccak256(&code) != code_hash() {
            return Err(SiteError::Code); // [EVM-08]
        }
        let answer = self.ask(contract::origin_call(), BlockId::latest()).await.map_err(SiteError::Rpc)?;
        if contract::origin_answer(&answer) != Some(origin_hash(&self.site.origin)) {
            return Err(SiteError::Origin); // [EVM-09]
        }
        Ok(Contract(self))
    }

    async fn block_at(&self, finality: Finality) -> Result<Option<B256>, ChainError> {
        let tag = match (finality, self.rule) {
            (Finality::Latest, _) | (_, FinalityRule::Instant) => BlockNumberOrTag::Latest,
            (Finality::Safe, FinalityRule::Tags) => BlockNumberOrTag::Safe,
            (Finality::Final, FinalityRule::Tags) => BlockNumberOrTag::Finalized,
            (Finality::Safe | Finality::Final, FinalityRule::Depth(depth)) => {
                let newest = self.provider.get_block_number().await.map_err(ChainError::Rpc)?;
                let Some(number) = newest.checked_sub(depth) else { return Ok(None) };
                BlockNumberOrTag::Number(number)
            }
        };
        let block = self.provider.get_block_by_number(tag).await.map_err(ChainError::Rpc)?;
        Ok(block.map(|block| block.header.hash))
    }

    /// The time of block `number`, in seconds since 1970.
    ///
    /// # Errors
    /// The node did not answer or does not know the block.
    pub async fn block_time(&self, number: u64) -> Result<u64, ChainError> {
        let block = self.provider.get_block_by_number(number.into()).await.map_err(ChainError::Rpc)?;
        block.map(|block| block.header.timestamp).ok_or(ChainError::NoBlock)
    }

    /// What [`Evidence::verify`] needs about the block `hash`.
    ///
    /// # Errors
    /// The node did not answer or does not know the block.
    pub async fn evidence(&self, hash: B256) -> Result<Evidence, ChainError> {
        let block = self.provider.get_block_by_hash(hash).await.map_err(ChainError::Rpc)?;
        let header = block.ok_or(ChainError::NoBlock)?.header.inner;
        let proof = self
            .provider
            .get_proof(self.site.contract, SLOTS.to_vec())
            .block_id(BlockId::hash(hash))
            .await
            .map_err(ChainError::Rpc)?;
        Ok(Evidence { header, proof })
    }

    async fn ask(&self, input: Bytes, block: BlockId) -> Result<Bytes, TransportError> {
        let request = TransactionRequest::default().with_to(self.site.contract).with_input(input);
        self.provider.call(request).block(block).await
    }
}

/// The contract on the chain. Made by [`Chain::contract`] only.
#[derive(Clone, Copy, Debug)]
pub struct Contract<'a>(&'a Chain);

impl Contract<'_> {
    /// Where it is.
    pub const fn address(&self) -> Address {
        self.0.site.contract
    }

    /// The account that may anchor now.
    ///
    /// # Errors
    /// The node did not answer, or with something else.
    pub async fn anchorer(&self) -> Result<Address, ChainError> {
        let answer =
            self.0.ask(contract::anchorer_call(), BlockId::latest()).await.map_err(ChainError::Rpc)?;
        contract::anchorer_answer(&answer).ok_or(ChainError::Answer)
    }

    /// What the contract holds in the newest block of that finality; `None` if it did not exist there, or there is no
    /// such block yet.
    ///
    /// # Errors
    /// The node did not answer, or with something else.
    pub async fn head_at(&self, finality: Finality) -> Result<Option<AnchoredHead>, ChainError> {
        let Some(block) = self.0.block_at(finality).await? else { return Ok(None) };
        // By hash, so that block and answer belong together even while the chain is reorganised.
        let answer =
            self.0.ask(contract::latest_call(), BlockId::hash(block)).await.map_err(ChainError::Rpc)?;
        if answer.is_empty() {
            return Ok(None);
        }
        contract::latest_answer(&answer).map(Some).ok_or(ChainError::Answer)
    }
}

/// The node at `rpc`. Nothing is filled in or numbered behind our back: no nonce is remembered.
pub fn provider(rpc: Url, client: Client) -> RootProvider {
    RootProvider::new(ClientBuilder::default().http_with_client(client, rpc))
}

/// Why the node's chain is not the one to anchor on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// EVM-07: another chain.
    #[error("the node is on chain {found}")]
    Chain {
        /// Its id.
        found: u64,
    },
    /// EVM-08: another code at the contract's address, or none.
    #[error("the code at the contract's address is another one")]
    Code,
    /// EVM-09: the contract is another log's.
    #[error("the contract anchors another log")]
    Origin,
    /// The node did not answer.
    #[error("the node did not answer")]
    Rpc(#[source] TransportError),
}

impl SiteError {
    /// The rule that was broken, as in `spec/checks/evm.toml`; `None` if the node did not answer.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Chain { .. } => Some("EVM-07"),
            Self::Code => Some("EVM-08"),
            Self::Origin => Some("EVM-09"),
            Self::Rpc(_) => None,
        }
    }
}

/// Why the node was of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// It did not answer, or with an error.
    #[error("the node did not answer")]
    Rpc(#[source] TransportError),
    /// It does not know the block.
    #[error("the node does not know the block")]
    NoBlock,
    /// Its answer is not the contract's.
    #[error("the node's answer is malformed")]
    Answer,
}
