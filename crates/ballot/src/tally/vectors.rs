//! Registration, ceremony and tally against `test-vectors/voting`: values made by the independent implementation in
//! Python.

use super::*;
use crate::ceremony::room::trustee;
use crate::ceremony::{
    Answer, BoxSecret, Ceremony, Commit, Message, Parameters, Phase, Reveal, SealedShare, Size, TrusteeKeys,
};
use crate::credential::{Binding, Registration, RegistrationProof, RegistrationVerifier, VoterSecret};
use crate::generators::ElectionId;
use crate::group::Ristretto;
use crate::vectors::{array, bytes, list, small, vectors};
use serde_json::Value;
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;

#[test]
fn registrations_are_those_of_the_vectors() {
    let file = vectors("credential");
    let (given, expect) = (&file["given"], &file["expect"]);
    let election = ElectionId(array(&given["election"]));
    let voter = VoterSecret::<Ristretto>::derive(&Secret::new(array(&given["seed"])), &election);
    assert_eq!(Ristretto::encode(&voter.commitment()), array(&expect["commitment"]));
    assert_eq!(Ristretto::encode_scalar(voter.tag_secret()), array(&expect["s"]));
    assert_eq!(Ristretto::encode_scalar(voter.blinding()), array(&expect["r"]));
    let nonce = Secret::new(array(&given["nonce"]));
    let binding = Binding::new(&election, &array(&given["slot"]), &nonce, &array(&given["holder"]));
    assert_eq!(binding.0, array(&expect["binding"]));
    let registration = Registration::<Ristretto> {
        binding,
        district: small(&given["district"]),
        commitment: array(&expect["commitment"]),
        proof: RegistrationProof::from_bytes(&bytes(&expect["proof"])).unwrap(),
    };
    RegistrationVerifier::new(election).verify(&registration).unwrap();
}

/// The ceremony of the vectors up to its complaints. What was sealed is not in them, so anything stands there.
fn dealt(file: &Value) -> Ceremony<Ristretto> {
    let dealers: Vec<_> =
        list(&file["dealers"]).iter().map(|dealer| (trustee(small(&dealer["number"])), dealer)).collect();
    let boxes = (0..)
        .zip(&dealers)
        .map(|(seed, _)| BoxSecret::generate(&mut TestEntropy::new(seed)).public())
        .collect();
    let size = Size { threshold: small(&file["threshold"]), keys: small(&file["keys"]) };
    let parameters = Parameters::new(ElectionId(array(&file["election"])), size, boxes).unwrap();
    let mut ceremony = Ceremony::new(parameters);
    for (number, dealer) in &dealers {
        let commit = Commit { commit: array(&dealer["commit"]), beacon: array(&dealer["beaconCommit"]) };
        ceremony.apply(*number, &Message::Commit(commit)).unwrap();
    }
    for (number, dealer) in &dealers {
        let (commitments, proofs) = (bytes(&dealer["commitments"]), bytes(&dealer["proofs"]));
        ceremony.apply(*number, &Message::Reveal(Reveal { commitments, proofs })).unwrap();
    }
    let ciphertext = vec![0; 32 * usize::try_from(size.keys).unwrap() + 16];
    for (from, _) in &dealers {
        let others = dealers.iter().map(|(to, _)| *to).filter(|to| to != from);
        let share = |to| SealedShare { to, encapsulated: [0; 32], ciphertext: ciphertext.clone() };
        ceremony.apply(*from, &Message::Shares(others.map(share).collect())).unwrap();
    }
    assert_eq!((ceremony.phase(), ceremony.faults().count()), (Phase::Complaints, 0));
    ceremony
}

