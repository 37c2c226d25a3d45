//! `sinpyo-tlog`: policies, proofs, cosignatures, witnesses and evidence, for a log that told two stories.

mod witness;
mod world;

use super::{OK, SKIPPED, target, texts};
use crate::{Outcome, Target};
use sinpyo_core::time::Timestamp;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::{CosignerKey, CosignerName},
    equivocation::EquivocationProof,
    merkle::prove_inclusion,
    note::{LogKey, NoteSignature},
    policy::{Policy, Witnessed},
    proof::TlogProof,
    tile::{EntryBundle, Resource, TileId},
};
use std::{str, time::Duration};
use world::{FORKED, HONEST, LOG, POLICY, SIZE, WITNESSES, leaf, now};

pub(crate) use witness::answer as ask_witness;

/// The log that witnesses know.
pub(crate) fn witnessed_log() -> &'static LogKey {
    &LOG
}

/// A checkpoint of it, with the cosignatures of both witnesses.
pub(crate) fn witnessed_checkpoint() -> SignedCheckpoint {
    HONEST.cosigned(SIZE)
}

/// The witness that withstands quantum computers.
pub(crate) fn quantum_witness() -> &'static CosignerKey {
    let [_, second] = &*WITNESSES;
    second
}

/// What a witness cosigns.
pub(crate) fn witness_request() -> Vec<u8> {
    witness::requests().swap_remove(0)
}

pub(super) const TARGETS: &[Target] = &[
    target("tlog/policy", policies, follow),
    target("tlog/checkpoint", checkpoints, verify_checkpoint),
    target("tlog/proof", proofs, verify_proof),
    target("tlog/add-checkpoint", witness::requests, witness::answer),
    target("tlog/witness-answer", witness::answers, witness::adopt),
    target("tlog/equivocation", equivocations, verify_equivocation),
    target("tlog/path", paths, read_path),
    target("tlog/bundle", bundles, read_bundle),
    target("tlog/cosigner-key", cosigner_keys, read_cosigner_key),
];

fn policies() -> Vec<Vec<u8>> {
    let [first, second] = &*WITNESSES;
    let log = &*LOG;
    texts(&[
        &world::policy_text(),
        &format!("log {log}\nquorum none\n"),
        &format!(
            "# c\n\nlog {log}\nwitness a {first}\nwitness b {second}\ngroup g 1 a b\ngroup h any g\nquorum h\n"
        ),
    ])
}

/// A policy is printed and read again as the same; whoever follows it believes no other log, and no other time.
fn follow(input: &[u8]) -> Outcome {
    let policy = match Policy::parse(input) {
        Ok(policy) => policy,
        Err(error) => return error.code(),
    };
    assert_eq!(Policy::parse(&policy.to_bytes()).as_ref(), Ok(&policy), "what is written is read");
    let _shown = policy.to_string();
    let checkpoint = HONEST.cosigned(SIZE);
    match policy.verify(&checkpoint) {
        Ok(witnessed) => {
            assert!(policy.log_keys().any(|key| *key == *LOG), "another log's key");
            let known = policy.witnesses().filter(|witness| WITNESSES.contains(witness.key())).count();
            assert!(known > 0 || !policy.demands_witnesses(), "a quorum of strangers");
            assert_eq!(witnessed.witnessed_at().is_some(), policy.demands_witnesses());
            check_age(&witnessed);
            OK
        }
        Err(error) => error.code(),
    }
}

/// A quorum saw it at the time of the cosignatures, and at no other.
fn check_age(witnessed: &Witnessed) {
    let hour = Duration::from_hours(1);
    let fresh = |at: Timestamp| witnessed.not_older_than(hour, at).is_ok();
    if let Some(at) = witnessed.witnessed_at() {
        assert_eq!(at, now());
        assert!(fresh(at) && fresh(at.plus(hour)));
    }
    assert!(!fresh(now().plus(Duration::from_hours(2))) && !fresh(now().minus(hour)));
}

