//! The text of policies, quorums, and how recent a checkpoint is.

use crate::world::{History, ORIGIN, at, cosigner, ed25519, log};
use proptest::prelude::*;
use sinpyo_crypto::Algorithm;
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    cosignature::CosignatureError,
    note::NoteError,
    policy::{
        FreshnessError, MAX_GROUPS, MAX_LOGS, MAX_POLICY, MAX_WITNESSES, Policy, PolicyError, PolicyFault,
    },
};
use std::time::Duration;

/// The key of witness number `number`, as text.
fn vkey(number: u8) -> String {
    ed25519(&format!("witness.example/{number}"), number).0.to_string()
}

fn log_line() -> String {
    format!("log {}\n", log(ORIGIN, 1).0)
}

/// A log, the witnesses `a` to `f`, and `rest`.
fn policy(rest: &str) -> Policy {
    let witnesses: String = ('a'..='f')
        .zip(10..)
        .map(|(name, n)| format!("witness {name} {}\n", vkey(n)))
        .collect::<Vec<_>>()
        .concat();
    format!("{}{witnesses}{rest}", log_line()).parse().unwrap()
}

/// A checkpoint with cosignatures of the witnesses named, each at its time.
fn cosigned(by: &[(char, i64)]) -> SignedCheckpoint {
    let checkpoint = History::new().checkpoint(42);
    let lines = by.iter().map(|(name, seconds)| {
        let number = 10 + u8::try_from(u32::from(*name) - u32::from('a')).unwrap();
        let (key, signer) = ed25519(&format!("witness.example/{number}"), number);
        key.cosign(&checkpoint, at(*seconds), &signer).unwrap()
    });
    let lines: Vec<_> = lines.collect();
    checkpoint.with_signatures(lines).unwrap()
}

/// When a quorum had seen the checkpoint; `None` if none had.
fn seen(rest: &str, by: &[(char, i64)]) -> Option<i64> {
    match policy(rest).verify(&cosigned(by)) {
        Ok(witnessed) => Some(witnessed.witnessed_at().unwrap().unix()),
        Err(PolicyError::Quorum) => None,
        Err(other) => panic!("{other}"),
    }
}

fn fault(text: &str) -> (usize, PolicyFault) {
    let error = text.parse::<Policy>().unwrap_err();
    (error.line, error.fault)
}

/// The example of C2SP tlog-policy: two of three of one operator, and any of another's.
#[test]
fn the_quorum_of_the_specification() {
    let rest = "group X-witnesses 2 a b c\ngroup Y-witnesses any d e f\n\
        group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";
    assert_eq!(seen(rest, &[('a', 10), ('b', 20), ('d', 30)]), Some(10));
    assert_eq!(seen(rest, &[('a', 10), ('b', 20), ('c', 30), ('d', 40), ('f', 15)]), Some(20));
    assert_eq!(seen(rest, &[('a', 10), ('b', 20), ('c', 30), ('e', 5)]), Some(5));
    assert_eq!(seen(rest, &[('a', 10), ('b', 20), ('c', 30)]), None);
    assert_eq!(seen(rest, &[('a', 10), ('d', 20), ('e', 30), ('f', 40)]), None);
    assert_eq!(seen(rest, &[]), None);
}

/// `witnessed_at` is the latest T at which or after which a quorum cosigned: the k-th latest time.
#[test]
fn the_time_is_that_of_the_witness_who_completes_the_quorum() {
    let by = [('a', 50), ('b', 10), ('c', 40), ('d', 20), ('e', 30)];
    for (threshold, time) in [("any", 50), ("1", 50), ("2", 40), ("3", 30), ("4", 20), ("5", 10), ("all", 10)]
    {
        assert_eq!(
            seen(&format!("group g {threshold} a b c d e\nquorum g\n"), &by),
            Some(time),
            "{threshold}"
        );
    }
    assert_eq!(seen("group g 6 a b c d e f\nquorum g\n", &by), None);
    assert_eq!(seen("quorum c\n", &by), Some(40));
    assert_eq!(seen("quorum f\n", &by), None);
}

#[test]
fn a_witness_counts_once_whatever_it_signs() {
    let rest = "group g 2 a b c\nquorum g\n";
    let checkpoint = cosigned(&[('a', 10)]);
    let again = cosigned(&[('a', 20)]).signatures()[1].to_string();
    let twice: SignedCheckpoint = format!("{checkpoint}{again}").parse().unwrap();
    assert_eq!(twice.signatures().len(), 3);
    assert_eq!(policy(rest).verify(&twice), Err(PolicyError::Quorum));
    assert!(policy("quorum a\n").verify(&twice).is_ok());
}

