//! A ballot as ElectionGuard makes it, in ristretto255: for each option an exponential ElGamal ciphertext with a
//! disjunctive Chaum-Pedersen proof that it is 0 or 1, and the same proof for their sum. Checked ballot by ballot, from
//! its bytes. Written for this comparison; not to be used.

mod ballot;

use std::process::ExitCode;

use anyhow::Context as _;
use ballot::{OPTIONS, Poll};
use bench_harness::Inputs;

/// Distinct ballots.
const BALLOTS: u8 = 200;

const NOTE: &str =
    "1088 bytes; no eligibility, no anonymity: who voted is known otherwise; one key for all options";

fn main() -> ExitCode {
    bench_harness::main("electionguard-style", |bench| {
        bench.own("ballot prove", NOTE, || {
            let poll = Poll::new()?;
            let choices = (0..BALLOTS).map(|number| vec![number % (OPTIONS + 1)]).collect();
            Ok((Inputs { genuine: choices, hostile: Vec::new() }, move |choice: &[u8]| {
                let choice = choice.first().context("no choice")?;
                poll.prove(votes(*choice)).map(drop)
            }))
        });
        bench.own("ballot verify alone", NOTE, || {
            let poll = Poll::new()?;
            let genuine = (0..BALLOTS).map(|number| poll.prove(votes(number % (OPTIONS + 1))));
            let genuine = genuine.collect::<anyhow::Result<Vec<_>>>()?;
            let mut swapped = genuine.first().context("no ballot")?.clone();
            swapped.rotate_left(64);
            let hostile = vec![
                ("a vote of two", poll.prove([2, 0, 0, 0, 0])?),
                ("two votes", poll.prove([1, 1, 0, 0, 0])?),
                ("the ciphertexts", swapped),
            ];
            Ok((Inputs { genuine, hostile }, move |ballot: &[u8]| poll.verify(ballot)))
        });
    })
}

/// One for the chosen option; none for blank (0).
fn votes(choice: u8) -> [u8; 5] {
    [1, 2, 3, 4, 5].map(|option| u8::from(option == choice))
}
