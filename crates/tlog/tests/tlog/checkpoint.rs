//! Checkpoints, notes and tiles against the C2SP crates of another implementation.

use crate::world::{ORIGIN, log};
use signed_note::{Note as TheirNote, StandardVerifier, Verifier as _, VerifierList};
use sinpyo_core::encoding::Multikey;
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{Hash, TreeHead},
    note::{LogKey, MAX_NOTE, NoteError, SignNoteError},
};

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
        (format!("{good}\u{2014} a\u{1f}b AAAAAAAA\n"), NoteError::Control),
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
    // signed-note forbids what is below U+0020 only.
    assert_eq!(check(&format!("{good}\u{2014} a\u{7f}b AAAAAAAA\n")), Ok(head(42)));
    assert_eq!(check(&format!("{body}\n\n{cosignature}")), Err(CheckpointError::Note(NoteError::Unsigned)));
}

/// A key change: both keys sign for a while, and either is enough for a reader.
#[test]
fn a_log_changes_its_key_with_both_signatures_on_one_checkpoint() {
    let ((old, old_signer), (new, new_signer)) = (log(ORIGIN, 1), log(ORIGIN, 2));
    let other = SignedCheckpoint::sign(head(42), &new, &new_signer).unwrap();
    let both = SignedCheckpoint::sign(head(42), &old, &old_signer).unwrap();
    let both = both.with_signatures(other.signatures().to_vec()).unwrap();
    let both: SignedCheckpoint = both.to_string().parse().unwrap();
    assert_eq!(both.signatures().len(), 2);
    for keys in [vec![&old], vec![&new], vec![&old, &new], vec![&log("other.example", 3).0, &new]] {
        assert_eq!(both.verify_any(keys).unwrap().head(), head(42));
    }
    let stranger = log(ORIGIN, 3).0;
    assert_eq!(both.verify_any([&stranger]), Err(CheckpointError::Note(NoteError::Unsigned)));
    assert_eq!(both.verify_any([&log("other.example", 1).0]), Err(CheckpointError::Origin));
    assert_eq!(both.verify_any([]), Err(CheckpointError::Origin));
    // One wrong signature of a known key spoils the note, in whatever order the keys are tried.
    let elsewhere = SignedCheckpoint::sign(head(43), &new, &new_signer).unwrap();
    let spoilt = both.with_signatures(elsewhere.signatures().to_vec()).unwrap();
    assert_eq!(spoilt.signatures().len(), 2, "the line of the same key was replaced");
    for keys in [[&old, &new], [&new, &old]] {
        assert_eq!(spoilt.verify_any(keys), Err(CheckpointError::Note(NoteError::Signature)));
    }
    assert!(spoilt.verify_any([&old]).is_ok());
}

/// A second line of the key itself is checked too.
#[test]
fn a_wrong_second_signature_is_refused() {
    let (key, signer) = log(ORIGIN, 1);
    let wrong = SignedCheckpoint::sign(head(43), &key, &signer).unwrap().signatures()[0].to_string();
    assert_eq!(check(&format!("{}{wrong}", text())), Err(CheckpointError::Note(NoteError::Signature)));
    let right = text().parse::<SignedCheckpoint>().unwrap().signatures()[0].to_string();
    assert_eq!(check(&format!("{}{right}", text())), Ok(head(42)));
}

/// A log of another implementation: key and checkpoint of `multi-cosigs-ed25519.txt` of filippo.io/torchwood, commit
/// 5820115.
#[test]
fn the_checkpoint_of_another_log_verifies() {
    let name = "sigsum.org/v1/tree/985ea163f5af026723561354f51f2ebcdcf2af809ce254ccfb64aa9aadd80f90";
    let public = sinpyo_testkit::from_hex("52c05edad1bf5feffa81354faae59a655d9a9a1a793ed2f62c39c26c0be2aecd");
    let public = VerifyingKey::from_multikey(&Multikey::new(0xed, &public)).unwrap();
    let key = LogKey::new(name.parse().unwrap(), public).unwrap();
    let signature =
        "7BKT0gOfNZ1J0So9unY3BZtm2YkPIoNYM/dce0Z2avJDs8dxN6ts9bOSwwrVrbjm6P9K3ZxpK6jJngOG6YvGGzV/lwo=";
    let text =
        format!("{name}\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} {name} {signature}\n");
    let signed: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(signed.verify(&key).unwrap().head().size, 1);
    let changed: SignedCheckpoint = text.replace("\n1\n", "\n2\n").parse().unwrap();
    assert_eq!(changed.verify(&key), Err(CheckpointError::Note(NoteError::Signature)));
}
