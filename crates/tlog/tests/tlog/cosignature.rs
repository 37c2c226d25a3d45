//! Cosignatures of both kinds, to the byte, and what is none.

use crate::world::{History, ORIGIN, at, cosigner, ed25519};
use signed_note::{Note as TheirNote, Verifier as TheirVerifier, VerifierList};
use sinpyo_core::key::Verifier as _;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::{CosignError, CosignatureError, CosignerKey},
    note::NoteSignature,
};

const NAME: &str = "witness.example/w1";
/// The time of the specification's example.
const TIME: i64 = 1_679_315_147;

fn cosigned(algorithm: Algorithm) -> (CosignerKey, SignedCheckpoint) {
    let (key, signer) = cosigner(NAME, algorithm, 7);
    let checkpoint = History::new().checkpoint(42);
    let line = key.cosign(&checkpoint, at(TIME), &signer).unwrap();
    (key, checkpoint.with_signatures([line]).unwrap())
}

/// The base64 of a line, decoded: key id, time, signature.
fn blob(line: &NoteSignature) -> Vec<u8> {
    let text = line.to_string();
    sinpyo_core::encoding::from_base64(text.trim_end().rsplit_once(' ').unwrap().1).unwrap()
}

/// C2SP tlog-cosignature, the example: name, key id and time of the witness's line.
#[test]
fn the_line_of_the_specification_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let checkpoint: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(checkpoint.to_string(), text);
    let line = &checkpoint.signatures()[1];
    assert_eq!((line.key_name(), line.key_id()), ("witness.example.com/w1", [0x8d, 0x66, 0xcf, 0x3f]));
    assert_eq!(blob(line)[4..12], TIME.to_be_bytes());
    assert_eq!(blob(line).len(), 4 + 8 + 64);
}

/// The message that the specification prints, signed as it stands there.
#[test]
fn an_ed25519_cosignature_is_over_header_time_and_body() {
    let (key, checkpoint) = cosigned(Algorithm::Ed25519);
    let line = &checkpoint.signatures()[1];
    let (body, _) = History::new()
        .checkpoint(42)
        .to_string()
        .split_once("\n\n")
        .map(|(b, s)| (b.to_owned(), s.len()))
        .unwrap();
    let message = format!("cosignature/v1\ntime 1679315147\n{body}\n");
    assert!(key.verifying_key().verify(message.as_bytes(), &blob(line)[12..]).is_ok());
    assert_eq!(key.verify(&checkpoint), Ok(at(TIME)));
}

/// `cosigned_message` of the specification, field by field.
#[test]
fn an_ml_dsa_cosignature_is_over_names_time_and_tree() {
    let (key, checkpoint) = cosigned(Algorithm::MlDsa44);
    let line = &checkpoint.signatures()[1];
    assert_eq!(blob(line).len(), 4 + 8 + 2420);
    let head = checkpoint.claimed_head();
    let message = [
        b"subtree/v1\n\0".as_slice(),
        &[18],
        NAME.as_bytes(),
        &TIME.to_be_bytes(),
        &[19],
        ORIGIN.as_bytes(),
        &[0; 8],
        &42_u64.to_be_bytes(),
        head.root.as_bytes(),
    ]
    .concat();
    assert!(key.verifying_key().verify(&message, &blob(line)[12..]).is_ok());
    assert_eq!(key.verify(&checkpoint), Ok(at(TIME)));
}

/// Key and checkpoint of a log that signs with ML-DSA-44: `cmd/litewitness/testdata/mldsa.txt` of
/// filippo.io/torchwood, commit fac5716. It states no time.
#[test]
fn an_ml_dsa_signature_of_another_implementation_verifies() {
    let key: CosignerKey = include_str!("vectors/mldsa-log.vkey").trim_end().parse().unwrap();
    let text = include_str!("vectors/mldsa-log.txt");
    let checkpoint: SignedCheckpoint = text.parse().unwrap();
    assert_eq!(key.verify(&checkpoint), Ok(at(0)));
    let other: SignedCheckpoint = text.replacen("\n1\n", "\n2\n", 1).parse().unwrap();
    assert_eq!(key.verify(&other), Err(CosignatureError::Signature));
}

