//! Registrations, right and wrong.

use super::*;
use crate::fixture::add_order;
use crate::group::Ristretto;
use crate::naive::{generator, hash as spec_hash, scalar as spec_scalar};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sinpyo_testkit::TestEntropy;

const ELECTION: ElectionId = ElectionId([1; 32]);

type Result = std::result::Result<RegisteredCommitment<Ristretto>, RegistrationError>;

fn voter(seed: u8) -> VoterSecret<Ristretto> {
    VoterSecret::derive(&Secret::new([seed; 32]), &ELECTION)
}

fn registration(seed: u8) -> Registration<Ristretto> {
    let binding = Binding::new(&ELECTION, &[seed; 16], &Secret::new([2; 32]), &[3; 32]);
    voter(seed).register(binding, 4, &mut TestEntropy::new(u64::from(seed)))
}

fn verify(registration: &Registration<Ristretto>) -> Result {
    let verifier = RegistrationVerifier::new(ELECTION);
    let alone = verifier.verify(registration);
    let mut batch = [self::registration(200), *registration, self::registration(201)];
    let in_batch = verifier.verify_batch(&batch, &mut TestEntropy::new(1));
    assert_eq!(in_batch[1], alone);
    assert!(in_batch[0].is_ok() && in_batch[2].is_ok());
    batch.reverse();
    assert_eq!(verifier.verify_batch(&batch, &mut TestEntropy::new(2))[1], alone);
    alone
}

fn codes(results: &[Result]) -> Vec<Option<&'static str>> {
    results.iter().map(|one| one.err().map(|error| error.code())).collect()
}

#[test]
fn a_registration_is_made_as_the_specification_says() {
    let [gs, h] = ["Gs", "H"].map(|name| generator(name, 0));
    let (s, r) =
        (spec_scalar("voter-s", &[&[7; 32], &[1; 32]]), spec_scalar("voter-r", &[&[7; 32], &[1; 32]]));
    let registration = registration(7);
    assert_eq!(registration.commitment, (gs * s + h * r).compress().to_bytes());
    let binding = spec_hash("registration-binding", &[&[1; 32], &[7; 16], &[2; 32], &[3; 32]]);
    assert_eq!(registration.binding, Binding(binding));

    let proof = registration.proof.to_bytes();
    let point = |bytes: &[u8]| CompressedRistretto::from_slice(bytes).unwrap().decompress().unwrap();
    let scalar = |bytes: &[u8]| Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap();
    let fields: [&[u8]; 5] = [&[1; 32], &binding, &[4, 0, 0, 0], &registration.commitment, &proof[..32]];
    let challenge = spec_scalar("registration", &fields);
    let right = point(&proof[..32]) + point(&registration.commitment) * challenge;
    assert_eq!(gs * scalar(&proof[32..64]) + h * scalar(&proof[64..]), right);

    let registered = verify(&registration).unwrap();
    assert_eq!((registered.district(), registered.election()), (4, &ELECTION));
    assert_eq!(*registered.bytes(), registration.commitment);
    assert_eq!(RegistrationProof::from_bytes(&proof), Some(registration.proof));
}

#[test]
fn every_byte_of_a_registration_counts() {
    let right = registration(7);
    let refused = |registration: &Registration<Ristretto>, what: &str, place: usize| {
        assert!(verify(registration).is_err(), "{what}, byte {place}");
    };
    for place in 0..64 {
        let mut changed = right;
        changed.binding.0[place] ^= 1;
        assert_eq!(verify(&changed), Err(RegistrationError::Proof));
    }
    for place in 0..32 {
        let mut changed = right;
        changed.commitment[place] ^= 1;
        refused(&changed, "commitment", place);
        let mut election = ELECTION;
        election.0[place] ^= 1;
        let other = RegistrationVerifier::<Ristretto>::new(election);
        assert_eq!(other.verify(&right), Err(RegistrationError::Proof));
    }
    for place in 0..4 {
        let district = right.district ^ (1 << (8 * place));
        assert_eq!(verify(&Registration { district, ..right }), Err(RegistrationError::Proof));
    }
    for place in 0..96 {
        let mut bytes = right.proof.to_bytes();
        bytes[place] ^= 1;
        let proof = RegistrationProof::from_bytes(&bytes).unwrap();
        refused(&Registration { proof, ..right }, "proof", place);
    }
    for length in [0, 95, 97] {
        assert_eq!(RegistrationProof::<Ristretto>::from_bytes(&vec![0; length]), None);
    }
}

#[test]
fn a_registration_counts_for_one_slot_nonce_and_holder() {
    let right = registration(7);
    let others = [
        Binding::new(&ELECTION, &[8; 16], &Secret::new([2; 32]), &[3; 32]),
        Binding::new(&ELECTION, &[7; 16], &Secret::new([9; 32]), &[3; 32]),
        Binding::new(&ELECTION, &[7; 16], &Secret::new([2; 32]), &[9; 32]),
        Binding::new(&ElectionId([2; 32]), &[7; 16], &Secret::new([2; 32]), &[3; 32]),
    ];
    for binding in others {
        assert_eq!(verify(&Registration { binding, ..right }), Err(RegistrationError::Proof));
    }
}

#[test]
fn the_proof_of_another_commitment_is_refused() {
    let (right, other) = (registration(7), registration(8));
    let copied = Registration { commitment: other.commitment, ..right };
    assert_eq!(verify(&copied), Err(RegistrationError::Proof));
    // A commitment made from another's, that its maker cannot open.
    let shifted = Ristretto::decode(verify(&other).unwrap().bytes()).unwrap()
        + RistrettoPoint::mul_base(&Scalar::from(5_u64));
    let commitment = shifted.compress().to_bytes();
    assert_eq!(verify(&Registration { commitment, ..other }), Err(RegistrationError::Proof));
}

