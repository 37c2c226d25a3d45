//! What is refused, and by which rule.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use sinpyo_bbs::{
    Disclosure, MAX_MESSAGES, Proof, ProveError, PublicKey, SecretKey, Selection, SignError, Signature, Suite,
};
use sinpyo_core::{Secret, encoding::Multikey};
use sinpyo_testkit::{TestEntropy, from_hex};

const MESSAGES: [&[u8]; 5] = [b"name", b"birth", b"town", b"", b"town"];
const HEADER: &[u8] = b"header";
const NONCE: &[u8] = b"nonce";

/// r, the order of the groups.
const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

fn key() -> SecretKey {
    SecretKey::generate(&mut TestEntropy::new(7))
}

fn signature() -> Signature {
    key().sign(Suite::Sha256, HEADER, &MESSAGES).unwrap()
}

fn selection(disclosed: &[usize]) -> Selection<'_> {
    Selection { header: HEADER, presentation_header: NONCE, messages: &MESSAGES, disclosed }
}

fn proof(disclosed: &[usize]) -> Proof {
    key()
        .public_key()
        .prove(Suite::Sha256, &signature(), &selection(disclosed), &mut TestEntropy::new(8))
        .unwrap()
}

/// The rule that refuses these shown messages, or `""`.
fn verdict(proof: &Proof, messages: &[(usize, &[u8])]) -> &'static str {
    let disclosure = Disclosure { header: HEADER, presentation_header: NONCE, messages };
    key()
        .public_key()
        .verify_proof(Suite::Sha256, proof, disclosure)
        .map_or_else(|error| error.code(), |_| "")
}

fn shown(indexes: &[usize]) -> Vec<(usize, &'static [u8])> {
    indexes.iter().map(|&index| (index, MESSAGES[index])).collect()
}

/// Encodings of 48 bytes that are no points to compute with: the identity, of order 3, on the curve but outside
/// the subgroup or not on it, a coordinate of p, no flag, contradicting flags.
fn bad_points() -> Vec<Vec<u8>> {
    let zeros = "00".repeat(46);
    let coordinate =
        "9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    let small = ["c000", "8000", "a000", "8004", "8001", "0004", "e000", "c001"];
    let small = small.map(|ends| from_hex(&format!("{}{zeros}{}", &ends[..2], &ends[2..])));
    small.into_iter().chain([from_hex(coordinate)]).collect()
}

fn bad_scalars() -> [Vec<u8>; 3] {
    [vec![0; 32], from_hex(ORDER), vec![0xff; 32]]
}

fn replaced(octets: &[u8], at: usize, part: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at..at + part.len()].copy_from_slice(part);
    octets
}

#[test]
fn every_subset_can_be_shown_and_nothing_else_with_it() {
    for subset in 0_u32..32 {
        let indexes: Vec<usize> = (0..5).filter(|index| subset >> index & 1 == 1).collect();
        let proof = proof(&indexes);
        assert_eq!(proof.hidden(), 5 - indexes.len());
        assert_eq!(Proof::from_octets(&proof.to_octets()).unwrap(), proof);
        assert_eq!(verdict(&proof, &shown(&indexes)), "");
        // One message fewer, one more, another in its place.
        if let Some((_, fewer)) = indexes.split_last() {
            assert_eq!(verdict(&proof, &shown(fewer)), "BBS-07");
        }
        for extra in (0..5).filter(|index| !indexes.contains(index)) {
            let mut more = indexes.clone();
            more.push(extra);
            more.sort_unstable();
            assert_eq!(verdict(&proof, &shown(&more)), "BBS-07");
        }
        for position in 0..indexes.len() {
            let mut other = shown(&indexes);
            other[position].1 = b"forged";
            assert_eq!(verdict(&proof, &other), "BBS-07");
        }
    }
}

#[test]
fn equal_messages_keep_their_places() {
    let proof = proof(&[2]);
    assert_eq!(verdict(&proof, &[(2, b"town")]), "");
    assert_eq!(verdict(&proof, &[(4, b"town")]), "BBS-07");
}