/// `signed_note` has Ed25519 notes only; with the message of a cosignature put before it, it judges ours alike.
#[test]
fn signed_note_agrees_on_name_id_and_message() {
    struct Theirs(CosignerKey);
    impl TheirVerifier for Theirs {
        fn name(&self) -> &str {
            self.0.name().as_str()
        }
        fn key_id(&self) -> u32 {
            let public = self.0.verifying_key().to_multikey();
            signed_note::key_id(NAME, &[&[4], public.key()].concat())
        }
        fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
            let (time, signature) = signature.split_first_chunk().unwrap();
            let header = format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time));
            let message = [header.as_bytes(), text].concat();
            self.0.verifying_key().verify(&message, signature).is_ok()
        }
    }
    let (key, checkpoint) = cosigned(Algorithm::Ed25519);
    let note = TheirNote::from_bytes(checkpoint.to_string().as_bytes()).unwrap();
    let (known, unknown) = note.verify(&VerifierList::new(vec![Box::new(Theirs(key))])).unwrap();
    assert_eq!((known.len(), unknown.len()), (1, 1));
}

#[test]
fn a_cosigner_key_is_read_back() {
    for (algorithm, kind) in [(Algorithm::Ed25519, 4), (Algorithm::MlDsa44, 6)] {
        let (key, _) = cosigner(NAME, algorithm, 7);
        let text = key.to_string();
        assert_eq!(text.parse::<CosignerKey>().unwrap(), key);
        let (name, rest) = text.split_once('+').unwrap();
        let (id, public) = rest.split_once('+').unwrap();
        let bytes = sinpyo_core::encoding::from_base64(public).unwrap();
        assert_eq!(bytes[0], kind);
        assert_eq!(format!("{:08x}", signed_note::key_id(NAME, &bytes)), id);
        for other in [
            String::new(),
            name.to_owned(),
            format!("other.example+{id}+{public}"),
            format!("{name}+00000000+{public}"),
            format!("{name}+{}+{public}", id.to_uppercase() + "0"),
            format!("{name}+{id}+{public}AAAA"),
            format!("{name}+{id}+"),
            format!("+{id}+{public}"),
        ] {
            assert_eq!(other.parse::<CosignerKey>().unwrap_err().code(), "WIT-01", "{other:.60}");
        }
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::MlDsa65] {
        let public = sinpyo_testkit::key(algorithm, 1).verifying_key().clone();
        assert_eq!(CosignerKey::new(NAME.parse().unwrap(), public), Err(CosignatureError::KeyType));
    }
    // A log's key is no cosigner's.
    let log = crate::world::log(NAME, 1).0.to_string();
    assert_eq!(log.parse::<CosignerKey>(), Err(CosignatureError::KeyType));
    let long = "x".repeat(256);
    for name in ["", "a b", "a+b", "a\u{3000}b", "a\u{7f}", "a\n", &long] {
        assert_eq!(name.parse::<sinpyo_tlog::cosignature::CosignerName>(), Err(CosignatureError::Name));
    }
}

#[test]
fn a_changed_cosignature_is_refused() {
    for algorithm in [Algorithm::Ed25519, Algorithm::MlDsa44] {
        let (key, checkpoint) = cosigned(algorithm);
        let line = checkpoint.signatures()[1].clone();
        let good = blob(&line);
        let step = if algorithm == Algorithm::Ed25519 { 1 } else { 97 };
        for at in (0..good.len()).step_by(step) {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            let refused = check_blob(&key, &checkpoint, &bytes).unwrap_err();
            // A flipped bit in the upper bytes of the time lies beyond the year 9999.
            let expected = match at {
                0..=3 => "WIT-02",
                4..=6 => "WIT-04",
                _ => "WIT-03",
            };
            assert_eq!(refused.code(), expected, "byte {at}");
        }
        for cut in [5, 11, 12, 13, good.len() - 1] {
            assert_eq!(
                check_blob(&key, &checkpoint, &good[..cut]).unwrap_err().code(),
                "WIT-03",
                "cut at {cut}"
            );
        }
        for seconds in [1 << 63, u64::MAX, 253_402_300_800] {
            let mut bytes = good.clone();
            bytes[4..12].copy_from_slice(&seconds.to_be_bytes());
            assert_eq!(check_blob(&key, &checkpoint, &bytes), Err(CosignatureError::Time), "{seconds}");
        }
        // The same line under another tree, another log, or another witness's name.
        let elsewhere = History::new().checkpoint(43).with_signatures([line.clone()]).unwrap();
        assert_eq!(key.verify(&elsewhere), Err(CosignatureError::Signature));
        let (other, _) = cosigner("witness.example/w2", algorithm, 7);
        assert_eq!(other.verify(&checkpoint), Err(CosignatureError::Absent));
        let (other, _) = cosigner(NAME, algorithm, 8);
        assert_eq!(other.verify(&checkpoint), Err(CosignatureError::Absent));
    }
}

