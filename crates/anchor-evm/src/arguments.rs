//! The command line.

use alloy::primitives::{Address, B256};
use clap::{Args, Parser, Subcommand, ValueEnum};
use sinpyo_anchor_evm::{
    block::Hashing,
    chain::{Finality, FinalityRule},
    log::LogPlace,
};
use sinpyo_tlog::note::{LogKey, Origin};
use std::{path::PathBuf, str::FromStr, time::Duration};
use url::Url;

/// Anchors a transparency log's heads in a contract on an EVM chain, and checks anchors.
///
/// Exit status: 0 all is well · 1 log or node could not be used · 2 wrong arguments · 3 the chain is too far behind ·
/// 4 refused by a rule, which is printed.
#[derive(Debug, Parser)]
#[command(name = "anchor-evm", version)]
pub(crate) struct Arguments {
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Anchor the log's checkpoints as they come.
    Run(Run),
    /// Say what the chain holds and how far it is behind.
    Status(Status),
    /// Check an anchor against a block hash that you trust; the node need not be trusted.
    Verify(Verify),
    /// Create the contract of a log.
    Deploy(Deploy),
    /// Offer the anchorer's role to an account (the owner's key).
    Offer(Offer),
    /// Accept the anchorer's role (the new anchorer's key).
    Accept(Accept),
}

#[derive(Debug, Args)]
pub(crate) struct Node {
    /// The node's HTTP address.
    #[arg(long, env = "ANCHOR_RPC")]
    pub(crate) rpc: Url,
    /// Seconds after which a request to node or log is given up.
    #[arg(long, default_value_t = 10)]
    pub(crate) timeout: u64,
}

impl Node {
    pub(crate) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) node: Node,
    /// The chain's id; a node of another chain is refused.
    #[arg(long, env = "ANCHOR_CHAIN_ID")]
    pub(crate) chain_id: u64,
    /// The contract.
    #[arg(long, env = "ANCHOR_CONTRACT")]
    pub(crate) contract: Address,
    /// How the chain says that a block is final: `tags` (safe, finalized), `instant` (QBFT), or a depth in blocks.
    #[arg(long, default_value = "tags", value_parser = finality_rule)]
    pub(crate) finality: FinalityRule,
    /// How the chain hashes its headers.
    #[arg(long, value_enum, default_value = "ethereum")]
    pub(crate) hashing: HeaderHashing,
    /// Another node, of another operator: nothing counts as anchored that is not in a block which both have.
    #[arg(long, env = "ANCHOR_SECOND_RPC")]
    pub(crate) second_rpc: Option<Url>,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The log: an http(s) address, or the folder of a static export.
    #[arg(long, env = "ANCHOR_LOG", value_parser = log_place)]
    pub(crate) log: LogPlace,
    #[command(flatten)]
    pub(crate) trust: Trust,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Trust {
    /// The log's key (`name+hash+key`); no witnesses are asked for.
    #[arg(long, env = "ANCHOR_LOG_KEY")]
    pub(crate) log_key: Option<LogKey>,
    /// The file of a policy that names one log and its witnesses.
    #[arg(long, env = "ANCHOR_POLICY")]
    pub(crate) policy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Account {
    /// The key file: 64 hexadecimal digits or an encrypted keystore; nobody else may read it.
    #[arg(long, env = "ANCHOR_KEY")]
    pub(crate) key: PathBuf,
    /// The file with the keystore's password; nobody else may read it.
    #[arg(long, env = "ANCHOR_PASSWORD_FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Most to pay for a unit of gas, in wei.
    #[arg(long, default_value_t = 200_000_000_000)]
    pub(crate) max_gas_price: u128,
    /// Seconds that a transaction may stay out of the blocks before its fee is raised.
    #[arg(long, default_value_t = 30)]
    pub(crate) patience: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// Alarm when an entry has waited for more minutes than this.
    #[arg(long, default_value_t = 15)]
    pub(crate) max_minutes: u64,
    /// Alarm when more entries than this wait.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) max_entries: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) log: Log,
    #[command(flatten)]
    pub(crate) account: Account,
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// The file that remembers the last head over restarts.
    #[arg(long, env = "ANCHOR_STATE")]
    pub(crate) state: PathBuf,
    /// Seconds between two looks at the log.
    #[arg(long, default_value_t = 10)]
    pub(crate) interval: u64,
    /// The finality at which an entry counts as anchored.
    #[arg(long, value_enum, default_value = "final")]
    pub(crate) goal: Goal,
    /// A file for a metrics collector, written anew after every look.
    #[arg(long)]
    pub(crate) metrics: Option<PathBuf>,
    /// Look once and end.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Goal {
    Latest,
    Safe,
    Final,
}

impl From<Goal> for Finality {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Latest => Self::Latest,
            Goal::Safe => Self::Safe,
            Goal::Final => Self::Final,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) log: Log,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) node: Node,
    /// The contract.
    #[arg(long, env = "ANCHOR_CONTRACT")]
    pub(crate) contract: Address,
    /// The checkpoint's file.
    #[arg(long)]
    pub(crate) checkpoint: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The hash of a block, from a source that you trust and that is not the node.
    #[arg(long)]
    pub(crate) block_hash: B256,
    /// How the chain hashes its headers.
    #[arg(long, value_enum, default_value = "ethereum")]
    pub(crate) hashing: HeaderHashing,
    /// The log, where the chain has a later head than the checkpoint: its tiles show that the one grew into the other.
    #[arg(long, value_parser = log_place)]
    pub(crate) log: Option<LogPlace>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum HeaderHashing {
    Ethereum,
    Qbft,
}

impl From<HeaderHashing> for Hashing {
    fn from(hashing: HeaderHashing) -> Self {
        match hashing {
            HeaderHashing::Ethereum => Self::Ethereum,
            HeaderHashing::Qbft => Self::Qbft,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) node: Node,
    /// The chain's id.
    #[arg(long, env = "ANCHOR_CHAIN_ID")]
    pub(crate) chain_id: u64,
    #[command(flatten)]
    pub(crate) account: Account,
    /// The log's name, the first line of its checkpoints.
    #[arg(long)]
    pub(crate) origin: Origin,
    /// The account that will anchor; the owner's own if it is left out.
    #[arg(long)]
    pub(crate) anchorer: Option<Address>,
}

#[derive(Debug, Args)]
pub(crate) struct Offer {
    #[command(flatten)]
    pub(crate) accept: Accept,
    /// The account.
    #[arg(long)]
    pub(crate) to: Address,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) node: Node,
    /// The chain's id.
    #[arg(long, env = "ANCHOR_CHAIN_ID")]
    pub(crate) chain_id: u64,
    /// The contract.
    #[arg(long, env = "ANCHOR_CONTRACT")]
    pub(crate) contract: Address,
    #[command(flatten)]
    pub(crate) account: Account,
}

fn finality_rule(text: &str) -> Result<FinalityRule, &'static str> {
    match text {
        "tags" => Ok(FinalityRule::Tags),
        "instant" => Ok(FinalityRule::Instant),
        depth => {
            depth.parse().map(FinalityRule::Depth).map_err(|_| "neither tags, instant nor a number of blocks")
        }
    }
}

fn log_place(text: &str) -> Result<LogPlace, url::ParseError> {
    if text.starts_with("http://") || text.starts_with("https://") {
        Url::from_str(text).map(LogPlace::Web)
    } else {
        Ok(LogPlace::Folder(text.into()))
    }
}
