//! An issuer, a verifier and a wallet as processes of their own, which know of each other what they say over HTTP.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test")]

mod http;
mod journey;
mod manage;
mod nodes;
mod office;
mod refused;
mod stop;
mod tried;

#[path = "../support/served.rs"]
#[expect(dead_code, reason = "shared with tests that use the rest")]
mod served;
#[path = "../support/mod.rs"]
mod support;
