//! The processes of a simulated election, each with a folder of its own.

use super::TRUSTEES;
use crate::{
    commands::serve::voting::TOKEN_FILE,
    files,
    vote::{office::Office, wire::Wire},
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sinpyo_core::{Secret, json};
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a process may take to end by itself.
const FAREWELL: Duration = Duration::from_mins(1);
/// The organisation in whose name voters get their credentials.
const REGISTRAR: &str = "nec";

/// A process that ends with whoever started it.
#[derive(Debug)]
struct Running {
    name: String,
    child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processes of a simulated election.
#[derive(Debug)]
pub(super) struct Town {
    folder: PathBuf,
    board: String,
    trustees: Vec<Running>,
    /// Told to stop in this order.
    servers: Vec<Running>,
}

impl Town {
    /// Founds the registrar's organisation, and starts the board and a relay before it.
    pub(super) fn found(folder: &Path) -> Result<Self> {
        files::private_folder(folder)?;
        let folder = folder.canonicalize().context("the folder cannot be found")?;
        for part in ["home", "board", "relay", "trustees"] {
            files::private_folder(&folder.join(part))?;
        }
        found_registrar(&folder)?;
        let port = free_port()?;
        let board = format!("http://127.0.0.1:{port}");
        let relay = start(
            &folder.join("relay"),
            "relay",
            &["serve", "relay", "--listen", "127.0.0.1:0", "--to", &board],
        )?;
        let relay_at = format!("{}/e", relay.1);
        let (listen, home) = (format!("127.0.0.1:{port}"), path_text(&folder.join("home"))?);
        let server = start(
            &folder.join("board"),
            "board",
            &[
                "serve",
                "voting",
                "--listen",
                &listen,
                "--data",
                ".",
                "--development",
                "--relay",
                &relay_at,
                "--home",
                &home,
                "--as",
                REGISTRAR,
            ],
        )?;
        Ok(Self { folder, board, trustees: Vec::new(), servers: vec![server.0, relay.0] })
    }

    /// Where the board is.
    pub(super) fn board(&self) -> &str {
        &self.board
    }

    /// The host's office.
    pub(super) fn office(&self) -> Result<Office> {
        let token = files::read_private(&self.folder.join("board").join(TOKEN_FILE))?;
        let token = String::from_utf8(token).ok().context("the token is no text")?;
        Office::new(&self.board, Secret::new(token))
    }

    /// Starts a trustee's program in the trustee's folder, of which it is told nothing else.
    pub(super) fn start_trustee(&mut self, number: usize, invitation: &str) -> Result<()> {
        let folder = self.folder.join("trustees").join(number.to_string());
        files::private_folder(&folder)?;
        let name = format!("trustee {number}");
        let arguments = ["vote", "trustee", "--folder", ".", "--invitation", invitation, "--serve"];
        let child = command(&folder, "program")?.args(arguments).stdout(Stdio::null()).spawn();
        let child = child.with_context(|| format!("cannot start {name}"))?;
        self.trustees.push(Running { name, child });
        Ok(())
    }

    /// An error if a process ended that should not have.
    pub(super) fn look(&mut self) -> Result<()> {
        for running in self.trustees.iter_mut().chain(&mut self.servers) {
            if let Some(status) = running.child.try_wait().context("a process cannot be watched")?
                && !status.success()
            {
                bail!("{} ended with {status}; its folder says why", running.name);
            }
        }
        Ok(())
    }

    /// Waits for the trustees to end, and until what the board has acknowledged is published; then ends it.
    pub(super) fn finish(mut self, wire: &Wire, address: &str) -> Result<()> {
        let begun = Instant::now();
        if self.trustees.len() != TRUSTEES {
            bail!("there are {} trustees", self.trustees.len());
        }
        for running in &mut self.trustees {
            loop {
                match running.child.try_wait().context("a process cannot be watched")? {
                    Some(status) if status.success() => break,
                    Some(status) => bail!("{} ended with {status}; its folder says why", running.name),
                    None if begun.elapsed() > FAREWELL => bail!("{} does not end", running.name),
                    None => sleep(Duration::from_millis(100)),
                }
            }
        }
        loop {
            let summary = crate::vote::office::summary(wire, address)?;
            let number = |name: &str| summary.get(name).and_then(Value::as_u64);
            if number("size").is_some() && number("size") == number("checkpoint_size") {
                return Ok(());
            }
            if begun.elapsed() > FAREWELL {
                bail!("the board does not publish its log");
            }
            sleep(Duration::from_millis(200));
        }
    }
}

fn found_registrar(folder: &Path) -> Result<()> {
    let home = path_text(&folder.join("home"))?;
    let arguments = [
        "did",
        "create",
        REGISTRAR,
        "--ko",
        "선거관리위원회",
        "--en",
        "Election Commission",
        "--home",
        &home,
    ];
    let status = command(&folder.join("home"), "found")?.args(arguments).stdout(Stdio::null()).status();
    if !status.context("cannot start a process")?.success() {
        bail!("the registrar's organisation was not made; the folder home says why");
    }
    Ok(())
}

/// This program, in a folder, with nothing of our environment that names another.
fn command(folder: &Path, name: &str) -> Result<Command> {
    let own = std::env::current_exe().context("this program does not know its own file")?;
    let told = File::create(folder.join(format!("{name}.log"))).context("cannot write in the folder")?;
    let mut command = Command::new(own);
    command.current_dir(folder).stdin(Stdio::null()).stderr(told);
    for name in ["SINPYO_HOME", "SINPYO_REGISTRY", "SINPYO_DATABASE", "SINPYO_WALLET_PASSWORD"] {
        command.env_remove(name);
    }
    Ok(command)
}

/// Starts a server and waits until it says where it is.
fn start(folder: &Path, name: &str, arguments: &[&str]) -> Result<(Running, String)> {
    let mut command = command(folder, name)?;
    let child = command.args(arguments).stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start the {name}"))?;
    let stdout = child.stdout.take();
    let running = Running { name: name.to_owned(), child };
    let mut line = String::new();
    BufReader::new(stdout.context("a server has no output")?).read_line(&mut line)?;
    let ready = json::parse_object(line.trim().as_bytes()).ok();
    let url = ready.and_then(|ready| Some(ready.get("url")?.as_str()?.to_owned()));
    let url = url.with_context(|| format!("the {name} did not start; {} says why", folder.display()))?;
    Ok((running, url))
}

/// A port that is free at this moment: the relay has to know where the board will be.
fn free_port() -> Result<u16> {
    let socket = TcpListener::bind(("127.0.0.1", 0)).context("this machine has no free port")?;
    Ok(socket.local_addr().context("a socket has no address")?.port())
}

fn path_text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).context("the folder's name is no text")
}
