//! What services remember, in PostgreSQL.

mod tables;

pub(crate) use tables::TABLES;

use crate::{
    admission::{Content, Node, RELOADABLE, locked},
    error::{OpenError, PgError},
    options::PgOptions,
    pool::{Lease, Readers, Use},
    session::{Parameter, Servers, Session},
    tables::{column, count, damaged},
};
use sinpyo_core::time::Timestamp;
use sinpyo_state::{Change, CommitError, Key, Record, Space, State, Unavailable, Version};
use std::sync::{Arc, Mutex};
use tables::{CHANGE, EVENTS, GET, List, PAGE, SWEEP};
use tokio_postgres::Row;

/// How often changes are tried again that the server took back although nothing is wrong with them.
const ATTEMPTS: usize = 5;

/// Durable memory of a service in a schema of a PostgreSQL database, which a log may share.
///
/// What [`State::commit`] acknowledges is durable as [`crate::Mode`] says. Any number of nodes may work on one memory:
/// each change is one statement with its condition, the rows that it concerns are locked in one order everywhere, and
/// a list takes one round trip.
///
/// A node opens up to 16 connections; where the server has fewer left for it, it works with those that it gets.
///
/// Every step has the deadline of [`PgOptions::patience`]. After the server was away, calls fail until it is back, and a
/// call whose connection went away while its commit was under way fails as unknown. Call it from threads, not from
/// asynchronous code, which it would block.
///
/// ```no_run
/// use sinpyo_postgres::{Mode, PgOptions, PgState};
/// use sinpyo_state::{Change, Key, Space, State};
///
/// let state = PgState::connect("postgresql://sinpyo@db1,db2/services", &PgOptions::new(Mode::HighlyAvailable))?;
/// state.commit(&[Change::insert(&Key::named(Space::new("example"), "first"), b"data", None)])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PgState {
    node: Arc<Node>,
    connections: Readers,
    failure: Mutex<Option<PgError>>,
}

impl PgState {
    /// Connects to the memory that `url` leads to, creating it if there is none.
    ///
    /// `url` is a libpq URL or list of `key=value`, with one host or several; connections are not encrypted.
    ///
    /// # Errors
    /// No primary answered; the server or what it holds is refused.
    pub fn connect(url: &str, options: &PgOptions) -> Result<Self, OpenError> {
        let servers = Servers::parse(url, options.patience)?;
        let node = Arc::new(Node::new(servers, options.clone(), Content::State));
        let connections = Readers::new(Arc::clone(&node));
        connections.read(|_| Ok(()))?;
        Ok(Self { node, connections, failure: Mutex::default() })
    }

    /// Why it could not answer when last it could not: for its operator.
    pub fn failure(&self) -> Option<PgError> {
        locked(&self.failure).clone()
    }

    fn unavailable(&self, error: PgError) -> Unavailable {
        *locked(&self.failure) = Some(error);
        Unavailable // [STA-02]
    }

    fn read<T>(&self, read: impl Fn(&Session) -> Result<T, PgError>) -> Result<T, Unavailable> {
        self.connections.read(read).map_err(|error| self.unavailable(error))
    }

    /// The place of the first change that does not apply, if there is one.
    fn make(&self, list: &List<'_>) -> Result<Option<usize>, PgError> {
        let mut failure = PgError::late();
        for _ in 0..ATTEMPTS {
            let session = self.open_connection()?;
            let made = self.make_on(&session, list);
            if !session.is_open() {
                // The server went away, and the other idle connections with it.
                self.connections.forget_idle();
            }
            match made {
                Err(error) if error.is_undone() => failure = error,
                made => return made,
            }
        }
        Err(failure)
    }

    /// A connection that was still open a moment ago: whether a commit was made on one that ends, nobody can tell.
    fn open_connection(&self) -> Result<Lease<'_>, PgError> {
        let session = self.connections.lease(Use::Read)?;
        session.look();
        if session.is_open() {
            return Ok(session);
        }
        // The server went away, and the other idle connections with it: the next one is new. [STA-08]
        drop(session);
        self.connections.forget_idle();
        self.connections.lease(Use::Read)
    }

    /// Changes and commit are one statement; whether standbys were waited for shows behind it, as in [`Node::commit`].
    fn make_on(&self, session: &Session, list: &List<'_>) -> Result<Option<usize>, PgError> {
        let (change, reloadable) = (session.statement(CHANGE)?, session.statement(RELOADABLE)?);
        session.take_warned();
        let (client, values) = (session.client(), list.values());
        let (row, settings) = session.run(async {
            let (row, settings) = tokio::join!(
                biased;
                client.query_one(&change, &values),
                client.query_one(&reloadable, &[]),
            );
            Ok((row?, settings.ok()))
        })?;
        if let Some(place) = column::<Option<i32>>(&row, 0)? {
            return usize::try_from(place).map(Some).map_err(|_| damaged(0));
        }
        match settings {
            Some(settings) if !session.take_warned() && self.node.still_fit(&settings).is_ok() => Ok(None),
            _ => Err(PgError::Unknown), // [STA-07]
        }
    }
}

impl State for PgState {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        let (space, name) = (key.space().name().as_bytes(), key.name().as_bytes());
        let row = self.read(|session| session.row(GET, &[&space, &name, &now.unix()]));
        let record = row?.as_ref().map(record).transpose();
        record.map_err(|error| self.unavailable(error))
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        let (after, limit) = (after.map(str::as_bytes), most(limit));
        let values: [Parameter<'_>; 4] = [&space.name().as_bytes(), &after, &now.unix(), &limit];
        let rows = self.read(|session| session.rows(PAGE, &values))?;
        let entry = |row: &Row| {
            let name = String::from_utf8(column(row, 3)?).map_err(|_| damaged(0))?;
            Ok((Key::stored(space, name), record(row)?))
        };
        let page: Result<_, PgError> = rows.iter().map(entry).collect();
        page.map_err(|error| self.unavailable(error))
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        let (space, name) = (stream.space().name().as_bytes(), stream.name().as_bytes());
        // Beyond what PostgreSQL counts to there is nothing.
        let (after, limit) = (i64::try_from(after.0).unwrap_or(i64::MAX), most(limit));
        let rows = self.read(|session| session.rows(EVENTS, &[&space, &name, &after, &limit]))?;
        let events: Result<_, PgError> = rows.iter().map(|row| column(row, 0)).collect();
        events.map_err(|error| self.unavailable(error))
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        match self.make(&List::of(changes)).map_err(|error| self.unavailable(error))? {
            None => Ok(()),
            Some(index) => Err(CommitError::Conflict { index }), // [STA-01]
        }
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        let mut forgotten = 0;
        loop {
            match self.read(|session| session.execute(SWEEP, &[&before.unix()]))? {
                0 => return Ok(forgotten),
                swept => forgotten += swept,
            }
        }
    }
}

fn record(row: &Row) -> Result<Record, PgError> {
    let expires = column::<Option<i64>>(row, 2)?.map(|unix| Timestamp::from_unix(unix).ok_or(damaged(0)));
    let version = Version(count(column(row, 0)?)?);
    Ok(Record { version, data: column(row, 1)?, expires: expires.transpose()? })
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
