//! Whole elections.

use crate::world::{Plan, World};
use sinpyo_voting::audit::Outcome;

#[test]
fn a_whole_election_passes_every_check() {
    for (token, first_counts) in [(false, false), (false, true), (true, false)] {
        let world = World::run(Plan { token, first_counts, ..Plan::USUAL });
        let seen = world.examine();
        for verdict in &seen.report.verdicts {
            assert_eq!(verdict.outcome, Outcome::Passed, "{:?}", verdict);
        }
        println!("{:?} {:?}", seen.report.result, seen.report.proofs);
    }
}
