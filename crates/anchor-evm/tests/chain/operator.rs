//! The operator cheats: he holds the log's key, its database, and in the end the anchorer's key too.

use crate::{
    node::{available, wait_for},
    world::{ANCHORER, World, sender},
};
use alloy::{
    eips::BlockId,
    primitives::{B256, Bytes},
    providers::Provider as _,
    sol_types::SolCall as _,
};
use sinpyo_anchor_evm::{
    anchorer::StepError,
    block::Hashing,
    contract::Refusal,
    plan::{Conflict, Grown},
    send::{Call, Mined, SendError},
};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::fs;

alloy::sol! {
    function anchor(uint64 size, bytes32 root, bytes32 prevRoot);
}

/// With the anchorer's key, past the anchorer's checks.
async fn force(world: &World, head: TreeHead, prev: Hash) -> Result<Mined, SendError> {
    let word = |hash: Hash| B256::from(*hash.as_bytes());
    let input: Bytes =
        anchorCall { size: head.size, root: word(head.root), prevRoot: word(prev) }.abi_encode().into();
    sender(ANCHORER).send(&world.node.provider(), &Call::To(world.contract, input)).await
}

/// [EVM-12] Entry 500 is rewritten, the tree rebuilt and signed again: valid signature, larger size.
#[test]
fn a_rewritten_log_is_not_anchored() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let mut anchorer = world.anchorer();
        let honest = world.log.grow_to(700);
        world.step(&mut anchorer).await.unwrap();
        world.log.grow_to(900);
        let forged = world.log.rewrite(500);
        let check = |error: StepError| match error {
            StepError::Conflict(conflict @ Conflict::Rewritten { .. }) => {
                assert_eq!((conflict.code(), conflict.heads()), ("EVM-12", (honest, forged)));
            }
            other => panic!("{other:?}"),
        };
        check(world.step(&mut anchorer).await.unwrap_err());
        // A new process without memory: the chain remembers.
        fs::remove_file(world.state.path().join("last")).unwrap();
        check(world.step(&mut world.anchorer()).await.unwrap_err());
        assert_eq!(world.held().await, honest);
        // The same size and a smaller one.
        world.log.grow_to(700);
        assert_eq!(world.step(&mut anchorer).await.unwrap_err().code(), Some("EVM-11"));
        world.log.grow_to(600);
        assert_eq!(world.step(&mut anchorer).await.unwrap_err().code(), Some("EVM-10"));
        assert_eq!(world.held().await, honest);
    });
}

/// A chain that was set up anew has forgotten; the anchorer has not.
#[test]
fn a_rewritten_log_is_not_anchored_in_a_new_contract() {
    if !available() {
        return;
    }
    let mut world = World::new();
    wait_for(async {
        world.log.grow_to(700);
        world.step(&mut world.anchorer()).await.unwrap();
    });
    world.contract = wait_for(crate::world::deploy(&world.node, &crate::world::origin()));
    wait_for(async {
        world.log.grow_to(900);
        world.log.rewrite(500);
        assert_eq!(world.step(&mut world.anchorer()).await.unwrap_err().code(), Some("EVM-12"));
        assert_eq!(world.held().await.size, 0);
    });
}

/// What the contract sees by itself, and what it cannot see.
#[test]
fn an_operator_with_the_anchorers_key_is_refused_or_leaves_evidence() {
    if !available() {
        return;
    }
    let world = World::new();
    wait_for(async {
        let honest = world.log.grow_to(700);
        let text = crate::world::checkpoint_text(world.log.folder.path());
        world.step(&mut world.anchorer()).await.unwrap();
        let forged_before = world.log.rewrite(500);
        let forged = world.log.grow_to(900);
        // His own history has another root at 700: the contract refuses it.
        let error = force(&world, forged, forged_before.root).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(Refusal::Forked)), "{error:?}");
        assert!(matches!(
            force(&world, forged_before, honest.root).await.unwrap_err(),
            SendError::Refused(Refusal::NotLarger { .. })
        ));
        // He names the honest root before his own: the contract cannot know and takes it.
        force(&world, forged, honest.root).await.unwrap();
        assert_eq!(world.held().await, forged);
        // Whoever holds the honest checkpoint sees that the chain's head does not begin with it, in any history.
        let block = world.node.provider().get_block(BlockId::latest()).await.unwrap().unwrap().header.hash;
        let evidence = world.chain().evidence(block).await.unwrap();
        let proven = evidence.verify(&world.site(), block, Hashing::Ethereum).unwrap();
        let checkpoint = world.log.reader().check(&text).unwrap().checkpoint().head();
        let path = world.log.reader().growth(checkpoint, forged).await.unwrap();
        assert_eq!(proven.covers(checkpoint, &path).unwrap_err().code(), "EVM-12");
        // And the honest anchorer, should it come back, does not go on from there.
        world.log.grow_to(0);
        let continued = world.log.grow_to(1000);
        let path = world.log.reader().growth(forged, continued).await.unwrap();
        assert_eq!(Grown::check(forged, continued, &path).unwrap_err().code(), "EVM-12");
        assert_eq!(world.step(&mut world.anchorer()).await.unwrap_err().code(), Some("EVM-12"));
    });
}
