//! A served issuer or verifier as a process that can be measured and killed.

use anyhow::{Context as _, Result, bail, ensure};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// From start to ready, and from SIGTERM to the end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is running. Dropped, it is killed.
#[derive(Debug)]
pub struct Node(Child);

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Most memory at one time, in bytes.
    pub memory: u64,
    /// Processor time.
    pub processor: Duration,
}

/// An address of this machine where nothing listens.
///
/// # Errors
/// There is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Node {
    /// Starts `command`, and waits until it prints `{"ready":true,…}`.
    ///
    /// # Errors
    /// It ended, or was not ready in time.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut node = Self(child.with_context(|| format!("cannot start {command:?}"))?);
        let output = node.0.stdout.take().context("no output")?;
        let (says, heard) = mpsc::channel();
        // Goes on reading, so that the server can go on writing.
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).for_each(|line| drop(says.send(line)));
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = heard.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let line = line.context("the server ended, or was not ready in time")?;
            if is_ready(&line) {
                return Ok(node);
            }
        }
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// The process cannot be killed or waited for.
    pub fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    /// SIGTERM: it finishes what it is at, and ends well.
    ///
    /// # Errors
    /// It did not end in time, or not well.
    pub fn stop(mut self) -> Result<()> {
        let id = self.0.id().to_string();
        Command::new("kill").arg("-TERM").arg(id).status().context("cannot run kill")?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                ensure!(status.success(), "after SIGTERM the server ended with {status}");
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not end after SIGTERM")
    }

    /// Lets it run on this processor alone.
    ///
    /// # Errors
    /// There is no such processor, or no `taskset`.
    pub fn pin(&self, processor: usize) -> Result<()> {
        pin(self.0.id(), processor)
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// It has ended, or this system does not tell.
    pub fn usage(&self) -> Result<Usage> {
        let folder = format!("/proc/{}", self.0.id());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        let kibibytes: u64 = peak.context("no VmHWM")?.trim().parse()?;
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        // After the name in parentheses, utime and stime are the fields 12 and 13, in ticks of 10 ms.
        let (_, fields) = stat.rsplit_once(')').context("no fields")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<_, _>>()?;
        Ok(Usage { memory: kibibytes << 10, processor: Duration::from_millis(ticks.saturating_mul(10)) })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.kill();
    }
}

/// Lets a process with all its threads run on one processor alone.
///
/// # Errors
/// There is no such process or processor, or no `taskset`.
pub fn pin(process: u32, processor: usize) -> Result<()> {
    let mut taskset = Command::new("taskset");
    taskset.args(["-a", "-p", "-c"]).arg(processor.to_string()).arg(process.to_string());
    let status = taskset.stdout(Stdio::null()).status().context("cannot run taskset")?;
    ensure!(status.success(), "processor {processor} cannot be had");
    Ok(())
}

fn is_ready(line: &str) -> bool {
    let line: Option<serde_json::Value> = serde_json::from_str(line).ok();
    line.is_some_and(|line| line.get("ready").and_then(serde_json::Value::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_node_is_one_that_says_so() {
        let mut node = Node::start(&mut shell("echo hm; echo '{\"ready\":true}'; exec sleep 60")).unwrap();
        let usage = node.usage().unwrap();
        assert!((1 << 10..1 << 30).contains(&usage.memory), "{usage:?}");
        node.kill().unwrap();
        assert!(node.usage().is_err());
        for script in ["echo '{\"ready\":false}'", "echo '{}'", "exit 1"] {
            assert!(Node::start(&mut shell(script)).is_err(), "{script}");
        }
    }

    #[test]
    fn a_node_that_does_not_end_well_is_noticed() {
        let script = |status| {
            format!("trap 'exit {status}' TERM; echo '{{\"ready\":true}}'; while :; do sleep 0.02; done")
        };
        Node::start(&mut shell(&script(0))).unwrap().stop().unwrap();
        Node::start(&mut shell(&script(3))).unwrap().stop().unwrap_err();
    }
}
