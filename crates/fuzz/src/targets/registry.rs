//! `sinpyo-registry`: notes, tiles, proofs, and operations through the fold.

mod latest;
mod story;
mod world;

use super::{OK, SKIPPED, fixture, target, texts};
use crate::{Outcome, Target};
pub(crate) use latest::{signed, text_of};
use sinpyo_core::{resolved::VersionSelector, time::Timestamp};
use sinpyo_registry::{
    EntryProof, Fold,
    accreditation::{AccreditationId, AccreditationProof},
    did_tlog::{ResolutionProof, VersionId},
    engine::{LogEngine, Position, Sequencing},
};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    note::{LogKey, Note, Origin},
    tile::{ExpandedTile, TileId},
};
use std::{str, sync::LazyLock};
use world::WORLD;
pub(crate) use world::{
    World, as_organisation, by, control, create, heads_key, log_key, origin, recoverable,
};

pub(super) const TARGETS: &[Target] = &[
    target("registry/note", notes, read_note),
    target("registry/names", names, read_names),
    target("registry/tile", tiles, read_tile),
    target("registry/entry-proof", entry_proofs, verify_entry),
    target("registry/resolution-proof", resolution_proofs, verify_resolution),
    target("registry/accreditation-proof", accreditation_proofs, verify_accreditation),
    target("registry/operation", operations, sequence),
    target("registry/entry", entries, replay),
    target("registry/story", story::stories, story::tell),
    target("registry/heads", latest::statements, latest::verify_heads),
    target("registry/heads-key", latest::names, latest::read_names),
    target("registry/latest", latest::latest_proofs, latest::verify_latest),
    target("registry/accreditation-latest", latest::latest_rights, latest::verify_latest_right),
    target("registry/head-equivocation", latest::lies, latest::verify_lie),
    target("registry/person", latest::records, latest::verify_person),
    target("registry/person-operation", latest::persons_operations, latest::read_person),
];

/// The checkpoint of the log, as text.
pub(crate) fn checkpoint() -> String {
    WORLD.checkpoint.to_string()
}

fn notes() -> Vec<Vec<u8>> {
    texts(&[&WORLD.checkpoint.to_string()])
}

/// A note is the text that it was read from; a checkpoint that verifies is the one that was signed.
fn read_note(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Ok(note) = text.parse::<Note>() {
        assert_eq!(note.to_string(), text, "a note has one form");
        let _verdict = WORLD.key.verify(&note).map(|signed| signed.as_str().len());
    }
    let checkpoint = match text.parse::<SignedCheckpoint>() {
        Ok(checkpoint) => checkpoint,
        Err(error) => return error.code(),
    };
    match checkpoint.verify(&WORLD.key) {
        Ok(checkpoint) => {
            assert_eq!(checkpoint.head(), WORLD.checkpoint.claimed_head());
            OK
        }
        Err(error) => error.code(),
    }
}

fn names() -> Vec<Vec<u8>> {
    let version = "2-zQmSnepbzhSp4xt15TfDB5B2KCPxc6acaYczUoUSz7Qh5jb";
    texts(&[&WORLD.key.to_string(), "ledger.example/2026", version, "tile/0/x001/234.p/5"])
}

/// Each name is the text that it was read from.
fn read_names(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let same = |printed: String| assert_eq!(printed, text);
    let (key, origin) = (text.parse::<LogKey>(), text.parse::<Origin>());
    let (version, tile) = (text.parse::<VersionId>(), text.parse::<TileId>());
    if let Ok(id) = text.parse::<AccreditationId>() {
        same(id.as_str().to_owned());
    }
    match (key, origin, version, tile) {
        (Ok(key), ..) => same(key.to_string()),
        (_, _, Ok(version), _) => same(version.to_string()),
        (.., Ok(tile)) => same(tile.to_string()),
        (_, Ok(origin), ..) => same(origin.to_string()),
        _ => return "none",
    }
    OK
}

fn tiles() -> Vec<Vec<u8>> {
    let id = TileId::new(0, 0, 6).expect("a tile");
    vec![WORLD.engine.tile(id).expect("a tile of the log")]
}

fn read_tile(input: &[u8]) -> Outcome {
    let mut outcome = "none";
    for width in [1, 6, 256] {
        let id = TileId::new(0, 0, width).expect("a tile");
        if let Ok(tile) = ExpandedTile::from_content(id, input) {
            assert_eq!(input.len(), id.length());
            let _nodes = (tile.node(0, 0), tile.node(8, 0), tile.node(u32::MAX, u64::MAX));
            outcome = OK;
        }
    }
    outcome
}