fn checkpoints() -> Vec<Vec<u8>> {
    let cosigned = HONEST.cosigned(SIZE);
    let all = [HONEST.checkpoint(60), cosigned, FORKED.cosigned(60), HONEST.checkpoint(0)];
    all.map(|checkpoint| checkpoint.to_string().into_bytes()).to_vec()
}

/// What a policy accepts was signed by the log, and cosigned when it says.
fn verify_checkpoint(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let checkpoint: SignedCheckpoint = match text.parse() {
        Ok(checkpoint) => checkpoint,
        Err(error) => return error.code(),
    };
    assert_eq!(checkpoint.to_string(), text, "a checkpoint has one form");
    let head = checkpoint.claimed_head();
    let was_signed = HONEST.had(head) || FORKED.had(head);
    for key in &*WITNESSES {
        if let Ok(at) = key.verify(&checkpoint) {
            assert!(was_signed && at == now(), "nobody cosigned this");
        }
    }
    let merged = checkpoint.clone().with_signatures(HONEST.cosigned(SIZE).signatures().to_vec());
    if let Ok(merged) = merged {
        assert_eq!(merged.claimed_head(), head);
    }
    match POLICY.verify(&checkpoint) {
        Ok(witnessed) => {
            assert_eq!(witnessed.checkpoint().head(), head);
            assert!(was_signed, "nobody signed this");
            assert_eq!(witnessed.witnessed_at(), Some(now()));
            check_age(&witnessed);
            OK
        }
        Err(error) => error.code(),
    }
}

fn proofs() -> Vec<Vec<u8>> {
    let proof = |index, size| {
        let path = prove_inclusion(&*HONEST, index, size).expect("an entry");
        TlogProof::new(index, path, HONEST.cosigned(size))
    };
    let extra = proof(42, SIZE).with_extra(b"{\"entry\":42}".to_vec());
    [proof(42, SIZE), extra, proof(0, 1), proof(41, 60)].map(|proof| proof.to_string().into_bytes()).to_vec()
}

/// Entry 42 is proven at place 42 and nowhere else, and what is not in the log is nowhere.
fn verify_proof(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let proof: TlogProof = match text.parse() {
        Ok(proof) => proof,
        Err(error) => return error.code(),
    };
    assert_eq!(proof.to_string(), text, "a proof has one form");
    assert!(proof.verify(&POLICY, leaf(1_000)).is_err(), "no such entry");
    match proof.verify(&POLICY, leaf(42)) {
        Ok(logged) => {
            assert_eq!((logged.index(), proof.claimed_index()), (42, 42));
            assert!(HONEST.had(logged.witnessed().checkpoint().head()), "nobody signed this");
            OK
        }
        Err(error) => error.code(),
    }
}

fn equivocations() -> Vec<Vec<u8>> {
    let sizes = EquivocationProof::of_one_size(HONEST.checkpoint(60), FORKED.cosigned(60));
    let tree = |old, new| {
        EquivocationProof::from_tree(FORKED.checkpoint(new), HONEST.checkpoint(old), &*FORKED).ok()
    };
    let all = [sizes.ok(), tree(60, 70), tree(64, 65), tree(51, SIZE)];
    let mut seeds: Vec<Vec<u8>> =
        all.into_iter().flatten().map(|proof| proof.to_string().into_bytes()).collect();
    // Two true statements, as evidence.
    let first = "sinpyo equivocation v1\n\n";
    seeds.push(format!("{first}{}\n{}", HONEST.checkpoint(60), HONEST.checkpoint(70)).into_bytes());
    seeds
}

