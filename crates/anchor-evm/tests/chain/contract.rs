//! The contract's own refusals [SECURITY: a stranger calls every external function].

use crate::{
    node::{CHAIN, Node, available, wait_for},
    world::{ANCHORER, OWNER, PATIENCE, STRANGER, World, account, sender},
};
use alloy::{
    eips::{BlockId, Encodable2718 as _},
    network::{EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _},
    primitives::{Address, B256, Bytes, U256},
    providers::{Provider as _, RootProvider},
    rpc::types::{TransactionReceipt, TransactionRequest},
    sol_types::SolCall as _,
};
use serde_json::Value;
use sinpyo_anchor_evm::{
    contract::{Refusal, SLOTS},
    send::{Call, Mined, SendError, Sender},
};
use std::{path::Path, process::Command};

alloy::sol! {
    function anchor(uint64 size, bytes32 root, bytes32 prevRoot);
    function offerAnchorer(address account);
    function acceptAnchorer();
}

const ARTIFACT: &str = include_str!("../../../../contracts/AnchorRegistry.json");

fn root(n: u8) -> B256 {
    B256::repeat_byte(n)
}

fn empty() -> B256 {
    B256::from(*sinpyo_tlog::merkle::Hash::of_empty_tree().as_bytes())
}

fn anchor(size: u64, root: B256, prev: B256) -> Bytes {
    anchorCall { size, root, prevRoot: prev }.abi_encode().into()
}

async fn call(world: &World, who: u8, input: Bytes) -> Result<Mined, SendError> {
    sender(who).send(&world.node.provider(), &Call::To(world.contract, input)).await
}

fn refused(result: Result<Mined, SendError>) -> Refusal {
    match result.unwrap_err() {
        SendError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Every slot that the contract has, and the ether that it holds.
async fn state(world: &World) -> (Vec<U256>, U256) {
    let node = world.node.provider();
    let mut slots = Vec::new();
    for slot in 0..8 {
        slots.push(node.get_storage_at(world.contract, U256::from(slot)).await.unwrap());
    }
    (slots, node.get_balance(world.contract).await.unwrap())
}

/// The node makes the block in its own time.
async fn receipt(node: &RootProvider, transaction: B256) -> TransactionReceipt {
    loop {
        if let Some(receipt) = node.get_transaction_receipt(transaction).await.unwrap() {
            return receipt;
        }
    }
}

/// [LEDGER targets: at most 40,000 gas a checkpoint]
#[test]
fn an_anchor_costs_at_most_40_000_gas() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut prev = empty();
        let mut costs = Vec::new();
        for (size, n) in [1, 1_000, 1_000_000, u64::from(u32::MAX) * 9, u64::MAX].into_iter().zip(0xf0..) {
            let next = root(n); // no zero byte, which would be cheaper
            costs.push(call(&world, ANCHORER, anchor(size, next, prev)).await.unwrap().gas);
            prev = next;
        }
        eprintln!("gas of an anchor: first {}, then {:?}", costs[0], &costs[1..]);
        assert!(costs[1..].iter().all(|gas| *gas <= 40_000), "{costs:?}");
        // The transaction alone costs 21,000: a figure below would mean that nothing was measured.
        assert!(costs.iter().all(|gas| *gas > 30_000), "{costs:?}");
    });
}

