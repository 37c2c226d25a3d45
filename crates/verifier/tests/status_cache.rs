//! The cache of status lists: fresh, past, bounded, and raced against by revocations.
#![expect(clippy::unwrap_used, reason = "test")]

use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    key::Signer,
    resolved::Resolved,
    status::{BitOrder, CredentialStatus, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified,
    status_token::{self, Publication},
};
use sinpyo_testkit::key;
use sinpyo_verifier::{CacheLimits, StatusCache};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

const TTL: i64 = 60;
/// Of each list.
const ENTRIES: u16 = 4_000;

/// A publisher with one key.
struct Publisher(KeySigner);

impl Publisher {
    fn new(name: &str, seed: u8) -> Self {
        let did: Did = format!("did:x:{name}").parse().unwrap();
        Self(KeySigner::new(did.key("k").unwrap(), key(Algorithm::Es256, seed)))
    }

    fn did(&self) -> Did {
        self.0.key_id().did()
    }

    /// As a verified list names it.
    fn name(&self) -> status_token::Publisher {
        status_token::Publisher::Did(self.did())
    }

    fn keys(&self) -> KeyRing {
        let key = PublicKeyMaterial::Multikey(self.0.key().verifying_key().to_multikey());
        let method =
            VerificationMethod { id: self.0.key_id().clone(), controller: self.did(), key, revoked: None };
        KeyRing::of(&Resolved::immutable(DidDocument::new(self.did()).with_key(method, &[AssertionMethod])))
    }

    /// An edition of list `number`, made at `from`, in which `revoked` are revoked.
    fn edition(&self, number: u32, (from, until): (i64, i64), revoked: &[u64]) -> String {
        let mut list = StatusList::new(1, BitOrder::LeastFirst, ENTRIES.into()).unwrap();
        for index in revoked {
            list.set(*index, 1).unwrap();
        }
        let publication = Publication {
            uri: uri(number),
            issued_at: at(from),
            expires: Some(at(until)),
            ttl: Some(Duration::from_secs(TTL.unsigned_abs())),
        };
        let public = self.0.key().verifying_key();
        let signatory = Signatory { key_id: self.0.key_id(), key: public };
        let prepared = status_token::prepare(&list, &publication, signatory);
        let signature = self.0.sign(prepared.signing_input()).unwrap();
        prepared.attach(&signature).unwrap()
    }
}

fn uri(number: u32) -> String {
    format!("https://status.example/{number}")
}

fn entry(number: u32, index: u64) -> StatusEntry {
    StatusEntry::Token { list: uri(number), index }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

fn arrived(wire: &str) -> Unverified<StatusList> {
    Unverified::parse(wire.as_bytes()).unwrap()
}

fn cache() -> StatusCache {
    StatusCache::new(CacheLimits::default())
}

/// Admits the edition at `now`: the rule if it is refused.
fn admit(cache: &mut StatusCache, wire: &str, entry: &StatusEntry, now: i64) -> Result<(), &'static str> {
    let keys = Publisher::new("issuer", 1).keys();
    cache.admit(arrived(wire), entry, &keys, at(now)).map(drop).map_err(|error| error.code())
}

#[test]
fn an_edition_is_used_until_its_ttl_is_over_and_no_longer() {
    let (issuer, mut cache) = (Publisher::new("issuer", 1), cache());
    let did = issuer.name();
    assert!(cache.current(&entry(1, 7), &did, at(0)).is_none());
    admit(&mut cache, &issuer.edition(1, (0, 86_400), &[7]), &entry(1, 0), 10).unwrap();
    for now in [10, 11, 10 + TTL] {
        let list = cache.current(&entry(1, 7), &did, at(now)).unwrap();
        assert_eq!(list.status(7).unwrap(), CredentialStatus::Revoked, "{now}");
    }
    for now in [10 + TTL + 1, 86_400, 9, 0] {
        assert!(cache.current(&entry(1, 7), &did, at(now)).is_none(), "{now}");
    }
    assert!(cache.current(&entry(2, 7), &did, at(10)).is_none(), "another list");
    assert!(
        cache.current(&entry(1, 7), &Publisher::new("other", 1).name(), at(10)).is_none(),
        "another publisher"
    );
}

