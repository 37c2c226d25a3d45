//! Nodes that are away, transactions that are lost, and fees that are too low.

use crate::{
    node::{CHAIN, Node, available, wait_for},
    proxy::{Act, Proxy},
    world::{ANCHORER, PATIENCE, STRANGER, World, account, chain_at, sender},
};
use alloy::{
    eips::Encodable2718 as _,
    network::{EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _},
    primitives::B256,
    providers::Provider as _,
    rpc::types::TransactionRequest,
};
use serde_json::json;
use sinpyo_anchor_evm::{
    anchorer::{Anchorer, StepError},
    chain::SiteError,
    send::SendError,
};
use std::time::{Duration, Instant};

fn through(world: &World, proxy: &Proxy) -> Anchorer {
    world.anchorer_with(chain_at(proxy.url.clone(), world.site()), sender(ANCHORER))
}

/// A transfer of nothing by the anchorer's own account.
async fn own(world: &World, nonce: u64, fee: u128) {
    let request = TransactionRequest::default()
        .with_from(account(ANCHORER).address())
        .with_chain_id(CHAIN)
        .with_nonce(nonce)
        .with_gas_limit(100_000)
        .with_max_fee_per_gas(fee)
        .with_max_priority_fee_per_gas(fee / 2)
        .with_to(account(STRANGER).address());
    let signed = request.build(&EthereumWallet::from(account(ANCHORER))).await.unwrap();
    let _ = world.node.provider().send_raw_transaction(&signed.encoded_2718()).await.unwrap();
}

fn is_send(call: &serde_json::Value) -> bool {
    call["method"] == "eth_sendRawTransaction"
}

/// LEDGER test 5: the node is away, the log goes on, the lag grows, and one anchor makes up for all of it.
#[test]
fn a_node_that_was_away_is_caught_up_with() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        let mut anchorer = through(&world, &proxy);
        world.log.grow_to(5);
        world.step(&mut anchorer).await.unwrap();
        proxy.script(|_| Act::Drop);
        for size in 6..=365 {
            // An hour of checkpoints every ten seconds.
            world.log.grow_to(size);
            let error = world.step(&mut anchorer).await.unwrap_err();
            assert!(matches!(error, StepError::Site(SiteError::Rpc(_))) && error.code().is_none());
        }
        let lag = anchorer.lag(world.tick());
        assert_eq!((lag.entries, lag.waiting), (360, Duration::from_hours(1)));
        proxy.script(|_| Act::Pass);
        let progress = world.step(&mut anchorer).await.unwrap();
        assert!(progress.mined.is_some());
        assert_eq!(world.held().await, progress.log);
        let lag = anchorer.lag(world.tick());
        assert_eq!((lag.entries, lag.waiting), (0, Duration::ZERO));
        let sent = world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap();
        assert_eq!(sent, 2);
    });
}

/// The node takes connections and never answers.
#[test]
fn a_node_that_hangs_does_not_hang_the_anchorer() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        let head = world.log.grow_to(5);
        world.node.signal("-STOP");
        let start = Instant::now();
        let error = world.step(&mut anchorer).await.unwrap_err();
        world.node.signal("-CONT");
        assert!(matches!(error, StepError::Site(SiteError::Rpc(_))));
        // The client's limit is three seconds.
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        world.step(&mut anchorer).await.unwrap();
        assert_eq!(world.held().await, head);
    });
}

/// The trap of remembered numbers: a later transaction of the account waits for one that never came.
#[test]
fn a_gap_in_the_numbers_closes_itself() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        own(&world, 2, 50_000_000_000).await;
        assert_eq!(
            world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap(),
            0
        );
        let mut anchorer = world.anchorer();
        for size in [5, 6, 7] {
            let head = world.log.grow_to(size);
            world.step(&mut anchorer).await.unwrap();
            assert_eq!(world.held().await, head);
        }
        // Three anchors and, between them, the one that had waited.
        assert_eq!(
            world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap(),
            4
        );
    });
}

#[test]
fn a_transaction_that_was_dropped_is_sent_again() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let _ = world.node.ask("evm_setAutomine", json!([false])).await;
        let mut anchorer = world.anchorer();
        world.log.grow_to(5);
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert!(matches!(error, StepError::Send(SendError::NotMined { nonce: 0 })), "{error:?}");
        let _ = world.node.ask("anvil_dropAllTransactions", json!([])).await;
        let _ = world.node.ask("evm_setAutomine", json!([true])).await;
        // The log did not wait.
        let head = world.log.grow_to(8);
        world.step(&mut anchorer).await.unwrap();
        assert_eq!(world.held().await, head);
        assert_eq!(
            world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap(),
            1
        );
    });
}

