//! The witness's answers, its memory, and the log's side of the conversation.

use crate::world::{History, ORIGIN, at, cosigner, ed25519, log, witness_key};
use proptest::prelude::*;
use sinpyo_core::{
    key::{AlgorithmName, SignError, Signer},
    time::Timestamp,
};
use sinpyo_crypto::Algorithm;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::{CosignatureError, CosignerKey},
    merkle::{Hash, TreeHead},
    note::{NoteSignature, Origin},
    policy::Policy,
    witness::{
        AddCheckpoint, AddCheckpointAnswer, Advance, Answer, MAX_BODY, MemoryWitnessStore, Request, Witness,
        WitnessKey, WitnessRefusal, WitnessStore, WitnessStoreError,
    },
    witness_suite::{self, Harness},
};
use std::{cell::Cell, fmt, sync::Arc};

const NAME: &str = "witness.example/w1";
const NOW: i64 = 1_800_000_000;

struct Memory;

impl Harness for Memory {
    type Store = MemoryWitnessStore;

    fn create(&self) -> MemoryWitnessStore {
        MemoryWitnessStore::default()
    }

    fn reopen(&self, store: MemoryWitnessStore) -> MemoryWitnessStore {
        store
    }
}

#[test]
fn the_memory_store_passes_the_suite() {
    witness_suite::run(&Memory);
}

fn witness_on<S: WitnessStore>(store: S) -> Witness<S> {
    Witness::new(vec![log(ORIGIN, 1).0], vec![witness_key(ed25519(NAME, 7))], store)
}

fn witness() -> Witness<MemoryWitnessStore> {
    witness_on(MemoryWitnessStore::default())
}

/// A witness that has cosigned `size` entries.
fn witness_at(size: u64) -> Witness<MemoryWitnessStore> {
    let witness = witness();
    assert_eq!(ask(&witness, &History::new().offer(0, size)).0, 200);
    witness
}

fn ask<S: WitnessStore>(witness: &Witness<S>, offer: &AddCheckpoint) -> (u16, String) {
    let answer = witness.answer(offer.to_string().as_bytes(), at(NOW));
    (answer.status(), answer.body())
}

fn newest<S: WitnessStore>(witness: &Witness<S>) -> Option<TreeHead> {
    witness.store().latest(&ORIGIN.parse().unwrap()).unwrap()
}

fn time_in(body: &str, offer: &AddCheckpoint, key: &CosignerKey) -> Result<Timestamp, CosignatureError> {
    let note = format!("{}{body}", offer.checkpoint);
    key.verify(&note.parse().unwrap())
}

/// C2SP tlog-witness, the examples of a request and of an answer.
#[test]
fn the_request_of_the_specification_is_read() {
    let body = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";
    let request: AddCheckpoint = body.parse().unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.checkpoint.claimed_head().size, 20_852_163);
    assert_eq!(request.checkpoint.signatures().len(), 2);
    assert_eq!(request.to_string(), body);
    for line in [
        "\u{2014} witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==",
        "\u{2014} witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==",
    ] {
        let parsed: NoteSignature = line.parse().unwrap();
        assert_eq!(parsed.to_string(), format!("{line}\n"));
    }
}

#[test]
fn a_growing_log_is_cosigned_at_each_size() {
    let (history, witness) = (History::new(), witness());
    let key = ed25519(NAME, 7).0;
    let mut old = 0;
    for size in [0, 0, 1, 1, 2, 3, 8, 42, 64, 64, 65, 100] {
        let offer = history.offer(old, size);
        let (status, body) = ask(&witness, &offer);
        assert_eq!((status, time_in(&body, &offer, &key)), (200, Ok(at(NOW))), "{old} to {size}");
        assert_eq!(newest(&witness), Some(history.head(size)));
        old = size;
    }
}