#[test]
fn an_edition_ends_and_policy_may_be_stricter() {
    let issuer = Publisher::new("issuer", 1);
    let mut ending = cache();
    admit(&mut ending, &issuer.edition(1, (0, 30), &[]), &entry(1, 0), 10).unwrap();
    assert!(ending.current(&entry(1, 0), &issuer.name(), at(30)).is_some());
    assert!(ending.current(&entry(1, 0), &issuer.name(), at(31)).is_none());
    let mut strict =
        StatusCache::new(CacheLimits { max_age: Duration::from_secs(5), ..CacheLimits::default() });
    admit(&mut strict, &issuer.edition(1, (0, 86_400), &[]), &entry(1, 0), 10).unwrap();
    assert!(strict.current(&entry(1, 0), &issuer.name(), at(15)).is_some());
    assert!(strict.current(&entry(1, 0), &issuer.name(), at(16)).is_none());
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let (issuer, mut cache) = (Publisher::new("issuer", 1), cache());
    let good = issuer.edition(1, (0, 100), &[]);
    for (wire, entry, now, rule) in [
        (issuer.edition(2, (0, 100), &[]), entry(1, 0), 0, "STL-02"),
        (Publisher::new("issuer", 2).edition(1, (0, 100), &[]), entry(1, 0), 0, "JWS-11"),
        (good.clone(), entry(1, 0), 200, "JWS-14"),
        (good.clone(), entry(1, 0), -200, "JWS-15"),
    ] {
        let refused = admit(&mut cache, &wire, &entry, now).unwrap_err();
        assert_eq!(refused, rule);
        assert!(cache.is_empty());
    }
    admit(&mut cache, &good, &entry(1, 0), 5).unwrap();
    admit(&mut cache, &issuer.edition(2, (0, 100), &[]), &entry(1, 0), 6).unwrap_err();
    assert!(cache.current(&entry(1, 0), &issuer.name(), at(6)).is_some(), "a refusal evicts nothing");
}

#[test]
fn an_edition_that_was_replaced_does_not_come_back() {
    let (issuer, mut cache) = (Publisher::new("issuer", 1), cache());
    let (old, new) = (issuer.edition(1, (0, 86_400), &[]), issuer.edition(1, (50, 86_400), &[7]));
    admit(&mut cache, &old, &entry(1, 0), 40).unwrap();
    admit(&mut cache, &new, &entry(1, 0), 50).unwrap();
    assert_eq!(admit(&mut cache, &old, &entry(1, 0), 55), Err("STS-15"));
    // Not even after the newer one is too old to be used.
    assert_eq!(admit(&mut cache, &old, &entry(1, 0), 1_000), Err("STS-15"));
    admit(&mut cache, &new, &entry(1, 0), 1_000).unwrap();
}

#[test]
fn the_past_is_what_was_the_newest_then() {
    let (issuer, mut cache) = (Publisher::new("issuer", 1), cache());
    let (did, keys) = (issuer.name(), issuer.keys());
    let past = |cache: &mut StatusCache, wire: &str, time| {
        let admitted = cache.admit_past(arrived(wire), &entry(1, 0), &keys, at(time));
        admitted.map(drop).map_err(|error| error.code())
    };
    let (first, second) = (issuer.edition(1, (0, 200), &[]), issuer.edition(1, (100, 300), &[7]));
    past(&mut cache, &first, 60).unwrap();
    past(&mut cache, &second, 150).unwrap();
    let status = |cache: &mut StatusCache, time| {
        cache.at(&entry(1, 7), &did, at(time)).map(|list| list.status(7).unwrap())
    };
    for (time, expected) in [
        (-1, None),
        (0, Some(CredentialStatus::Valid)),
        (60, Some(CredentialStatus::Valid)),
        // Still within its time, but perhaps replaced by then.
        (61, None),
        (99, None),
        (100, Some(CredentialStatus::Revoked)),
        (150, Some(CredentialStatus::Revoked)),
        (151, None),
        (300, None),
    ] {
        assert_eq!(status(&mut cache, time), expected, "{time}");
    }
    // An answer about another time is refused to the second: the tolerance of clocks does not apply to the past.
    for (wire, time) in [(&second, 99), (&second, 300), (&first, 200), (&first, -1)] {
        assert_eq!(past(&mut cache, wire, time), Err("STS-11"), "{time}");
    }
    assert!(cache.current(&entry(1, 7), &did, at(150)).is_none(), "the past is not the present");
}