/// A node that says "taken" and forgets.
#[test]
fn a_node_that_swallows_transactions_is_noticed() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    proxy.script(|call| if is_send(call) { Act::Answer(json!(B256::repeat_byte(7))) } else { Act::Pass });
    wait_for(async {
        let mut anchorer = through(&world, &proxy);
        let head = world.log.grow_to(5);
        let error = world.step(&mut anchorer).await.unwrap_err();
        assert!(matches!(error, StepError::Send(SendError::NotMined { nonce: 0 })), "{error:?}");
        proxy.script(|_| Act::Pass);
        world.step(&mut anchorer).await.unwrap();
        assert_eq!(world.held().await, head);
    });
}

/// The block takes only what pays more: blocks come after the third attempt.
#[test]
fn a_fee_that_is_too_low_is_raised_and_replaces_the_waiting_transaction() {
    if !available() {
        return;
    }
    let world = World::on(Node::start());
    let proxy = Proxy::before(&world.node.url);
    let mut sent = 0;
    proxy.script(move |call| {
        sent += u32::from(is_send(call));
        if is_send(call) && sent == 3 { Act::PassAndMine } else { Act::Pass }
    });
    wait_for(async {
        let _ = world.node.ask("evm_setAutomine", json!([false])).await;
        let mut anchorer = through(&world, &proxy);
        let head = world.log.grow_to(5);
        let mined = world.step(&mut anchorer).await.unwrap().mined.unwrap();
        assert_eq!(mined.raised, 2);
        assert_eq!(world.held().await, head);
        // One number, one transaction in the block: the others were replaced and do not come back.
        world.node.mine(1).await;
        assert_eq!(
            world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap(),
            1
        );
    });
}

/// After a crash nobody remembers the fee of the transaction that still waits.
#[test]
fn a_waiting_transaction_of_a_former_process_is_replaced() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let _ = world.node.ask("evm_setAutomine", json!([false])).await;
        // Twice the fee that the anchorer will begin with.
        let estimate = world.node.provider().estimate_eip1559_fees().await.unwrap();
        own(&world, 0, 2 * estimate.max_fee_per_gas).await;
        let head = world.log.grow_to(5);
        let mut anchorer = world.anchorer();
        let error = loop {
            let error = world.step(&mut anchorer).await.unwrap_err();
            if !matches!(error, StepError::Send(SendError::Rejected(_))) {
                break error;
            }
        };
        assert!(matches!(error, StepError::Send(SendError::NotMined { nonce: 0 })), "{error:?}");
        world.node.mine(1).await;
        assert_eq!(world.held().await, head);
    });
}

/// An account without money: nothing is gained by offering more of it, and nothing is lost when it comes.
#[test]
fn an_empty_account_does_not_raise_its_fees() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let poor = account(ANCHORER).address();
        let _ = world.node.ask("anvil_setBalance", json!([poor, "0x0"])).await;
        world.node.mine(1).await; // or the state is that of no block
        let mut anchorer = world.anchorer();
        let head = world.log.grow_to(5);
        for _ in 0..5 {
            let error = world.step(&mut anchorer).await.unwrap_err();
            assert!(
                matches!(error, StepError::Send(SendError::Rejected(_) | SendError::Rpc(_))),
                "{error:?}"
            );
        }
        world.node.fund(poor).await;
        world.node.mine(2).await;
        let mined = world.step(&mut anchorer).await.unwrap().mined.unwrap();
        assert_eq!((mined.raised, world.held().await), (0, head));
    });
}

/// A fee has an end: beyond it the chain lags and the alarm speaks, the account is not emptied.
#[test]
fn no_fee_is_paid_beyond_the_limit() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let limit = 1_000_000; // below the base fee
        let patience = sinpyo_anchor_evm::send::Patience { max_gas_price: limit, ..PATIENCE };
        let sender = sinpyo_anchor_evm::send::Sender::new(account(ANCHORER), CHAIN, patience);
        let mut anchorer = world.anchorer_with(world.chain(), sender);
        world.log.grow_to(5);
        for _ in 0..3 {
            let error = world.step(&mut anchorer).await.unwrap_err();
            assert!(matches!(error, StepError::Send(_)), "{error:?}");
        }
        let node = world.node.provider();
        assert_eq!(node.get_transaction_count(account(ANCHORER).address()).await.unwrap(), 0);
        assert_eq!(anchorer.lag(world.tick()).entries, 5);
    });
}
