//! `cargo xtask conformance` and `cargo xtask vectors`: the work is done by `crates/conformance`.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cargo::cargo;

/// Runs `sinpyo-conformance COMMAND ARGUMENTS…` and ends as it ends. Its standard output is left alone.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(command: &str, arguments: &[&str]) -> Result<ExitCode> {
    let mut cargo = cargo("run --quiet --release --package sinpyo-conformance --");
    let status = cargo.arg(command).args(arguments).status().context("cannot start cargo")?;
    Ok(match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => ExitCode::from(code),
        None => ExitCode::FAILURE,
    })
}