#[test]
fn unknown_witnesses_do_not_count_and_wrong_ones_spoil() {
    let rest = "group g 2 a b\nquorum g\n";
    // `c` is known but not in the quorum; another key under a known name is unknown.
    let (stranger, signer) = ed25519("witness.example/11", 99);
    let checkpoint = cosigned(&[('a', 10), ('c', 10)]);
    let line = stranger.cosign(&checkpoint, at(10), &signer).unwrap();
    assert_eq!(policy(rest).verify(&checkpoint.with_signatures([line]).unwrap()), Err(PolicyError::Quorum));
    // A line of a known witness that belongs to another checkpoint.
    let elsewhere = History::new().checkpoint(41);
    let (key, signer) = ed25519("witness.example/12", 12);
    let wrong = key.cosign(&elsewhere, at(10), &signer).unwrap();
    let spoilt = cosigned(&[('a', 10), ('b', 10)]).with_signatures([wrong]).unwrap();
    let refused = policy(rest).verify(&spoilt).unwrap_err();
    assert_eq!((refused, refused.code()), (PolicyError::Cosignature(CosignatureError::Signature), "WIT-03"));
}

/// A log with a second, post-quantum key: its own ML-DSA-44 line is demanded together with the witnesses.
#[test]
fn a_log_may_be_asked_for_both_its_keys() {
    let (pq, signer) = cosigner(ORIGIN, Algorithm::MlDsa44, 20);
    let rest = format!("witness log-pq {pq}\ngroup w 1 a b\ngroup g all log-pq w\nquorum g\n");
    let checkpoint = cosigned(&[('a', 10)]);
    assert_eq!(policy(&rest).verify(&checkpoint), Err(PolicyError::Quorum));
    let line = pq.cosign(&checkpoint, at(30), &signer).unwrap();
    let both = checkpoint.with_signatures([line]).unwrap();
    assert_eq!(policy(&rest).verify(&both).unwrap().witnessed_at(), Some(at(10)));
}

/// Without witnesses, and without logs.
#[test]
fn only_known_logs_are_believed() {
    let checkpoint = History::new().checkpoint(42);
    let (key, _) = log(ORIGIN, 1);
    let alone = Policy::of_log(key.clone());
    assert!(!alone.demands_witnesses() && policy("quorum a\n").demands_witnesses());
    assert_eq!(alone.verify(&checkpoint).unwrap().witnessed_at(), None);
    assert_eq!(alone.verify(&checkpoint).unwrap().checkpoint().head().size, 42);
    assert_eq!(format!("log {key}\nquorum none\n").parse::<Policy>().unwrap(), alone);
    for (text, code) in [
        (format!("log {}\nquorum none\n", log("other.example", 1).0), "WIT-12"),
        ("quorum none\n".to_owned(), "WIT-12"),
        (format!("log {}\nquorum none\n", log(ORIGIN, 2).0), "LOG-13"),
    ] {
        assert_eq!(text.parse::<Policy>().unwrap().verify(&checkpoint).unwrap_err().code(), code, "{text}");
    }
    // The old and the new key of a log; each alone and both.
    let both: Policy = format!("log {key}\nlog {}\nquorum none\n", log(ORIGIN, 2).0).parse().unwrap();
    let (new, signer) = log(ORIGIN, 2);
    let by_new = SignedCheckpoint::sign(History::new().head(42), &new, &signer).unwrap();
    let by_both = checkpoint.clone().with_signatures(by_new.signatures().to_vec()).unwrap();
    for signed in [&checkpoint, &by_new, &by_both] {
        assert!(both.verify(signed).is_ok());
    }
    let wrong = SignedCheckpoint::sign(History::new().head(43), &new, &signer).unwrap();
    let spoilt = checkpoint.with_signatures(wrong.signatures().to_vec()).unwrap();
    let spoilt = both.verify(&spoilt);
    assert_eq!(spoilt, Err(PolicyError::Log(CheckpointError::Note(NoteError::Signature))));
}

#[test]
fn an_old_or_unwitnessed_checkpoint_is_not_fresh() {
    let rest = "group g 2 a b c\nquorum g\n";
    let witnessed = policy(rest).verify(&cosigned(&[('a', 1000), ('b', 5000), ('c', 900)])).unwrap();
    let hour = Duration::from_hours(1);
    let fresh = witnessed.not_older_than(hour, at(4600)).unwrap();
    assert_eq!((fresh.witnessed_at(), fresh.checkpoint().head().size), (at(1000), 42));
    assert!(witnessed.not_older_than(hour, at(700)).is_ok(), "the clocks differ by five minutes");
    let old = witnessed.not_older_than(hour, at(4601)).unwrap_err();
    assert_eq!((old, old.code()), (FreshnessError::Old { witnessed_at: at(1000) }, "WIT-14"));
    let future = witnessed.not_older_than(hour, at(699)).unwrap_err();
    assert_eq!((future, future.code()), (FreshnessError::Future { witnessed_at: at(1000) }, "WIT-05"));
    let alone = Policy::of_log(log(ORIGIN, 1).0).verify(&cosigned(&[('a', 1000)])).unwrap();
    assert_eq!(alone.not_older_than(hour, at(1000)), Err(FreshnessError::Unwitnessed));
}