/// [EVM-01] [EVM-04] The hole of contracts whose functions anybody may call.
#[test]
fn a_stranger_is_refused_by_every_function_that_writes() {
    if !available() {
        return;
    }
    let world = World::new();
    let artifact: Value = serde_json::from_str(ARTIFACT).unwrap();
    let writing: Vec<&str> = artifact["abi"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "function" && item["stateMutability"] != "view")
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    // A new function has to be thought of here.
    assert_eq!(writing, ["acceptAnchorer", "anchor", "offerAnchorer"]);
    let kinds = artifact["abi"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap());
    assert!(kinds.clone().all(|kind| !["receive", "fallback"].contains(&kind)));
    wait_for(async {
        let before = state(&world).await;
        let offer = offerAnchorerCall { account: account(STRANGER).address() }.abi_encode();
        let mut calls = vec![
            (STRANGER, anchor(1, root(1), empty()), Refusal::NotAnchorer),
            (STRANGER, offer.clone().into(), Refusal::NotOwner),
            (STRANGER, acceptAnchorerCall {}.abi_encode().into(), Refusal::NotOffered),
            // Each role is only itself.
            (OWNER, anchor(1, root(1), empty()), Refusal::NotAnchorer),
            (ANCHORER, offer.into(), Refusal::NotOwner),
        ];
        for (who, input, reason) in calls.drain(..) {
            assert_eq!(refused(call(&world, who, input).await), reason);
        }
        assert_eq!(state(&world).await, before);
        call(&world, ANCHORER, anchor(1, root(1), empty())).await.unwrap();
    });
}

/// What is refused when it is tried out is also refused inside a block.
#[test]
fn a_stranger_is_refused_inside_a_block() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let before = state(&world).await;
        let node = world.node.provider();
        for (n, input) in (0..).zip([anchor(1, root(1), empty()), acceptAnchorerCall {}.abi_encode().into()])
        {
            let raw = signed(STRANGER, CHAIN, n, world.contract, input).await;
            let sent = node.send_raw_transaction(&raw).await.unwrap();
            assert!(!receipt(&node, *sent.tx_hash()).await.status());
        }
        assert_eq!(state(&world).await, before);
    });
}

/// [EVM-02] [EVM-03]
#[test]
fn forks_shrinking_repetition_and_empty_trees_are_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let none = call(&world, ANCHORER, anchor(0, root(1), empty())).await;
        assert_eq!(refused(none), Refusal::NotLarger { size: 0, latest: 0 });
        assert_eq!(refused(call(&world, ANCHORER, anchor(5, root(1), root(9))).await), Refusal::Forked);
        call(&world, ANCHORER, anchor(5, root(1), empty())).await.unwrap();
        let before = state(&world).await;
        for (size, head, prev) in
            [(5, root(1), empty()), (5, root(1), root(1)), (5, root(2), root(1)), (4, root(2), root(1))]
        {
            let refusal = refused(call(&world, ANCHORER, anchor(size, head, prev)).await);
            assert_eq!(refusal, Refusal::NotLarger { size, latest: 5 });
        }
        for prev in [empty(), root(2), B256::ZERO] {
            assert_eq!(refused(call(&world, ANCHORER, anchor(6, root(2), prev)).await), Refusal::Forked);
        }
        assert_eq!(state(&world).await, before);
        call(&world, ANCHORER, anchor(6, root(2), root(1))).await.unwrap();
    });
}

/// [EVM-04]
#[test]
fn the_role_changes_hands_in_two_steps() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let offer = |to: Address| -> Bytes { offerAnchorerCall { account: to }.abi_encode().into() };
        let accept = || -> Bytes { acceptAnchorerCall {}.abi_encode().into() };
        // Offered and taken back.
        call(&world, OWNER, offer(account(STRANGER).address())).await.unwrap();
        call(&world, OWNER, offer(Address::ZERO)).await.unwrap();
        assert_eq!(refused(call(&world, STRANGER, accept()).await), Refusal::NotOffered);
        // Offered: until it is accepted the old anchorer works and the new one does not.
        call(&world, OWNER, offer(account(STRANGER).address())).await.unwrap();
        assert_eq!(refused(call(&world, ANCHORER, accept()).await), Refusal::NotOffered);
        assert_eq!(refused(call(&world, STRANGER, anchor(1, root(1), empty())).await), Refusal::NotAnchorer);
        call(&world, ANCHORER, anchor(1, root(1), empty())).await.unwrap();
        call(&world, STRANGER, accept()).await.unwrap();
        assert_eq!(refused(call(&world, ANCHORER, anchor(2, root(2), root(1))).await), Refusal::NotAnchorer);
        assert_eq!(refused(call(&world, STRANGER, accept()).await), Refusal::NotOffered);
        call(&world, STRANGER, anchor(2, root(2), root(1))).await.unwrap();
    });
}

