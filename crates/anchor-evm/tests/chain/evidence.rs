//! Evidence from nodes that lie.

use crate::{
    node::{available, wait_for},
    proxy::{Act, Proxy, stale},
    world::{ANCHORER, World, account, chain_at, deploy, sender},
};
use alloy::{
    eips::BlockId,
    primitives::{B256, U256},
    providers::Provider as _,
};
use serde_json::Value;
use sinpyo_anchor_evm::{
    anchorer::StepError,
    block::Hashing,
    evidence::{CoverError, Evidence, EvidenceError},
    send::SendError,
};

async fn newest(world: &World) -> B256 {
    world.node.provider().get_block(BlockId::latest()).await.unwrap().unwrap().header.hash
}

async fn evidence(world: &World, block: B256) -> Evidence {
    world.chain().evidence(block).await.unwrap()
}

fn code(evidence: &Evidence, world: &World, block: B256) -> &'static str {
    evidence.verify(&world.site(), block, Hashing::Ethereum).unwrap_err().code()
}

#[test]
fn an_anchor_is_shown_by_its_blocks_hash() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        let old = world.log.grow_to(300);
        let first = world.step(&mut anchorer).await.unwrap().mined.unwrap();
        let old_block = newest(&world).await;
        let new = world.log.grow_to(900);
        world.step(&mut anchorer).await.unwrap();
        world.node.mine(3).await;
        for (block, head) in [(old_block, old), (newest(&world).await, new)] {
            let proven =
                evidence(&world, block).await.verify(&world.site(), block, Hashing::Ethereum).unwrap();
            assert_eq!(proven.anchored().head, head);
        }
        // A checkpoint is covered by a later anchor if the log shows how it grew, and not by an earlier one.
        let path = world.log.reader().growth(old, new).await.unwrap();
        let block = newest(&world).await;
        let late = evidence(&world, block).await.verify(&world.site(), block, Hashing::Ethereum).unwrap();
        assert_eq!(late.covers(old, &path).unwrap().growth().earlier(), old);
        assert!(matches!(late.covers(old, &path[1..]).unwrap_err(), CoverError::Conflict(_)));
        let early =
            evidence(&world, old_block).await.verify(&world.site(), old_block, Hashing::Ethereum).unwrap();
        assert_eq!(early.anchored().block, first.block);
        assert_eq!(early.covers(new, &[]).unwrap_err().code(), "EVM-25");
    });
}

/// [EVM-20] to [EVM-24]: every part of an answer that a node may falsify.
#[test]
fn a_lie_in_any_part_of_the_evidence_is_caught() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        world.log.grow_to(10);
        world.step(&mut anchorer).await.unwrap();
        let before = newest(&world).await;
        world.log.grow_to(20);
        world.step(&mut anchorer).await.unwrap();
        let block = newest(&world).await;
        let honest = evidence(&world, block).await;
        let _ = honest.verify(&world.site(), block, Hashing::Ethereum).unwrap();
        let lie = |change: &dyn Fn(&mut Evidence)| {
            let mut evidence = honest.clone();
            change(&mut evidence);
            code(&evidence, &world, block)
        };
        // An older block under the newer one's hash.
        assert_eq!(code(&evidence(&world, before).await, &world, block), "EVM-20");
        assert_eq!(lie(&|e| e.header.state_root = B256::ZERO), "EVM-20");
        assert_eq!(lie(&|e| e.header.number += 1), "EVM-20");
        // The account.
        assert_eq!(lie(&|e| e.proof.nonce += 1), "EVM-21");
        assert_eq!(lie(&|e| e.proof.balance += U256::from(1)), "EVM-21");
        assert_eq!(lie(&|e| e.proof.code_hash = B256::ZERO), "EVM-21");
        assert_eq!(lie(&|e| e.proof.storage_hash = B256::ZERO), "EVM-21");
        assert_eq!(lie(&|e| e.proof.account_proof.clear()), "EVM-21");
        assert_eq!(lie(&|e| drop(e.proof.account_proof.pop())), "EVM-21");
        // The slots.
        for slot in 0..3 {
            assert_eq!(lie(&|e| e.proof.storage_proof[slot].value += U256::from(1)), "EVM-23");
            assert_eq!(lie(&|e| e.proof.storage_proof[slot].value = U256::ZERO), "EVM-23");
            assert_eq!(lie(&|e| e.proof.storage_proof[slot].proof.clear()), "EVM-23");
            assert_eq!(lie(&|e| drop(e.proof.storage_proof.remove(slot))), "EVM-23");
        }
        // The storage of the older block, with its own proofs.
        let older = evidence(&world, before).await;
        assert_eq!(lie(&|e| e.proof.storage_proof = older.proof.storage_proof.clone()), "EVM-23");
        assert_eq!(lie(&|e| e.proof = older.proof.clone()), "EVM-21");
        // Two slots' values under each other's names.
        let swapped = lie(&|e| {
            let (first, second) = (e.proof.storage_proof[0].key, e.proof.storage_proof[1].key);
            (e.proof.storage_proof[0].key, e.proof.storage_proof[1].key) = (second, first);
        });
        assert_eq!(swapped, "EVM-23");
        // One flipped bit anywhere in a proof.
        let nodes = honest.proof.storage_proof[0].proof.len();
        for (node, place) in (0..nodes).flat_map(|node| [0, 7, 20].map(|place| (node, place))) {
            let flipped = lie(&|e| {
                let mut bytes = e.proof.storage_proof[0].proof[node].to_vec();
                bytes[place] ^= 1;
                e.proof.storage_proof[0].proof[node] = bytes.into();
            });
            assert_eq!(flipped, "EVM-23");
        }
    });
}

