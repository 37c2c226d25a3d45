//! Ballots that must be refused: twenty kinds, each with a paid token.

use super::Plan;
use crate::os::OsEntropy;
use sinpyo_ballot::setting::Shape;
use sinpyo_core::key::Entropy as _;

/// How many kinds there are.
const KINDS: usize = 20;
/// Most hostile ballots of one voter: the others of the eight tokens are for real ones.
pub(super) const MOST_OF_ONE: usize = 5;

/// The kinds of hostile ballots that a voter makes.
pub(super) fn kinds_of(voter: usize, plan: &Plan) -> impl Iterator<Item = usize> + use<> {
    let voters = plan.choices.len().max(1);
    let of_one = plan.hostile.div_ceil(voters).min(MOST_OF_ONE);
    let first = voter * of_one;
    let last = (first + of_one).min(plan.hostile);
    (first..last.max(first)).map(|number| number % KINDS)
}

/// A ballot that must be refused.
#[derive(Debug)]
pub(super) struct Forged {
    pub(super) name: &'static str,
    pub(super) ballot: Vec<u8>,
    /// For one of these reasons.
    pub(super) reasons: &'static [&'static str],
}

/// Makes hostile ballots out of good ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forge<'a> {
    pub(super) shape: &'a Shape,
}

/// Where the parts of a ballot begin [spec/voting.md §8, §13].
struct Parts {
    tag: usize,
    alpha: usize,
    beta: usize,
    commitments: usize,
    announcements: usize,
    f: usize,
    z: usize,
}

const ENCODING: &[&str] = &["encoding"];
const PROOF: &[&str] = &["proof"];

/// One kind: what it is called, how it is made out of a good ballot, and why it must be refused.
type Kind = (&'static str, fn(&Parts, &mut Vec<u8>), &'static [&'static str]);

const TABLE: [Kind; KINDS] = [
    (
        "random bytes",
        |_, ballot| {
            OsEntropy.fill(ballot);
            put(ballot, 0, &[0x7f]);
        },
        ENCODING,
    ),
    ("one byte too short", |_, ballot| ballot.truncate(ballot.len().saturating_sub(1)), ENCODING),
    ("one byte too long", |_, ballot| ballot.push(0), ENCODING),
    ("a header and a tag alone", |at, ballot| ballot.truncate(at.alpha), ENCODING),
    ("another version", |_, ballot| put(ballot, 0, &[2]), ENCODING),
    ("an unknown flag", |_, ballot| put(ballot, 7, &[0x80]), ENCODING),
    ("an unknown style", |_, ballot| put(ballot, 1, &[9, 0]), &["style"]),
    ("a ring that is not there", |_, ballot| put(ballot, 3, &[0xff; 4]), &["ring", "style", "proof"]),
    // In profile `token` the registrar has not signed this tag.
    ("the identity as tag", |at, ballot| put(ballot, at.tag, &[0; 32]), &["tag", "proof"]),
    ("the identity as alpha", |at, ballot| put(ballot, at.alpha, &[0; 32]), PROOF),
    ("a tag that is no point", |at, ballot| put(ballot, at.tag, &[0xff; 32]), ENCODING),
    ("a scalar that is not reduced", |at, ballot| put(ballot, at.z + 64, &[0xff; 32]), ENCODING),
    (
        "a point that is not canonical",
        |at, ballot| {
            put(ballot, at.alpha, &[0; 32]);
            put(ballot, at.alpha, &[1]);
        },
        ENCODING,
    ),
    ("another tag", |at, ballot| copy(ballot, at.commitments, at.tag), PROOF),
    ("another vote", |at, ballot| copy(ballot, at.alpha, at.beta), PROOF),
    ("answers changed places", |at, ballot| swap(ballot, at.z), PROOF),
    ("an answer of zero", |at, ballot| put(ballot, at.f, &[0; 32]), PROOF),
    ("announcements changed places", |at, ballot| swap(ballot, at.announcements), PROOF),
    (
        "forty-five thousand bytes",
        |_, ballot| {
            ballot.resize(45_000, 0);
            OsEntropy.fill(ballot);
            put(ballot, 0, &[1]);
        },
        &["encoding", "style"],
    ),
    ("commitments changed places", |at, ballot| swap(ballot, at.commitments), PROOF),
];

impl Forge<'_> {
    fn parts(self) -> Parts {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (options, digits) = (self.shape.options(), number(self.shape.digits()));
        let beta = 72;
        let commitments = beta + 32 * options;
        let announcements = commitments + 64 + 32 * digits;
        let f = announcements + 96;
        let rows = digits * number(self.shape.base()).saturating_sub(1) + options;
        Parts { tag: 8, alpha: 40, beta, commitments, announcements, f, z: f + 32 * rows }
    }

    /// The `kind`-th kind, out of a good ballot.
    pub(super) fn make(self, kind: usize, good: Vec<u8>) -> Option<Forged> {
        let (name, change, reasons) = TABLE.get(kind)?;
        let mut ballot = good;
        change(&self.parts(), &mut ballot);
        Some(Forged { name, ballot, reasons })
    }
}

/// Writes `bytes` at `at`, as far as there is room.
fn put(ballot: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = at.checked_add(bytes.len()).and_then(|end| ballot.get_mut(at..end)) {
        place.copy_from_slice(bytes);
    }
}

/// Copies 32 bytes.
fn copy(ballot: &mut [u8], from: usize, to: usize) {
    if let Some(bytes) = ballot.get(from..from + 32).map(<[u8]>::to_vec) {
        put(ballot, to, &bytes);
    }
}

/// Swaps 32 bytes with the next 32.
fn swap(ballot: &mut [u8], at: usize) {
    if let Some((first, second)) = ballot.get_mut(at..at + 64).and_then(|both| both.split_at_mut_checked(32))
    {
        first.swap_with_slice(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_voting::phase::Phase;

    fn plan(voters: usize, hostile: usize) -> Plan {
        Plan {
            choices: vec![0; voters],
            options: 3,
            districts: 1,
            has_rings: true,
            hostile,
            closes_after: None,
            until: Phase::Tallied,
        }
    }

    #[test]
    fn all_kinds_are_made_equally_often() {
        for voters in [20, 77, 10_000] {
            let plan = plan(voters, 100);
            let mut times = [0; KINDS];
            (0..voters).flat_map(|voter| kinds_of(voter, &plan)).for_each(|kind| times[kind] += 1);
            assert_eq!(times, [5; KINDS], "{voters}");
        }
    }

    #[test]
    fn every_forgery_changes_the_ballot() {
        let shape = Shape::ring(&[3], 4, 2).unwrap();
        let mut good = vec![0; shape.ballot_length::<sinpyo_ballot::group::Ristretto>()];
        OsEntropy.fill(&mut good);
        good[..8].copy_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
        let forge = Forge { shape: &shape };
        // Four answers and the cast key.
        assert_eq!(forge.parts().z + 160, good.len());
        for kind in 0..KINDS {
            let forged = forge.make(kind, good.clone()).unwrap();
            assert_ne!(forged.ballot, good, "{}", forged.name);
        }
    }
}
