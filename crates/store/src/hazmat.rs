//! Not for keeping anything.

use crate::{OpenError, SqliteLog, sqlite::Durability};
use sinpyo_core::time::Clock;
use sinpyo_registry::engine::Sequencing;
use std::path::Path;

/// As [`SqliteLog::open`], but nothing is ever synced: a power cut loses what was acknowledged.
///
/// With it, the test that watches the real log sync shows that it would notice if it did not.
///
/// # Errors
/// As [`SqliteLog::open`].
pub fn open_unsynced(
    path: &Path,
    sequencing: impl Sequencing + 'static,
    clock: impl Clock + 'static,
) -> Result<SqliteLog, OpenError> {
    SqliteLog::open_with(path, Box::new(sequencing), Box::new(clock), Durability::None)
}
