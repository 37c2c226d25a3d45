//! A batch says of each signature what one by one says.
#![cfg(test)]

use curve25519_dalek::{
    EdwardsPoint, Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
};
use proptest::prelude::*;
use serde_json::Value;
use sinpyo_core::{encoding::Multikey, key::Verifier};
use sinpyo_crypto::{Algorithm, BatchItem, SigningKey, VerifyingKey, hash::sha512, verify_batch};
use sinpyo_testkit::{from_hex, key, vectors};
use std::{fs, time::Instant};

/// A signature with all that belongs to it.
#[derive(Clone)]
struct Case {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn signed(key: &SigningKey, number: usize) -> Case {
    let message = format!("message {number}").into_bytes();
    let signature = key.sign(&message).unwrap().into();
    Case { key: key.verifying_key().clone(), message, signature }
}

/// `count` good signatures, by the Ed25519 keys `seeds` in turn.
fn good(count: usize, seeds: &[u8]) -> Vec<Case> {
    let keys: Vec<SigningKey> = seeds.iter().map(|seed| key(Algorithm::Ed25519, *seed)).collect();
    (0..count).map(|number| signed(&keys[number % keys.len()], number)).collect()
}

fn verdicts(cases: &[Case]) -> Vec<bool> {
    let items: Vec<BatchItem<'_>> =
        cases.iter().map(|Case { key, message, signature }| BatchItem { key, message, signature }).collect();
    verify_batch(&items).iter().map(Result::is_ok).collect()
}

fn one_by_one(cases: &[Case]) -> Vec<bool> {
    cases.iter().map(|case| case.key.verify(&case.message, &case.signature).is_ok()).collect()
}

/// The verdicts of the batch, which are those of one by one.
#[track_caller]
fn check(cases: &[Case]) -> Vec<bool> {
    let batch = verdicts(cases);
    assert_eq!(batch, one_by_one(cases));
    batch
}

/// The places in `cases` that are refused.
#[track_caller]
fn refused(cases: &[Case]) -> Vec<usize> {
    let verdicts = check(cases);
    (0..cases.len()).filter(|place| !verdicts[*place]).collect()
}

fn parse(public: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_multikey(&Multikey::new(0xed, public)).ok()
}

/// The cases of a file of other people's, without those whose key is none.
fn foreign(set: &str, file: &str, names: [&str; 3]) -> Option<Vec<Case>> {
    let file = fs::read(vectors(set)?.join(file)).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&file).unwrap();
    let text = |case: &Value, name| case[name].as_str().unwrap().to_owned();
    let [key, message, signature] = names;
    let read = |case: &Value| {
        let message = text(case, message);
        let hex = set == "ed25519-speccheck";
        let message = if hex { from_hex(&message) } else { message.into_bytes() };
        Some(Case {
            key: parse(&from_hex(&text(case, key)))?,
            message,
            signature: from_hex(&text(case, signature)),
        })
    };
    Some(cases.iter().filter_map(read).collect())
}

#[test]
fn a_batch_of_none_one_and_few_is_judged() {
    assert!(check(&[]).is_empty());
    for count in [1, 2, 255, 256, 257] {
        let mut cases = good(count, &[1, 2]);
        assert_eq!(refused(&cases), Vec::<usize>::new());
        cases[count - 1].message.push(b'!');
        assert_eq!(refused(&cases), [count - 1]);
    }
}

#[test]
fn each_bad_signature_is_named() {
    let mut cases = good(1500, &[1, 2, 3]);
    let swapped = cases[10].message.clone();
    cases[10].message = cases[13].message.clone();
    cases[13].message = swapped;
    cases[600].signature[40] ^= 1;
    cases[700].signature[5] ^= 1;
    cases[800].key = cases[801].key.clone();
    cases[900].signature = cases[903].signature.clone();
    cases[1000].signature.pop();
    cases[1100].signature.clear();
    assert_eq!(refused(&cases), [10, 13, 600, 700, 800, 900, 1000, 1100]);
}

