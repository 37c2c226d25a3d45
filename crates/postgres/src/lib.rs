//! The log, and what services remember, in PostgreSQL: for registries and services that outlive a machine.
//!
//! [`PgLog`] keeps the contract of [`sinpyo_registry::engine::LogEngine`] on PostgreSQL 15 or newer. Any number of
//! nodes may have one log open: each transaction takes the log's advisory lock and goes on from the head that it
//! finds, so that there is one sequence, whoever appends.
//!
//! What it promises: an append that is acknowledged has been flushed by the primary and, in
//! [`Mode::HighlyAvailable`], by a quorum of standbys. What it refuses: servers that are configured to lose what they
//! acknowledged, an older primary that comes back after a failover, and a log that no longer holds what this node
//! has seen of it. What it does not do: fail over. Promoting a standby is for the cluster's manager; this crate
//! finds the new primary. Other databases that speak PostgreSQL's protocol have not been tried.
//!
//! ```no_run
//! use sinpyo_core::time::{Clock, Timestamp};
//! use sinpyo_postgres::{Mode, PgLog, PgOptions};
//! use sinpyo_registry::engine::{LogEngine, Opaque};
//!
//! struct Noon;
//! impl Clock for Noon {
//!     fn now(&self) -> Timestamp {
//!         "2026-11-22T12:00:00Z".parse().expect("a time")
//!     }
//! }
//!
//! let options = PgOptions::new(Mode::HighlyAvailable);
//! let log = PgLog::open("postgresql://sinpyo@db1,db2,db3/registry", &options, Opaque, Noon)?;
//! let answers = log.append(vec![b"first".to_vec()]);
//! assert!(answers.iter().all(Result::is_ok));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admission;
mod cache;
#[cfg(feature = "cluster")]
pub mod cluster;
mod commit;
mod confirm;
mod error;
mod log;
mod options;
mod pool;
mod session;
mod state;
mod tables;
mod verify;
mod walk;
mod writer;

pub use error::{OpenError, PgError, Unfit};
pub use log::PgLog;
pub use options::{InvalidSchemaName, Mode, PgOptions, SchemaName};
pub use state::PgState;
pub use verify::VerifyError;
