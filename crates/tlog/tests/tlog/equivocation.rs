//! Evidence against a log, and what is none.

use crate::world::{History, ORIGIN, at, ed25519, log};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    equivocation::{EquivocationError, EquivocationProof, FindEquivocationError},
    merkle::TreeHead,
    policy::Policy,
};

fn one_size() -> EquivocationProof {
    EquivocationProof::of_one_size(History::new().checkpoint(60), History::rewritten().checkpoint(60))
        .unwrap()
}

/// The honest tree of `old` entries and the rewritten one of `new`, in any order.
fn two_sizes(old: u64, new: u64) -> EquivocationProof {
    let forked = History::rewritten();
    EquivocationProof::from_tree(forked.checkpoint(new), History::new().checkpoint(old), &forked.0).unwrap()
}

#[test]
fn two_stories_of_one_log_are_proven() {
    let (key, _) = log(ORIGIN, 1);
    for (proof, sizes) in [
        (one_size(), (60, 60)),
        (two_sizes(60, 70), (60, 70)),
        // A complete older tree, whose root a consistency proof leaves out.
        (two_sizes(64, 70), (64, 70)),
        (two_sizes(64, 65), (64, 65)),
        (two_sizes(51, 100), (51, 100)),
    ] {
        let read: EquivocationProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        let equivocated = read.verify(&key).unwrap();
        assert_eq!((equivocated.older().size, equivocated.newer().size), sizes);
        assert_eq!((equivocated.key(), read.older().claimed_head()), (&key, equivocated.older()));
        let policy = Policy::of_log(key.clone());
        assert!(read.verify_by(&policy).is_ok());
    }
}

/// Cosignatures stay with the checkpoints: the file shows which witnesses were shown which story.
#[test]
fn cosignatures_are_carried_along() {
    let (witness, signer) = ed25519("witness.example", 7);
    let checkpoint = History::new().checkpoint(60);
    let line = witness.cosign(&checkpoint, at(1000), &signer).unwrap();
    let cosigned = checkpoint.with_signatures([line]).unwrap();
    let proof = EquivocationProof::of_one_size(cosigned, History::rewritten().checkpoint(60)).unwrap();
    let read: EquivocationProof = proof.to_string().parse().unwrap();
    assert_eq!(witness.verify(read.older()), Ok(at(1000)));
}

/// One story told twice, and a log that grew, are no crime.
#[test]
fn what_can_be_true_together_proves_nothing() {
    let (honest, forked) = (History::new(), History::rewritten());
    let refused = |result: Result<EquivocationProof, EquivocationError>| result.unwrap_err();
    let same = EquivocationProof::of_one_size(honest.checkpoint(60), honest.checkpoint(60));
    assert_eq!(refused(same), EquivocationError::Consistent);
    let sizes = EquivocationProof::of_one_size(honest.checkpoint(60), forked.checkpoint(61));
    assert_eq!(refused(sizes), EquivocationError::Consistent);
    for (old, new) in [(42, 60), (0, 60), (60, 60), (64, 65)] {
        let grown = EquivocationProof::from_tree(honest.checkpoint(old), honest.checkpoint(new), &honest.0);
        assert!(matches!(grown, Err(FindEquivocationError::None(_))), "{old} to {new}");
    }
    // Before entry 50 both tell the same.
    let before = EquivocationProof::from_tree(honest.checkpoint(50), forked.checkpoint(60), &forked.0);
    assert!(matches!(before, Err(FindEquivocationError::None(EquivocationError::Consistent))));
}

/// A prefix that nobody's tree has cannot be laid at a log's door.
#[test]
fn a_proof_about_another_tree_is_refused() {
    let (honest, forked) = (History::new(), History::rewritten());
    let of =
        |root, path| EquivocationProof::of_prefix(honest.checkpoint(42), honest.checkpoint(60), root, path);
    let prefix = |error: EquivocationError| assert_eq!(error.code(), "WIT-43", "{error:?}");
    prefix(of(forked.head(60).root, honest.consistency(42, 60)).unwrap_err());
    prefix(of(forked.head(60).root, Vec::new()).unwrap_err());
    prefix(of(honest.head(42).root, honest.consistency(41, 60)).unwrap_err());
    // The forger's tree, while the log signed the honest one.
    let path = forked.consistency(55, 60);
    let framed = EquivocationProof::of_prefix(
        honest.checkpoint(55),
        honest.checkpoint(60),
        forked.head(55).root,
        path,
    );
    prefix(framed.unwrap_err());
    // The larger tree named as the smaller.
    let swapped = EquivocationProof::of_prefix(
        honest.checkpoint(60),
        honest.checkpoint(42),
        honest.head(42).root,
        Vec::new(),
    );
    prefix(swapped.unwrap_err());
}

