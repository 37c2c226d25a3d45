//! Rows: accepted, tried, measured, printed.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::Value;

use crate::clock::{Measured, measure};
use crate::key::{Alg, Key};
use crate::sample::{INPUTS, Material};
use crate::{data_integrity, sd_jwt, vc_jwt};

/// What is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An SD-JWT VC without key binding.
    SdJwtVc,
    /// An SD-JWT VC with key binding.
    Presentation,
    /// `vc+jwt`.
    VcJwt,
    /// The Data Integrity suite with JCS of the key's algorithm.
    DataIntegrity,
}

impl Kind {
    fn row(self, alg: Alg) -> String {
        match (self, alg) {
            (Self::SdJwtVc, _) => format!("sd-jwt-vc verify {}", alg.row_word()),
            (Self::Presentation, _) => format!("presentation verify {}", alg.row_word()),
            (Self::VcJwt, _) => format!("vc+jwt verify {}", alg.row_word()),
            (Self::DataIntegrity, Alg::Ed25519) => "eddsa-jcs-2022 verify".to_owned(),
            (Self::DataIntegrity, Alg::Es256) => "ecdsa-jcs-2019 verify".to_owned(),
        }
    }

    fn material(self, key: &Key) -> anyhow::Result<Material> {
        match self {
            Self::SdJwtVc => sd_jwt::material(key),
            Self::Presentation => sd_jwt::presentations(key),
            Self::VcJwt => vc_jwt::material(key),
            Self::DataIntegrity => data_integrity::material(key),
        }
    }
}

/// Runs a peer's rows and prints them as a JSON array; fails if a row failed.
pub fn main(peer: &'static str, rows: impl FnOnce(&mut Bench)) -> ExitCode {
    let mut bench = Bench { peer, rows: Vec::new(), failed: false };
    rows(&mut bench);
    match serde_json::to_string(&bench.rows) {
        Ok(text) => println!("{text}"),
        Err(error) => bench.fail("report", &error.into()),
    }
    if bench.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Collects the rows of one peer.
#[derive(Debug)]
pub struct Bench {
    peer: &'static str,
    rows: Vec<Row>,
    failed: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    baseline: f64,
    baseline_name: String,
    ratio: f64,
    inputs: usize,
    leaves_out: String,
}

impl Bench {
    /// A verification row. `prepare` parses the public key; the closure it returns takes an input from wire
    /// bytes to accepted. `note` says which part of the work is not the peer's, or is done over and over.
    pub fn verify<F>(
        &mut self,
        (kind, alg): (Kind, Alg),
        note: &'static str,
        prepare: impl Fn(&Key) -> anyhow::Result<F>,
    ) where
        F: Fn(&str) -> anyhow::Result<()>,
    {
        let row = kind.row(alg);
        eprintln!("peer {}: {row}", self.peer);
        match verified(kind, alg, prepare) {
            Ok((measured, unchecked)) => {
                let left_out = if unchecked.is_empty() {
                    String::new()
                } else {
                    format!("does not check: {}", unchecked.join(", "))
                };
                let parts: Vec<&str> =
                    [note, &left_out].into_iter().filter(|part| !part.is_empty()).collect();
                self.push(&row, format!("raw {} verify", alg.row_word()), measured, parts.join("; "));
            }
            Err(error) => self.fail(&row, &error),
        }
    }

    /// The row `sd-jwt-vc issue es256`: from the claims as JSON text to the issued SD-JWT VC.
    pub fn issue<F>(&mut self, note: &'static str, prepare: impl FnOnce(&Arc<Key>) -> anyhow::Result<F>)
    where
        F: Fn(&str) -> anyhow::Result<String>,
    {
        let row = "sd-jwt-vc issue es256";
        eprintln!("peer {}: {row}", self.peer);
        match issued(prepare) {
            Ok(measured) => self.push(row, "raw es256 sign".to_owned(), measured, note.to_owned()),
            Err(error) => self.fail(row, &error),
        }
    }

    fn push(&mut self, row: &str, baseline_name: String, measured: Measured, leaves_out: String) {
        let Measured { value, baseline } = measured;
        self.rows.push(Row {
            name: format!("peer {}: {row}", self.peer),
            value,
            unit: "us",
            baseline,
            baseline_name,
            ratio: value / baseline,
            inputs: INPUTS,
            leaves_out,
        });
    }

    fn fail(&mut self, row: &str, error: &anyhow::Error) {
        eprintln!("error: peer {}: {row}: {error:#}", self.peer);
        self.failed = true;
    }
}

/// Whether a peer takes a public key for which anybody can sign.
fn accepts_small_order<F>(kind: Kind, prepare: impl Fn(&Key) -> anyhow::Result<F>) -> anyhow::Result<bool>
where
    F: Fn(&str) -> anyhow::Result<()>,
{
    let key = Key::small_order();
    let material = kind.material(&key)?;
    let forged = material.samples.first().context("no input")?;
    Ok(prepare(&key).is_ok_and(|accept| accept(&forged.wire).is_ok()))
}

/// The time of a verification, and the checks it does not make.
fn verified<F>(
    kind: Kind,
    alg: Alg,
    prepare: impl Fn(&Key) -> anyhow::Result<F>,
) -> anyhow::Result<(Measured, Vec<&'static str>)>
where
    F: Fn(&str) -> anyhow::Result<()>,
{
    let key = Key::generate(alg)?;
    let Material { samples, hostile } = kind.material(&key)?;
    let accept = prepare(&key)?;
    let raw = key.verifier()?;
    let mut unchecked: Vec<_> =
        hostile.iter().filter(|input| accept(&input.wire).is_ok()).map(|input| input.check).collect();
    if alg == Alg::Ed25519 && accepts_small_order(kind, prepare)? {
        unchecked.push("small-order keys");
    }
    let measured = measure(
        samples.len(),
        |index| accept(&samples.get(index).context("no such input")?.wire),
        |index| {
            let sample = samples.get(index).context("no such input")?;
            raw.verify(&sample.message, &sample.signature)
        },
    )?;
    Ok((measured, unchecked))
}

fn issued<F>(prepare: impl FnOnce(&Arc<Key>) -> anyhow::Result<F>) -> anyhow::Result<Measured>
where
    F: Fn(&str) -> anyhow::Result<String>,
{
    let key = Arc::new(Key::generate(Alg::Es256)?);
    let holder = Key::generate(Alg::Es256)?.jwk()?;
    let orders: Vec<String> = (0..INPUTS).map(|index| sd_jwt::order(index, &holder).to_string()).collect();
    let issue = prepare(&key)?;
    well_formed(&issue(orders.first().context("no input")?)?)?;
    measure(
        orders.len(),
        |index| issue(orders.get(index).context("no such input")?).map(|_| ()),
        |index| key.sign(orders.get(index).context("no such input")?.as_bytes()).map(|_| ()),
    )
}

/// That an issuer did its work: a signature of 64 bytes, and eleven disclosures behind eleven digests.
fn well_formed(sd_jwt: &str) -> anyhow::Result<()> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let mut parts = sd_jwt.split('~');
    let jws: Vec<&str> = parts.next().unwrap_or_default().split('.').collect();
    let [_, payload, signature] = jws[..] else { anyhow::bail!("not a JWS") };
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    ensure!(URL_SAFE_NO_PAD.decode(signature)?.len() == 64, "not an ES256 signature");
    ensure!(parts.filter(|part| !part.is_empty()).count() == 11, "not eleven disclosures");
    let digests = payload.get("_sd").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(digests == 11, "not eleven digests");
    Ok(())
}
