//! `sinpyo serve registry`

use super::{Done, Socket, tell_ready};
use crate::{
    admitted::Admitted,
    files,
    home::{self, Home},
    log_keys::LogSigners,
    os::{SharedClock, SystemClock},
    persons,
    published::Published,
    rules,
    serve::{
        edge::{self, Site},
        registry::{Registry as Service, ServedLog, metrics::MetricsPage},
    },
};
use anyhow::{Context, Result, bail};
use clap::Args;
use sinpyo_core::time::Clock as _;
use sinpyo_postgres::{Mode, PgLog, PgOptions};
use sinpyo_registry::{Fold, engine::LogEngine as _};
use sinpyo_registry_api::{Admission, LimitSettings, Rate, RuleText, Settings};
use sinpyo_store::{SqliteLog, backup::Progress, verify::verify_log};
use sinpyo_tlog::{merkle::TreeHead, note::LogKey, policy::Policy};
use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use url::Url;

const MAX_POLICY: u64 = 256 << 10;

/// How far the clock may be ahead of the last entry: one that is wrong holds ledger time in the future for good.
const MAX_STEP: Duration = Duration::from_hours(24 * 31);

/// Where a log is kept.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Keep the log in PostgreSQL, of which --data then has the keys only; with several hosts the primary among them.
    /// In the variable a password is not seen by whoever lists processes.
    #[arg(long, value_name = "URL", env = "SINPYO_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Refuse a database whose standbys do not confirm every commit.
    #[arg(long, requires = "database")]
    highly_available: bool,
}

impl Place {
    /// The log whose keys are in `data`, and the lock of that folder if the log is in it too.
    pub(crate) fn open(&self, data: &Path, policy_file: Option<&Path>) -> Result<(Option<File>, ServedLog)> {
        match &self.database {
            Some(url) => self.in_database(data, url, policy_file),
            None => in_folder(data, policy_file),
        }
    }

    fn database(&self, url: &str, signers: &LogSigners, published: &Published) -> Result<PgLog> {
        let mode = if self.highly_available { Mode::HighlyAvailable } else { Mode::Single };
        let options = match published.head() {
            Some(head) => PgOptions::new(mode).continues(head), // [CLI-17]
            None => PgOptions::new(mode),
        };
        let fold = Fold::new(signers.key.name().clone());
        PgLog::open(url, &options.submissions(submission_in), fold, SystemClock)
            .context("cannot open the log")
    }

    /// Notes in `data`, which has no note of it, what the log published: the operator states that there was no more.
    pub(crate) fn adopt(&self, data: &Path) -> Result<TreeHead> {
        files::private_folder(data)?;
        let _lock = files::lock(&data.join(".lock"))?;
        let Some(signers) = LogSigners::kept(data)? else { bail!("{}", nothing_in(data)) };
        let published = Published::in_folder(data)?;
        if let Some(url) = &self.database {
            return published.adopt(&signers, &self.database(url, &signers, &published)?);
        }
        let fold = Fold::new(signers.key.name().clone());
        let log = SqliteLog::open(&data.join("ledger.db"), fold, SystemClock);
        published.adopt(&signers, &log.context("cannot open the ledger")?)
    }

    /// Recomputes everything in the log whose keys are in `data`, and compares it with what was published.
    pub(crate) fn verify(&self, data: &Path, progress: &mut dyn FnMut(Progress)) -> Result<TreeHead> {
        let Some(signers) = LogSigners::kept(data)? else { bail!("{}", nothing_in(data)) };
        let published = Published::in_folder(data)?;
        if let Some(url) = &self.database {
            let log = self.database(url, &signers, &published)?;
            published.check(&log)?;
            return log.verify().context("the log is damaged");
        }
        let (path, fold) = (data.join("ledger.db"), Fold::new(signers.key.name().clone()));
        let head = verify_log(&path, &fold, progress).context("the log is damaged")?;
        // Read before the log: it may grow meanwhile.
        if published.head().is_some_and(|published| published.size > head.size) {
            bail!("the log has {} entries, and published more: it was put back to an older copy", head.size);
        }
        Ok(head)
    }

    /// The log in a database; several servers may work on it, each with a folder of the same keys.
    fn in_database(
        &self,
        data: &Path,
        url: &str,
        policy_file: Option<&Path>,
    ) -> Result<(Option<File>, ServedLog)> {
        files::private_folder(data)?;
        let Some(signers) = LogSigners::kept(data)? else { bail!("{}", nothing_in(data)) };
        let Some(root) = home::root_in(data)? else { bail!("{}", nothing_in(data)) };
        let published = Published::in_folder(data)?;
        let engine = self.database(url, &signers, &published)?;
        published.check(&engine)?;
        persons::tidy_with(data, &*engine.state()?)?;
        let policy = policy(&signers.key, policy_file)?;
        let root = (root, home::root_operation_in(data)?);
        Ok((None, ServedLog { engine: Box::new(engine), signers, published, root, policy }))
    }
}

