//! Whole elections: board, relay and trustees as processes, voters over HTTP.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test")]

mod hall;
mod hours;
mod http;
mod killed;
mod linkage;
mod nodes;
mod simulated;
mod wallet;
mod witnessed;

#[path = "../support/served.rs"]
#[expect(dead_code, reason = "shared with tests that use the rest")]
mod served;
#[path = "../support/mod.rs"]
mod support;