/// Every row of the specification's table of answers, with the memory unchanged where it refuses. SECURITY LOG-04: a log
/// that was rolled back to 41 entries is refused.
#[test]
fn each_refusal_has_the_status_of_the_specification() {
    let history = History::new();
    let good = history.offer(42, 64);
    let (key, signer) = log(ORIGIN, 2);
    let strange = SignedCheckpoint::sign(history.head(64), &key, &signer).unwrap();
    let (key, signer) = log("other.example", 1);
    let unknown = SignedCheckpoint::sign(history.head(64), &key, &signer).unwrap();
    let forked = History::rewritten();
    let with =
        |checkpoint: &SignedCheckpoint| AddCheckpoint { checkpoint: checkpoint.clone(), ..good.clone() };
    let mut more = good.clone();
    more.proof.push(Hash::leaf(b"one too many"));
    let mut less = good.clone();
    less.proof.pop();
    for (offer, status, code) in [
        (with(&unknown), 404, "WIT-21"),
        (with(&strange), 403, "WIT-22"),
        (AddCheckpoint { old: 65, ..good.clone() }, 400, "WIT-23"),
        (history.offer(41, 64), 409, "WIT-24"),
        (history.offer(0, 64), 409, "WIT-24"),
        (history.offer(43, 64), 409, "WIT-24"),
        (history.offer(0, 41), 409, "WIT-24"),
        (history.offer(41, 41), 409, "WIT-24"),
        (more, 422, "WIT-26"),
        (less, 422, "WIT-26"),
        (AddCheckpoint { proof: history.consistency(41, 64), ..good.clone() }, 422, "WIT-26"),
        (AddCheckpoint { proof: vec![Hash::leaf(b"x")], ..history.offer(42, 42) }, 422, "WIT-26"),
    ] {
        let witness = witness_at(42);
        let answer = witness.answer(offer.to_string().as_bytes(), at(NOW));
        assert_eq!((answer.status(), answer.code()), (status, Some(code)), "{offer}");
        assert_eq!(newest(&witness), Some(history.head(42)), "{offer}");
        if status == 409 {
            assert_eq!((answer.content_type(), answer.body().as_str()), ("text/x.tlog.size", "42\n"));
        } else {
            assert!(!answer.body().contains('\u{2014}'), "no line of a cosignature");
        }
        assert_eq!(ask(&witness, &good).0, 200, "the honest request still works");
    }
    // The same size with another root.
    let witness = witness_at(60);
    let answer = witness.answer(forked.offer(60, 60).to_string().as_bytes(), at(NOW));
    assert_eq!((answer.status(), answer.code(), answer.body().as_str()), (409, Some("WIT-25"), "60\n"));
    assert_eq!(answer.content_type(), "text/x.tlog.size");
    assert_eq!(answer.conflicting(), Some(&forked.checkpoint(60)));
    // A larger tree that rewrites entry 50, with the forger's own proof.
    let answer = witness.answer(forked.offer(60, 70).to_string().as_bytes(), at(NOW));
    assert_eq!((answer.status(), answer.code()), (422, Some("WIT-26")));
    assert_eq!(answer.conflicting(), Some(&forked.checkpoint(70)));
    assert_eq!(newest(&witness), Some(history.head(60)));
    // From nothing, no proof is due.
    let offer = AddCheckpoint { proof: vec![Hash::leaf(b"x")], ..history.offer(0, 5) };
    assert_eq!(ask(&self::witness(), &offer).0, 422);
}

