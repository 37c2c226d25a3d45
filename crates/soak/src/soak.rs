//! The run: clients submit, faults happen, and at the end the journals are heard.

use crate::{
    arguments::{Arguments, Engine},
    client::{Client, Identity, Load, draw},
    fault::{Fault, Plan},
    journal,
    proxy::Proxy,
    report::{Count, Report},
    server::{Clock, Installation, Server, copy_folder},
    verdict,
};
use anyhow::{Context as _, Result, anyhow, ensure};
use sinpyo_postgres::cluster::{Cluster, Programs};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::note::LogKey;
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Each kind of fault comes at least so often in a run of [`LONG`] or more.
const AT_LEAST: u64 = 10;
const LONG: Duration = Duration::from_mins(10);
/// How long the service has after a fault to acknowledge again.
const RECOVERY: Duration = Duration::from_secs(20);

/// What faults and sabotage have in their hands.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) installation: Installation,
    server: Option<Server>,
    pub(crate) proxy: Proxy,
    pub(crate) load: &'a Load,
    pub(crate) key: &'a LogKey,
    pub(crate) entropy: TestEntropy,
    pub(crate) folder: &'a Path,
    /// With PostgreSQL.
    pub(crate) cluster: Option<Cluster>,
}

impl Stage<'_> {
    /// Starts the server and leads the network to it.
    ///
    /// # Errors
    /// It does not get ready.
    pub(crate) fn start(&mut self) -> Result<()> {
        let server = Server::start(&self.installation)?;
        self.proxy.lead_to(server.address());
        self.server = Some(server);
        Ok(())
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Server::kill)
    }

    /// SIGTERM. A server that does not end well is complained about.
    ///
    /// # Errors
    /// No server runs.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if let Err(error) = self.server.take().context("no server runs")?.stop() {
            self.load.complain(format!("{error:#}"));
        }
        Ok(())
    }

    /// The server's process.
    ///
    /// # Errors
    /// No server runs.
    pub(crate) fn server_id(&self) -> Result<u32> {
        Ok(self.server.as_ref().context("no server runs")?.id())
    }

    /// Whether the server ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.server.as_mut().is_none_or(Server::has_ended)
    }

    /// Waits until a new operation is acknowledged.
    ///
    /// # Errors
    /// None was for long.
    pub(crate) fn admits(&self) -> Result<()> {
        let (before, start) = (self.load.admitted(), Instant::now());
        while self.load.admitted() == before {
            ensure!(start.elapsed() < RECOVERY, "nothing was acknowledged for {} s", RECOVERY.as_secs());
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The copy of the data folder from half-time.
    pub(crate) fn copy(&self) -> PathBuf {
        self.folder.join("copy")
    }

    fn address(&self) -> Result<SocketAddr> {
        Ok(self.server.as_ref().context("no server runs")?.address())
    }
}

/// Runs the soak.
///
/// # Errors
/// The harness could not do its work: there is no verdict.
pub(crate) fn run(arguments: &Arguments) -> Result<Report> {
    fs::create_dir_all(&arguments.folder)?;
    let folder = TempDir::with_prefix_in("soak-", arguments.folder.canonicalize()?)?;
    eprintln!("soak: seed {}, files in {}", arguments.seed, folder.path().display());
    let cluster = match arguments.engine {
        Engine::Sqlite => None,
        Engine::Postgres => {
            let programs = Programs::find().context("PostgreSQL is not installed")?;
            Some(Cluster::start(&programs, 2)?)
        }
    };
    let installation = Installation {
        binary: arguments.binary.canonicalize()?,
        data: folder.path().join("data"),
        database: cluster.as_ref().map(Cluster::url),
        clock: Clock::new(folder.path().join("clock"))?,
        words: folder.path().join("server.log"),
    };
    installation.create()?;
    let server = Server::start(&installation)?;
    let key = fs::read_to_string(installation.data.join("log.vkey")).context("the log's key")?;
    let key: LogKey = key.trim().parse().context("the log's key")?;
    let load = Load::default();
    let proxy = Proxy::start(server.address())?;
    let entropy = TestEntropy::new(arguments.seed << 8 | 0xff);
    let mut stage = Stage {
        installation,
        server: Some(server),
        proxy,
        load: &load,
        key: &key,
        entropy,
        folder: folder.path(),
        cluster,
    };
    let start = Instant::now();
    let faults = under_load(arguments, &mut stage)?;
    if stage.server.is_none() {
        stage.start()?;
    }
    let journals: Vec<PathBuf> =
        (0..arguments.clients).map(|number| journal::path(folder.path(), number)).collect();
    let verdict = verdict::judge(&journals, stage.address()?, &key)?;
    let report = Report {
        engine: arguments.engine.name(),
        sabotage: arguments.sabotage.map(crate::sabotage::Sabotage::name),
        seed: arguments.seed,
        seconds: start.elapsed().as_secs(),
        clients: arguments.clients,
        faults,
        verdict,
        complaints: load.complaints(),
    };
    if !report.passed() {
        eprintln!("soak: journals and server's words stay in {}", folder.keep().display());
    }
    Ok(report)
}

/// Runs the clients, and meanwhile the faults.
fn under_load(arguments: &Arguments, stage: &mut Stage<'_>) -> Result<BTreeMap<&'static str, Count>> {
    let (load, address, key, folder) = (stage.load, stage.proxy.address(), stage.key, stage.folder);
    let (mut ends, mut inboxes): (Vec<_>, Vec<_>) = (0..arguments.clients).map(|_| sync_channel(8)).unzip();
    // Each client writes to the next one's inbox.
    ends.rotate_left(1);
    let clients: Vec<Client<'_>> = inboxes
        .drain(..)
        .zip(ends)
        .zip(0..)
        .map(|((inbox, next), number)| {
            let identity = Identity { number, seed: arguments.seed, folder };
            Client::new(identity, load, (address, key), (inbox, next))
        })
        .collect::<Result<_>>()?;
    thread::scope(|scope| {
        let threads: Vec<_> = clients.into_iter().map(|client| scope.spawn(|| client.run())).collect();
        let faults = happen(arguments, stage);
        load.stop();
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a client panicked"))??;
        }
        let mut faults = faults?;
        let repeated = load.repeated();
        faults.insert("sent twice", Count { times: repeated, felt: repeated });
        Ok(faults)
    })
}

/// Fault after fault until the time is over; sabotage in the middle and at the end.
fn happen(arguments: &Arguments, stage: &mut Stage<'_>) -> Result<BTreeMap<&'static str, Count>> {
    let kinds = Fault::of(arguments.engine);
    let mut counts: BTreeMap<&'static str, Count> =
        kinds.iter().map(|fault| (fault.name(), Count::default())).collect();
    let mut plan = Plan::new(arguments.engine);
    let mut copied = !arguments.sabotage.is_some_and(crate::sabotage::Sabotage::needs_copy);
    let start = Instant::now();
    stage.admits()?;
    loop {
        let enough = counts.values().all(|count| count.times >= AT_LEAST) || arguments.length < LONG;
        if start.elapsed() >= arguments.length && (enough || start.elapsed() >= arguments.length * 2) {
            break;
        }
        if !copied && start.elapsed() * 2 >= arguments.length {
            stage.stop()?;
            copy_folder(&stage.installation.data, &stage.copy())?;
            stage.start()?;
            copied = true;
        }
        let Some(fault) = plan.next(&mut stage.entropy) else { break };
        let made = fault.make(stage).with_context(|| fault.name())?;
        eprintln!("soak: {:>4} s  {}: {}", start.elapsed().as_secs(), fault.name(), made.felt);
        let count = counts.entry(fault.name()).or_default();
        *count = Count { times: count.times + made.times, felt: count.felt + made.felt };
        let calm = Duration::from_millis(100 + draw(&mut stage.entropy, 400));
        thread::sleep(calm);
    }
    for (kind, count) in &counts {
        if arguments.length >= LONG && count.times < AT_LEAST {
            stage.load.complain(format!("{kind} happened only {} times", count.times));
        }
    }
    match arguments.sabotage {
        Some(sabotage) => sabotage.commit(stage)?,
        None => stage.admits()?,
    }
    Ok(counts)
}
