//! PostgreSQL servers as child processes, to be killed: for tests, benchmarks and the soak.
//!
//! One primary with any number of standbys, `synchronous_standby_names = 'ANY 1 (…)'`, on Unix sockets in a temporary
//! folder. A cluster that is dropped is killed and removed. Needs PostgreSQL's programs; as root also `setpriv`,
//! because PostgreSQL does not run as root.

#![expect(clippy::disallowed_methods, reason = "an edge: it waits for processes")]

mod programs;
mod server;

pub use programs::Programs;

use server::Server;
use std::{
    io, thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Servers 0, 1, …; server 0 is the first primary.
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<Server>,
    primary: usize,
    _folder: TempDir,
}

/// How long a server may take to start, to connect or to be promoted.
const PATIENCE: Duration = Duration::from_mins(1);

impl Cluster {
    /// Starts a primary with `standbys` standbys, of which one must confirm each commit; without standbys, none.
    ///
    /// # Errors
    /// A program failed, or a server was not ready within a minute.
    pub fn start(programs: &Programs, standbys: usize) -> io::Result<Self> {
        let folder = TempDir::with_prefix("sinpyo-pg")?;
        programs.own(folder.path())?;
        let names: Vec<String> = (0..=standbys).map(Server::name).collect();
        let quorum = if standbys == 0 { String::new() } else { format!("ANY 1 ({})", names.join(", ")) };
        let mut servers = vec![Server::create(programs, folder.path(), 0, &quorum)?];
        for number in 1..=standbys {
            let standby = Server::copy(programs, folder.path(), number, servers.first())?;
            servers.push(standby);
        }
        let cluster = Self { servers, primary: 0, _folder: folder };
        cluster.wait_for_standbys(standbys)?;
        Ok(cluster)
    }

    /// A connection string that names every server.
    pub fn url(&self) -> String {
        let hosts: Vec<String> =
            self.servers.iter().map(|server| server.socket().display().to_string()).collect();
        format!("host={} user=postgres dbname=postgres", hosts.join(","))
    }

    /// A connection string that names one server.
    ///
    /// # Errors
    /// There is no such server.
    pub fn url_of(&self, number: usize) -> io::Result<String> {
        let socket = self.server(number)?.socket().display();
        Ok(format!("host={socket} user=postgres dbname=postgres"))
    }

    /// Number of the server that is the primary.
    pub const fn primary(&self) -> usize {
        self.primary
    }

    /// Runs `sql` on a server; the answer as text, one line a row, columns separated by `|`.
    ///
    /// # Errors
    /// The server is down, or refused it.
    pub fn query(&self, number: usize, sql: &str) -> io::Result<String> {
        self.server(number)?.query(sql)
    }

    /// Kills a server with all its processes (SIGKILL).
    ///
    /// # Errors
    /// There is no such server, or it could not be killed.
    pub fn kill(&mut self, number: usize) -> io::Result<()> {
        self.server_mut(number)?.kill()
    }

    /// Starts a server that was killed as it was, a former primary as a primary, and waits until it answers.
    ///
    /// # Errors
    /// It did not start.
    pub fn start_again(&mut self, number: usize) -> io::Result<()> {
        self.server_mut(number)?.start()
    }

    /// Stops the processes of a server where they are (SIGSTOP), as a cut network would.
    ///
    /// # Errors
    /// There is no such server, or it is down.
    pub fn pause(&self, number: usize) -> io::Result<()> {
        self.server(number)?.signal("STOP")
    }

    /// Lets a paused server go on (SIGCONT).
    ///
    /// # Errors
    /// There is no such server, or it is down.
    pub fn resume(&self, number: usize) -> io::Result<()> {
        self.server(number)?.signal("CONT")
    }

    /// Promotes the standby that has received most, which has everything that was acknowledged, points the others
    /// at it, and returns its number.
    ///
    /// # Errors
    /// No standby answers, or it was not promoted within a minute.
    pub fn fail_over(&mut self) -> io::Result<usize> {
        let standbys = self.servers.iter().zip(0..).filter(|(_, number)| *number != self.primary);
        let received = standbys.filter_map(|(server, number)| Some((server.received().ok()?, number)));
        let best = received.max();
        let (_, chosen) = best.ok_or_else(|| io::Error::other("no standby answers"))?;
        self.promote(chosen)?;
        Ok(chosen)
    }

    /// Promotes one standby and points the others at it.
    ///
    /// # Errors
    /// It was not promoted within a minute.
    pub fn promote(&mut self, chosen: usize) -> io::Result<()> {
        self.query(chosen, "SELECT pg_promote(true, 60)")?;
        let old = std::mem::replace(&mut self.primary, chosen);
        let source = self.server(chosen)?.replication_source();
        for number in (0..self.servers.len()).filter(|number| ![old, chosen].contains(number)) {
            let server = self.server(number)?;
            if server.is_running() {
                server.follow(&source)?;
            }
        }
        Ok(())
    }

    /// Makes a killed server a standby of the primary, from a new copy of it.
    ///
    /// # Errors
    /// The copy failed or did not start.
    pub fn rejoin(&mut self, number: usize) -> io::Result<()> {
        let source = self.server(self.primary)?.replication_source();
        self.server_mut(number)?.copy_from(&source)?;
        self.start_again(number)
    }

    /// Waits until `count` standbys stream from the primary.
    ///
    /// # Errors
    /// They did not within a minute.
    pub fn wait_for_standbys(&self, count: usize) -> io::Result<()> {
        let started = Instant::now();
        let sql = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        while self.query(self.primary, sql)?.trim() != count.to_string() {
            if started.elapsed() > PATIENCE {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn server(&self, number: usize) -> io::Result<&Server> {
        self.servers.get(number).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn server_mut(&mut self, number: usize) -> io::Result<&mut Server> {
        self.servers.get_mut(number).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