/// Malformed bodies are 400, except that a name which cannot be one of a known log is 404.
#[test]
fn malformed_requests_are_refused() {
    let good = History::new().offer(42, 64).to_string();
    let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
    for (from, to) in [
        ("old 42\n", ""),
        ("old 42\n", "old 042\n"),
        ("old 42\n", "old +42\n"),
        ("old 42\n", "old  42\n"),
        ("old 42\n", "old 42 \n"),
        ("old 42\n", "Old 42\n"),
        ("old 42\n", "old -1\n"),
        ("old 42\n", "old 18446744073709551616\n"),
        ("old 42\n", "old 42\r\n"),
        ("old 42\n", "old 42\nold 42\n"),
        ("old 42\n", "\nold 42\n"),
        ("old 42\n", &format!("old 42\n{}", hash.repeat(64))),
        ("old 42\n", &format!("old 42\n{}", hash.replace("Q=", "R="))),
        ("old 42\n", &format!("old 42\n{}", hash.replace('=', ""))),
        ("\n\u{2014}", "\nextension\n\u{2014}"),
        ("\n64\n", "\n064\n"),
        ("\u{2014}", "-"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let answer = witness_at(42).answer(bad.as_bytes(), at(NOW));
        assert_eq!(answer.status(), 400, "{to}");
        assert!(answer.code().is_some(), "{to}");
    }
    let long = format!("{good}{}", "x".repeat(MAX_BODY));
    for bad in [b"".as_slice(), b"\xff\xfe", b"\n", b"old 42\n", b"old 42\n\n", long.as_bytes()] {
        assert_eq!(witness_at(42).answer(bad, at(NOW)).status(), 400);
    }
    let unnamed = good.replacen(ORIGIN, "a name with blanks", 1);
    assert_eq!(witness_at(42).answer(unnamed.as_bytes(), at(NOW)).status(), 404);
}

#[test]
fn any_flipped_bit_of_a_request_is_refused() {
    let good = History::new().offer(42, 64).to_string();
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] ^= 1;
        let witness = witness_at(42);
        let status = witness.answer(&bytes, at(NOW)).status();
        assert!(matches!(status, 400 | 403 | 404 | 409 | 422), "byte {index}: {status}");
        assert_eq!(newest(&witness), Some(History::new().head(42)), "byte {index}");
        assert_ne!(witness.answer(&good.as_bytes()[..index], at(NOW)).status(), 200, "cut at {index}");
    }
}

/// Both keys of the witness sign; lines of strangers in the request do no harm.
#[test]
fn a_witness_with_two_keys_and_a_log_with_two_keys() {
    let (history, pq) = (History::new(), cosigner(NAME, Algorithm::MlDsa44, 8));
    let keys = [ed25519(NAME, 7).0, pq.0.clone()];
    let own = vec![witness_key(ed25519(NAME, 7)), witness_key(pq)];
    let witness = Witness::new(vec![log(ORIGIN, 1).0, log(ORIGIN, 2).0], own, MemoryWitnessStore::default());
    let (new_key, new_signer) = log(ORIGIN, 2);
    let by_new = SignedCheckpoint::sign(history.head(64), &new_key, &new_signer).unwrap();
    let (stranger, signer) = ed25519("stranger.example", 9);
    let line = stranger.cosign(&by_new, at(5), &signer).unwrap();
    let offers = [
        history.offer(0, 42),
        AddCheckpoint { checkpoint: by_new.with_signatures([line]).unwrap(), ..history.offer(42, 64) },
    ];
    for offer in &offers {
        let (status, body) = ask(&witness, offer);
        assert_eq!((status, body.lines().count()), (200, 2));
        for key in &keys {
            assert_eq!(time_in(&body, offer, key), Ok(at(NOW)));
        }
    }
    assert_eq!(witness.keys().cloned().collect::<Vec<_>>(), keys);
    assert_eq!(witness.logs().len(), 2);
}

/// Lets another request in between reading and writing, once: the race of the specification, step by step.
struct Interrupted<'a> {
    store: &'a MemoryWitnessStore,
    other: AddCheckpoint,
    pending: Cell<bool>,
}

impl WitnessStore for Interrupted<'_> {
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
        let latest = self.store.latest(origin);
        if self.pending.take() {
            let status =
                witness_on(Borrowed(self.store)).answer(self.other.to_string().as_bytes(), at(NOW)).status();
            assert_eq!(status, 200, "the faster request");
        }
        latest
    }

    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError> {
        self.store.advance(origin, from, to)
    }
}