fn check_blob(
    key: &CosignerKey,
    checkpoint: &SignedCheckpoint,
    bytes: &[u8],
) -> Result<sinpyo_core::time::Timestamp, CosignatureError> {
    let line = format!("\u{2014} {NAME} {}", sinpyo_core::encoding::to_base64(bytes));
    let line: NoteSignature = line.parse().unwrap();
    let log_line = checkpoint.signatures()[0].to_string();
    let (body, _) = checkpoint.to_string().split_once("\n\n").map(|(a, b)| (a.to_owned(), b.len())).unwrap();
    let note = format!("{body}\n\n{log_line}{line}");
    key.verify(&note.parse().unwrap())
}

/// A cosigner may speak twice; all it says must be right, and the latest counts.
#[test]
fn the_latest_of_several_cosignatures_counts() {
    let (key, signer) = ed25519(NAME, 7);
    let checkpoint = History::new().checkpoint(42);
    let line = |seconds| key.cosign(&checkpoint, at(seconds), &signer).unwrap().to_string();
    for (first, second) in [(100, 200), (200, 100)] {
        let note = format!("{checkpoint}{}{}", line(first), line(second));
        assert_eq!(key.verify(&note.parse().unwrap()), Ok(at(200)));
    }
    let newer = key.cosign(&checkpoint, at(300), &signer).unwrap();
    let replaced = format!("{checkpoint}{}", line(100)).parse::<SignedCheckpoint>().unwrap();
    let replaced = replaced.with_signatures([newer.clone(), newer]).unwrap();
    assert_eq!((replaced.signatures().len(), key.verify(&replaced)), (2, Ok(at(300))));
    // An older one does not take its place: of two that merge, the order does not matter.
    let older = key.cosign(&checkpoint, at(299), &signer).unwrap();
    assert_eq!(key.verify(&replaced.with_signatures([older]).unwrap()), Ok(at(300)));
    // The lines of the log itself state no time.
    let same = checkpoint.clone().with_signatures(checkpoint.signatures().to_vec()).unwrap();
    assert_eq!(same, checkpoint);
    let wrong = key.cosign(&History::new().checkpoint(41), at(300), &signer).unwrap();
    let note = format!("{checkpoint}{}{wrong}", line(100));
    assert_eq!(key.verify(&note.parse().unwrap()), Err(CosignatureError::Signature));
}

#[test]
fn a_signer_with_another_key_or_an_early_time_makes_nothing() {
    let checkpoint = History::new().checkpoint(42);
    let (key, signer) = ed25519(NAME, 7);
    let (_, stranger) = ed25519(NAME, 8);
    assert!(matches!(key.cosign(&checkpoint, at(TIME), &stranger), Err(CosignError::AnotherKey(_))));
    assert!(matches!(key.cosign(&checkpoint, at(-1), &signer), Err(CosignError::Time)));
    let es256: KeySigner =
        KeySigner::new("did:example:w#key".parse().unwrap(), sinpyo_testkit::key(Algorithm::Es256, 1));
    assert!(matches!(key.cosign(&checkpoint, at(TIME), &es256), Err(CosignError::AnotherKey(_))));
}

/// Signed-note §Format: at least 16 signatures must fit, and post-quantum ones are large.
#[test]
fn as_many_ml_dsa_cosignatures_fit_as_a_note_may_have_signatures() {
    let checkpoint = History::new().checkpoint(42);
    let (key, signer) = cosigner(&"w".repeat(255), Algorithm::MlDsa44, 7);
    let line = key.cosign(&checkpoint, at(TIME), &signer).unwrap().to_string();
    let full = format!("{checkpoint}{}", line.repeat(63));
    assert_eq!(key.verify(&full.parse().unwrap()), Ok(at(TIME)));
    assert!(format!("{full}{line}").parse::<SignedCheckpoint>().is_err());
}
