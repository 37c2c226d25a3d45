//! The protocol against RFC 9474 Appendix A, and each way of getting it wrong.

use crate::{appendix, appendix_key, hex};
use serde_json::Value;
use sinpyo_blind_rsa::{Blinding, KeySize, Prepared, PublicKey, SecretKey, Variant};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_testkit::TestEntropy;
use std::{collections::VecDeque, fs};

/// Randomness that was chosen beforehand, draw by draw.
struct Scripted(VecDeque<Vec<u8>>);

impl Entropy for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        if !out.is_empty() {
            out.copy_from_slice(&self.0.pop_front().expect("no draw is left"));
        }
    }
}

fn variant(name: &Value) -> Variant {
    let all = [
        Variant::PssRandomized,
        Variant::PssZeroRandomized,
        Variant::PssDeterministic,
        Variant::PssZeroDeterministic,
    ];
    all.into_iter().find(|variant| variant.name() == name.as_str().unwrap()).unwrap()
}

/// Asks for a signature of `message` as the draws say.
fn blind(key: &PublicKey, variant: Variant, message: &[u8], draws: &[Vec<u8>]) -> (Vec<u8>, Blinding) {
    let draws = draws.iter().filter(|draw| !draw.is_empty()).cloned();
    let mut entropy = Scripted(draws.collect());
    let prepared = variant.prepare(message, &mut entropy);
    let (blinded, blinding) = key.blind(prepared, &mut entropy).unwrap();
    assert!(entropy.0.is_empty());
    (blinded.as_bytes().to_vec(), blinding)
}

#[test]
fn all_variants_are_those_of_appendix_a() {
    let key = appendix_key();
    let appendix = appendix();
    let cases = appendix["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let variant = variant(&case["variant"]);
        let draws = ["randomizer", "salt", "inverse"].map(|draw| hex(&case[draw]));
        let (blinded, blinding) = blind(key.public(), variant, &hex(&case["message"]), &draws);
        assert_eq!(blinded, hex(&case["blinded"]), "{variant:?}");
        let answer = key.blind_sign(&blinded).unwrap();
        assert_eq!(answer.as_bytes(), hex(&case["answer"]), "{variant:?}");
        let signature = blinding.finalize(answer.as_bytes()).unwrap();
        assert_eq!(signature.as_bytes(), hex(&case["signature"]), "{variant:?}");
        let prepared = [hex(&case["randomizer"]), hex(&case["message"])].concat();
        let signed = key.public().verify(blinding.prepared(), signature.as_bytes()).unwrap();
        assert_eq!(signed.bytes(), prepared, "{variant:?}");
    }
}

#[test]
fn the_vectors_of_the_draft_hold() {
    let Some(folder) = sinpyo_testkit::vectors("rfc9474-blind-rsa") else { return };
    let text = fs::read_to_string(folder.join("test_vectors.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let salt = hex(&case["salt"]);
        let variant = if salt.is_empty() { Variant::PssZeroDeterministic } else { Variant::PssDeterministic };
        let key = PublicKey::from_spki(&spki(&hex(&case["n"]))).unwrap();
        let (blinded, blinding) = blind(&key, variant, &hex(&case["msg"]), &[salt, hex(&case["inv"])]);
        assert_eq!(blinded, hex(&case["blinded_msg"]));
        let signature = blinding.finalize(&hex(&case["blind_sig"])).unwrap();
        assert_eq!(signature.as_bytes(), hex(&case["sig"]));
    }
}

/// The form of RFC 5280, written out for moduli of 256 to 512 bytes.
fn spki(modulus: &[u8]) -> Vec<u8> {
    let element = |tag: u8, content: &[u8]| {
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, high, low], content].concat()
    };
    let integer = element(2, &[&[0], modulus].concat());
    let key = element(0x30, &[&integer[..], &[2, 3, 1, 0, 1]].concat());
    let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    element(0x30, &[&algorithm[..], &element(3, &[&[0][..], &key].concat())].concat())
}

/// A signed message under a new key of 2,048 bits.
fn signed(seed: u64) -> (SecretKey, Prepared, Vec<u8>) {
    let key = SecretKey::generate(KeySize::Bits2048).unwrap();
    let mut entropy = TestEntropy::new(seed);
    let prepared = Variant::PssRandomized.prepare(b"a message", &mut entropy);
    let (blinded, blinding) = key.public().blind(prepared.clone(), &mut entropy).unwrap();
    let answer = key.blind_sign(blinded.as_bytes()).unwrap();
    let signature = blinding.finalize(answer.as_bytes()).unwrap();
    (key, prepared, signature.into_bytes())
}

#[test]
fn a_signature_with_any_byte_changed_is_refused() {
    let (key, prepared, signature) = signed(1);
    assert!(key.public().verify(&prepared, &signature).is_ok());
    for index in 0..signature.len() {
        for change in [1, 0x80] {
            let mut other = signature.clone();
            other[index] ^= change;
            assert!(key.public().verify(&prepared, &other).is_err(), "{index}");
        }
    }
}

