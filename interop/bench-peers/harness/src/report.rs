//! Rows: accepted, tried, measured, printed.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::Value;

use crate::clock::{Measured, measure};
use crate::data_integrity::{self, JCS};
use crate::key::{Alg, Key};
use crate::raw::Raw;
use crate::sample::{INPUTS, Material};
#[cfg(feature = "statements")]
use crate::statements::RDFC;
use crate::{sd_jwt, vc_jwt};

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
    /// The Data Integrity suite with RDFC-1.0 of the key's algorithm, over 27 statements.
    #[cfg(feature = "statements")]
    Statements,
}

impl Kind {
    fn row(self, alg: Alg) -> String {
        match (self, alg) {
            (Self::SdJwtVc, _) => format!("sd-jwt-vc verify {}", alg.row_word()),
            (Self::Presentation, _) => format!("presentation verify {}", alg.row_word()),
            (Self::VcJwt, _) => format!("vc+jwt verify {}", alg.row_word()),
            (Self::DataIntegrity, _) => format!("{} verify", (JCS.suite)(alg)),
            #[cfg(feature = "statements")]
            (Self::Statements, _) => format!("{} verify", (RDFC.suite)(alg)),
        }
    }

    fn material(self, key: &Key) -> anyhow::Result<Material> {
        match self {
            Self::SdJwtVc => sd_jwt::material(key),
            Self::Presentation => sd_jwt::presentations(key),
            Self::VcJwt => vc_jwt::material(key),
            Self::DataIntegrity => data_integrity::material(&JCS, key),
            #[cfg(feature = "statements")]
            Self::Statements => data_integrity::material(&RDFC, key),
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
            Ok(figures) => self.push(&row, &format!("raw {} verify", alg.row_word()), figures, note),
            Err(error) => self.fail(&row, &error),
        }
    }

    /// A row over inputs that the peer makes itself, beside one raw ES256 verification. `prepare` makes the inputs
    /// and the closure that takes one of them to its end.
    pub fn own<F>(
        &mut self,
        row: &str,
        note: &'static str,
        prepare: impl FnOnce() -> anyhow::Result<(Inputs, F)>,
    ) where
        F: Fn(&[u8]) -> anyhow::Result<()>,
    {
        eprintln!("peer {}: {row}", self.peer);
        match prepare().and_then(|(inputs, work)| beside_es256(&inputs, work)) {
            Ok(figures) => self.push(row, "raw es256 verify", figures, note),
            Err(error) => self.fail(row, &error),
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
            Ok(measured) => {
                let figures = Figures { measured, unchecked: Vec::new(), inputs: INPUTS };
                self.push(row, "raw es256 sign", figures, note);
            }
            Err(error) => self.fail(row, &error),
        }
    }

    fn push(&mut self, row: &str, baseline_name: &str, figures: Figures, note: &str) {
        let Figures { measured: Measured { value, baseline }, unchecked, inputs } = figures;
        let left_out = match unchecked.as_slice() {
            [] => String::new(),
            unchecked => format!("does not check: {}", unchecked.join(", ")),
        };
        let parts: Vec<&str> = [note, &left_out].into_iter().filter(|part| !part.is_empty()).collect();
        self.rows.push(Row {
            name: format!("peer {}: {row}", self.peer),
            value,
            unit: "us",
            baseline,
            baseline_name: baseline_name.to_owned(),
            ratio: value / baseline,
            inputs,
            leaves_out: parts.join("; "),
        });
    }

    fn fail(&mut self, row: &str, error: &anyhow::Error) {
        eprintln!("error: peer {}: {row}: {error:#}", self.peer);
        self.failed = true;
    }
}

/// Inputs that a peer made.
#[derive(Debug, Default)]
pub struct Inputs {
    /// To be accepted, all different.
    pub genuine: Vec<Vec<u8>>,
    /// To be refused, each for the check named.
    pub hostile: Vec<(&'static str, Vec<u8>)>,
}

/// What was found out about a row.
struct Figures {
    measured: Measured,
    /// The checks that are not made.
    unchecked: Vec<&'static str>,
    inputs: usize,
}

fn beside_es256(inputs: &Inputs, work: impl Fn(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<Figures> {
    let unchecked =
        inputs.hostile.iter().filter(|(_, wire)| work(wire).is_ok()).map(|(check, _)| *check).collect();
    let raw = Raw::new(Alg::Es256, inputs.genuine.len())?;
    let measured = measure(
        inputs.genuine.len(),
        |index| work(inputs.genuine.get(index).context("no such input")?),
        |index| raw.verify(index),
    )?;
    Ok(Figures { measured, unchecked, inputs: inputs.genuine.len() })
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
fn verified<F>(kind: Kind, alg: Alg, prepare: impl Fn(&Key) -> anyhow::Result<F>) -> anyhow::Result<Figures>
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
    Ok(Figures { measured, unchecked, inputs: samples.len() })
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
