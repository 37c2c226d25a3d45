//! The store through its public interface.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod backup;
mod crash;
mod disk;
mod engines;
mod export;
mod kept;
mod open;
mod persons;
mod private;
mod state;
mod strace;
mod torn;
mod verify;
mod witnesses;