struct Borrowed<'a>(&'a MemoryWitnessStore);

impl WitnessStore for Borrowed<'_> {
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
        self.0.latest(origin)
    }

    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError> {
        self.0.advance(origin, from, to)
    }
}

#[test]
fn an_overtaken_request_does_not_roll_the_witness_back() {
    let history = History::new();
    for slow in [history.offer(42, 50), history.offer(42, 42), history.offer(42, 64)] {
        let store = MemoryWitnessStore::default();
        let _ = store.advance(&ORIGIN.parse().unwrap(), None, history.head(42)).unwrap();
        let racing = Interrupted { store: &store, other: history.offer(42, 64), pending: Cell::new(true) };
        let witness = witness_on(racing);
        assert_eq!(ask(&witness, &slow), (409, "64\n".to_owned()));
        assert_eq!(newest(&witness), Some(history.head(64)));
    }
}

/// A store or a key that fails: nothing is cosigned, and nothing is claimed.
#[test]
fn a_failing_store_or_signer_cosigns_nothing() {
    #[derive(Clone, Copy)]
    struct Failing {
        reads: bool,
    }
    impl WitnessStore for Failing {
        fn latest(&self, _: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
            if self.reads { Ok(None) } else { Err(WitnessStoreError::new(fmt::Error)) }
        }
        fn advance(
            &self,
            _: &Origin,
            _: Option<TreeHead>,
            _: TreeHead,
        ) -> Result<Advance, WitnessStoreError> {
            Err(WitnessStoreError::new(fmt::Error))
        }
    }
    struct Refusing(sinpyo_crypto::KeySigner);
    impl Signer for Refusing {
        fn key_id(&self) -> &sinpyo_core::did::KeyId {
            self.0.key_id()
        }
        fn algorithm(&self) -> AlgorithmName {
            self.0.algorithm()
        }
        fn sign(&self, _: &[u8]) -> Result<Box<[u8]>, SignError> {
            Err(SignError)
        }
    }
    let offer = History::new().offer(0, 42);
    let silent = |answer: AddCheckpointAnswer| {
        assert_eq!((answer.status(), answer.code(), answer.body().as_str()), (500, None, ""));
        assert!(answer.failure().is_some());
    };
    for reads in [true, false] {
        silent(witness_on(Failing { reads }).answer(offer.to_string().as_bytes(), at(NOW)));
    }
    let (key, signer) = ed25519(NAME, 7);
    let keys = vec![WitnessKey::new(key, Refusing(signer))];
    let witness = Witness::new(vec![log(ORIGIN, 1).0], keys, MemoryWitnessStore::default());
    silent(witness.answer(offer.to_string().as_bytes(), at(NOW)));
    assert_eq!(newest(&witness).unwrap().size, 42, "the head is kept, and the request can be repeated");
    let keyless = Witness::new(vec![log(ORIGIN, 1).0], Vec::new(), MemoryWitnessStore::default());
    silent(keyless.answer(offer.to_string().as_bytes(), at(NOW)));
    assert_eq!(newest(&keyless), None);
}

