use super::{BallotSecrets, BulkProver, BulkRing};
use crate::fixture::{World, secret};
use crate::group::{Group, Ristretto};
use crate::prove::ProveError;
use crate::setting::Shape;

#[test]
fn bulk_ballots_are_those_of_the_prover() {
    for (contests, base, digits) in [(vec![2, 3], 4, 2), (vec![1], 2, 5), (vec![3], 4, 3), (vec![1, 1], 8, 2)]
    {
        let world = World::of(Shape::ring(&contests, base, digits).unwrap());
        let prover = BulkProver::new(&world.setting);
        let choices: Vec<u8> = vec![1; contests.len()];
        for voter in [0, 9, 25] {
            let (ring, position) = world.place(voter);
            let bulk = BulkRing::new(ring, |commitment| {
                (0..26).map(secret).find(|voter| Ristretto::encode(&voter.commitment()) == *commitment)
            });
            let ballot = prover.prove(&bulk, position, &choices, &secrets(voter)).unwrap();
            assert_eq!(ballot, world.ballot(voter, &choices), "{contests:?} {base} {digits}");
            // The last position of these rings is a pad.
            let pad = u32::try_from(ring.points().len() - 1).unwrap();
            let refused = [
                (prover.prove(&bulk, pad, &choices, &secrets(0)), ProveError::Opening),
                (prover.prove(&bulk, 5000, &choices, &secrets(0)), ProveError::Opening),
                (prover.prove(&bulk, position, &[9], &secrets(0)), ProveError::Choices),
            ];
            for (result, error) in refused {
                assert_eq!(result.unwrap_err(), error);
            }
        }
    }
}

fn secrets(seed: u8) -> BallotSecrets {
    BallotSecrets { seed: [seed; 32], fresh: [7; 32], key: [7; 32] }
}
