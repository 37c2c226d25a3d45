//! What an anchorer does while nothing is wrong but the chain's reorganisations.

use crate::{
    node::{CHAIN, available, wait_for},
    world::{ANCHORER, STRANGER, World, account, chain_at, deploy, origin, sender},
};
use alloy::providers::Provider as _;
use serde_json::json;
use sinpyo_anchor_evm::{
    anchorer::StepError,
    chain::Finality,
    contract::Site,
    log::{LogPlace, LogReader},
};
use sinpyo_tlog::policy::Policy;
use std::time::Duration;

#[test]
fn every_checkpoint_is_anchored_once() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        assert_eq!(world.step(&mut anchorer).await.unwrap().mined, None); // an empty log has nothing to anchor
        // Over the edges of tiles and of their levels.
        for size in [1, 2, 255, 256, 257, 300, 700] {
            let head = world.log.grow_to(size);
            let progress = world.step(&mut anchorer).await.unwrap();
            assert!(progress.mined.is_some());
            assert_eq!((progress.log, progress.latest, world.held().await), (head, head, head));
            assert_eq!(world.step(&mut anchorer).await.unwrap().mined, None);
            assert_eq!(anchorer.lag(world.tick()).entries, 0);
        }
        let sent = world.node.provider().get_transaction_count(account(ANCHORER).address()).await.unwrap();
        assert_eq!(sent, 7);
    });
}

#[test]
fn an_anchor_becomes_safe_and_final() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        let head = world.log.grow_to(10);
        let progress = world.step(&mut anchorer).await.unwrap();
        assert_eq!((progress.latest, progress.safe.size, progress.last.size), (head, 0, 0));
        world.node.mine(1).await;
        let progress = world.step(&mut anchorer).await.unwrap();
        assert_eq!((progress.safe, progress.last.size), (head, 0));
        world.node.mine(1).await;
        assert_eq!(world.step(&mut anchorer).await.unwrap().last, head);
    });
}

/// LEDGER test 5: reorganisations of depth 1 to 8, short of and beyond what the node called safe and final.
#[test]
fn what_a_reorganisation_takes_is_anchored_again() {
    if !available() {
        return;
    }
    for depth in 1..=8 {
        let world = World::new();
        wait_for(async {
            let mut anchorer = world.anchorer();
            let mut heads = vec![world.log.grow_to(0)];
            for size in 1..=10 {
                heads.push(world.log.grow_to(size * 7));
                world.step(&mut anchorer).await.unwrap();
            }
            let finalised = {
                let chain = world.chain();
                let contract = chain.contract().await.unwrap();
                contract.head_at(Finality::Final).await.unwrap().unwrap().head
            };
            assert_eq!(finalised, heads[8]);
            world.node.reorganise(depth.try_into().unwrap()).await;
            // Each head has a block of its own, so that many are gone: beyond depth 2 a final one too.
            assert_eq!(world.held().await, heads[heads.len() - 1 - depth]);
            let progress = world.step(&mut anchorer).await.unwrap();
            assert_eq!(progress.reorganised, Some(heads[10]));
            assert!(progress.mined.is_some());
            assert_eq!(world.held().await, heads[10]);
            assert_eq!(world.step(&mut anchorer).await.unwrap().mined, None);
        });
    }
}

/// The same after a restart, and while the log grows.
#[test]
fn an_anchorer_that_starts_after_a_reorganisation_goes_on() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        for size in [5, 6, 7] {
            world.log.grow_to(size);
            world.step(&mut world.anchorer()).await.unwrap();
        }
        world.node.reorganise(3).await;
        assert_eq!(world.held().await.size, 0);
        let head = world.log.grow_to(20);
        world.step(&mut world.anchorer()).await.unwrap();
        assert_eq!(world.held().await, head);
    });
}

/// [EVM-01]
#[test]
fn an_account_without_the_role_anchors_nothing() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        world.log.grow_to(3);
        let mut stranger = world.anchorer_with(world.chain(), sender(STRANGER));
        let error = world.step(&mut stranger).await.unwrap_err();
        assert_eq!(error.code(), Some("EVM-01"));
        assert_eq!(world.held().await.size, 0);
    });
}

/// [EVM-07] [EVM-08] [EVM-09]
#[test]
fn another_chain_contract_or_log_is_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        world.log.grow_to(3);
        let code = async |site: Site| {
            let chain = chain_at(world.node.url.clone(), site);
            let error = world.step(&mut world.anchorer_with(chain, sender(ANCHORER))).await.unwrap_err();
            assert!(matches!(error, StepError::Site(_)), "{error:?}");
            error.code().unwrap()
        };
        assert_eq!(code(Site { chain_id: CHAIN + 1, ..world.site() }).await, "EVM-07");
        assert_eq!(code(Site { contract: account(STRANGER).address(), ..world.site() }).await, "EVM-08");
        let other = deploy(&world.node, &"other.example/2026".parse().unwrap()).await;
        assert_eq!(code(Site { contract: other, ..world.site() }).await, "EVM-09");
        // Another code at the same address, as after a chain that was set up anew.
        let mut anchorer = world.anchorer();
        world.step(&mut anchorer).await.unwrap();
        let _ = world.node.ask("anvil_setCode", json!([world.contract, "0x60016000f3"])).await;
        world.log.grow_to(4);
        assert_eq!(world.step(&mut anchorer).await.unwrap_err().code(), Some("EVM-08"));
    });
}

/// A contract that was created anew begins with nothing, and gets the log as it is.
#[test]
fn a_new_contract_gets_the_log_as_it_is() {
    if !available() {
        return;
    }
    let mut world = World::new();
    let head = wait_for(async {
        let head = world.log.grow_to(9);
        world.step(&mut world.anchorer()).await.unwrap();
        head
    });
    world.contract = wait_for(deploy(&world.node, &origin()));
    wait_for(async {
        assert_eq!(world.held().await.size, 0);
        world.step(&mut world.anchorer()).await.unwrap();
        assert_eq!(world.held().await, head);
    });
}

/// [EVM-13]
#[test]
fn a_checkpoint_that_lacks_its_witnesses_is_not_anchored() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        world.log.grow_to(3);
        let key = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Ed25519, 9).verifying_key().clone();
        let witness =
            sinpyo_tlog::cosignature::CosignerKey::new("witness.example".parse().unwrap(), key).unwrap();
        let text = format!("log {}\nwitness w {witness}\nquorum w\n", world.log.key);
        let policy = Policy::parse(text.as_bytes()).unwrap();
        let place = LogPlace::Folder(world.log.folder.path().to_owned());
        let client = sinpyo_anchor_evm::chain::http_client(Duration::from_secs(5)).unwrap();
        let log = LogReader::new(place, policy, client);
        let mut anchorer = sinpyo_anchor_evm::anchorer::Anchorer::new(
            log,
            world.chain(),
            sender(ANCHORER),
            world.memory(),
            Finality::Latest,
        );
        assert_eq!(world.step(&mut anchorer).await.unwrap_err().code(), Some("EVM-13"));
        assert_eq!(world.held().await.size, 0);
    });
}
