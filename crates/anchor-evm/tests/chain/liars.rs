//! Nodes that say what is not so, to whoever anchors through them.

use crate::{
    node::{available, wait_for},
    proxy::{Act, FLOOD, FLOODED, Proxy, stale},
    world::{ANCHORER, World, account, chain_at, chain_of, sender},
};
use alloy::providers::Provider as _;
use serde_json::{Value, json};
use sinpyo_anchor_evm::{
    anchorer::{Anchorer, StepError},
    chain::ChainError,
    send::SendError,
};
use std::{sync::atomic::Ordering, time::Duration};
use url::Url;

fn through(world: &World, proxy: &Proxy) -> Anchorer {
    world.anchorer_with(chain_at(proxy.url.clone(), world.site()), sender(ANCHORER))
}

/// The call `latest()` is answered with the log's head, which everybody knows.
#[test]
fn a_claim_without_evidence_silences_no_alarm() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        let head = world.log.grow_to(10);
        let claim = format!("0x{:064x}{}{:064x}", head.size, head.root, 1);
        proxy.script(move |call| {
            let latest = call["method"] == "eth_call" && call["params"][1] != "latest";
            if latest { Act::Answer(json!(claim)) } else { Act::Pass }
        });
        let mut anchorer = through(&world, &proxy);
        let _ = world.step(&mut anchorer).await;
        let unanchored = head.size - world.held().await.size;
        assert_eq!(anchorer.lag(world.tick()).entries, unanchored);
        // The same in the evidence.
        let head = world.log.grow_to(20);
        proxy.script(|call| match call["method"].as_str() {
            Some("eth_getProof") => Act::Change(|result: &mut Value| {
                result["storageProof"][1]["value"] = "0x14".into();
            }),
            _ => Act::Pass,
        });
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert_eq!(error.code(), Some("EVM-23"));
        assert_eq!(anchorer.lag(world.tick()).entries, head.size - world.held().await.size);
    });
}

/// Through two nodes.
fn through_both(world: &World, first: &Url, second: &Url) -> Anchorer {
    let chain = chain_of(first.clone(), Some(second.clone()), world.site());
    world.anchorer_with(chain, sender(ANCHORER))
}

/// [EVM-26] The liar makes up a chain on which everything is anchored, every block, state and proof of it.
#[test]
fn a_made_up_chain_is_noticed_by_a_second_node() {
    if !available() {
        return;
    }
    let (world, liar) = (World::new(), World::new());
    assert_eq!(world.contract, liar.contract);
    wait_for(async {
        let head = world.log.grow_to(10);
        assert_eq!(liar.log.grow_to(10), head);
        liar.step(&mut liar.anchorer()).await.unwrap();
        world.node.mine(5).await; // the chains are not the same by chance
        // One node alone is believed: what docs/anchor.md says that it can fake.
        let mut alone = world.anchorer_with(chain_at(liar.node.url.clone(), world.site()), sender(ANCHORER));
        assert_eq!(world.step(&mut alone).await.unwrap().mined, None);
        assert_eq!((alone.lag(world.tick()).entries, world.held().await.size), (0, 0));
        // A second one, and the alarm is not silenced.
        let mut both = through_both(&world, &liar.node.url, &world.node.url);
        for _ in 0..90 {
            assert_eq!(world.step(&mut both).await.unwrap_err().code(), Some("EVM-26"));
        }
        let lag = both.lag(world.tick());
        assert!(lag.entries == 10 && lag.waiting >= Duration::from_mins(15), "{lag:?}");
        // Where the second one is the liar, anchors are sent, and the alarm speaks all the same.
        let mut both = through_both(&world, &world.node.url, &liar.node.url);
        assert_eq!(world.step(&mut both).await.unwrap_err().code(), Some("EVM-26"));
        assert_eq!((both.lag(world.tick()).entries, world.held().await), (10, head));
        // Two that agree.
        let proxy = Proxy::before(&world.node.url);
        let mut both = through_both(&world, &world.node.url, &proxy.url);
        assert_eq!(world.step(&mut both).await.unwrap().latest, head);
        assert_eq!(both.lag(world.tick()).entries, 0);
    });
}

/// Honest nodes do not get a block at the same moment.
#[test]
fn a_second_node_that_is_behind_or_away_delays_the_count_and_not_the_anchors() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        let mut anchorer = through_both(&world, &world.node.url, &proxy.url);
        let first = world.log.grow_to(10);
        world.step(&mut anchorer).await.unwrap();
        // It knows block 2, of the first anchor, only.
        proxy.script(|call| stale(call, 2));
        let head = world.log.grow_to(20);
        let progress = world.step(&mut anchorer).await.unwrap();
        assert!(progress.mined.is_some());
        assert_eq!((progress.latest, world.held().await), (first, head));
        assert_eq!(anchorer.lag(world.tick()).entries, 10);
        let progress = world.step(&mut anchorer).await.unwrap();
        assert_eq!((progress.mined, progress.reorganised), (None, None));
        proxy.script(|_| Act::Drop);
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert!(matches!(error, StepError::Chain(ChainError::Second(_))) && error.code().is_none());
        assert_eq!(anchorer.lag(world.tick()).entries, 10);
        let head = world.log.grow_to(30);
        let _ = world.step(&mut anchorer).await.unwrap_err();
        assert_eq!(world.held().await, head);
        proxy.script(|_| Act::Pass);
        assert_eq!(world.step(&mut anchorer).await.unwrap().latest, head);
        assert_eq!(anchorer.lag(world.tick()).entries, 0);
    });
}

