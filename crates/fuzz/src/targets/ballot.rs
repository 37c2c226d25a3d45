//! `sinpyo-ballot`: ballots of both profiles, registrations, packages for the second device, tracking codes.

use super::{OK, SKIPPED, target, texts, voting::HELD};
use crate::{Outcome, Target, world::ELECTION};
use sinpyo_ballot::{
    ballot::{Header, Token, TrackingCode, UnverifiedBallot},
    batch::verify_batch,
    check::CheckPackage,
    credential::{Binding, Registration, RegistrationProof, RegistrationVerifier, VoterSecret},
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, PreparedBallot, prove},
    setting::{Context, Setting, Shape},
    verify::verify,
};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    ballots::{BallotBox, Reason, Settings},
    event::Body,
};
use std::{str, sync::LazyLock};

pub(super) const TARGETS: &[Target] = &[
    target("ballot/ring", || made().iter().step_by(6).cloned().collect(), take),
    target("ballot/token", || TOKEN.ballots.to_vec(), take_with_token),
    target("ballot/registration", || REGISTRATIONS.clone(), register),
    target("ballot/check-package", packages, read_package),
    target("ballot/tracking-code", codes, read_code),
];

pub(crate) fn settings() -> &'static Settings {
    HELD.settings.as_ref().expect("rings were made")
}

static INTAKE: LazyLock<BallotBox> = LazyLock::new(|| BallotBox::new(settings().clone(), 4));

/// Ballots that voters made: some of those in the log, and those that nobody cast.
pub(crate) fn made() -> &'static [Vec<u8>] {
    static MADE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let cast = HELD.entries.iter().filter(|entry| entry.by.is_none());
        cast.map(|entry| &entry.bytes).chain(&HELD.spares).cloned().collect()
    });
    &MADE
}

/// A ballot that is taken, alone or among others, is one that a voter made, byte for byte.
pub(crate) fn take(input: &[u8]) -> Outcome {
    read_ballot(input);
    let [first, ..] = made() else { return SKIPPED };
    let batch = [first.clone(), input.to_vec(), first.clone()];
    let answers = INTAKE.check(&batch, &mut TestEntropy::new(4));
    let [before, own, after] = answers.as_slice() else { panic!("an answer for each") };
    assert!(before.is_ok() && after.is_ok(), "a bad ballot beside it harms a good one");
    let alone = alone(input);
    match own {
        Ok(accepted) => {
            assert!(made().iter().any(|ballot| ballot == input), "nobody made this ballot");
            assert_eq!(accepted.submission.clone().into_bytes(), input);
            assert_eq!(accepted.tracking, TrackingCode::of(input));
            assert_eq!(alone, Ok(()));
            OK
        }
        Err(turned) => {
            assert_eq!(alone, Err(turned.reason), "another verdict alone than in a batch");
            turned.reason.as_str()
        }
    }
}

/// The same ballot by itself.
fn alone(input: &[u8]) -> Result<(), Reason> {
    let ballot = settings().parse(input)?;
    let setting = settings().setting(ballot.header().style).ok_or(Reason::Style)?;
    let roster = ballot.ring().and_then(|ring| settings().roster(ring)).ok_or(Reason::Ring)?;
    let ring = sinpyo_ballot::ring::Ring::new(roster.clone()).expect("a ring of the roll");
    let verified = verify(setting, Some(&ring), &ballot).map_err(|error| Reason::of(&error))?;
    assert_eq!(verified.tracking_code(), ballot.tracking_code());
    Ok(())
}

/// What is read of a ballot is what stands there.
fn read_ballot(input: &[u8]) {
    if let Ok(header) = Header::parse(input) {
        assert_eq!(Some(&header.to_bytes()[..]), input.get(..Header::LENGTH), "a header has one form");
    }
    if let Ok(ballot) = settings().parse(input) {
        assert_eq!(ballot.to_bytes(), input);
        assert_eq!(input.get(8..40), Some(&ballot.tag()[..]));
        assert_eq!(input.get(40..72), Some(&ballot.alpha()[..]));
    }
}

/// Ballots of profile `token`, and what they are checked under.
struct WithToken {
    setting: Setting<Ristretto>,
    ballots: [Vec<u8>; 2],
    package: Vec<u8>,
}

static TOKEN: LazyLock<WithToken> = LazyLock::new(|| {
    let shape = Shape::token(&[3, 2], 256).expect("a shape");
    let keys: Vec<_> = (2_u64..7).map(|number| Ristretto::mul_base(&number.into())).collect();
    let setting =
        Setting::new(&ELECTION, Context([3; 64]), 0, [0, 1], shape, &keys).expect("a key for each option");
    let secret = VoterSecret::<Ristretto>::derive(&Secret::new([5; 32]), &ELECTION);
    // Whether the registrar signed the tag is for the caller of this crate to see.
    let token = Token { randomizer: [1; 32], signature: vec![2; 256] };
    let mut entropy = TestEntropy::new(6);
    let mut ballot = |choices: &[u8]| -> PreparedBallot<Ristretto> {
        let seed = BallotSeed::fresh(&mut entropy);
        let place = Eligibility::Token { district: 1, token: &token };
        prove(&setting, place, &secret, choices, seed, &mut entropy).expect("choices of the style")
    };
    let ballots = [ballot(&[1, 2]).cast(), ballot(&[0, 0]).cast()];
    let package = ballot(&[3, 1]).check().to_bytes().expose().clone();
    WithToken { setting, ballots, package }
});

