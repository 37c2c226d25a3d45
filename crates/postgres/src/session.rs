//! One connection, with a deadline on everything.

use crate::error::{OpenError, PgError};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::{self, Runtime},
    task::{self, JoinSet},
    time::timeout,
};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, Row, Socket, Statement,
    config::Host,
    error::{DbError, Severity},
    tls::NoTlsStream,
    types::ToSql,
};

/// Where the servers are; one entry each.
#[derive(Clone, Debug)]
pub(crate) struct Servers(Vec<Config>);

/// Silence on a connection before it is asked whether it lives, and between the questions.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(1), 3);

impl Servers {
    /// Takes a libpq URL or a list of `key=value`.
    pub(crate) fn parse(url: &str, patience: Duration) -> Result<Self, OpenError> {
        let all: Config = url.parse().map_err(|error| OpenError::Url(Some(error)))?;
        let ports = all.get_ports();
        let addresses = all.get_hostaddrs();
        let mut servers = Vec::new();
        for (place, host) in all.get_hosts().iter().enumerate() {
            let mut one = credentials(&all, patience);
            match host {
                Host::Tcp(name) => one.host(name),
                #[cfg(unix)]
                Host::Unix(path) => one.host_path(path),
            };
            if let Some(address) = addresses.get(place) {
                one.hostaddr(*address);
            }
            if let Some(port) = ports.get(place).or_else(|| ports.first()) {
                one.port(*port);
            }
            servers.push(one);
        }
        if servers.is_empty() { Err(OpenError::Url(None)) } else { Ok(Self(servers)) }
    }
}

/// What the URL says about every server alike.
fn credentials(all: &Config, patience: Duration) -> Config {
    let mut one = Config::new();
    one.ssl_mode(all.get_ssl_mode()).channel_binding(all.get_channel_binding());
    one.application_name(all.get_application_name().unwrap_or("sinpyo"));
    one.connect_timeout(all.get_connect_timeout().copied().unwrap_or(patience / 2));
    one.tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(patience));
    one.keepalives_idle(KEEPALIVE.0).keepalives_interval(KEEPALIVE.1).keepalives_retries(KEEPALIVE.2);
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(name) = all.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    one
}

/// A connection to a primary. It lives on a runtime of its own, which runs while somebody waits for an answer.
pub(crate) struct Session {
    client: Client,
    /// The server warned since this was last cleared.
    warned: Arc<AtomicBool>,
    statements: RefCell<HashMap<&'static str, Statement>>,
    patience: Duration,
    fate: Cell<Fate>,
    timeline: u32,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("closed", &self.client.is_closed()).finish_non_exhaustive()
    }
}

/// What has become of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    /// A deadline passed: an answer that nobody waits for is still to come.
    Late,
    /// The server ended it.
    Closed,
}

/// Whether the server ended the session with this error, or before it.
fn ends_session(error: &tokio_postgres::Error) -> bool {
    let fatal = |error: &DbError| error.parsed_severity().is_some_and(|severity| severity != Severity::Error);
    error.is_closed() || error.as_db_error().is_none_or(fatal)
}

/// A parameter of a statement.
pub(crate) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// A candidate: its timeline, the connection, and whether it was warned on it.
type Found = (u32, Client, Arc<AtomicBool>);

