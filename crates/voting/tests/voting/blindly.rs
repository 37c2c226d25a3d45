//! What those who sign or show something cannot be led to by who asks.

use crate::world::{Plan, World};
use sinpyo_ballot::ceremony::TrusteeNumber;
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::Check,
    ballots::{BallotBox, Reason},
    event::Body,
    trustee::{Custody, Owed, Unwilling},
};

use crate::people::box_of;

#[test]
fn a_token_asked_for_another_district_is_worth_nothing() {
    let world = World::run(Plan { token: true, ..Plan::USUAL });
    let intake = BallotBox::new(world.settings.clone().unwrap(), 1);
    // Districts 0 and 1 have one style: but for its signature the ballot is right.
    let (own, foreign) = (world.spares[0].clone(), world.foreign.clone().unwrap());
    let answers = intake_of(&intake, &[own, foreign]);
    assert_eq!(answers, [None, Some(Reason::Proof)]);
}

fn intake_of(intake: &BallotBox, ballots: &[Vec<u8>]) -> Vec<Option<Reason>> {
    let answers = intake.check(ballots, &mut TestEntropy::new(4));
    answers.into_iter().map(|answer| answer.err().map(|turned| turned.reason)).collect()
}

/// What trustee 1 owes the record that ends with the entry `last`.
fn owed(world: &World, last: &str) -> Result<Owed, Unwilling> {
    let mut world = world.clone();
    let end = world.place(last) + 1;
    world.entries.truncate(end);
    let custody = Custody {
        number: TrusteeNumber::new(1).unwrap(),
        seed: Secret::new([101; 32]),
        sealing: box_of(1),
        opened: None,
    };
    custody.owed(&world.examine(), &mut TestEntropy::new(1))
}

#[test]
fn a_trustee_shows_its_beacon_value_only_after_a_witnessed_freeze() {
    let mut world = World::run(Plan::USUAL);
    let shown = owed(&world, "freeze").unwrap().bodies;
    assert!(matches!(shown.as_slice(), [Body::Beacon(_)]), "{shown:?}");
    // A freeze that the head does not cover is not read at all.
    let before = owed(&world, "strike").unwrap().bodies;
    assert!(before.is_empty(), "{before:?}");
    // Two witnesses must have seen it.
    for cosigners in [vec![], vec![5], vec![5, 5], vec![5, 8]] {
        world.heads.cosigners = cosigners;
        let refusal = owed(&world, "freeze").unwrap_err();
        assert!(matches!(refusal, Unwilling::Wrong { check: Check::Log, .. }), "{refusal}");
    }
}