/// SECURITY LOG-04. A witness restored from a backup of 42 entries, after it had cosigned 60: it asks for a proof from 42 on, and follows
/// whoever gives one first. That is why a restored witness must be brought to the newest head it ever cosigned.
#[test]
fn a_witness_restored_from_an_old_backup_walks_forward_only() {
    let (honest, forked) = (History::new(), History::rewritten());
    let restored = witness_at(42);
    let size = honest.offer(60, 70);
    assert_eq!(ask(&restored, &size), (409, "42\n".to_owned()), "it does not know 60 any more");
    assert_eq!(ask(&restored, &honest.offer(0, 41)).0, 409, "nor does it go back");
    assert_eq!(ask(&restored, &AddCheckpoint { proof: Vec::new(), ..honest.offer(42, 70) }).0, 422);
    // The fork lies behind what it remembers: it cannot know better.
    assert_eq!(ask(&restored, &forked.offer(42, 70)).0, 200);
    assert_eq!(ask(&restored, &honest.offer(70, 80)).0, 422, "and the honest log is refused from then on");
    // Brought to its newest head first, it refuses the fork.
    let careful = witness_at(42);
    assert_eq!(ask(&careful, &honest.offer(42, 60)).0, 200);
    assert_eq!(ask(&careful, &forked.offer(60, 70)).0, 422);
    assert_eq!(ask(&careful, &honest.offer(60, 70)).0, 200);
}

/// The log's side against the witness itself, over nothing but bytes.
fn obtain(
    witness: &Witness<MemoryWitnessStore>,
    known: u64,
    size: u64,
) -> Result<(SignedCheckpoint, u32), WitnessRefusal> {
    let history = History::new();
    let keys = witness.keys().cloned().collect();
    let mut request = Request::new(history.checkpoint(size), keys, known);
    let mut rounds = 1;
    loop {
        let body = request.body(history.consistency(request.old_size(), size));
        let answer = witness.answer(body.as_bytes(), at(NOW));
        match request.answered(answer.status(), answer.body().as_bytes(), at(NOW))? {
            Answer::Cosigned(lines) => {
                return Ok((history.checkpoint(size).with_signatures(lines).unwrap(), rounds));
            }
            Answer::Again(next) => request = next,
        }
        rounds += 1;
    }
}

#[test]
fn a_log_obtains_cosignatures() {
    let witness = witness_at(42);
    let policy: Policy =
        format!("log {}\nwitness w {}\nquorum w\n", log(ORIGIN, 1).0, ed25519(NAME, 7).0).parse().unwrap();
    for (known, size, expected) in [(42, 50, 1), (0, 64, 2), (99, 70, 2), (70, 70, 1), (3, 100, 2)] {
        let (checkpoint, rounds) = obtain(&witness, known, size).unwrap();
        assert_eq!(rounds, expected, "{known} to {size}");
        assert_eq!(policy.verify(&checkpoint).unwrap().witnessed_at(), Some(at(NOW)));
    }
    assert_eq!(obtain(&witness, 0, 60).unwrap_err(), WitnessRefusal::Ahead { known: 100 });
}

#[test]
fn an_answer_is_believed_only_with_the_configured_key() {
    let history = History::new();
    let (key, signer) = ed25519(NAME, 7);
    let request = || Request::new(history.checkpoint(42), vec![key.clone()], 0);
    let line =
        |of: u64, seconds| key.cosign(&history.checkpoint(of), at(seconds), &signer).unwrap().to_string();
    let (other, other_signer) = ed25519(NAME, 8);
    let stranger = other.cosign(&history.checkpoint(42), at(NOW), &other_signer).unwrap().to_string();
    let check = |status, body: &str| request().answered(status, body.as_bytes(), at(NOW)).map(|_| ());
    let good = line(42, NOW);
    let lines = |answer| match answer {
        Answer::Cosigned(lines) => lines.iter().map(ToString::to_string).collect::<String>(),
        Answer::Again(_) => panic!("no retry is due"),
    };
    let answer = request().answered(200, format!("{stranger}{good}").as_bytes(), at(NOW)).unwrap();
    assert_eq!(lines(answer), good, "the stranger's line is left behind");
    assert_eq!(check(200, &line(42, NOW + 300)), Ok(()));
    let wrong = WitnessRefusal::Cosignature(CosignatureError::Signature);
    for (status, body, expected) in [
        (200, stranger.as_str(), WitnessRefusal::Answer),
        (200, &line(41, NOW), wrong),
        (200, "", WitnessRefusal::Answer),
        (200, "\n", WitnessRefusal::Answer),
        (200, good.trim_end(), WitnessRefusal::Answer),
        (200, &format!("{good}\n"), WitnessRefusal::Answer),
        (200, &format!("{good}x\n"), WitnessRefusal::Answer),
        (200, &good.repeat(100), WitnessRefusal::Answer),
        (200, &line(42, NOW + 301), WitnessRefusal::Future { at: at(NOW + 301) }),
        (409, "43\n", WitnessRefusal::Ahead { known: 43 }),
        (409, "0\n", WitnessRefusal::Forked { size: 0 }),
        (409, "7", WitnessRefusal::Answer),
        (409, "07\n", WitnessRefusal::Answer),
        (409, "", WitnessRefusal::Answer),
        (400, "", WitnessRefusal::Malformed),
        (403, "", WitnessRefusal::UnknownKey),
        (404, "", WitnessRefusal::UnknownLog),
        (422, "", WitnessRefusal::Inconsistent),
        (500, "", WitnessRefusal::Status { status: 500 }),
        (201, &good, WitnessRefusal::Status { status: 201 }),
    ] {
        assert_eq!(check(status, body), Err(expected), "{status} {body:.40}");
    }
}

