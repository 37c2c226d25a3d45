//! The authorization server and the wallet's half through their public boundary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "test"
)]

mod access;
mod admit;
mod assertion;
mod attestation;
mod client;
mod code;
mod dpop;
mod metadata;
mod parts;
mod pre_authorized;
mod push;
mod races;
mod refresh;
mod tenants;
mod world;
