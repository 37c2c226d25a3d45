//! A disk that is full or failing, made by strace in the running server's system calls.

use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What the disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskFault {
    /// No write finds room.
    Full,
    /// No sync succeeds.
    SyncFails,
}

impl DiskFault {
    const fn injections(self) -> &'static [&'static str] {
        match self {
            Self::Full => &["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"],
            Self::SyncFails => &["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO"],
        }
    }
}

/// A strace that is attached. Dropped, it lets go: the disk is well again.
#[derive(Debug)]
pub(crate) struct Trace {
    strace: Child,
    output: PathBuf,
}

impl Trace {
    /// Puts `fault` into the process `server`; what happens is written to `output`.
    ///
    /// # Errors
    /// There is no strace, or it may not attach here.
    pub(crate) fn attach(server: u32, fault: DiskFault, output: &Path) -> Result<Self> {
        let strace = Command::new("strace")
            .args(["-f", "-qq", "-p", &server.to_string(), "-o"])
            .arg(output)
            .args(fault.injections())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start strace")?;
        Ok(Self { strace, output: output.to_owned() })
    }

    /// Waits until the server has met the fault, for `most`; then lets go. Returns how many calls failed.
    ///
    /// # Errors
    /// The trace cannot be read, or strace ended by itself.
    pub(crate) fn until_felt(mut self, most: Duration) -> Result<u64> {
        let start = Instant::now();
        while start.elapsed() < most && self.injected() == 0 {
            ensure!(self.strace.try_wait()?.is_none(), "strace did not stay attached");
            thread::sleep(Duration::from_millis(20));
        }
        // Long enough that more than one client meets it.
        thread::sleep(Duration::from_millis(200));
        let output = self.output.clone();
        drop(self);
        Ok(count(&output))
    }

    fn injected(&self) -> u64 {
        count(&self.output)
    }
}

fn count(output: &Path) -> u64 {
    let text = fs::read_to_string(output).unwrap_or_default();
    text.lines().filter(|line| line.ends_with("(INJECTED)")).map(|_| 1).sum()
}

impl Drop for Trace {
    fn drop(&mut self) {
        // SIGTERM: strace detaches from what it traces. Killed, it would do so too.
        let id = self.strace.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.strace.wait();
    }
}
