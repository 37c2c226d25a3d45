//! The contract of the HTTP interface: every endpoint, status and forced behaviour, without a socket.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test")]

mod access;
mod issue;
mod mutation;
mod present;
mod resolve;
mod route;
mod status;
mod testsuite_input;
mod verify;
mod world;