#[test]
fn indexes_ascend_within_bounds() {
    let proof = proof(&[0, 2]);
    for indexes in [&[2, 0][..], &[0, 0], &[2, 2], &[0, 2, 1], &[0, 2, 2]] {
        assert_eq!(verdict(&proof, &shown(indexes)), "BBS-05", "{indexes:?}");
    }
    for index in [5, 6, usize::MAX] {
        assert_eq!(verdict(&proof, &[(0, b"name"), (index, b"town")]), "BBS-05");
    }
    for indexes in [&[2, 0][..], &[0, 0], &[5], &[0, usize::MAX]] {
        let made = key().public_key().prove(
            Suite::Sha256,
            &signature(),
            &selection(indexes),
            &mut TestEntropy::new(1),
        );
        assert_eq!(made, Err(ProveError::Indexes), "{indexes:?}");
    }
}

#[test]
fn a_proof_is_bound_to_its_header_nonce_suite_and_key() {
    let proof = proof(&[1]);
    let messages = shown(&[1]);
    let check = |key: &PublicKey, suite, header, presentation_header| {
        let disclosure = Disclosure { header, presentation_header, messages: &messages };
        key.verify_proof(suite, &proof, disclosure).map_or_else(|error| error.code(), |_| "")
    };
    let (key, other) = (key(), SecretKey::generate(&mut TestEntropy::new(9)));
    assert_eq!(check(&key.public_key(), Suite::Sha256, HEADER, NONCE), "");
    assert_eq!(check(&key.public_key(), Suite::Sha256, b"", NONCE), "BBS-07");
    assert_eq!(check(&key.public_key(), Suite::Sha256, HEADER, b"nonce2"), "BBS-07");
    assert_eq!(check(&key.public_key(), Suite::Shake256, HEADER, NONCE), "BBS-07");
    assert_eq!(check(&other.public_key(), Suite::Sha256, HEADER, NONCE), "BBS-07");
}

#[test]
fn a_proof_without_a_signature_is_refused() {
    // Everything about it is consistent but that the key's owner never signed these messages.
    let other: [&[u8]; 5] = [b"another name", b"birth", b"town", b"", b"town"];
    let wrong = Selection { messages: &other, ..selection(&[1]) };
    let key = key();
    let proof =
        key.public_key().prove(Suite::Sha256, &signature(), &wrong, &mut TestEntropy::new(8)).unwrap();
    assert_eq!(verdict(&proof, &shown(&[1])), "BBS-08");
}

#[test]
fn a_signature_covers_its_messages_header_suite_and_key() {
    let (signature, key) = (signature(), key());
    let other = SecretKey::generate(&mut TestEntropy::new(9));
    let check = |key: &PublicKey, suite, header, messages: &[&[u8]]| {
        key.verify(suite, &signature, header, messages).map_or_else(|error| error.code(), |_| "")
    };
    assert_eq!(check(&key.public_key(), Suite::Sha256, HEADER, &MESSAGES), "");
    assert_eq!(check(&key.public_key(), Suite::Sha256, HEADER, &MESSAGES[..4]), "BBS-04");
    assert_eq!(check(&key.public_key(), Suite::Sha256, b"another", &MESSAGES), "BBS-04");
    assert_eq!(check(&key.public_key(), Suite::Shake256, HEADER, &MESSAGES), "BBS-04");
    assert_eq!(check(&other.public_key(), Suite::Sha256, HEADER, &MESSAGES), "BBS-04");
    let mut swapped = MESSAGES;
    swapped.swap(0, 1);
    assert_eq!(check(&key.public_key(), Suite::Sha256, HEADER, &swapped), "BBS-04");
}

#[test]
fn a_signature_has_one_encoding() {
    let octets = signature().to_octets();
    assert_eq!(Signature::from_octets(&octets), Ok(signature()));
    let refused = |octets: &[u8]| Signature::from_octets(octets).unwrap_err().code();
    for point in bad_points() {
        assert_eq!(refused(&replaced(&octets, 0, &point)), "BBS-02", "{point:02x?}");
    }
    for scalar in bad_scalars() {
        assert_eq!(refused(&replaced(&octets, 48, &scalar)), "BBS-02", "{scalar:02x?}");
    }
    assert_eq!(refused(&octets[..79]), "BBS-02");
    assert_eq!(refused(&[&octets[..], &[0]].concat()), "BBS-02");
    assert_eq!(refused(&[]), "BBS-02");
}

