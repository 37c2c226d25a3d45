//! A password that somebody types, or that stands in a file.

use crate::files;
use anyhow::{Context, Result, bail};
use sinpyo_core::Secret;
use std::{
    io::{BufRead as _, IsTerminal as _},
    path::Path,
    process::Command,
};
use zeroize::Zeroizing;

/// The password in `file`, which nobody else may read; else the one that is typed twice, or, if nobody is there to type,
/// the first line of standard input.
pub(crate) fn read(file: Option<&Path>) -> Result<Secret<String>> {
    if let Some(file) = file {
        let text = Zeroizing::new(files::read_private(file)?); // [CLI-06]
        let text = std::str::from_utf8(&text).context("the password is no text")?;
        return Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return line();
    }
    let hidden = Hidden::begin();
    eprint!("비밀번호 / password: ");
    let first = line()?;
    eprint!("\n다시 / again: ");
    let second = line()?;
    drop(hidden);
    eprintln!();
    if first.expose() != second.expose() {
        bail!("the two passwords differ");
    }
    Ok(first)
}

fn line() -> Result<Secret<String>> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut text).context("no password was typed")?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// As long as it lives, the terminal does not show what is typed.
struct Hidden;

impl Hidden {
    fn begin() -> Self {
        echo("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        echo("echo");
    }
}

/// Where there is no such program, what is typed is shown.
fn echo(how: &str) {
    let _shown_then = Command::new("stty").arg(how).status();
}
