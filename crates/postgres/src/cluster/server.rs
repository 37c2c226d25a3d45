use super::{PATIENCE, Programs, programs::checked};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// One server with its folder, running or not.
#[derive(Debug)]
pub(super) struct Server {
    programs: Programs,
    name: String,
    data: PathBuf,
    socket: PathBuf,
    process: Option<Child>,
}

/// Every commit on the disk; small enough for several on one machine; WAL kept for those who were away.
const SETTINGS: &str = "
listen_addresses = ''
fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = 64MB
max_connections = 120
max_wal_size = 512MB
wal_keep_size = 512MB
wal_level = replica
hot_standby = on
wal_retrieve_retry_interval = 100ms
autovacuum_naptime = 10s
";

impl Server {
    /// The name by which a standby is known to its primary.
    pub(super) fn name(number: usize) -> String {
        format!("n{number}")
    }

    fn at(programs: &Programs, folder: &Path, number: usize) -> io::Result<Self> {
        let name = Self::name(number);
        let socket = folder.join(format!("s{number}"));
        fs::create_dir(&socket)?;
        programs.own(&socket)?;
        let data = folder.join(&name);
        Ok(Self { programs: programs.clone(), name, data, socket, process: None })
    }

    /// A new primary.
    pub(super) fn create(
        programs: &Programs,
        folder: &Path,
        number: usize,
        quorum: &str,
    ) -> io::Result<Self> {
        let mut server = Self::at(programs, folder, number)?;
        let mut initdb = programs.command("initdb");
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        checked(initdb.arg(&server.data))?;
        let mut settings = File::options().append(true).open(server.data.join("postgresql.conf"))?;
        write!(settings, "{SETTINGS}\nsynchronous_standby_names = '{quorum}'\n")?;
        server.start()?;
        Ok(server)
    }

    /// A new standby of `primary`.
    pub(super) fn copy(
        programs: &Programs,
        folder: &Path,
        number: usize,
        primary: Option<&Self>,
    ) -> io::Result<Self> {
        let mut server = Self::at(programs, folder, number)?;
        let primary = primary.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        server.copy_from(&primary.replication_source())?;
        server.start()?;
        Ok(server)
    }

    /// Replaces what this server has by a copy from `source`, as its standby.
    pub(super) fn copy_from(&mut self, source: &str) -> io::Result<()> {
        if self.data.exists() {
            fs::remove_dir_all(&self.data)?;
        }
        let mut copy = self.programs.command("pg_basebackup");
        copy.args(["--checkpoint=fast", "--wal-method=stream", "--no-sync", "-d", source, "-D"]);
        checked(copy.arg(&self.data))?;
        let settings = format!("primary_conninfo = '{source} application_name={}'\n", self.name);
        // Also overrides what the copied server was told when it was a standby itself.
        fs::write(self.data.join("postgresql.auto.conf"), settings)?;
        fs::write(self.data.join("standby.signal"), "")
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// How a standby connects to this server.
    pub(super) fn replication_source(&self) -> String {
        format!("host={} user=postgres", self.socket.display())
    }

    pub(super) const fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Starts it and waits until it answers.
    pub(super) fn start(&mut self) -> io::Result<()> {
        let started = Instant::now();
        loop {
            // After a kill it does not start before the last process of its former life has noticed, and ended.
            let runs = match &mut self.process {
                Some(process) => process.try_wait()?.is_none(),
                None => false,
            };
            if !runs {
                self.process = Some(self.spawn()?);
            }
            match self.query("SELECT 1") {
                Ok(_) => return Ok(()),
                Err(error) if started.elapsed() > PATIENCE => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.socket.with_extension("log"))?;
        let mut command = self.programs.command("postgres");
        command.arg("-D").arg(&self.data).arg("-k").arg(&self.socket);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
    }

    pub(super) fn query(&self, sql: &str) -> io::Result<String> {
        let mut psql = self.programs.command("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--username=postgres"]);
        psql.env("PGCONNECT_TIMEOUT", "5").args(["-v", "ON_ERROR_STOP=1", "-h"]).arg(&self.socket);
        let output = checked(psql.args(["-d", "postgres", "-c", sql]))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The position up to which a standby has the write-ahead log.
    pub(super) fn received(&self) -> io::Result<u64> {
        const RECEIVED: &str = "SELECT pg_last_wal_receive_lsn() - '0/0', pg_last_wal_replay_lsn() - '0/0'";
        let mut replayed_before = None;
        loop {
            let answer = self.query(RECEIVED)?;
            let (received, replayed) = answer.trim().split_once('|').unwrap_or_default();
            let replayed = replayed.parse().ok();
            if let Ok(received) = received.parse() {
                return Ok(std::cmp::max(received, replayed.unwrap_or(0)));
            }
            // Restarted since it last heard of a primary: it has what it replays, once it has replayed it all.
            if let Some(replayed) = replayed.filter(|_| replayed == replayed_before) {
                return Ok(replayed);
            }
            replayed_before = replayed;
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Follows another primary.
    pub(super) fn follow(&self, source: &str) -> io::Result<()> {
        let name = &self.name;
        self.query(&format!("ALTER SYSTEM SET primary_conninfo = '{source} application_name={name}'"))?;
        self.query("SELECT pg_reload_conf()").map(drop)
    }

    /// Sends a signal to all processes of the server.
    pub(super) fn signal(&self, signal: &str) -> io::Result<()> {
        let process = self.process.as_ref().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let main = process.id().to_string();
        // Who is stopped starts no others; and the children of who was killed are not found any more.
        send("STOP", &main)?;
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children"))?;
        send(signal, &main)?;
        for child in children.split_whitespace() {
            // It may have ended by itself.
            let _ = send(signal, child);
        }
        Ok(())
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.signal("KILL")?;
        if let Some(mut process) = self.process.take() {
            process.wait()?;
        }
        Ok(())
    }
}

fn send(signal: &str, process: &str) -> io::Result<()> {
    checked(Command::new("kill").arg("-s").arg(signal).arg(process)).map(drop)
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_running() {
            // The folder goes with it, so that nothing depends on how it ends.
            let _ = self.kill();
        }
    }
}
