//! Durable state in SQLite: the log with its in-memory twin, and what services, witnesses and registries of persons remember.
//!
//! What a call acknowledged is on the disk: write-ahead logging with `synchronous=FULL`, and one thread that
//! commits for all who wait. The store decides nothing; it keeps what [`sinpyo_registry::engine`] and the roles
//! decided, in one order, and refuses files that contradict themselves.
//!
//! ```
//! use sinpyo_core::time::{Clock, Timestamp};
//! use sinpyo_registry::engine::{LogEngine, Opaque};
//! use sinpyo_store::MemoryLog;
//!
//! struct Noon;
//! impl Clock for Noon {
//!     fn now(&self) -> Timestamp {
//!         "2026-11-22T12:00:00Z".parse().expect("a time")
//!     }
//! }
//!
//! // `SqliteLog::open(path, Opaque, Noon)?` keeps the same log in a file.
//! let log = MemoryLog::new(Opaque, Noon);
//! let answers = log.append(vec![b"first".to_vec(), b"second".to_vec(), b"first".to_vec()]);
//! let last = answers.into_iter().last().expect("one answer each")?;
//! assert!(last.repeated && last.index == 0);
//! assert_eq!(log.head()?.size, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod backup;
mod commit;
pub mod export;
pub mod hazmat;
mod log;
mod memory;
mod persons;
mod sqlite;
mod state;
pub mod verify;
mod witnesses;

pub use log::{EntryTooLong, MAX_ENTRY, SqliteLog};
pub use memory::MemoryLog;
pub use persons::SqlitePersonStore;
pub use sqlite::{OpenError, StorageError};
pub use state::SqliteState;
pub use witnesses::SqliteWitnessStore;