fn entry_proofs() -> Vec<Vec<u8>> {
    let ledger = WORLD.ledger();
    [0, 3].map(|index| ledger.prove_entry(index).expect("an entry").to_string().into_bytes()).to_vec()
}

/// A proven entry is the one that stands there.
fn verify_entry(input: &[u8]) -> Outcome {
    let proof = match str::from_utf8(input).map(str::parse::<EntryProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    assert_eq!(proof.to_string().parse::<EntryProof>().expect("what is written is read"), proof);
    match proof.verify(&WORLD.key) {
        Ok(proven) => {
            let stands = WORLD.engine.entries(proven.index()..proven.index() + 1).expect("an entry");
            assert_eq!(stands, [proven.entry()]);
            OK
        }
        Err(error) => error.code(),
    }
}

fn resolution_proofs() -> Vec<Vec<u8>> {
    let ledger = WORLD.ledger();
    let proof = |did| ledger.prove(did, &VersionSelector::Latest).expect("a DID on the log").to_string();
    vec![proof(&WORLD.organisation).into_bytes(), proof(&WORLD.root).into_bytes()]
}

/// A proven document is one that the log holds.
fn verify_resolution(input: &[u8]) -> Outcome {
    let proof = match str::from_utf8(input).map(str::parse::<ResolutionProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    assert_eq!(proof.to_string().parse::<ResolutionProof>().expect("what is written is read"), proof);
    let mut outcome = SKIPPED;
    for did in [&WORLD.organisation, &WORLD.root] {
        match proof.verify(&WORLD.key, did, &VersionSelector::Latest) {
            Ok(proven) => {
                let document = &proven.resolved().document;
                assert!(WORLD.documents.contains(document), "{document:?}");
                outcome = OK;
            }
            Err(error) if outcome != OK => outcome = error.code(),
            Err(_) => {}
        }
    }
    outcome
}

fn accreditation_proofs() -> Vec<Vec<u8>> {
    let ledger = WORLD.ledger();
    let proof = ledger.prove_accreditation(&WORLD.organisation, &WORLD.right).expect("a right");
    vec![proof.to_string().into_bytes()]
}

fn verify_accreditation(input: &[u8]) -> Outcome {
    let proof = match str::from_utf8(input).map(str::parse::<AccreditationProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    assert_eq!(proof.to_string().parse::<AccreditationProof>().expect("what is written is read"), proof);
    match proof.verify(&WORLD.key, &WORLD.organisation, &WORLD.right, WORLD.now) {
        Ok(proven) => {
            assert_eq!(proven.chain().accreditation(), Some(&WORLD.accreditation));
            OK
        }
        Err(error) => error.code(),
    }
}

fn position(time: Timestamp) -> Position {
    Position { index: WORLD.size(), time }
}

/// Good ones, and vectors: of those only the creations are good here.
fn operations() -> Vec<Vec<u8>> {
    [WORLD.pending.clone(), fixture::vectors("did-tlog")].concat()
}

static OPERATIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(operations);

/// An operation that is sequenced makes an entry that is replayed to the same state.
fn sequence(input: &[u8]) -> Outcome {
    let (fold, state) = (Fold::new(origin()), WORLD.engine.state().expect("a state"));
    match fold.sequence(&*state, position(WORLD.now), input) {
        Ok(new) => {
            let replayed = fold.replay(&*state, WORLD.size(), &new.entry);
            assert_eq!(replayed.expect("what was sequenced is replayed"), new.writes);
            assert!(OPERATIONS.iter().any(|known| known == input), "nobody signed this");
            OK
        }
        Err(refusal) => refusal.code().unwrap_or("engine"),
    }
}

fn entries() -> Vec<Vec<u8>> {
    let (fold, state) = (Fold::new(origin()), WORLD.engine.state().expect("a state"));
    let entry =
        |op: &Vec<u8>| fold.sequence(&*state, position(WORLD.now), op).expect("a good operation").entry;
    WORLD.pending.iter().map(entry).collect()
}

fn replay(input: &[u8]) -> Outcome {
    let (fold, state) = (Fold::new(origin()), WORLD.engine.state().expect("a state"));
    match fold.replay(&*state, WORLD.size(), input) {
        Ok(_) => OK,
        Err(refusal) => refusal.code().unwrap_or("engine"),
    }
}