#[test]
fn a_signature_of_another_length_or_above_the_modulus_is_refused() {
    let (key, prepared, signature) = signed(2);
    let padded = [&[0][..], &signature].concat();
    for other in [&signature[..255], &signature[1..], &[], &padded, &[0; 256], &[0xff; 256]] {
        assert!(key.public().verify(&prepared, other).is_err());
    }
}

#[test]
fn a_signature_of_the_same_residue_is_refused() {
    let (key, appendix) = (appendix_key(), appendix());
    let case = &appendix["cases"][0];
    let randomizer = hex(&case["randomizer"]).try_into().unwrap();
    let prepared = Variant::PssRandomized.prepare_with(&randomizer, &hex(&case["message"]));
    let signature = hex(&case["signature"]);
    assert!(key.public().verify(&prepared, &signature).is_ok());
    // 0x191e… + 0xaec4…: the sum still fits into the length.
    let (sum, carry) = sum(&signature, &hex(&appendix["modulus"]));
    assert_eq!(carry, 0);
    assert!(key.public().verify(&prepared, &sum).is_err());
}

/// The sum of two big-endian numbers of one length, and what is carried out of it.
fn sum(left: &[u8], right: &[u8]) -> (Vec<u8>, u16) {
    let mut carry = 0;
    let digits = left.iter().zip(right).rev().map(|(left, right)| {
        let digit = u16::from(*left) + u16::from(*right) + carry;
        carry = digit >> 8;
        digit.to_le_bytes()[0]
    });
    let mut digits: Vec<u8> = digits.collect();
    digits.reverse();
    (digits, carry)
}

#[test]
fn a_signature_is_one_of_its_message_randomizer_variant_and_key_alone() {
    let (key, prepared, signature) = signed(3);
    let other = SecretKey::generate(KeySize::Bits2048).unwrap();
    assert!(other.public().verify(&prepared, &signature).is_err());
    let randomizer = *prepared.randomizer().unwrap();
    let again = Variant::PssRandomized.prepare_with(&randomizer, b"a message");
    assert!(key.public().verify(&again, &signature).is_ok());
    let mut changed = randomizer;
    changed[31] ^= 1;
    for prepared in [
        Variant::PssRandomized.prepare_with(&changed, b"a message"),
        Variant::PssRandomized.prepare_with(&randomizer, b"a messagf"),
        Variant::PssZeroRandomized.prepare_with(&randomizer, b"a message"),
        Variant::PssDeterministic.prepare_with(&randomizer, b"a message"),
        Variant::PssZeroDeterministic.prepare_with(&randomizer, b"a message"),
    ] {
        assert!(key.public().verify(&prepared, &signature).is_err(), "{prepared:?}");
    }
}

#[test]
fn any_answer_but_the_signers_is_refused() {
    let key = appendix_key();
    let mut entropy = TestEntropy::new(4);
    let prepared = Variant::PssRandomized.prepare(b"", &mut entropy);
    let (blinded, blinding) = key.public().blind(prepared.clone(), &mut entropy).unwrap();
    let answer = key.blind_sign(blinded.as_bytes()).unwrap();
    for index in 0..answer.as_bytes().len() {
        let mut other = answer.as_bytes().to_vec();
        other[index] ^= 1;
        assert_eq!(blinding.finalize(&other).unwrap_err().code(), "BRS-10", "{index}");
    }
    assert_eq!(blinding.finalize(&[0; 512]).unwrap_err().code(), "BRS-10");
    // The answer to another blinding of the same message, and the blinded message itself.
    let (second, _) = key.public().blind(prepared, &mut entropy).unwrap();
    let of_second = key.blind_sign(second.as_bytes()).unwrap();
    for other in [of_second.as_bytes(), blinded.as_bytes()] {
        assert_eq!(blinding.finalize(other).unwrap_err().code(), "BRS-10");
    }
    for other in [&answer.as_bytes()[1..], &[answer.as_bytes(), &[0]].concat(), &[], &[0xff; 512]] {
        assert_eq!(blinding.finalize(other).unwrap_err().code(), "BRS-12");
    }
    let modulus = hex(&appendix()["modulus"]);
    assert_eq!(blinding.finalize(&modulus).unwrap_err().code(), "BRS-12");
    assert!(blinding.finalize(answer.as_bytes()).is_ok());
}

