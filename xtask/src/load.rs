//! `cargo xtask load openid`: the served issuer and verifier under load, in races and under kills, driven by
//! `crates/load`.

use std::{env::consts::EXE_EXTENSION, process::ExitCode};

use anyhow::Result;

use crate::cargo::{cargo, root, succeed};

/// Builds the servers as they are shipped, and runs the driver with the caller's words.
///
/// # Errors
/// Something does not build, or the driver cannot be started.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    // Apart: together they have other features than alone, and the large binary would be built anew.
    succeed(&mut cargo("build --quiet --release --package sinpyo"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-load"))?;
    let built = root().join("target").join("release");
    let program = |name: &str| built.join(name).with_extension(EXE_EXTENSION);
    let mut driver = std::process::Command::new(program("sinpyo-load"));
    let status = driver.args(arguments).arg("--binary").arg(program("sinpyo")).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
