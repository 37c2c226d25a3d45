//! The elections' logs: one SQLite file each in a folder, or one schema each of a PostgreSQL database.

use crate::os::SystemClock;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Clock as _;
use sinpyo_crypto::hash::sha256;
use sinpyo_postgres::{Mode, PgLog, PgOptions};
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::{Change, CommitError, Key, Space, State, Unavailable};
use sinpyo_store::SqliteLog;
use sinpyo_voting::{
    election::Rules,
    form::{from_hex_array, to_hex},
};
use sinpyo_voting_api::Logs;
use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Which elections have logs, so that every node knows those that another made.
const SPACE: Space = Space::new("voting.log");
/// Most elections of one service.
const MOST: usize = 10_000;

/// Where the logs are.
#[derive(Clone, Debug)]
pub(crate) enum Shelf {
    /// In this folder, one file each.
    Folder(PathBuf),
    /// In the database of this URL, one schema each.
    Database {
        /// The URL.
        url: String,
        /// How many machines confirm.
        mode: Mode,
    },
}

/// The logs of a service, each opened once and kept open.
pub(crate) struct Shelves {
    shelf: Shelf,
    state: Arc<dyn State>,
    open: Mutex<BTreeMap<ElectionId, Arc<dyn LogEngine>>>,
}

impl fmt::Debug for Shelves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelves").finish_non_exhaustive()
    }
}

impl Shelves {
    /// The logs on `shelf`; which there are is in `state`.
    pub(crate) fn new(shelf: Shelf, state: Arc<dyn State>) -> Self {
        Self { shelf, state, open: Mutex::default() }
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<ElectionId, Arc<dyn LogEngine>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the log, unless it is open. One thread at a time: a file has one writer.
    fn engine(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable> {
        let mut opened = self.opened();
        if let Some(log) = opened.get(election) {
            return Ok(Arc::clone(log));
        }
        let name = to_hex(&election.0);
        let failed = |error: &dyn std::error::Error| {
            tracing::error!(election = name, %error, "the log of an election was not opened");
            Unavailable
        };
        let log: Arc<dyn LogEngine> = match &self.shelf {
            Shelf::Folder(folder) => {
                let path = folder.join(format!("{name}.db"));
                Arc::new(SqliteLog::open(&path, Rules::new(), SystemClock).map_err(|error| failed(&error))?)
            }
            Shelf::Database { url, mode } => {
                let schema = schema_of(election).parse().map_err(|error| failed(&error))?;
                let options = PgOptions::new(*mode).schema(schema).submissions(|entry| Some(entry.to_vec()));
                Arc::new(
                    PgLog::open(url, &options, Rules::new(), SystemClock).map_err(|error| failed(&error))?,
                )
            }
        };
        opened.insert(*election, Arc::clone(&log));
        Ok(log)
    }
}

impl Logs for Shelves {
    fn open(&self, election: &ElectionId) -> Result<Option<Arc<dyn LogEngine>>, Unavailable> {
        if let Some(log) = self.opened().get(election) {
            return Ok(Some(Arc::clone(log)));
        }
        match self.state.get(&key(election), SystemClock.now())? {
            Some(_) => self.engine(election).map(Some),
            None => Ok(None),
        }
    }

    fn create(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable> {
        let log = self.engine(election)?;
        match self.state.commit(&[Change::insert(&key(election), b"", None)]) {
            Ok(()) | Err(CommitError::Conflict { .. }) => Ok(log),
            Err(_) => Err(Unavailable),
        }
    }

    fn list(&self) -> Result<Vec<ElectionId>, Unavailable> {
        let known = self.state.page(SPACE, None, MOST, SystemClock.now())?;
        Ok(known.iter().filter_map(|(key, _)| from_hex_array(key.name()).map(ElectionId)).collect())
    }
}

fn key(election: &ElectionId) -> Key {
    Key::named(SPACE, &to_hex(&election.0))
}

/// A name that the database takes: an election's own is too long.
fn schema_of(election: &ElectionId) -> String {
    let digest = to_hex(&sha256(&election.0));
    format!("vote_{digest:.40}")
}