impl Session {
    /// Connects to the primary with the highest timeline: after a failover the old one may still be up, and be
    /// named first.
    pub(crate) fn connect(servers: &Servers, patience: Duration) -> Result<Self, PgError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| PgError::late())?;
        let found = runtime.block_on(async { timeout(patience, find_primary(servers)).await });
        let (timeline, client, warned) = found.map_err(|_| PgError::late())??;
        let statements = RefCell::default();
        Ok(Self {
            client,
            warned,
            statements,
            patience,
            fate: Cell::new(Fate::Open),
            timeline,
            runtime: Some(runtime),
        })
    }

    /// The server's timeline: it grows with each standby that is promoted.
    pub(crate) const fn timeline(&self) -> u32 {
        self.timeline
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the server has ended it, so that nothing is under way.
    pub(crate) fn is_closed(&self) -> bool {
        self.fate.get() == Fate::Closed || self.fate.get() == Fate::Open && self.client.is_closed()
    }

    /// Whether it may be used further.
    pub(crate) fn is_open(&self) -> bool {
        self.fate.get() == Fate::Open && !self.client.is_closed()
    }

    /// Whether the server warned since the last call.
    pub(crate) fn take_warned(&self) -> bool {
        self.warned.swap(false, Ordering::SeqCst)
    }

    /// Takes in what has arrived, such as the end of the connection while nobody waited for anything.
    pub(crate) fn look(&self) {
        if let Some(runtime) = &self.runtime {
            // Once for the system to be asked, and once more for the connection to take its turn.
            runtime.block_on(async {
                task::yield_now().await;
                task::yield_now().await;
            });
        }
    }

    /// Runs `work` to its end or to the deadline; then the session is of no more use.
    pub(crate) fn run<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, PgError> {
        self.run_within(self.patience, work)
    }

    /// As [`Session::run`], with a deadline of its own.
    pub(crate) fn run_within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, PgError> {
        let Some(runtime) = &self.runtime else { return Err(PgError::late()) };
        let outcome = runtime.block_on(async { timeout(limit, work).await });
        let outcome = outcome.map_err(|_| {
            self.fate.set(Fate::Late);
            PgError::late()
        });
        outcome?.map_err(|error| {
            if ends_session(&error) {
                self.fate.set(Fate::Closed);
            }
            PgError::of(error)
        })
    }

    /// `sql`, prepared once in a session.
    pub(crate) fn statement(&self, sql: &'static str) -> Result<Statement, PgError> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.run(self.client.prepare(sql))?;
        self.statements.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }

    pub(crate) fn rows(&self, sql: &'static str, values: &[Parameter<'_>]) -> Result<Vec<Row>, PgError> {
        let statement = self.statement(sql)?;
        self.run(self.client.query(&statement, values))
    }

    pub(crate) fn row(&self, sql: &'static str, values: &[Parameter<'_>]) -> Result<Option<Row>, PgError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    pub(crate) fn execute(&self, sql: &'static str, values: &[Parameter<'_>]) -> Result<u64, PgError> {
        let statement = self.statement(sql)?;
        self.run(self.client.execute(&statement, values))
    }

    /// Several statements in text, without results.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), PgError> {
        self.run(self.client.batch_execute(sql))
    }

    /// Asks the server to end what this session waits for. Only for what may take effect and be forgotten.
    pub(crate) fn cancel(&self) {
        let token = self.client.cancel_token();
        // If it cannot be asked, the server ends it when it notices that nobody listens.
        let _ = self.run_within(self.patience / 4, async move { token.cancel_query(NoTls).await });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping a runtime waits, which is not allowed where the caller runs on another.
            runtime.shutdown_background();
        }
    }
}

/// How long a primary that was found waits for the answers of the other servers, which may be dead.
const GRACE: Duration = Duration::from_millis(300);

async fn find_primary(servers: &Servers) -> Result<Found, PgError> {
    let mut attempts = JoinSet::new();
    for server in &servers.0 {
        let server = server.clone();
        attempts.spawn(async move { ask(&server).await });
    }
    let (mut best, mut failure): (Option<Found>, _) = (None, PgError::late());
    loop {
        let next = match best {
            Some(_) => timeout(GRACE, attempts.join_next()).await.unwrap_or(None),
            None => attempts.join_next().await,
        };
        let Some(attempt) = next else { break };
        match attempt {
            Ok(Ok(Some(found))) if best.as_ref().is_none_or(|best| best.0 < found.0) => best = Some(found),
            Ok(Err(error)) => failure = PgError::of(error),
            // Not the latest primary, or a standby; or a panic, which has been reported.
            Ok(Ok(_)) | Err(_) => {}
        }
    }
    best.ok_or(failure)
}

/// The timeline of a primary: the first eight digits of the name of the file that it writes.
const ASK: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE \
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int4 END";

/// Connects to one server; `None` if it is a standby.
async fn ask(server: &Config) -> Result<Option<Found>, tokio_postgres::Error> {
    let (client, connection) = server.connect(NoTls).await?;
    let warned = Arc::new(AtomicBool::new(false));
    tokio::spawn(drive(connection, Arc::clone(&warned)));
    let timeline: Option<i32> = client.query_one(ASK, &[]).await?.try_get(0)?;
    // No server counts to 2^31.
    let timeline = timeline.map(|timeline| u32::try_from(timeline).unwrap_or(0));
    Ok(timeline.map(|timeline| (timeline, client, warned)))
}

/// Moves the bytes of a connection, and notes warnings: a commit that was not confirmed by a standby is reported as
/// a success with a warning.
async fn drive(mut connection: Connection<Socket, NoTlsStream>, warned: Arc<AtomicBool>) {
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) if is_warning(&notice) => warned.store(true, Ordering::SeqCst),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

fn is_warning(notice: &DbError) -> bool {
    let harmless = [Severity::Notice, Severity::Info, Severity::Log, Severity::Debug];
    !notice.parsed_severity().is_some_and(|severity| harmless.contains(&severity))
}