/// One witness with a clock that runs ahead cannot make an old checkpoint fresh where two are asked for.
#[test]
fn a_minority_cannot_make_a_checkpoint_younger() {
    let rest = "group g 2 a b c\nquorum g\n";
    assert_eq!(seen(rest, &[('a', 10), ('b', 20), ('c', 1_000_000)]), Some(20));
}

#[test]
fn blanks_comments_and_octets_are_read_as_the_specification_has_them() {
    let key = vkey(10);
    let text = [
        b"# first\n\n \t \n\t# \xff\xfe\n".as_slice(),
        format!("  log\t{}   https://log.example/\u{e9} \n", log(ORIGIN, 1).0).as_bytes(),
        b"witness \xe2\x84\xaa ",
        key.as_bytes(),
        b" https://witness.example/\xff\n",
        b"witness K ",
        vkey(11).as_bytes(),
        b"  https://w.example\n",
        b"group \xff 1 K \xe2\x84\xaa\nquorum \xff\n",
    ]
    .concat();
    let policy = Policy::parse(&text).unwrap();
    let names: Vec<&[u8]> = policy.witnesses().map(sinpyo_tlog::policy::PolicyWitness::name).collect();
    assert_eq!(names, [b"\xe2\x84\xaa".as_slice(), b"K"], "a Kelvin sign is no K");
    let urls: Vec<_> = policy.witnesses().map(sinpyo_tlog::policy::PolicyWitness::url).collect();
    assert_eq!(urls, [None, Some("https://w.example")]);
    assert_eq!(policy.logs()[0].url(), Some("https://log.example/\u{e9}"));
    assert_eq!(Policy::parse(&policy.to_bytes()).unwrap(), policy);
    assert!(policy.to_string().contains("quorum \u{fffd}\n"));
}

