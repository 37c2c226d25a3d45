//! The commands.

mod once;
mod run;
mod verify;

pub(crate) use once::{accept, deploy, offer, status};
pub(crate) use run::run;
pub(crate) use verify::verify;

use crate::arguments::{Account, Place, Trust};
use alloy::{primitives::Address, signers::local::PrivateKeySigner, transports::http::reqwest::Client};
use anyhow::{Context as _, anyhow};
use sinpyo_anchor_evm::{
    chain::{BlockRules, Chain, Nodes, provider},
    contract::Site,
    key,
    send::{Patience, Sender},
};
use sinpyo_tlog::{note::Origin, policy::Policy};
use std::{io, time::Duration};

/// The policy, and the one log that it names.
fn policy(trust: &Trust) -> anyhow::Result<(Policy, Origin)> {
    let policy = match (&trust.log_key, &trust.policy) {
        (Some(key), _) => Policy::of_log(key.clone()),
        (None, Some(file)) => {
            let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            Policy::parse(&text)?
        }
        (None, None) => return Err(anyhow!("a log key or a policy is needed")),
    };
    let mut origins: Vec<_> = policy.log_keys().map(|key| key.name().clone()).collect();
    origins.dedup();
    match <[Origin; 1]>::try_from(origins) {
        Ok([origin]) => Ok((policy, origin)),
        Err(_) => Err(anyhow!("the policy names more than one log: a contract anchors one")),
    }
}

fn chain(place: &Place, origin: Origin, client: Client) -> anyhow::Result<Chain> {
    if place.second_rpc.as_ref() == Some(&place.node.rpc) {
        return Err(anyhow!("the second node is the first one: it would notice nothing"));
    }
    let site = Site { chain_id: place.chain_id, contract: place.contract, origin };
    let second = place.second_rpc.clone().map(|second| provider(second, client.clone()));
    let nodes = Nodes { first: provider(place.node.rpc.clone(), client), second };
    let rules = BlockRules { finality: place.finality, hashing: place.hashing.into() };
    Ok(Chain::new(nodes, site, rules))
}

fn sender(account: &Account, chain_id: u64) -> anyhow::Result<Sender> {
    let patience = Patience {
        per_attempt: Duration::from_secs(account.patience),
        poll: Duration::from_millis(500).min(Duration::from_secs(account.patience)),
        raises: 4,
        max_gas_price: account.max_gas_price,
    };
    Ok(Sender::new(signer(account)?, chain_id, patience))
}

fn signer(account: &Account) -> anyhow::Result<PrivateKeySigner> {
    let password = || match &account.password_file {
        Some(file) => key::private_text(file).map_err(io::Error::other),
        None => Err(io::Error::other("a keystore needs --password-file")),
    };
    Ok(key::read(&account.key, password)?)
}

fn printed(address: Address) -> String {
    address.to_checksum(None)
}
