//! The commands that look or act once.

use super::{chain, policy, printed, run::limits, sender};
use crate::{
    Outcome,
    arguments::{Accept, Deploy, Offer, Status},
    report::{Head, Say},
};
use alloy::{
    primitives::Bytes,
    providers::{Provider as _, RootProvider},
};
use anyhow::{Context as _, bail};
use serde::Serialize;
use sinpyo_anchor_evm::{
    anchorer::StepError,
    chain::{ChainError, Finality, SiteError, http_client, provider},
    contract::{AnchoredHead, accept_call, creation_code, offer_call},
    lag::Lag,
    log::LogReader,
    plan::relate,
    send::{Call, Mined},
};
use sinpyo_tlog::merkle::TreeHead;
use std::time::{Duration, SystemTime};

#[derive(Serialize)]
struct StatusLine {
    event: &'static str,
    nodes: u8,
    log: Head,
    latest: Option<Head>,
    safe: Option<Head>,
    #[serde(rename = "final")]
    last: Option<Head>,
    anchorer: String,
    entries_behind: u64,
    /// Since the block of the last anchor, while entries wait: no less than the first of them has waited.
    seconds_behind: u64,
    alarm: bool,
}

pub(crate) async fn status(options: &Status, say: Say) -> anyhow::Result<Outcome> {
    let (policy, origin) = policy(&options.log.trust)?;
    let client = http_client(options.place.node.timeout())?;
    let log = LogReader::new(options.log.log.clone(), policy, client.clone()).checkpoint().await?;
    let log = log.checkpoint().head();
    let chain = chain(&options.place, origin, client)?;
    let contract = chain.contract().await.map_err(StepError::Site)?;
    let latest = contract.head_at(Finality::Latest).await?;
    let safe = contract.head_at(Finality::Safe).await?.map(|found| found.head);
    let last = contract.head_at(Finality::Final).await?.map(|found| found.head);
    let mut lag = Lag { entries: log.size, waiting: Duration::ZERO };
    if let Some(AnchoredHead { head, block }) = latest {
        let _ = relate(head, log)?;
        lag.entries = log.size - head.size;
        if lag.entries > 0 && block > 0 {
            let since = chain.block_time(block).await?;
            lag.waiting = SystemTime::now().duration_since(since).unwrap_or_default();
        }
    }
    let overdue = lag.over(&limits(&options.limits)?);
    let latest = latest.map(|found| found.head);
    let size = |head: Option<TreeHead>| head.map_or(0, |head| head.size);
    let words = format!(
        "log {} · chain {} (safe {}, final {}) · {} entries behind{}",
        log.size,
        size(latest),
        size(safe),
        size(last),
        lag.entries,
        if overdue.is_some() { " · TOO FAR" } else { "" }
    );
    let line = StatusLine {
        event: "status",
        nodes: if options.place.second_rpc.is_some() { 2 } else { 1 },
        log: log.into(),
        latest: latest.map(Head::from),
        safe: safe.map(Head::from),
        last: last.map(Head::from),
        anchorer: printed(contract.anchorer().await?),
        entries_behind: lag.entries,
        seconds_behind: lag.waiting.as_secs(),
        alarm: overdue.is_some(),
    };
    say.line(&line, &words);
    Ok(if overdue.is_some() { Outcome::Overdue } else { Outcome::Fine })
}

#[derive(Serialize)]
struct SentLine {
    event: &'static str,
    contract: String,
    account: String,
    transaction: String,
    block: u64,
    gas: u64,
}

pub(crate) async fn deploy(options: &Deploy, say: Say) -> anyhow::Result<Outcome> {
    let Deploy { node, chain_id, account, origin, anchorer } = options;
    let mut sender = sender(account, *chain_id)?;
    let code = creation_code(origin, anchorer.unwrap_or(sender.account()));
    let node = provider(node.rpc.clone(), http_client(node.timeout())?);
    check_chain(&node, *chain_id).await?;
    let mined = sender.send(&node, &Call::Create(code)).await?;
    let contract = printed(mined.created.context("the node names no contract")?);
    tell(say, "deployed", contract, printed(sender.account()), &mined);
    Ok(Outcome::Fine)
}

pub(crate) async fn offer(options: &Offer, say: Say) -> anyhow::Result<Outcome> {
    call(&options.accept, offer_call(options.to), "offered", say).await
}

pub(crate) async fn accept(options: &Accept, say: Say) -> anyhow::Result<Outcome> {
    call(options, accept_call(), "accepted", say).await
}

async fn call(options: &Accept, input: Bytes, event: &'static str, say: Say) -> anyhow::Result<Outcome> {
    let Accept { node, chain_id, contract, account } = options;
    let mut sender = sender(account, *chain_id)?;
    let node = provider(node.rpc.clone(), http_client(node.timeout())?);
    check_chain(&node, *chain_id).await?;
    let mined = sender.send(&node, &Call::To(*contract, input)).await?;
    tell(say, event, printed(*contract), printed(sender.account()), &mined);
    Ok(Outcome::Fine)
}

async fn check_chain(node: &RootProvider, expected: u64) -> anyhow::Result<()> {
    let found = node.get_chain_id().await.map_err(ChainError::Rpc)?;
    if found == expected {
        return Ok(());
    }
    bail!(StepError::Site(SiteError::Chain { found }))
}

fn tell(say: Say, event: &'static str, contract: String, account: String, mined: &Mined) {
    let Mined { transaction, block, gas, .. } = *mined;
    let words = format!("{event}: contract {contract}, block {block}, {gas} gas, transaction {transaction}");
    say.line(
        &SentLine { event, contract, account, transaction: transaction.to_string(), block, gas },
        &words,
    );
}