/// A true block of both nodes, but not the one that was asked for: newer than what the second calls final.
#[test]
fn another_block_than_the_one_asked_for_counts_for_nothing() {
    if !available() {
        return;
    }
    let world = World::new();
    let (first, second) = (Proxy::before(&world.node.url), Proxy::before(&world.node.url));
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        second.script(|call| stale(call, 1));
        first.script(|call| {
            if call["method"] == "eth_getBlockByNumber" && call["params"][0] == "0x1" {
                let mut newest = call.clone();
                newest["params"][0] = "latest".into();
                Act::Instead(newest)
            } else {
                Act::Pass
            }
        });
        let mut anchorer = through_both(&world, &first.url, &second.url);
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert!(matches!(error, StepError::Chain(ChainError::NoBlock)), "{error:?}");
        assert_eq!(anchorer.lag(world.tick()).entries, 10);
    });
}

/// [EVM-28]
#[test]
fn absurd_gas_is_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        world.log.grow_to(5);
        let mut anchorer = through(&world, &proxy);
        for gas in [u64::MAX, u64::MAX / 5 * 4 + 1, 5_000_001] {
            proxy.script(move |call| match call["method"].as_str() {
                Some("eth_estimateGas") => Act::Answer(json!(format!("{gas:#x}"))),
                _ => Act::Pass,
            });
            let error = world.step(&mut anchorer).await.unwrap_err();
            assert!(matches!(error, StepError::Send(SendError::Gas { gas: g }) if g == gas), "{error:?}");
        }
        proxy.script(|call| match call["method"].as_str() {
            Some("eth_estimateGas") => Act::Answer(json!("0x4c4b40")), // 5,000,000
            _ => Act::Pass,
        });
        assert!(world.step(&mut anchorer).await.unwrap().mined.is_some());
    });
}

/// [EVM-28] Figures from which a fee is computed.
#[test]
fn absurd_fees_cost_no_more_than_the_limit() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        let head = world.log.grow_to(5);
        proxy.script(|call| match call["method"].as_str() {
            Some("eth_feeHistory") => Act::Change(|result: &mut Value| {
                let most = format!("{:#x}", u128::MAX);
                result["baseFeePerGas"] = json!([most, most]);
                result["reward"] = json!([[most], [most]]);
            }),
            _ => Act::Pass,
        });
        let patience =
            sinpyo_anchor_evm::send::Patience { max_gas_price: 200_000_000_000, ..crate::world::PATIENCE };
        let sender = sinpyo_anchor_evm::send::Sender::new(account(ANCHORER), crate::node::CHAIN, patience);
        let mut anchorer = world.anchorer_with(chain_at(proxy.url.clone(), world.site()), sender);
        let mined = world.step(&mut anchorer).await.unwrap().mined.unwrap();
        assert_eq!(world.held().await, head);
        let receipt =
            world.node.provider().get_transaction_receipt(mined.transaction).await.unwrap().unwrap();
        assert!(receipt.effective_gas_price <= 200_000_000_000);
    });
}

/// [EVM-27]
#[test]
fn an_endless_answer_is_not_read_to_its_end() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        world.log.grow_to(5);
        proxy.script(|call| if call["method"] == "eth_getCode" { Act::Flood } else { Act::Pass });
        let mut anchorer = through(&world, &proxy);
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert!(matches!(error, StepError::Site(_)) && error.code().is_none(), "{error:?}");
    });
    // What the limit lets through, and what lay in the sockets on the way.
    assert!(FLOODED.load(Ordering::Relaxed) < FLOOD / 4);
}

/// The contract is shown as it was before the anchor, with good evidence, and gas is said to suffice: each look would
/// pay for a transaction that fails.
#[test]
fn a_transaction_that_failed_is_not_paid_for_again_at_once() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        world.log.grow_to(20);
        // The contract was created in block 1.
        proxy.script(|call| match call["method"].as_str() {
            Some("eth_estimateGas") => Act::Answer(json!("0x15f90")),
            _ => stale(call, 1),
        });
        let mut misled = through(&world, &proxy);
        let sent =
            async || world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap();
        let mut failed = Vec::new();
        // A look every ten seconds.
        for look in 0..25 {
            let before = sent().await;
            let now = world.tick();
            let result = misled.step(now).await;
            if sent().await > before {
                assert!(matches!(result.unwrap_err(), StepError::Send(SendError::Reverted)));
                failed.push(look);
            }
            assert_eq!(misled.lag(now).entries, 20);
        }
        // One minute later, then two; the next one would be after four.
        assert_eq!(failed, [0, 6, 18]);
    });
}