#[test]
fn all_bad_and_alternately_bad_batches_are_refused() {
    let mut cases = good(1100, &[1]);
    for case in cases.iter_mut().step_by(2) {
        case.signature[33] ^= 4;
    }
    assert_eq!(refused(&cases).len(), 550);
    for case in cases.iter_mut().skip(1).step_by(2) {
        case.signature[33] ^= 4;
    }
    assert_eq!(refused(&cases).len(), 1100);
}

#[test]
fn duplicates_and_opposite_errors_do_not_cancel() {
    let mut cases = vec![good(1, &[1]).remove(0); 512];
    assert!(refused(&cases).is_empty());
    // S + 1 here and S − 1 there: the sum of the equations still holds.
    let shift = |case: &mut Case, by: Scalar| {
        let s = Scalar::from_canonical_bytes(case.signature[32..].try_into().unwrap()).unwrap() + by;
        case.signature[32..].copy_from_slice(s.as_bytes());
    };
    shift(&mut cases[100], Scalar::ONE);
    shift(&mut cases[400], -Scalar::ONE);
    assert_eq!(refused(&cases), [100, 400]);
}

#[test]
fn other_algorithms_may_be_in_a_batch() {
    let mut cases = good(600, &[1]);
    for (place, algorithm) in [(5, Algorithm::Es256), (90, Algorithm::Es384), (300, Algorithm::MlDsa44)] {
        cases[place] = signed(&key(algorithm, 1), place);
        cases[place + 1] = signed(&key(algorithm, 1), place);
        cases[place + 1].message.push(0);
    }
    assert_eq!(refused(&cases), [6, 91, 301]);
}

/// Signs as the owner of `a` who adds torsion to key and nonce, so that the equation without torsion holds.
fn with_torsion(number: u64, [of_key, of_nonce]: [EdwardsPoint; 2]) -> Case {
    let (a, r) = (Scalar::from(0x5eed_u64), Scalar::from(1000 + number));
    let public = (ED25519_BASEPOINT_POINT * a + of_key).compress();
    let nonce = (ED25519_BASEPOINT_POINT * r + of_nonce).compress();
    let message = number.to_le_bytes().to_vec();
    let k = sha512(&[nonce.as_bytes(), public.as_bytes(), &message[..]].concat());
    let s = r + Scalar::from_bytes_mod_order_wide(&k) * a;
    Case {
        key: parse(public.as_bytes()).unwrap(),
        message,
        signature: [nonce.to_bytes(), s.to_bytes()].concat(),
    }
}

/// The usual batch equation accepts these pairs whenever the weights agree modulo 8.
#[test]
fn torsion_that_cancels_is_found() {
    let none = EIGHT_TORSION[0];
    for torsion in &EIGHT_TORSION[1..] {
        for (first, second) in [([none, *torsion], [none, -torsion]), ([none, *torsion], [none, *torsion])] {
            let mut cases = good(510, &[1]);
            cases.insert(7, with_torsion(1, first));
            cases.insert(450, with_torsion(2, second));
            assert_eq!(refused(&cases), [7, 450]);
        }
    }
}

/// A key with torsion is no bad key: some of its signatures are good, and the batch must say which.
#[test]
fn signatures_of_a_key_with_torsion_are_judged_by_themselves() {
    for torsion in &EIGHT_TORSION[1..] {
        let mut cases = good(500, &[1, 2]);
        let owner = |number: u64| {
            // Nonces that make up for the torsion of k·A in some of the messages.
            with_torsion(number, [*torsion, EIGHT_TORSION[usize::try_from(number % 8).unwrap()]])
        };
        cases.extend((0..80).map(owner));
        let accepted = check(&cases)[500..].iter().filter(|verdict| **verdict).count();
        assert!((1..80).contains(&accepted), "{accepted} of 80");
    }
    // Order 2 and an odd k: one signature alone that the equation misses for every other weight.
    let mut cases = good(256, &[1]);
    let judge = |number| {
        cases[9] = with_torsion(number, [EIGHT_TORSION[4], EIGHT_TORSION[0]]);
        check(&cases)[9]
    };
    let accepted = (0..24).map(judge).filter(|verdict| *verdict).count();
    assert!((1..24).contains(&accepted), "{accepted} of 24");
}