/// Options of the registry server.
#[derive(Debug, Args)]
pub(crate) struct Registry {
    #[command(flatten)]
    socket: Socket,
    /// Folder of the installation, as of --home: the log's key and, without --database, the log.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    place: Place,
    /// The log has rested for more than a month, and the clock is right.
    #[arg(long)]
    accept_clock: bool,
    /// Let anybody create DIDs, within the limits for submissions: what is on the log stays there for ever. Otherwise only
    /// those that `sinpyo ledger admit` names.
    #[arg(long)]
    open_creation: bool,
    /// The URL under which others reach the server, if a proxy stands before it.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Serve figures for Prometheus at this loopback address.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Submissions of one peer in one second, in the long run.
    #[arg(long, value_name = "N")]
    submit_rate: Option<u32>,
    /// Other requests of one peer in one second, in the long run.
    #[arg(long, value_name = "N")]
    read_rate: Option<u32>,
}

impl Registry {
    fn limits(&self) -> LimitSettings {
        // A burst of ten seconds.
        let rate = |asked: Option<u32>, usual: Rate| match asked {
            Some(per_second) => Rate { burst: per_second.saturating_mul(10), per_second },
            None => usual,
        };
        let usual = LimitSettings::default();
        let (submit, read) = (rate(self.submit_rate, usual.submit), rate(self.read_rate, usual.read));
        LimitSettings { submit, read, ..usual }
    }
}

/// Serves until it is told to stop. Checkpoints are shown to the witnesses to which `policy_file` gives a URL.
pub(super) fn run(options: Registry, policy_file: Option<&Path>) -> Result<Done> {
    let tls = options.socket.tls()?;
    if options.metrics.is_some_and(|address| !address.ip().is_loopback()) {
        bail!("--metrics listens on a loopback address only"); // [CLI-12]
    }
    options.socket.start_telling();
    let (lock, log) = options.place.open(&options.data, policy_file)?;
    let (witnesses, text) = (names(&log.policy), log.policy.to_string());
    let heads = log.signers.heads.as_ref().map(|(key, _)| key.to_string());
    let registry = Service::open(log, options.limits())?;
    if !options.accept_clock {
        let step = registry.ledger().check_clock(SystemClock.now(), MAX_STEP);
        step.context("if the log rested that long and the clock is right: --accept-clock")?;
    }
    let mut sites = vec![Site { service: registry.clone(), address: options.socket.listen, tls }];
    if let Some(address) = options.metrics {
        let page = MetricsPage { metrics: Arc::clone(&registry.metrics), clock: SystemClock };
        sites.push(Site { service: Arc::new(page), address, tls: None });
    }
    let working = registry.start()?;
    let admitted = Admitted::in_folder(&options.data);
    let admission = if options.open_creation {
        Admission::Open
    } else {
        Admission::listed(move |did| admitted.holds(did))
    };
    let public = options.public_url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let served = edge::run(sites, |urls| {
        let Some(url) = urls.first() else { return Ok(()) };
        let base = public.unwrap_or_else(|| url.clone());
        let settings = Settings { base, policy: text, heads, witnesses, admission, catalogue };
        // Set once: this is called once.
        let _ = registry.settings.set(settings);
        tell_ready(url);
        Ok(())
    });
    working.finish();
    drop(lock);
    served?;
    Ok(Done::Accepted)
}

/// The log in the folder.
fn in_folder(data: &Path, policy_file: Option<&Path>) -> Result<(Option<File>, ServedLog)> {
    let home = Home::open(data, SharedClock::new(SystemClock))?;
    let Some(root) = home.root()? else { bail!("{}", nothing_in(data)) };
    let policy = policy(home.log_key()?, policy_file)?;
    let (lock, log) = home.into_served(root, policy)?;
    Ok((Some(lock), log))
}

/// What was submitted, as an entry has it.
fn submission_in(entry: &[u8]) -> Option<Vec<u8>> {
    let rest = std::str::from_utf8(entry).ok()?.strip_prefix("{\"op\":")?;
    let (operation, _time) = rest.rsplit_once(",\"time\":")?;
    Some(operation.as_bytes().to_vec())
}

fn nothing_in(data: &Path) -> String {
    format!(
        "{0} has no log yet; begin with: sinpyo ledger init … --home {0}, or: sinpyo did create … --home {0}",
        data.display()
    )
}

/// The policy in the file, which has to know this log; without a file, this log alone.
fn policy(own: &LogKey, file: Option<&Path>) -> Result<Policy> {
    let Some(file) = file else { return Ok(Policy::of_log(own.clone())) };
    let policy = Policy::parse(&files::read(file, MAX_POLICY)?)
        .with_context(|| format!("{} is no policy", file.display()))?;
    if !policy.log_keys().any(|key| key == own) {
        bail!("{} does not name this log's key: {own}", file.display());
    }
    Ok(policy)
}

fn names(policy: &Policy) -> Vec<String> {
    policy.witnesses().map(|witness| String::from_utf8_lossy(witness.name()).into_owned()).collect()
}

fn catalogue(code: &str) -> Option<RuleText> {
    let text = rules::full(code)?;
    Some(RuleText { en: text.en, ko: text.ko, mend: text.mend })
}