#[test]
fn ceremonies_are_those_of_the_vectors() {
    let file = vectors("ceremony");
    let everybody = 1..=small(&file["trustees"]);
    for outcome in list(&file["outcomes"]) {
        let mut ceremony = dealt(&file);
        let qualified: Vec<u32> = list(&outcome["qualified"]).iter().map(small).collect();
        let out = everybody.clone().filter(|number| !qualified.contains(number));
        for number in out {
            ceremony.apply(trustee(qualified[0]), &Message::Complaint { against: trustee(number) }).unwrap();
        }
        ceremony.advance(Phase::Answers).unwrap();
        let joint = ceremony.joint_keys().unwrap();
        assert_eq!(joint.qualified().map(TrusteeNumber::number).collect::<Vec<_>>(), qualified);
        let keys: Vec<[u8; 32]> = list(&outcome["keys"]).iter().map(array).collect();
        assert_eq!(joint.keys().iter().map(Ristretto::encode).collect::<Vec<_>>(), keys);
        assert_eq!(joint.hash(), &array(&outcome["ceremonyHash"]));
        for number in &qualified {
            let place = usize::try_from(*number - 1).unwrap();
            let public: Vec<[u8; 32]> = list(&outcome["shareKeys"][place]).iter().map(array).collect();
            let share_keys = joint.share_keys(trustee(*number)).unwrap();
            assert_eq!(share_keys.iter().map(Ristretto::encode).collect::<Vec<_>>(), public);
            let beacon = array(&file["dealers"][place]["beaconValue"]);
            joint.reveal_beacon(trustee(*number), beacon).unwrap();
            kept(&joint, *number, &outcome["shareSecrets"][place]);
        }
    }
}

/// The keys of a trustee from the secrets in the vectors.
fn kept(joint: &JointKeys<Ristretto>, number: u32, secrets: &Value) -> TrusteeKeys<Ristretto> {
    let joined = [vec![0; 32], list(secrets).iter().flat_map(bytes).collect()].concat();
    TrusteeKeys::from_bytes(joint, trustee(number), &Secret::new(joined)).unwrap()
}

/// The shares in clear of the vectors answer complaints.
#[test]
fn the_shares_of_the_vectors_fit_their_commitments() {
    let file = vectors("ceremony");
    let mut ceremony = dealt(&file);
    for dealer in list(&file["dealers"]) {
        let from = small(&dealer["number"]);
        for (to, shares) in (1..).zip(list(&dealer["shares"])).filter(|(to, _)| *to != from) {
            ceremony.apply(trustee(to), &Message::Complaint { against: trustee(from) }).unwrap();
            let answer = Answer { to: trustee(to), shares: bytes(shares) };
            ceremony.apply(trustee(from), &Message::Answer(answer)).unwrap();
        }
    }
    assert_eq!(ceremony.faults().count(), 0);
}

#[test]
fn tallies_are_those_of_the_vectors() {
    let (file, ceremony) = (vectors("shares"), vectors("ceremony"));
    let (given, expect) = (&file["given"], &file["expect"]);
    let mut done = dealt(&ceremony);
    done.advance(Phase::Answers).unwrap();
    let joint = done.joint_keys().unwrap();
    let point = |value: &Value| Ristretto::decode(&array(value)).unwrap();
    let counts: Vec<u64> = list(&expect["counts"]).iter().map(|count| count.as_u64().unwrap()).collect();
    let sum = Sum::of_parts(
        point(&given["alpha"]),
        &list(&given["beta"]).iter().map(point).collect::<Vec<_>>(),
        counts.iter().sum(),
    );
    let opening = Opening::new(&joint, array(&given["context"]), small(&given["group"]), sum, 1).unwrap();
    let mut verified = Vec::new();
    for theirs in list(&expect["shares"]) {
        let number = small(&theirs["trustee"]);
        let cells: Vec<_> = list(&theirs["cells"])
            .iter()
            .map(|cell| (bytes(&cell["share"]), bytes(&cell["proof"])))
            .collect();
        let slices = cells.iter().map(|(share, proof)| (share.as_slice(), proof.as_slice()));
        let share = TallyShare::from_bytes(trustee(number), slices).unwrap();
        verified.push(opening.verify(&share).unwrap());
        // Ours has the same D under another mask.
        let secrets = &ceremony["outcomes"][0]["shareSecrets"][usize::try_from(number - 1).unwrap()];
        let ours = opening.share(&kept(&joint, number, secrets), &mut TestEntropy::new(1)).unwrap();
        assert!(
            ours.cells().map(|(share, _)| share.to_vec()).eq(cells.iter().map(|(share, _)| share.clone()))
        );
    }
    let counter = Counter::new(20);
    for pair in [[0, 1], [0, 2], [1, 2]] {
        let chosen = pair.map(|place| verified[place].clone());
        assert_eq!(opening.count(&chosen, &counter).unwrap(), counts);
    }
}