#[test]
fn what_was_current_becomes_the_past() {
    let (issuer, mut cache) = (Publisher::new("issuer", 1), cache());
    admit(&mut cache, &issuer.edition(1, (0, 1_000), &[]), &entry(1, 0), 40).unwrap();
    admit(&mut cache, &issuer.edition(1, (50, 1_000), &[7]), &entry(1, 0), 60).unwrap();
    let mut status =
        |time| cache.at(&entry(1, 7), &issuer.name(), at(time)).map(|list| list.status(7).unwrap());
    assert_eq!(status(30), Some(CredentialStatus::Valid));
    assert_eq!(status(45), None);
    assert_eq!(status(55), Some(CredentialStatus::Revoked));
    assert_eq!(status(61), None);
}

#[test]
fn editions_and_entries_are_bounded_and_the_least_used_goes_first() {
    let issuer = Publisher::new("issuer", 1);
    let did = issuer.name();
    let limited =
        |editions, entries| StatusCache::new(CacheLimits { editions, entries, ..CacheLimits::default() });
    for mut cache in [limited(3, usize::MAX), limited(100, 4 * usize::from(ENTRIES) - 1)] {
        for number in 0..3 {
            admit(&mut cache, &issuer.edition(number, (0, 100), &[]), &entry(number, 0), 0).unwrap();
        }
        assert!(cache.current(&entry(0, 0), &did, at(1)).is_some());
        admit(&mut cache, &issuer.edition(3, (0, 100), &[]), &entry(3, 0), 1).unwrap();
        let mut held = |number| cache.current(&entry(number, 0), &did, at(1)).is_some();
        assert_eq!([0, 1, 2, 3].map(&mut held), [true, false, true, true]);
        assert_eq!(cache.len(), 3);
    }
    for mut small in [limited(100, usize::from(ENTRIES) - 1), limited(0, usize::MAX)] {
        admit(&mut small, &issuer.edition(0, (0, 100), &[]), &entry(0, 0), 0).unwrap();
        assert!(small.is_empty());
    }
}

/// STA-13 of the catalogue of attacks: eight verifiers against one issuer. Time is a counter that the issuer advances.
#[test]
fn no_verification_accepts_a_revoked_credential_beyond_the_ttl() {
    const CREDENTIALS: u64 = 4_000;
    let issuer = Publisher::new("issuer", 1);
    let clock = AtomicI64::new(0);
    let served = Mutex::new(issuer.edition(1, (0, 1_000_000), &[]));
    let acknowledged: Vec<_> = (0..CREDENTIALS).map(|_| AtomicI64::new(i64::MAX)).collect();
    let (done, seen) = (AtomicBool::new(false), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let verifier = |seed: u64| {
        let (mut cache, keys, mut draw) = (cache(), issuer.keys(), seed);
        while !done.load(SeqCst) {
            std::thread::yield_now();
            let start = clock.load(SeqCst);
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let index = (draw >> 33) % CREDENTIALS;
            let revoked = acknowledged[usize::try_from(index).unwrap()].load(SeqCst);
            let entry = entry(1, index);
            let list = cache.current(&entry, &issuer.name(), at(start)).or_else(|| {
                let wire = served.lock().unwrap().clone();
                // An edition from the future, made while this thread slept, is refused: nothing is accepted then.
                cache.admit(arrived(&wire), &entry, &keys, at(start)).ok()
            });
            let Some(list) = list else { continue };
            let valid = list.status(index).unwrap() == CredentialStatus::Valid;
            seen[usize::from(valid)].fetch_add(1, SeqCst);
            assert!(!valid || start <= revoked.saturating_add(TTL), "index {index}: {revoked}, {start}");
        }
    };
    std::thread::scope(|scope| {
        let verifier = &verifier;
        for seed in 1..=8 {
            scope.spawn(move || verifier(seed));
        }
        for last in 0..CREDENTIALS {
            let now = clock.fetch_add(20, SeqCst) + 20;
            let revoked: Vec<_> = (0..=last).collect();
            *served.lock().unwrap() = issuer.edition(1, (now, now + 1_000_000), &revoked);
            acknowledged[usize::try_from(last).unwrap()].store(now, SeqCst);
        }
        done.store(true, SeqCst);
    });
    assert!(seen.iter().all(|count| count.load(SeqCst) > 100), "{seen:?}");
}