/// [EVM-05]
#[test]
fn ether_unknown_calls_and_contracts_of_nobody_are_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let node = world.node.provider();
        let before = state(&world).await;
        let known = anchor(1, root(1), empty());
        for (input, value) in [(Bytes::new(), 1), (Bytes::new(), 0), (vec![1, 2, 3, 4].into(), 0), (known, 1)]
        {
            let request = TransactionRequest::default()
                .with_from(account(ANCHORER).address())
                .with_to(world.contract)
                .with_input(input)
                .with_value(U256::from(value));
            let error = node.estimate_gas(request).block(BlockId::latest()).await.unwrap_err();
            assert!(error.is_error_resp(), "{error}");
        }
        assert_eq!(state(&world).await, before);
        let nobody = sinpyo_anchor_evm::contract::creation_code(&crate::world::origin(), Address::ZERO);
        let created = sender(OWNER).send(&node, &Call::Create(nobody)).await;
        assert_eq!(refused(created), Refusal::Nobody);
    });
}

async fn signed(who: u8, chain: u64, nonce: u64, to: Address, input: Bytes) -> Vec<u8> {
    let request = TransactionRequest::default()
        .with_from(account(who).address())
        .with_chain_id(chain)
        .with_nonce(nonce)
        .with_gas_limit(200_000)
        .with_max_fee_per_gas(10_000_000_000)
        .with_max_priority_fee_per_gas(1_000_000_000)
        .with_to(to)
        .with_input(input);
    request.build(&EthereumWallet::from(account(who))).await.unwrap().encoded_2718()
}

/// [EIP-155] What was signed for one chain is worth nothing on another with the same contract at the same address.
#[test]
fn a_transaction_of_one_chain_is_refused_by_another() {
    if !available() {
        return;
    }
    let (here, there) = (World::new(), World::on(Node::start()));
    let other = Node::with(CHAIN + 1, &[]);
    wait_for(async {
        for n in [OWNER, ANCHORER] {
            other.fund(account(n).address()).await;
        }
        let code =
            sinpyo_anchor_evm::contract::creation_code(&crate::world::origin(), account(ANCHORER).address());
        let mut owner = Sender::new(account(OWNER), CHAIN + 1, PATIENCE);
        let twin = owner.send(&other.provider(), &Call::Create(code)).await.unwrap().created.unwrap();
        assert_eq!((here.contract, there.contract), (twin, twin));
        let raw = signed(ANCHORER, CHAIN, 0, twin, anchor(1, root(1), empty())).await;
        let error = other.provider().send_raw_transaction(&raw).await.unwrap_err();
        assert!(error.is_error_resp(), "{error}");
        assert_eq!(other.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap(), 0);
        let first = here.node.provider().send_raw_transaction(&raw).await.unwrap();
        assert!(receipt(&here.node.provider(), *first.tx_hash()).await.status());
    });
}

/// The places that evidence is asked for are the compiler's.
#[test]
fn the_slots_are_the_compilers() {
    let artifact: Value = serde_json::from_str(ARTIFACT).unwrap();
    let storage = artifact["storage"].as_array().unwrap();
    let place = |label: &str| {
        let slot = storage.iter().find(|slot| slot["label"] == label).unwrap();
        (slot["slot"].as_str().unwrap().parse::<u8>().unwrap(), slot["offset"].as_u64().unwrap())
    };
    assert_eq!(
        [place("_root"), place("_size"), place("_block"), place("origin")],
        [(0, 0), (1, 0), (1, 8), (2, 0)]
    );
    assert_eq!(SLOTS.map(|slot| slot[31]), [0, 1, 2]);
}

#[test]
fn the_artifact_is_what_the_source_compiles_to() {
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
    if !contracts.join("node_modules/solc").is_dir() {
        eprintln!("skipped: solc is not installed (contracts/build installs it)");
        assert_ne!(std::env::var("SINPYO_REQUIRE_ALL").as_deref(), Ok("1"), "solc is required");
        return;
    }
    assert!(Command::new(contracts.join("build")).arg("--check").status().unwrap().success());
}
