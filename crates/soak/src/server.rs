//! The served registry as a process.

use anyhow::{Context as _, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How the registry is started, each time the same.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) binary: PathBuf,
    /// Its keys, and with SQLite the log.
    pub(crate) data: PathBuf,
    /// With PostgreSQL, where the log is.
    pub(crate) database: Option<String>,
    /// Clock and the server's own words.
    pub(crate) clock: Clock,
    pub(crate) words: PathBuf,
}

/// A clock that can be put back while the server runs: libfaketime reads an offset from a file.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    faketime: PathBuf,
    offset: PathBuf,
}

impl Clock {
    /// The clock whose offset is in the file `offset`; it begins right.
    ///
    /// # Errors
    /// libfaketime is not installed, or the file cannot be written.
    pub(crate) fn new(offset: PathBuf) -> Result<Self> {
        let faketime = LIBRARIES.iter().map(PathBuf::from).find(|path| path.exists());
        let clock = Self { faketime: faketime.context("libfaketime is not installed")?, offset };
        clock.put("+0")?;
        Ok(clock)
    }

    /// Puts the clock to the true time plus `offset`, as `-3600`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn put(&self, offset: &str) -> Result<()> {
        // In one step: the library must not read half a number.
        let new = self.offset.with_extension("new");
        fs::write(&new, format!("{offset}\n"))?;
        Ok(fs::rename(&new, &self.offset)?)
    }
}

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

/// From start to ready, and from SIGTERM to the end.
const START: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(15);

/// A registry that is running. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Installation {
    /// Makes the log with its root accreditor, in a folder that does not exist yet.
    ///
    /// # Errors
    /// The program refused.
    pub(crate) fn create(&self) -> Result<()> {
        let output = Command::new(&self.binary)
            .args([
                "did",
                "create",
                "root",
                "--ko",
                "행정안전부",
                "--en",
                "Ministry of the Interior",
                "--home",
            ])
            .arg(&self.data)
            .output()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let words = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the log cannot be made: {words}");
        Ok(())
    }
}

impl Server {
    /// Starts the registry on a free port and waits until it says that it is ready.
    ///
    /// # Errors
    /// It ended, or did not get ready in time.
    pub(crate) fn start(installation: &Installation) -> Result<Self> {
        let words = File::options().create(true).append(true).open(&installation.words)?;
        let mut command = Command::new(&installation.binary);
        command
            .args(["serve", "registry", "--open-creation", "--listen", "127.0.0.1:0", "--data"])
            .arg(&installation.data);
        // All clients are one peer here.
        command.args(["--submit-rate", "100000", "--read-rate", "100000"]);
        if let Some(database) = &installation.database {
            command.args(["--highly-available", "--database", database]);
        }
        let mut process = command
            .env("LD_PRELOAD", &installation.clock.faketime)
            .env("FAKETIME_TIMESTAMP_FILE", &installation.clock.offset)
            .env("FAKETIME_CACHE_DURATION", "1")
            // Time-outs go on; only what the calendar says jumps.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DISABLE_SHM", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(words)
            .spawn()
            .with_context(|| format!("cannot start {}", installation.binary.display()))?;
        match ready(&mut process) {
            Ok(address) => Ok(Self { process, address }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// SIGTERM: it finishes what it is at, and ends well.
    ///
    /// # Errors
    /// It did not end in time, or not well.
    pub(crate) fn stop(mut self) -> Result<()> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().context("cannot run kill")?;
        let status = self.wait(STOP)?;
        ensure!(status.success(), "after SIGTERM the server ended with {status}");
        Ok(())
    }

    fn wait(&mut self, most: Duration) -> Result<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < most {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not end within {} s of SIGTERM", most.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for the line `{"ready":true,"url":…}`.
fn ready(process: &mut Child) -> Result<SocketAddr> {
    let output = process.stdout.take().context("no output")?;
    let (sender, receiver) = mpsc::channel();
    // Reads to the end, so that the server can go on writing.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _nobody = sender.send(line);
        }
    });
    let start = Instant::now();
    while let Ok(line) = receiver.recv_timeout(START.saturating_sub(start.elapsed())) {
        if let Some(address) = address(&line) {
            return Ok(address);
        }
    }
    bail!("the server did not get ready within {} s", START.as_secs())
}

fn address(line: &str) -> Option<SocketAddr> {
    let ready: serde_json::Value = serde_json::from_str(line).ok()?;
    ready.get("ready")?.as_bool().filter(|ready| *ready)?;
    let url = ready.get("url")?.as_str()?;
    url.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
}

/// Copies the installation's folder, which nobody may be writing.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    // Private folders stay private: the server refuses to use others.
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_ready_line_gives_an_address() {
        let good = r#"{"ready":true,"url":"http://127.0.0.1:4711"}"#;
        assert_eq!(address(good), Some(([127, 0, 0, 1], 4711).into()));
        for other in ["", "{}", r#"{"ready":false,"url":"http://127.0.0.1:1"}"#, r#"{"ready":true}"#] {
            assert_eq!(address(other), None, "{other}");
        }
    }
}