#[test]
fn both_statements_must_be_by_keys_of_the_log() {
    let (honest, forked) = (History::new(), History::rewritten());
    let sign = |origin, seed, head: TreeHead| {
        let (key, signer) = log(origin, seed);
        SignedCheckpoint::sign(head, &key, &signer).unwrap()
    };
    let (first, second) = (log(ORIGIN, 1).0, log(ORIGIN, 2).0);
    // A stranger's key under the log's name.
    let framed =
        EquivocationProof::of_one_size(honest.checkpoint(60), sign(ORIGIN, 2, forked.head(60))).unwrap();
    let both: Policy = format!("log {first}\nlog {second}\nquorum none\n").parse().unwrap();
    assert_eq!(framed.verify(&first).unwrap_err().code(), "LOG-13");
    assert_eq!(framed.verify(&second).unwrap_err().code(), "LOG-13");
    assert_eq!(framed.verify_by(&Policy::of_log(first.clone())).unwrap_err().code(), "LOG-13");
    assert_eq!(framed.verify_by(&Policy::of_log(second.clone())).unwrap_err().code(), "LOG-13");
    // While both are keys of the log, as during a change of keys, its word is the word of either.
    let equivocated = framed.verify_by(&both).unwrap();
    assert_eq!((equivocated.key(), equivocated.newer_key()), (&first, &second));
    assert_eq!((equivocated.older(), equivocated.newer()), (honest.head(60), forked.head(60)));
    let third =
        EquivocationProof::of_one_size(honest.checkpoint(60), sign(ORIGIN, 3, forked.head(60))).unwrap();
    assert_eq!(third.verify_by(&both).unwrap_err().code(), "LOG-13", "a stranger's");
    let elsewhere = sign("other.example", 1, forked.head(60));
    let two_logs = EquivocationProof::of_one_size(honest.checkpoint(60), elsewhere).unwrap_err();
    assert_eq!((two_logs, two_logs.code()), (EquivocationError::TwoLogs, "WIT-41"));
    let other = Policy::of_log(log("other.example", 1).0);
    assert_eq!(one_size().verify_by(&other).unwrap_err().code(), "WIT-41");
    assert!(one_size().verify_by(&both).is_ok());
}

#[test]
fn any_flipped_bit_of_the_evidence_is_refused() {
    let (key, _) = log(ORIGIN, 1);
    for proof in [one_size(), two_sizes(60, 70)] {
        let text = proof.to_string();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let holds =
                |text: &str| text.parse::<EquivocationProof>().is_ok_and(|proof| proof.verify(&key).is_ok());
            assert!(!String::from_utf8(bytes).is_ok_and(|text| holds(&text)), "byte {at}");
            assert!(!text.get(..at).is_some_and(holds), "cut at {at}");
        }
    }
}

#[test]
fn what_is_no_evidence_file_is_refused() {
    let good = two_sizes(60, 70).to_string();
    assert!(good.starts_with("sinpyo equivocation v1\nprefix "));
    let (_, notes) = good.split_once("\n\n").unwrap();
    let (head, _) = good.split_once("\n\n").unwrap();
    for bad in [
        String::new(),
        good.replacen("v1", "v2", 1),
        good.replacen("prefix ", "", 1),
        good.replacen("prefix ", "prefix  ", 1),
        good.replacen("prefix ", "prefix AAAA\nprefix ", 1),
        good.replacen("equivocation v1\n", "equivocation v1\n\n", 1),
        format!(
            "{head}\n{}\n\n{notes}",
            "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n".repeat(65).trim_end()
        ),
        format!("{good}\n{}", History::new().checkpoint(60)),
        format!("{head}\n\n{}", History::new().checkpoint(60)),
        notes.to_owned(),
    ] {
        let error = bad.parse::<EquivocationProof>().unwrap_err();
        assert_eq!((error, error.code()), (EquivocationError::Form, "WIT-40"), "{bad:.120}");
    }
    let unsigned = good.replacen('\u{2014}', "-", 1);
    assert_eq!(unsigned.parse::<EquivocationProof>().unwrap_err().code(), "LOG-12");
}
