//! The log on real servers. Without PostgreSQL these tests are skipped; with `SINPYO_REQUIRE_ALL=1` they fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking; these wait for processes, and are told by the environment how long to run"
)]

mod alone;
mod failover;
mod kept;
mod standbys;
mod state;