/// The same without a ring: header, token and tag are bound too.
fn take_with_token(input: &[u8]) -> Outcome {
    let ballot = match UnverifiedBallot::<Ristretto>::parse(input, TOKEN.setting.shape()) {
        Ok(ballot) => ballot,
        Err(error) => return error.code(),
    };
    assert_eq!(ballot.to_bytes(), input);
    let token = ballot.token().expect("of this profile");
    let (body, _key) = input.split_last_chunk::<32>().expect("longer");
    assert!(body.ends_with(&[&token.randomizer, token.signature.as_slice()].concat()));
    let alone = verify(&TOKEN.setting, None, &ballot).map(|_| ());
    let batch = verify_batch(&TOKEN.setting, &[], &[ballot], &mut TestEntropy::new(1));
    assert_eq!(batch.into_iter().map(|one| one.map(|_| ())).collect::<Vec<_>>(), [alone]);
    match alone {
        Ok(()) => {
            assert!(TOKEN.ballots.iter().any(|ballot| ballot == input), "nobody made this ballot");
            OK
        }
        Err(error) => error.code(),
    }
}

/// `district ‖ binding ‖ commitment ‖ proof` of the lines of the roll.
static REGISTRATIONS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let body = |entry: &crate::world::Entry| {
        let event = sinpyo_voting::event::UnverifiedEvent::parse(&entry.bytes).ok()?;
        let key = settings().manifest().key_of(event.claimed_role())?.clone();
        match event.verify(&key).ok()?.body().ok()? {
            Body::Register(line) => {
                let district = settings().manifest().district_index(&line.district)?.to_le_bytes();
                Some([&district[..], &line.binding, &line.commitment, &line.proof].concat())
            }
            _ => None,
        }
    };
    let lines = HELD.entries.iter().filter(|entry| entry.label.starts_with("register/"));
    lines.filter_map(body).take(8).collect()
});

/// What is registered was proven by its voter, for this district and under this binding; a batch says the same.
fn register(input: &[u8]) -> Outcome {
    let Some((district, rest)) = input.split_first_chunk() else { return SKIPPED };
    let Some((binding, rest)) = rest.split_first_chunk() else { return SKIPPED };
    let Some((commitment, rest)) = rest.split_first_chunk() else { return SKIPPED };
    let Some(proof) = RegistrationProof::from_bytes(rest) else { return SKIPPED };
    assert_eq!(proof.to_bytes(), rest, "a proof has one form");
    let district = u32::from_le_bytes(*district);
    let registration =
        Registration::<Ristretto> { binding: Binding(*binding), district, commitment: *commitment, proof };
    let verifier = RegistrationVerifier::new(ELECTION);
    let verdict = verifier.verify(&registration);
    let other = RegistrationVerifier::new(sinpyo_ballot::generators::ElectionId([8; 32]));
    assert!(other.verify(&registration).is_err(), "for another election");
    let batch = verifier.verify_batch(&[registration, registration], &mut TestEntropy::new(2));
    assert_eq!(batch, [verdict, verdict]);
    match verdict {
        Ok(line) => {
            assert!(REGISTRATIONS.iter().any(|own| own == input), "nobody proved this");
            assert_eq!((line.bytes(), line.district()), (commitment, district));
            OK
        }
        Err(error) => error.code(),
    }
}

fn packages() -> Vec<Vec<u8>> {
    // In profile `ring`: as if of one contest, with nothing but zeros for what the ballot is made of.
    let ring = [&[1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2][..], &[0; 64 + 32 + 4 + 32 + 32]].concat();
    vec![TOKEN.package.clone(), ring]
}

/// A package has one form. One that checks makes the ballot that was shown, and no other.
fn read_package(input: &[u8]) -> Outcome {
    match CheckPackage::<Ristretto>::parse(input) {
        Ok(package) => {
            assert_eq!(package.to_bytes().expose(), input, "a package has one form");
            let text = package.to_text();
            assert!(CheckPackage::<Ristretto>::parse_text(text.expose()).is_ok());
            match package.check(&TOKEN.setting, None) {
                Ok(checked) => {
                    assert_eq!(input, TOKEN.package, "nobody made this ballot");
                    assert_eq!(checked.choices(), [3, 1]);
                    let spoiled = checked.spoiled();
                    let again = spoiled.check(&TOKEN.setting).expect("what the board may be told");
                    assert_eq!(again.choices(), checked.choices());
                    OK
                }
                Err(error) => error.code(),
            }
        }
        Err(error) => error.code(),
    }
}

fn codes() -> Vec<Vec<u8>> {
    let code = TrackingCode::of(b"a ballot");
    texts(&[code.as_str(), &code.to_string(), &code.to_string().replace(' ', "-").to_uppercase()])
}

/// A code is read however it was typed, and shown in one form.
fn read_code(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match TrackingCode::parse(text) {
        Some(code) => {
            assert_eq!(TrackingCode::parse(code.as_str()), Some(code));
            assert_eq!(TrackingCode::parse(&code.to_string()), Some(code));
            let typed: String = text.chars().filter(|typed| !matches!(typed, ' ' | '-')).collect();
            assert_eq!(typed.to_ascii_lowercase(), code.as_str());
            OK
        }
        None => "refused",
    }
}
