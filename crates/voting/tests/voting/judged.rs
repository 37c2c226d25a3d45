//! Every mutant is named by its check, and by no other.

use crate::mutants::{Originals, of};
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::audit::{Check, OneThread, Outcome, examine};

fn judge(check: Check) {
    let mutants = of(check, &Originals::new());
    assert!(mutants.len() >= 10, "{check} has {} mutants", mutants.len());
    let mut wrong = Vec::new();
    for mutant in mutants {
        let seen = examine(&mutant.record, &OneThread, &mut TestEntropy::new(3)).unwrap();
        for verdict in &seen.report.verdicts {
            let expected = if verdict.check == mutant.check { Outcome::Failed } else { Outcome::Passed };
            if verdict.outcome != expected {
                wrong.push(format!(
                    "{}: {} {:?} {:?}",
                    mutant.name, verdict.check, verdict.outcome, verdict.first
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn v1_names_a_bad_manifest() {
    judge(Check::Manifest);
}

#[test]
fn v2_names_a_false_ceremony() {
    judge(Check::Ceremony);
}

#[test]
fn v3_names_another_context() {
    judge(Check::Context);
}

#[test]
fn v4_names_a_false_roll() {
    judge(Check::Roll);
}

#[test]
fn v5_names_what_does_not_belong_into_the_log() {
    judge(Check::Log);
}

#[test]
fn v6_names_a_false_ballot() {
    judge(Check::Ballots);
}

#[test]
fn v7_names_a_ballot_refused_without_reason() {
    judge(Check::Rejected);
}

#[test]
fn v8_names_ballots_that_must_not_be_there() {
    judge(Check::Tags);
}

#[test]
fn v9_names_another_group() {
    judge(Check::Groups);
}

#[test]
fn v10_names_a_false_share() {
    judge(Check::Shares);
}

#[test]
fn v11_names_counts_that_do_not_add_up() {
    judge(Check::Counts);
}

#[test]
fn v12_names_a_false_spoiled_ballot() {
    judge(Check::Spoiled);
}

#[test]
fn v13_names_a_write_in_contest() {
    judge(Check::WriteIn);
}

#[test]
fn v14_names_another_result() {
    judge(Check::Result);
}
