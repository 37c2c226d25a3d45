//! Proofs as text, checked offline.

use crate::{
    merkle::entry,
    world::{History, ORIGIN, at, ed25519, log},
};
use sinpyo_tlog::{
    merkle::{BadProof, Hash, prove_inclusion},
    policy::{Policy, PolicyError},
    proof::{MAX_EXTRA, ParseProofError, ProofError, TlogProof},
};

const INDEX: u64 = 17;

fn policy(quorum: &str) -> Policy {
    let witness = ed25519("witness.example", 10).0;
    format!("log {}\nwitness w {witness}\nquorum {quorum}\n", log(ORIGIN, 1).0).parse().unwrap()
}

fn proof() -> TlogProof {
    let history = History::new();
    let checkpoint = history.checkpoint(42);
    let (key, signer) = ed25519("witness.example", 10);
    let line = key.cosign(&checkpoint, at(1000), &signer).unwrap();
    let path = prove_inclusion(&history.0, INDEX, 42).unwrap();
    TlogProof::new(INDEX, path, checkpoint.with_signatures([line]).unwrap())
}

fn leaf() -> Hash {
    Hash::leaf(&entry(INDEX))
}

#[test]
fn a_proof_is_read_back_and_holds() {
    for proof in [proof(), proof().with_extra(b"extra information".to_vec())] {
        let read: TlogProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        let logged = read.verify(&policy("w"), leaf()).unwrap();
        assert_eq!((logged.index(), logged.witnessed().witnessed_at()), (INDEX, Some(at(1000))));
    }
    assert_eq!(proof().with_extra(vec![1, 2]).unauthenticated_extra(), [1, 2]);
    // The lines as the specification has them.
    let text = proof().with_extra(b"extra information".to_vec()).to_string();
    let first = "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 17\n";
    assert!(text.starts_with(first), "{text}");
    assert!(text.ends_with(&format!("=\n\n{}", proof().checkpoint())), "{text}");
    // The first and only entry has no siblings.
    let only = TlogProof::new(0, Vec::new(), History::new().checkpoint(1));
    let read: TlogProof = only.to_string().parse().unwrap();
    assert!(read.verify(&policy("none"), Hash::leaf(&entry(0))).is_ok());
}

/// SECURITY LOG-07: a valid proof of another entry is no proof of ours.
#[test]
fn a_proof_of_something_else_is_refused() {
    let good = proof();
    let check = |proof: &TlogProof, leaf| proof.verify(&policy("w"), leaf).unwrap_err();
    assert_eq!(check(&good, Hash::leaf(&entry(16))), ProofError::Path(BadProof::Root));
    let moved = |index| TlogProof::new(index, good.path().to_vec(), good.checkpoint().clone());
    assert_eq!(check(&moved(16), leaf()), ProofError::Path(BadProof::Root));
    assert_eq!(check(&moved(42), leaf()), ProofError::Path(BadProof::OutsideTree));
    let shorter = TlogProof::new(INDEX, good.path()[1..].to_vec(), good.checkpoint().clone());
    assert_eq!(check(&shorter, leaf()).code(), "LOG-03");
    let unwitnessed = TlogProof::new(INDEX, good.path().to_vec(), History::new().checkpoint(42));
    assert_eq!(check(&unwitnessed, leaf()), ProofError::Policy(PolicyError::Quorum));
    assert!(unwitnessed.verify(&policy("none"), leaf()).is_ok());
    let foreign = Policy::of_log(log("other.example", 1).0);
    assert_eq!(good.verify(&foreign, leaf()).unwrap_err().code(), "WIT-12");
    // A rewritten log is self-consistent, and not witnessed.
    let history = History::rewritten();
    let path = prove_inclusion(&history.0, 50, 60).unwrap();
    let forged = TlogProof::new(50, path, history.checkpoint(60));
    assert!(forged.verify(&policy("none"), Hash::leaf(b"rewritten")).is_ok());
    assert_eq!(forged.verify(&policy("w"), Hash::leaf(b"rewritten")).unwrap_err().code(), "WIT-13");
}

#[test]
fn any_flipped_bit_of_a_proof_is_refused() {
    let text = proof().to_string();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let holds =
            changed.parse::<TlogProof>().is_ok_and(|proof| proof.verify(&policy("w"), leaf()).is_ok());
        assert!(!holds, "byte {at}");
        let cut = text.get(..at).is_some_and(|cut| {
            cut.parse::<TlogProof>().is_ok_and(|proof| proof.verify(&policy("w"), leaf()).is_ok())
        });
        assert!(!cut, "cut at {at}");
    }
}

#[test]
fn what_is_no_proof_is_refused() {
    let good = proof().with_extra(b"extra information".to_vec()).to_string();
    assert!(good.parse::<TlogProof>().is_ok());
    let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=";
    let longest = format!("extra {}\n", "AAAA".repeat(MAX_EXTRA.div_ceil(3) + 1));
    for (from, to) in [
        ("c2sp.org/tlog-proof@v1\n", ""),
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("@v1\n", "@v1 \n"),
        ("@v1\n", "@v1\n\n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", "extra \n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", "extra\n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", "extra ZXh0cmEgaW5mb3JtYXRpb24\n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", "extra ZXh0cmEgaW5mb3JtYXRpb25=\n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", "extra AAAA\nextra AAAA\n"),
        ("extra ZXh0cmEgaW5mb3JtYXRpb24=\n", &longest),
        ("index 17\n", "index 017\n"),
        ("index 17\n", "index +17\n"),
        ("index 17\n", "index -1\n"),
        ("index 17\n", "index 18446744073709551616\n"),
        ("index 17\n", "index  17\n"),
        ("index 17\n", "index 17 \n"),
        ("index 17\n", "index\n"),
        ("index 17\n", "Index 17\n"),
        ("index 17\n", ""),
        ("index 17\n", "index 17\nindex 17\n"),
        ("index 17\n", &format!("index 17\n{hash}=\n")),
        ("index 17\n", &format!("index 17\n{}\n", &hash[1..])),
        ("index 17\n", &format!("index 17\n{}\n", hash.replace("PlQ=", "PlR="))),
        ("index 17\n", &format!("index 17\n {hash}\n")),
        ("index 17\n", &format!("index 17\n{}", format!("{hash}\n").repeat(65))),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let error = bad.parse::<TlogProof>().unwrap_err();
        assert_eq!((error, error.code()), (ParseProofError::Form, "WIT-15"), "{to:.80}");
    }
    let error = good.replacen("index 17\n", "index 17\n\n", 1).parse::<TlogProof>().unwrap_err();
    assert!(matches!(error, ParseProofError::Checkpoint(_)), "a hash is no origin's line: {error}");
    let bodiless = good.split_once("\n\n").unwrap().0.to_owned() + "\n\n";
    assert_eq!(bodiless.parse::<TlogProof>().unwrap_err().code(), "LOG-12");
    assert_eq!("".parse::<TlogProof>(), Err(ParseProofError::Form));
}
