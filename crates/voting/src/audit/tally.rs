//! Groups, shares, counts, result (V9, V10, V11, V14).

use super::{Check, Finding, ballots::Sums, first::First, report::Notes};
use crate::{
    ballots::Settings,
    event::{TallyResult, TallyShare},
    manifest::Manifest,
    tally::{ShareRefusal, Tally, groups},
};
use sinpyo_ballot::{
    ceremony::JointKeys,
    group::Ristretto,
    tally::{Sum, VerifiedShare},
};
use std::collections::{BTreeMap, BTreeSet};

/// Puts the districts' sums together.
pub(super) fn tally(settings: &Settings, keys: &JointKeys<Ristretto>, counted: &[u64], sums: &Sums) -> Tally {
    let manifest = settings.manifest();
    let sum_of = |group: &crate::tally::Group| {
        let mut sum = Sum::empty(manifest.options_of(group.style));
        for own in group.districts.iter().filter_map(|district| sums.get(district)) {
            // Districts of one style have as many options.
            let _ = sum.merge(own);
        }
        sum
    };
    let groups = groups(manifest, counted).into_iter().map(|group| {
        let sum = sum_of(&group);
        (group, sum)
    });
    Tally::new(manifest.clone(), keys.clone(), settings.context().0, groups.collect())
}

/// The shares that hold, by trustee and group.
pub(super) type Shares = BTreeMap<(u32, u32), VerifiedShare<Ristretto>>;

/// Checks what every tally share says of its group, and its cells.
pub(super) fn shares(tally: &Tally, given: &[(u64, u32, TallyShare)], notes: &mut Notes) -> Shares {
    let mut good = Shares::new();
    for (index, trustee, share) in given {
        let cells = u64::try_from(share.cells.len()).unwrap_or(u64::MAX);
        notes.proofs.share = notes.proofs.share.saturating_add(cells);
        let heading = tally.heading(share.group);
        if heading != Some((share.ballots, share.districts.clone())) {
            let item = format!("trustee {trustee}, group {}", share.group);
            notes.object(Check::Groups, at(*index, item, ShareRefusal::Heading)); // [AUD-09]
        }
        match tally.verify_cells(*trustee, share) {
            Ok(verified) => {
                good.entry((*trustee, share.group)).or_insert(verified);
            }
            Err(refusal @ (ShareRefusal::Group | ShareRefusal::Withheld)) => {
                let item = format!("trustee {trustee}, group {}", share.group);
                notes.object(Check::Groups, at(*index, item, refusal)); // [AUD-09]
            }
            Err(refusal) => {
                notes.object(Check::Shares, at(*index, format!("trustee {trustee}"), refusal)); // [AUD-10]
            }
        }
    }
    good
}

#[expect(clippy::needless_pass_by_value, reason = "an error is handed over to be told, and done with")]
fn at(index: u64, item: String, reason: impl ToString) -> Finding {
    Finding { entry: Some(index), item, reason: reason.to_string() }
}

/// The result as recomputed; V10 objects where it cannot be.
pub(super) fn result(
    tally: &Tally,
    shares: &Shares,
    first: &First,
    notes: &mut Notes,
) -> Option<TallyResult> {
    match tally.result(shares) {
        Ok(result) => Some(result),
        Err(refusal) => {
            // While shares may still come nothing is wrong.
            if first.result.is_some() {
                notes.object(Check::Shares, Finding::of("result", refusal)); // [AUD-10]
            }
            None
        }
    }
}

/// Counted, registered and legal voters of each district (V11).
pub(super) fn bounds(manifest: &Manifest, counted: &[u64], registered: &[u64], notes: &mut Notes) {
    for ((district, counted), registered) in manifest.districts.iter().zip(counted).zip(registered) {
        let item = format!("district {}", district.id);
        if counted > registered {
            notes.object(Check::Counts, Finding::of(&item, "more ballots count than are registered")); // [AUD-11]
        }
        if *registered > district.legal {
            notes.object(Check::Counts, Finding::of(&item, "more are registered than the legal roll has")); // [AUD-11]
        }
    }
}

/// Compares what was announced with what was recomputed (V11, V14).
pub(super) fn announced(
    tally: &Tally,
    (index, announced): (u64, &TallyResult),
    ours: &TallyResult,
    shares: &Shares,
    notes: &mut Notes,
) {
    let mut wrong = |item: String, reason: &str| notes.object(Check::Result, at(index, item, reason)); // [AUD-14]
    if announced.withheld != ours.withheld {
        wrong("result".to_owned(), "the withheld groups are others");
    }
    if announced.groups.len() != ours.groups.len() {
        wrong("result".to_owned(), "another number of groups is announced");
    }
    if !are_trustees(tally, &announced.trustees, shares) {
        wrong("result".to_owned(), "the trustees are not those whose shares hold");
    }
    for ((number, theirs), ours) in (0_u32..).zip(&announced.groups).zip(&ours.groups) {
        let item = format!("result, group {number}");
        if theirs.districts != ours.districts || theirs.ballots != ours.ballots {
            wrong(item.clone(), "districts or ballots of the group are others");
        }
        let same = theirs.contests.len() == ours.contests.len()
            && theirs.contests.iter().zip(&ours.contests).all(|(a, b)| a.id == b.id && a.counts == b.counts);
        if !same {
            wrong(item, "the counts are others");
        }
    }
    for ((number, theirs), ours) in (0_u32..).zip(&announced.groups).zip(&ours.groups) {
        for contest in &theirs.contests {
            let sum = contest.counts.iter().try_fold(contest.blank, |sum, count| sum.checked_add(*count));
            if sum != Some(ours.ballots) {
                let item = format!("result, group {number}, contest {}", contest.id);
                notes.object(Check::Counts, at(index, item, "votes and blanks are not the counted ballots")); // [AUD-11]
            }
        }
    }
}

/// Ascending, at least `t`, and all of their shares hold.
fn are_trustees(tally: &Tally, trustees: &[u32], shares: &Shares) -> bool {
    let distinct: BTreeSet<u32> = trustees.iter().copied().collect();
    let enough = u32::try_from(distinct.len()).is_ok_and(|count| count >= tally.keys().threshold());
    let gave_all = |trustee: &u32| tally.opened().all(|(group, _)| shares.contains_key(&(*trustee, group)));
    enough && trustees.is_sorted() && distinct.len() == trustees.len() && trustees.iter().all(gave_all)
}
