//! What the tests of the binary share.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test")]

use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the binary in `folder`.
pub(crate) fn sinpyo(folder: &Path, arguments: &[&str]) -> Output {
    with_password(folder, arguments, "긴 비밀번호")
}

/// Runs the binary in `folder` with another wallet password.
pub(crate) fn with_password(folder: &Path, arguments: &[&str], password: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sinpyo"))
        .args(arguments)
        .current_dir(folder)
        .env("SINPYO_WALLET_PASSWORD", password)
        .env("LC_ALL", "ko_KR.UTF-8")
        .env_remove("SINPYO_HOME")
        .output()
        .unwrap()
}

/// The last line of standard output.
pub(crate) fn json_of(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line)
        .unwrap_or_else(|_| panic!("no JSON: {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}