#[test]
fn the_edge_cases_of_others_get_the_verdict_of_one_by_one() {
    let speccheck = foreign("ed25519-speccheck", "cases.json", ["pub_key", "message", "signature"]);
    let cctv = foreign("ed25519-cctv", "ed25519vectors.json", ["key", "msg", "sig"]);
    let (Some(speccheck), Some(cctv)) = (speccheck, cctv) else { return };
    // Alone, all together, and each hidden among 1,023 good ones.
    for case in speccheck.iter().chain(&cctv) {
        check(std::slice::from_ref(case));
    }
    let together: Vec<Case> = speccheck.iter().chain(&cctv).cloned().collect();
    let accepted = check(&together).iter().filter(|verdict| **verdict).count();
    assert!(accepted > 1 && accepted < together.len(), "{accepted}");
    let mut hidden = good(1024, &[1]);
    for (number, case) in speccheck.iter().chain(&cctv).enumerate() {
        let place = number * 37 % 1024;
        let displaced = std::mem::replace(&mut hidden[place], case.clone());
        let verdicts = verdicts(&hidden);
        let expected = case.key.verify(&case.message, &case.signature).is_ok();
        assert!((0..1024).all(|other| verdicts[other] == (other != place || expected)), "case {number}");
        hidden[place] = displaced;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever is flipped where, batch and one by one agree.
    #[test]
    fn the_verdicts_are_those_of_one_by_one(
        count in 256_usize..1400, keys in 1_u8..5,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..64, 0_u8..8), 0..5),
    ) {
        let mut cases = good(count, &(0..keys).collect::<Vec<_>>());
        for (place, byte, bit) in &flips {
            cases[place.index(count)].signature[*byte] ^= 1 << bit;
        }
        prop_assert_eq!(verdicts(&cases), one_by_one(&cases));
    }
}

/// Prints how long both ways take. Only an optimised build is held to the promises of `verify_batch`.
#[test]
fn a_batch_is_faster_than_one_by_one() {
    let one_key = |count| good(count, &[1]);
    for (name, cases, promise) in [
        ("256 of one key", one_key(256), 0.9),
        ("1,024 of one key", one_key(1024), 0.5),
        ("4,096 of one key", one_key(4096), 0.5),
        ("1,024 of 256 keys", good(1024, &(0..=255).collect::<Vec<_>>()), 0.7),
    ] {
        assert!(refused(&cases).is_empty());
        let ratio = measure(name, &cases);
        assert!(cfg!(debug_assertions) || ratio < promise, "{ratio}");
    }
    let mut bad = one_key(4096);
    bad[5].signature[40] ^= 1;
    measure("4,096 of one key, one of them forged", &bad);
    // The owner of a key can spoil every part of a group.
    let torsion = |number| EIGHT_TORSION[if number % 256 == 0 { 4 } else { 0 }];
    let worst: Vec<Case> =
        (0..4096).map(|number| with_torsion(number, [EIGHT_TORSION[0], torsion(number)])).collect();
    assert_eq!(refused(&worst).len(), 16);
    let ratio = measure("4,096 of one key, each 256th with torsion", &worst);
    assert!(cfg!(debug_assertions) || ratio < 1.8, "{ratio}");
}

/// Time of the batch as a part of that of one by one; the fastest of five runs each.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a measurement needs a clock and a reader"
)]
fn measure(name: &str, cases: &[Case]) -> f64 {
    let fastest = |run: fn(&[Case]) -> Vec<bool>| {
        let time = || {
            let start = Instant::now();
            std::hint::black_box(run(cases));
            start.elapsed()
        };
        let fastest = (0..5).map(|_| time()).min().unwrap();
        fastest.as_secs_f64() * 1e6 / f64::from(u32::try_from(cases.len()).unwrap())
    };
    let (single, batch) = (fastest(one_by_one), fastest(verdicts));
    eprintln!("{name}: one by one {single:.1} µs each, batch {batch:.1} µs, ratio {:.2}", batch / single);
    batch / single
}