#[test]
fn a_proof_has_one_encoding() {
    let octets = proof(&[0]).to_octets();
    assert_eq!(octets.len(), 272 + 4 * 32);
    let refused = |octets: &[u8]| Proof::from_octets(octets).unwrap_err().code();
    for (at, point) in
        [0, 48, 96].into_iter().flat_map(|at| bad_points().into_iter().map(move |point| (at, point)))
    {
        assert_eq!(refused(&replaced(&octets, at, &point)), "BBS-03", "{at} {point:02x?}");
    }
    for at in (144..octets.len()).step_by(32) {
        for scalar in bad_scalars() {
            assert_eq!(refused(&replaced(&octets, at, &scalar)), "BBS-03", "{at} {scalar:02x?}");
        }
    }
    for length in (0..octets.len()).filter(|length| *length < 272 || length % 32 != 272 % 32) {
        assert_eq!(refused(&octets[..length]), "BBS-03", "{length}");
    }
    assert_eq!(refused(&[&octets[..], &[0]].concat()), "BBS-03");
    // A response fewer or more reads as another number of messages.
    let fewer = Proof::from_octets(&octets[..octets.len() - 32]).unwrap();
    assert_eq!(verdict(&fewer, &shown(&[0])), "BBS-07");
    let more = Proof::from_octets(&[&octets[..], &[1; 32]].concat()).unwrap();
    assert_eq!(verdict(&more, &shown(&[0])), "BBS-07");
}

#[test]
fn no_bit_of_a_proof_or_signature_may_change() {
    let octets = proof(&[0, 3]).to_octets();
    for (at, bit) in (0..octets.len()).map(|at| (at, 1 << (at % 8))) {
        let changed = replaced(&octets, at, &[octets[at] ^ bit]);
        let verdict = Proof::from_octets(&changed).map(|proof| verdict(&proof, &shown(&[0, 3])));
        assert_ne!(verdict, Ok(""), "{at}");
    }
    let (octets, key) = (signature().to_octets(), key());
    for (at, bit) in (0..octets.len()).map(|at| (at, 1 << (at % 8))) {
        let changed = Signature::from_octets(&replaced(&octets, at, &[octets[at] ^ bit]));
        let verdict = changed
            .map(|changed| key.public_key().verify(Suite::Sha256, &changed, HEADER, &MESSAGES).is_ok());
        assert_ne!(verdict, Ok(true), "{at}");
    }
}

#[test]
fn more_messages_than_the_bound_are_refused() {
    let many: Vec<&[u8]> = vec![b""; MAX_MESSAGES + 1];
    let (key, signature) = (key(), signature());
    assert_eq!(key.sign(Suite::Sha256, HEADER, &many), Err(SignError::TooManyMessages));
    let refusal = key.public_key().verify(Suite::Sha256, &signature, HEADER, &many).unwrap_err();
    assert_eq!(refusal.code(), "BBS-06");
    let selection = Selection { header: HEADER, presentation_header: NONCE, messages: &many, disclosed: &[] };
    let made = key.public_key().prove(Suite::Sha256, &signature, &selection, &mut TestEntropy::new(1));
    assert_eq!(made, Err(ProveError::TooManyMessages));
    // Hidden ones alone, refused before any scalar is read; hidden and shown together.
    let long = [&proof(&[0]).to_octets()[..], &vec![0; 32 * MAX_MESSAGES]].concat();
    assert_eq!(Proof::from_octets(&long).unwrap_err().code(), "BBS-06");
    let shown: Vec<(usize, &[u8])> = many.iter().copied().enumerate().take(MAX_MESSAGES).collect();
    assert_eq!(verdict(&proof(&[0]), &shown), "BBS-06");
}

