use super::{CheckError, CheckPackage, Spoiled, SpoiledError};
use crate::fixture::{World, secret};
use crate::group::{Group, Ristretto};
use crate::naive::{hash, scalar};
use crate::verify::{BallotError, Equation};
use curve25519_dalek::scalar::Scalar;
use sinpyo_core::key::Entropy as _;
use sinpyo_testkit::TestEntropy;

fn package(world: &World, voter: u8, choices: &[u8]) -> Vec<u8> {
    world.prepare(voter, choices).check().to_bytes().expose().clone()
}

#[test]
fn the_second_device_makes_the_same_ballot() {
    let world = World::new();
    for (voter, choices) in [(0, [1, 2]), (13, [0, 0]), (25, [2, 3])] {
        let (ring, _) = world.place(voter);
        let prepared = world.prepare(voter, &choices);
        let shown = prepared.tracking_code();
        let text = prepared.check().to_text();
        let received = CheckPackage::<Ristretto>::parse_text(text.expose()).unwrap();
        assert_eq!(received.to_text().expose(), text.expose());
        let checked = received.check(&world.setting, Some(ring)).unwrap();
        assert_eq!(checked.tracking_code(), shown);
        assert_eq!(checked.choices(), choices);
        assert_eq!(checked.commitment(), Some(&Ristretto::encode(&secret(voter).commitment())));
        assert_eq!(shown, crate::ballot::TrackingCode::of(&world.ballot(voter, &choices)));
        assert_eq!(&world.ballot(voter, &choices)[8..40], checked.tag());
    }
}

#[test]
fn every_byte_of_a_package_counts() {
    let world = World::new();
    let (ring, _) = world.place(3);
    let package = package(&world, 3, &[1, 2]);
    assert_eq!(package.len(), 1 + 8 + 32 + 1 + 2 + 3 * 32 + 4 + 64);
    for place in 0..package.len() {
        for bit in [1, 0x80] {
            let mut changed = package.clone();
            changed[place] ^= bit;
            let Ok(received) = CheckPackage::<Ristretto>::parse(&changed) else { continue };
            let error = received.check(&world.setting, Some(ring)).map(|checked| checked.tracking_code());
            let code = error.map_err(|error| error.code());
            let expected =
                if (42..44).contains(&place) || (140..144).contains(&place) { "BAL-19" } else { "BAL-25" };
            assert!(code == Err("BAL-25") || code == Err(expected), "byte {place}: {code:?}");
        }
    }
    for changed in [&package[..package.len() - 1], &[package.as_slice(), &[0]].concat(), &[]] {
        assert!(CheckPackage::<Ristretto>::parse(changed).is_err());
    }
    assert!(CheckPackage::<Ristretto>::parse_text("not base64url!").is_err());
}

/// The first device shows other choices than those that the ballot encrypts: no package with them makes the ballot.
#[test]
fn a_device_that_changes_the_vote_is_found() {
    let world = World::new();
    let (ring, _) = world.place(3);
    let mut lie = package(&world, 3, &[1, 2]);
    lie[42] = 2;
    let received = CheckPackage::<Ristretto>::parse(&lie).unwrap();
    let error = received.check(&world.setting, Some(ring)).unwrap_err();
    assert_eq!(error, CheckError::Ballot(BallotError::Proof(Equation::Ring)));
}

/// Two voters who are given one ballot: the second one sees a commitment that is not the own.
#[test]
fn a_clash_shows_another_commitment() {
    let world = World::new();
    let (ring, _) = world.place(3);
    let checked = CheckPackage::<Ristretto>::parse(&package(&world, 3, &[1, 2]))
        .unwrap()
        .check(&world.setting, Some(ring))
        .unwrap();
    assert_ne!(checked.commitment(), Some(&Ristretto::encode(&secret(4).commitment())));
    // A package that claims another position makes no valid ballot.
    for position in (0..16).filter(|position| *position != world.place(3).1) {
        let mut moved = package(&world, 3, &[1, 2]);
        moved[140..144].copy_from_slice(&position.to_le_bytes());
        let received = CheckPackage::<Ristretto>::parse(&moved).unwrap();
        assert!(received.check(&world.setting, Some(ring)).is_err());
    }
    let other = world.rings.iter().find(|other| other.roster().index() != ring.roster().index());
    let received = CheckPackage::<Ristretto>::parse(&package(&world, 3, &[1, 2])).unwrap();
    assert_eq!(received.check(&world.setting, other).unwrap_err(), CheckError::Ballot(BallotError::Ring));
}

/// The second device has b, w, s and zr. With `ρ_0` from b and w alone, as the other masks, it would have r and could
/// vote: `r = (zr + Σ ρ_k·x^k) / x^D`.
#[test]
fn a_package_does_not_open_the_commitment() {
    let world = World::new();
    let (public, own) = (world.public(3), secret(3));
    let ballot = world.ballot(3, &[1, 2]);
    let proof = public.read(&ballot).unwrap();
    let (b, w) = ([3; 32], [7; 32]);
    let lock = hash("cast", &[&[7; 32]]);
    let fields: [&[u8]; 9] = [
        &b,
        &w,
        &public.context,
        &public.header,
        &lock[..32],
        &public.root,
        &ballot[8..40],
        &ballot[40..72],
        &ballot[72..232],
    ];
    let mask = hash("mask", &fields);
    let drawn = |number: u32| scalar("mask-scalar", &[&mask, &number.to_le_bytes()]);
    // 11 columns, rA, rB, ρ_s come before ρ_0 and ρ_1.
    let solve = |first: Scalar| (proof.zr + first + drawn(15) * proof.x) * (proof.x * proof.x).invert();
    assert_ne!(solve(drawn(14)), *own.blinding());
    assert_eq!(solve(scalar("mask-opening", &[&mask, own.blinding().as_bytes()])), *own.blinding());
}

