//! Checking an anchor.

use super::policy;
use crate::{
    Outcome,
    arguments::Verify,
    report::{Head, Say},
};
use anyhow::Context as _;
use serde::Serialize;
use sinpyo_anchor_evm::{
    chain::{BlockRules, Chain, FinalityRule, Nodes, http_client, provider},
    contract::Site,
    log::{LogPlace, LogReader},
};
use std::path::PathBuf;

#[derive(Serialize)]
struct VerifiedLine {
    event: &'static str,
    checkpoint: Head,
    anchored: Head,
    /// The block in which the contract held it.
    block: u64,
    /// The block that anchored it.
    anchored_in: u64,
}

pub(crate) async fn verify(options: &Verify, say: Say) -> anyhow::Result<Outcome> {
    let (policy, origin) = policy(&options.trust)?;
    let client = http_client(options.node.timeout())?;
    let place = options.log.clone().unwrap_or_else(|| LogPlace::Folder(PathBuf::new()));
    let log = LogReader::new(place, policy, client.clone());
    let text = std::fs::read_to_string(&options.checkpoint)
        .with_context(|| format!("reading {}", options.checkpoint.display()))?;
    let checkpoint = log.check(&text)?.checkpoint().head();
    // No chain id: the block's hash names the chain.
    let site = Site { chain_id: 0, contract: options.contract, origin };
    let nodes = Nodes { first: provider(options.node.rpc.clone(), client), second: None };
    let hashing = options.hashing.into();
    let chain = Chain::new(nodes, site.clone(), BlockRules { finality: FinalityRule::Tags, hashing });
    let evidence = chain.evidence(options.block_hash).await?;
    let proven = evidence.verify(&site, options.block_hash, hashing)?;
    let anchored = proven.anchored();
    let path = if checkpoint.size > 0 && checkpoint.size < anchored.head.size {
        let _place =
            options.log.as_ref().context("the chain has a later head: --log is needed to compare")?;
        log.growth(checkpoint, anchored.head).await?
    } else {
        Vec::new()
    };
    let _ = proven.covers(checkpoint, &path)?;
    let words = format!(
        "verified: in block {} the contract held {} entries, anchored in block {}, which cover the checkpoint of {}",
        proven.block(),
        anchored.head.size,
        anchored.block,
        checkpoint.size
    );
    let line = VerifiedLine {
        event: "verified",
        checkpoint: checkpoint.into(),
        anchored: anchored.head.into(),
        block: proven.block(),
        anchored_in: anchored.block,
    };
    say.line(&line, &words);
    Ok(Outcome::Fine)
}
