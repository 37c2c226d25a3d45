//! Checkpoints, notes and tiles against the C2SP crates of another implementation.

use signed_note::{Note as TheirNote, StandardVerifier, Verifier as _, VerifierList};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{Hash, TreeHead},
    note::{LogKey, MAX_NOTE, NoteError, SignNoteError},
    tile::TileId,
};

const ORIGIN: &str = "ledger.example/2026";

fn log(origin: &str, seed: u8) -> (LogKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, seed);
    let public = LogKey::new(origin.parse().unwrap(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#key".parse().unwrap(), secret))
}

fn head(size: u64) -> TreeHead {
    TreeHead { size, root: Hash::leaf(b"some root") }
}

fn text() -> String {
    let (key, signer) = log(ORIGIN, 1);
    SignedCheckpoint::sign(head(42), &key, &signer).unwrap().to_string()
}

fn check(text: &str) -> Result<TreeHead, CheckpointError> {
    Ok(text.parse::<SignedCheckpoint>()?.verify(&log(ORIGIN, 1).0)?.head())
}

#[test]
fn a_checkpoint_is_read_back_and_by_others() {
    assert_eq!(check(&text()), Ok(head(42)));
    assert_eq!(text().parse::<SignedCheckpoint>().unwrap().to_string(), text());
    let theirs = TheirNote::from_bytes(text().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&log(ORIGIN, 1).0.to_string()).unwrap();
    assert_eq!(verifier.name(), ORIGIN);
    let (signed, unknown) = theirs.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((signed.len(), unknown.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!(
        (checkpoint.origin(), checkpoint.size(), checkpoint.hash().0),
        (ORIGIN, 42, *head(42).root.as_bytes())
    );
}

#[test]
fn a_log_key_is_read_back() {
    let (key, _) = log(ORIGIN, 1);
    assert_eq!(key.to_string().parse::<LogKey>().unwrap(), key);
    let text = key.to_string();
    let (name, rest) = text.split_once('+').unwrap();
    let (hash, public) = rest.split_once('+').unwrap();
    for other in [
        String::new(),
        name.to_owned(),
        format!("other.example+{hash}+{public}"),
        format!("{name}+{}+{public}", hash.to_uppercase() + "0"),
        format!("{name}+00000000+{public}"),
        format!("{name}+{hash}+{public}A"),
        format!("{name}+{hash}+"),
        format!("+{hash}+{public}"),
    ] {
        assert!(matches!(other.parse::<LogKey>().unwrap_err().code(), "LOG-15" | "LOG-16"), "{other}");
    }
    let es256 = sinpyo_testkit::key(Algorithm::Es256, 1).verifying_key().clone();
    assert_eq!(LogKey::new(ORIGIN.parse().unwrap(), es256).unwrap_err(), NoteError::KeyType);
}

#[test]
fn another_key_or_log_is_refused() {
    let signed: SignedCheckpoint = text().parse().unwrap();
    assert_eq!(signed.verify(&log(ORIGIN, 2).0), Err(CheckpointError::Note(NoteError::Unsigned)));
    assert_eq!(signed.verify(&log("ledger.example/2027", 1).0), Err(CheckpointError::Origin));
    let (key, _) = log(ORIGIN, 1);
    let (_, stranger) = log(ORIGIN, 2);
    assert!(matches!(key.sign("text\n", &stranger), Err(SignNoteError::AnotherKey(_))));
    let es256 =
        KeySigner::new("did:example:log#key".parse().unwrap(), sinpyo_testkit::key(Algorithm::Es256, 1));
    assert!(matches!(key.sign("text\n", &es256), Err(SignNoteError::AnotherKey(_))));
}

#[test]
fn a_changed_statement_is_refused() {
    assert_eq!(check(&text().replacen("42", "43", 1)), Err(CheckpointError::Note(NoteError::Signature)));
    let whole = text();
    for at in 0..whole.len() {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(check(&changed).is_err(), "byte {at}");
        }
        assert!(whole.get(..at).is_none_or(|cut| check(cut).is_err()), "cut at {at}");
    }
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let (key, signer) = log(ORIGIN, 1);
    let sign = |body: &str| format!("{body}\n{}", key.sign(body, &signer).unwrap());
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert!(check(&sign(&format!("{ORIGIN}\n0\n{root}\n"))).is_ok(), "the empty log");
    for body in [
        format!("{ORIGIN}\n1\n{root}\nextension\n"),
        format!("{ORIGIN}\n1\n"),
        format!("{ORIGIN}\n01\n{root}\n"),
        format!("{ORIGIN}\n+1\n{root}\n"),
        format!("{ORIGIN}\n-1\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n1 \n{root}\n"),
        format!("{ORIGIN}\n1\n{}\n", &root[..43]),
        format!("{ORIGIN}\n1\n{}\n", &root[4..]),
        format!("{ORIGIN}\n0\n{}\n", root.replace("47D", "47E")),
    ] {
        assert_eq!(check(&sign(&body)), Err(CheckpointError::Body), "{body}");
    }
    assert_eq!(
        check(&sign(&format!("https://{ORIGIN}\n1\n{root}\n"))),
        Err(CheckpointError::Note(NoteError::Origin))
    );
}

#[test]
fn what_is_no_note_is_refused() {
    let good = text();
    let (body, signature) = good.split_once("\n\n").unwrap();
    for (note, error) in [
        (String::new(), NoteError::Structure),
        (body.to_owned(), NoteError::Structure),
        (format!("{body}\n\n"), NoteError::Structure),
        (format!("{body}\n{signature}"), NoteError::Structure),
        (good.trim_end().to_owned(), NoteError::Structure),
        (good.replace('\n', "\r\n"), NoteError::Control),
        (good.replace("42", "4\t2"), NoteError::Control),
        (good.replace('\u{2014}', "-"), NoteError::SignatureLine),
        (format!("{good}\u{2014} x\n"), NoteError::SignatureLine),
        (format!("{good}\u{2014} x AAA=\n"), NoteError::SignatureLine),
        (format!("{good}\u{2014} x AAAAAA==\n"), NoteError::SignatureLine),
        (good.clone() + &signature.repeat(64), NoteError::TooLong),
        (good.clone() + &"x".repeat(MAX_NOTE), NoteError::TooLong),
    ] {
        assert_eq!(check(&note), Err(CheckpointError::Note(error)), "{note:.200}");
    }
}

#[test]
fn signatures_of_others_are_ignored() {
    let (_, witness) = log("witness.example", 3);
    let (key, _) = log("witness.example", 3);
    let good = text();
    let (body, _) = good.split_once("\n\n").unwrap();
    let cosignature = key.sign(&format!("{body}\n"), &witness).unwrap().to_string();
    assert_eq!(check(&format!("{good}{cosignature}")), Ok(head(42)));
    assert_eq!(check(&format!("{body}\n\n{cosignature}")), Err(CheckpointError::Note(NoteError::Unsigned)));
}

#[test]
fn tile_paths_are_those_of_tlog_tiles() {
    for (level, index, width, path) in [
        (0, 0, 256, "tile/0/000"),
        (0, 1067, 256, "tile/0/x001/067"),
        (1, 1_234_067, 256, "tile/1/x001/x234/067"),
        (3, 5, 12, "tile/3/005.p/12"),
    ] {
        let id = TileId::new(level, index, width).unwrap();
        assert_eq!(id.to_string(), path);
        assert_eq!(path.parse::<TileId>().unwrap(), id);
        // C2SP leaves out the tile height, which the Go form has.
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        assert_eq!(theirs.replacen("tile/8/", "tile/", 1), path);
    }
    for path in [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/012",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/xx001/002",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/０00",
        "tile/0/+01",
        "tile/7/001",
    ] {
        assert!(path.parse::<TileId>().is_err(), "{path}");
    }
}

#[test]
fn a_growing_tree_touches_the_tiles_that_tlog_tiles_names() {
    for (old, new) in
        [(0, 1), (0, 256), (255, 257), (1000, 1001), (65_535, 65_537), (70_000, 200_000), (5, 5)]
    {
        let mut ours: Vec<String> = TileId::touched_by(old..new).map(|id| id.to_string()).collect();
        let theirs = tlog_tiles::Tile::new_tiles(8, old, new).into_iter();
        let mut theirs: Vec<String> =
            theirs.map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{old}..{new}");
    }
}
