//! The chain through one node or two: the contract's state at a finality, by evidence.
//!
//! One node can make up a whole chain of its own, with good evidence. Where there is a second one, nothing is taken for
//! anchored that does not stand in a block which both have.

use crate::{
    block::Hashing,
    contract::{self, AnchoredHead, SLOTS, Site, code_hash, origin_hash},
    evidence::{Evidence, EvidenceError},
    transport::Bounded,
};
use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    network::TransactionBuilder as _,
    primitives::{Address, B256, Bytes, keccak256},
    providers::{Provider as _, RootProvider},
    rpc::{
        client::ClientBuilder,
        types::{Block, EIP1186AccountProofResponse, TransactionRequest},
    },
    transports::{
        TransportError,
        http::reqwest::{self, Client},
    },
};
use std::time::{Duration, SystemTime};
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

/// How a chain's blocks are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockRules {
    /// When they are final.
    pub finality: FinalityRule,
    /// How they are named.
    pub hashing: Hashing,
}

/// Whom to ask.
#[derive(Clone, Debug)]
pub struct Nodes {
    /// Gives the evidence and takes the transactions.
    pub first: RootProvider,
    /// Has to have the same blocks. Of somebody else, or it notices nothing.
    pub second: Option<RootProvider>,
}

/// A chain, asked about one contract.
#[derive(Debug)]
pub struct Chain {
    nodes: Nodes,
    site: Site,
    rules: BlockRules,
}

impl Chain {
    /// The chain that `nodes` show. Nothing is asked yet.
    pub const fn new(nodes: Nodes, site: Site, rules: BlockRules) -> Self {
        Self { nodes, site, rules }
    }

    /// The node that takes the transactions.
    pub const fn provider(&self) -> &RootProvider {
        &self.nodes.first
    }

