//! Whole elections.

use crate::{
    people::manifest_body,
    world::{Plan, World},
};
use serde_json::json;
use sinpyo_voting::{audit::Outcome, manifest::Manifest, tally::groups};

#[test]
fn a_whole_election_passes_every_check() {
    for (token, first_counts) in [(false, false), (false, true), (true, false)] {
        let world = World::run(Plan { token, first_counts, ..Plan::USUAL });
        let seen = world.examine();
        for verdict in &seen.report.verdicts {
            assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:?}");
        }
        assert!(seen.report.passed());
    }
}

#[test]
fn small_districts_are_counted_together() {
    // Districts d1 and d2 have style 0, d3 and d5 style 1, d4 style 2. The floor is 3.
    let mut body = manifest_body(false, false);
    body.insert("floor".into(), json!(3));
    let manifest = Manifest::parse(&body).unwrap();
    let grouped = |counted: [u64; 5]| -> Vec<(Vec<u32>, u64, bool)> {
        let groups = groups(&manifest, &counted);
        groups.into_iter().map(|group| (group.districts, group.ballots, group.withheld)).collect()
    };
    let alone = |district, ballots| (vec![district], ballots, false);
    assert_eq!(grouped([3, 9, 4, 3, 5]), [alone(0, 3), alone(1, 9), alone(2, 4), alone(3, 3), alone(4, 5)]);
    // Two small ones of a style are enough together.
    assert_eq!(grouped([2, 1, 3, 3, 3])[0], (vec![0, 1], 3, false));
    // One small one joins the smallest of its style, and stands at its first district.
    assert_eq!(grouped([2, 9, 4, 3, 1]), [(vec![0, 1], 11, false), (vec![2, 4], 5, false), alone(3, 3)]);
    // Nobody of the style to join: it stays closed, also when nobody voted.
    assert_eq!(grouped([0, 2, 4, 2, 5])[0], (vec![0, 1], 2, true));
    assert_eq!(grouped([3, 3, 4, 0, 5])[3], (vec![3], 0, true));
    assert_eq!(grouped([3, 3, 4, 2, 5])[3], (vec![3], 2, true));
}

#[test]
fn of_equal_groups_the_first_is_joined() {
    let mut body = manifest_body(false, false);
    for district in body["districts"].as_array_mut().unwrap() {
        district["style"] = json!(0);
    }
    let manifest = Manifest::parse(&body).unwrap();
    let districts: Vec<_> =
        groups(&manifest, &[5, 4, 4, 1, 6]).into_iter().map(|group| group.districts).collect();
    assert_eq!(districts, [vec![0], vec![1, 3], vec![2], vec![4]]);
}