#[test]
fn the_bound_itself_is_allowed() {
    let many: Vec<&[u8]> = vec![b"message"; MAX_MESSAGES];
    let key = key();
    let signature = key.sign(Suite::Sha256, HEADER, &many).unwrap();
    assert_eq!(
        key.public_key().verify(Suite::Sha256, &signature, HEADER, &many).unwrap().messages().len(),
        MAX_MESSAGES
    );
    let none = key.sign(Suite::Sha256, HEADER, &[]).unwrap();
    assert_eq!(key.public_key().verify(Suite::Sha256, &none, HEADER, &[]).unwrap().messages().len(), 0);
}

#[test]
fn two_proofs_have_nothing_in_common() {
    let (key, signature) = (key(), signature());
    let mut entropy = TestEntropy::new(3);
    let mut next =
        || key.public_key().prove(Suite::Sha256, &signature, &selection(&[1]), &mut entropy).unwrap();
    let (one, two) = (next().to_octets(), next().to_octets());
    let parts = |octets: &[u8]| {
        octets[..144].chunks(48).chain(octets[144..].chunks(32)).map(<[u8]>::to_vec).collect()
    };
    let (one, two): (Vec<_>, Vec<_>) = (parts(&one), parts(&two));
    assert!(one.iter().all(|part| !two.contains(part)));
    let point = &signature.to_octets()[..48];
    assert!(one.iter().chain(&two).all(|part| part != point));
}

#[test]
fn a_public_key_is_a_point_of_the_group() {
    let key = key();
    let octets = *key.public_key().to_octets();
    assert_eq!(PublicKey::from_octets(&octets).unwrap(), key.public_key());
    let refused = |octets: &[u8]| PublicKey::from_octets(octets).unwrap_err().code();
    // The identity; without the compression flag; a small coordinate, on the curve at most outside the subgroup.
    let identity = [&[0xc0][..], &[0; 95]].concat();
    assert_eq!(refused(&identity), "BBS-01");
    assert_eq!(refused(&replaced(&octets, 0, &[octets[0] & 0x7f])), "BBS-01");
    for x in 0..20 {
        assert_eq!(refused(&[&[0x80][..], &[0; 94], &[x]].concat()), "BBS-01");
    }
    assert_eq!(refused(&octets[..95]), "BBS-01");
    assert_eq!(refused(&[&octets[..], &[0]].concat()), "BBS-01");
}

#[test]
fn a_multikey_says_that_it_is_a_bbs_key() {
    let public = key().public_key();
    let multikey = public.to_multikey();
    assert!(multikey.to_string().starts_with("zUC7"), "as every key of VC-DI-BBS §2.1.1 does");
    assert_eq!(PublicKey::from_multikey(&Multikey::parse(&multikey.to_string()).unwrap()).unwrap(), public);
    let ed25519 = Multikey::new(0xed, public.to_octets());
    assert_eq!(PublicKey::from_multikey(&ed25519).unwrap_err().code(), "BBS-11");
}

#[test]
fn a_secret_key_is_a_number_in_range() {
    let octets = key().to_octets();
    assert_eq!(SecretKey::from_octets(octets.expose()).unwrap().public_key(), key().public_key());
    for bad in bad_scalars() {
        assert_eq!(SecretKey::from_octets(&bad).unwrap_err().code(), "BBS-10");
    }
    assert_eq!(SecretKey::from_octets(&octets.expose()[..31]).unwrap_err().code(), "BBS-10");
    assert_eq!(format!("{:?}", key()), "SecretKey(..)");
}

#[test]
fn key_material_has_enough_bytes() {
    let derive = |material: usize, info: usize| {
        let material = Secret::new(vec![1; material]);
        SecretKey::derive(Suite::Sha256, &material, &vec![0; info]).map_or_else(|error| error.code(), |_| "")
    };
    assert_eq!(derive(32, 0xffff), "");
    assert_eq!(derive(31, 0), "BBS-09");
    assert_eq!(derive(32, 0x1_0000), "BBS-09");
}