/// The second device has the whole ballot but for the cast key: what it can post instead is refused, and the device
/// that was told a wrong lock shows another tracking code.
#[test]
fn a_checked_ballot_cannot_be_cast() {
    let world = World::new();
    let (ring, _) = world.place(3);
    let (prepared, cast) = (world.prepare(3, &[1, 2]), world.ballot(3, &[1, 2]));
    let shown = prepared.tracking_code();
    let package = prepared.check().to_bytes();
    let (body, key) = cast.split_last_chunk::<32>().unwrap();
    let lock = hash("cast", &[key]);
    assert!(package.expose().windows(32).any(|part| part == &lock[..32]));
    world.verify(&cast).unwrap();
    for guess in [[0; 32], *lock.first_chunk().unwrap(), [3; 32]] {
        let guessed = [body, &guess].concat();
        assert_eq!(world.verify(&guessed).unwrap_err(), BallotError::Proof(Equation::Rows));
        assert_ne!(crate::ballot::TrackingCode::of(&guessed), shown);
    }
    // The key is drawn first; nothing of the package is it.
    let prepared = world.prepare_with(3, &[1, 2], &mut TestEntropy::new(9));
    let mut key = [0; 32];
    TestEntropy::new(9).fill(&mut key);
    assert!(!prepared.check().to_bytes().expose().windows(32).any(|part| part == key));
    let cast = world.prepare_with(3, &[1, 2], &mut TestEntropy::new(9)).cast();
    assert!(cast.ends_with(&key));
    // A first device that gives the lock of another key, which it keeps, is found.
    let mut lie = package.expose().clone();
    lie[9..41].copy_from_slice(&hash("cast", &[&[1; 32]])[..32]);
    let received = CheckPackage::<Ristretto>::parse(&lie).unwrap();
    assert_eq!(
        received.check(&world.setting, Some(ring)).unwrap_err(),
        CheckError::Ballot(BallotError::Proof(Equation::Ring))
    );
}

fn spoiled(world: &World) -> Spoiled<Ristretto> {
    let (ring, _) = world.place(3);
    let received = CheckPackage::<Ristretto>::parse(&package(world, 3, &[1, 2])).unwrap();
    received.check(&world.setting, Some(ring)).unwrap().spoiled().clone()
}

#[test]
fn a_spoiled_ballot_encrypts_again_to_what_it_says() {
    let world = World::new();
    let good = spoiled(&world);
    assert_eq!(good.check(&world.setting).unwrap().choices(), [1, 2]);
    let ballot = world.ballot(3, &[1, 2]);
    assert_eq!((&good.alpha[..], &good.beta.concat()[..]), (&ballot[40..72], &ballot[72..232]));
    let refused = |change: fn(&mut Spoiled<Ristretto>)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed.check(&world.setting).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(|spoiled| spoiled.choices = vec![2, 2]), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.choices = vec![1, 0]), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.choices = vec![1, 4]), SpoiledError::Choices);
    assert_eq!(refused(|spoiled| spoiled.choices = vec![1]), SpoiledError::Choices);
    assert_eq!(refused(|spoiled| spoiled.rho[0] ^= 1), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.rho = [0xFF; 32]), SpoiledError::Scalar);
    assert_eq!(refused(|spoiled| spoiled.alpha[0] ^= 1), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.beta[4][0] ^= 1), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.beta.truncate(4)), SpoiledError::Ciphertext);
    assert_eq!(refused(|spoiled| spoiled.beta.push([0; 32])), SpoiledError::Ciphertext);
}

#[test]
fn a_ballot_by_token_is_checked_too() {
    let world = World::new();
    let (setting, prepared) = world.by_token();
    let shown = prepared.tracking_code();
    let package = prepared.check().to_bytes();
    let received = CheckPackage::<Ristretto>::parse(package.expose()).unwrap();
    let checked = received.check(&setting, None).unwrap();
    assert_eq!(
        (checked.tracking_code(), checked.choices(), checked.commitment()),
        (shown, &[1, 2][..], None)
    );
    checked.spoiled().check(&setting).unwrap();
    // With `s` and the token anybody could vote.
    let own = Ristretto::encode_scalar(secret(1).tag_secret());
    assert_eq!(package.expose().len(), 1 + 8 + 32 + 1 + 2 + 2 * 32 + 3 * 32 + 32 + 256);
    assert!(!package.expose().windows(32).any(|part| part == own));
    for place in (9..package.expose().len()).step_by(5) {
        let mut changed = package.expose().clone();
        changed[place] ^= 1;
        let Ok(changed) = CheckPackage::<Ristretto>::parse(&changed) else { continue };
        assert_eq!(changed.check(&setting, None).unwrap_err().code(), "BAL-25", "byte {place}");
    }
    assert_eq!(
        received.check(&setting, Some(world.place(1).0)).unwrap_err(),
        CheckError::Ballot(BallotError::Ring)
    );
    // A signature that is longer than those of the election, or than any.
    let long = |more: usize| [package.expose().as_slice(), &vec![6; more]].concat();
    let longer = CheckPackage::<Ristretto>::parse(&long(1)).unwrap();
    assert_eq!(longer.check(&setting, None).unwrap_err().code(), "BAL-25");
    assert!(CheckPackage::<Ristretto>::parse(&long(257)).is_err());
    assert!(CheckPackage::<Ristretto>::parse(&package.expose()[..package.expose().len() - 1]).is_err());
}