#[test]
fn the_neutral_element_is_refused() {
    // Both proofs hold by their equation.
    let binding = Binding([5; 64]);
    let [gs, h] = ["Gs", "H"].map(|name| generator(name, 0));
    let neutral = RistrettoPoint::identity();
    let (s, u) = (Scalar::from(5_u64), Scalar::from(6_u64));
    for (secret, mask) in [(Scalar::ZERO, u), (s, Scalar::ZERO)] {
        let commitment = (gs * secret + h * secret).compress().to_bytes();
        let announcement = (gs * mask + h * mask).compress().to_bytes();
        let fields: [&[u8]; 5] = [&[1; 32], &binding.0, &[0; 4], &commitment, &announcement];
        let response = (mask + spec_scalar("registration", &fields) * secret).to_bytes();
        let proof = RegistrationProof { announcement, responses: [response; 2] };
        assert!([commitment, announcement].contains(&neutral.compress().to_bytes()));
        let registration = Registration { binding, district: 0, commitment, proof };
        assert_eq!(verify(&registration), Err(RegistrationError::Identity));
    }
}

#[test]
fn an_encoding_that_is_not_canonical_is_refused() {
    let right = registration(7);
    // The scalar plus the group's order is the same scalar.
    let mut alias = right.proof;
    add_order(&mut alias.responses[0]);
    assert_eq!(verify(&Registration { proof: alias, ..right }), Err(RegistrationError::Encoding));
    // RFC 9496 A.3: not below the field's order, negative, not a square.
    for bad in [
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    ] {
        let bad: [u8; 32] = sinpyo_testkit::from_hex(bad).try_into().unwrap();
        let commitment = Registration { commitment: bad, ..right };
        assert_eq!(verify(&commitment), Err(RegistrationError::Encoding));
        let proof = RegistrationProof { announcement: bad, ..right.proof };
        assert_eq!(verify(&Registration { proof, ..right }), Err(RegistrationError::Encoding));
    }
}

#[test]
fn a_batch_says_of_each_registration_what_it_would_say_alone() {
    let verifier = RegistrationVerifier::<Ristretto>::new(ELECTION);
    let right: Vec<_> = (0..40).map(registration).collect();
    // More than one batch, with the false ones at its edges and in the middle.
    let many: Vec<_> = right.iter().copied().cycle().take(2100).collect();
    let cases: [&[usize]; 5] = [&[], &[0], &[1023, 1024], &[7, 8, 500, 2099], &[2047, 2048, 2049]];
    for wrong in cases {
        let mut batch = many.clone();
        for place in wrong {
            batch[*place].district ^= 1;
        }
        let results = verifier.verify_batch(&batch, &mut TestEntropy::new(5));
        let refused: Vec<_> = (0..batch.len()).filter(|place| results[*place].is_err()).collect();
        assert_eq!(refused, wrong);
        let first = results.iter().zip(&batch).find(|(result, _)| result.is_ok()).unwrap();
        assert_eq!(*first.0, verifier.verify(first.1));
    }
    let all_wrong: Vec<_> = right.iter().map(|right| Registration { district: 5, ..*right }).collect();
    let results = verifier.verify_batch(&all_wrong, &mut TestEntropy::new(6));
    assert!(results.iter().all(|result| *result == Err(RegistrationError::Proof)));
    assert!(verifier.verify_batch(&[], &mut TestEntropy::new(7)).is_empty());
    // One that cannot even be read keeps its place.
    let mut mixed = right[..3].to_vec();
    mixed[1].commitment = [0xff; 32];
    let results = verifier.verify_batch(&mixed, &mut TestEntropy::new(8));
    assert_eq!(codes(&results), [None, Some("BAL-40"), None]);
}

/// Two false proofs whose errors are opposite: their plain sum is right.
#[test]
fn errors_that_cancel_are_found_in_a_batch() {
    let shift = |registration: Registration<Ristretto>, by: Scalar| {
        let mut proof = registration.proof;
        let response = Scalar::from_canonical_bytes(proof.responses[0]).unwrap() + by;
        proof.responses[0] = response.to_bytes();
        Registration { proof, ..registration }
    };
    let batch = [shift(registration(1), Scalar::ONE), shift(registration(2), -Scalar::ONE), registration(3)];
    let results = RegistrationVerifier::new(ELECTION).verify_batch(&batch, &mut TestEntropy::new(1));
    assert_eq!(codes(&results), [Some("BAL-42"), Some("BAL-42"), None]);
}

#[test]
fn a_generator_that_repeats_itself_repeats_no_mask() {
    struct Stuck;
    impl Entropy for Stuck {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(0);
        }
    }
    let masks: std::collections::BTreeSet<_> = [(1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1)]
        .map(|(seed, binding, district)| {
            voter(seed).register(Binding([binding; 64]), district, &mut Stuck).proof.announcement
        })
        .into();
    assert_eq!(masks.len(), 4);
}

#[test]
fn each_election_has_a_secret_of_its_own() {
    let secrets: std::collections::BTreeSet<_> = [[1; 32], [2; 32]]
        .iter()
        .flat_map(|seed| {
            [ElectionId([1; 32]), ElectionId([2; 32])].map(|election| {
                VoterSecret::<Ristretto>::derive(&Secret::new(*seed), &election)
                    .commitment()
                    .compress()
                    .to_bytes()
            })
        })
        .collect();
    assert_eq!(secrets.len(), 4);
    assert_eq!(format!("{:?}", voter(1)), format!("VoterSecret {{ election: {ELECTION:?}, .. }}"));
}
