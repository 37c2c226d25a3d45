//! 1,024 SD-JWT VCs of one issuer, verified together and one by one.

use super::{
    resident::{self, Issuer},
    sd_jwt_vc::selection,
};
use crate::{clock::measure_cpu, os::OsEntropy, row::Row};
use anyhow::{Context as _, bail, ensure};
use sinpyo_core::credential::Credential;
use sinpyo_crypto::{
    Algorithm::{Ed25519, Es256},
    SigningKey,
};
use sinpyo_proof::{Unverified, batch};
use std::hint::black_box;

const SIZE: usize = 1_024;
/// Whole batches measured, beside as many batches one by one.
const BATCHES: usize = 10;

/// The row `batch 1024 sd-jwt-vc ed25519`: microseconds per credential.
pub(super) fn verify(name: &'static str) -> anyhow::Result<Row> {
    let issuer = Issuer::new(Ed25519)?;
    let holder = SigningKey::generate(Es256, &mut OsEntropy);
    let wires: Vec<String> = (0..SIZE)
        .map(|index| Ok(selection(index, &issuer, holder.verifying_key())?.unbound()))
        .collect::<anyhow::Result<_>>()?;
    let now = resident::now()?;
    let parsed = |wires: &[String]| -> anyhow::Result<Vec<Unverified<Credential>>> {
        Ok(wires.iter().map(|wire| Unverified::parse(wire.as_bytes())).collect::<Result<_, _>>()?)
    };
    let mut forged = wires.clone();
    let [first, second, ..] = forged.as_mut_slice() else { bail!("too few inputs") };
    *first = with_signature_of(first, second)?;
    let verdicts = batch::verify(parsed(&forged)?, &issuer.keys, now);
    let parallel = batch::verify_in_parallel(parsed(&forged)?, &issuer.keys, now);
    let same = verdicts.iter().zip(&parallel).all(|(one, other)| one.is_ok() == other.is_ok());
    ensure!(same && parallel.len() == SIZE, "other verdicts on several cores");
    let refused: Vec<usize> =
        verdicts.iter().enumerate().filter(|(_, it)| it.is_err()).map(|(i, _)| i).collect();
    ensure!(refused == [0], "refused: {refused:?}");
    let mut figures = measure_cpu(
        BATCHES,
        |_| {
            let verdicts = batch::verify(parsed(&wires)?, &issuer.keys, now);
            ensure!(verdicts.iter().all(Result::is_ok), "one is refused");
            black_box(verdicts);
            Ok(())
        },
        |_| {
            for credential in parsed(&wires)? {
                black_box(credential.verify(&issuer.keys, now)?);
            }
            Ok(())
        },
    )?;
    let size = f64::from(u32::try_from(SIZE)?);
    figures.value /= size;
    figures.baseline /= size;
    Ok(Row::of_cpu_time(name, figures, "ours, one by one", SIZE))
}

/// `wire` with the signature of `other`.
fn with_signature_of(wire: &str, other: &str) -> anyhow::Result<String> {
    let parts = |wire: &'_ str| -> anyhow::Result<(String, String, String)> {
        let (token, rest) = wire.split_once('~').context("not an SD-JWT")?;
        let (head, signature) = token.rsplit_once('.').context("not a token")?;
        Ok((head.to_owned(), signature.to_owned(), rest.to_owned()))
    };
    let ((head, _, rest), (_, signature, _)) = (parts(wire)?, parts(other)?);
    Ok(format!("{head}.{signature}~{rest}"))
}