/// What is evidence holds one statement of each story, at least one of them past where they part.
fn verify_equivocation(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let proof: EquivocationProof = match text.parse() {
        Ok(proof) => proof,
        Err(error) => return error.code(),
    };
    assert_eq!(proof.to_string(), text, "evidence has one form");
    let by_policy = proof.verify_by(&POLICY).map_err(|error| error.code());
    match proof.verify(&LOG) {
        Ok(equivocated) => {
            let heads = [equivocated.older(), equivocated.newer()];
            assert!(heads.iter().any(|head| !HONEST.had(*head)), "an honest log is accused");
            assert!(heads.iter().any(|head| !FORKED.had(*head)), "an honest log is accused");
            assert!(heads.iter().all(|head| HONEST.had(*head) || FORKED.had(*head)), "nobody signed this");
            assert_eq!(by_policy.as_ref(), Ok(&equivocated));
            OK
        }
        Err(error) => {
            assert_eq!(by_policy, Err(error.code()));
            error.code()
        }
    }
}

fn paths() -> Vec<Vec<u8>> {
    let deep = "tile/0/x018/x446/x744/x073/x709/551";
    texts(&["checkpoint", "tile/0/x001/067", "tile/7/000.p/3", "tile/entries/x001/067.p/12", deep])
}

/// A path that is read names something below the folder it is joined to, in one form.
fn read_path(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match text.parse::<Resource>() {
        Ok(resource) => {
            assert_eq!(resource.to_string(), text, "a path has one form");
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let harmless = |part: &str| part.trim_end_matches(".p").bytes().all(plain);
            assert!(text.split('/').all(|part| !part.is_empty() && harmless(part)), "{text}");
            assert_eq!(resource.is_immutable(), resource != Resource::Checkpoint);
            let _of_tile = match resource {
                Resource::Tile(id) => Resource::entries_of(id).map(|entries| entries.content_type()),
                _ => None,
            };
            OK
        }
        Err(error) => error.code(),
    }
}

fn bundles() -> Vec<Vec<u8>> {
    let bundle = |width: u8, entry: &[u8]| {
        let bundle = EntryBundle::new(vec![entry.to_vec(); usize::from(width) + 1]).expect("a bundle");
        [&[width], bundle.to_bytes().as_slice()].concat()
    };
    vec![bundle(0, b""), bundle(2, b"entry"), bundle(255, b"{}"), bundle(0, &[b'a'; 65_535])]
}

/// The first byte is the width less one. A bundle is the bytes that it was read from.
fn read_bundle(input: &[u8]) -> Outcome {
    let Some((width, bytes)) = input.split_first() else { return SKIPPED };
    let id = TileId::new(0, 0, u16::from(*width) + 1).expect("a tile");
    match EntryBundle::parse(id, bytes) {
        Ok(bundle) => {
            assert_eq!(bundle.to_bytes(), bytes, "a bundle has one form");
            assert_eq!(bundle.leaf_hashes().len(), id.length());
            assert_eq!(EntryBundle::new(bundle.entries().to_vec()).as_ref(), Ok(&bundle));
            OK
        }
        Err(error) => error.code(),
    }
}

fn cosigner_keys() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = WITNESSES.iter().map(|key| key.to_string().into_bytes()).collect();
    seeds.extend(HONEST.cosigned(1).signatures().iter().map(|line| line.to_string().trim_end().into()));
    seeds
}

/// A key is the text that it was read from, and so is a name and a signature line.
fn read_cosigner_key(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Ok(name) = text.parse::<CosignerName>() {
        assert_eq!(name.as_str(), text);
    }
    if let Ok(line) = text.parse::<NoteSignature>() {
        assert_eq!(line.to_string(), format!("{text}\n"));
        return OK;
    }
    match text.parse::<CosignerKey>() {
        Ok(key) => {
            assert_eq!(key.to_string(), text, "a key has one form");
            let parts = (key.name().clone(), key.verifying_key().clone());
            assert_eq!(CosignerKey::new(parts.0, parts.1).as_ref(), Ok(&key));
            let cosigned = HONEST.cosigned(SIZE);
            assert_eq!(key.verify(&cosigned).is_ok(), WITNESSES.contains(&key));
            OK
        }
        Err(error) => error.code(),
    }
}