/// Proofs are a stranger's bytes: cut, doubled and overwritten nodes are refused, and nothing panics.
#[test]
fn mangled_proofs_are_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        let block = newest(&world).await;
        let honest = evidence(&world, block).await;
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..3000 {
            let mut mangled = honest.clone();
            let slot = random(4);
            let path = match mangled.proof.storage_proof.get_mut(slot) {
                Some(slot) => &mut slot.proof,
                None => &mut mangled.proof.account_proof,
            };
            let node = random(path.len());
            let mut bytes = path[node].to_vec();
            let place = random(bytes.len());
            match random(4) {
                0 => bytes.truncate(place),
                1 => bytes[place] ^= 1 << random(8),
                2 => bytes.insert(place, 0xf8),
                _ => bytes[place..].fill(0xff),
            }
            let same = bytes == path[node].to_vec();
            path[node] = bytes.into();
            // Nor do they show that there is no contract.
            assert_eq!(mangled.find(&world.site(), block, Hashing::Ethereum).is_ok(), same);
        }
    });
}

/// [EVM-22] [EVM-24]
#[test]
fn another_contract_shows_nothing() {
    if !available() {
        return;
    }
    let mut world = World::new();
    let ours = world.contract;
    let other = wait_for(deploy(&world.node, &"other.example/2026".parse().unwrap()));
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        let block = newest(&world).await;
        world.contract = other;
        let foreign = evidence(&world, block).await;
        assert_eq!(code(&foreign, &world, block), "EVM-24");
        // The other contract's proof for ours, and ours for nobody's.
        world.contract = ours;
        assert_eq!(code(&foreign, &world, block), "EVM-21");
        world.contract = account(ANCHORER).address();
        let person = evidence(&world, block).await;
        assert_eq!(code(&person, &world, block), "EVM-22");
    });
}

/// Before it was created, a contract is shown not to exist, and that takes evidence too.
#[test]
fn a_contract_that_did_not_exist_yet_is_shown_not_to() {
    if !available() {
        return;
    }
    let mut world = World::new();
    wait_for(async {
        world.node.mine(1).await;
        let before = newest(&world).await;
        world.contract = deploy(&world.node, &crate::world::origin()).await;
        let after = newest(&world).await;
        let find = |evidence: &Evidence, block| evidence.find(&world.site(), block, Hashing::Ethereum);
        assert_eq!(find(&evidence(&world, after).await, after).unwrap().unwrap().anchored().head.size, 0);
        let honest = evidence(&world, before).await;
        assert_eq!(find(&honest, before).unwrap(), None);
        assert_eq!(code(&honest, &world, before), "EVM-22");
        let lie = |change: &dyn Fn(&mut Evidence)| {
            let mut evidence = honest.clone();
            change(&mut evidence);
            find(&evidence, before).unwrap_err().code()
        };
        assert_eq!(lie(&|e| e.proof.account_proof.clear()), "EVM-21");
        assert_eq!(lie(&|e| drop(e.proof.account_proof.pop())), "EVM-21");
        assert_eq!(lie(&|e| e.header.number += 1), "EVM-20");
        // The older block's state for the newer one.
        let mut late = evidence(&world, after).await;
        late.proof = honest.proof.clone();
        assert_eq!(find(&late, after).unwrap_err().code(), "EVM-21");
    });
}

/// A node that claims an anchor which is not there is believed by nobody who asks for evidence.
#[test]
fn a_node_that_claims_an_anchor_is_caught() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        let block = newest(&world).await;
        proxy.script(|call| match call["method"].as_str() {
            Some("eth_getProof") => Act::Change(|result: &mut Value| {
                // Slot 1 says: 4096 entries.
                result["storageProof"][1]["value"] = "0x1000".into();
            }),
            _ => Act::Pass,
        });
        let lying = chain_at(proxy.url.clone(), world.site()).evidence(block).await.unwrap();
        let error = lying.verify(&world.site(), block, Hashing::Ethereum).unwrap_err();
        assert!(matches!(error, EvidenceError::Storage(_)), "{error:?}");
    });
}

/// A node that hides an anchor cannot make the anchorer fork the contract.
#[test]
fn a_node_that_hides_an_anchor_gets_no_fork() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    wait_for(async {
        world.log.grow_to(10);
        world.step(&mut world.anchorer()).await.unwrap();
        let head = world.log.grow_to(20);
        // The contract is shown as it was when it was created, in block 1.
        proxy.script(|call| stale(call, 1));
        let chain = chain_at(proxy.url.clone(), world.site());
        let mut misled = world.anchorer_with(chain, sender(ANCHORER));
        let error = world.step(&mut misled).await.unwrap_err();
        assert!(matches!(error, StepError::Send(SendError::Refused(_))), "{error:?}");
        assert_eq!(error.code(), Some("EVM-03"));
        proxy.script(|_| Act::Pass);
        world.step(&mut misled).await.unwrap();
        assert_eq!(world.held().await, head);
    });
}