    /// The contract, after checking that the node is on the right chain and that the contract there is ours and the log's.
    ///
    /// # Errors
    /// It is not, or the node did not answer.
    pub async fn contract(&self) -> Result<Contract<'_>, SiteError> {
        let chain_id = self.provider().get_chain_id().await.map_err(SiteError::Rpc)?;
        if chain_id != self.site.chain_id {
            return Err(SiteError::Chain { found: chain_id }); // [EVM-07]
        }
        let code = self.provider().get_code_at(self.site.contract).await.map_err(SiteError::Rpc)?;
        if keccak256(&code) != code_hash() {
            return Err(SiteError::Code); // [EVM-08]
        }
        let answer = self.ask(contract::origin_call(), BlockId::latest()).await.map_err(SiteError::Rpc)?;
        if contract::origin_answer(&answer) != Some(origin_hash(&self.site.origin)) {
            return Err(SiteError::Origin); // [EVM-09]
        }
        Ok(Contract(self))
    }

    /// What `node` takes for the newest block of that finality.
    async fn newest(&self, node: &RootProvider, finality: Finality) -> Result<Option<Block>, TransportError> {
        let tag = match (finality, self.rules.finality) {
            (Finality::Latest, _) | (_, FinalityRule::Instant) => BlockNumberOrTag::Latest,
            (Finality::Safe, FinalityRule::Tags) => BlockNumberOrTag::Safe,
            (Finality::Final, FinalityRule::Tags) => BlockNumberOrTag::Finalized,
            (Finality::Safe | Finality::Final, FinalityRule::Depth(depth)) => {
                let newest = node.get_block_number().await?;
                let Some(number) = newest.checked_sub(depth) else { return Ok(None) };
                BlockNumberOrTag::Number(number)
            }
        };
        node.get_block_by_number(tag).await
    }

    /// The newest block to which every node gives that finality. One of them may be a little behind.
    async fn common(&self, finality: Finality) -> Result<Option<Block>, ChainError> {
        let Some(mut block) = self.newest(&self.nodes.first, finality).await.map_err(ChainError::Rpc)? else {
            return Ok(None);
        };
        if let Some(second) = &self.nodes.second {
            let Some(other) = self.newest(second, finality).await.map_err(ChainError::Second)? else {
                return Ok(None);
            };
            if other.header.number < block.header.number {
                block = self.numbered(other.header.number).await?;
            }
        }
        self.agreed(block).await.map(Some)
    }

    /// The first node's block `number`.
    async fn numbered(&self, number: u64) -> Result<Block, ChainError> {
        let block = self.provider().get_block_by_number(number.into()).await.map_err(ChainError::Rpc)?;
        block.filter(|block| block.header.number == number).ok_or(ChainError::NoBlock)
    }

    /// The block, if the second node has it too.
    async fn agreed(&self, block: Block) -> Result<Block, ChainError> {
        let Some(second) = &self.nodes.second else { return Ok(block) };
        let number = block.header.number;
        let other = second.get_block_by_number(number.into()).await.map_err(ChainError::Second)?;
        if other.is_some_and(|other| other.header.hash == block.header.hash) {
            Ok(block)
        } else {
            Err(ChainError::Disagree { number }) // [EVM-26]
        }
    }

    /// When block `number` was made.
    ///
    /// # Errors
    /// The node did not answer, does not know the block, or shows a false one.
    pub async fn block_time(&self, number: u64) -> Result<SystemTime, ChainError> {
        let header = self.agreed(self.numbered(number).await?).await?.header;
        if self.rules.hashing.hash(&header.inner) != Some(header.hash) {
            return Err(ChainError::Evidence(EvidenceError::Header));
        }
        let since = Duration::from_secs(header.timestamp);
        SystemTime::UNIX_EPOCH.checked_add(since).ok_or(ChainError::Time) // [EVM-28]
    }

    /// What [`Evidence::verify`] needs about the block `hash`.
    ///
    /// # Errors
    /// The node did not answer or does not know the block.
    pub async fn evidence(&self, hash: B256) -> Result<Evidence, ChainError> {
        let block = self.provider().get_block_by_hash(hash).await.map_err(ChainError::Rpc)?;
        let header = block.ok_or(ChainError::NoBlock)?.header.inner;
        Ok(Evidence { header, proof: self.proof(hash).await? })
    }

    async fn proof(&self, hash: B256) -> Result<EIP1186AccountProofResponse, ChainError> {
        let request = self.provider().get_proof(self.site.contract, SLOTS.to_vec());
        request.block_id(BlockId::hash(hash)).await.map_err(ChainError::Rpc)
    }

    /// What the contract held in `block`, by evidence that leads to its hash; `None` if it did not exist there.
    async fn held_in(&self, block: Block) -> Result<Option<AnchoredHead>, ChainError> {
        if block.header.number == 0 {
            // No transaction is in it, and development nodes have no evidence of the money that they begin with.
            return Ok(None);
        }
        let hash = block.header.hash;
        let evidence = Evidence { header: block.header.inner, proof: self.proof(hash).await? };
        let found = evidence.find(&self.site, hash, self.rules.hashing).map_err(ChainError::Evidence)?;
        Ok(found.map(|proven| proven.anchored()))
    }

    async fn ask(&self, input: Bytes, block: BlockId) -> Result<Bytes, TransportError> {
        let request = TransactionRequest::default().with_to(self.site.contract).with_input(input);
        self.provider().call(request).block(block).await
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

    /// What the contract holds in the newest block of that finality that every node has; `None` if it did not exist
    /// there, or there is no such block yet.
    ///
    /// # Errors
    /// A node did not answer, the evidence is false, or the nodes show different blocks.
    pub async fn head_at(&self, finality: Finality) -> Result<Option<AnchoredHead>, ChainError> {
        let Some(block) = self.0.common(finality).await? else { return Ok(None) };
        self.0.held_in(block).await
    }

    /// What the contract holds in the first node's newest block. Enough to decide what to send, not what is anchored.
    ///
    /// # Errors
    /// The first node did not answer, or its evidence is false.
    pub async fn head_to_follow(&self) -> Result<Option<AnchoredHead>, ChainError> {
        let newest = self.0.newest(self.0.provider(), Finality::Latest).await.map_err(ChainError::Rpc)?;
        let Some(block) = newest else { return Ok(None) };
        self.0.held_in(block).await
    }
}

/// The node at `rpc`. Nothing is filled in or numbered behind our back: no nonce is remembered.
pub fn provider(rpc: Url, client: Client) -> RootProvider {
    // Not local: that only makes alloy's own waiting for blocks impatient, which nothing here uses.
    RootProvider::new(ClientBuilder::default().transport(Bounded { client, url: rpc }, false))
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
    /// EVM-28: it shows a block of a time that no clock has.
    #[error("the node's block has an impossible time")]
    Time,
    /// Its evidence is false.
    #[error("the node's evidence is false")]
    Evidence(#[source] EvidenceError),
    /// The second node did not answer, or with an error.
    #[error("the second node did not answer")]
    Second(#[source] TransportError),
    /// EVM-26: the second node has another block, or none.
    #[error("the nodes show different blocks {number}")]
    Disagree {
        /// The block's number.
        number: u64,
    },
}

impl ChainError {
    /// The rule that was broken, as in `spec/checks/evm.toml`; `None` if a node was of no use and broke no rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Evidence(error) => Some(error.code()),
            Self::Disagree { .. } => Some("EVM-26"),
            Self::Time => Some("EVM-28"),
            Self::Rpc(_) | Self::Second(_) | Self::NoBlock | Self::Answer => None,
        }
    }
}