#[test]
fn two_blindings_of_one_message_have_nothing_in_common() {
    let key = appendix_key();
    let mut entropy = TestEntropy::new(5);
    let prepared = Variant::PssZeroDeterministic.prepare(b"a message", &mut entropy);
    let (first, one) = key.public().blind(prepared.clone(), &mut entropy).unwrap();
    let (second, two) = key.public().blind(prepared, &mut entropy).unwrap();
    assert_ne!(first, second);
    let equal = first.as_bytes().iter().zip(second.as_bytes()).filter(|(one, two)| one == two).count();
    assert!(equal < 20, "512 random bytes agree in 2 on average, not in {equal}");
    // And yet the signature is the same: it cannot say which of the two it was.
    let signature = |blinded: &[u8], blinding: &Blinding| {
        blinding.finalize(key.blind_sign(blinded).unwrap().as_bytes()).unwrap()
    };
    assert_eq!(signature(first.as_bytes(), &one), signature(second.as_bytes(), &two));
}

#[test]
fn a_blinded_message_of_another_length_is_refused() {
    let key = appendix_key();
    for length in [0, 1, 256, 511, 513] {
        assert_eq!(key.blind_sign(&vec![1; length]).unwrap_err().code(), "BRS-07");
    }
}

#[test]
fn a_blinded_message_that_is_its_own_signature_or_above_the_modulus_is_refused() {
    let key = appendix_key();
    let modulus = hex(&appendix()["modulus"]);
    let small = |value: u8| [vec![0; 511], vec![value]].concat();
    let less = |difference: u8| {
        let mut number = modulus.clone();
        number[511] -= difference;
        number
    };
    assert!(modulus[511] > 3);
    for refused in [small(0), small(1), less(1), modulus.clone(), vec![0xff; 512]] {
        assert_eq!(key.blind_sign(&refused).unwrap_err().code(), "BRS-08");
    }
    // (−2)^d = −(2^d), d being odd.
    let two = key.blind_sign(&small(2)).unwrap();
    let minus_two = key.blind_sign(&less(2)).unwrap();
    assert_eq!(sum(two.as_bytes(), minus_two.as_bytes()), (modulus, 0));
}

#[test]
fn randomness_that_is_not_random_is_refused() {
    struct Stuck(u8);
    impl Entropy for Stuck {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }
    let key = appendix_key();
    let prepared = Variant::PssRandomized.prepare(b"", &mut TestEntropy::new(1));
    assert_eq!(key.public().blind(prepared.clone(), &mut Stuck(0xff)).unwrap_err().code(), "BRS-13");
    // Zero has no inverse.
    assert_eq!(key.public().blind(prepared, &mut Stuck(0)).unwrap_err().code(), "BRS-11");
}

#[test]
fn a_blinding_can_be_kept() {
    let key = appendix_key();
    for variant in [Variant::PssRandomized, Variant::PssZeroDeterministic] {
        let mut entropy = TestEntropy::new(6);
        let prepared = variant.prepare(b"kept", &mut entropy);
        let (blinded, blinding) = key.public().blind(prepared, &mut entropy).unwrap();
        let kept = blinding.to_secret();
        let restored = Blinding::restore(key.public(), &kept).unwrap();
        let answer = key.blind_sign(blinded.as_bytes()).unwrap();
        assert_eq!(restored.finalize(answer.as_bytes()), blinding.finalize(answer.as_bytes()));
        assert_eq!(restored.prepared(), blinding.prepared());
        assert!(restored.finalize(answer.as_bytes()).is_ok());
        let bytes = kept.expose();
        let foreign = [&[4], &bytes[1..]].concat();
        let above = [&[bytes[0]], &[0xff; 512][..], &bytes[513..]].concat();
        for broken in [&bytes[..0], &bytes[..512], &foreign, &above] {
            assert!(Blinding::restore(key.public(), &Secret::new(broken.to_vec())).is_err());
        }
    }
    let short = Secret::new([&[0][..], &[1; 512], &[0; 31]].concat());
    assert!(Blinding::restore(key.public(), &short).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let key = appendix_key();
    let mut entropy = TestEntropy::new(7);
    let prepared = Variant::PssRandomized.prepare(b"secret message", &mut entropy);
    let (_, blinding) = key.public().blind(prepared, &mut entropy).unwrap();
    assert_eq!(format!("{key:?}"), "SecretKey { public: PublicKey { bytes: 512, .. }, .. }");
    assert_eq!(format!("{blinding:?}"), "Blinding { key: PublicKey { bytes: 512, .. }, .. }");
    assert_eq!(format!("{:?}", blinding.prepared()), "Prepared { variant: PssRandomized, .. }");
}

#[test]
fn one_key_serves_many_threads() {
    let key = appendix_key();
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let key = &key;
            scope.spawn(move || {
                for round in 0..5 {
                    let mut entropy = TestEntropy::new(100 * seed + round);
                    let prepared = Variant::PssRandomized.prepare(b"shared", &mut entropy);
                    let (blinded, blinding) = key.public().blind(prepared, &mut entropy).unwrap();
                    let answer = key.blind_sign(blinded.as_bytes()).unwrap();
                    assert!(blinding.finalize(answer.as_bytes()).is_ok());
                }
            });
        }
    });
}