#[test]
fn what_is_no_policy_is_refused_by_line() {
    let (a, b) = (vkey(10), vkey(11));
    let w = |name: &str, key: &str| format!("witness {name} {key}\n");
    for (text, expected) in [
        ("quorum none".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none\r\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none\0\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none\u{7f}\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none\u{b}\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none none\n".to_owned(), (1, PolicyFault::Syntax)),
        ("Quorum none\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum none # comment\n".to_owned(), (1, PolicyFault::Syntax)),
        ("quorum\u{a0}none\n".to_owned(), (1, PolicyFault::Syntax)),
        ("log\n".to_owned(), (1, PolicyFault::Syntax)),
        (format!("log {} u v\n", log(ORIGIN, 1).0), (1, PolicyFault::Syntax)),
        (format!("witness {a}\n"), (1, PolicyFault::Syntax)),
        (format!("witness a {a} u v\n"), (1, PolicyFault::Syntax)),
        ("group g\n".to_owned(), (1, PolicyFault::Syntax)),
        ("#\n\nhello\n".to_owned(), (3, PolicyFault::Syntax)),
        (String::new(), (0, PolicyFault::Quorum)),
        (w("a", &a), (1, PolicyFault::Quorum)),
        ("quorum none\nquorum none\n".to_owned(), (2, PolicyFault::Quorum)),
        ("quorum a\n".to_owned(), (1, PolicyFault::Name)),
        (format!("quorum a\n{}", w("a", &a)), (1, PolicyFault::Name)),
        (w("none", &a), (1, PolicyFault::Name)),
        (w("a", &a) + "group none 1 a\n", (2, PolicyFault::Name)),
        (w("a", &a) + &w("a", &b), (2, PolicyFault::Name)),
        (w("a", &a) + "group a 1 a\n", (2, PolicyFault::Name)),
        (w("a", &a) + "group g 1 none\n", (2, PolicyFault::Name)),
        (w("a", &a) + "group g 1 g\n", (2, PolicyFault::Name)),
        (w("a", &a) + "group g 1 a a\n", (2, PolicyFault::Name)),
        (w("a", &a) + "group g 1 a\ngroup h 1 a\n", (3, PolicyFault::Name)),
        (w("a", &a) + "group g 1 h\ngroup h 1 a\n", (2, PolicyFault::Name)),
        (w("a", &a) + &w("b", &a), (2, PolicyFault::DuplicateKey)),
        (w("a", &a) + "group g any\n", (2, PolicyFault::Threshold)),
        (w("a", &a) + "group g all\n", (2, PolicyFault::Threshold)),
        (w("a", &a) + "group g 0 a\n", (2, PolicyFault::Threshold)),
        (w("a", &a) + "group g 2 a\n", (2, PolicyFault::Threshold)),
        (w("a", &a) + "group g 01 a\n", (2, PolicyFault::Syntax)),
        (w("a", &a) + "group g +1 a\n", (2, PolicyFault::Syntax)),
        (w("a", &a) + "group g ANY a\n", (2, PolicyFault::Syntax)),
        (w("a", &a) + "group g 99999999999999999999 a\n", (2, PolicyFault::Syntax)),
        ("witness a b\n".to_owned(), (1, PolicyFault::WitnessKey(CosignatureError::KeyText))),
        (format!("log {a}\n"), (1, PolicyFault::LogKey(NoteError::KeyType))),
        (w("a", &log(ORIGIN, 1).0.to_string()), (1, PolicyFault::WitnessKey(CosignatureError::KeyType))),
    ] {
        assert_eq!(fault(&text), expected, "{text}");
    }
}

/// Two keys are one if they are the same key under two names.
#[test]
fn a_public_key_stands_there_once() {
    let renamed = ed25519("other.example", 10).0;
    let text = format!("witness a {}\nwitness b {renamed}\nquorum a\n", vkey(10));
    assert_eq!(fault(&text), (2, PolicyFault::DuplicateKey));
    let text = format!("{}log {}\nquorum none\n", log_line(), log("other.example", 1).0);
    assert_eq!(fault(&text), (2, PolicyFault::DuplicateKey));
    // A witness may hold a key of each kind.
    let (pq, _) = cosigner("witness.example/10", Algorithm::MlDsa44, 10);
    let text = format!("witness a {}\nwitness b {pq}\ngroup g any a b\nquorum g\n", vkey(10));
    assert!(text.parse::<Policy>().is_ok());
}

/// At least 32 of each must be read; beyond the limits nothing is.
#[test]
fn the_limits_hold() {
    let logs = |count: usize| -> String {
        (0..count)
            .map(|n| format!("log {}\n", log(&format!("log.example/{n}"), u8::try_from(n).unwrap()).0))
            .collect::<Vec<_>>()
            .concat()
    };
    let pq = |n: u8| cosigner(&format!("w.example/{n}"), Algorithm::MlDsa44, n).0;
    let big: String =
        (0..32).map(|n| format!("witness w{n} {}\ngroup g{n} 1 w{n}\n", pq(n))).collect::<Vec<_>>().concat();
    let big: Policy = format!("{}{big}quorum g31\n", logs(32)).parse().unwrap();
    assert_eq!((big.logs().len(), big.witnesses().count()), (32, 32));
    assert_eq!([MAX_LOGS, MAX_WITNESSES, MAX_GROUPS], [256; 3]);
    let groups: String =
        (0..MAX_GROUPS).map(|n| format!("group g{} 1 g{n}\n", n + 1)).collect::<Vec<_>>().concat();
    let start = format!("witness g0 {}\n", vkey(10));
    assert!(format!("{start}{groups}quorum g256\n").parse::<Policy>().is_ok());
    let one_more = format!("{start}{groups}group g257 1 g256\nquorum g257\n");
    assert_eq!(fault(&one_more), (258, PolicyFault::TooMuch));
    assert_eq!(fault(&"\n".repeat(MAX_POLICY + 1)), (0, PolicyFault::TooMuch));
}

proptest! {
    /// Any text either is refused or prints to something that means the same.
    #[test]
    fn what_parses_prints_to_the_same_policy(lines in proptest::collection::vec(0_usize..9, 0..12)) {
        let (a, b) = (vkey(10), vkey(11));
        let choice = [
            log_line(), format!("witness a {a}\n"), format!("witness b {b} u\n"), "group g any a b\n".to_owned(),
            "group h 2 a b\n".to_owned(), "group i all g\n".to_owned(), "quorum g\n".to_owned(), "quorum none\n".to_owned(),
            "# text\n".to_owned(),
        ];
        let text: String = lines.iter().map(|line| choice[*line].as_str()).collect();
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
        }
    }

    #[test]
    fn arbitrary_octets_do_not_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Policy::parse(&text);
    }

    /// The time against its definition: the largest T for which the witnesses at T or later are a quorum.
    #[test]
    fn the_time_of_a_quorum_is_the_largest_that_holds(times in proptest::collection::vec(0_i64..6, 6), threshold in 1_usize..=3) {
        let rest = format!("group x {threshold} a b c\ngroup y any d e\ngroup z all x y f\nquorum z\n");
        let by: Vec<(char, i64)> = ('a'..='f').zip(times).collect();
        let holds = |t: i64| {
            let of = |names: &str| by.iter().filter(|(name, time)| names.contains(*name) && *time >= t).count();
            of("abc") >= threshold && of("de") >= 1 && of("f") == 1
        };
        prop_assert_eq!(seen(&rest, &by), (0..6).rev().find(|t| holds(*t)));
    }
}
