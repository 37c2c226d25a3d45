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

impl Forge<'_> {
    fn parts(&self) -> Parts {
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
    pub(super) fn make(&self, kind: usize, good: Vec<u8>) -> Forged {
        let at = self.parts();
        let mut ballot = good;
        let (name, reasons): (&'static str, &'static [&'static str]) = match kind {
            0 => {
                OsEntropy.fill(&mut ballot);
                put(&mut ballot, 0, &[0x7f]);
                ("random bytes", ENCODING)
            }
            1 => {
                ballot.pop();
                ("one byte too short", ENCODING)
            }
            2 => {
                ballot.push(0);
                ("one byte too long", ENCODING)
            }
            3 => {
                ballot.truncate(9);
                ("a header alone", ENCODING)
            }
            4 => {
                put(&mut ballot, 0, &[2]);
                ("another version", ENCODING)
            }
            5 => {
                put(&mut ballot, 7, &[0x80]);
                ("an unknown flag", ENCODING)
            }
            6 => {
                put(&mut ballot, 1, &[9, 0]);
                ("an unknown style", &["style"])
            }
            7 => {
                put(&mut ballot, 3, &[0xff; 4]);
                ("a ring that is not there", &["ring", "style", "proof"])
            }
            8 => {
                put(&mut ballot, at.tag, &[0; 32]);
                // In profile `token` the registrar has not signed this tag.
                ("the identity as tag", &["tag", "proof"])
            }
            9 => {
                put(&mut ballot, at.alpha, &[0; 32]);
                ("the identity as alpha", PROOF)
            }
            10 => {
                put(&mut ballot, at.tag, &[0xff; 32]);
                ("a tag that is no point", ENCODING)
            }
            11 => {
                put(&mut ballot, at.z + 64, &[0xff; 32]);
                ("a scalar that is not reduced", ENCODING)
            }
            12 => {
                let mut negative = [0; 32];
                put(&mut negative, 0, &[1]);
                put(&mut ballot, at.alpha, &negative);
                ("a point that is not canonical", ENCODING)
            }
            13 => {
                copy(&mut ballot, at.commitments, at.tag);
                ("another tag", PROOF)
            }
            14 => {
                swap(&mut ballot, at.beta, at.beta + 32 * self.shape.options().saturating_sub(1));
                // With one option there is nothing to swap it with.
                copy(&mut ballot, at.alpha, at.beta);
                ("another vote", PROOF)
            }
            15 => {
                swap(&mut ballot, at.z, at.z + 32);
                ("answers changed places", PROOF)
            }
            16 => {
                put(&mut ballot, at.f, &[0; 32]);
                ("an answer of zero", PROOF)
            }
            17 => {
                swap(&mut ballot, at.announcements, at.announcements + 32);
                ("announcements changed places", PROOF)
            }
            18 => {
                ballot = vec![0; 45_000];
                OsEntropy.fill(&mut ballot);
                put(&mut ballot, 0, &[1]);
                ("forty-five thousand bytes", &["encoding", "style"])
            }
            _ => {
                swap(&mut ballot, at.commitments, at.commitments + 32);
                ("commitments changed places", PROOF)
            }
        };
        Forged { name, ballot, reasons }
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

/// Swaps 32 bytes.
fn swap(ballot: &mut [u8], one: usize, other: usize) {
    let read = |at: usize| ballot.get(at..at + 32).map(<[u8]>::to_vec);
    if let (Some(first), Some(second)) = (read(one), read(other)) {
        put(ballot, one, &second);
        put(ballot, other, &first);
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
        assert_eq!(forge.parts().z + 128, good.len());
        for kind in 0..KINDS {
            let forged = forge.make(kind, good.clone());
            assert_ne!(forged.ballot, good, "{}", forged.name);
        }
    }
}
