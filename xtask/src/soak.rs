//! `cargo xtask soak ledger`: the served registry under faults, driven and judged by `crates/soak`.

use std::{env::consts::EXE_EXTENSION, process::ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{cargo, root, succeed};

/// Builds the server as it is shipped, and runs the soak with the caller's words.
///
/// # Errors
/// Something does not build, or the soak cannot be started.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    // Apart: together they have other features than alone, and the large binary would be built anew.
    succeed(&mut cargo("build --quiet --release --package sinpyo"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-soak"))?;
    let binary = root().join("target").join("release").join("sinpyo").with_extension(EXE_EXTENSION);
    let mut soak = cargo("run --quiet --release --package sinpyo-soak --");
    let status = soak.args(arguments).arg("--binary").arg(binary).status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
