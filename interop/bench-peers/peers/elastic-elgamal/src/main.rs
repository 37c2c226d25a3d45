//! elastic-elgamal: one choice among six options, blank being the sixth.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use bench_harness::Inputs;
use elastic_elgamal::{
    Keypair,
    app::{ChoiceParams, EncryptedChoice},
    group::Ristretto,
};
use rand::rngs::OsRng;

/// Distinct ballots.
const BALLOTS: u32 = 200;
const OPTIONS: u32 = 6;

const PROVE: &str = "864 bytes; no eligibility, no anonymity: who voted is known otherwise";
const VERIFY: &str = "no eligibility, no anonymity; one key for all options; takes a decoded ballot";

fn main() -> ExitCode {
    bench_harness::main("elastic-elgamal", |bench| {
        bench.own("ballot prove", PROVE, || {
            let (key, _) = Keypair::<Ristretto>::generate(&mut OsRng).into_tuple();
            let params = ChoiceParams::single(key, usize::try_from(OPTIONS)?);
            Ok((numbers(), move |number: &[u8]| {
                let choice = usize::try_from(read(number)? % OPTIONS)?;
                let ballot = EncryptedChoice::single(&params, choice, &mut OsRng);
                ensure!(ballot.choices_unchecked().len() == usize::try_from(OPTIONS)?, "another length");
                Ok(())
            }))
        });
        bench.own("ballot verify alone", VERIFY, || {
            let (key, _) = Keypair::<Ristretto>::generate(&mut OsRng).into_tuple();
            let params = ChoiceParams::single(key, usize::try_from(OPTIONS)?);
            let (other, _) = Keypair::<Ristretto>::generate(&mut OsRng).into_tuple();
            let foreign = ChoiceParams::single(other, usize::try_from(OPTIONS)?);
            let ballot = |number: u32| {
                let params = if number < BALLOTS { &params } else { &foreign };
                Ok(EncryptedChoice::single(params, usize::try_from(number % OPTIONS)?, &mut OsRng))
            };
            let ballots = (0..=BALLOTS).map(ballot).collect::<anyhow::Result<Vec<_>>>()?;
            let mut inputs = numbers();
            inputs.hostile.push(("the key", BALLOTS.to_le_bytes().to_vec()));
            Ok((inputs, move |number: &[u8]| {
                let ballot = ballots.get(usize::try_from(read(number)?)?).context("no such ballot")?;
                ballot.verify(&params)?;
                Ok(())
            }))
        });
    })
}

fn numbers() -> Inputs {
    Inputs {
        genuine: (0..BALLOTS).map(|number| number.to_le_bytes().to_vec()).collect(),
        hostile: Vec::new(),
    }
}

fn read(number: &[u8]) -> anyhow::Result<u32> {
    Ok(u32::from_le_bytes(number.try_into()?))
}
