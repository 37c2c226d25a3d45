//! Starting cargo and git at the root of the workspace.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// The root of the workspace this xtask was built in.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// A cargo command, not yet started: words separated by spaces.
pub(crate) fn cargo(words: &str) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(words.split_whitespace()).current_dir(root());
    command
}

/// A git command that takes no lock and so disturbs nobody.
pub(crate) fn git(words: &str) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").args(words.split_whitespace()).current_dir(root());
    command
}

/// Runs to the end with this process's input and output.
///
/// # Errors
/// When the program cannot be started or does not succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

/// Runs to the end and returns what it wrote to its standard output.
///
/// # Errors
/// When the program cannot be started, does not succeed, or writes something that is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{} ended with {}", shown(command), output.status);
    String::from_utf8(output.stdout).context("its output is not UTF-8")
}

/// Whether `cargo NAME` is installed.
pub(crate) fn has(name: &str) -> bool {
    let mut command = cargo(name);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether everything that may be absent elsewhere has to be here (`SINPYO_REQUIRE_ALL=1`, as in CI).
pub(crate) fn all_is_required() -> bool {
    env::var_os("SINPYO_REQUIRE_ALL").is_some_and(|value| value == "1")
}

fn shown(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    format!("`{}`", arguments.join(" "))
}