/// A witness that names another size each time is given up.
#[test]
fn a_restless_witness_is_given_up() {
    let mut request = Request::new(History::new().checkpoint(42), vec![ed25519(NAME, 7).0], 0);
    for size in 1..=3 {
        let Ok(Answer::Again(next)) = request.answered(409, format!("{size}\n").as_bytes(), at(NOW)) else {
            panic!("retry {size}")
        };
        assert_eq!(next.old_size(), size);
        request = next;
    }
    assert_eq!(request.answered(409, b"4\n", at(NOW)).unwrap_err(), WitnessRefusal::Restless);
}

/// A line that the log already had of a witness is replaced, not trusted.
#[test]
fn an_old_line_does_not_stand_in_for_an_answer() {
    let history = History::new();
    let (key, signer) = ed25519(NAME, 7);
    let old = key.cosign(&history.checkpoint(42), at(NOW - 100), &signer).unwrap();
    let checkpoint = history.checkpoint(42).with_signatures([old]).unwrap();
    let (other, other_signer) = ed25519("other.example", 8);
    let stranger = other.cosign(&checkpoint, at(NOW), &other_signer).unwrap().to_string();
    let request = Request::new(checkpoint, vec![key], 0);
    assert_eq!(request.answered(200, stranger.as_bytes(), at(NOW)).unwrap_err(), WitnessRefusal::Answer);
}

proptest! {
    /// Lines of requests in any order: never a panic, a cosignature only for what was offered rightly, and what is read
    /// is printed as it was.
    #[test]
    fn only_whole_requests_are_cosigned(order in proptest::collection::vec(0_usize..9, 0..10), junk in any::<String>()) {
        let good = History::new().offer(42, 64).to_string();
        let lines: Vec<&str> = good.split_inclusive('\n').chain(["\n", junk.as_str()]).collect();
        let text: String = order.iter().map(|line| lines[line % lines.len()]).collect();
        if let Ok(request) = text.parse::<AddCheckpoint>() {
            prop_assert_eq!(request.to_string(), text.clone());
        }
        let cosigned = witness_at(42).answer(text.as_bytes(), at(NOW)).status() == 200;
        prop_assert_eq!(cosigned, text == good);
    }
}

/// The store is shared behind an `Arc` as well.
#[test]
fn a_shared_store_is_one_memory() {
    let store = Arc::new(MemoryWitnessStore::default());
    assert_eq!(ask(&witness_on(Arc::clone(&store)), &History::new().offer(0, 42)).0, 200);
    assert_eq!(ask(&witness_on(store), &History::new().offer(0, 42)), (409, "42\n".to_owned()));
}
